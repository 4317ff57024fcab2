//! A clock that all processes of this machine share: a move is sent by one of them and arrives at another.

/// How long a tick is, in nanoseconds. Times are counted in ticks of ten microseconds from the start of a run: so the time
/// of a run of hours fits into 31 bits, for a program that takes positions as `i32`.
pub const TICK: u64 = 10_000;

/// The time, in nanoseconds from a moment that is the same for every process.
///
/// The monotonic clock, which nobody sets. Outside Unix that one cannot be compared between processes, so there it is the
/// clock on the wall: a run during which somebody sets it has to be made again.
pub fn now() -> u64 {
    #[cfg(unix)]
    {
        use nix::time::{ClockId, clock_gettime};
        let time = clock_gettime(ClockId::CLOCK_MONOTONIC).expect("the system has a clock");
        time.tv_sec() as u64 * 1_000_000_000 + time.tv_nsec() as u64
    }
    #[cfg(not(unix))]
    {
        use std::time::{SystemTime, UNIX_EPOCH};
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| since.as_nanos() as u64)
    }
}

/// The ticks from `start` to `time`, both in nanoseconds; 0 where `time` is earlier.
pub fn ticks(start: u64, time: u64) -> u64 {
    time.saturating_sub(start) / TICK
}
