//! How many servers a crowd takes, by what one server took here.

use serde_json::{Value, json};
use steps::step::{Ability, since};

use super::report::{TOO_LATE, grouped, size, time};
use super::run::{Backplane, Measured};

/// The share of a machine that is given to a server: the rest is for the moment when all move at once, and for the others'
/// users when one server fails.
const SHARE: f64 = 0.7;
/// The files that a server keeps for itself: its own, and those of connections that are no WebSockets. Step 11 counts them.
const KEPT: u64 = 288;
/// The answer that is given in the lesson: connections on one good machine, and with them, servers for 100,000 users.
const LESSON: [u64; 2] = [10_000, 15_000];
/// The messages a second of an endpoint of step 17, at most: a window of moves is ten milliseconds.
const WINDOWS: u64 = 100;
/// The least share of a core from which it is known what a message of the backplane takes.
const KNOWN: f64 = 0.02;

/// What one server took for each user, and what a machine like this one has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// How many users there are to be.
    pub users: u64,
    /// The share of a core that a user takes.
    pub core_each: f64,
    /// The cores of the machine.
    pub cores: usize,
    /// Whether one task of the server writes to all users, and so on one core.
    pub has_hub: bool,
    /// How many files a process may have open, where there is such a limit.
    pub files: Option<u64>,
    /// How late one of a hundred deliveries was, as the histogram counts it.
    pub p99: u64,
    /// The memory that a user takes, in bytes, and what the machine has.
    pub memory: Option<(f64, f64)>,
    /// How many moves each user heard in a second.
    pub heard: f64,
    /// With how many users it was measured.
    pub measured_with: u64,
    /// What is between several endpoints, where it was measured with several.
    pub between: Option<Between>,
}

/// What several endpoints have to do with each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Between {
    /// How many connections were made in a second, at all endpoints together.
    pub connected_a_second: f64,
    /// The messages that the backplane sends for a second of its processor time, where that is known. A busier one sends more:
    /// it takes several at a time.
    pub messages: Option<f64>,
}

impl Between {
    fn of(measured: &Measured) -> Option<Between> {
        let connecting = measured.part.connecting as f64 / 1e9;
        let for_a_second = |it: Backplane| Some(it.went / it.cpu.filter(|cpu| *cpu > KNOWN)?);
        (measured.endpoints > 1).then(|| Between {
            connected_a_second: measured.part.counts.connected as f64 / connecting.max(0.001),
            messages: measured.backplane.and_then(for_a_second),
        })
    }
}

impl Plan {
    /// For so many users of this step's server, from a measurement; `None` where the server's processor time is not known, or
    /// nothing was heard.
    pub fn of(users: u64, step: u32, files: Option<u64>, measured: &Measured) -> Option<Plan> {
        let connected = measured.part.counts.connected;
        let core_each = measured.cpu?.as_secs_f64() / measured.seconds / connected as f64;
        let memory = measured.memory_each().zip(memory_here());
        (core_each > 0.0 && connected > 0).then_some(Plan {
            users,
            core_each,
            cores: measured.cores,
            // One task writes to everybody, so that has one core, however many there are.
            has_hub: step >= since(Ability::Hub),
            files,
            p99: measured.part.latency.quantile(0.99),
            memory: memory.filter(|(each, _)| *each > 0.0),
            heard: measured.deliveries_a_second() / connected as f64,
            measured_with: connected,
            between: Between::of(measured),
        })
    }

    /// The cores that one server can use.
    fn cores_of_one(&self) -> usize {
        if self.has_hub { 1 } else { self.cores }
    }

    /// The users for whom one server has processor time.
    pub fn by_cpu(&self) -> u64 {
        (SHARE * self.cores_of_one() as f64 / self.core_each) as u64
    }

    /// The users for whom it has files: each connection is one.
    pub fn by_files(&self) -> Option<u64> {
        Some(self.files?.saturating_sub(KEPT))
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
            .min(self.by_files().unwrap_or(u64::MAX))
            .max(1)
    }

    /// The servers for all users.
    pub fn servers(&self) -> u64 {
        self.users.div_ceil(self.on_one())
    }

    /// The arithmetic, for a person: rows with a name each.
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        let on_one = grouped(self.on_one());
        let servers = grouped(self.servers());
        let mut rows = vec![
            ("CPU", self.cpu_row()),
            ("memory", self.memory_row()),
            ("files", self.files_row()),
            ("one server", format!("{on_one} users, the least of these")),
            (
                "servers",
                format!("{} / {on_one} = {servers}", grouped(self.users)),
            ),
        ];
        rows.extend(
            self.between
                .into_iter()
                .flat_map(|it| self.rows_between(it)),
        );
        rows
    }

    fn cpu_row(&self) -> String {
        let cores = match (self.has_hub, self.cores) {
            (true, _) => "one core, because the hub is one task".into(),
            (false, 1) => "one core".into(),
            (false, cores) => format!("{cores} cores"),
        };
        format!(
            "{:.4} % of a core for each user; {:.0} % of {cores}: {} users",
            100.0 * self.core_each,
            100.0 * SHARE,
            grouped(self.by_cpu())
        )
    }

    fn memory_row(&self) -> String {
        match (self.memory, self.by_memory()) {
            (Some((each, all)), Some(users)) => format!(
                "{} for each user; {:.0} % of {}: {} users",
                size(each),
                100.0 * SHARE,
                size(all),
                grouped(users)
            ),
            _ => "not known here".into(),
        }
    }

    fn files_row(&self) -> String {
        match (self.files, self.by_files()) {
            (Some(files), Some(users)) => format!(
                "one for each user, {KEPT} for the rest; {} here, and you can raise `ulimit -Hn`: {} users",
                grouped(files),
                grouped(users)
            ),
            _ => "no limit is known here".into(),
        }
    }

    /// What comes with several endpoints: one of them ends, and all of them hear each other.
    fn rows_between(&self, between: Between) -> Vec<(&'static str, String)> {
        let (servers, on_one) = (self.servers(), self.on_one());
        let others = servers.saturating_sub(1).max(1);
        let back = on_one as f64 / (between.connected_a_second * others as f64);
        let one_ends = format!(
            "its {} users connect to the {} others, {} to each; this run made {} connections a second: {}",
            grouped(on_one),
            grouped(others),
            grouped(on_one.div_ceil(others)),
            grouped(between.connected_a_second as u64),
            match back {
                ..1.0 => "less than a second".into(),
                _ => format!("{back:.0} s"),
            }
        );
        let hears = WINDOWS * others;
        let backplane = format!(
            "{WINDOWS} windows a second from each of {}: each hears {}, and NATS sends {} messages a second",
            grouped(servers),
            grouped(hears),
            grouped(hears * servers)
        );
        let one_subject = match between.messages {
            Some(messages) => {
                let most = SHARE * self.cores as f64 * messages;
                let endpoints = (most / WINDOWS as f64).sqrt() as u64 + 1;
                format!(
                    "at least {} messages for a second of NATS's CPU; {:.0} % of {} cores: {}, enough for {} endpoints. Beyond, \
                     a subject for each room",
                    grouped(messages as u64),
                    100.0 * SHARE,
                    self.cores,
                    grouped(most as u64),
                    grouped(endpoints)
                )
            }
            None => "not known: too little went over the backplane; let more users move".into(),
        };
        vec![
            ("one ends", one_ends),
            ("backplane", backplane),
            ("one subject", one_subject),
        ]
    }

    /// What to compare it with, and what it leaves out.
    pub fn words(&self) -> String {
        let [few, many] = LESSON.map(|each| self.users.div_ceil(each));
        format!(
            "The lesson's answer: {} to {} connections on one good machine, that is {} to {} servers, about ten for \
             100,000 users. The lesson's users hear little; here each heard {:.0} moves a second, and these moves are the cost. \
             The measurement had {} users; what goes beyond is arithmetic.{}\n\
             The plan leaves out a real network and its interrupts, TLS, {}users who come back all at once{}.",
            grouped(LESSON[0]),
            grouped(LESSON[1]),
            grouped(many),
            grouped(few),
            self.heard,
            grouped(self.measured_with),
            self.late(),
            if self.between.is_some() { "and " } else { "" },
            match self.between {
                Some(_) => "",
                None => ", and how a move gets from one server to the users of another",
            },
        )
    }

    /// That the measurement itself was too late, if it was.
    fn late(&self) -> String {
        match self.p99 {
            ..=TOO_LATE => String::new(),
            p99 => format!(
                " In it, one of a hundred deliveries took {} or more, but a hand feels no delay only up to {}. To stay below, a server \
                 holds fewer users. `--ramp --plan {}` finds how many, and plans with that number.",
                time(p99),
                time(TOO_LATE),
                self.users
            ),
        }
    }

    /// The same as JSON.
    pub fn json(&self) -> Value {
        json!({
            "users": self.users,
            "share_of_a_machine": SHARE,
            "cores": self.cores,
            "cores_of_one_server": self.cores_of_one(),
            "p99_was_too_late": self.p99 > TOO_LATE,
            "core_each": self.core_each,
            "by_cpu": self.by_cpu(),
            "memory_each": self.memory.map(|(each, _)| each),
            "memory": self.memory.map(|(_, all)| all),
            "by_memory": self.by_memory(),
            "by_files": self.by_files(),
            "on_one": self.on_one(),
            "servers": self.servers(),
            "connected_a_second": self.between.map(|it| it.connected_a_second),
            "messages_a_cpu_second_of_nats": self.between.and_then(|it| it.messages),
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

    const PLAN: Plan = Plan {
        users: 100_000,
        core_each: 0.00049,
        cores: 4,
        has_hub: false,
        files: None,
        p99: 0,
        memory: Some((140_000.0, 8e9)),
        heard: 1.0,
        measured_with: 1_000,
        between: None,
    };

    #[test]
    fn the_scarcer_of_the_two_decides() {
        assert_eq!(PLAN.by_cpu(), 5_714);
        assert_eq!(PLAN.by_memory(), Some(40_000));
        assert_eq!((PLAN.on_one(), PLAN.servers()), (5_714, 18));
        let little = Plan {
            memory: Some((140_000.0, 1e9)),
            ..PLAN
        };
        assert_eq!((little.on_one(), little.servers()), (5_000, 20));
    }

    #[test]
    fn the_arithmetic_is_shown() {
        let row = |farm: Plan, at: usize| farm.rows()[at].1.clone();
        assert_eq!(
            row(PLAN, 0),
            "0.0490 % of a core for each user; 70 % of 4 cores: 5,714 users"
        );
        assert_eq!(row(PLAN, 4), "100,000 / 5,714 = 18");
        assert!(PLAN.words().contains("7 to 10 servers"));
        let unknown = Plan {
            memory: None,
            ..PLAN
        };
        assert_eq!(row(unknown, 1), "not known here");
        assert_eq!(unknown.servers(), 18);
    }

    #[test]
    fn a_hub_has_one_core() {
        let hub = Plan {
            has_hub: true,
            ..PLAN
        };
        assert_eq!(hub.by_cpu(), 1_428);
        assert!(hub.cpu_row().contains("70 % of one core"));
    }

    #[test]
    fn there_are_no_more_users_than_files() {
        let narrow = Plan {
            files: Some(1_024),
            ..PLAN
        };
        assert_eq!((narrow.on_one(), narrow.servers()), (736, 136));
        assert!(narrow.files_row().contains("1,024 here"));
    }

    #[test]
    fn it_says_when_the_measurement_was_late_already() {
        let late = Plan {
            p99: TOO_LATE * 2,
            ..PLAN
        };
        assert!(late.words().contains("one of a hundred deliveries"));
        assert!(!PLAN.words().contains("one of a hundred deliveries"));
    }

    #[test]
    fn several_endpoints_have_to_hear_each_other() {
        let farm = Plan {
            between: Some(Between {
                connected_a_second: 20_000.0,
                messages: Some(250_000.0),
            }),
            ..PLAN
        };
        let rows = farm.rows();
        let row = |name: &str| &rows.iter().find(|row| row.0 == name).unwrap().1;
        // 18 servers of 5,714 users.
        assert!(
            row("one ends").starts_with("its 5,714 users connect to the 17 others, 337 to each")
        );
        assert!(row("one ends").ends_with("less than a second"));
        assert!(
            row("backplane").ends_with("each hears 1,700, and NATS sends 30,600 messages a second")
        );
        // The root of 700,000 / 100, and the one itself.
        assert!(
            row("one subject").contains("enough for 84 endpoints"),
            "{rows:?}"
        );
    }

    #[test]
    fn a_server_holds_somebody_at_least() {
        let slow = Plan {
            core_each: 100.0,
            ..PLAN
        };
        assert_eq!(slow.servers(), 100_000);
    }
}
