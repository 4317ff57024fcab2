//! One learner, as the room knows them: what they told, and what was said to them.

use std::collections::BTreeMap;

use room::{Check, Note, Pace, Report, Verdict, What};
use serde_json::{Value, json};

use crate::entry::Said;
use crate::stages::Stages;

/// A pace fades: what was too fast five minutes ago may be long over.
const PACE_FADES: u64 = 5 * 60 * 1000;

/// So much of what was said is shown on the instructor's page.
const SHOWN: usize = 3;

/// A learner.
#[derive(Debug, Clone, Default)]
pub struct Learner {
    /// The name in this room.
    pub name: String,
    /// When they joined first.
    pub joined: u64,
    /// Whether they left for good.
    pub has_left: bool,
    /// The number of the last note.
    pub have: u64,
    /// When the last note was made.
    pub last: u64,
    /// The last check, and when it was.
    pub check: Option<(u64, Check)>,
    /// How many checks there were.
    pub checks: u64,
    /// Since when the first cause of every check has been the same one.
    pub stuck: Option<u64>,
    /// When each step was passed first.
    pub passed: BTreeMap<u32, u64>,
    /// The furthest stage of each step whose verdict a check has had.
    pub reached: BTreeMap<u32, usize>,
    /// Since when the hand is up.
    pub hand: Option<u64>,
    /// What they sent of a failing check.
    pub report: Option<Report>,
    pace: Option<(u64, Pace)>,
    /// All that was said to them, by its number.
    said: BTreeMap<u64, Said>,
    /// The number up to which they were shown it.
    heard: u64,
}

impl Learner {
    /// A learner who joined at this time.
    pub fn new(joined: u64) -> Learner {
        Learner {
            joined,
            ..Learner::default()
        }
    }

    /// Takes a note that was made at this time.
    pub fn note(&mut self, at: u64, note: &Note, stages: &mut Stages) {
        self.have = note.seq;
        self.last = at;
        match &note.what {
            What::Check(check) => self.check(at, check, stages),
            What::Hand(true) => self.hand = self.hand.or(Some(at)),
            What::Hand(false) => self.lower(),
            What::Pace(pace) => self.pace = Some((at, *pace)),
            What::Report(report) => self.report = Some((**report).clone()),
        }
    }

    fn check(&mut self, at: u64, check: &Check, stages: &mut Stages) {
        self.checks += 1;
        let cause = |check: &Check| (check.step, check.diagnoses.first().cloned());
        let is_same = self
            .check
            .as_ref()
            .is_some_and(|(_, it)| cause(it) == cause(check));
        self.stuck = match (check.diagnoses.first(), self.stuck) {
            (None, _) => None,
            (Some(_), Some(since)) if is_same => Some(since),
            (Some(_), _) => Some(at),
        };
        if check.verdict == Verdict::Passed {
            self.passed.entry(check.step).or_insert(at);
        }
        if let Some(stage) = stages.reached(check) {
            let furthest = self.reached.entry(check.step).or_default();
            *furthest = stage.max(*furthest);
        }
        self.check = Some((at, check.clone()));
    }

    /// The hand is down; what was sent with it has been answered.
    fn lower(&mut self) {
        self.hand = None;
        self.report = None;
    }

    /// Takes what the instructor said.
    pub fn say(&mut self, number: u64, said: Said) {
        if said == Said::Lowered {
            self.lower();
        }
        self.said.insert(number, said);
    }

    /// They were shown all up to a number.
    pub fn hear(&mut self, number: u64) {
        self.heard = self.heard.max(number);
    }

    /// The number of what will be said next.
    pub fn next_said(&self) -> u64 {
        self.said.keys().next_back().map_or(1, |last| last + 1)
    }

    /// What they were not shown yet, oldest first.
    pub fn unheard(&self) -> impl Iterator<Item = (u64, &Said)> {
        let unheard = self.said.range(self.heard + 1..);
        unheard.map(|(number, said)| (*number, said))
    }

    /// How they find the pace, as long as that means anything.
    pub fn pace(&self, now: u64) -> Option<Pace> {
        let (at, pace) = self.pace?;
        (now.saturating_sub(at) < PACE_FADES).then_some(pace)
    }

    /// The step that they are at.
    pub fn step(&self) -> Option<u32> {
        self.check.as_ref().map(|(_, check)| check.step)
    }

    /// Whether they have passed a stage of a step.
    pub fn has_passed(&self, step: u32, stage: usize) -> bool {
        self.passed.contains_key(&step) || self.reached.get(&step).is_some_and(|it| *it >= stage)
    }

    /// The ids of what is wrong with their program now.
    pub fn diagnoses(&self) -> &[String] {
        self.check
            .as_ref()
            .map_or(&[], |(_, check)| &check.diagnoses)
    }

    /// The row of the instructor's page.
    pub fn row(&self, id: u64, is_connected: bool, now: u64) -> Value {
        let said = self.said.iter().rev().take(SHOWN).rev();
        let said = said
            .map(|(number, said)| json!({ "text": said.words(), "heard": *number <= self.heard }));
        let mut row = json!({
            "id": id,
            "name": self.name,
            "left": self.has_left,
            "connected": is_connected,
            "last": self.last.max(self.joined),
            "stuck": self.stuck,
            "passed": self.passed,
            "hand": self.hand,
            "report": self.report.is_some(),
            "pace": self.pace(now).map(Pace::word),
            "said": said.collect::<Vec<_>>(),
        });
        if let Some((at, check)) = &self.check {
            row["check"] = check.json();
            row["checked"] = (*at).into();
            row["begun"] = at.saturating_sub(check.since * 1000).into();
        }
        row
    }
}
