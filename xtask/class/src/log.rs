//! The log: a file that lines are only ever added to. Reading it from its beginning is how a room goes on.
//!
//! A line is one `write` at the end of the file. Whoever is killed in the middle of one leaves a line without an end, and the
//! next room cuts that off: a line that was not finished was not told to anybody as taken. What `write` has taken, the system
//! keeps, also when this program is killed; for the day that the system itself dies, the file is synced every second.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use steps::record;

use crate::entry::Entry;

/// The log of one room, which is this program's alone.
pub struct Log {
    file: File,
    /// How many lines it has.
    lines: u64,
    /// Held as long as this lives; the system gives it up however we end.
    _lock: Option<File>,
}

/// What stood in the log.
pub struct Before {
    /// All lines that make sense, in order.
    pub entries: Vec<Entry>,
    /// How many do not.
    pub odd: usize,
}

/// Where a room keeps all that it knows.
pub fn folder() -> PathBuf {
    record::folder().join("class")
}

/// The log's file.
pub fn file(folder: &Path) -> PathBuf {
    folder.join("log.jsonl")
}

impl Log {
    /// Opens the log in a folder, and reads what stands in it.
    ///
    /// # Errors
    /// When another room has it, or it cannot be read or written.
    pub fn open(folder: &Path) -> Result<(Log, Before)> {
        let could_not = || format!("{} cannot be written", show::path(folder));
        make_private(folder).with_context(could_not)?;
        let lock = lock(folder)?;
        let mut file = private(File::options().read(true).append(true).create(true))
            .open(file(folder))
            .with_context(could_not)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).with_context(could_not)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n');
        let whole = whole.map_or(0, |at| at + 1);
        if whole < bytes.len() {
            file.set_len(whole as u64).with_context(could_not)?;
            file.seek(SeekFrom::End(0)).with_context(could_not)?;
        }
        let before = read(&bytes[..whole]);
        let log = Log {
            file,
            lines: (before.entries.len() + before.odd) as u64,
            _lock: lock,
        };
        Ok((log, before))
    }

    /// Adds a line.
    ///
    /// # Errors
    /// When it cannot be written: then it did not happen.
    pub fn add(&mut self, entry: &Entry) -> Result<()> {
        let line = entry.line() + "\n";
        self.file
            .write_all(line.as_bytes())
            .context("the room's log cannot be written")?;
        self.lines += 1;
        Ok(())
    }

    /// How many lines it has.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// The file once more, to be synced by another thread.
    ///
    /// # Errors
    /// When the system has no more files.
    pub fn again(&self) -> Result<File> {
        Ok(self.file.try_clone()?)
    }
}

/// What stands in a log that nobody need have open: for the marks of a course.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn read_only(folder: &Path) -> Result<Before> {
    let bytes = match fs::read(file(folder)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("there is no room here yet. To open one: cargo xtask class")
        }
        Err(error) => return Err(error).context("the room's log cannot be read"),
    };
    let whole = bytes.iter().rposition(|byte| *byte == b'\n');
    Ok(read(&bytes[..whole.map_or(0, |at| at + 1)]))
}

/// Puts the log of the room before aside, and says where it is now.
///
/// # Errors
/// When a room is open, or the file cannot be moved.
pub fn put_aside(folder: &Path, now: u64) -> Result<Option<PathBuf>> {
    let old = file(folder);
    if !old.exists() {
        return Ok(None);
    }
    let _lock = lock(folder)?;
    let aside = folder.join(format!("log-{now}.jsonl"));
    fs::rename(&old, &aside).with_context(|| format!("{} cannot be moved", show::path(&old)))?;
    Ok(Some(aside))
}

fn read(bytes: &[u8]) -> Before {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<Option<Entry>> = text.lines().map(Entry::read).collect();
    let odd = lines.iter().filter(|line| line.is_none()).count();
    let entries = lines.into_iter().flatten().collect();
    Before { entries, odd }
}

/// One room at a time: two would write into each other's log.
fn lock(folder: &Path) -> Result<Option<File>> {
    let lock = File::create(folder.join("lock")).context("the room cannot be locked")?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => bail!(
            "a room is already open here, by another `cargo xtask class`.\nGo on there, or end that one."
        ),
        // Some network disks have no locks. A second room is rare, and no reason to refuse the first.
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// Makes the folder, which nobody but this user may look into: the log holds the code, the token and the learners' keys.
fn make_private(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// The same for a file that is about to be opened.
fn private(options: &mut fs::OpenOptions) -> &fs::OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Happened;

    fn left(id: u64) -> Entry {
        let what = Happened::Left { id };
        Entry { at: 7, what }
    }

    #[test]
    fn a_line_that_was_not_finished_did_not_happen() {
        let folder = tempfile::tempdir().unwrap();
        let (mut log, before) = Log::open(folder.path()).unwrap();
        assert!(before.entries.is_empty());
        log.add(&left(1)).unwrap();
        assert!(Log::open(folder.path()).is_err(), "somebody has it");
        drop(log);
        for torn in ["{\"at\":8,\"le", "\u{fffd}", "x".repeat(9000).as_str()] {
            let mut text = fs::read(file(folder.path())).unwrap();
            text.extend_from_slice(torn.as_bytes());
            fs::write(file(folder.path()), text).unwrap();
            let (mut log, before) = Log::open(folder.path()).unwrap();
            assert_eq!(before.entries.first(), Some(&left(1)));
            log.add(&left(2)).unwrap();
        }
        let before = read_only(folder.path()).unwrap();
        assert_eq!((before.entries.len(), before.odd), (4, 0));
    }

    #[test]
    fn a_line_that_makes_no_sense_is_counted_and_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "{}\nnonsense\n{{\"at\":1}}\n{}\n",
            left(1).line(),
            left(2).line()
        );
        fs::write(file(folder.path()), text).unwrap();
        let before = read_only(folder.path()).unwrap();
        assert_eq!((before.entries, before.odd), (vec![left(1), left(2)], 2));
    }
}
