//! The time that is planned, and the time that it takes.

use std::time::{Duration, Instant};

use super::{Stage, Walkthrough};

/// Runs from the beginning of a walkthrough, and from that of the stage.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    entered: Instant,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Clock {
        let now = Instant::now();
        Clock {
            started: now,
            entered: now,
        }
    }

    /// Another stage begins now.
    pub fn enter(&mut self) {
        self.entered = Instant::now();
    }

    /// How long this stage has taken so far.
    pub fn in_stage(&self) -> Duration {
        self.entered.elapsed()
    }

    /// How long it has run.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
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
}
