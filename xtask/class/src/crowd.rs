//! So many at a time, and so many of them from one address: whoever takes all places of their own takes nobody else's.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The places.
#[derive(Clone)]
pub struct Crowd {
    most: usize,
    most_each: usize,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A place, until it is dropped.
pub struct Place {
    crowd: Crowd,
    from: IpAddr,
}

impl Crowd {
    /// So many places, and so many of them for each address.
    pub fn of(most: usize, most_each: usize) -> Crowd {
        Crowd {
            most,
            most_each,
            taken: Arc::default(),
        }
    }

    /// A place for somebody there; `None` where none is left.
    pub fn enter(&self, from: IpAddr) -> Option<Place> {
        let mut taken = self.taken();
        let all: usize = taken.values().sum();
        let own = taken.get(&from).copied().unwrap_or_default();
        if all >= self.most || own >= self.most_each {
            return None;
        }
        taken.insert(from, own + 1);
        let crowd = self.clone();
        Some(Place { crowd, from })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.crowd.taken();
        let own = taken.get(&self.from).map_or(0, |own| own - 1);
        match own {
            0 => taken.remove(&self.from),
            own => taken.insert(self.from, own),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn nobody_takes_the_places_of_others() {
        let crowd = Crowd::of(3, 2);
        let [one, other, third] = [1, 2, 3].map(|last| Ipv4Addr::new(10, 0, 0, last).into());
        let own: Vec<_> = (0..5).map(|_| crowd.enter(one)).collect();
        assert_eq!(own.iter().flatten().count(), 2);
        let place = crowd.enter(other);
        assert!(
            place.is_some() && crowd.enter(third).is_none(),
            "it is full"
        );
        drop(own);
        assert!(crowd.enter(third).is_some() && crowd.enter(one).is_some());
        drop(place);
        assert!(crowd.taken().is_empty(), "nobody is remembered");
    }
}
