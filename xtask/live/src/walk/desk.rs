//! The instructor's own files, and where in the walkthrough they are. Nothing is written but what is asked for, and a copy
//! of what stood there is kept each time.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use show::root;
use steps::keep;
use steps::step::{Step, Whose};

use super::{Change, Gap, Stage, Taught, Teaching, Text, Walkthrough};

/// A step that is being presented, by one person at a time.
pub struct Desk {
    /// What is presented.
    pub walk: Walkthrough,
    /// The stage that is shown, counted from 1.
    shown: usize,
    /// The last stage that was written for the instructor; 0 before any was.
    written: usize,
    /// What stood in the files when a stage was left, by the stage's number.
    left: BTreeMap<usize, Left>,
    /// What the room of the class is told.
    teaching: Teaching,
    /// Locked for as long as this lives; the system unlocks it however we end.
    _lock: File,
}

/// The files as they were when a stage was left.
struct Left {
    files: Vec<Stood>,
    /// The last stage that had been written for the instructor then.
    written: usize,
}

/// A file as it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stood {
    name: String,
    /// `None` where there was no such file.
    content: Option<Vec<u8>>,
}

/// A copy that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The file that was written.
    pub file: PathBuf,
    /// The copy of what stood there.
    pub copy: PathBuf,
}

impl Desk {
    /// Sits down at a step, at its first stage. No file is touched.
    ///
    /// # Errors
    /// When the walkthrough cannot be read, or somebody presents this step already.
    pub fn at(step: Step) -> Result<Desk> {
        let mut desk = Desk {
            walk: Walkthrough::of(step)?,
            shown: 1,
            written: 0,
            left: BTreeMap::new(),
            _lock: lock(step)?,
            teaching: Teaching::begin(),
        };
        desk.tell();
        Ok(desk)
    }

    /// Tells the room which stage is shown.
    fn tell(&mut self) {
        let (step, stage) = (self.walk.step.number, self.shown);
        self.teaching.note(Taught { step, stage });
    }

    /// The stage that is shown.
    pub fn stage(&self) -> &Stage {
        &self.walk.stages[self.shown - 1]
    }

    /// Whether the stage that is shown was the last to be written for the instructor.
    pub fn is_written(&self) -> bool {
        self.written == self.shown
    }

    /// The last stage that was written for the instructor; 0 before any was.
    pub fn written(&self) -> usize {
        self.written
    }

    /// Shows a stage. No file is touched.
    ///
    /// # Errors
    /// When there is no such stage.
    pub fn show(&mut self, number: usize) -> Result<()> {
        self.shown = self.walk.stage(number)?.number;
        self.tell();
        Ok(())
    }

    /// Writes the files of the stage that is shown, and says which copies were kept.
    ///
    /// # Errors
    /// When a copy cannot be kept or a file not be written.
    pub fn apply(&mut self) -> Result<Vec<Kept>> {
        self.go(self.shown)
    }

    /// Shows a stage and writes its files. What stood there belongs to the stage that is left, and [`Desk::back`] brings
    /// it again.
    ///
    /// # Errors
    /// When there is no such stage, a copy cannot be kept or a file not be written.
    pub fn go(&mut self, number: usize) -> Result<Vec<Kept>> {
        let files = as_bytes(&self.walk.stage(number)?.files);
        // Where a stage is shown and not written yet, the files are still those of the stage before, or on their way.
        let leaves = match number == self.shown && !self.is_written() {
            true => number - 1,
            false => self.shown,
        };
        // Written once more, a stage is not left.
        if leaves != number {
            let (files, written) = (self.stood(), self.written);
            self.left.insert(leaves, Left { files, written });
        }
        let kept = write(self.walk.step, files)?;
        (self.shown, self.written) = (number, number);
        self.tell();
        Ok(kept)
    }

    /// Goes back to the stage before. Where this stage was written by us, what stood there when it came is brought back;
    /// what was typed by hand stays.
    ///
    /// # Errors
    /// When this is the first stage and it was not written by us, a copy cannot be kept or a file not be written.
    pub fn back(&mut self) -> Result<Vec<Kept>> {
        let before = self.shown - 1;
        let is_ours = self.written >= self.shown;
        if before == 0 && !self.left.contains_key(&0) {
            bail!("this is the first stage");
        }
        let mut kept = Vec::new();
        if is_ours {
            let left = self.left.remove(&before).unwrap_or_else(|| Left {
                files: as_bytes(self.walk.before(self.stage())),
                written: before,
            });
            kept = write(self.walk.step, left.files)?;
            self.written = left.written;
        }
        self.shown = before.max(1);
        self.tell();
        Ok(kept)
    }

    /// How far the files on the disk are from the stage that is shown, as [`gaps`] has it.
    pub fn gaps(&self) -> Vec<(String, Gap)> {
        gaps(self.walk.step, self.stage())
    }

    /// Whether the files on the disk have the code of the stage after the one that is shown.
    pub fn is_as_in_the_next(&self) -> bool {
        let next = self.walk.stages.get(self.shown);
        next.is_some_and(|next| {
            let gaps = gaps(self.walk.step, next);
            gaps.iter().all(|(_, gap)| gap.is_closed())
        })
    }

    /// What makes the stage that is shown of the files on the disk: those that differ from it in more than comments.
    pub fn difference(&self) -> Vec<Change> {
        let gaps = self.gaps();
        let files = self.stage().files.iter().zip(&gaps);
        let open = files.filter(|(_, (_, gap))| !gap.is_closed());
        let change = |(file, _): (&Text, _)| {
            let own = fs::read(self.path(&file.name)).unwrap_or_default();
            Change::of(&file.name, &String::from_utf8_lossy(&own), &file.text)
        };
        open.map(change).collect()
    }

    /// Where one of the instructor's files lies.
    pub fn path(&self, name: &str) -> PathBuf {
        path(self.walk.step, name)
    }

    fn stood(&self) -> Vec<Stood> {
        let names = self.walk.step.files().into_iter();
        names
            .map(|name| Stood {
                content: fs::read(self.path(&name)).ok(),
                name,
            })
            .collect()
    }
}

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
    let gap = |file: &Text| {
        let own = fs::read(path(step, &file.name)).unwrap_or_default();
        let own = String::from_utf8_lossy(&own);
        (file.name.clone(), Gap::between(&own, &file.text))
    };
    stage.files.iter().map(gap).collect()
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
fn path(step: Step, name: &str) -> PathBuf {
    root().join(step.folder(Whose::Learner)).join(name)
}

/// Writes the files that differ; each is kept before.
fn write(step: Step, files: Vec<Stood>) -> Result<Vec<Kept>> {
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

fn as_bytes(files: &[Text]) -> Vec<Stood> {
    let stood = |file: &Text| Stood {
        name: file.name.clone(),
        content: Some(file.text.clone().into_bytes()),
    };
    files.iter().map(stood).collect()
}

/// Makes sure that nobody else presents this step.
fn lock(step: Step) -> Result<File> {
    let folder = root().join(".workshop");
    let path = folder.join(format!("{}.walk", step.name()));
    let file = fs::create_dir_all(&folder)
        .and_then(|()| File::options().append(true).create(true).open(&path))
        .with_context(|| format!("{} could not be written", show::path(&path)))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "step {} is being presented already, by another `cargo xtask walk {0}`\n\
             Both would write the same files. End that one, or go on there.",
            step.number
        ),
        // Some network disks have no locks. A second presenter is rare, and no reason to refuse the first.
        Err(TryLockError::Error(_)) => Ok(file),
    }
}
