//! What is noted of the honest users: what reached them in some time, and what each has heard of each other.

use serde_json::{Value, json};

use super::users::USERS;
use crate::load::clock::TICK;
use crate::load::histogram::Histogram;

/// What reached the users in some time.
#[derive(Debug, Clone, Default)]
pub struct Meanwhile {
    /// Deliveries that there should have been.
    pub expected: u64,
    /// Deliveries that there were.
    pub received: u64,
    /// From a move to its delivery, in ticks.
    pub latency: Histogram,
    /// Users whose connection has ended, by the end of it.
    pub cut: u64,
    /// Texts that came and were no move of theirs.
    pub noise: u64,
    /// How long it was, in seconds.
    pub seconds: f64,
}

impl Meanwhile {
    /// Deliveries that never came.
    pub fn lost(&self) -> u64 {
        self.expected.saturating_sub(self.received)
    }

    /// What this share of the deliveries did not exceed, in milliseconds; for 1, the longest that one took. `None` where
    /// nothing came.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let ticks = self.latency.quantile(share);
        (self.received > 0).then_some((ticks * TICK) as f64 / 1e6)
    }

    /// The texts that came to each of them in a second and were none of theirs.
    pub fn noise_a_second(&self) -> f64 {
        self.noise as f64 / USERS as f64 / self.seconds.max(0.1)
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        json!({
            "expected": self.expected,
            "lost": self.lost(),
            "p50_ms": self.quantile(0.5),
            "p99_ms": self.quantile(0.99),
            "max_ms": self.quantile(1.0),
            "cut": self.cut,
            "noise": self.noise,
        })
    }
}

/// What all users write to.
#[derive(Debug, Default)]
pub struct Sheet {
    /// From when to when moves are counted, in ticks.
    pub from: u64,
    /// As long as it goes on, `None`.
    pub to: Option<u64>,
    /// What came of them.
    pub seen: Meanwhile,
    /// What each has heard of each other, ever.
    pub pairs: Pairs,
}

impl Sheet {
    /// What was sent then has come now.
    pub fn came(&mut self, sent: u64, now: u64) {
        if sent >= self.from && self.to.is_none_or(|to| sent <= to) {
            self.seen.received += 1;
            self.seen.latency.record(now.saturating_sub(sent));
        }
    }
}

/// What each user has heard of each other.
#[derive(Debug, Default, Clone, Copy)]
pub struct Pairs {
    /// When the newest move was made, in ticks: by whom it was heard, and whose it is.
    newest: [[u64; USERS as usize]; USERS as usize],
    /// Moves that came after a newer one of the same user.
    pub backwards: u64,
}

impl Pairs {
    /// A move of `of` has come to `to`.
    pub fn came(&mut self, to: u64, of: u64, sent: u64) {
        let newest = &mut self.newest[to as usize][of as usize];
        self.backwards += u64::from(sent < *newest);
        *newest = sent.max(*newest);
    }

    /// How many pairs there are of which the one has heard nothing that the other has made since then.
    pub fn behind(&self, since: u64) -> usize {
        let all = self.newest.iter().enumerate();
        let behind = all.map(|(to, newest)| {
            let others = newest.iter().enumerate().filter(|(of, _)| *of != to);
            others.filter(|(_, newest)| **newest < since).count()
        });
        behind.sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_move_makes_up_for_an_older_one() {
        let mut pairs = Pairs::default();
        let all = || (0..USERS).flat_map(|to| (0..USERS).map(move |of| (to, of)));
        assert_eq!(pairs.behind(1), 56);
        all().for_each(|(to, of)| pairs.came(to, of, 7));
        pairs.came(1, 2, 9);
        assert_eq!((pairs.behind(7), pairs.behind(8)), (0, 55));
        assert_eq!(pairs.backwards, 0);
        pairs.came(1, 2, 8);
        assert_eq!((pairs.behind(9), pairs.backwards), (55, 1));
    }

    #[test]
    fn what_was_sent_at_another_time_is_not_counted() {
        let mut sheet = Sheet {
            from: 100,
            to: Some(200),
            ..Sheet::default()
        };
        [99, 100, 200, 201]
            .into_iter()
            .for_each(|sent| sheet.came(sent, sent + 50));
        assert_eq!(
            (sheet.seen.received, sheet.seen.quantile(1.0)),
            (2, Some(0.5))
        );
    }
}
