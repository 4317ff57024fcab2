//! The machine, and not the learner: what differs from one to the next, and what is missing on some.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};
use libtest_mimic::{Failed, Trial};

use crate::doctor::without;
use crate::scratch::{self, Scratch, XTASK};

/// A trial for each thing that a machine may have or lack.
pub fn trials() -> Vec<Trial> {
    let trial = |name: &str, run: fn() -> Result<()>| {
        Trial::test(format!("machine-{name}"), move || {
            run().map_err(|error| Failed::from(format!("{error:#}")))
        })
    };
    let mut trials = vec![
        trial("in-the-folder-of-a-step", in_the_folder_of_a_step),
        trial("cargo-test-names-the-command", cargo_test_names_the_command),
        trial("moved-after-it-was-built", moved_after_it_was_built),
    ];
    if cfg!(unix) {
        trials.push(trial("without-a-linker", without_a_linker));
        trials.push(trial(
            "copied-after-it-was-built",
            copied_after_it_was_built,
        ));
    }
    trials
}

/// A workshop of its own, which may be moved. It is taken away when it is dropped.
struct Workshop {
    folder: tempfile::TempDir,
}

impl Workshop {
    /// One in which the learner's program of step 2, a right one, was built and checked. Cargo takes programs of one name and
    /// version for the same, wherever their folders are: so each has a version of its own.
    fn built(version: &str) -> Result<Workshop> {
        // Not below `target`: cargo finds sources there by another path, and would see that they have moved.
        let folder = tempfile::tempdir()?;
        let workshop = Workshop { folder };
        let first = workshop.at("first");
        scratch::copy_to(&first, version)?;
        for file in ["server.rs", "2.html"] {
            let own = first.join("exercises/02-static").join(file);
            fs::copy(first.join("solutions/02-static").join(file), own)?;
        }
        passes(&first)?;
        Ok(workshop)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Holds that the server of step 2 is right, for somebody who runs the tool in this folder: by cargo, and without it.
fn passes(root: &Path) -> Result<()> {
    for by_cargo in [true, false] {
        let mut check = Command::new(XTASK);
        check.args(["check", "2"]).envs(scratch::environment(root));
        if !by_cargo {
            check
                .env_remove("CARGO_MANIFEST_DIR")
                .current_dir(root.join("exercises/02-static"));
        }
        let output = check.output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "{}: {said}", root.display());
    }
    Ok(())
}

/// Cargo finds nothing to build, and the program has the place of its page compiled in.
fn moved_after_it_was_built() -> Result<()> {
    let workshop = Workshop::built("0.1.0-moved")?;
    fs::rename(workshop.at("first"), workshop.at("second"))?;
    passes(&workshop.at("second"))
}

/// The same, and in the old place there is a page: another one since.
fn copied_after_it_was_built() -> Result<()> {
    let workshop = Workshop::built("0.1.0-copied")?;
    // With the times of the files, as a disk image, an archive and most file managers copy: newer ones would be built again.
    let copied = Command::new("cp")
        .args(["-pR", "first", "second"])
        .current_dir(workshop.folder.path())
        .status()?;
    ensure!(copied.success(), "cp: {copied}");
    let page = workshop.at("first").join("exercises/02-static/2.html");
    fs::write(page, "<meta charset=utf-8><h1>Another one</h1>")?;
    passes(&workshop.at("second"))
}

/// Whoever stands in the folder of a step means that one, also where it has passed already.
fn in_the_folder_of_a_step() -> Result<()> {
    let scratch = Scratch::take()?;
    scratch.finish_step("1", "", "")?;
    scratch.note("{\"passed\": {\"01-hello\": 7}}")?;
    for (folder, step) in [
        (
            "exercises/01-hello",
            "Step 1, because you are in its folder.",
        ),
        (
            "solutions/01-hello",
            "Step 1, because you are in its folder.",
        ),
        (
            "exercises",
            "Step 2, because it comes after the one that you passed.",
        ),
    ] {
        let mut check = scratch.xtask(["check", "--server"]);
        let output = check.current_dir(scratch.file(folder)).output()?;
        let said = words(&output.stdout);
        ensure!(said.starts_with(step), "in {folder}: {said}");
        // The next step is the next one, wherever somebody stands.
        let goes_on = said.contains("Next: cargo xtask watch 2");
        ensure!(goes_on == step.starts_with("Step 1"), "in {folder}: {said}");
    }
    Ok(())
}

/// Cargo's own command for tests: it says which command to use, whatever state the programs are in.
fn cargo_test_names_the_command() -> Result<()> {
    let scratch = Scratch::take()?;
    fs::write(
        scratch.file("exercises/03-routes/server.rs"),
        "fn main() { mistake }\n",
    )?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["test", "--offline"])
        .current_dir(scratch.file("."))
        .envs(scratch.environment());
    // What cargo says of this trial's own package is nothing to it.
    command
        .env_remove("CARGO_MANIFEST_DIR")
        .env("CARGO_TERM_QUIET", "false");
    let output = command.output()?;
    let said = words(&output.stdout);
    ensure!(output.status.success(), "{said} {}", words(&output.stderr));
    ensure!(
        said.contains("your_program_is_not_tested_here::use_cargo_xtask_check ... ok"),
        "{said}"
    );
    ensure!(
        said.contains("running 1 test") && said.matches("running ").count() == 1,
        "{said}"
    );
    Ok(())
}

/// A program that cannot be linked is neither right nor wrong.
fn without_a_linker() -> Result<()> {
    let scratch = Scratch::take()?;
    scratch.finish_step("1", "", "")?;
    for arguments in [["check", "1", "--server"], ["run", "1", "--port=0"]] {
        let mut command = scratch.xtask(arguments);
        without("cc", &mut command)?;
        let output = command.output()?;
        let said = [output.stdout, output.stderr].concat();
        let said = words(&said);
        ensure!(output.status.code() == Some(3), "{}: {said}", output.status);
        ensure!(
            said.contains("needs a linker to build a program, and `cc` was not found"),
            "{said}"
        );
    }
    Ok(())
}

/// What a command printed, line ends and columns apart.
pub fn words(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}
