//! The register: who is in the room. It is made of the log's lines, one after the other, and of nothing else.

use std::collections::{BTreeMap, HashMap};

use crate::entry::{Entry, Happened};
use crate::learner::Learner;
use crate::stages::Stages;

/// All that the room knows.
#[derive(Default)]
pub struct Register {
    /// What learners join with.
    pub code: String,
    /// What the instructor's page is opened with.
    pub token: String,
    /// When the room was opened.
    pub opened: u64,
    /// Where it was served last: for the learners, and for the instructor's machine.
    pub served: Option<(String, u16)>,
    /// The learners, by their numbers.
    pub learners: BTreeMap<u64, Learner>,
    /// The stages of the live coding.
    pub stages: Stages,
    by_key: HashMap<String, u64>,
}

impl Register {
    /// What is known after these lines.
    pub fn of(entries: &[Entry]) -> Register {
        let mut register = Register::default();
        for entry in entries {
            register.take(entry);
        }
        register
    }

    /// Takes one more line.
    pub fn take(&mut self, Entry { at, what }: &Entry) {
        match what {
            Happened::Opened { code, token } => {
                (self.code, self.token, self.opened) = (code.clone(), token.clone(), *at);
            }
            Happened::Served { room, desk } => self.served = Some((room.clone(), *desk)),
            Happened::Joined { id, key, name } => self.join(*at, *id, key, name),
            Happened::Noted { id, note } => {
                if let Some(learner) = self.learners.get_mut(id) {
                    learner.note(*at, note, &mut self.stages);
                }
            }
            Happened::Said { id, number, said } => {
                if let Some(learner) = self.learners.get_mut(id) {
                    learner.say(*number, said.clone());
                }
            }
            Happened::Heard { id, number } => {
                if let Some(learner) = self.learners.get_mut(id) {
                    learner.hear(*number);
                }
            }
            Happened::Left { id } => {
                if let Some(learner) = self.learners.get_mut(id) {
                    learner.has_left = true;
                    learner.hand = None;
                    learner.report = None;
                }
            }
        }
    }

    fn join(&mut self, at: u64, id: u64, key: &str, name: &str) {
        self.by_key.insert(key.into(), id);
        let learner = self.learners.entry(id);
        let learner = learner.or_insert_with(|| Learner::new(at));
        learner.name = name.into();
        learner.has_left = false;
    }

    /// What stands on the board for those who join.
    pub fn line(&self) -> String {
        let address = self.served.as_ref().map_or("", |(room, _)| room);
        format!("cargo xtask join {address} {}", self.code)
    }

    /// The learner with this key.
    pub fn with_key(&self, key: &str) -> Option<u64> {
        self.by_key.get(key).copied()
    }

    /// The number of who joins next.
    pub fn next_id(&self) -> u64 {
        self.learners.keys().next_back().map_or(1, |last| last + 1)
    }

    /// A name like the one that somebody would like to have, which nobody else has: with a number where need be.
    pub fn free_name(&self, wanted: &str, mine: Option<u64>) -> String {
        let others = self.learners.iter().filter(|(id, _)| Some(**id) != mine);
        let taken: Vec<String> = others.map(|(_, it)| it.name.to_lowercase()).collect();
        let is_free = |name: &String| !taken.contains(&name.to_lowercase());
        let numbered = (2u32..).map(|number| {
            let end = format!(" {number}");
            let start: String = wanted.chars().take(24 - end.len()).collect();
            start.trim_end().to_owned() + &end
        });
        let mut names = [wanted.to_owned()].into_iter().chain(numbered);
        names.find(is_free).unwrap_or_default()
    }

    /// When a note was made that says how long ago that was: not before its learner joined, nor before the note that it
    /// follows, whatever the clocks say.
    pub fn time_of(&self, id: u64, ago: u64, now: u64) -> u64 {
        let not_before = self
            .learners
            .get(&id)
            .map_or(0, |it| it.joined.max(it.last));
        let at = now.saturating_sub(ago.saturating_mul(1000));
        at.max(not_before).min(now.max(not_before))
    }
}

#[cfg(test)]
mod tests {
    use room::{Check, Note, Pace, Verdict, What};

    use super::*;

    fn joined(id: u64, name: &str) -> Entry {
        let (key, name) = (format!("{id:032x}"), name.to_owned());
        let what = Happened::Joined { id, key, name };
        Entry { at: 1000, what }
    }

    fn checked(at: u64, seq: u64, verdict: Verdict, diagnoses: &[&str]) -> Entry {
        let check = Check {
            step: 10,
            verdict,
            diagnoses: diagnoses.iter().map(|it| (*it).to_owned()).collect(),
            passed: 3,
            of: 4,
            since: 60,
        };
        let note = Note {
            seq,
            ago: 0,
            what: What::Check(check),
        };
        let note = Box::new(note);
        let what = Happened::Noted { id: 1, note };
        Entry { at, what }
    }

    #[test]
    fn stuck_is_the_same_cause_without_a_break() {
        let mut register = Register::of(&[joined(1, "quiet heron")]);
        let failed = Verdict::Failed;
        for (entry, stuck) in [
            (checked(2000, 1, failed, &["two-values"]), Some(2000)),
            (
                checked(3000, 2, failed, &["two-values", "page-never-sends"]),
                Some(2000),
            ),
            (checked(4000, 3, failed, &["page-never-sends"]), Some(4000)),
            (checked(5000, 4, Verdict::Passed, &[]), None),
            (checked(6000, 5, failed, &["two-values"]), Some(6000)),
        ] {
            register.take(&entry);
            assert_eq!(register.learners[&1].stuck, stuck, "{entry:?}");
        }
        assert_eq!(register.learners[&1].passed[&10], 5000);
    }

    #[test]
    fn a_pace_fades() {
        let (seq, ago, what) = (1, 0, What::Pace(Pace::Slower));
        let note = Box::new(Note { seq, ago, what });
        let what = Happened::Noted { id: 1, note };
        let register = Register::of(&[joined(1, "Ada"), Entry { at: 2000, what }]);
        let pace = |now| register.learners[&1].pace(now);
        assert_eq!(pace(2000 + 299_999), Some(Pace::Slower));
        assert_eq!(pace(2000 + 300_000), None);
    }

    #[test]
    fn names_are_told_apart() {
        let register = Register::of(&[joined(1, "Ada"), joined(2, "ada 2")]);
        assert_eq!(register.free_name("ADA", None), "ADA 3");
        assert_eq!(register.free_name("Ada", Some(1)), "Ada");
        let long = "a".repeat(24);
        let register = Register::of(&[joined(1, &long)]);
        assert_eq!(
            register.free_name(&long, None),
            format!("{} 2", &long[..22])
        );
    }

    #[test]
    fn no_clock_makes_a_time_that_cannot_be() {
        let register = Register::of(&[joined(1, "Ada"), checked(5000, 1, Verdict::Failed, &["x"])]);
        let now = 100_000;
        assert_eq!(register.time_of(1, 10, now), 90_000);
        assert_eq!(
            register.time_of(1, 86_400, now),
            5000,
            "a day ago there was no room"
        );
        assert_eq!(
            register.time_of(1, 0, 1),
            5000,
            "our own clock was put back"
        );
    }

    #[test]
    fn a_stage_counts_once_its_verdict_was_seen() {
        let mut register = Register::of(&[joined(1, "Ada")]);
        register.take(&checked(2000, 1, Verdict::Failed, &["event-not-handled"]));
        let has_passed = |register: &Register, stage| register.learners[&1].has_passed(10, stage);
        assert!(has_passed(&register, 2) && !has_passed(&register, 3));
        register.take(&checked(3000, 2, Verdict::Failed, &["does-not-compile"]));
        assert!(has_passed(&register, 2), "a slip takes nothing away");
        register.take(&checked(4000, 3, Verdict::Passed, &[]));
        assert!(has_passed(&register, 5));
    }
}
