//! The verdict that a stage announces, beside the one that its check gave.

use std::fmt;

use checks::list::CHECKS;
use checks::{Diagnosis, Report, Status, Verdict};

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

/// How a check came out, beside what was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// As announced.
    AsAnnounced,
    /// Otherwise.
    Otherwise,
    /// Something that the check needs is missing on this machine, and what ran is as announced.
    Incomplete,
}

impl Fails {
    /// What the check asks, as a sentence. A walkthrough that names no check is found by a trial; here it says its id.
    pub fn sentence(&self) -> &str {
        let check = CHECKS.iter().find(|check| check.id == self.check);
        check.map_or(&self.check, |check| check.sentence)
    }

    /// The cause in the learner's words, or its id where there is no such cause.
    pub fn cause(&self) -> &str {
        let cause = Diagnosis::by_id(&self.diagnosis);
        cause.map_or(&self.diagnosis, |cause| cause.cause())
    }
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
    /// The checks that are to fail; none where all are to pass.
    pub fn fails(&self) -> &[Fails] {
        match self {
            Announced::Passes => &[],
            Announced::Fails(fails) => fails,
        }
    }

    /// Whether a check came out as announced. What could not run is no failure; but as announced is only what ran.
    pub fn held(&self, report: &Report) -> Held {
        let found = failed(report);
        let is_missing = |status: &Status| matches!(status, Status::Missing(_));
        let is_complete = !report.findings.iter().any(|it| is_missing(&it.status));
        let is_expected = found.iter().all(|it| self.fails().contains(it));
        match is_complete {
            true if found.len() == self.fails().len() && is_expected => Held::AsAnnounced,
            false if is_expected => Held::Incomplete,
            _ => Held::Otherwise,
        }
    }

    /// What a check has found; `None` where something that it needs is missing on this machine and nothing failed.
    pub fn found(report: &Report) -> Option<Announced> {
        match report.verdict() {
            Verdict::Passed => Some(Announced::Passes),
            Verdict::Failed => Some(Announced::Fails(failed(report))),
            Verdict::Incomplete => None,
        }
    }
}

/// The checks that failed, each with its cause.
fn failed(report: &Report) -> Vec<Fails> {
    let failed = report.findings.iter().filter_map(|finding| {
        let Status::Failed(failure) = &finding.status else {
            return None;
        };
        Some(Fails {
            check: finding.check.id.to_owned(),
            diagnosis: failure.id().to_owned(),
        })
    });
    failed.collect()
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::time::Duration;

    use super::*;
    use checks::Failure;
    use checks::Finding;
    use steps::step::STEPS;

    fn report(statuses: Vec<Status>) -> Report {
        let findings = CHECKS.iter().zip(statuses);
        Report {
            step: STEPS[0],
            seed: 0,
            only: None,
            subject: None,
            kept: Vec::new(),
            cut: Vec::new(),
            findings: findings
                .map(|(check, status)| Finding { check, status })
                .collect(),
            warnings: Vec::new(),
            notes: Vec::new(),
            took: Duration::ZERO,
        }
    }

    #[test]
    fn what_is_missing_here_is_not_as_announced() {
        let fails = Announced::Fails(vec![Fails {
            check: CHECKS[0].id.into(),
            diagnosis: Diagnosis::TWO_VALUES.id().into(),
        }]);
        let failed = || Status::Failed(Rc::new(Failure::new(Diagnosis::TWO_VALUES)));
        let missing = || Status::Missing("a browser".into());
        for (announced, found, held) in [
            (&fails, vec![failed(), Status::Passed], Held::AsAnnounced),
            (&fails, vec![failed(), missing()], Held::Incomplete),
            (&fails, vec![missing()], Held::Incomplete),
            (&fails, vec![Status::Passed], Held::Otherwise),
            (&fails, vec![failed(), failed()], Held::Otherwise),
            (&Announced::Passes, vec![Status::Passed], Held::AsAnnounced),
            (
                &Announced::Passes,
                vec![failed(), missing()],
                Held::Otherwise,
            ),
        ] {
            assert_eq!(announced.held(&report(found)), held);
        }
    }
}
