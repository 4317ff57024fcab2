//! Copies of what a learner wrote, made before a command writes over it.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use show::root;

/// Keeps a copy of the file in `.workshop/kept/`, under the present millisecond, and returns its path; `None` where there is no
/// such file.
///
/// # Errors
/// When the copy cannot be made: then the file must not be written over.
pub fn copy_of(path: &Path) -> Result<Option<PathBuf>> {
    if !path.exists() {
        return Ok(None);
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    let name = path.strip_prefix(root()).unwrap_or(path);
    let copy = root()
        .join(".workshop")
        .join("kept")
        .join(now.to_string())
        .join(name);
    let folder = copy.parent().context("a file lies in a folder")?;
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::copy(path, &copy))
        .with_context(|| {
            format!(
                "no copy of {} could be kept in {}",
                show::path(path),
                show::path(folder)
            )
        })?;
    Ok(Some(copy))
}
