//! What the learner has passed: a small file, kept out of git, and only ever a record of checks that passed.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::step::{STEPS, Step, root};

fn file() -> PathBuf {
    root().join(".workshop").join("progress.json")
}

/// The file's object; an empty one where there is no file or a broken one. It is a record, not a treasure.
fn read() -> Value {
    let text = std::fs::read_to_string(file()).unwrap_or_default();
    let value = serde_json::from_str(&text).unwrap_or_default();
    if let Value::Object(_) = value {
        value
    } else {
        json!({})
    }
}

/// Whether the learner's program of this step has passed all its checks once.
pub fn has_passed(step: Step) -> bool {
    read()["passed"][step.name()].is_u64()
}

/// The step that the learner is at: the one after the last that was passed. None where that was the last one of all.
pub fn current() -> Option<Step> {
    let mut passed = STEPS.iter().rev().filter(|step| has_passed(**step));
    let passed = passed.next().map_or(0, |step| step.number);
    STEPS.iter().find(|step| step.number > passed).copied()
}

/// Notes that it has, and when: in seconds since 1970.
///
/// # Errors
/// When the file cannot be written.
pub fn passed(step: Step) -> Result<()> {
    let mut progress = read();
    if !progress["passed"].is_object() {
        progress["passed"] = json!({});
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    progress["passed"][step.name()] = now.into();
    let file = file();
    let written = std::fs::create_dir_all(root().join(".workshop"))
        .and_then(|()| std::fs::write(&file, format!("{progress:#}\n")));
    written.with_context(|| format!("what you passed could not be noted in {}", file.display()))
}
