//! What the learner has done to a step's files: whether they differ from the starter, and where there is something to write.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use show::root;

use crate::starter::starter_of;
use crate::step::{Step, Whose};

/// Whether a file of the step is not as it came: changed, or gone.
pub fn is_begun(step: Step) -> bool {
    // Without a solution there is no knowing what came with the workshop; cargo does not even start then.
    let files = starter_of(step).unwrap_or_default();
    files.iter().any(|file| !file.is_on_disk())
}

/// When the last of the step's files was saved; `None` where there are none, or the system does not tell.
pub fn saved_at(step: Step) -> Option<SystemTime> {
    let times = paths(step).filter_map(|path| {
        let file = fs::metadata(path).ok()?;
        file.modified().ok()
    });
    times.max()
}

/// Where the step's code is to be written: a file, and the line of its first TODO while there is one. A file that is
/// provided is not among them.
pub fn to_write(step: Step) -> Vec<(PathBuf, Option<usize>)> {
    let files = starter_of(step).unwrap_or_default();
    let with_work = files.into_iter().filter(|file| file.text.contains(TODO));
    let with_line = with_work.map(|file| {
        let text = fs::read_to_string(&file.path).unwrap_or_default();
        let line = text.lines().position(|line| line.contains(TODO));
        (file.path, line.map(|line| line + 1))
    });
    with_line.collect()
}

/// How a comment begins that says what to write.
const TODO: &str = "// TODO: ";

fn paths(step: Step) -> impl Iterator<Item = PathBuf> {
    let folder = root().join(step.folder(Whose::Learner));
    step.files().into_iter().map(move |name| folder.join(name))
}
