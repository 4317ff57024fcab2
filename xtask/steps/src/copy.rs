//! A copy of the workshop, for whoever needs one to change and to throw away: the measurements and the tests.

use std::path::Path;

use anyhow::{Context, Result};
use show::root;

/// What makes up the workshop. Not what was built, and not what a learner has passed.
const PARTS: &[&str] = &[
    ".cargo",
    "Cargo.lock",
    "Cargo.toml",
    "exercises",
    "rust-toolchain.toml",
    "solutions",
    "static",
    "tests",
    "xtask",
];

/// Copies the workshop into the folder `to`.
///
/// # Errors
/// When a file cannot be read or written: which one.
pub fn of_the_workshop(to: &Path) -> Result<()> {
    PARTS
        .iter()
        .try_for_each(|part| copy(&root().join(part), &to.join(part)))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else {
        std::fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
        std::fs::copy(from, to).with_context(|| from.display().to_string())?;
    }
    Ok(())
}
