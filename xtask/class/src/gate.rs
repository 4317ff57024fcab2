//! The gate: slows down whoever guesses. A code has 42 bits and a token 128; at this pace nobody comes near either.
//!
//! Wrong ones are counted for each address, and nothing is compared any more for one that has had too many: so a guess that
//! is right is not told from one that is wrong. A learner whom the room knows has a key, and does not stand in line here.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// So many wrong ones are forgiven: fingers slip.
const FORGIVEN: u32 = 8;

/// After that, one more in this time.
const ONE_MORE_AFTER: Duration = Duration::from_secs(10);

/// So many addresses are remembered; a network has no more.
const ADDRESSES: usize = 4096;

/// So many wrong ones are answered at once: of a learner whose room has another code now, or who has mistyped it.
const AT_ONCE: u32 = 3;

/// How long one more waits for its answer.
pub const HOLD: Duration = Duration::from_secs(1);

/// Who has guessed how often.
#[derive(Default)]
pub struct Gate(HashMap<IpAddr, Wrong>);

/// The wrong ones of one address, and when they were counted.
struct Wrong {
    count: u32,
    at: Instant,
}

impl Gate {
    /// Whether somebody at an address may try.
    pub fn may_try(&mut self, from: IpAddr, now: Instant) -> bool {
        let Some(wrong) = self.0.get_mut(&from) else {
            return self.0.len() < ADDRESSES;
        };
        let forgotten =
            now.saturating_duration_since(wrong.at).as_secs() / ONE_MORE_AFTER.as_secs();
        let forgotten = u32::try_from(forgotten).unwrap_or(u32::MAX);
        if forgotten > 0 {
            wrong.count = wrong.count.saturating_sub(forgotten);
            wrong.at = now;
        }
        wrong.count < FORGIVEN
    }

    /// Somebody there was wrong. Returns how long they wait to hear it.
    pub fn was_wrong(&mut self, from: IpAddr, now: Instant) -> Duration {
        self.0.retain(|_, wrong| wrong.count > 0);
        let wrong = self.0.entry(from).or_insert(Wrong { count: 0, at: now });
        wrong.count += 1;
        match wrong.count {
            0..=AT_ONCE => Duration::ZERO,
            _ => HOLD,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn whoever_guesses_waits_and_nobody_else_does() {
        let mut gate = Gate::default();
        let [guesser, other] = [1, 2].map(|last| IpAddr::from(Ipv4Addr::new(10, 0, 0, last)));
        let start = Instant::now();
        for _ in 0..FORGIVEN {
            assert!(gate.may_try(guesser, start));
            gate.was_wrong(guesser, start);
        }
        assert!(!gate.may_try(guesser, start));
        assert!(gate.may_try(other, start));
        let later = start + ONE_MORE_AFTER;
        assert!(gate.may_try(guesser, later), "one more");
        gate.was_wrong(guesser, later);
        assert!(!gate.may_try(guesser, later));
        assert!(
            gate.may_try(guesser, later + 100 * ONE_MORE_AFTER),
            "it is forgotten"
        );
    }
}
