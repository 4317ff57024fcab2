//! The verdict that a stage announces, beside the one that its check gave.

use std::fmt;

use crate::checks::{Report, Status, Verdict};

/// What `check` is to say of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Announced {
    /// Every check passes.
    Passes,
    /// These checks fail and no others, but for those that rest on them.
    Fails(Vec<Fails>),
}

/// A check that fails, and the cause that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fails {
    /// The check's id.
    pub check: String,
    /// The id of the cause.
    pub diagnosis: String,
}

impl fmt::Display for Fails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.check, self.diagnosis)
    }
}

/// `passes`, or what fails: `fails a_check (its-cause)`.
impl fmt::Display for Announced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Announced::Passes => f.write_str("passes"),
            Announced::Fails(fails) => {
                let fails: Vec<String> = fails.iter().map(Fails::to_string).collect();
                write!(f, "fails {}", fails.join(", "))
            }
        }
    }
}

impl Announced {
    /// What a check has found; `None` where something that it needs is missing on this machine and nothing failed.
    pub fn found(report: &Report) -> Option<Announced> {
        let failed = report.findings.iter().filter_map(|finding| {
            let Status::Failed(failure) = &finding.status else {
                return None;
            };
            Some(Fails {
                check: finding.check.id.to_owned(),
                diagnosis: failure.diagnosis.id().to_owned(),
            })
        });
        match report.verdict() {
            Verdict::Passed => Some(Announced::Passes),
            Verdict::Failed => Some(Announced::Fails(failed.collect())),
            Verdict::Incomplete => None,
        }
    }
}
