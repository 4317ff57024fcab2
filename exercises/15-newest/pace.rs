//! The pace of a browser: how fast it may send, and what happens if it sends faster. Explained in step 13.

use tokio::time::{Duration, Instant};

use crate::settings::SETTINGS;

/// How one browser keeps to its rate.
pub struct Pace {
    /// When its next message would be due if it sent them evenly, as fast as it may. It may be ahead of that by a second's
    /// worth, because a network hands over in bursts what was sent evenly.
    due: Instant,
    /// When it was last within its rate.
    calm: Instant,
}

impl Pace {
    /// How far ahead of its schedule a browser may get.
    const AHEAD: Duration = Duration::from_secs(1);

    /// The pace of a browser that has sent nothing yet.
    pub fn new() -> Pace {
        let now = Instant::now();
        Pace {
            due: now,
            calm: now,
        }
    }

    /// The time until which nothing more may be read; none if it may be read now.
    pub fn pause(&self) -> Option<Instant> {
        let is_ahead = self.due > Instant::now() + Pace::AHEAD;
        is_ahead.then(|| self.due - Pace::AHEAD)
    }

    /// Counts something that takes this much of the browser's time. Returns whether it has been too fast for too long.
    pub fn counts_a_flood(&mut self, time: Duration) -> bool {
        let now = Instant::now();
        // A browser that we have to slow down is ahead by all that is allowed, give or take what a busy machine adds.
        if self.due < now + Pace::AHEAD * 3 / 4 {
            self.calm = now;
        }
        self.due = self.due.max(now) + time;
        now - self.calm > SETTINGS.patience
    }
}

/// The time that a number of bytes takes. A second has room for as many bytes as `EVENTS_PER_SECOND` messages of 512 bytes have.
/// That is some forty times what a page needs, and still few enough if every six of them are an empty frame.
pub fn time_for(bytes: usize) -> Duration {
    let a_second = f64::from(SETTINGS.events_per_second) * 512.0;
    Duration::from_secs_f64(bytes as f64 / a_second)
}
