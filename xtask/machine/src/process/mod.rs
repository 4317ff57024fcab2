//! A program that somebody else wrote, as our child: started, drained, watched, and ended with all that it started.
//!
//! The checks start a learner's server with it, and the browser is started with it. It expects the worst: a program that
//! floods its output, ignores being told to end, leaves children behind, spins, or panics. It talks to no port, and it
//! judges nothing: what a panic or an exit means is the caller's to say.
//!
//! What ends, and when: [`Program::end`], [`Program::kill`] and dropping a [`Program`] end it with all its kin (`family`
//! says who they are). If we are killed ourselves, Linux ends the program and Windows its whole job; what the program
//! started on Linux, and all of it on macOS, then goes on.

pub mod cores;
mod escape;
mod exit;
mod family;
mod launch;
mod output;
mod panics;
mod ports;
#[cfg(target_os = "linux")]
mod proc;
#[cfg(all(test, unix))]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use family::Family;
use output::{Recording, Stream};
use process_wrap::tokio::ChildWrapper;
use tokio::task::JoinHandle;
use tokio::time;

use crate::waiting::{until_it_holds, until_it_holds_blocking};

pub use exit::Exit;
pub use family::{bury_orphans, own_descendants_too};
pub use launch::{Files, Launch, OutputMode};
pub use output::{Output, Text};
pub use panics::Panic;
pub use ports::{Owner, free_port, owner_of_port, who_has};

/// How long a program that was asked to end may take for it.
#[cfg(unix)]
const GRACE: Duration = Duration::from_secs(2);
/// How long we wait for the system to carry out a kill. It takes a millisecond; a process that hangs in a driver, for ever.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long we read on after the end of a program whose pipe somebody else still holds open.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// What a process has taken of the machine so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The processor time, without its children's.
    pub cpu: Option<Duration>,
    /// The memory that it holds now, in bytes.
    pub memory: Option<u64>,
}

/// What the process `pid` has taken. Known on Linux, of the processes that are ours.
pub fn usage(pid: u32) -> Usage {
    #[cfg(target_os = "linux")]
    if let Some(process) = proc::Process::read(pid) {
        return Usage {
            cpu: process.cpu_time(),
            memory: process.memory(),
        };
    }
    let _ = pid;
    Usage::default()
}

/// How many files the process `pid` has open, connections among them. Known on Linux, of the processes that are ours.
pub fn files(pid: u32) -> Option<usize> {
    let open = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
    Some(open.count())
}

/// The processor time that all programs of this machine have used since it was started. Known on Linux.
pub fn cpu_time_of_all() -> Option<Duration> {
    #[cfg(target_os = "linux")]
    return proc::Process::cpu_time_of_all();
    #[cfg(not(target_os = "linux"))]
    None
}

/// A program that was started. Dropping it ends it.
pub struct Program {
    child: Box<dyn ChildWrapper>,
    family: Family,
    recording: Recording,
    pumps: Vec<JoinHandle<()>>,
    exit: Option<Exit>,
    /// Until when the output of a program that has ended is waited for.
    last_words: Instant,
    /// Whether all is done that dropping it would do.
    is_over: bool,
}

impl Program {
    /// Starts it, on the thread of a tokio runtime. The thread has to outlive the program: Linux takes the end of the thread
    /// that started a child for the parent's, and ends the child.
    pub fn start(launch: &Launch) -> anyhow::Result<Self> {
        let mark = family::new_mark();
        let mut command = launch.command(&mark);
        let spawn = || {
            let child = command.spawn()?;
            let id = child.id().ok_or(io::ErrorKind::NotFound)?;
            Ok((child, id))
        };
        let (mut child, family) = Family::start(&mark, spawn).with_context(|| {
            let (program, cwd) = (launch.program.display(), launch.cwd.display());
            format!("cannot start {program} in {cwd}")
        })?;

        let recording = Recording::default();
        let shown = launch.output == OutputMode::Shown;
        let stdout = child.stdout().take();
        let stderr = child.stderr().take();
        let pumps = [
            stdout.map(|pipe| recording.pump(pipe, Stream::Stdout, shown)),
            stderr.map(|pipe| recording.pump(pipe, Stream::Stderr, shown)),
        ];
        Ok(Self {
            child,
            family,
            recording,
            pumps: pumps.into_iter().flatten().collect(),
            exit: None,
            last_words: Instant::now(),
            is_over: false,
        })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.family.leader()
    }

    /// Tells it what Ctrl-C would. Returns whether it could be told: on Windows, it cannot.
    pub fn interrupt(&self) -> bool {
        #[cfg(unix)]
        {
            use nix::sys::signal::{Signal, kill};
            let Ok(pid) = i32::try_from(self.id()) else {
                return false;
            };
            self.exit.is_none() && kill(nix::unistd::Pid::from_raw(pid), Signal::SIGINT).is_ok()
        }
        #[cfg(not(unix))]
        false
    }

    /// Waits until it has ended, and until all that it wrote has been read. It may be cancelled, and called again.
    pub async fn exited(&mut self) -> Exit {
        let exit = self.reap().await;
        for pump in &mut self.pumps {
            // The pipe is closed with the program, unless a child of its own has inherited it: that one is not waited for.
            if !pump.is_finished() {
                let _ = time::timeout_at(self.last_words.into(), pump).await;
            }
        }
        exit
    }

    /// How it ended, if it has. It does not wait, so that the last of its output may not have been read yet.
    pub fn try_exited(&mut self) -> Option<Exit> {
        if self.exit.is_none() {
            match self.child.inner_mut().try_wait() {
                Ok(None) => {}
                Ok(Some(status)) => _ = self.note_exit(Ok(status)),
                Err(error) => _ = self.note_exit(Err(error)),
            }
        }
        self.exit.clone()
    }

    /// What it has written so far: 64 KiB of the beginning and 64 KiB of the end of each stream.
    pub fn output(&self) -> Output {
        self.recording.output()
    }

    /// The last lines that it printed, on either stream; `None` where there are none.
    pub fn last_lines(&self) -> Option<String> {
        const LINES: usize = 6;
        let output = self.output();
        let text = format!("{}{}", output.stdout, output.stderr);
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let tail = &lines[lines.len().saturating_sub(LINES)..];
        (!tail.is_empty()).then(|| tail.join("\n"))
    }

    /// The panics that it has reported so far, the first 32 of them, wherever in its output they stood.
    pub fn panics(&self) -> Vec<Panic> {
        self.recording.panics()
    }

    /// The processor time that it has used, without its children's; two looks tell a busy loop from a wait. Known on Linux,
    /// while it runs.
    pub fn cpu_time(&self) -> Option<Duration> {
        #[cfg(target_os = "linux")]
        if self.exit.is_none() {
            return proc::Process::read(self.id())?.cpu_time();
        }
        None
    }

    /// Where it listens for TCP connections, it or (not on Windows) whoever it started.
    pub fn listening_on(&self) -> Vec<SocketAddr> {
        ports::listening(self.family.membership())
    }

    /// Asks it to end, and does not wait. On Windows, where there is no way to ask, nothing happens.
    pub fn ask_to_end(&self) {
        #[cfg(unix)]
        if self.family.group_is_ours() {
            let _ = self.child.signal(nix::sys::signal::Signal::SIGTERM as i32);
        }
    }

    /// Asks it to end, and if it has not after two seconds, kills it; then kills whatever it has left behind. On Windows,
    /// where there is no way to ask, the same as [`kill`](Self::kill).
    pub async fn end(mut self) {
        self.family.remember();
        self.ask_to_end();
        #[cfg(unix)]
        let _ = time::timeout(GRACE, self.reap()).await;
        self.finish().await;
    }

    /// Kills it at once, and whatever it has started.
    pub async fn kill(mut self) {
        self.finish().await;
    }

    async fn finish(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        self.kill_group();
        let _ = time::timeout_at(deadline.into(), self.reap()).await;
        let left = deadline.saturating_duration_since(Instant::now());
        until_it_holds(left, || !self.family.sweep()).await;
        self.is_over = true;
    }

    fn kill_group(&mut self) {
        self.family.remember();
        if self.family.group_is_ours() {
            let _ = self.child.start_kill();
        }
    }

    /// Waits for the program alone.
    ///
    /// Not by the wrapper's own `wait`, which waits for the whole group, and so for a child that the program left behind;
    /// and its `try_wait` may fetch the program's exit status where tokio does not see it. `inner_mut` is tokio's child.
    async fn reap(&mut self) -> Exit {
        match &self.exit {
            Some(exit) => exit.clone(),
            None => {
                let status = self.child.inner_mut().wait().await;
                self.note_exit(status)
            }
        }
    }

    fn note_exit(&mut self, status: io::Result<ExitStatus>) -> Exit {
        self.family.leader_was_reaped();
        let exit = status.map_or_else(|error| Exit::unknown(&error), Exit::from);
        self.exit = Some(exit.clone());
        self.last_words = Instant::now() + LAST_WORDS;
        exit
    }
}

impl Drop for Program {
    /// Kills it and its kin at once, and waits, blocking, for what is a matter of milliseconds: without that, an early return
    /// of a check, or a panic of our own, would leave a server behind that holds its port.
    fn drop(&mut self) {
        if !self.is_over {
            self.kill_group();
            until_it_holds_blocking(PATIENCE, || {
                let is_left = self.try_exited().is_none();
                !(self.family.sweep() | is_left)
            });
        }
        self.pumps.iter().for_each(JoinHandle::abort);
    }
}
