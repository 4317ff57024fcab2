//! The learners' connections: whose each is, and how much each learner may send.

use std::collections::HashMap;
use std::time::Instant;

use room::{A_SECOND, Down};
use tokio::sync::mpsc;
use warp::ws::Message;

/// A learner may have so many: a `watch`, a `check` beside it, and one of before that nobody knows to be gone.
const EACH: usize = 4;

/// So many messages may come at once: a few that belong together.
const AT_ONCE: f64 = 2.0 * A_SECOND as f64;

/// So many messages may wait for one connection. What waits longer is for one that does not read.
pub const QUEUE: usize = 32;

/// One connection.
struct Seat {
    learner: u64,
    queue: mpsc::Sender<Message>,
}

/// All of them.
#[derive(Default)]
pub struct Seats {
    seats: HashMap<u64, Seat>,
    /// The connections of each learner, oldest first.
    of: HashMap<u64, Vec<u64>>,
    buckets: HashMap<u64, Bucket>,
    next: u64,
}

impl Seats {
    /// A learner has one more connection; the oldest of too many is dropped, and ends.
    pub fn take(&mut self, learner: u64, queue: mpsc::Sender<Message>) -> u64 {
        self.next += 1;
        self.seats.insert(self.next, Seat { learner, queue });
        let own = self.of.entry(learner).or_default();
        own.push(self.next);
        if own.len() > EACH {
            let oldest = own.remove(0);
            self.seats.remove(&oldest);
        }
        self.next
    }

    /// A connection has ended. Says whose it was, where that was the learner's last.
    pub fn leave(&mut self, seat: u64) -> Option<u64> {
        let learner = self.seats.remove(&seat)?.learner;
        let own = self.of.get_mut(&learner)?;
        own.retain(|it| *it != seat);
        if !own.is_empty() {
            return None;
        }
        self.of.remove(&learner);
        Some(learner)
    }

    /// Whose connection this is; `None` where it was dropped.
    pub fn learner(&self, seat: u64) -> Option<u64> {
        self.seats.get(&seat).map(|it| it.learner)
    }

    /// Whether a learner has a connection.
    pub fn is_connected(&self, learner: u64) -> bool {
        self.of.contains_key(&learner)
    }

    /// Whether a learner may send one more message now.
    pub fn may_send(&mut self, learner: u64, now: Instant) -> bool {
        let bucket = self.buckets.entry(learner).or_insert(Bucket {
            left: AT_ONCE,
            at: now,
        });
        bucket.take(now)
    }

    /// Tells one connection. Where its queue is full, nobody reads there: it is dropped, and ends with its queue.
    pub fn tell(&mut self, seat: u64, down: &Down) {
        let is_read = self
            .seats
            .get(&seat)
            .is_some_and(|it| it.queue.try_send(Message::text(down.text())).is_ok());
        if !is_read {
            self.leave(seat);
        }
    }

    /// Tells a learner, wherever they are connected.
    pub fn tell_learner(&mut self, learner: u64, down: &Down) {
        for seat in self.of.get(&learner).cloned().unwrap_or_default() {
            self.tell(seat, down);
        }
    }
}

/// How many messages a learner may send. It fills up with time.
struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    fn take(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + since * f64::from(A_SECOND)).min(AT_ONCE);
        self.at = now;
        let may = self.left >= 1.0;
        self.left -= if may { 1.0 } else { 0.0 };
        may
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn five_a_second_are_taken_and_the_rest_is_not() {
        let mut seats = Seats::default();
        let start = Instant::now();
        let mut taken = |at| (0..100).filter(|_| seats.may_send(1, at)).count();
        assert_eq!(taken(start), 10);
        assert_eq!(taken(start + Duration::from_secs(1)), 5);
        assert_eq!(taken(start + Duration::from_secs(60)), 10);
    }

    #[test]
    fn one_that_does_not_read_is_dropped() {
        let mut seats = Seats::default();
        let (queue, inbox) = mpsc::channel(QUEUE);
        let seat = seats.take(7, queue);
        for _ in 0..=QUEUE {
            seats.tell_learner(7, &Down::Lowered { id: 1 });
        }
        assert!(!seats.is_connected(7) && seats.learner(seat).is_none());
        assert_eq!(inbox.len(), QUEUE);
    }

    #[test]
    fn the_oldest_of_too_many_makes_way() {
        let mut seats = Seats::default();
        let (queue, _inbox) = mpsc::channel(QUEUE);
        let first = seats.take(7, queue.clone());
        for _ in 0..EACH {
            seats.take(7, queue.clone());
        }
        assert_eq!(seats.learner(first), None);
        assert_eq!(seats.leave(first), None);
        assert!(seats.is_connected(7));
    }
}
