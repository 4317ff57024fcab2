//! Which stage of the live coding a learner's program is at: by what its check found, for nothing else comes to the room.

use std::collections::{BTreeSet, HashMap};

use live::walk::Walkthrough;
use room::{Check, Verdict};
use steps::step::STEPS;

/// The stages of every step that was asked for, with the causes that each announces.
#[derive(Default)]
pub struct Stages(HashMap<u32, Vec<Stage>>);

/// What the room knows of a stage.
pub struct Stage {
    /// Its title.
    pub title: String,
    causes: BTreeSet<String>,
}

impl Stages {
    /// The stages of a step; none where it has no live coding.
    pub fn of(&mut self, step: u32) -> &[Stage] {
        self.0
            .entry(step)
            .or_insert_with(|| read(step).unwrap_or_default())
    }

    /// The stage whose announced verdict is that of a check. Where several announce the same, it is the first of them: so
    /// nobody is counted who has not got there.
    pub fn reached(&mut self, check: &Check) -> Option<usize> {
        let stages = self.of(check.step);
        match check.verdict {
            Verdict::Passed => Some(stages.len()).filter(|count| *count > 0),
            Verdict::Incomplete => None,
            Verdict::Failed => {
                let found: BTreeSet<&String> = check.diagnoses.iter().collect();
                let is_it = |stage: &Stage| stage.causes.iter().eq(found.iter().copied());
                stages.iter().position(is_it).map(|at| at + 1)
            }
        }
    }
}

fn read(number: u32) -> Option<Vec<Stage>> {
    let step = STEPS.iter().find(|step| step.number == number)?;
    let walk = Walkthrough::of(*step).ok()?;
    let stage = |it: &live::walk::Stage| Stage {
        title: it.title.clone(),
        causes: it
            .announced
            .fails()
            .iter()
            .map(|it| it.diagnosis.clone())
            .collect(),
    };
    Some(walk.stages.iter().map(stage).collect())
}
