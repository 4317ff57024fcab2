//! The directory that the browser keeps its data in: fresh for each start, gone afterwards.
//!
//! It deliberately never touches the profile that a person browses with.

use std::path::{Path, PathBuf};
use std::time::Duration;

use machine::waiting::{until_it_holds, until_it_holds_blocking};

use anyhow::Context;

/// How long the files of a browser that has just been killed may stay in use.
const RELEASED_WITHIN: Duration = Duration::from_secs(3);

/// What the names of all these directories begin with.
const PREFIX: &str = "workshop-browser-";
/// No check takes so long: a directory of that age belongs to one that was killed and could not remove it.
const FORGOTTEN: Duration = Duration::from_secs(24 * 60 * 60);

/// A fresh directory, removed when this is dropped.
pub(super) struct Profile {
    path: PathBuf,
}

impl Profile {
    /// Makes the directory where `browser` may write to.
    pub(super) fn create(browser: &Path) -> anyhow::Result<Profile> {
        let parent = parent_for(browser);
        remove_forgotten(&parent);
        std::fs::create_dir_all(&parent)
            .and_then(|()| tempfile::Builder::new().prefix(PREFIX).tempdir_in(&parent))
            .map(|directory| Profile {
                path: directory.keep(),
            })
            .with_context(|| {
                format!(
                    "cannot make a directory for the browser in {}",
                    parent.display()
                )
            })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the directory, without blocking the runtime.
    pub(super) async fn remove(self) {
        until_it_holds(RELEASED_WITHIN, || self.try_remove()).await;
    }

    /// Whether it has gone. A process that is being killed may still write a file, and Windows keeps open files: try again.
    fn try_remove(&self) -> bool {
        let _ = std::fs::remove_dir_all(&self.path);
        !self.path.exists()
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        until_it_holds_blocking(RELEASED_WITHIN, || self.try_remove());
    }
}

/// Removes what a killed run has left here. That something cannot be removed, another user's say, is nobody's trouble.
fn remove_forgotten(parent: &Path) {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let changed = entry.metadata().and_then(|metadata| metadata.modified());
        let age = changed.ok().and_then(|changed| changed.elapsed().ok());
        if age.is_some_and(|age| age > FORGOTTEN) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// A browser from a snap sees another `/tmp` than we do, and may write only below `~/snap/<its name>/common`.
fn parent_for(browser: &Path) -> PathBuf {
    let home = std::env::home_dir();
    match (browser.strip_prefix("/snap/bin"), home) {
        (Ok(name), Some(home)) => home.join("snap").join(name).join("common"),
        _ => std::env::temp_dir(),
    }
}
