//! Where everybody is now: the newest position of each browser. Explained in steps 15 and 16.

use std::collections::{BTreeMap, HashMap};

/// The newest position of each browser, of those whose frames the log has forgotten. They lie in the order of their places,
/// so a browser that has fallen behind walks along them as it walks along the log.
#[derive(Default)]
pub struct Newest {
    /// The positions, each at the place where its frame ended.
    positions: BTreeMap<u64, Position>,
    /// The place of each browser's position.
    places: HashMap<u64, u64>,
    /// Everybody has got the log up to this place.
    all_have: u64,
}

/// A position whose frame the log has forgotten.
pub struct Position {
    pub from: u64,
    pub frame: Vec<u8>,
}

impl Newest {
    /// Keeps a position that somebody has not got yet. It takes the place of an older one of the same browser.
    pub fn keep(&mut self, place: u64, from: u64, frame: Vec<u8>) {
        if place <= self.all_have {
            return;
        }
        self.positions.insert(place, Position { from, frame });
        if let Some(older) = self.places.insert(from, place) {
            self.positions.remove(&older);
        }
    }

    /// Lets go of the positions that everybody has got.
    pub fn all_have(&mut self, place: u64) {
        self.all_have = place;
        while let Some(oldest) = self.positions.first_entry()
            && *oldest.key() <= place
        {
            self.places.remove(&oldest.remove().from);
        }
    }

    /// The positions after a place, in order.
    pub fn after(&self, place: u64) -> impl Iterator<Item = (u64, &Position)> {
        let after = self.positions.range(place + 1..);
        after.map(|(place, position)| (*place, position))
    }
}
