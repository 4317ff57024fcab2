//! The few facts that `/proc` of Linux tells about processes. What to do with them is decided in `family`.

use std::fs;
use std::time::Duration;

use nix::unistd::{SysconfVar, sysconf};

/// A process, as it was when we looked.
#[derive(Clone, Debug)]
pub(super) struct Process {
    pub(super) pid: u32,
    pub(super) parent: u32,
    pub(super) group: u32,
    /// Dead, and waiting for its parent to take note.
    pub(super) is_zombie: bool,
    /// When it started, in clock ticks since boot: together with the id, a name that is never used twice.
    pub(super) started: u64,
    /// The time that it computed, in clock ticks.
    ticks: u64,
}

impl Process {
    /// The process `pid`, if there is one.
    pub(super) fn read(pid: u32) -> Option<Self> {
        let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
        Self::parse(pid, &String::from_utf8_lossy(&stat))
    }

    /// The processor time that all processes of the machine have used since it was started.
    pub(super) fn cpu_time_of_all() -> Option<Duration> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        let all = stat.lines().next()?.strip_prefix("cpu ")?;
        let ticks: Vec<u64> = all
            .split_whitespace()
            .filter_map(|it| it.parse().ok())
            .collect();
        // user, nice, system, idle, waiting for disks, interrupts (two kinds): `man proc_stat`.
        let busy = [0, 1, 2, 5, 6].iter().filter_map(|at| ticks.get(*at));
        let per_second = sysconf(SysconfVar::CLK_TCK).ok()??;
        Some(Duration::from_secs_f64(
            busy.sum::<u64>() as f64 / per_second as f64,
        ))
    }

    /// Every process that we may see.
    pub(super) fn all() -> Vec<Self> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        entries
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter_map(Self::read)
            .collect()
    }

    /// The program's name comes second, in parentheses, and may hold blanks and parentheses itself.
    fn parse(pid: u32, stat: &str) -> Option<Self> {
        let (_, rest) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        // `man proc_pid_stat` counts from 1, and the state, our first, is its third.
        let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        Some(Self {
            pid,
            parent: number(4)? as u32,
            group: number(5)? as u32,
            is_zombie: fields.first() == Some(&"Z"),
            started: number(22)?,
            ticks: number(14)? + number(15)?,
        })
    }

    /// The processor time that it used, all threads together.
    pub(super) fn cpu_time(&self) -> Option<Duration> {
        let per_second = sysconf(SysconfVar::CLK_TCK).ok()??;
        Some(Duration::from_secs_f64(
            self.ticks as f64 / per_second as f64,
        ))
    }

    /// The memory that it holds, in bytes, counted page by page: the quicker figures of `/proc` lag behind by megabytes.
    pub(super) fn memory(&self) -> Option<u64> {
        let sums = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.pid)).ok()?;
        let line = sums.lines().find_map(|line| line.strip_prefix("Rss:"))?;
        let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kilobytes * 1024)
    }

    /// Whether its environment, as it was at its start, holds `name=value`, or a value that goes on with a slash.
    pub(super) fn has_in_environment(&self, name: &str, value: &str) -> bool {
        let environment = fs::read(format!("/proc/{}/environ", self.pid)).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| {
            let rest = entry
                .strip_prefix(name.as_bytes())
                .and_then(|rest| rest.strip_prefix(b"="))
                .and_then(|rest| rest.strip_prefix(value.as_bytes()));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_look_like_the_rest_of_the_line() {
        let stat = "7 (a) R 1 (b) S 3 7 7 0 -1 4194560 95 0 0 0 12 30 0 0 20 0 1 0 4711 2375680";
        let process = Process::parse(7, stat).unwrap();
        assert_eq!((process.parent, process.group), (3, 7));
        assert_eq!((process.started, process.ticks), (4711, 42));
        assert!(!process.is_zombie);
    }

    #[test]
    fn we_are_among_all() {
        let us = std::process::id();
        assert!(Process::all().iter().any(|process| process.pid == us));
        let us = Process::read(us).unwrap();
        assert!(us.cpu_time().is_some());
        assert!(us.memory().is_some_and(|bytes| bytes > 100_000));
        assert!(!us.has_in_environment("PATH", "no such path"));
    }
}
