//! What the last check of the learner's program found, and how far the hints about it have gone: a small file a step.
//!
//! It is a record, not a treasure: a broken one is as good as none.

use std::path::PathBuf;

use anyhow::{Context, Result};
use compiler::Refusal;
use serde_json::{Map, Value, json};
use steps::record;
use steps::step::Step;

use crate::{Report, Status};

/// What is known of the last check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Last {
    /// The id of the first check that failed; `None` where none did.
    pub check: Option<String>,
    /// The id of the cause that it named.
    pub diagnosis: Option<String>,
    /// How many hints were given since that cause was named first.
    pub hints: u32,
    /// What these hints were about.
    pub about: Option<String>,
    /// What was told of the program, where the compiler refused it.
    pub refused: Option<Refused>,
}

/// What was told of a program that the compiler refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused {
    /// The cause.
    pub cause: String,
    /// The one thing to do next.
    pub next: String,
    /// The place, as `path:line:column`; empty where there is none.
    pub place: String,
    /// The error in lines that can be read.
    pub quoted: String,
    /// The compiler's code; empty where it has none.
    pub code: String,
    /// Where a README explains it; empty where none does.
    pub read: String,
}

impl Refused {
    fn of(refusal: &Refusal) -> Refused {
        Refused {
            cause: refusal.cause.clone(),
            next: refusal.next.clone(),
            place: refusal.place.clone().unwrap_or_default(),
            quoted: refusal.quoted.clone(),
            code: refusal.code.clone().unwrap_or_default(),
            read: refusal.reading().map_or(String::new(), |it| it.to_string()),
        }
    }

    fn read(record: &Value) -> Option<Refused> {
        let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
        record.is_object().then(|| Refused {
            cause: text("cause"),
            next: text("next"),
            place: text("place"),
            quoted: text("quoted"),
            code: text("code"),
            read: text("read"),
        })
    }

    fn record(&self) -> Value {
        let Refused {
            cause,
            next,
            place,
            quoted,
            code,
            read,
        } = self;
        json!({ "cause": cause, "next": next, "place": place, "quoted": quoted, "code": code, "read": read })
    }
}

fn file(step: Step) -> PathBuf {
    let name = format!("{}.json", step.name());
    record::folder().join("last").join(name)
}

/// What is known of this step; `None` where it was never checked and no hint was asked for, or where nobody can read it.
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
        let refused = failure.refusal.as_deref().map(Refused::of);
        Some((finding.check.id, failure.id(), refused))
    });
    let (first, refused) = match first {
        Some((check, id, refused)) => (Some((check, id)), refused),
        None => (None, None),
    };
    let last = read(step).unwrap_or_default().then(first);
    write(step, Last { refused, ..last })
}

/// Notes how many hints were given about one thing.
///
/// # Errors
/// When the file cannot be written.
pub fn set_hints(step: Step, about: &str, hints: u32) -> Result<()> {
    let _alone = record::alone(&record::folder());
    let last = Last {
        hints,
        about: Some(about.to_owned()),
        ..read(step).unwrap_or_default()
    };
    write(step, last)
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
            about: text("about"),
            refused: record.get("refused").and_then(Refused::read),
        }
    }

    fn record(self) -> Map<String, Value> {
        let Last {
            check,
            diagnosis,
            hints,
            about,
            refused,
        } = self;
        let mut record =
            json!({ "check": check, "diagnosis": diagnosis, "hints": hints, "about": about });
        if let Some(refused) = &refused {
            record["refused"] = refused.record();
        }
        record.as_object().cloned().unwrap_or_default()
    }

    /// The same after a check whose first failure is this one: its id, and that of the cause.
    fn then(self, first: Option<(&str, &str)>) -> Last {
        let (check, diagnosis) = first.unzip();
        let begun = match diagnosis == self.diagnosis.as_deref() {
            true => self,
            // Another cause deserves hints from the beginning.
            false => Last::default(),
        };
        Last {
            check: check.map(str::to_owned),
            diagnosis: diagnosis.map(str::to_owned),
            ..begun
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(diagnosis: &str, hints: u32) -> Last {
        Last {
            check: Some("a_check".into()),
            diagnosis: Some(diagnosis.into()),
            hints,
            about: Some("relay".into()),
            refused: None,
        }
    }

    #[test]
    fn what_is_noted_is_read() {
        let refused = Refused {
            cause: "A bracket.".into(),
            code: "E0308".into(),
            ..Refused::default()
        };
        let not_compiled = Last {
            refused: Some(refused),
            ..last("unclosed-bracket", 1)
        };
        for noted in [last("two-values", 2), not_compiled, Last::default()] {
            assert_eq!(Last::of(noted.clone().record()), noted);
        }
    }

    #[test]
    fn what_makes_no_sense_counts_as_nothing() {
        for strange in [
            json!({ "check": 7, "diagnosis": ["two-values"], "hints": -1, "more": {} }),
            json!({ "hints": 4_294_967_296_u64 }),
        ] {
            let record = strange.as_object().cloned().unwrap();
            assert_eq!(Last::of(record), Last::default());
        }
    }

    #[test]
    fn the_same_cause_goes_on_with_its_hints() {
        let known = last("two-values", 2).then(Some(("another_check", "two-values")));
        assert_eq!(known.check.as_deref(), Some("another_check"));
        assert_eq!((known.hints, known.about.as_deref()), (2, Some("relay")));
    }

    #[test]
    fn another_cause_begins_anew() {
        let known = last("two-values", 2).then(Some(("a_check", "echo-only")));
        assert_eq!(known.diagnosis.as_deref(), Some("echo-only"));
        assert_eq!((known.hints, known.about), (0, None));
    }

    #[test]
    fn a_pass_leaves_nothing() {
        assert_eq!(last("two-values", 3).then(None), Last::default());
        assert_eq!(Last::default().then(None), Last::default());
    }
}
