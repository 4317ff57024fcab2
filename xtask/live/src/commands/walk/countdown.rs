//! The time that a class has for a question.

use std::time::{Duration, Instant};

use owo_colors::OwoColorize;

use crate::walk;

/// By so much it is set.
const MINUTE: Duration = Duration::from_secs(60);

/// A time that a class has.
pub struct Countdown {
    /// All of it.
    time: Duration,
    /// When it is over.
    ends: Instant,
}

impl Countdown {
    /// A countdown that begins now.
    pub fn of(time: Duration) -> Countdown {
        Countdown {
            time,
            ends: Instant::now() + time,
        }
    }

    /// The class gets a minute more; one whose time is up, from now on.
    pub fn more(&mut self) {
        self.time += MINUTE;
        self.ends = self.ends.max(Instant::now()) + MINUTE;
    }

    /// The class gets a minute less.
    pub fn less(&mut self) {
        self.time = self.time.saturating_sub(MINUTE);
        let earlier = self.ends.checked_sub(MINUTE);
        self.ends = earlier.unwrap_or_else(Instant::now);
    }

    /// It in a line, with the key that ends it.
    pub fn text(&self) -> String {
        let left = self.ends.saturating_duration_since(Instant::now());
        let time = walk::minutes_and_seconds(self.time);
        if left.is_zero() {
            let over = format!("  TIME IS UP: {time}  ");
            return format!("{}  t goes on", over.reversed().bold());
        }
        // A second that has begun counts: it ends at nothing.
        let left = walk::minutes_and_seconds(left + Duration::from_millis(999));
        let left = format!("The class has {left} of {time}.");
        format!("{}  t ends it, + and - set it", left.bold())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_has_an_end_that_is_seen() {
        let mut countdown = Countdown::of(Duration::from_secs(120));
        assert!(countdown.text().contains("The class has 2:00 of 2:00."));
        countdown.more();
        assert!(countdown.text().contains("The class has 3:00 of 3:00."));
        (0..3).for_each(|_| countdown.less());
        assert!(countdown.text().contains("TIME IS UP"));
    }
}
