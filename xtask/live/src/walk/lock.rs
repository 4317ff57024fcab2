//! One presenter at a time: two would write the same files.

use std::fs::{self, File, TryLockError};

use anyhow::{Context, Result, bail};
use show::root;
use steps::step::Step;

/// Makes sure that nobody else presents this step.
///
/// # Errors
/// When somebody presents it already, or the lock's file cannot be written.
pub fn of(step: Step) -> Result<File> {
    let folder = root().join(".workshop");
    let path = folder.join(format!("{}.walk", step.name()));
    let file = fs::create_dir_all(&folder)
        .and_then(|()| File::options().append(true).create(true).open(&path))
        .with_context(|| format!("{} could not be written", show::path(&path)))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "step {} is already being presented, by another `cargo xtask walk {0}`\n\
             Both would write the same files. End that one, or go on there.",
            step.number
        ),
        // Some network disks have no locks. A second presenter is rare, and no reason to refuse the first.
        Err(TryLockError::Error(_)) => Ok(file),
    }
}
