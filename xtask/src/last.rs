//! What the last check of the learner's program found, and how far the hints about it have gone: a small file a step, kept
//! out of git. It is a record, not a treasure: a broken one is as good as none.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::checks::{Report, Status};
use crate::show;
use crate::step::{Step, root};

/// What is known of the last check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Last {
    /// The id of the first check that failed, if one did.
    pub check: Option<String>,
    /// The cause that it named.
    pub diagnosis: Option<String>,
    /// How many hints were given since this cause was named.
    pub hints: u32,
    /// What these hints were about.
    pub about: Option<String>,
}

fn file(step: Step) -> PathBuf {
    let folder = root().join(".workshop").join("last");
    folder.join(format!("{}.json", step.name()))
}

/// What is known of this step; nothing where it was never checked, and no hint was asked for.
pub fn read(step: Step) -> Option<Last> {
    let text = std::fs::read_to_string(file(step)).ok()?;
    parse(&text)
}

/// Notes what a check has found. Other causes than the one before deserve hints from the beginning.
///
/// # Errors
/// When the file cannot be written.
pub fn note(step: Step, report: &Report) -> Result<()> {
    let failed = report
        .findings
        .iter()
        .find_map(|finding| match &finding.status {
            Status::Failed(failure) => Some((finding.check.id, failure.diagnosis.id())),
            _ => None,
        });
    let known = read(step);
    let now = after(known.clone(), failed);
    // A first check that finds nothing has nothing to note.
    if now == known.unwrap_or_default() {
        return Ok(());
    }
    write(step, &now)
}

/// What is known after a check whose first failure is this one.
fn after(last: Option<Last>, failed: Option<(&str, &str)>) -> Last {
    let now = Last {
        check: failed.map(|(check, _)| check.to_owned()),
        diagnosis: failed.map(|(_, diagnosis)| diagnosis.to_owned()),
        ..Last::default()
    };
    match last {
        Some(last) if last.diagnosis == now.diagnosis => Last {
            check: now.check,
            ..last
        },
        _ => now,
    }
}

/// Notes how many hints were given about one thing.
///
/// # Errors
/// When the file cannot be written.
pub fn set_hints(step: Step, about: &str, hints: u32) -> Result<()> {
    let last = Last {
        hints,
        about: Some(about.to_owned()),
        ..read(step).unwrap_or_default()
    };
    write(step, &last)
}

fn parse(text: &str) -> Option<Last> {
    let value: Value = serde_json::from_str(text).ok()?;
    let known = value.as_object()?;
    let text = |key: &str| known.get(key)?.as_str().map(str::to_owned);
    let hints = known.get("hints").and_then(Value::as_u64);
    Some(Last {
        check: text("check"),
        diagnosis: text("diagnosis"),
        hints: hints.and_then(|hints| hints.try_into().ok()).unwrap_or(0),
        about: text("about"),
    })
}

fn print(last: &Last) -> String {
    let value = json!({
        "check": last.check,
        "diagnosis": last.diagnosis,
        "hints": last.hints,
        "about": last.about,
    });
    format!("{value:#}\n")
}

fn write(step: Step, last: &Last) -> Result<()> {
    let file = file(step);
    let folder = file.parent().context("a file lies in a folder")?;
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&file, print(last)))
        .with_context(|| {
            let name = show::path(&file);
            format!("the last check and its hints could not be noted in {name}")
        })
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
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for last in [last("two-values", 2), Last::default()] {
            assert_eq!(parse(&print(&last)), Some(last));
        }
    }

    #[test]
    fn garbage_is_nothing() {
        for text in ["", "{", "[]", "7", "null", "\u{0}"] {
            assert_eq!(parse(text), None, "{text}");
        }
        let strange = r#"{"check": 7, "diagnosis": {}, "hints": -1}"#;
        assert_eq!(parse(strange), Some(Last::default()));
        assert_eq!(parse(r#"{"hints": 4294967296}"#), Some(Last::default()));
    }

    #[test]
    fn the_same_cause_goes_on_with_its_hints() {
        let known = after(
            Some(last("two-values", 2)),
            Some(("another_check", "two-values")),
        );
        assert_eq!(known.check.as_deref(), Some("another_check"));
        assert_eq!((known.hints, known.about.as_deref()), (2, Some("relay")));
    }

    #[test]
    fn another_cause_begins_anew() {
        let known = after(Some(last("two-values", 2)), Some(("a_check", "echo-only")));
        assert_eq!(known.diagnosis.as_deref(), Some("echo-only"));
        assert_eq!((known.hints, known.about), (0, None));
    }

    #[test]
    fn a_pass_leaves_nothing() {
        assert_eq!(after(Some(last("two-values", 3)), None), Last::default());
        assert_eq!(after(None, None), Last::default());
    }
}
