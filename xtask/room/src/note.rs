//! One note of a learner: what it says, its number, and how long ago it was made.
//!
//! A note has an age and no time: the clock of a learner's machine may be wrong by a day, and its seconds are as long as ours.

use serde_json::{Value, json};

use crate::fields::{Bad, Fields, Read, bad, id};
use crate::report::Report;

/// A note.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// Its number; those of a learner count up. The room takes each once.
    pub seq: u64,
    /// How many seconds before the message it was made.
    pub ago: u64,
    /// What it says.
    pub what: What,
}

/// What a note says.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A program was checked.
    Check(Check),
    /// The hand goes up, or down.
    Hand(bool),
    /// How fast the lesson is.
    Pace(Pace),
    /// What failed, for the instructor to read.
    Report(Box<Report>),
}

/// What the room is told of a check: ids and numbers, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The step's number.
    pub step: u32,
    /// What came of it.
    pub verdict: Verdict,
    /// The ids of the causes that it named, in the order of the checks.
    pub diagnoses: Vec<String>,
    /// How many checks passed.
    pub passed: u32,
    /// How many there are.
    pub of: u32,
    /// How many seconds before the check the learner began the step.
    pub since: u64,
}

/// The verdict of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All passed.
    Passed,
    /// One failed.
    Failed,
    /// What ran passed, and something is missing on the learner's machine.
    Incomplete,
}

/// How a learner finds the pace of the lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Too fast: slower, please.
    Slower,
    /// It is as it should be.
    Fine,
    /// Too slow: faster, please.
    Faster,
}

/// No lesson has more steps.
const STEPS: u64 = 99;
/// No step has more checks.
const CHECKS: u64 = 999;
/// No learner names more causes at once.
pub const DIAGNOSES: usize = 16;
/// A year in seconds: whatever is older than that is as old.
const YEAR: u64 = 365 * 24 * 60 * 60;

impl Verdict {
    /// As on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed => "failed",
            Verdict::Incomplete => "incomplete",
        }
    }

    /// The verdict of this word.
    pub fn of(word: &str) -> Option<Verdict> {
        let all = [Verdict::Passed, Verdict::Failed, Verdict::Incomplete];
        all.into_iter().find(|verdict| verdict.word() == word)
    }
}

impl Pace {
    /// As on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Pace::Slower => "slower",
            Pace::Fine => "fine",
            Pace::Faster => "faster",
        }
    }

    /// The pace of this word.
    pub fn of(word: &str) -> Option<Pace> {
        let all = [Pace::Slower, Pace::Fine, Pace::Faster];
        all.into_iter().find(|pace| pace.word() == word)
    }
}

impl Note {
    /// As on the wire.
    pub fn json(&self) -> Value {
        let mut note = json!({ "seq": self.seq, "ago": self.ago.min(YEAR) });
        match &self.what {
            What::Check(check) => note["check"] = check.json(),
            What::Hand(is_up) => note["hand"] = (*is_up).into(),
            What::Pace(pace) => note["pace"] = pace.word().into(),
            What::Report(report) => note["report"] = report.json(),
        }
        note
    }

    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(value: Value) -> Read<Note> {
        let mut fields = Fields::of("a note", value)?;
        let seq = fields.number("seq", u64::MAX >> 12)?;
        let ago = fields.number("ago", YEAR)?;
        let what = [
            fields
                .take("check")
                .map(|it| Check::read(it).map(What::Check)),
            fields.take("hand").map(hand),
            fields.take("pace").map(pace),
            fields
                .take("report")
                .map(|it| Report::read(it).map(|it| What::Report(Box::new(it)))),
        ];
        fields.end()?;
        let mut what = what.into_iter().flatten();
        match (what.next(), what.next()) {
            (Some(what), None) => Ok(Note {
                seq,
                ago,
                what: what?,
            }),
            _ => bad("a note says one thing"),
        }
    }
}

fn hand(value: Value) -> Read<What> {
    let is_up = value.as_bool();
    is_up
        .map(What::Hand)
        .ok_or_else(|| Bad("hand is true or false".into()))
}

fn pace(value: Value) -> Read<What> {
    let pace = value.as_str().and_then(Pace::of);
    pace.map(What::Pace)
        .ok_or_else(|| Bad("pace is slower, fine or faster".into()))
}

impl Check {
    /// As on the wire.
    pub fn json(&self) -> Value {
        json!({
            "step": self.step,
            "verdict": self.verdict.word(),
            "diagnoses": self.diagnoses,
            "passed": self.passed,
            "of": self.of,
            "since": self.since.min(YEAR),
        })
    }

    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(value: Value) -> Read<Check> {
        let mut fields = Fields::of("a check", value)?;
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let step = fields.number("step", STEPS)?;
        let verdict = fields.text("verdict", 16)?;
        let diagnoses = fields.list("diagnoses", DIAGNOSES)?;
        let check = Check {
            step: small(step),
            verdict: Verdict::of(&verdict).ok_or_else(|| Bad("there is no such verdict".into()))?,
            diagnoses: diagnoses
                .iter()
                .map(|it| id(it, "a diagnosis"))
                .collect::<Read<_>>()?,
            passed: small(fields.number("passed", CHECKS)?),
            of: small(fields.number("of", CHECKS)?),
            since: fields.number("since", YEAR)?,
        };
        fields.end()?;
        match check.passed <= check.of {
            true => Ok(check),
            false => bad("more checks passed than there are"),
        }
    }
}
