//! The time that is planned, and the time that it takes.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Stage, Walkthrough};

/// The time that each stage takes. It runs from the first press on, not while it is paused, and not while the class waits for
/// a build.
#[derive(Debug, Clone)]
pub struct Clock {
    /// What each stage has taken, up to `since`.
    took: Vec<Duration>,
    /// The stage whose time runs, counted from 1.
    stage: usize,
    /// From when on the time of the stage is still to be added; `None` while it does not run.
    since: Option<Instant>,
    has_started: bool,
    is_paused: bool,
    is_building: bool,
}

impl Clock {
    /// A clock for a walkthrough. It stands still until the first press.
    pub fn of(walk: &Walkthrough) -> Clock {
        Clock {
            took: vec![Duration::ZERO; walk.stages.len()],
            stage: 1,
            since: None,
            has_started: false,
            is_paused: false,
            is_building: false,
        }
    }

    /// Somebody has begun. Only the first press counts.
    pub fn start(&mut self) {
        self.has_started = true;
        self.goes_on();
    }

    /// The time of this stage runs from now on; that of one that is entered again, where it stood.
    pub fn enter(&mut self, stage: usize) {
        self.settle();
        self.stage = stage.clamp(1, self.took.len().max(1));
        self.goes_on();
    }

    /// Pauses it, or lets it go on. One that has not started yet starts.
    pub fn pause(&mut self) {
        self.is_paused = self.has_started && !self.is_paused;
        self.start();
    }

    /// Whether the class waits for a build.
    pub fn builds(&mut self, is_building: bool) {
        self.is_building = is_building;
        self.goes_on();
    }

    /// Makes this the time that the stage has taken so far.
    pub fn set(&mut self, time: Duration) {
        self.settle();
        if let Some(took) = self.took.get_mut(self.stage - 1) {
            *took = time;
        }
        self.goes_on();
    }

    /// Adds what has passed, and runs on if it is to.
    fn goes_on(&mut self) {
        self.settle();
        let runs = self.has_started && !self.is_paused && !self.is_building;
        self.since = runs.then(Instant::now);
    }

    fn settle(&mut self) {
        let passed = self.since.take().map_or(Duration::ZERO, |it| it.elapsed());
        if let Some(took) = self.took.get_mut(self.stage - 1) {
            *took += passed;
        }
    }

    /// Whether anybody has begun.
    pub fn has_started(&self) -> bool {
        self.has_started
    }

    /// Whether somebody has paused it.
    pub fn is_paused(&self) -> bool {
        self.is_paused
    }

    /// Whether it runs just now.
    pub fn runs(&self) -> bool {
        self.since.is_some()
    }

    /// How long a stage has taken so far, counted from 1.
    pub fn took(&self, stage: usize) -> Duration {
        let took = self.took.get(stage - 1).copied().unwrap_or_default();
        let is_this = stage == self.stage;
        let passed = self.since.filter(|_| is_this).map(|it| it.elapsed());
        took + passed.unwrap_or_default()
    }

    /// How long this stage has taken so far.
    pub fn in_stage(&self) -> Duration {
        self.took(self.stage)
    }

    /// How long all stages have taken so far.
    pub fn elapsed(&self) -> Duration {
        (1..=self.took.len()).map(|stage| self.took(stage)).sum()
    }

    /// When a stage is planned to be over, from the beginning of the walkthrough.
    pub fn planned(walk: &Walkthrough, stage: &Stage) -> Duration {
        let stages = &walk.stages[..stage.number.min(walk.stages.len())];
        let minutes: u32 = stages.iter().map(|stage| stage.minutes).sum();
        Duration::from_secs(u64::from(minutes) * 60)
    }

    /// How far behind the plan we are in this stage; `None` as long as we are not.
    pub fn over(&self, walk: &Walkthrough, stage: &Stage) -> Option<Duration> {
        self.elapsed().checked_sub(Clock::planned(walk, stage))
    }

    /// What a crash is not to take, in seconds.
    pub fn to_json(&self) -> Value {
        let took = (1..=self.took.len()).map(|stage| self.took(stage).as_secs_f64().round());
        json!({
            "took": took.collect::<Vec<_>>(),
            "has_started": self.has_started,
            "is_paused": self.is_paused,
        })
    }

    /// Goes on where [`Clock::to_json`] was, in this stage. The time between counts for nothing.
    pub fn go_on(&mut self, memory: &Value, stage: usize) {
        let seconds = memory["took"].as_array().into_iter().flatten();
        for (took, seconds) in self.took.iter_mut().zip(seconds) {
            let seconds = seconds
                .as_f64()
                .and_then(|it| Duration::try_from_secs_f64(it).ok());
            *took = seconds.unwrap_or_default();
        }
        self.has_started = memory["has_started"] == true;
        self.is_paused = memory["is_paused"] == true;
        self.since = None;
        self.enter(stage);
    }
}

/// A time beside the one that was planned: `12:40 of 15:00 planned`, and what is over: `17:10 of 15:00 planned, 2:10 over`.
pub fn of_planned(time: Duration, planned: Duration, over: Option<Duration>) -> String {
    let [time, planned] = [time, planned].map(minutes_and_seconds);
    // Less than a second is nothing to say.
    let over = over.filter(|over| over.as_secs() > 0);
    let over = over.map_or_else(String::new, |over| {
        format!(", {} over", minutes_and_seconds(over))
    });
    format!("{time} of {planned} planned{over}")
}

/// A time as `4:05`.
pub fn minutes_and_seconds(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use steps::step::Step;

    fn clock() -> Clock {
        Clock::of(&Walkthrough::of(Step::parse("10").unwrap()).unwrap())
    }

    #[test]
    fn what_is_over_is_said() {
        let [plan, late] = [900, 1030].map(Duration::from_secs);
        assert_eq!(of_planned(plan, plan, None), "15:00 of 15:00 planned");
        let over = late.checked_sub(plan);
        assert_eq!(
            of_planned(late, plan, over),
            "17:10 of 15:00 planned, 2:10 over"
        );
    }

    #[test]
    fn it_runs_when_it_is_to() {
        let mut clock = clock();
        assert!(!clock.runs(), "nobody has pressed a key yet");
        clock.start();
        assert!(clock.runs());
        clock.builds(true);
        assert!(!clock.runs(), "a build is nobody's time");
        clock.builds(false);
        clock.pause();
        assert!(!clock.runs() && clock.is_paused());
        clock.enter(2);
        assert!(!clock.runs(), "another stage is no reason to go on");
        clock.pause();
        assert!(clock.runs());
    }

    #[test]
    fn a_stage_that_is_entered_again_goes_on() {
        let mut clock = clock();
        clock.set(Duration::from_secs(100));
        clock.enter(2);
        clock.set(Duration::from_secs(10));
        clock.enter(2);
        assert_eq!(clock.in_stage().as_secs(), 10);
        clock.enter(1);
        assert_eq!(
            (clock.in_stage().as_secs(), clock.elapsed().as_secs()),
            (100, 110)
        );
        let mut again = self::clock();
        again.go_on(&clock.to_json(), 2);
        assert_eq!(
            (again.in_stage().as_secs(), again.elapsed().as_secs()),
            (10, 110)
        );
    }
}
