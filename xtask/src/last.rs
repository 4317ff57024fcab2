//! What the last check of a learner's program found, and how many hints were given since: a small file for each step, which
//! the hints look into.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use crate::checks::{Report, Status};
use crate::step::Step;
use crate::{record, show};

/// What the last check of a step found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Last {
    /// The first check that failed, by its id; `None` where none did.
    pub check: Option<String>,
    /// The cause that it named, by its id.
    pub diagnosis: Option<String>,
    /// How many hints were given since that cause was named first.
    pub hints: u32,
}

fn file(step: Step) -> PathBuf {
    let name = format!("{}.json", step.name());
    record::folder().join("last").join(name)
}

/// What the last check of the step found; `None` where there was none, or where nobody can read what it found.
pub fn read(step: Step) -> Option<Last> {
    record::read(&file(step)).ok()?.map(Last::of)
}

/// Notes what a check found. While the cause stays the same, the hints that were given stay given.
///
/// # Errors
/// When the file cannot be written.
pub fn note(step: Step, report: &Report) -> Result<()> {
    let _alone = record::alone(&record::folder());
    let first = report.findings.iter().find_map(|finding| {
        let Status::Failed(failure) = &finding.status else {
            return None;
        };
        Some((
            finding.check.id.to_owned(),
            failure.diagnosis.id().to_owned(),
        ))
    });
    write(step, read(step).unwrap_or_default().then(first.unzip()))
}

/// Notes how many hints were given.
///
/// # Errors
/// When the file cannot be written.
pub fn set_hints(step: Step, hints: u32) -> Result<()> {
    let _alone = record::alone(&record::folder());
    let last = read(step).unwrap_or_default();
    write(step, Last { hints, ..last })
}

fn write(step: Step, last: Last) -> Result<()> {
    let file = file(step);
    record::write(&file, last.record())
        .with_context(|| format!("what was found could not be noted in {}", show::path(&file)))
}

impl Last {
    fn of(record: Map<String, Value>) -> Last {
        let text = |key: &str| Some(record.get(key)?.as_str()?.to_owned());
        let hints = record.get("hints").and_then(Value::as_u64);
        Last {
            check: text("check"),
            diagnosis: text("diagnosis"),
            hints: hints.and_then(|n| n.try_into().ok()).unwrap_or(0),
        }
    }

    fn record(self) -> Map<String, Value> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = now.unwrap_or_default().as_secs();
        let Last {
            check,
            diagnosis,
            hints,
        } = self;
        let record = json!({"check": check, "diagnosis": diagnosis, "hints": hints, "at": seconds});
        record.as_object().cloned().unwrap_or_default()
    }

    /// The same after another check.
    fn then(self, (check, diagnosis): (Option<String>, Option<String>)) -> Last {
        let hints = match diagnosis == self.diagnosis {
            true => self.hints,
            false => 0,
        };
        Last {
            check,
            diagnosis,
            hints,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(diagnosis: Option<&str>, hints: u32) -> Last {
        Last {
            check: diagnosis.map(|_| "it_arrives_as_one_object".into()),
            diagnosis: diagnosis.map(str::to_owned),
            hints,
        }
    }

    #[test]
    fn what_is_noted_is_read() {
        for noted in [last(Some("two-values"), 2), last(None, 0)] {
            assert_eq!(Last::of(noted.clone().record()), noted);
        }
    }

    #[test]
    fn what_makes_no_sense_counts_as_nothing() {
        let record = json!({"check": 7, "diagnosis": ["two-values"], "hints": -1, "more": {}});
        let record = record.as_object().cloned().unwrap();
        assert_eq!(Last::of(record), Last::default());
    }

    #[test]
    fn hints_stay_given_while_the_cause_stays() {
        let found = |diagnosis: &str| (Some("a_check".into()), Some(diagnosis.into()));
        let given = last(Some("two-values"), 2);
        assert_eq!(given.clone().then(found("two-values")).hints, 2);
        assert_eq!(given.clone().then(found("hears-itself")).hints, 0);
        assert_eq!(given.then((None, None)).hints, 0);
    }
}
