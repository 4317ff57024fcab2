//! Notices that a learner has saved: `watch` checks then, and `run --watch` builds.
//!
//! What counts is what the files hold, not what the system reports of them. An event only leads to a look, and where there
//! are none (network disks, some containers), a look every second finds the same a little later. So a save that replaces
//! the file, a file that is gone and comes back, and a folder that git exchanges are all the same: another content.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use notify::event::ModifyKind::Name;
use notify::{Config, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use steps::sources;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// An editor saves in several strokes: a new file, a rename, an attribute. They count as one when they come this close.
const ONE_SAVE: Duration = Duration::from_millis(60);

/// How long a save may go unnoticed where the system reports no events.
const A_LOOK: Duration = Duration::from_secs(1);

/// Some files of a folder, as they were when they were last looked at.
pub struct Saves {
    folder: PathBuf,
    names: Vec<String>,
    seen: Looked,
    events: Arc<Notify>,
    /// It reports for as long as it lives. There is none where events are not wanted, or not to be had.
    _watcher: Option<RecommendedWatcher>,
}

/// The files at one moment, by their names.
type Looked = BTreeMap<String, File>;

/// A file at one moment.
#[derive(Default, PartialEq, Eq)]
struct File {
    /// What it holds; nothing where there is no such file.
    content: Option<Vec<u8>>,
    /// When it was written.
    written: Option<SystemTime>,
}

impl Saves {
    /// Watches these files of the folder from now on, and all Rust in it: a learner may add a module at any time. Events are
    /// listened for only where they are asked for.
    pub fn of(folder: &Path, names: Vec<String>, with_events: bool) -> Saves {
        let events = Arc::new(Notify::new());
        let watcher = with_events.then(|| watcher(folder, &names, events.clone()));
        let seen = look(folder, &names);
        Saves {
            folder: folder.to_owned(),
            names,
            seen,
            events,
            _watcher: watcher.flatten(),
        }
    }

    /// Waits until a file holds something else than before, and says which do. It may be cancelled, and called again.
    pub async fn changed(&mut self) -> Vec<String> {
        self.differs(|before, now| before.content != now.content)
            .await
    }

    /// Waits until a file is written, be it with the same content. It may be cancelled, and called again.
    pub async fn saved(&mut self) {
        self.differs(|before, now| before != now).await;
    }

    async fn differs(&mut self, differs: fn(&File, &File) -> bool) -> Vec<String> {
        loop {
            // First a look, then the wait: who cancelled the last wait may have taken an event with it.
            if !self
                .names_where(differs, &look(&self.folder, &self.names))
                .is_empty()
            {
                let now = self.settled().await;
                let names = self.names_where(differs, &now);
                if !names.is_empty() {
                    self.seen = now;
                    return names;
                }
            }
            let _ = timeout(A_LOOK, self.events.notified()).await;
        }
    }

    /// The files, once they stay as they are: a look in the middle of a save sees half a file.
    async fn settled(&self) -> Looked {
        let mut before = look(&self.folder, &self.names);
        loop {
            sleep(ONE_SAVE).await;
            let now = look(&self.folder, &self.names);
            if now == before {
                return now;
            }
            before = now;
        }
    }

    fn names_where(&self, differs: fn(&File, &File) -> bool, now: &Looked) -> Vec<String> {
        let none = File::default();
        let names: BTreeSet<&String> = self.seen.keys().chain(now.keys()).collect();
        let differing = names.into_iter().filter(|name| {
            let [before, now] = [&self.seen, now].map(|files| files.get(*name).unwrap_or(&none));
            differs(before, now)
        });
        differing.cloned().collect()
    }
}

fn look(folder: &Path, names: &[String]) -> Looked {
    let file = |name: String| {
        let path = folder.join(&name);
        let written = path.metadata().and_then(|file| file.modified());
        let file = File {
            content: std::fs::read(path).ok().map(|content| own(&name, content)),
            written: written.ok(),
        };
        (name, file)
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sources = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| sources::is_source(name));
    names.iter().cloned().chain(sources).map(file).collect()
}

/// What a file holds of the learner's own. A check puts a comment at the end of the page for a moment and takes it away
/// again: a comment alone on the last line of a page is no news.
fn own(name: &str, mut content: Vec<u8>) -> Vec<u8> {
    if name.ends_with(".html") {
        loop {
            content.truncate(content.trim_ascii_end().len());
            let last = content.rsplit(|byte| *byte == b'\n').next();
            let last = last.unwrap_or_default();
            if !(last.starts_with(b"<!--") && last.ends_with(b"-->")) {
                break;
            }
            content.truncate(content.len() - last.len());
        }
    }
    content
}

/// Reports what happens to these files; `None` where the system reports nothing.
///
/// Not the files are watched, for many editors save by replacing them; nor their folder, which git replaces: it is the tree
/// above.
fn watcher(folder: &Path, names: &[String], events: Arc<Notify>) -> Option<RecommendedWatcher> {
    let step = PathBuf::from(folder.file_name()?);
    let tree = folder.parent()?;
    let files: Vec<PathBuf> = names.iter().map(|name| step.join(name)).collect();
    let report = move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        let arrives = event.kind.is_create() || matches!(event.kind, EventKind::Modify(Name(_)));
        let concerns = |path: &PathBuf| {
            let is_source = path.extension().is_some_and(|ending| ending == "rs")
                && path.parent().is_some_and(|folder| folder.ends_with(&step));
            let is_named = || files.iter().any(|file| path.ends_with(file));
            is_source || is_named() || arrives && path.ends_with(&step)
        };
        if event.paths.iter().any(concerns) && !event.kind.is_access() {
            events.notify_one();
        }
    };
    let mut watcher = RecommendedWatcher::new(report, Config::default()).ok()?;
    watcher.watch(tree, RecursiveMode::Recursive).ok()?;
    Some(watcher)
}

#[cfg(test)]
mod tests {
    use super::own;

    #[test]
    fn a_comment_at_the_end_of_a_page_is_no_news() {
        let page = |text: &str| own("4.html", text.into());
        let plain = page("<p>hi</p>\n");
        assert_eq!(plain, page("<p>hi</p>\n<!-- a mark -->\n"));
        assert_eq!(plain, page("<p>hi</p>\n<!-- two -->\n<!-- marks -->"));
        assert_ne!(
            plain,
            page("<p>hi</p>\n<!-- not\nclosed on its line -->\n<p>")
        );
        assert_ne!(plain, page("<p>ho</p>\n"));
        assert_eq!(page(""), page("<!-- nothing else -->\n"));
    }

    #[test]
    fn the_end_of_a_program_is_its_own() {
        let program = |text: &str| own("server.rs", text.into());
        assert_ne!(
            program("fn main() {}\n"),
            program("fn main() {}\n<!-- a -->\n")
        );
    }
}
