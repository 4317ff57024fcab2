//! What one hostile connection does from its first byte to its end, drawn from a seed.
//!
//! A script is data: how the connection opens, what it sends at first and what again and again, whether it reads, how long it
//! lasts, and how it leaves. The tricks fill it in ([`tricks`](super::tricks)); [`hostile`](super::hostile) plays it.

use std::time::Duration;

use fastrand::Rng;
use wire::frame::{self, PONG};

use super::tricks::{QUIET, Trick};
use crate::load::server::Place;

/// A quiet connection lasts no longer than this: longer than the patience that the server is started with.
const LONGEST: Duration = Duration::from_secs(4);
/// A loud one lasts at least as long as this, so that a server has the time to stop it.
const LOUD_FOR: Duration = Duration::from_secs(1);

/// How a connection opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Connects, and no more.
    Connection,
    /// Asks for a WebSocket, and waits until it has one.
    WebSocket,
}

/// How a connection leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// As a pulled cable: it is reset.
    Reset,
    /// The system says that it is over.
    Closed,
    /// With a close frame, or what a server takes for one.
    Goodbye,
}

/// What one connection does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// What it is up to.
    pub trick: Trick,
    /// How long it waits before it connects.
    pub after: Duration,
    /// Whether the system keeps little for it, so that a server soon notices that it does not read.
    pub is_narrow: bool,
    /// How it opens.
    pub opening: Opening,
    /// What it sends then.
    pub first: Vec<u8>,
    /// What it sends again and again after that, if anything.
    pub again: Vec<u8>,
    /// How long it waits before each time; with zero, it sends as fast as the server takes it.
    pub every: Duration,
    /// Whether it reads what comes.
    pub reads: bool,
    /// How long it stays after it has connected.
    pub lasts: Duration,
    /// How it leaves, if it is still there.
    pub leaves: Leaving,
}

impl Script {
    /// The next script of a place that has these tricks. A loud one sends as fast as it can, a quiet one does not.
    pub fn draw(rng: &mut Rng, tricks: &[Trick], place: &Place) -> Script {
        let is_loud = tricks != QUIET;
        let trick = tricks[rng.usize(..tricks.len())];
        let lasts = match is_loud {
            true => LOUD_FOR + (LONGEST - LOUD_FOR).mul_f64(rng.f64()),
            // Most are short, so that many come and go.
            false => LONGEST.mul_f64(rng.f64().powi(2)),
        };
        let mut script = Script {
            trick,
            after: Duration::from_millis(rng.u64(20..500)),
            is_narrow: rng.u8(..4) == 0,
            opening: Opening::WebSocket,
            first: Vec::new(),
            again: Vec::new(),
            every: Duration::ZERO,
            reads: rng.bool(),
            lasts,
            leaves: [Leaving::Reset, Leaving::Closed, Leaving::Goodbye][rng.usize(..3)],
        };
        trick.fill(&mut script, rng, place);
        script
    }

    /// The script of one who is not hostile at all: it listens for an hour, and says now and then that it is there.
    pub fn listener() -> Script {
        Script {
            trick: Trick::AsAPage,
            after: Duration::ZERO,
            is_narrow: false,
            opening: Opening::WebSocket,
            first: Vec::new(),
            again: frame::whole(PONG, b""),
            every: Duration::from_millis(500),
            reads: true,
            lasts: Duration::from_secs(3600),
            leaves: Leaving::Closed,
        }
    }
}

/// The random numbers of one place in one round: each has its own, so that what it does depends on nothing that the others do.
pub fn of_place(seed: u64, round: u64, place: u64) -> Rng {
    let mut of_round = Rng::with_seed(seed.wrapping_add(round));
    Rng::with_seed(of_round.u64(..).wrapping_add(place))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::tricks::{ENDLESS, LOUD};
    use super::*;

    fn scripts(seed: u64, place: u64, tricks: &[Trick]) -> Vec<Script> {
        let at = Place::parse("127.0.0.1:8080").unwrap();
        let mut rng = of_place(seed, 0, place);
        (0..300)
            .map(|_| Script::draw(&mut rng, tricks, &at))
            .collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_moves() {
        for tricks in [QUIET, LOUD, ENDLESS] {
            assert!(scripts(7, 3, tricks) == scripts(7, 3, tricks));
            assert!(scripts(7, 3, tricks) != scripts(8, 3, tricks));
            assert!(scripts(7, 3, tricks) != scripts(7, 4, tricks));
        }
    }

    #[test]
    fn every_trick_has_its_turn() {
        for tricks in [QUIET, LOUD, ENDLESS] {
            let drawn: BTreeSet<Trick> = scripts(1, 0, tricks).iter().map(|it| it.trick).collect();
            assert_eq!(drawn, tricks.iter().copied().collect());
        }
    }

    #[test]
    fn only_the_loud_send_as_fast_as_they_can() {
        let is_flood = |it: &Script| !it.again.is_empty() && it.every.is_zero();
        assert!(!scripts(1, 0, QUIET).iter().any(is_flood));
        assert!(scripts(1, 0, LOUD).iter().all(is_flood));
        assert!(scripts(1, 0, ENDLESS).iter().all(is_flood));
    }

    #[test]
    fn nobody_stays_for_ever() {
        for script in [QUIET, LOUD, ENDLESS].map(|it| scripts(1, 0, it)).concat() {
            assert!(script.lasts <= LONGEST && script.after < Duration::from_secs(1));
        }
    }
}
