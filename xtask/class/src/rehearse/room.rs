//! The room of a rehearsal: this very program once more, with a log of its own that is gone afterwards.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use machine::process::{self, Launch, Program, Usage};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::log;
use crate::register::Register;

/// A room that opens takes no longer.
const OPENS_WITHIN: Duration = Duration::from_secs(20);

/// The room. Dropping it ends it.
pub struct Room {
    program: Program,
    _folder: TempDir,
    door: Door,
    /// Where the pages are.
    pub desk: SocketAddr,
    /// What the instructor's page is opened with.
    pub token: String,
}

/// Where learners come in.
#[derive(Debug, Clone)]
pub struct Door {
    /// The address.
    pub address: SocketAddr,
    /// The code.
    pub code: String,
}

/// What it took.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// Of one core, in percent.
    pub cpu: f64,
    /// In bytes.
    pub memory: u64,
}

impl Room {
    /// Opens it, and waits until it answers.
    pub async fn open() -> Result<Room> {
        let folder = tempfile::tempdir()?;
        let here = std::env::current_exe().context("the tool does not find itself")?;
        let at = [
            "--folder".into(),
            folder.path().into(),
            "--port".into(),
            "0".into(),
        ];
        let mut args = vec!["class".into()];
        args.extend(at);
        let mut program = Program::start(&Launch {
            args,
            ..Launch::new(here, folder.path())
        })?;
        let deadline = Instant::now() + OPENS_WITHIN;
        let register = loop {
            if let Some(register) = is_open(folder.path()) {
                break register;
            }
            if program.try_exited().is_some() || Instant::now() > deadline {
                bail!(
                    "the room does not open: {}",
                    program.last_lines().unwrap_or_default()
                );
            }
            sleep(Duration::from_millis(10)).await;
        };
        let (address, desk) = register.served.context("it is served")?;
        let door = Door {
            address: address.parse()?,
            code: register.code,
        };
        Ok(Room {
            program,
            _folder: folder,
            door,
            desk: ([127, 0, 0, 1], desk).into(),
            token: register.token,
        })
    }

    /// Where learners come in.
    pub fn door(&self) -> Door {
        self.door.clone()
    }

    /// What it has used so far.
    pub fn usage(&self) -> Usage {
        process::usage(self.program.id())
    }

    /// What it has used since then, in so many seconds.
    pub fn usage_since(&self, before: Usage, seconds: u64) -> Used {
        let now = self.usage();
        let cpu = now
            .cpu
            .zip(before.cpu)
            .map(|(now, before)| now.saturating_sub(before));
        Used {
            cpu: 100.0 * cpu.unwrap_or_default().as_secs_f64() / seconds.max(1) as f64,
            memory: now.memory.unwrap_or_default(),
        }
    }

    /// Ends it.
    pub async fn end(&mut self) {
        self.program.ask_to_end();
        self.program.exited().await;
    }
}

/// What stands in its log, once it says where it is served: then it listens.
fn is_open(folder: &Path) -> Option<Register> {
    let register = Register::of(&log::read_only(folder).ok()?.entries);
    register.served.is_some().then_some(register)
}
