//! What the pages are told of the whole room: numbers, and no names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use live::walk::Taught;
use room::Pace;
use serde_json::{Value, json};
use steps::step::STEPS;

use crate::learner::Learner;
use crate::register::Register;
use crate::seats::Seats;
use crate::words;

/// Somebody of whom nothing was heard for so long has gone home.
const GONE_HOME: u64 = 3 * 60 * 60 * 1000;

/// So many mistakes are named.
const MISTAKES: usize = 3;

/// What the room is like now.
pub struct Room<'a> {
    /// Who is in it.
    pub register: &'a mut Register,
    /// Who is connected.
    pub seats: &'a Seats,
    /// What is being taught, where somebody presents it on this machine.
    pub taught: Option<Taught>,
    /// The time.
    pub now: u64,
}

impl Room<'_> {
    /// The learners who are here.
    fn here(&self) -> Vec<&Learner> {
        let is_here = |id: &u64, it: &Learner| {
            !it.has_left
                && (self.seats.is_connected(*id)
                    || self.now.saturating_sub(it.last.max(it.joined)) < GONE_HOME)
        };
        let all = self.register.learners.iter();
        all.filter(|(id, it)| is_here(id, it))
            .map(|(_, it)| it)
            .collect()
    }

    /// All of it. `lines` is how many lines of the log it is made of.
    pub fn json(&mut self, lines: u64) -> Value {
        let taught = self.taught_json();
        let here = self.here();
        let step = self.taught.map(|it| it.step).or_else(|| most_are_at(&here));
        let hands = here.iter().filter(|it| it.hand.is_some()).count();
        let pace = |pace: Pace| {
            here.iter()
                .filter(|it| it.pace(self.now) == Some(pace))
                .count()
        };
        json!({
            "join": self.register.line(),
            "lines": lines,
            "now": self.now,
            "here": here.len(),
            "steps": steps(&here),
            "taught": taught,
            "mistakes": step.map(|step| mistakes(&here, step)),
            "hands": hands,
            "pace": {
                "slower": pace(Pace::Slower),
                "fine": pace(Pace::Fine),
                "faster": pace(Pace::Faster),
            },
        })
    }

    /// The stage that is being taught, and how many have passed it.
    fn taught_json(&mut self) -> Option<Value> {
        let Taught { step, stage } = self.taught?;
        let passed = self
            .here()
            .iter()
            .filter(|it| it.has_passed(step, stage))
            .count();
        let stages = self.register.stages.of(step);
        let title = stages.get(stage.checked_sub(1)?)?.title.clone();
        Some(
            json!({ "step": step, "stage": stage, "stages": stages.len(), "title": title, "passed": passed }),
        )
    }

    /// What the ids mean that are somewhere in the rows.
    pub fn words(&self) -> HashMap<String, String> {
        let ids: BTreeSet<&String> = self
            .register
            .learners
            .values()
            .flat_map(Learner::diagnoses)
            .collect();
        ids.into_iter()
            .map(|id| (id.clone(), words::of(id)))
            .collect()
    }
}

/// Every step that somebody is at: how many, and how many of these have passed it.
fn steps(here: &[&Learner]) -> Vec<Value> {
    let mut at: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for learner in here {
        let Some(step) = learner.step() else { continue };
        let (all, passed) = at.entry(step).or_default();
        *all += 1;
        *passed += usize::from(learner.passed.contains_key(&step));
    }
    let title = |number| {
        STEPS
            .iter()
            .find(|it| it.number == number)
            .map(|it| it.title)
    };
    let step = |(number, (all, passed))| json!({ "number": number, "title": title(number), "all": all, "passed": passed });
    at.into_iter().map(step).collect()
}

/// The step that most are at; of several, the last.
fn most_are_at(here: &[&Learner]) -> Option<u32> {
    let mut at: BTreeMap<u32, usize> = BTreeMap::new();
    for step in here.iter().filter_map(|it| it.step()) {
        *at.entry(step).or_default() += 1;
    }
    at.into_iter()
        .max_by_key(|(_, count)| *count)
        .map(|(step, _)| step)
}

/// The commonest mistakes of a step now.
fn mistakes(here: &[&Learner], step: u32) -> Value {
    let there: Vec<_> = here.iter().filter(|it| it.step() == Some(step)).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for learner in &there {
        let own: BTreeSet<&str> = learner.diagnoses().iter().map(String::as_str).collect();
        for id in own {
            *counts.entry(id).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mistake =
        |(id, count): &(&str, usize)| json!({ "id": id, "count": count, "words": words::of(id) });
    json!({
        "step": step,
        "of": there.len(),
        "list": counts.iter().take(MISTAKES).map(mistake).collect::<Vec<_>>(),
    })
}
