//! What outlives a crash: one file, written whole after each press, and where the next presenter finds it again.
//!
//! The file, and what others may read in it, is [`steps::presented`]'s.

use anyhow::Result;
use serde_json::{Map, Value, json};
use steps::presented;
use steps::step::Step;

use super::{Clock, Desk, Phase, Times, Walkthrough};

/// What is remembered of a step, and of the room that it is presented in.
pub struct Memory {
    step: Step,
    /// Of this step: the desk and the clock.
    of_step: Value,
    /// Of the room: ports, tokens, the size of the type. It is the same for all steps, so that a tab stays open for the day.
    pub room: Map<String, Value>,
}

impl Memory {
    /// What is remembered. A file that cannot be read is as none.
    pub fn of(step: Step) -> Memory {
        let all = presented::read();
        Memory {
            of_step: all["steps"][step.name()].clone(),
            room: all["room"].as_object().cloned().unwrap_or_default(),
            step,
        }
    }

    /// Where it goes on, as a sentence; `None` where nobody has begun.
    pub fn where_it_was(&self) -> Option<String> {
        let walk = Walkthrough::of(self.step).ok()?;
        let mut clock = Clock::of(&walk);
        clock.go_on(&self.of_step["clock"], 1);
        let desk = &self.of_step["desk"];
        let phase = Phase::of(desk["phase"].as_str()?)?;
        let time = super::minutes_and_seconds(clock.elapsed());
        clock.has_started().then(|| {
            let (number, stage, all) = (self.step.number, &desk["stage"], walk.stages.len());
            format!("Step {number} was being presented: stage {stage} of {all}, {}, {time} on the clock.", phase.words())
        })
    }

    /// Has the desk and the clock go on where they were.
    pub fn go_on(&self, desk: &mut Desk, clock: &mut Clock) {
        if self.of_step["desk"].is_object() {
            desk.go_on(&self.of_step["desk"]);
            clock.go_on(&self.of_step["clock"], desk.place().stage);
        }
    }

    /// Forgets where it was. What the stages took is kept, for the plan.
    pub fn begin_anew(&mut self) {
        let mut runs = Times::runs(&self.of_step);
        runs.truncate(Times::KEPT);
        self.of_step = json!({ "earlier": runs });
    }

    /// Writes all of it down.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, desk: &Desk, clock: &Clock) -> Result<()> {
        let of_step = json!({
            "desk": desk.to_json(),
            "clock": clock.to_json(),
            "earlier": self.of_step["earlier"],
        });
        presented::update(|all| {
            all.insert("room".into(), Value::Object(self.room.clone()));
            let steps = all.entry("steps").or_insert_with(|| json!({}));
            if !steps.is_object() {
                *steps = json!({});
            }
            steps[self.step.name()] = of_step;
        })
    }
}
