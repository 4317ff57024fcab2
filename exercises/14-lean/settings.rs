//! What an operator may choose, and what this machine allows. Explained in step 11.

use std::{env, process, sync::LazyLock};

use tokio::time::Duration;

/// The longest message that we take from a browser, in bytes. A message stays in memory until it is whole, and an honest one
/// is a short text or two numbers.
pub const LONGEST: usize = 4 * 1024;

/// The limits that an operator may choose. Each machine has its own, and a test need not wait for the long ones.
pub struct Settings {
    /// How many WebSockets there may be at the same time: `MAX_CONNECTIONS`.
    pub max_connections: u32,
    /// How many messages one browser may send in a second: `EVENTS_PER_SECOND`.
    pub events_per_second: u32,
    /// How long a browser may keep us waiting: `PATIENCE`, in seconds.
    pub patience: Duration,
    /// How long a browser may be silent before we ask whether it is there: `PING_EVERY`, in seconds.
    pub ping_every: Duration,
}

/// The settings of this run. They are read once, and every task may look at them.
pub static SETTINGS: LazyLock<Settings> = LazyLock::new(|| Settings {
    // Above the limit of files, the system refuses a connection in silence. So we refuse earlier, and say so.
    max_connections: number("MAX_CONNECTIONS", 10_000).min(files().saturating_sub(BESIDE).max(1)),
    events_per_second: number("EVENTS_PER_SECOND", 120),
    patience: Duration::from_secs(number("PATIENCE", 10).into()),
    ping_every: Duration::from_secs(number("PING_EVERY", 20).into()),
});

/// A whole number from the environment. If it cannot be read, the program does not start: a limit with a typing error would
/// be no limit.
fn number(name: &str, default: u32) -> u32 {
    let Ok(text) = env::var(name) else {
        return default;
    };
    match text.parse() {
        Ok(number @ 1..) => number,
        _ => {
            eprintln!("{name} is a whole number above 0, not `{text}`");
            process::exit(1)
        }
    }
}

/// How many connections there may be beside the WebSockets: pages that load, requests that are half said.
pub const HTTP: u32 = 128;

/// How many files we keep for other things than WebSockets: one for each of those connections, one that each of them may be
/// reading, and our own.
const BESIDE: u32 = 2 * HTTP + 32;

/// How many files this program may have open. A connection is one. A shell often gives 1,024, and more to a program that asks.
fn files() -> u32 {
    // If the system cannot be asked, there are as many as nearly every system gives.
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1024);
    u32::try_from(files).unwrap_or(u32::MAX)
}

/// Prints the limits, because the person who starts this server wants to know what it will bear.
pub fn tell() {
    println!(
        "at most {} connections, {} events a second of each; patience {:?}, a ping every {:?}",
        SETTINGS.max_connections,
        SETTINGS.events_per_second,
        SETTINGS.patience,
        SETTINGS.ping_every
    );
    if SETTINGS.max_connections < number("MAX_CONNECTIONS", 10_000) {
        println!(
            "no more connections, because {} files may be open here: see `ulimit -n`",
            files()
        );
    }
}
