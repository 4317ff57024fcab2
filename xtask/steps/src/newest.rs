//! Makes the page of the step that is served newer than the page of any other step.
//!
//! All steps are served at one address, and a browser keeps the page that it had there. When it is refreshed, it asks
//! whether the page has changed since the time that came with the last one (`If-Modified-Since`, RFC 9110, section 13.1.3),
//! and `warp::fs` answers by the time of the file. In a clone all files are of the same second; and whoever has saved step
//! 6 and goes on to step 7 has an older page there. "Not modified", says the server then, and step 6 is shown.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use show::root;

use crate::step::{STEPS, Step, Whose};

/// Gives the page of a step the time of now, unless it is the newest already. Its content stays. A page that is not there or
/// that nobody may write to is let be: the server runs all the same, and reloading without the cache shows it.
pub fn make_page(step: Step, whose: Whose) {
    let _ = make_page_in(&root(), step, whose);
}

fn make_page_in(root: &Path, step: Step, whose: Whose) -> io::Result<()> {
    let Some(own) = page(step, whose) else {
        return Ok(());
    };
    let both = [Whose::Learner, Whose::Solution];
    let pages = both
        .iter()
        .flat_map(|whose| STEPS.iter().filter_map(|step| page(*step, *whose)));
    let others = pages.filter(|other| *other != own);
    let newest = others
        .filter_map(|other| second(&root.join(other)).ok())
        .max();
    let own = root.join(own);
    match newest {
        Some(newest) if second(&own)? <= newest => {
            // Where the clock was set back meanwhile, now is not the newest.
            let after = UNIX_EPOCH + Duration::from_secs(newest + 1);
            let file = File::options().append(true).open(own)?;
            file.set_modified(SystemTime::now().max(after))
        }
        _ => Ok(()),
    }
}

/// Where a step's page is, seen from the root.
fn page(step: Step, whose: Whose) -> Option<PathBuf> {
    Some(step.folder(whose).join(step.page()?))
}

/// When a file was changed: HTTP knows whole seconds only.
fn second(path: &Path) -> io::Result<u64> {
    let modified = fs::metadata(path)?.modified()?;
    let since = modified.duration_since(UNIX_EPOCH);
    Ok(since.unwrap_or_default().as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A root with the pages of steps 5 and 6, of these seconds.
    fn root_with(fifth: u64, sixth: u64) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (number, second) in [("5", fifth), ("6", sixth)] {
            let page = root.path().join(page_of(number));
            fs::create_dir_all(page.parent().unwrap()).unwrap();
            fs::write(&page, number).unwrap();
            let time = UNIX_EPOCH + Duration::from_secs(second);
            let file = File::options().append(true).open(page).unwrap();
            file.set_modified(time).unwrap();
        }
        root
    }

    fn page_of(number: &str) -> PathBuf {
        page(Step::parse(number).unwrap(), Whose::Learner).unwrap()
    }

    fn second_of(root: &tempfile::TempDir, number: &str) -> u64 {
        second(&root.path().join(page_of(number))).unwrap()
    }

    fn serve(root: &tempfile::TempDir, number: &str) {
        make_page_in(root.path(), Step::parse(number).unwrap(), Whose::Learner).unwrap();
    }

    #[test]
    fn a_page_as_old_as_another_becomes_newer() {
        for (fifth, sixth) in [(100, 100), (200, 100)] {
            let root = root_with(fifth, sixth);
            serve(&root, "6");
            assert!(second_of(&root, "6") > fifth);
            assert_eq!(second_of(&root, "5"), fifth);
            let page = fs::read_to_string(root.path().join(page_of("6"))).unwrap();
            assert_eq!(page, "6");
        }
    }

    #[test]
    fn the_newest_keeps_its_time() {
        let root = root_with(100, 101);
        serve(&root, "6");
        assert_eq!(second_of(&root, "6"), 101);
    }

    #[test]
    fn a_clock_that_was_set_back_is_no_excuse() {
        let in_a_year = SystemTime::now() + Duration::from_secs(365 * 24 * 3600);
        let in_a_year = in_a_year.duration_since(UNIX_EPOCH).unwrap().as_secs();
        let root = root_with(in_a_year, 100);
        serve(&root, "6");
        assert_eq!(second_of(&root, "6"), in_a_year + 1);
    }

    #[test]
    fn a_page_that_is_not_there_is_not_made() {
        let root = root_with(100, 100);
        let seventh = Step::parse("7").unwrap();
        assert!(make_page_in(root.path(), seventh, Whose::Learner).is_err());
        assert!(!root.path().join(page_of("7")).exists());
    }
}
