//! A copy of the workshop in which the tests play the learner: they write programs, break things, and run the tool.
//!
//! There is one copy, and one test at a time has it: so cargo builds again only what the test before has changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, ensure};
use show::root;
use steps::copy;
use steps::step::{STEPS, Step, Whose};

/// The tool.
pub const XTASK: &str = env!("CARGO_BIN_EXE_xtask");

/// The copy's folder: a learner's may have blanks and letters like these in its path, and so has this one.
const FOLDER: &str = "Übung 10";

/// The version of the copy's programs. Cargo tells programs of the same name and version apart by nothing else when they
/// share a folder for what it builds, and would hand out the copy's for the learner's own.
const VERSION: &str = "0.1.0-copy";

/// The copy. Who has taken it has it alone.
pub struct Scratch {
    root: PathBuf,
    _alone: MutexGuard<'static, bool>,
}

impl Scratch {
    /// Waits for the copy. It is as a learner gets it: the starter, and nothing passed.
    pub fn take() -> Result<Scratch> {
        static IS_THERE: Mutex<bool> = Mutex::new(false);
        let mut is_there = IS_THERE.lock().unwrap_or_else(PoisonError::into_inner);
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(FOLDER);
        if !*is_there {
            copy_to(&root, VERSION)?;
            *is_there = true;
        }
        let scratch = Scratch {
            root,
            _alone: is_there,
        };
        scratch.restore("static/jquery.js")?;
        for step in STEPS {
            let readme = step.folder(Whose::Learner).join("README.md");
            if show::root().join(&readme).exists() {
                scratch.restore(&readme.display().to_string())?;
            }
            scratch.remove_added(&step.folder(Whose::Learner))?;
        }
        scratch.forget()?;
        let generated = scratch.xtask(["generate"]).output()?;
        ensure!(generated.status.success(), "{generated:?}");
        // It has kept what the test before had written.
        scratch.forget()?;
        Ok(scratch)
    }

    /// Nothing is passed, and nothing kept.
    fn forget(&self) -> Result<()> {
        let noted = self.file(".workshop");
        if noted.is_dir() {
            fs::remove_dir_all(noted)?;
        } else if noted.exists() {
            fs::remove_file(noted)?;
        }
        Ok(())
    }

    /// Makes a file of the copy what it is in the workshop; where it is the same, cargo need not notice.
    fn restore(&self, name: &str) -> Result<()> {
        let text = fs::read(root().join(name))?;
        if fs::read(self.file(name)).ok().as_ref() != Some(&text) {
            fs::create_dir_all(self.file(name).parent().context("a file has a folder")?)?;
            fs::write(self.file(name), text)?;
        }
        Ok(())
    }

    /// Removes the files of a folder that the workshop does not have.
    fn remove_added(&self, folder: &Path) -> Result<()> {
        for entry in fs::read_dir(self.root.join(folder))? {
            let entry = entry?;
            if !root().join(folder).join(entry.file_name()).exists() {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// A file of the copy.
    pub fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Makes the finished program of step 10 the learner's, and in its `server.rs`, `new` of `old`.
    pub fn finish(&self, old: &str, new: &str) -> Result<()> {
        self.finish_step("10", old, new)
    }

    /// The same for the step of this name.
    pub fn finish_step(&self, step: &str, old: &str, new: &str) -> Result<()> {
        let step = Step::parse(step).map_err(anyhow::Error::msg)?;
        for name in step.files() {
            let solution = self.root.join(step.folder(Whose::Solution)).join(&name);
            let changed = fs::read_to_string(solution)?.replacen(old, new, 1);
            let own = self.root.join(step.folder(Whose::Learner)).join(&name);
            fs::write(own, changed)?;
        }
        Ok(())
    }

    /// Makes this text the record of what is passed.
    pub fn note(&self, record: &str) -> Result<()> {
        fs::create_dir_all(self.file(".workshop"))?;
        Ok(fs::write(self.file(".workshop/progress.json"), record)?)
    }

    /// The tool, at work in the copy.
    pub fn xtask<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = Command::new(XTASK);
        command.args(arguments).envs(self.environment());
        command
    }

    /// What leads the tool to the copy, and away from whatever this machine has set.
    pub fn environment(&self) -> [(&'static str, String); 5] {
        environment(&self.root)
    }
}

/// What leads the tool to the copy in this folder, and away from whatever this machine has set.
pub fn environment(root: &Path) -> [(&'static str, String); 5] {
    let path = |name| root.join(name).display().to_string();
    // The tool lies in the profile's folder of the folder that cargo builds in: the dependencies are there.
    let built = Path::new(XTASK)
        .ancestors()
        .nth(2)
        .unwrap_or(Path::new("."));
    [
        ("CARGO_MANIFEST_DIR", path("xtask")),
        ("CARGO_TARGET_DIR", path("target")),
        ("CARGO_BUILD_BUILD_DIR", built.display().to_string()),
        ("CARGO_TERM_QUIET", "true".into()),
        ("WORKSHOP_INSTALL", "never".into()),
    ]
}

/// Copies the workshop into a folder; its programs have this version there.
pub fn copy_to(root: &Path, version: &str) -> Result<()> {
    if root.exists() {
        fs::remove_dir_all(root)?;
    }
    copy::of_the_workshop(root)?;
    for name in ["Cargo.toml", "Cargo.lock"] {
        let file = root.join(name);
        let text = fs::read_to_string(&file)?;
        let package = text
            .find("name = \"workshop\"")
            .context("the learners' package")?;
        let (before, after) = text.split_at(package);
        let after = after.replacen("\"0.1.0\"", &format!("\"{version}\""), 1);
        fs::write(file, format!("{before}{after}"))?;
    }
    Ok(())
}
