//! How the tool ends, as a number that scripts can rely on.

use std::process::ExitCode;

use anyhow::Result;

use crate::compile::Missing;
use crate::interrupt::stopped;
use crate::process;

/// How the tool ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All is well: 0.
    Passed,
    /// A check failed, the program did not build, or the tool could not do what it was asked to: 1.
    Failed,
    /// The command line is wrong: 2, as clap has it.
    Usage,
    /// Something that is needed is missing on this machine, and nothing that ran failed: 3.
    Missing,
    /// Somebody pressed Ctrl-C: 130, as a shell has it.
    Interrupted,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Passed => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Missing => 3,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// Runs what a program of ours is to do, from its `main`, until it is done or somebody presses Ctrl-C.
pub fn of(work: impl Future<Output = Result<Exit>>) -> ExitCode {
    of_last_words(async {
        // What runs is dropped when somebody stops it, and its programs with it.
        tokio::select! {
            ended = work => ended,
            () = stopped() => Ok(Exit::Interrupted),
        }
    })
}

/// Runs it until it is done, where it listens for Ctrl-C itself ([`Stopped`](crate::interrupt::Stopped)), to say what it
/// has found so far.
pub fn of_last_words(work: impl Future<Output = Result<Exit>>) -> ExitCode {
    process::own_descendants_too();
    // One thread is enough, and it is the thread that lives as long as the tool: a child that is to die with us watches
    // the thread that started it.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ended = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
        let ended = runtime.block_on(work);
        // A thread that still waits for a key or a file is nobody's reason to stay.
        runtime.shutdown_background();
        ended
    });
    match ended {
        Ok(exit) => exit.into(),
        Err(error) => {
            let said = format!("error: {error:#}");
            let is_missing = error.is::<Missing>();
            // A command that installs it stands below, and is not to be broken.
            show::note(&if is_missing {
                said.replace('\n', "\n    ")
            } else {
                said
            });
            if is_missing {
                Exit::Missing.into()
            } else {
                Exit::Failed.into()
            }
        }
    }
}
