//! The workshop's own tests: `cargo xtask test`, or `cargo test --package xtask --test workshop`.
//!
//! Wrong programs get the diagnosis that is meant for them, and unusual right ones pass; starters fail as announced; the
//! lists hold together. The programs are data, in `mutants/` and `right/`. With `--nocapture` each program's checks are
//! printed as a learner would read them; `--test-threads 1` keeps them apart.

mod corpus;

mod kept;

mod browsers;

mod programs;

mod starters;

mod figures;

mod pages;

mod pictures;

mod hints;

mod carried;

mod lists;

mod refused;

mod features;

mod scratch;

mod transcripts;

mod walkthroughs;

mod bad_builds;
mod bad_luck;

mod notes;

mod present;

mod class;

mod doctor;

mod machine;

mod adding;

mod again;

mod load;

mod attack;

mod autobahn;

mod farm;

#[cfg(unix)]
mod terminal;

mod presenting;

mod watch;

mod walking;

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::kept::Key;

/// The tests know their folders by what was compiled in. That this variable is read makes cargo compile them again where the
/// workshop was moved.
const _: Option<&str> = option_env!("WORKSHOP_ROOT");

/// So many trials at a time: two for each core, for a trial waits more than it works, for deadlines and for a browser. Four at
/// least; more than eight would wait for the one copy of the workshop that many of them share.
fn at_once() -> usize {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    (2 * cores).clamp(4, 8)
}

/// Held by every trial that waits for programs; by one alone that is tried again.
static BESIDE: RwLock<()> = RwLock::new(());

/// A trial of something beside the other trials, and where that fails, once more with nobody beside it: a machine that
/// builds three other programs is late now and then, and that is no fault of the fourth. What fails alone as well has
/// failed. Why it failed at first is printed either way: who is often late is too near to a deadline.
fn again_alone(
    name: String,
    key: impl FnOnce() -> Key + Send + 'static,
    trial: impl Fn() -> Result<(), Failed> + Send + 'static,
) -> Trial {
    let its_name = name.clone();
    kept::resting_on(name, key, move || {
        let first = {
            let _beside = BESIDE.read().unwrap_or_else(PoisonError::into_inner);
            trial()
        };
        first.or_else(|failed| {
            let why = failed.message().unwrap_or("it says nothing");
            eprintln!("{its_name} failed, and is tried again, alone:\n{why}");
            let _alone = BESIDE.write().unwrap_or_else(PoisonError::into_inner);
            trial()
        })
    })
}

/// Builds the tools that `cargo xtask` hands over to, each as it does itself: the trials run them from beside it, and none of
/// them is to wait for a build.
fn build_the_tools() {
    for tool in ["learn", "live", "present", "class", "measure", "upkeep"] {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--quiet", "--package", tool, "--bin", tool])
            .current_dir(show::root())
            .status();
        assert!(
            built.is_ok_and(|status| status.success()),
            "{tool} does not build"
        );
        // Cargo leaves a program alone of which only the time of a file has changed; `cargo xtask` would ask cargo about it.
        let program = Path::new(scratch::XTASK).with_file_name(tool);
        let program = program.with_extension(std::env::consts::EXE_EXTENSION);
        let touched = File::options().append(true).open(program);
        let _ = touched.and_then(|file| file.set_modified(SystemTime::now()));
    }
}

/// The trials of one machine among several: every Nth from the Kth on, where the variable `WORKSHOP_SHARD` is `K/N`.
fn of_shard(trials: Vec<Trial>) -> Vec<Trial> {
    let Ok(shard) = std::env::var("WORKSHOP_SHARD") else {
        return trials;
    };
    let parts = shard.split_once('/');
    let numbers = parts.and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    let (k, n): (usize, usize) = numbers
        .filter(|(k, n)| (1..=*n).contains(k))
        .unwrap_or_else(|| {
            panic!("WORKSHOP_SHARD is {shard}; it is a part and their number: 1/2 or 2/2")
        });
    trials.into_iter().skip(k - 1).step_by(n).collect()
}

fn main() {
    let mut arguments = Arguments::from_args();
    let _alone = (!arguments.list).then(only_run);
    if !arguments.list {
        build_the_tools();
    }
    arguments.test_threads.get_or_insert_with(at_once);
    if !arguments.list && arguments.filter.is_none() {
        // No trial is to wait for these builds, nor for cargo's lock meanwhile.
        programs::make_places().expect("the solutions build");
    }
    let apart = [
        lists::trials(),
        refused::trials(),
        features::trials(),
        starters::trials(),
        figures::trials(),
        hints::trials(),
        carried::trials(),
        programs::trials(arguments.nocapture),
        walkthroughs::trials(),
        pages::trials(),
        attack::trials(),
        class::trials(),
        pictures::trials(),
    ];
    let in_one_copy = [
        transcripts::trials(),
        bad_builds::trials(),
        bad_luck::trials(),
        notes::trials(),
        pictures::trials_in_the_copy(),
        doctor::trials(),
        machine::trials(),
        adding::trials(),
        again::trials(),
        presenting::trials(),
        watch::trials(),
        load::trials(),
        attack::trials_in_the_copy(),
        autobahn::trials(),
        farm::trials(),
        walking::trials(),
        present::trials(),
        class::trials_in_the_copy(),
    ];
    let flat = |trials: Vec<Vec<Trial>>| trials.into_iter().flatten().collect();
    let trials = in_turn(flat(apart.into()), flat(in_one_copy.into()));
    let trials = of_shard(trials);
    let conclusion = libtest_mimic::run(&arguments, trials);
    browsers::end();
    kept::report();
    conclusion.exit();
}

/// Waits for another run of the tests to end: two would put their programs into the same folders, and take one for the
/// other. It is held while the file is.
fn only_run() -> File {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("run.lock");
    let lock = File::create(&path).expect("target can be written to");
    if lock.try_lock().is_err() {
        eprintln!("Another run of the tests is under way here; this one goes on after it.");
        lock.lock().expect("a file can be locked");
    }
    lock
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
