//! How a program is started: its file, its surroundings, and what ties it to us. Its life after that is `Program`'s.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;

use process_wrap::tokio::CommandWrap;
use tokio::process::Command;

#[cfg(target_os = "linux")]
use super::cores;
use super::family;

/// How to start a program.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program's file. Make it absolute: from where a relative one is looked for differs between systems.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// The folder that it starts in.
    pub cwd: PathBuf,
    /// Environment variables for it, beside our own, which it inherits.
    pub env: Vec<(OsString, OsString)>,
    /// Environment variables that it does not inherit.
    pub unset: Vec<OsString>,
    /// What becomes of its output.
    pub output: OutputMode,
    /// How many files it may have open, where that is not our own limit. Only Unix lets us choose.
    pub files: Option<Files>,
    /// The one core that it may run on; all of ours where there is none. Only Linux lets us choose.
    pub core: Option<usize>,
}

impl Launch {
    /// Just the program, in the folder `cwd`, with its output kept.
    pub fn new(program: impl Into<PathBuf>, cwd: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            cwd: cwd.into(),
            env: Vec::new(),
            unset: Vec::new(),
            output: OutputMode::Captured,
            files: None,
            core: None,
        }
    }

    /// The command, with `mark` in its environment.
    pub(super) fn command(&self, mark: &str) -> CommandWrap {
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .current_dir(&self.cwd)
            // A backtrace is forty lines of tokio around one line of the learner's, and the panic names that one.
            .env("RUST_BACKTRACE", "0")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .env(family::MARK, mark)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for name in &self.unset {
            command.env_remove(name);
        }
        let mut command = CommandWrap::from(command);
        tie_to_us(&mut command);
        #[cfg(unix)]
        if let Some(files) = self.files {
            limit(files, command.command_mut());
        }
        #[cfg(target_os = "linux")]
        if let Some(core) = self.core {
            keep_on(core, command.command_mut());
        }
        command
    }
}

/// How many files a program may have open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Files {
    /// At first: `ulimit -Sn`.
    pub soft: u64,
    /// When it asks for more: `ulimit -Hn`.
    pub hard: u64,
}

/// What becomes of a program's output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutputMode {
    /// It is kept, for a diagnosis.
    #[default]
    Captured,
    /// It is kept, and passed on to our own output as it comes, in safe characters.
    Shown,
}

/// Makes the program one that can be ended with its children, and that ends when we do.
fn tie_to_us(command: &mut CommandWrap) {
    #[cfg(unix)]
    command.wrap(process_wrap::tokio::ProcessGroup::leader());
    // Closing the job ends all that is in it, and a process that dies closes what it holds.
    #[cfg(windows)]
    command
        .wrap(process_wrap::tokio::KillOnDrop)
        .wrap(process_wrap::tokio::JobObject);
    #[cfg(target_os = "linux")]
    end_with_us(command.command_mut());
}

/// Has Linux kill the program when the thread that starts it ends, even by a signal that nobody can catch.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "what runs between fork and exec cannot be checked by the compiler"
)]
fn end_with_us(command: &mut Command) {
    use nix::{errno::Errno, sys::prctl, sys::signal::Signal, unistd::getppid};

    let us = std::process::id();
    let ask = move || {
        prctl::set_pdeathsig(Signal::SIGKILL)?;
        // We may have died before the question was asked: then somebody else is the parent by now.
        if getppid().as_raw() as u32 != us {
            return Err(Errno::ESRCH.into());
        }
        Ok(())
    };
    // SAFETY: after a fork only the forking thread is left, and a lock that another held stays locked. These are two
    // system calls and an error made of a number: they take no lock and no memory.
    unsafe { command.pre_exec(ask) };
}

/// Has Linux run the program, and all that it starts, on one core.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "what runs between fork and exec cannot be checked by the compiler"
)]
fn keep_on(core: usize, command: &mut Command) {
    // SAFETY: one system call with a set that lies on the stack: no lock and no memory, as above.
    unsafe { command.pre_exec(move || Ok(cores::keep_us_on(core)?)) };
}

/// Has the system lend the program so many files and no more.
#[cfg(unix)]
#[expect(
    unsafe_code,
    reason = "what runs between fork and exec cannot be checked by the compiler"
)]
fn limit(files: Files, command: &mut Command) {
    use nix::sys::resource::{Resource, setrlimit};
    let limit = move || Ok(setrlimit(Resource::RLIMIT_NOFILE, files.soft, files.hard)?);
    // SAFETY: one system call with two numbers: no lock and no memory, as above.
    unsafe { command.pre_exec(limit) };
}
