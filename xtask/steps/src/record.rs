//! The small JSON files in `.workshop`, outside of git: read with suspicion, and written whole or not at all.
//!
//! Anybody may have edited them, another version of the tool may have written them, and two commands may run at once.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};
use show::root;

/// The folder of all that the tool remembers.
pub fn folder() -> PathBuf {
    root().join(".workshop")
}

/// The object in a file; `None` where there is no file.
///
/// # Errors
/// When the file cannot be read, or holds something else.
pub fn read(file: &Path) -> Result<Option<Map<String, Value>>> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        // A file in place of the folder is no record either; that it is in the way is said when something is written.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error).context("it cannot be read"),
    };
    let value: Value = serde_json::from_slice(&bytes).context(NotARecord)?;
    match value {
        Value::Object(object) => Ok(Some(object)),
        _ => Err(NotARecord.into()),
    }
}

/// What is wrong with a file that can be read, and makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotARecord;

impl std::fmt::Display for NotARecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it does not hold what the tool wrote")
    }
}

impl std::error::Error for NotARecord {}

/// Writes an object to a file of [`folder`]: to a new file, which then takes the old one's place. Whoever reads meanwhile
/// finds the old or the new one, and never a half.
///
/// # Errors
/// When the file cannot be written.
pub fn write(file: &Path, object: Map<String, Value>) -> Result<()> {
    replace(file, &format!("{:#}\n", Value::Object(object)))
}

/// The same for a text.
///
/// # Errors
/// When the file cannot be written.
pub fn replace(file: &Path, text: &str) -> Result<()> {
    let folder = file.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder)?;
    // What takes the place of a file that must not be written would be a way around that.
    let may_write = fs::metadata(file).map_or(true, |old| !old.permissions().readonly());
    ensure!(may_write, "the file is read-only");
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(text.as_bytes())?;
    new.persist(file)?;
    Ok(())
}

/// Holds off other commands that use the same folder, until it is dropped: what is read, changed and written by two at once would lose one's change.
/// Where the system cannot lock a file, nothing is held off.
pub fn alone(folder: &Path) -> Option<File> {
    fs::create_dir_all(folder).ok()?;
    let file = File::create(folder.join("lock")).ok()?;
    file.lock().ok()?;
    Some(file)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new").join("record.json");
        assert!(read(&file).unwrap().is_none());
        let object = json!({"a": 1}).as_object().cloned().unwrap();
        write(&file, object.clone()).unwrap();
        assert_eq!(read(&file).unwrap(), Some(object));
        let files = fs::read_dir(file.parent().unwrap()).unwrap();
        assert_eq!(files.count(), 1, "the temporary file has gone");
    }

    #[test]
    fn no_change_is_lost_where_several_change_one_file() {
        const EACH: u64 = 20;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("record.json");
        let count = || {
            for _ in 0..EACH {
                let _alone = alone(folder.path()).unwrap();
                let mut object = read(&file).unwrap().unwrap_or_default();
                let before = object.get("n").and_then(Value::as_u64).unwrap_or(0);
                object.insert("n".into(), json!(before + 1));
                write(&file, object).unwrap();
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(count);
            }
        });
        assert_eq!(read(&file).unwrap().unwrap()["n"], json!(4 * EACH));
    }

    #[test]
    fn what_makes_no_sense_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("record.json");
        for garbage in [&b"{\"passed\": {"[..], b"", b"[]", b"\xff\xfe{}", b"7"] {
            fs::write(&file, garbage).unwrap();
            let error = read(&file).unwrap_err();
            assert!(error.is::<NotARecord>(), "{error:?}");
        }
        assert!(!read(folder.path()).unwrap_err().is::<NotARecord>());
    }
}
