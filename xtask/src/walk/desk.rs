//! The instructor's own files, and where in the walkthrough they are. Nothing is written but what is asked for, and a copy
//! of what stood there is kept each time.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::{Gap, Stage, Text, Walkthrough};
use crate::step::{Step, Whose, root};
use crate::{keep, show};

/// A step that is being presented, by one person at a time.
pub struct Desk {
    /// What is presented.
    pub walk: Walkthrough,
    /// The stage that is shown, counted from 1.
    shown: usize,
    /// The last stage that was written for the instructor; 0 before any was.
    written: usize,
    /// What stood in the files when a stage was left, by the stage's number.
    left: BTreeMap<usize, Vec<Stood>>,
    /// Locked for as long as this lives; the system unlocks it however we end.
    _lock: File,
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
        Ok(Desk {
            walk: Walkthrough::of(step)?,
            shown: 1,
            written: 0,
            left: BTreeMap::new(),
            _lock: lock(step)?,
        })
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
            self.left.insert(leaves, self.stood());
        }
        let kept = self.write(files)?;
        (self.shown, self.written) = (number, number);
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
            let stage = self.walk.before(self.stage());
            let files = self.left.remove(&before).unwrap_or_else(|| as_bytes(stage));
            kept = self.write(files)?;
            self.written = before;
        }
        self.shown = before.max(1);
        Ok(kept)
    }

    /// How far the files on the disk are from the stage that is shown, by the file's name. A file that cannot be read is
    /// as an empty one.
    pub fn gaps(&self) -> Vec<(String, Gap)> {
        let gap = |file: &Text| {
            let own = fs::read(self.path(&file.name)).unwrap_or_default();
            let own = String::from_utf8_lossy(&own);
            (file.name.clone(), Gap::between(&own, &file.text))
        };
        self.stage().files.iter().map(gap).collect()
    }

    /// Where one of the instructor's files lies.
    pub fn path(&self, name: &str) -> PathBuf {
        let folder = self.walk.step.folder(Whose::Learner);
        root().join(folder).join(name)
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

    /// Writes the files that differ; each is kept before.
    fn write(&self, files: Vec<Stood>) -> Result<Vec<Kept>> {
        let mut kept = Vec::new();
        for Stood { name, content } in files {
            let path = self.path(&name);
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
             Both would write the same files. End that one with q, or go on there.",
            step.number
        ),
        // Some network disks have no locks. A second presenter is rare, and no reason to refuse the first.
        Err(TryLockError::Error(_)) => Ok(file),
    }
}
