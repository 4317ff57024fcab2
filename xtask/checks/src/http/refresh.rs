//! An edit of the page shows when the page is asked for again, while the server goes on running.
//!
//! To find out, the check edits the page: it adds one line at its end, an HTML comment that says what it is, and takes it
//! away again. The page is the learner's own, so nothing is ever written over. The line is appended, and it is cut off
//! where it is still the end of the file, whatever an editor has saved above it. A run that is killed in between leaves
//! the line; the next check cuts it off, and no comparison of pages counts it.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::http::page_of;
use crate::report::Failure;
use crate::{Diagnosis, Outcome, Scene, Stop};

/// How a line of this check begins, and how it ends. What is between makes each of them another one.
const BEGINS: &str =
    "<!-- cargo xtask check adds this line to see an edit on refresh; it may be deleted. ";
const ENDS: &str = " -->";

/// Whether a line of a page was written by this check.
pub fn is_added(line: &str) -> bool {
    line.trim().starts_with(BEGINS.trim_end())
}

/// The page is read from its file for each request.
pub async fn an_edit_shows_on_refresh(scene: Rc<Scene>) -> Outcome {
    /// Whoever saves the page meanwhile takes the line away; nobody does so many times in a row.
    const ATTEMPTS: usize = 10;
    let page = page_of(&scene);
    let path = scene.context.subject.folder.join(&page);
    let closed = |error: io::Error| {
        let what = format!(
            "whether an edit of {page} shows was not tried, for it cannot be written to: {error}"
        );
        Stop::Missing(what)
    };
    let _alone = scene.context.edits.write().await;
    cut_off(&path).map_err(closed)?;
    // A server may read the page at the first request, and never again.
    scene.ask("GET", "/", Diagnosis::PAGE_NOT_SERVED).await?;
    for _ in 0..ATTEMPTS {
        let edit = Edit::make(&path).map_err(closed)?;
        let answer = scene.ask("GET", "/", Diagnosis::PAGE_NOT_SERVED).await?;
        if edit.is_in(&answer.body) {
            return Ok(());
        }
        if edit.stands() {
            return Err(Failure::new(Diagnosis::PAGE_READ_ONCE)
                .sent(format!(
                    "GET /, after a line was added at the end of {page}"
                ))
                .expected(format!("{page} with that line: {}", edit.line))
                .came(format!("the page without it ({})", answer.summary()))
                .into());
        }
    }
    Err(Stop::Missing(format!(
        "whether an edit of {page} shows could not be seen: another program saves it all the time"
    )))
}

/// A line at the end of a page, for as long as this lives.
struct Edit {
    path: PathBuf,
    line: String,
    /// The page, and its times, as they were.
    original: Vec<u8>,
    times: FileTimes,
}

impl Edit {
    fn make(path: &Path) -> io::Result<Edit> {
        let original = fs::read(path)?;
        let metadata = fs::metadata(path)?;
        let mut times = FileTimes::new().set_modified(metadata.modified()?);
        if let Ok(accessed) = metadata.accessed() {
            times = times.set_accessed(accessed);
        }
        let edit = Edit {
            path: path.to_owned(),
            line: format!("{BEGINS}{:08x}{ENDS}", fastrand::u32(..)),
            original,
            times,
        };
        let mut file = OpenOptions::new().append(true).open(path)?;
        // One write, so that nobody reads a half of it.
        file.write_all(edit.added().as_bytes())?;
        Ok(edit)
    }

    /// What is appended: a line break of its own comes first, so that none of the page's is ever cut off.
    fn added(&self) -> String {
        format!("\n{}", self.line)
    }

    fn is_in(&self, page: &[u8]) -> bool {
        String::from_utf8_lossy(page).contains(&self.line)
    }

    fn stands(&self) -> bool {
        fs::read(&self.path).is_ok_and(|page| self.is_in(&page))
    }

    /// Takes the line away; where the page is then as it was, so are its times, and no editor asks about a change.
    fn undo(&self) -> io::Result<()> {
        cut_off(&self.path)?;
        let mut file = OpenOptions::new().read(true).write(true).open(&self.path)?;
        let page = read(&mut file)?;
        // On a disk that is full, only the beginning of the line may have been written.
        let rest = page.strip_prefix(self.original.as_slice());
        if rest.is_some_and(|rest| self.added().as_bytes().starts_with(rest)) {
            file.set_len(self.original.len() as u64)?;
            file.set_times(self.times)?;
        }
        Ok(())
    }
}

impl Drop for Edit {
    fn drop(&mut self) {
        // What is left over troubles nobody: the next check tries again.
        let _ = self.undo();
    }
}

/// Cuts added lines off the end of the file. All else stays as it is, and a file without them is not touched.
fn cut_off(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let page = read(&mut file)?;
    let mut length = page.len();
    while let Some(shorter) = without_last(&page[..length]) {
        length = shorter;
    }
    match length == page.len() {
        true => Ok(()),
        false => file.set_len(length as u64),
    }
}

/// The length of the page without the added line that it ends with, if it does.
fn without_last(page: &[u8]) -> Option<usize> {
    let start = page.iter().rposition(|byte| *byte == b'\n')?;
    let line = &page[start + 1..];
    (line.starts_with(BEGINS.as_bytes()) && line.ends_with(ENDS.as_bytes())).then_some(start)
}

fn read(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

diagnoses! {
    PAGE_READ_ONCE "page-read-once":
        "The page was edited, and the server still sends the old text. It reads the file only once: when the program is built (include_str!), when it starts, or at the first request."
        => "Look at the place where the file is read: it has to be read for each request. A filter that serves a file does that by itself.";
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<!DOCTYPE html>\n<title>Mine</title>\n";

    /// A page in a folder of its own.
    fn page(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("2.html");
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    fn text(path: &Path) -> String {
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn an_edit_comes_and_goes_and_leaves_the_times() {
        for original in [PAGE, PAGE.trim_end(), ""] {
            let (_folder, path) = page(original);
            let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(1_000);
            let file = File::options().write(true).open(&path).unwrap();
            file.set_modified(long_ago).unwrap();
            let edit = Edit::make(&path).unwrap();
            assert_eq!(text(&path), format!("{original}\n{}", edit.line));
            assert!(edit.stands() && text(&path).lines().any(is_added));
            drop(edit);
            assert_eq!(text(&path), original);
            assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), long_ago);
        }
    }

    #[test]
    fn what_a_killed_run_left_over_is_cut_off() {
        let (_folder, path) = page(PAGE);
        std::mem::forget(Edit::make(&path).unwrap());
        std::mem::forget(Edit::make(&path).unwrap());
        cut_off(&path).unwrap();
        assert_eq!(text(&path), PAGE);
    }

    #[test]
    fn the_beginning_of_a_line_is_taken_away_too() {
        let (_folder, path) = page(PAGE);
        let edit = Edit::make(&path).unwrap();
        let half = PAGE.len() + edit.added().len() / 2;
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(half as u64).unwrap();
        drop(edit);
        assert_eq!(text(&path), PAGE);
    }

    #[test]
    fn what_an_editor_saves_meanwhile_is_kept() {
        let (_folder, path) = page(PAGE);
        let edit = Edit::make(&path).unwrap();
        fs::write(&path, "<p>Saved</p>\n").unwrap();
        assert!(!edit.stands());
        let saved = fs::metadata(&path).unwrap().modified().unwrap();
        drop(edit);
        assert_eq!(text(&path), "<p>Saved</p>\n");
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), saved);
    }

    #[test]
    fn a_line_that_an_editor_has_written_below_is_kept() {
        let (_folder, path) = page(PAGE);
        let edit = Edit::make(&path).unwrap();
        let saved = format!("{}\n<p>More</p>\n", text(&path));
        fs::write(&path, &saved).unwrap();
        drop(edit);
        assert_eq!(text(&path), saved);
    }

    #[test]
    fn an_editor_that_saves_the_line_with_its_own_keeps_its_own() {
        let (_folder, path) = page(PAGE);
        let edit = Edit::make(&path).unwrap();
        fs::write(&path, format!("<p>Saved</p>\n{}", text(&path))).unwrap();
        drop(edit);
        assert_eq!(text(&path), format!("<p>Saved</p>\n{PAGE}"));
    }

    #[test]
    fn a_page_that_is_gone_is_not_made_again() {
        let (_folder, path) = page(PAGE);
        let edit = Edit::make(&path).unwrap();
        fs::remove_file(&path).unwrap();
        drop(edit);
        assert!(!path.exists());
    }
}
