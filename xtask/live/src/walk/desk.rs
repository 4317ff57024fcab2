//! The instructor's own files, and where in the walkthrough they are. Nothing is written but what is asked for, and a copy
//! of what stood there is kept each time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use steps::step::Step;

use super::files::{as_bytes, gaps_to, path, write};
use super::left::{self, Left, Stood};
use super::lock;
use super::phase::holds;
use super::{Change, Gap, Phase, Place, Stage, Taught, Teaching, Text, Walkthrough, gaps};

/// A step that is being presented, by one person at a time.
pub struct Desk {
    /// What is presented.
    pub walk: Walkthrough,
    /// What the class has before it.
    place: Place,
    /// Whether a stage comes whole, and not phase by phase.
    at_once: bool,
    /// The last stage that was written for the instructor; 0 before any was.
    written: usize,
    /// What stood in the files when a stage was left, by the stage's number.
    left: BTreeMap<usize, Left>,
    /// What the room of the class is told.
    teaching: Teaching,
    /// Locked for as long as this lives; the system unlocks it however we end.
    _lock: File,
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
    /// Sits down at a step, at its beginning. No file is touched.
    ///
    /// # Errors
    /// When the walkthrough cannot be read, or somebody presents this step already.
    pub fn at(step: Step) -> Result<Desk> {
        let walk = Walkthrough::of(step)?;
        let place = walk
            .first_place(1)
            .context("a walkthrough has a first stage")?;
        let mut desk = Desk {
            walk,
            place,
            at_once: false,
            written: 0,
            left: BTreeMap::new(),
            _lock: lock::of(step)?,
            teaching: Teaching::begin(),
        };
        desk.is_at(place);
        Ok(desk)
    }

    /// This is before the class from now on; the room hears of it.
    fn is_at(&mut self, place: Place) {
        self.place = place;
        let (step, stage) = (self.walk.step.number, place.stage);
        self.teaching.note(Taught { step, stage });
    }

    /// What the class has before it.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The stage that is shown.
    pub fn stage(&self) -> &Stage {
        &self.walk.stages[self.place.stage - 1]
    }

    /// Whether a stage comes whole, and not phase by phase.
    pub fn is_at_once(&self) -> bool {
        self.at_once
    }

    /// Has each stage come whole from now on, or phase by phase again. Of the stage that is shown, all is shown then.
    pub fn set_at_once(&mut self, at_once: bool) {
        self.at_once = at_once;
        if at_once {
            self.is_at(self.begin(self.place.stage));
        }
    }

    /// Shows all of the stage. No file is touched.
    pub fn show_all(&mut self) {
        self.is_at(self.walk.last_place(self.place.stage).unwrap_or(self.place));
    }

    /// The last stage that was written for the instructor; 0 before any was.
    pub fn written(&self) -> usize {
        self.written
    }

    /// Where a stage begins for the class.
    fn begin(&self, stage: usize) -> Place {
        let place = match self.at_once {
            true => self.walk.last_place(stage),
            false => self.walk.first_place(stage),
        };
        place.unwrap_or(self.place)
    }

    /// The place that the next press leads to; `None` at the end.
    pub fn next(&self) -> Option<Place> {
        match self.at_once {
            true => {
                let next = self.walk.stages.get(self.place.stage)?;
                Some(self.begin(next.number))
            }
            false => self.walk.after(self.place),
        }
    }

    fn previous(&self) -> Option<Place> {
        match self.at_once {
            true => (self.place.stage > 1).then(|| self.begin(self.place.stage - 1)),
            false => self.walk.ahead_of(self.place),
        }
    }

    /// Whether the stage is shown as far as what to type, and the next press goes on from there: to where it runs, or to
    /// another stage.
    pub fn has_to_be_typed(&self) -> bool {
        let shown = self.place.stage;
        let begins_there = holds(self.begin(shown)) == shown;
        self.next().is_some_and(|next| match begins_there {
            true => next.stage > shown,
            false => holds(next) == shown && holds(self.place) < shown,
        })
    }

    /// Whether the next press leads to where the files have to be those of the stage, and they are those of another one now.
    pub fn runs_next(&self) -> bool {
        let next = self.next();
        next.is_some_and(|next| holds(next) > holds(self.place))
    }

    /// Goes one place further. No file is touched.
    ///
    /// # Errors
    /// When this is the end.
    pub fn forth(&mut self) -> Result<()> {
        self.is_at(self.next().context("this was the last stage")?);
        Ok(())
    }

    /// Shows the place before. No file is touched.
    ///
    /// # Errors
    /// When this is the beginning.
    pub fn show_back(&mut self) -> Result<()> {
        self.is_at(self.previous().context("this is the first stage")?);
        Ok(())
    }

    /// Goes one place further, and writes the stage's files where they have to be there and are not.
    ///
    /// # Errors
    /// When this is the end, a copy cannot be kept or a file not be written.
    pub fn forth_with_files(&mut self) -> Result<Vec<Kept>> {
        let next = self.next().context("this was the last stage")?;
        let gaps = gaps(self.walk.step, self.walk.stage(next.stage)?);
        // What is typed by hand stays as it is typed.
        let is_typed = gaps.iter().all(|(_, gap)| gap.is_closed());
        let kept = match self.runs_next() && !is_typed {
            true => self.write(next.stage)?,
            false => Vec::new(),
        };
        self.is_at(next);
        Ok(kept)
    }

    /// Shows the beginning of a stage. No file is touched.
    ///
    /// # Errors
    /// When there is no such stage.
    pub fn show(&mut self, number: usize) -> Result<()> {
        self.is_at(self.begin(self.walk.stage(number)?.number));
        Ok(())
    }

    /// Writes the files of the stage that is shown, and says which copies were kept. What is shown stays the same.
    ///
    /// # Errors
    /// When a copy cannot be kept or a file not be written.
    pub fn apply(&mut self) -> Result<Vec<Kept>> {
        self.write(self.place.stage)
    }

    /// Shows the beginning of a stage, and writes the files that the class has before it then: those of the stage before,
    /// as long as it is only asked for.
    ///
    /// # Errors
    /// When there is no such stage, a copy cannot be kept or a file not be written.
    pub fn go(&mut self, number: usize) -> Result<Vec<Kept>> {
        let place = self.begin(self.walk.stage(number)?.number);
        let kept = self.write(holds(place))?;
        self.is_at(place);
        Ok(kept)
    }

    /// Writes the files of a stage; 0 stands for those that the walkthrough begins with. What stood there belongs to the
    /// stage that is left, and [`Desk::back`] brings it again.
    fn write(&mut self, number: usize) -> Result<Vec<Kept>> {
        let files = match number.checked_sub(1) {
            Some(index) => &self.walk.stages[index].files,
            None => &self.walk.start,
        };
        let files = as_bytes(files);
        let shown = self.place.stage;
        // Before it runs, and where it is only shown, the files are still those of the stage before, or on their way.
        let is_there = self.written == shown || (holds(self.place) == shown && number != shown);
        let leaves = if is_there { shown } else { shown - 1 };
        // Written once more, a stage is not left.
        if leaves != number {
            let (files, written) = (self.stood(), self.written);
            self.left.insert(leaves, Left { files, written });
        }
        let kept = write(self.walk.step, files)?;
        self.written = number;
        Ok(kept)
    }

    /// Goes one place back. Where that leads to before the stage's files and they were written by us, what stood there when
    /// they came is brought back; what was typed by hand stays.
    ///
    /// # Errors
    /// When this is the beginning and nothing was written by us, a copy cannot be kept or a file not be written.
    pub fn back(&mut self) -> Result<Vec<Kept>> {
        let (shown, previous) = (self.place.stage, self.previous());
        if previous.is_none() && !self.left.contains_key(&0) {
            bail!("this is the first stage");
        }
        let is_ours = self.written >= shown;
        let mut kept = Vec::new();
        if is_ours && previous.is_none_or(|it| holds(it) < shown) {
            let left = self.left.remove(&(shown - 1)).unwrap_or_else(|| Left {
                files: as_bytes(self.walk.before(self.stage())),
                written: shown - 1,
            });
            kept = write(self.walk.step, left.files)?;
            self.written = left.written;
        }
        self.is_at(previous.unwrap_or(self.place));
        Ok(kept)
    }

    /// The files that are to lie there now: those of the stage, or of the one before as long as it is only asked for.
    fn due(&self) -> &[Text] {
        match self.place.phase {
            Phase::Question => self.walk.before(self.stage()),
            _ => &self.stage().files,
        }
    }

    /// How far the files on the disk are from those that are to lie there now, as [`gaps`] has it.
    pub fn gaps(&self) -> Vec<(String, Gap)> {
        gaps_to(self.walk.step, self.due())
    }

    /// Whether the files on the disk have the code of the stage after the one that is shown.
    pub fn is_as_in_the_next(&self) -> bool {
        let next = self.walk.stages.get(self.place.stage);
        next.is_some_and(|next| {
            let gaps = gaps(self.walk.step, next);
            gaps.iter().all(|(_, gap)| gap.is_closed())
        })
    }

    /// What makes those files of the ones on the disk: those that differ in more than comments.
    pub fn difference(&self) -> Vec<Change> {
        let gaps = self.gaps();
        let files = self.due().iter().zip(&gaps);
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

    /// All that a crash is not to take: the place, what was written, and what stood there before.
    pub fn to_json(&self) -> Value {
        json!({
            "stage": self.place.stage,
            "phase": self.place.phase.word(),
            "part": self.place.part,
            "at_once": self.at_once,
            "written": self.written,
            "left": left::to_json(&self.left),
        })
    }

    /// Goes on where [`Desk::to_json`] was. A place that the walkthrough has no more is its beginning.
    pub fn go_on(&mut self, memory: &Value) {
        let number = |name: &str| usize::try_from(memory[name].as_u64()?).ok();
        let place = || {
            Some(Place {
                stage: number("stage")?,
                phase: Phase::of(memory["phase"].as_str()?)?,
                part: number("part")?,
            })
        };
        if let Some(place) = place().filter(|place| self.walk.places().contains(place)) {
            self.is_at(place);
            self.at_once = memory["at_once"] == true;
            self.written = number("written").unwrap_or(0).min(self.walk.stages.len());
            self.left = left::from_json(&memory["left"]);
        }
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
