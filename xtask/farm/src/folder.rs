//! The folder of a farm's files, for a person to read: `.workshop/farm`, and for a second farm beside the first another.

use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use steps::record;

/// So many farms may run at the same time in one copy of the workshop.
const MOST: usize = 9;

/// A folder that is this farm's alone until it is dropped.
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// Held while the farm runs; the system lets it go however the farm ends.
    _lock: File,
}

impl Folder {
    /// The first that no other farm has.
    ///
    /// # Errors
    /// When it cannot be made, or all are taken.
    pub fn take() -> Result<Folder> {
        for number in 1..=MOST {
            let name = match number {
                1 => "farm".into(),
                number => format!("farm-{number}"),
            };
            let path = record::folder().join(name);
            std::fs::create_dir_all(&path)
                .with_context(|| format!("{} cannot be made", path.display()))?;
            let lock = File::create(path.join("lock"))
                .with_context(|| format!("nothing can be written in {}", path.display()))?;
            match lock.try_lock() {
                Err(std::fs::TryLockError::WouldBlock) => {}
                // Where the system cannot lock a file, the first is as good as any.
                Ok(()) | Err(std::fs::TryLockError::Error(_)) => {
                    return Ok(Folder { path, _lock: lock });
                }
            }
        }
        bail!("{MOST} farms run in this copy of the workshop already: end one of them")
    }
}
