//! The tools that this one hands over to: packages of their own, each built when it is first asked for.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use machine::compile::{self, Target};
use machine::exit::Exit;
use tokio::process::Child;

/// One of the tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// What a learner asks for: check, watch, hint.
    Learn,
    /// The live coding.
    Live,
    /// The room of a class.
    Class,
    /// Load, attacks, comparisons.
    Measure,
    /// The workshop's own tests and starters.
    Upkeep,
}

impl Tool {
    /// The name of its package and of its binary.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Learn => "learn",
            Tool::Live => "live",
            Tool::Class => "class",
            Tool::Measure => "measure",
            Tool::Upkeep => "upkeep",
        }
    }

    /// What is built, and for whom it is worth the wait.
    fn why(self) -> &'static str {
        match self {
            Tool::Learn => "the checker, which asks your program what a right one would answer",
            Tool::Live => "the live coding",
            Tool::Class => "the room of a class",
            Tool::Measure => "what measures and attacks a server",
            Tool::Upkeep => "the workshop's own tests",
        }
    }

    /// Where it is, once it is built: beside this program.
    fn path(self) -> Result<PathBuf> {
        let here = std::env::current_exe().context("the tool does not find itself")?;
        let name = format!("{}{}", self.name(), std::env::consts::EXE_SUFFIX);
        Ok(here.with_file_name(name))
    }

    /// The tool, built if it is not there or older than what it is made of.
    ///
    /// # Errors
    /// When it does not build.
    pub async fn built(self) -> Result<PathBuf> {
        let path = self.path()?;
        if is_fresh(&path) {
            return Ok(path);
        }
        if !path.exists() {
            show::note(&format!(
                "Building {}. This is done once, and takes about half a minute.",
                self.why()
            ));
        }
        let build = compile::build(&self.target(), show::colour()).await?;
        let Some(program) = build.program else {
            bail!(
                "a part of the workshop's own tool does not compile ({}): that is not your fault.\n{}",
                self.name(),
                build.words()
            );
        };
        // Cargo leaves a program alone of which only the time of a file has changed; the next look is to find it fresh.
        let touched = std::fs::File::options().append(true).open(&program);
        let _ = touched.and_then(|file| file.set_modified(SystemTime::now()));
        Ok(program)
    }

    /// Has cargo build it beside something else, without a word, if it is not there; dropping it ends that. Whoever runs a
    /// step asks for the checker next, and has it then.
    pub fn build_meanwhile(self) -> Option<Child> {
        if self.path().is_ok_and(|path| path.exists()) {
            return None;
        }
        let mut command = compile::command(&self.target(), false);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().ok()
    }

    /// How cargo builds it: as this program was built, so that it is found beside it.
    fn target(self) -> Target {
        Target {
            package: self.name().into(),
            is_optimised: is_optimised(),
            ..Target::workshop(self.name())
        }
    }
}

/// Whether this program was built for speed: cargo has a folder for such programs.
fn is_optimised() -> bool {
    let here = std::env::current_exe().ok();
    let folder = here.as_ref().and_then(|here| here.parent()?.file_name());
    folder.is_some_and(|name| name == "release")
}

/// Lets a tool do what the command line asks for, in place of this program.
///
/// # Errors
/// When the tool does not build, or cannot be started.
pub async fn hand_over(tool: Tool, arguments: &[OsString]) -> Result<Exit> {
    let mut command = Command::new(tool.built().await?);
    command.args(arguments);
    become_it(command)
}

#[cfg(unix)]
fn become_it(mut command: Command) -> Result<Exit> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("a part of the workshop's own tool could not be started")
}

/// Where a program cannot become another one, it waits for it. Ctrl-C goes to both, and the other one says what came of it.
#[cfg(not(unix))]
fn become_it(mut command: Command) -> Result<Exit> {
    let status = command
        .status()
        .context("a part of the workshop's own tool could not be started")?;
    std::process::exit(status.code().unwrap_or(1));
}

/// Whether a program is newer than all that it is made of. Cargo lists that beside it, for tools like `make`; to ask cargo
/// itself takes a fifth of a second, at each command.
fn is_fresh(program: &Path) -> bool {
    let Some(built) = modified(program) else {
        return false;
    };
    let Ok(list) = std::fs::read_to_string(program.with_extension("d")) else {
        return false;
    };
    let files = files_in(&list);
    let lock = files.first().and_then(|file| lock_of(file));
    let mut times = files.iter().chain(&lock).map(|file| modified(file));
    times.all(|time| time.is_some_and(|time| time <= built))
}

/// The lock file of the workspace that a file belongs to.
fn lock_of(file: &Path) -> Option<PathBuf> {
    let mut locks = file.ancestors().map(|folder| folder.join("Cargo.lock"));
    locks.find(|lock| lock.exists())
}

fn modified(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).ok()?.modified().ok()
}

/// The files of a list in the form of `make`: `program: file file`, a blank in a name with a backslash before it.
fn files_in(list: &str) -> Vec<PathBuf> {
    const BLANK: &str = "\u{0}";
    let files = list.split_once(": ").map_or("", |(_, files)| files);
    let files = files.lines().next().unwrap_or_default();
    let files = files.replace("\\ ", BLANK);
    let names = files.split(' ').filter(|name| !name.is_empty());
    names.map(|name| name.replace(BLANK, " ").into()).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_blank_in_a_name_does_not_part_it() {
        let files = files_in("/t/learn: /my\\ work/a.rs /b.rs\n");
        assert_eq!(files, [Path::new("/my work/a.rs"), Path::new("/b.rs")]);
    }

    #[test]
    fn a_program_is_as_fresh_as_the_newest_file_that_it_is_made_of() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["a.rs", "learn"] {
            std::fs::write(path(name), "").unwrap();
        }
        let program = path("learn");
        assert!(!is_fresh(&program), "nothing says what it is made of");
        let list = |file: &str| {
            let file = path(file);
            let line = format!("{}: {}\n", program.display(), file.display());
            std::fs::write(path("learn.d"), line).unwrap();
        };
        list("a.rs");
        let built = std::fs::File::options()
            .append(true)
            .open(&program)
            .unwrap();
        built
            .set_modified(SystemTime::now() + Duration::from_secs(60))
            .unwrap();
        assert!(is_fresh(&program));
        built.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert!(!is_fresh(&program));
        list("b.rs");
        assert!(!is_fresh(&program), "a file is gone");
    }
}
