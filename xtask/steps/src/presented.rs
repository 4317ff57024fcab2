//! Where each step was left, in `.workshop/walk.json`: a file of this user alone, written whole after each press and every few
//! seconds, so that nothing is lost when something breaks.
//!
//! ```json
//! { "room": { … }, "steps": { "10-spy": { "desk": { "stage": 3, "phase": "run", … }, "clock": { … } } } }
//! ```
//!
//! `room` has the ports, the tokens and the size of the type, and `steps` where each step was left and what its stages took.
//! It is what was presented last, and stays when the presenter ends. What is taught just now, the live coding's `Taught` says.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Map, Value};

use crate::record;

/// The file.
pub fn file() -> PathBuf {
    record::folder().join("walk.json")
}

/// All that is in it. A file that is not there, or that makes no sense, is as an empty one.
pub fn read() -> Value {
    let object = record::read(&file()).ok().flatten();
    Value::Object(object.unwrap_or_default())
}

/// Changes it. Two presenters of two steps may write at once: each finds what the other has written.
///
/// # Errors
/// When the file cannot be written.
pub fn update(change: impl FnOnce(&mut Map<String, Value>)) -> Result<()> {
    let _alone = record::alone(&record::folder());
    let mut all = record::read(&file()).ok().flatten().unwrap_or_default();
    change(&mut all);
    record::write(&file(), all)
}
