//! CONTRIBUTING.md, done: a step is added to a copy of the workshop, and is there for every command.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Failed, Trial};
use steps::step::{STEPS, Step, Whose};

use crate::machine::words;
use crate::{kept, programs, scratch};

/// One trial: it builds the tool anew, which takes its time.
pub fn trials() -> Vec<Trial> {
    let run = || a_step_is_added().map_err(|error| Failed::from(format!("{error:#}")));
    let last = STEPS.last().copied();
    vec![
        kept::trial("a-step-is-added", run)
            .with_ignored_flag(last.is_some_and(programs::cannot_be_tried)),
    ]
}

/// What the new step is called, after its number.
const WORD: &str = "another";

/// The new step says what the last one says, and goes by another name. It touches its own two folders, the table of the
/// steps, and the list of the programs. The row in the README is held by another trial.
fn a_step_is_added() -> Result<()> {
    let last = *STEPS.last().context("there are steps")?;
    let copy = Copy::new(last)?;
    copy.write_the_step()?;
    copy.says(&["generate"], "")?;
    ensure!(
        copy.folder(Whose::Learner).join("server.rs").is_file(),
        "generate writes no starter"
    );
    let number = copy.number.to_string();
    copy.says(&["list"], &copy.name())?;
    copy.says(&["diff", &number, "--anyway"], "server.rs")?;
    copy.says(&["walk", &number, "--stage", "1"], &copy.name())?;
    let a_move = "a_move_reaches_the_other_client";
    copy.says(
        &["check", &number, "--solution", "--only", a_move],
        "✓ A move",
    )
}

/// The workshop with a step more.
struct Copy {
    folder: tempfile::TempDir,
    last: Step,
    number: u32,
}

impl Copy {
    fn new(last: Step) -> Result<Copy> {
        let folder = tempfile::tempdir()?;
        let root = folder.path().join("workshop");
        scratch::copy_to(&root, "0.1.0-another")?;
        // Cargo would take our own tool for the copy's, which has the same name and version.
        let ours: Vec<String> = fs::read_dir(root.join("xtask"))?
            .map(|entry| Ok(entry?.file_name().display().to_string()))
            .collect::<Result<_>>()?;
        let ours: Vec<String> = ours.iter().map(|name| format!("{name}-")).collect();
        let own = ["xtask-", "workshop-"].into_iter();
        let ours: Vec<&str> = own.chain(ours.iter().map(String::as_str)).collect();
        programs::link_dependencies(&root.join("target"), &ours);
        Ok(Copy {
            folder,
            last,
            number: last.number + 1,
        })
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("workshop")
    }

    fn name(&self) -> String {
        format!("{:02}-{WORD}", self.number)
    }

    fn folder(&self, whose: Whose) -> PathBuf {
        self.root().join(whose.tree()).join(self.name())
    }

    fn write_the_step(&self) -> Result<()> {
        self.edit("xtask/steps/src/step.rs", |text| {
            let row = format!(
                "    step({}, {WORD:?}, {}, {:?}, &[]),\n];",
                self.number, self.last.minutes, self.last.title
            );
            text.replacen("\n];", &format!("\n{row}"), 1)
        })?;
        self.edit("Cargo.toml", |text| {
            let of_the_last = |entry: &&str| entry.contains(&format!("\"{}", self.last.name()));
            let entries = text.split_inclusive("\n\n").filter(of_the_last);
            let more: String = entries.map(|entry| self.renamed(entry)).collect();
            let first = text.find("[[bin]]").unwrap_or_default();
            format!("{}{more}{}", &text[..first], &text[first..])
        })?;
        self.copy(Whose::Solution, |_| true)?;
        self.copy(Whose::Learner, |name| name == "README.md")
    }

    /// Makes the folder of the last step that of the new one.
    fn copy(&self, whose: Whose, is_one: impl Fn(&str) -> bool) -> Result<()> {
        fs::create_dir_all(self.folder(whose))?;
        for entry in fs::read_dir(self.root().join(self.last.folder(whose)))? {
            let entry = entry?;
            let name = entry.file_name().display().to_string();
            if is_one(&name) {
                let to = self.folder(whose).join(self.renamed(&name));
                fs::write(to, self.renamed(&fs::read_to_string(entry.path())?))?;
            }
        }
        Ok(())
    }

    /// A text of the last step as that of the new one.
    fn renamed(&self, text: &str) -> String {
        let (old, new) = (self.last.number, self.number);
        text.replace(&self.last.name(), &self.name())
            .replace(&format!("{old}.html"), &format!("{new}.html"))
            .replace(&format!("{old} · "), &format!("{new} · "))
            .replace(&format!("tep {old}"), &format!("tep {new}"))
    }

    fn edit(&self, name: &str, change: impl Fn(&str) -> String) -> Result<()> {
        let path = self.root().join(name);
        let before = fs::read_to_string(&path)?;
        let after = change(&before);
        ensure!(before != after, "{name} is as it was");
        Ok(fs::write(path, after)?)
    }

    /// Holds that a command of the copy's own tool succeeds, and says this.
    fn says(&self, arguments: &[&str], expected: &str) -> Result<()> {
        let Output {
            status,
            stdout,
            stderr,
        } = self.xtask(arguments)?;
        let said = words(&stdout);
        ensure!(
            status.success() && said.contains(expected),
            "{arguments:?}: {status}\n{said}\n{}",
            words(&stderr)
        );
        Ok(())
    }

    fn xtask(&self, arguments: &[&str]) -> Result<Output> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let root = self.root();
        let mut command = Command::new(cargo);
        command
            .args(["run", "--quiet", "--package", "xtask", "--"])
            .args(arguments)
            .envs(scratch::environment(&root))
            .env("CARGO_BUILD_BUILD_DIR", root.join("target"))
            .env_remove("CARGO_MANIFEST_DIR")
            .current_dir(&root);
        Ok(command.output()?)
    }
}
