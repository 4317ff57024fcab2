//! The pace of a browser, as a bucket: it fills evenly, a message takes from it, and an empty one has to be waited for.

use tokio::time::{Duration, Instant};

use crate::settings::SETTINGS;

/// A bucket of time. It holds a second's worth, and each message takes what it costs.
pub struct Pace {
    left: f64,
    looked_at: Instant,
    last_half_full: Instant,
}

impl Pace {
    pub fn new() -> Pace {
        let now = Instant::now();
        Pace {
            left: 1.0,
            looked_at: now,
            last_half_full: now,
        }
    }

    fn left_at(&self, now: Instant) -> f64 {
        (self.left + (now - self.looked_at).as_secs_f64()).min(1.0)
    }

    /// Waits for the bucket if it is overdrawn.
    pub fn pause(&self) -> Option<Instant> {
        let now = Instant::now();
        let missing = -self.left_at(now);
        (missing > 0.0).then(|| now + Duration::from_secs_f64(missing))
    }

    /// Takes from the bucket. Returns whether it has been nearly empty for too long.
    pub fn counts_a_flood(&mut self, time: Duration) -> bool {
        let now = Instant::now();
        self.left = self.left_at(now);
        self.looked_at = now;
        if self.left > 0.5 {
            self.last_half_full = now;
        }
        self.left -= time.as_secs_f64();
        now - self.last_half_full > SETTINGS.patience
    }
}

/// The time that a number of bytes takes.
pub fn time_for(bytes: usize) -> Duration {
    let a_second = SETTINGS.events_per_second * 512;
    Duration::from_secs(1) * u32::try_from(bytes).unwrap_or(u32::MAX) / a_second
}
