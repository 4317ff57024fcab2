//! What came of the moves: for each receiver and mover, which were heard, how often, and in what order.
//!
//! While all is well that is one number for each pair, the move that comes next. Only where moves are missing is it noted
//! which, so that one that comes late is known from one that comes twice. Where a million pairs miss something, a server
//! leaves out on purpose what it cannot deliver, and what more of them miss is not noted any more.

use std::collections::HashMap;
use std::ops::Range;

/// What a delivery was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The next move of its mover, or a later one.
    InOrder,
    /// One that later ones have overtaken.
    Late,
    /// One that was heard before.
    Twice,
}

/// So many pairs with missing moves are noted.
const NOTED: usize = 1_000_000;

/// The deliveries to some receivers.
#[derive(Debug, Default)]
pub struct Tally {
    movers: usize,
    /// For each receiver and mover, one after the other: the sequence number after the highest that was heard.
    next: Vec<u32>,
    /// The sequence numbers below `next` that have not been heard, by the place in `next`.
    missing: HashMap<usize, Vec<Range<u32>>>,
}

impl Tally {
    /// For so many receivers and movers.
    pub fn new(receivers: usize, movers: usize) -> Tally {
        Tally {
            movers,
            next: vec![0; receivers * movers],
            missing: HashMap::new(),
        }
    }

    /// Counts one delivery: `receiver` has heard the move number `sequence` of `mover`.
    pub fn heard(&mut self, receiver: usize, mover: usize, sequence: u32) -> Delivery {
        let pair = receiver * self.movers + mover;
        let next = self.next[pair];
        if sequence < next {
            return self.behind(pair, sequence);
        }
        if sequence > next && (self.missing.len() < NOTED || self.missing.contains_key(&pair)) {
            self.missing.entry(pair).or_default().push(next..sequence);
        }
        self.next[pair] = sequence.saturating_add(1);
        Delivery::InOrder
    }

    /// How many moves of `mover` are behind `receiver`: heard, or overtaken by one that was.
    pub fn landed(&self, receiver: usize, mover: usize) -> u32 {
        self.next[receiver * self.movers + mover]
    }

    /// A move that comes after later ones.
    fn behind(&mut self, pair: usize, sequence: u32) -> Delivery {
        let Some(missing) = self.missing.get_mut(&pair) else {
            return match self.missing.len() < NOTED {
                true => Delivery::Twice,
                false => Delivery::Late,
            };
        };
        let Some(at) = missing.iter().position(|gap| gap.contains(&sequence)) else {
            return Delivery::Twice;
        };
        let gap = missing.swap_remove(at);
        let rest = [gap.start..sequence, sequence + 1..gap.end];
        missing.extend(rest.into_iter().filter(|rest| !rest.is_empty()));
        Delivery::Late
    }
}

#[cfg(test)]
mod tests {
    use super::Delivery::{InOrder, Late, Twice};
    use super::*;

    fn heard(sequences: &[u32]) -> Vec<Delivery> {
        let mut tally = Tally::new(2, 3);
        let heard = sequences.iter().map(|it| tally.heard(1, 2, *it));
        heard.collect()
    }

    #[test]
    fn what_comes_late_is_known_from_what_comes_twice() {
        assert_eq!(heard(&[0, 1, 2]), [InOrder; 3]);
        assert_eq!(heard(&[0, 0]), [InOrder, Twice]);
        assert_eq!(heard(&[1, 0, 0]), [InOrder, Late, Twice]);
        let mixed = [5, 2, 3, 2, 0, 4, 1, 1, 6];
        let expected = [InOrder, Late, Late, Twice, Late, Late, Late, Twice, InOrder];
        assert_eq!(heard(&mixed), expected);
    }

    #[test]
    fn each_pair_is_counted_for_itself() {
        let mut tally = Tally::new(2, 2);
        for (receiver, mover) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            assert_eq!(tally.heard(receiver, mover, 0), InOrder);
        }
        assert_eq!(tally.heard(0, 1, 0), Twice);
        tally.heard(0, 1, 4);
        assert_eq!([tally.landed(0, 1), tally.landed(1, 1)], [5, 1]);
    }
}
