//! The live coding of a step, stage by stage: `solutions/10-spy/walkthrough.md`, and the files that each stage leaves.
//!
//! The file holds what a person says; the code is cut from the solution by its marks, so that it is written once.
//!
//! ```text
//! ## object (2 minutes)
//!
//! Ask (1 minute): What does the page get, and what does it take?
//!
//! Demo: Restart, and move the mouse in either window.
//!
//! See: The marker of the other window goes where the mouse is, both ways.
//!
//! Passes.
//! ```
//!
//! What stands before the first stage is a preface, for the instructor alone.
//!
//! A heading names the marks whose code comes with the stage, and the minutes that are planned for it. A change that does not
//! fit the projector is shown in parts: `## channel, names / share, inbox (12 minutes)` has two. The stage's title is the
//! first mark's sentence; another one may follow a colon, and has to where no mark comes. Then come the prompts, each a
//! paragraph that begins with its kind (`Note`, `Ask`, `Demo` or `Watch out`), what the class is to see, and the verdict of
//! `check`: `Passes.`, or every check that fails, `Fails: a_move_reaches_the_other_client (event-not-handled)`.

mod parse;

mod change;
mod clock;
mod desk;
mod files;
mod gap;
mod left;
mod lock;
mod memory;
mod pages;
mod phase;
mod prompt;
pub mod schedule;
mod taught;
mod times;
mod verdict;

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use show::root;
use steps::cut::{self, Cut, Source};
use steps::step::{STEPS, Step, Whose};
use steps::tasks::{self, Tasks};

pub use change::{Change, Hunk, Kind, Line};
pub use clock::{Clock, minutes_and_seconds, of_planned};
pub use desk::{Desk, Kept};
pub use files::{gaps, hand_out, unlike};
pub use gap::{Gap, Line as GapLine};
pub use memory::Memory;
pub use pages::Page;
pub use phase::{Phase, Place};
pub use prompt::{Prompt, PromptKind};
pub use taught::{Taught, Teaching};
pub use times::Times;
pub use verdict::{Announced, Fails, Held};

/// The live coding of a step.
#[derive(Debug)]
pub struct Walkthrough {
    /// The step.
    pub step: Step,
    /// What the instructor is to know before the first stage, a paragraph a line.
    pub preface: String,
    /// The files that it begins with: the starter, without what is given and shown on the way all the same.
    pub start: Vec<Text>,
    /// Its stages, two to five.
    pub stages: Vec<Stage>,
}

/// One stage of the live coding.
#[derive(Debug)]
pub struct Stage {
    /// Its place, counted from 1.
    pub number: usize,
    /// What it does, as a sentence.
    pub title: String,
    /// How long it is planned to take.
    pub minutes: u32,
    /// What to say and do.
    pub prompts: Vec<Prompt>,
    /// What the class is to see in the browser when the stage is there.
    pub see: String,
    /// What `check` is to say of the files then.
    pub announced: Announced,
    /// The files after each part of the change; one part, where the author has not divided it.
    pub parts: Vec<Vec<Text>>,
    /// What changes, as much of it at a time as a projector shows.
    pub pages: Vec<Page>,
    /// The files then: those after the last part.
    pub files: Vec<Text>,
}

/// A file of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Its name: `server.rs`, or `10.html`.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// Every walkthrough, in the order of the steps.
///
/// # Errors
/// As [`Walkthrough::of`].
pub fn all() -> Result<Vec<Walkthrough>> {
    STEPS.iter().map(|step| Walkthrough::of(*step)).collect()
}

impl Walkthrough {
    /// The walkthrough of a step.
    ///
    /// # Errors
    /// When its file or the solution cannot be read, or is not what it should be: which, and why.
    pub fn of(step: Step) -> Result<Walkthrough> {
        let path = root()
            .join(step.folder(Whose::Solution))
            .join("walkthrough.md");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("{} could not be read", show::path(&path)))?;
        let entries = parse::entries(&text).with_context(|| show::path(&path))?;
        let tasks = tasks::of_step(step)?;
        cut_at(step, parse::preface(&text), entries, &tasks).with_context(|| show::path(&path))
    }

    /// How long the live coding is planned to take, in minutes.
    pub fn minutes(&self) -> u32 {
        self.stages.iter().map(|stage| stage.minutes).sum()
    }

    /// The stage with this number, counted from 1.
    ///
    /// # Errors
    /// A sentence that says which stages there are.
    pub fn stage(&self, number: usize) -> Result<&Stage> {
        let stage = number
            .checked_sub(1)
            .and_then(|index| self.stages.get(index));
        stage.with_context(|| {
            format!(
                "step {} has no stage {number}\nIts stages are 1 to {}, and `cargo xtask walk {0} --list` names them.",
                self.step.number,
                self.stages.len()
            )
        })
    }

    /// The files before this stage: those of the stage before it, or those that the walkthrough begins with.
    pub fn before(&self, stage: &Stage) -> &[Text] {
        match stage.number {
            0 | 1 => &self.start,
            number => &self.stages[number - 2].files,
        }
    }

    /// What a stage changes, file by file; files that stay as they are, are not among them.
    pub fn changes(&self, stage: &Stage) -> Vec<Change> {
        changes(self.before(stage), &stage.files)
    }

    /// What of the code is before the class at a place: as it is, where it is only asked for; or what changes, all of it once it
    /// runs.
    pub fn code_at(&self, place: Place) -> Vec<Change> {
        let stage = &self.stages[place.stage - 1];
        match place.phase {
            Phase::Question => changed(self.before(stage), &stage.files, change::as_it_is),
            Phase::Change => stage.pages[place.part].changes.clone(),
            Phase::Run | Phase::Verdict => self.changes(stage),
        }
    }

    /// The files before and after a part of the change, counted from 0.
    pub fn around<'a>(&'a self, stage: &'a Stage, part: usize) -> (&'a [Text], &'a [Text]) {
        let before = match part.checked_sub(1) {
            Some(before) => &stage.parts[before],
            None => self.before(stage),
        };
        (before, &stage.parts[part])
    }
}

/// What makes the files `after` of those `before`.
pub fn changes(before: &[Text], after: &[Text]) -> Vec<Change> {
    changed(before, after, Change::of)
}

/// What is to be said of each file that changes: its name, and its text before and after.
fn changed(before: &[Text], after: &[Text], say: fn(&str, &str, &str) -> Change) -> Vec<Change> {
    let pairs = before.iter().zip(after);
    let changed = pairs.filter(|(before, after)| before.text != after.text);
    changed
        .map(|(before, after)| say(&after.name, &before.text, &after.text))
        .collect()
}

/// Cuts the files of every stage.
fn cut_at(
    step: Step,
    preface: String,
    entries: Vec<parse::Entry>,
    files: &[Tasks],
) -> Result<Walkthrough> {
    let marks = || files.iter().flat_map(|file| file.source().stages());
    let staged: BTreeSet<&str> = entries
        .iter()
        .flat_map(|entry| &entry.names)
        .map(String::as_str)
        .filter(|name| marks().any(|mark| mark.name == *name))
        .collect();
    if let Some(left) = marks().find(|mark| !mark.given && !staged.contains(mark.name.as_str())) {
        bail!("no stage brings [{}]", left.name);
    }
    let texts = |come: &BTreeSet<&str>| {
        let text = |file: &Tasks| Text {
            name: file.file.clone(),
            text: text_at(file.source(), &staged, come),
        };
        files.iter().map(text).collect()
    };
    let mut come = BTreeSet::new();
    let start = texts(&come);
    let mut stages = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let mut parts = Vec::new();
        for (at, name) in entry.names.iter().enumerate() {
            if at > 0 && entry.begins_part.contains(&at) {
                parts.push(texts(&come));
            }
            let is_mark = staged.contains(name.as_str());
            if !is_mark && (entry.names.len() > 1 || entry.title.is_none()) {
                bail!("## {name}: no file has a mark [{name}]");
            }
            if is_mark && !come.insert(name.as_str()) {
                bail!("[{name}] comes twice");
            }
        }
        let mark = marks().find(|mark| entry.names.first() == Some(&mark.name));
        let title = entry
            .title
            .clone()
            .or(mark.map(|mark| mark.sentence.clone()));
        stages.push(Stage {
            number: index + 1,
            title: title.unwrap_or_default(),
            minutes: entry.minutes,
            prompts: entry.prompts.clone(),
            see: entry.see.clone(),
            announced: entry.announced.clone(),
            files: texts(&come),
            pages: Vec::new(),
            parts: [parts, vec![texts(&come)]].concat(),
        });
    }
    let mut before = start.clone();
    for stage in &mut stages {
        for (index, part) in stage.parts.iter().enumerate() {
            stage.pages.extend(pages::of(index, &before, part));
            before.clone_from(part);
        }
    }
    Ok(Walkthrough {
        step,
        preface,
        start,
        stages,
    })
}

/// A file when these marks have come. What is to come is a TODO, as in the starter; but not where it would give away what
/// the class is to find out: inside of a stage, or where the starter has it.
fn text_at(source: &Source, staged: &BTreeSet<&str>, come: &BTreeSet<&str>) -> String {
    source.cut(|mark: &cut::Stage| {
        let name = mark.name.as_str();
        if come.contains(name) || !staged.contains(name) {
            Cut::Given
        } else if mark.given || mark.is_inner {
            Cut::Absent
        } else {
            Cut::Todo
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Step 10's lesson: every wrong turn is in the files.
    #[test]
    fn the_spy_comes_stage_by_stage() {
        let walk = Walkthrough::of(Step::parse("10").unwrap()).unwrap();
        let holds = |stage: usize, name: &str, code: &str| {
            let files = &walk.stage(stage).unwrap().files;
            let file = files.iter().find(|file| file.name == name).unwrap();
            file.text.contains(code)
        };
        let page = "10.html";
        assert!(!holds(1, page, "socket.emit(\"spy\""));
        assert!(holds(2, page, "socket.emit(\"spy\"") && !holds(2, "server.rs", "(\"spy\", [x"));
        assert!(holds(3, "server.rs", "relay(json!([\"spy\", x, y]))"));
        assert!(!holds(3, page, "socket.on(\"spy\""));
        assert!(holds(4, page, "socket.on(\"spy\"") && !holds(4, "server.rs", "\"x\": x"));
        assert!(holds(5, "server.rs", "{ \"x\": x, \"y\": y }"));
    }

    #[test]
    fn a_stage_that_is_not_there_is_named() {
        let walk = Walkthrough::of(Step::parse("10").unwrap()).unwrap();
        for number in [0, 6] {
            let error = walk.stage(number).unwrap_err().to_string();
            assert!(
                error.contains("1 to 5") && error.contains("--list"),
                "{error}"
            );
        }
    }
}
