//! What a run is to do, as its generators are told it.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use wire::position::Up;

use super::clock::TICK;
use super::wire::Wire;

/// The load that somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// How many connections.
    pub users: u32,
    /// How many of them move.
    pub movers: u32,
    /// How often each of these moves, in moves a second.
    pub rate: u32,
    /// For how long, in seconds.
    pub seconds: u32,
    /// Where this is given, the rate does not count: the one mover, whose users all belong to one generator, has always so
    /// many moves on their way to somebody.
    pub in_flight: Option<u32>,
}

impl Asked {
    /// How many moves each mover makes.
    pub fn moves_each(&self) -> u64 {
        u64::from(self.rate) * u64::from(self.seconds)
    }

    /// How many moves that is in all, at most.
    pub fn moves(&self) -> u64 {
        match self.in_flight {
            None => self.moves_each() * u64::from(self.movers),
            Some(_) => (1 << 31) - 1,
        }
    }

    /// How many deliveries a second come of it, if every move reaches all the others.
    pub fn deliveries_a_second(&self) -> u64 {
        u64::from(self.movers) * u64::from(self.rate) * u64::from(self.users.saturating_sub(1))
    }

    /// When a move is due, in nanoseconds after the start. The movers take turns, as people do who know nothing of each other.
    pub fn due(&self, turn: u64) -> u64 {
        let a_second = u128::from(self.movers) * u128::from(self.rate);
        (u128::from(turn) * 1_000_000_000 / a_second) as u64
    }
}

/// The part of one generator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// All that is asked for, of all generators together.
    pub asked: Asked,
    /// Which generator this is, from 0. Its users are those whose number leaves this rest when divided by `parts`.
    pub part: u32,
    /// How many generators there are.
    pub parts: u32,
    /// The servers. The users go to one after the other.
    pub addresses: Vec<SocketAddr>,
    /// The path of its WebSocket.
    pub path: String,
    /// How the server takes a move.
    pub up: Up,
    /// How it lays out events.
    pub wire: Wire,
    /// The second number of the addresses that the users come from: 127.7.0.1 and on. Two runs at once have two.
    pub network: u8,
    /// How long a single answer may take.
    pub patience: Duration,
}

impl Job {
    /// How many users this generator has.
    pub fn users(&self) -> usize {
        (self.part..self.asked.users)
            .step_by(self.parts as usize)
            .count()
    }

    /// The user of this generator that has this number among all; `None` where it is another's.
    pub fn own(&self, number: u32) -> Option<usize> {
        let is_ours = number % self.parts == self.part;
        is_ours.then_some((number / self.parts) as usize)
    }

    /// The number among all of a user of this generator.
    pub fn number(&self, own: usize) -> u32 {
        own as u32 * self.parts + self.part
    }

    /// Where a user of this generator connects.
    pub fn address(&self, own: usize) -> SocketAddr {
        self.addresses[self.number(own) as usize % self.addresses.len()]
    }

    /// x of a move: who moved, and which of the moves it is. It stays below 2^31 for every run that is allowed.
    pub fn x(&self, mover: u32, sequence: u32) -> u64 {
        u64::from(sequence) * u64::from(self.asked.movers) + u64::from(mover)
    }

    /// The mover and the sequence number of an `x`; `None` where no move has it.
    pub fn mover_and_sequence(&self, x: u64) -> Option<(u32, u32)> {
        let movers = u64::from(self.asked.movers);
        let is_ours = x < self.asked.moves();
        is_ours.then_some(((x % movers) as u32, (x / movers) as u32))
    }

    /// As JSON, for a generator.
    pub fn json(&self) -> Value {
        json!({
            "users": self.asked.users,
            "movers": self.asked.movers,
            "rate": self.asked.rate,
            "seconds": self.asked.seconds,
            "in_flight": self.asked.in_flight,
            "part": self.part,
            "parts": self.parts,
            "addresses": self.addresses.iter().map(SocketAddr::to_string).collect::<Vec<_>>(),
            "path": self.path,
            "object": self.up == Up::Object,
            "socket_io": self.wire == Wire::SocketIo,
            "network": self.network,
            "patience": self.patience.as_millis() as u64,
        })
    }

    /// From [`Job::json`]; `None` where something is missing.
    pub fn from_json(json: &Value) -> Option<Job> {
        let number = |name: &str| u32::try_from(json[name].as_u64()?).ok();
        Some(Job {
            asked: Asked {
                users: number("users")?,
                movers: number("movers")?,
                rate: number("rate")?,
                seconds: number("seconds")?,
                in_flight: number("in_flight"),
            },
            part: number("part")?,
            parts: number("parts")?,
            addresses: addresses(&json["addresses"])?,
            path: json["path"].as_str()?.to_owned(),
            up: match json["object"].as_bool()? {
                true => Up::Object,
                false => Up::TwoValues,
            },
            wire: match json["socket_io"].as_bool()? {
                true => Wire::SocketIo,
                false => Wire::Events,
            },
            network: number("network")? as u8,
            patience: Duration::from_millis(number("patience")?.into()),
        })
    }
}

/// One address at least.
fn addresses(json: &Value) -> Option<Vec<SocketAddr>> {
    let all = json.as_array()?.iter();
    let all: Option<Vec<SocketAddr>> = all.map(|it| it.as_str()?.parse().ok()).collect();
    all.filter(|all| !all.is_empty())
}

/// The longest run, in seconds: then the time of a move, in ticks, is still below 2^31.
pub const LONGEST: u32 = 3600;
const _: () = assert!(LONGEST as u64 * 1_000_000_000 / TICK < 1 << 31);

#[cfg(test)]
mod tests {
    use super::*;

    fn job(part: u32, parts: u32) -> Job {
        Job {
            asked: Asked {
                users: 10,
                movers: 3,
                rate: 60,
                seconds: 2,
                in_flight: None,
            },
            part,
            parts,
            addresses: vec![([127, 0, 0, 1], 8080).into(), ([127, 0, 0, 1], 8081).into()],
            path: "/ws".into(),
            up: Up::Object,
            wire: Wire::Events,
            network: 7,
            patience: Duration::from_secs(10),
        }
    }

    #[test]
    fn every_user_belongs_to_one_generator() {
        let jobs: Vec<Job> = (0..3).map(|part| job(part, 3)).collect();
        assert_eq!(jobs.iter().map(Job::users).sum::<usize>(), 10);
        for number in 0..10 {
            let owners: Vec<&Job> = jobs.iter().filter(|it| it.own(number).is_some()).collect();
            let [owner] = owners[..] else {
                panic!("{number} has {} owners", owners.len())
            };
            let own = owner.own(number).unwrap();
            assert!(own < owner.users());
            assert_eq!(owner.number(own), number);
        }
    }

    #[test]
    fn a_move_says_who_and_which() {
        let job = job(0, 1);
        for (mover, sequence) in [(0, 0), (2, 0), (1, 119)] {
            let x = job.x(mover, sequence);
            assert_eq!(job.mover_and_sequence(x), Some((mover, sequence)));
        }
        assert_eq!(job.mover_and_sequence(360), None);
    }

    #[test]
    fn the_movers_take_turns() {
        let asked = job(0, 1).asked;
        assert_eq!(asked.due(0), 0);
        assert_eq!(asked.due(asked.moves()), 2_000_000_000);
        assert_eq!(asked.deliveries_a_second(), 3 * 60 * 9);
    }

    #[test]
    fn a_job_comes_through_a_pipe_as_it_was() {
        let mut job = job(1, 2);
        assert_eq!(Job::from_json(&job.json()), Some(job.clone()));
        job.asked.in_flight = Some(64);
        job.wire = Wire::SocketIo;
        assert_eq!(Job::from_json(&job.json()), Some(job));
        assert_eq!(Job::from_json(&json!({"users": 3})), None);
    }
}
