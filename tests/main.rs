//! The workshop's own tests: `cargo xtask test`, or `cargo test --package xtask --test workshop`.
//!
//! Wrong programs get the diagnosis that is meant for them, and unusual right ones pass; starters fail as announced; the
//! lists hold together. The programs are data, in `mutants/` and `right/`. With `--nocapture` each program's checks are
//! printed as a learner would read them; `--test-threads 1` keeps them apart.

mod corpus;

mod programs;

mod starters;

mod pages;

mod pictures;

mod hints;

mod carried;

mod lists;

mod features;

mod scratch;

mod transcripts;

mod walkthroughs;

mod bad_luck;

mod notes;

mod present;

mod doctor;

mod load;

mod farm;

#[cfg(unix)]
mod terminal;

mod presenting;

mod watch;

mod walking;

use libtest_mimic::{Arguments, Trial};

/// A trial waits more than it works: for deadlines, and for a browser.
const AT_ONCE: usize = 4;

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    let apart = [
        lists::trials(),
        features::trials(),
        starters::trials(),
        hints::trials(),
        carried::trials(),
        programs::trials(arguments.nocapture),
        walkthroughs::trials(),
        pages::trials(),
        pictures::trials(),
    ];
    let in_one_copy = [
        transcripts::trials(),
        bad_luck::trials(),
        notes::trials(),
        pictures::trials_in_the_copy(),
        doctor::trials(),
        presenting::trials(),
        watch::trials(),
        load::trials(),
        farm::trials(),
        walking::trials(),
        present::trials(),
    ];
    let flat = |trials: Vec<Vec<Trial>>| trials.into_iter().flatten().collect();
    let trials = in_turn(flat(apart.into()), flat(in_one_copy.into()));
    libtest_mimic::run(&arguments, trials).exit();
}

/// Spreads the few among the many. Those that share one copy of the workshop wait for one another: all at the end, they would
/// keep one core busy, and the other one idle.
fn in_turn(many: Vec<Trial>, few: Vec<Trial>) -> Vec<Trial> {
    let every = many.len() / few.len().max(1) + 1;
    let mut few = few.into_iter();
    let mut trials = Vec::new();
    for (index, trial) in many.into_iter().enumerate() {
        if index % every == 0 {
            trials.extend(few.next());
        }
        trials.push(trial);
    }
    trials.extend(few);
    trials
}
