//! The time that is planned, and the time that it takes.

use std::time::{Duration, Instant};

use super::{Stage, Walkthrough};

/// Runs from the beginning of a walkthrough.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Clock {
        Clock {
            started: Instant::now(),
        }
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

/// A time as `4:05`.
pub fn minutes_and_seconds(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
