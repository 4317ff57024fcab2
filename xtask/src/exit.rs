//! How the tool ends, as a number that scripts can rely on.

use std::process::ExitCode;

use crate::checks::Verdict;

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

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Exit {
        match verdict {
            Verdict::Passed => Exit::Passed,
            Verdict::Failed => Exit::Failed,
            Verdict::Incomplete => Exit::Missing,
        }
    }
}
