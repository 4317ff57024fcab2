//! The machine, and not the learner: what differs from one to the next, and what is missing on some.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Failed, Trial};

use crate::doctor::without;
use crate::scratch::{self, Scratch, XTASK};

/// A trial for each thing that a machine may have or lack.
pub fn trials() -> Vec<Trial> {
    let trial = |name: &str, run: fn() -> Result<()>| {
        crate::kept::trial(format!("machine-{name}"), move || {
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
        trials.push(trial("a-symlinked-checkout", a_symlinked_checkout));
        trials.push(trial(
            "copied-after-it-was-built",
            copied_after_it_was_built,
        ));
    }
    let with = |(name, set): &(&str, fn(&mut Command))| {
        let (name, set) = (format!("machine-with-{name}"), *set);
        crate::kept::trial(name, move || {
            let passes = || Small::new()?.passes(set);
            passes().map_err(|error| Failed::from(format!("{error:#}")))
        })
    };
    trials.extend(SETTINGS.iter().map(with));
    trials
}

/// How a command comes to have one of them, or to lack it.
type Setting = fn(&mut Command);

/// What a machine may have set, or lack, and is no reason for another verdict. That a port is in use, and that two watch one
/// step, `bad_luck.rs` and `watch.rs` try; nothing here is a git repository.
const SETTINGS: &[(&str, Setting)] = &[
    ("CARGO_TARGET_DIR", |it| {
        it.env("CARGO_TARGET_DIR", "elsewhere/it is");
    }),
    ("CARGO_BUILD_TARGET", |it| {
        it.env("CARGO_BUILD_TARGET", host().unwrap_or_default());
    }),
    ("RUSTFLAGS", |it| {
        it.env("RUSTFLAGS", "-C debuginfo=0 --cfg ours");
    }),
    ("proxies", |it| {
        for name in [
            "http_proxy",
            "HTTP_PROXY",
            "https_proxy",
            "all_proxy",
            "ALL_PROXY",
        ] {
            it.env(name, "http://127.0.0.1:9");
        }
    }),
    ("no-HOME", |it| {
        // Cargo and rustup find their own folders by it; these stay where they are.
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            let home = std::env::home_dir().unwrap_or_default();
            let folder = std::env::var_os(name).unwrap_or(home.join(folder).into());
            it.env(name, folder);
        }
        it.env_remove("HOME").env_remove("USERPROFILE");
    }),
    ("no-temporary-folder", |it| {
        for name in ["TMPDIR", "TMP", "TEMP"] {
            it.env(name, "/nowhere/at/all");
        }
    }),
    ("LC_ALL-C", |it| {
        it.env("LC_ALL", "C").env("LANG", "C");
    }),
    ("TERM-dumb", |it| {
        it.env("TERM", "dumb");
    }),
    ("CRLF", |it| {
        let server = it
            .get_current_dir()
            .map(|root| root.join(SERVER))
            .unwrap_or_default();
        let text = fs::read_to_string(&server).unwrap_or_default();
        fs::write(server, text.replace('\n', "\r\n")).expect("the folder is ours");
    }),
];

/// The system that this machine's compiler builds for.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let said = String::from_utf8(output.stdout)?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names its host")?.to_owned())
}

const SERVER: &str = "exercises/01-hello/server.rs";

/// A workshop of step 1 alone, whose program depends on nothing: whatever a setting makes cargo build anew costs a moment.
struct Small(tempfile::TempDir);

impl Small {
    fn new() -> Result<Small> {
        let small = Small(tempfile::tempdir()?);
        let manifest = format!(
            "[package]\nname = \"workshop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
             autobins = false\n[[bin]]\nname = \"01-hello\"\npath = {SERVER:?}\n[workspace]\n"
        );
        // The tool knows the root by its own manifest, and fetches no jQuery where it is.
        for (name, text) in [
            ("Cargo.toml", manifest.as_str()),
            ("xtask/Cargo.toml", ""),
            ("static/jquery.js", "/*! jQuery v4.0.0 */"),
            (SERVER, STD_ALONE),
        ] {
            let file = small.0.path().join(name);
            fs::create_dir_all(file.parent().context("a file has a folder")?)?;
            fs::write(file, text)?;
        }
        Ok(small)
    }

    /// Holds that its program passes with something set.
    fn passes(&self, set: fn(&mut Command)) -> Result<()> {
        let root = self.0.path();
        let mut check = Command::new(XTASK);
        check.args(["check", "1"]).current_dir(root);
        check
            .env("CARGO_MANIFEST_DIR", root.join("xtask"))
            .env("WORKSHOP_INSTALL", "never");
        for name in ["CARGO_TARGET_DIR", "CARGO_BUILD_BUILD_DIR", "RUSTFLAGS"] {
            check.env_remove(name);
        }
        set(&mut check);
        let output = check.output()?;
        let said = words(&[output.stdout.as_slice(), &output.stderr].concat());
        ensure!(
            output.status.success() && said.contains("All passed: 7 passed"),
            "{said}"
        );
        Ok(())
    }
}

/// A right server of step 1 that needs no crate.
const STD_ALONE: &str = r#"
use std::env;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let host = env::var("HOST").unwrap_or_else(|_| "127.0.0.1".into());
    let port = env::var("PORT").unwrap_or_else(|_| "8080".into());
    let listener = TcpListener::bind(format!("{host}:{port}")).unwrap();
    println!("listening on http://{host}:{port}/");
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || answer(stream));
    }
}

fn answer(mut stream: TcpStream) {
    let (mut request, mut part) = (Vec::new(), [0; 1024]);
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut part) {
            Ok(read) if read > 0 => request.extend_from_slice(&part[..read]),
            _ => return,
        }
    }
    let text = "Hello!\n";
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close";
    let _ = write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{text}", text.len());
}
"#;

/// The path that somebody typed is not the one that the files have.
#[cfg(unix)]
fn a_symlinked_checkout() -> Result<()> {
    let scratch = Scratch::take()?;
    scratch.finish_step("2", "", "")?;
    let folder = tempfile::tempdir()?;
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(scratch.file("."), &link)?;
    let mut check = scratch.xtask(["check", "2"]);
    check
        .env("CARGO_MANIFEST_DIR", link.join("xtask"))
        .current_dir(&link);
    let output = check.output()?;
    ensure!(output.status.success(), "{}", words(&output.stdout));
    Ok(())
}

#[cfg(not(unix))]
fn a_symlinked_checkout() -> Result<()> {
    Ok(())
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
