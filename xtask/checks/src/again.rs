//! What a check of a learner's program that failed leaves for the next one: its seed, what failed, and what passed.
//!
//! While something fails, the data stay the same, and what failed is asked first. What passed is not asked again where
//! nothing can have changed: the same program, files, tool and data. A pass is never made of it: where nothing fails any
//! more, all is asked.

use std::collections::HashMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use show::root;
use steps::record;
use steps::step::Step;

use crate::{Report, Status, Verdict};

/// What a check found that failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Before {
    /// What its data was made from.
    pub seed: u64,
    /// The [`fingerprint`] of what was checked.
    pub subject: u64,
    /// The ids of what failed, and of their causes.
    pub failed: HashMap<String, String>,
    /// The ids of what passed.
    pub passed: Vec<String>,
}

fn file(step: Step) -> PathBuf {
    let name = format!("{}.json", step.name());
    record::folder().join("again").join(name)
}

/// What the last check of this step left; `None` where it did not fail, or where nobody can read it.
pub fn read(step: Step) -> Option<Before> {
    Before::of(&record::read(&file(step)).ok()??)
}

/// Leaves what a whole check found for the next one.
///
/// # Errors
/// When the file cannot be written.
pub fn note(step: Step, report: &Report) -> Result<()> {
    let file = file(step);
    let noted = match (report.verdict(), report.subject) {
        (Verdict::Failed, Some(subject)) => record::write(&file, record_of(report, subject)),
        // What passed is passed, and of what was not built nothing is known.
        _ if file.exists() => fs::remove_file(&file).map_err(anyhow::Error::from),
        _ => Ok(()),
    };
    noted.with_context(|| format!("what was found could not be noted in {}", show::path(&file)))
}

fn record_of(report: &Report, subject: u64) -> Map<String, Value> {
    let findings = report.findings.iter();
    let failed: HashMap<&str, &str> = findings
        .clone()
        .filter_map(|it| Some((it.check.id, it.failure()?.id())))
        .collect();
    let passed: Vec<&str> = findings
        .filter(|it| matches!(it.status, Status::Passed))
        .map(|it| it.check.id)
        .collect();
    let record = json!({
        "seed": report.seed,
        "subject": subject,
        "failed": failed,
        "passed": passed,
    });
    record.as_object().cloned().unwrap_or_default()
}

impl Before {
    fn of(record: &Map<String, Value>) -> Option<Before> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let failed = record.get("failed")?.as_object()?.iter();
        let passed = record.get("passed")?.as_array()?.iter();
        Some(Before {
            seed: record.get("seed")?.as_u64()?,
            subject: record.get("subject")?.as_u64()?,
            failed: failed
                .filter_map(|(id, cause)| Some((id.clone(), text(cause)?)))
                .collect(),
            passed: passed.filter_map(text).collect(),
        })
    }
}

/// A number for all that a verdict on a server depends on, besides the data: the program, the files of its step, those that
/// it may serve, and this tool. `None` where one of them cannot be read.
pub fn fingerprint(program: &Path, folder: &Path) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    fs::read(program).ok()?.hash(&mut hasher);
    for folder in [folder, &root().join("static")] {
        let mut files: Vec<PathBuf> = fs::read_dir(folder)
            .ok()?
            .flatten()
            .map(|it| it.path())
            .collect();
        files.retain(|path| path.is_file());
        files.sort();
        for file in files {
            (&file, fs::read(&file).ok()?).hash(&mut hasher);
        }
    }
    let tool = fs::metadata(std::env::current_exe().ok()?).ok()?;
    (tool.len(), tool.modified().ok()?).hash(&mut hasher);
    Some(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_program_another_page_or_another_file_is_another_subject() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        let page = folder.path().join("10.html");
        let of = |binary: &str, text: &str| {
            fs::write(&program, binary).unwrap();
            fs::write(&page, text).unwrap();
            fingerprint(&program, folder.path()).unwrap()
        };
        let first = of("a", "b");
        assert_eq!(first, of("a", "b"));
        assert!(first != of("c", "b") && first != of("a", "c"));
        assert_eq!(
            fingerprint(&folder.path().join("none"), folder.path()),
            None
        );
    }

    #[test]
    fn what_makes_no_sense_is_nothing() {
        for record in [
            json!({}),
            json!({"seed": -1, "subject": 2, "failed": {}, "passed": []}),
            json!({"seed": 1, "subject": 2, "failed": ["a_check"], "passed": []}),
        ] {
            assert_eq!(Before::of(record.as_object().unwrap()), None);
        }
    }
}
