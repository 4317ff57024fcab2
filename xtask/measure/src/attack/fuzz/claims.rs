//! What has to hold of a server under the fuzz, and how exactly it is asked.
//!
//! The machine has few cores, which attackers, users and server share, and other things to do. So nothing is asked of a single
//! moment: a latency is the median over all windows of their 99th percentiles. It is compared with the same of the same run
//! while it was quiet, and some WebSockets only listened; and with how late the machine made somebody meanwhile who had no
//! server at all ([`witness`]), where that is more. A server that stops, or reads for one client alone, makes its users late and
//! not the witness.
//!
//! [`witness`]: super::witness

use std::time::Duration;

use machine::patience;

use super::{ENDING, ROUNDS, Seen, Window};
use crate::attack::soon;

/// So many times as late as while it is quiet may an honest move be.
const TIMES: f64 = 3.0;
/// Below this, in milliseconds, nothing is too late. Where a quiet relay takes half a millisecond, three times that is less than
/// the turn that the system gives to another thread, and there are attackers on the same cores. A screen shows a new picture
/// every 17 ms: nobody sees so little.
const FLOOR: f64 = 20.0;
/// What a server may keep of its memory after the second round beyond what it kept after the first, in bytes. An allocator
/// keeps what it has once got from the system, so it is not asked what was there at the very beginning. What each connection
/// leaves behind is there twice after two rounds: of 6,000 connections, which a round of half a minute has, a kilobyte and a
/// half each is more than this.
const KEPT: u64 = 8 << 20;

/// One thing that has to hold.
#[derive(Debug, PartialEq, Eq)]
pub struct Claim {
    /// What it is called, for a program.
    pub name: &'static str,
    /// Whether it does.
    pub is_held: bool,
    /// What was seen, in words.
    pub text: String,
}

/// All of them.
pub fn all(seen: &Seen) -> Vec<Claim> {
    let mut claims = vec![stands(seen)];
    if seen.fell.is_none() {
        claims.extend([late(seen), arrives(seen), serves(seen)]);
        claims.extend(files(seen));
        claims.extend(memory(seen));
        claims.push(ends(seen));
    }
    claims
}

/// The median of the windows' 99th percentiles, in milliseconds. Where nothing came, that is later than anything.
pub fn p99<'a>(windows: impl Iterator<Item = &'a Window>) -> f64 {
    median(windows.map(|it| it.came.quantile(0.99).unwrap_or(f64::INFINITY)))
}

/// The median of how late the machine itself made somebody.
pub fn machine<'a>(windows: impl Iterator<Item = &'a Window>) -> f64 {
    median(windows.map(|it| it.machine))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
        .get(values.len() / 2)
        .copied()
        .unwrap_or(f64::INFINITY)
}

fn fuzzed(seen: &Seen) -> impl Iterator<Item = &Window> {
    seen.rounds.iter().flat_map(|round| &round.windows)
}

fn stands(seen: &Seen) -> Claim {
    let text = match (&seen.fell, seen.panics) {
        (Some(how), _) => format!("the server ended: {how}"),
        (None, 0) => "the server runs on, and has not panicked".into(),
        (None, panics) => format!("the server panicked, {panics} times"),
    };
    let is_held = seen.fell.is_none() && seen.panics == 0;
    Claim {
        name: "stands",
        is_held,
        text,
    }
}

fn late(seen: &Seen) -> Claim {
    let (quiet, fuzz) = (p99(seen.quiet.iter()), p99(fuzzed(seen)));
    let machine = machine(fuzzed(seen));
    let most = (TIMES * quiet.max(machine)).max(FLOOR * patience::asked());
    Claim {
        name: "late",
        is_held: fuzz <= most,
        text: format!(
            "99 of 100 honest moves took at most {fuzz:.1} ms, and {quiet:.1} ms while it was quiet; without a server, something took {machine:.1} ms meanwhile; {most:.1} ms are allowed"
        ),
    }
}

fn arrives(seen: &Seen) -> Claim {
    let windows = || fuzzed(seen).chain(&seen.quiet);
    let behind = windows().map(|it| it.behind).max().unwrap_or_default();
    let backwards = windows().map(|it| it.backwards).max().unwrap_or_default();
    let cut = windows().map(|it| it.came.cut).max().unwrap_or_default();
    let outdated: u64 = fuzzed(seen).map(|it| it.came.lost()).sum();
    let text = match (cut, behind, backwards) {
        (0, 0, 0) => format!(
            "every honest move arrived, or a newer one of the same user did: {outdated} were outdated"
        ),
        (0, 0, _) => format!("{backwards} honest moves came after newer ones"),
        (0, ..) => format!(
            "honest moves are missing: of 56 pairs of users, {behind} had heard nothing new {:.0} s later",
            soon().as_secs_f64()
        ),
        _ => format!("{cut} of the honest users were cut off"),
    };
    Claim {
        name: "arrives",
        is_held: (cut, behind, backwards) == (0, 0, 0),
        text,
    }
}

fn serves(seen: &Seen) -> Claim {
    let all = fuzzed(seen).count();
    let served = fuzzed(seen).filter(|it| it.is_served).count();
    Claim {
        name: "serves",
        is_held: served == all,
        text: format!(
            "{served} of {all} who came meanwhile got a file within {:.0} s",
            soon().as_secs_f64()
        ),
    }
}

fn files(seen: &Seen) -> Option<Claim> {
    let before = seen.before.files?;
    let after = seen.rounds.last()?.after.files?;
    Some(Claim {
        name: "files",
        is_held: after <= before,
        text: format!("{before} files were open before it, and {after} after it"),
    })
}

fn memory(seen: &Seen) -> Option<Claim> {
    let [first, last] = [seen.rounds.first()?, seen.rounds.last()?];
    let (first, last) = (first.after.memory?, last.after.memory?);
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    Some(Claim {
        name: "memory",
        is_held: last <= first + KEPT,
        text: format!(
            "it held {:.1} MB after the first round, and {:.1} MB after the last of {ROUNDS}; {:.1} MB more are allowed",
            megabytes(first),
            megabytes(last),
            megabytes(KEPT)
        ),
    })
}

fn ends(seen: &Seen) -> Claim {
    let within = ENDING.mul_f64(patience::measured());
    let is_held = |end: &Result<Duration, String>| end.as_ref().is_ok_and(|took| *took <= within);
    let words = seen.ends.iter().map(|end| match end {
        Ok(took) => format!("{:.1} s", took.as_secs_f64()),
        Err(instead) => instead.clone(),
    });
    let words: Vec<String> = words.collect();
    Claim {
        name: "ends",
        is_held: seen.ends.iter().all(is_held),
        text: format!(
            "after Ctrl-C, at rest and in the middle of it: {}",
            words.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attack::fuzz::Holds;
    use crate::attack::fuzz::Round;
    use crate::attack::sheet::Sheet;

    /// A window in which every move took so many ticks of ten microseconds.
    fn window(ticks: u64) -> Window {
        let mut sheet = Sheet::default();
        (0..1000).for_each(|sent| sheet.came(sent, sent + ticks));
        sheet.seen.expected = 1000;
        Window {
            came: sheet.seen,
            machine: 0.1,
            is_served: true,
            ..Window::default()
        }
    }

    fn right() -> Seen {
        let holds = Holds {
            files: Some(20),
            memory: Some(5 << 20),
        };
        let round = || Round {
            windows: vec![window(200), window(150), window(100_000)],
            after: holds,
            ..Round::default()
        };
        Seen {
            quiet: vec![window(50), window(40), window(60)],
            rounds: vec![round(), round()],
            before: holds,
            ends: vec![Ok(Duration::from_secs(1))],
            ..Seen::default()
        }
    }

    fn failed(seen: &Seen) -> Vec<&'static str> {
        let failed = all(seen).into_iter().filter(|claim| !claim.is_held);
        failed.map(|claim| claim.name).collect()
    }

    #[test]
    fn one_late_window_is_no_verdict() {
        assert!(failed(&right()).is_empty());
    }

    #[test]
    fn each_fault_fails_its_claim() {
        type Spoil = fn(&mut Seen);
        let faults: [(&str, Spoil); 10] = [
            ("late", |it| it.rounds[0].windows.fill(window(10_000))),
            ("late", |it| it.rounds[1].windows.fill(Window::default())),
            ("arrives", |it| it.rounds[1].windows[0].behind = 1),
            ("arrives", |it| it.quiet[2].backwards = 1),
            ("arrives", |it| it.rounds[0].windows[2].came.cut = 1),
            ("serves", |it| it.rounds[1].windows[1].is_served = false),
            ("files", |it| it.rounds[1].after.files = Some(21)),
            ("memory", |it| it.rounds[1].after.memory = Some(14 << 20)),
            ("stands", |it| it.panics = 1),
            ("ends", |it| it.ends.push(Err("it goes on".into()))),
        ];
        for (name, spoil) in faults {
            let mut seen = right();
            spoil(&mut seen);
            assert!(failed(&seen).contains(&name), "{name}: {:?}", failed(&seen));
        }
    }

    #[test]
    fn what_the_machine_makes_late_is_not_the_server_s() {
        let mut seen = right();
        for round in &mut seen.rounds {
            round.windows.fill(Window {
                machine: 40.0,
                ..window(10_000)
            });
        }
        assert!(failed(&seen).is_empty());
    }

    #[test]
    fn a_server_that_fell_is_asked_nothing_else() {
        let mut seen = right();
        seen.fell = Some("exit code 7".into());
        assert_eq!(failed(&seen), ["stands"]);
    }
}
