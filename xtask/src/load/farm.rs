//! How many servers a crowd takes, by what one server took here.

use serde_json::{Value, json};

use super::report::{grouped, size};
use super::run::Measured;

/// The share of a machine that is given to a server: the rest is for the moment when all move at once, and for the others'
/// users when one server fails.
const SHARE: f64 = 0.7;
/// The answer that is given in the lesson: connections on one good machine, and with them, servers for 100,000 users.
const LESSON: [u64; 2] = [10_000, 15_000];

/// What one server took for each user, and what a machine like this one has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Farm {
    /// How many users there are to be.
    pub users: u64,
    /// The share of a core that a user takes.
    pub core_each: f64,
    /// The cores of the machine.
    pub cores: usize,
    /// The memory that a user takes, in bytes, and what the machine has.
    pub memory: Option<(f64, f64)>,
    /// How many moves each user heard in a second.
    pub heard: f64,
    /// With how many users it was measured.
    pub measured_with: u64,
}

impl Farm {
    /// For so many users, from a measurement; `None` where the server's processor time is not known, or nothing was heard.
    pub fn of(users: u64, measured: &Measured) -> Option<Farm> {
        let connected = measured.part.counts.connected;
        let core_each = measured.cpu?.as_secs_f64() / measured.seconds / connected as f64;
        let memory = measured.memory_each().zip(memory_here());
        (core_each > 0.0 && connected > 0).then_some(Farm {
            users,
            core_each,
            cores: measured.cores,
            memory: memory.filter(|(each, _)| *each > 0.0),
            heard: measured.deliveries_a_second() / connected as f64,
            measured_with: connected,
        })
    }

    /// The users for whom a machine like this one has processor time.
    pub fn by_cpu(&self) -> u64 {
        (SHARE * self.cores as f64 / self.core_each) as u64
    }

    /// The users for whom it has memory.
    pub fn by_memory(&self) -> Option<u64> {
        let (each, all) = self.memory?;
        Some((SHARE * all / each) as u64)
    }

    /// The users of one server, at least one.
    pub fn on_one(&self) -> u64 {
        self.by_cpu()
            .min(self.by_memory().unwrap_or(u64::MAX))
            .max(1)
    }

    /// The servers for all users.
    pub fn servers(&self) -> u64 {
        self.users.div_ceil(self.on_one())
    }

    /// The arithmetic, for a person: rows with a name each.
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        let share = 100.0 * SHARE;
        let cpu = format!(
            "{:.4} % of a core for each user; {share:.0} % of {} cores: {} users",
            100.0 * self.core_each,
            self.cores,
            grouped(self.by_cpu())
        );
        let memory = match (self.memory, self.by_memory()) {
            (Some((each, all)), Some(users)) => format!(
                "{} for each user; {share:.0} % of {}: {} users",
                size(each),
                size(all),
                grouped(users)
            ),
            _ => "not known here".into(),
        };
        let on_one = grouped(self.on_one());
        let servers = grouped(self.servers());
        vec![
            ("CPU", cpu),
            ("memory", memory),
            (
                "one server",
                format!("{on_one} users, the lesser of the two"),
            ),
            (
                "servers",
                format!("{} / {on_one} = {servers}", grouped(self.users)),
            ),
        ]
    }

    /// What to compare it with, and what it leaves out.
    pub fn words(&self) -> String {
        let [few, many] = LESSON.map(|each| self.users.div_ceil(each));
        format!(
            "The lesson's answer: {} to {} connections on one good machine, that is {} to {} servers, about ten for \
             100,000 users. Its users hear little; here each heard {:.0} moves a second, and it is these that cost. \
             It was measured with {} users: beyond, it is arithmetic.\n\
             Not in it: a real network and its interrupts, TLS, users who come back all at once, and how a move gets \
             from one server to the users of another.",
            grouped(LESSON[0]),
            grouped(LESSON[1]),
            grouped(many),
            grouped(few),
            self.heard,
            grouped(self.measured_with),
        )
    }

    /// The same as JSON.
    pub fn json(&self) -> Value {
        json!({
            "users": self.users,
            "share_of_a_machine": SHARE,
            "cores": self.cores,
            "core_each": self.core_each,
            "by_cpu": self.by_cpu(),
            "memory_each": self.memory.map(|(each, _)| each),
            "memory": self.memory.map(|(_, all)| all),
            "by_memory": self.by_memory(),
            "on_one": self.on_one(),
            "servers": self.servers(),
            "lesson": LESSON.map(|each| self.users.div_ceil(each)),
        })
    }
}

/// The memory of this machine, in bytes. Known on Linux.
fn memory_here() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FARM: Farm = Farm {
        users: 100_000,
        core_each: 0.00049,
        cores: 4,
        memory: Some((140_000.0, 8e9)),
        heard: 1.0,
        measured_with: 1_000,
    };

    #[test]
    fn the_scarcer_of_the_two_decides() {
        assert_eq!(FARM.by_cpu(), 5_714);
        assert_eq!(FARM.by_memory(), Some(40_000));
        assert_eq!((FARM.on_one(), FARM.servers()), (5_714, 18));
        let little = Farm {
            memory: Some((140_000.0, 1e9)),
            ..FARM
        };
        assert_eq!((little.on_one(), little.servers()), (5_000, 20));
    }

    #[test]
    fn the_arithmetic_is_shown() {
        let row = |farm: Farm, at: usize| farm.rows()[at].1.clone();
        assert_eq!(
            row(FARM, 0),
            "0.0490 % of a core for each user; 70 % of 4 cores: 5,714 users"
        );
        assert_eq!(row(FARM, 3), "100,000 / 5,714 = 18");
        assert!(FARM.words().contains("7 to 10 servers"));
        let unknown = Farm {
            memory: None,
            ..FARM
        };
        assert_eq!(row(unknown, 1), "not known here");
        assert_eq!(unknown.servers(), 18);
    }

    #[test]
    fn a_server_holds_somebody_at_least() {
        let slow = Farm {
            core_each: 100.0,
            ..FARM
        };
        assert_eq!(slow.servers(), 100_000);
    }
}
