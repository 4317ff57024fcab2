//! A time that the class was given.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

/// A time that the class was given.
#[derive(Debug, Clone, Copy)]
pub struct Countdown {
    until: Instant,
    of: Duration,
}

impl Countdown {
    /// A countdown that begins now; none for no time.
    pub fn of(time: Duration) -> Option<Countdown> {
        let until = Instant::now() + time;
        (!time.is_zero()).then_some(Countdown { until, of: time })
    }

    /// What is left, and of what, in seconds.
    pub fn json(&self) -> Value {
        let left = self.until.saturating_duration_since(Instant::now());
        json!({ "left": left.as_secs_f64().ceil() as u64, "of": self.of.as_secs() })
    }
}
