//! The files of a stage on the disk: how far they are from it, and how they are written. A copy of what stood there is kept
//! each time.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use show::root;
use steps::keep;
use steps::step::{Step, Whose};

use super::left::Stood;
use super::{Gap, Kept, Stage, Text};

/// Writes the files of a stage for a learner, and says which copies were kept. A file that has the code of the stage already
/// stays as it is.
///
/// # Errors
/// When a copy cannot be kept or a file not be written.
pub fn hand_out(step: Step, stage: &Stage) -> Result<Vec<Kept>> {
    let gaps = gaps(step, stage).into_iter();
    let open: Vec<String> = gaps
        .filter(|(_, gap)| !gap.is_closed())
        .map(|(name, _)| name)
        .collect();
    let files = as_bytes(&stage.files).into_iter();
    write(step, files.filter(|it| open.contains(&it.name)).collect())
}

/// How far the files on the disk are from a stage, by the file's name. A file that cannot be read is as an empty one.
pub fn gaps(step: Step, stage: &Stage) -> Vec<(String, Gap)> {
    gaps_to(step, &stage.files)
}

/// The same for any files.
pub(super) fn gaps_to(step: Step, files: &[Text]) -> Vec<(String, Gap)> {
    let gap = |file: &Text| {
        let own = fs::read(path(step, &file.name)).unwrap_or_default();
        let own = String::from_utf8_lossy(&own);
        (file.name.clone(), Gap::between(&own, &file.text))
    };
    files.iter().map(gap).collect()
}

/// The files on the disk that are not byte for byte those of a stage: what applying it would write.
pub fn unlike(step: Step, stage: &Stage) -> Vec<PathBuf> {
    let is_unlike = |file: &&Text| {
        let there = fs::read(path(step, &file.name));
        !there.is_ok_and(|there| there == file.text.as_bytes())
    };
    let files = stage.files.iter().filter(is_unlike);
    files.map(|file| path(step, &file.name)).collect()
}

/// Where a file of the person at this machine lies.
pub(super) fn path(step: Step, name: &str) -> PathBuf {
    root().join(step.folder(Whose::Learner)).join(name)
}

/// Writes the files that differ; each is kept before.
pub(super) fn write(step: Step, files: Vec<Stood>) -> Result<Vec<Kept>> {
    let mut kept = Vec::new();
    for Stood { name, content } in files {
        let path = path(step, &name);
        let Some(content) = content else { continue };
        if fs::read(&path).is_ok_and(|there| there == content) {
            continue;
        }
        if let Some(copy) = keep::copy_of(&path)? {
            let file = path.clone();
            kept.push(Kept { file, copy });
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, content)
            .with_context(|| format!("{} could not be written", show::path(&path)))?;
    }
    Ok(kept)
}

/// The files of a stage, to be written.
pub(super) fn as_bytes(files: &[Text]) -> Vec<Stood> {
    let stood = |file: &Text| Stood {
        name: file.name.clone(),
        content: Some(file.text.clone().into_bytes()),
    };
    files.iter().map(stood).collect()
}
