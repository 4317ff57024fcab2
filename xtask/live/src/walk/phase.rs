//! How a stage comes before the class: what is shown when. The terminal and the page have the same phases, from here.
//!
//! A stage is asked first and shown then, and each press goes one place further:
//!
//! ```text
//! the question ─▶ the change, part by part ─▶ it runs, and what to see ─▶ the verdict ─▶ the next stage
//! ```
//!
//! A phase that would be empty is left out: a stage without a question begins with its change, and one that changes nothing
//! with what is to be seen.

use super::{Prompt, PromptKind, Stage, Walkthrough};

/// What of a stage is shown. Each phase shows what those before it do, but for the questions, which are over then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The question to the class, and the code as it is now.
    Question,
    /// What changes, and the stage's title, which says why.
    Change,
    /// It runs: what is to be seen, and the question that comes of it.
    Run,
    /// What `check` says of it.
    Verdict,
}

impl Phase {
    const ALL: [Phase; 4] = [Phase::Question, Phase::Change, Phase::Run, Phase::Verdict];

    /// The word, as in the state file and on the page.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Question => "question",
            Phase::Change => "change",
            Phase::Run => "run",
            Phase::Verdict => "verdict",
        }
    }

    /// The phase of this word.
    pub fn of(word: &str) -> Option<Phase> {
        Phase::ALL.into_iter().find(|phase| phase.word() == word)
    }

    /// What it is, for a line that says where we are.
    pub fn words(self) -> &'static str {
        match self {
            Phase::Question => "the question",
            Phase::Change => "the change",
            Phase::Run => "what to see",
            Phase::Verdict => "the verdict",
        }
    }
}

/// A place in a walkthrough: what the class has before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The stage, counted from 1.
    pub stage: usize,
    /// What of it is shown.
    pub phase: Phase,
    /// Which page of the change, counted from 0; 0 in every other phase.
    pub part: usize,
}

/// The stage whose files lie before the class at a place; 0 for those that the walkthrough begins with.
pub fn holds(place: Place) -> usize {
    match place.phase {
        Phase::Question | Phase::Change => place.stage - 1,
        Phase::Run | Phase::Verdict => place.stage,
    }
}

impl Walkthrough {
    /// All places, in the order in which a class sees them.
    pub fn places(&self) -> Vec<Place> {
        let of = |stage: &Stage| {
            let place = |phase, part| Place {
                stage: stage.number,
                phase,
                part,
            };
            let question = stage.asks(Phase::Question).next();
            let question = question.map(|_| place(Phase::Question, 0));
            let change = (0..stage.pages.len()).map(|page| place(Phase::Change, page));
            let end = [place(Phase::Run, 0), place(Phase::Verdict, 0)];
            let places: Vec<Place> = question.into_iter().chain(change).chain(end).collect();
            places
        };
        self.stages.iter().flat_map(of).collect()
    }

    /// Where a stage begins.
    pub fn first_place(&self, stage: usize) -> Option<Place> {
        self.places().into_iter().find(|it| it.stage == stage)
    }

    /// Where a stage ends.
    pub fn last_place(&self, stage: usize) -> Option<Place> {
        self.places().into_iter().rfind(|it| it.stage == stage)
    }

    /// The place after this one; `None` at the end.
    pub fn after(&self, place: Place) -> Option<Place> {
        self.places().into_iter().find(|it| *it > place)
    }

    /// The place before this one; `None` at the beginning.
    pub fn ahead_of(&self, place: Place) -> Option<Place> {
        self.places().into_iter().rfind(|it| *it < place)
    }
}

impl Stage {
    /// What the class is asked in this phase.
    pub fn asks(&self, phase: Phase) -> impl Iterator<Item = &Prompt> {
        let kind = match phase {
            Phase::Question => Some(PromptKind::Ask),
            Phase::Run => Some(PromptKind::AskLater),
            Phase::Change | Phase::Verdict => None,
        };
        let prompts = self.prompts.iter();
        prompts.filter(move |prompt| Some(prompt.kind) == kind)
    }

    /// What the instructor says and does up to this phase. In the question, that is what stands up to it: the rest may answer it.
    pub fn prompts_in(&self, phase: Phase) -> Vec<&Prompt> {
        let is_ask = |prompt: &Prompt| prompt.kind == PromptKind::Ask;
        let asked = self.prompts.iter().rposition(is_ask).map_or(0, |at| at + 1);
        match phase {
            Phase::Question => self.prompts[..asked].iter().collect(),
            Phase::Change => {
                let is_later = |it: &&Prompt| it.kind != PromptKind::AskLater;
                self.prompts.iter().filter(is_later).collect()
            }
            Phase::Run | Phase::Verdict => self.prompts.iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use steps::step::Step;

    fn places(step: &str) -> Vec<String> {
        let walk = Walkthrough::of(Step::parse(step).unwrap()).unwrap();
        let name = |it: &Place| format!("{} {} {}", it.stage, it.phase.word(), it.part);
        walk.places().iter().map(name).collect()
    }

    #[test]
    fn a_phase_that_would_be_empty_is_left_out() {
        // The first stage of step 10 changes nothing, and asks when it runs.
        assert_eq!(
            places("10")[..6],
            [
                "1 run 0",
                "1 verdict 0",
                "2 question 0",
                "2 change 0",
                "2 run 0",
                "2 verdict 0"
            ]
        );
    }

    #[test]
    fn forth_and_back_are_the_same_way() {
        let walk = Walkthrough::of(Step::parse("8").unwrap()).unwrap();
        let places = walk.places();
        for pair in places.windows(2) {
            assert_eq!(walk.after(pair[0]), Some(pair[1]));
            assert_eq!(walk.ahead_of(pair[1]), Some(pair[0]));
        }
        assert_eq!(walk.ahead_of(places[0]), None);
        assert_eq!(walk.after(places[places.len() - 1]), None);
    }
}
