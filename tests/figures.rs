//! A figure that a text names is that of the thing itself: a constant of the solution, or the file that is served.

use std::fs;

use libtest_mimic::{Failed, Trial};
use machine::jquery;
use show::root;

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("figures-of-the-solutions", of_the_solutions),
        Trial::test("figures-of-jquery", of_jquery).with_ignored_flag(!is_locked_one()),
    ]
}

/// The text that names a figure, its words, and the source and the line of it that they are about.
const FIGURES: [[&str; 4]; 8] = [
    [
        "exercises/05-echo/README.md",
        "up to 64 KiB (65,536 bytes)",
        "solutions/05-echo/server.rs",
        "const LONGEST: usize = 64 * 1024;",
    ],
    [
        "exercises/08-broadcast/README.md",
        "the channel holds 1,024 messages",
        "solutions/08-broadcast/server.rs",
        "const QUEUE: usize = 1024;",
    ],
    [
        "exercises/11-door/README.md",
        "10,000 WebSockets at the same time",
        "solutions/11-door/settings.rs",
        "number(\"MAX_CONNECTIONS\", 10_000)",
    ],
    [
        "exercises/13-pace/README.md",
        "120 a second",
        "solutions/13-pace/settings.rs",
        "number(\"EVENTS_PER_SECOND\", 120)",
    ],
    [
        "exercises/12-manners/README.md",
        "A message of 4096 bytes is taken",
        "solutions/12-manners/settings.rs",
        "const LONGEST: usize = 4 * 1024;",
    ],
    [
        "exercises/12-manners/README.md",
        "costs 256 KiB of memory at most",
        "xtask/checks/src/open/slow_readers.rs",
        "const EACH: u64 = 256 * 1024;",
    ],
    [
        "exercises/14-lean/README.md",
        "costs 16 KiB of memory at most",
        "xtask/checks/src/crowd/mod.rs",
        "const EACH: u64 = 16 * 1024;",
    ],
    [
        "exercises/17-farm/README.md",
        "no more than 20 MB",
        "xtask/checks/src/farm/outage.rs",
        "const MOST: u64 = 20_000_000;",
    ],
];

fn of_the_solutions() -> Result<(), Failed> {
    for [text, words, source, line] in FIGURES {
        holds(text, words)?;
        holds(source, line)?;
    }
    Ok(())
}

/// The size that the texts of step 9 name is that of the version that is locked.
fn of_jquery() -> Result<(), Failed> {
    let bytes = fs::metadata(jquery::path())?.len();
    let bytes = format!("{},{:03} bytes", bytes / 1000, bytes % 1000);
    holds(
        "exercises/09-jquery/README.md",
        &format!("jQuery has {bytes}"),
    )?;
    holds("solutions/09-jquery/walkthrough.md", &bytes)
}

/// Whether `static/jquery.js` is of the locked version: another one may have been put there by hand.
fn is_locked_one() -> bool {
    let lock = fs::read_to_string(root().join("static/package.json")).unwrap_or_default();
    let locked = |(major, minor)| lock.contains(&format!("\"jquery\": \"{major}.{minor}."));
    jquery::version_there().is_some_and(locked)
}

fn holds(file: &str, words: &str) -> Result<(), Failed> {
    let text = fs::read_to_string(root().join(file))?;
    match text.contains(words) {
        true => Ok(()),
        false => Err(format!("{file} does not say `{words}`").into()),
    }
}
