//! What a trial has shown before need not be shown again: its verdict is kept until something changes that it rests on.
//!
//! A verdict is kept under its trial's name, with a hash of all that it rests on. Only a pass is kept, never in CI, and not
//! where the variable `WORKSHOP_ANEW` is set (`cargo xtask test --anew`). At the end the run says how many verdicts were kept,
//! and where its time went.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use show::root;

/// A hash of all that a verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(u64);

impl Key {
    /// Of this, on top of the other.
    pub fn with(self, more: impl Hash) -> Key {
        Key::of((self.0, more))
    }

    fn of(what: impl Hash) -> Key {
        // The standard hasher is the same in each process of one compiler, and the compiler is hashed as well.
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        Key(hasher.finish())
    }
}

/// The checks and all that is below them, how the trials ask, what the programs are built with and serve, and what they are
/// asked by.
static CHECKS: LazyLock<Key> = LazyLock::new(|| {
    let crates = [
        "show", "steps", "machine", "wire", "browser", "farm", "compiler", "checks",
    ];
    let mut paths: Vec<PathBuf> = crates
        .iter()
        .map(|name| Path::new("xtask").join(name))
        .collect();
    let asked_by = ["programs.rs", "corpus.rs", "browsers.rs", "kept.rs"];
    paths.extend(asked_by.map(|name| Path::new("tests").join(name)));
    paths.extend(["static", "Cargo.toml", "Cargo.lock"].map(PathBuf::from));
    Key::of((contents(&paths), around()))
});

/// Every file of the workshop, but for the texts that no command reads.
static WORKSHOP: LazyLock<Key> = LazyLock::new(|| {
    let paths = [
        "xtask",
        "exercises",
        "solutions",
        "static",
        "tests",
        "Cargo.toml",
        "Cargo.lock",
        ".cargo",
        ".ci",
    ];
    Key::of((contents(&paths.map(PathBuf::from)), around()))
});

/// The texts of all files at and below these paths, by their names.
fn contents(paths: &[PathBuf]) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for path in paths {
        read_all(path, &mut all);
    }
    all
}

fn read_all(path: &Path, into: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let here = root().join(path);
    let Ok(entries) = fs::read_dir(&here) else {
        into.insert(path.to_owned(), fs::read(here).unwrap_or_default());
        return;
    };
    let is_built = |name: &str| name == "node_modules" || name == "target";
    for entry in entries.flatten() {
        if !is_built(&entry.file_name().to_string_lossy()) {
            read_all(&path.join(entry.file_name()), into);
        }
    }
}

/// The compiler, the programs that the workshop uses, and what the environment asks of the trials.
fn around() -> impl Hash {
    let compiler = Command::new("rustc").arg("-vV").output();
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let used = [
        "chromium",
        "chrome",
        "google-chrome",
        "nats-server",
        "haproxy",
        "node",
    ];
    let found: Vec<_> = std::env::split_paths(&folders)
        .flat_map(|folder| used.map(|name| folder.join(name)))
        .filter_map(|path| Some((fs::metadata(&path).ok()?.modified().ok()?, path)))
        .collect();
    let mut asked: Vec<_> = std::env::vars_os()
        .filter(|(name, _)| name.to_string_lossy().starts_with("WORKSHOP_"))
        .filter(|(name, _)| name != "WORKSHOP_SHARD")
        .collect();
    asked.sort();
    (
        compiler.map(|it| it.stdout).unwrap_or_default(),
        found,
        asked,
    )
}

/// Whether verdicts of earlier runs count.
fn may_be_kept() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !is_set("CI") && !is_set("WORKSHOP_ANEW")
}

/// What has come of the trials of this run.
#[derive(Default)]
struct Run {
    /// What has been shown.
    shown: HashSet<Key>,
    /// How many trials were not run, because an earlier run had shown the same.
    kept: usize,
    /// How many trials of each kind there were, and how long they took.
    times: BTreeMap<String, (usize, Duration)>,
}

static RUN: LazyLock<Mutex<Run>> = LazyLock::new(Mutex::default);

fn run<T>(with: impl FnOnce(&mut Run) -> T) -> T {
    with(&mut RUN.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Whether a trial of this run has shown this already.
pub fn is_shown(key: Key) -> bool {
    run(|run| run.shown.contains(&key))
}

/// A trial of this run has shown this.
pub fn note_shown(key: Key) {
    run(|run| run.shown.insert(key));
}

/// What every verdict about a program rests on.
pub fn checks() -> Key {
    *CHECKS
}

/// What a verdict about the tool as a whole rests on.
pub fn workshop() -> Key {
    *WORKSHOP
}

/// A trial that rests on the workshop as a whole.
pub fn trial(
    name: impl Into<String>,
    trial: impl FnOnce() -> Result<(), Failed> + Send + 'static,
) -> Trial {
    resting_on(name.into(), workshop, trial)
}

/// A trial that rests on what this hashes.
pub fn resting_on(
    name: String,
    key: impl FnOnce() -> Key + Send + 'static,
    trial: impl FnOnce() -> Result<(), Failed> + Send + 'static,
) -> Trial {
    let its_name = name.clone();
    Trial::test(name, move || {
        let path = folder().join(&its_name);
        let key = format!("{:016x}", key().0);
        if may_be_kept() && fs::read_to_string(&path).is_ok_and(|kept| kept == key) {
            run(|run| run.kept += 1);
            return Ok(());
        }
        let started = Instant::now();
        let verdict = trial();
        let took = started.elapsed();
        run(|run| {
            let (count, time) = run.times.entry(kind(&its_name)).or_default();
            *count += 1;
            *time += took;
        });
        verdict?;
        // Where it cannot be kept, it is shown again the next time.
        let _ = fs::create_dir_all(folder()).and_then(|()| fs::write(path, key));
        Ok(())
    })
}

/// Where the verdicts lie.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("verdicts")
}

/// The kind of a trial, by its name: `08-broadcast wrong`, `watch`.
fn kind(name: &str) -> String {
    match name.split_once(' ') {
        Some((step, rest)) => {
            let word = rest.split('-').next().unwrap_or_default();
            format!("{step} {word}")
        }
        None => name.split('-').next().unwrap_or_default().to_owned(),
    }
}

/// Says how many verdicts were kept, and which kinds of trial took the longest.
pub fn report() {
    run(|run| {
        if run.kept > 0 {
            println!(
                "Not run anew: {} trials, which have passed with the same programs, tools and compiler. All: cargo xtask test --anew",
                run.kept
            );
        }
        let mut kinds: Vec<_> = run.times.iter().collect();
        kinds.sort_by_key(|(_, (_, time))| std::cmp::Reverse(*time));
        for (kind, (count, time)) in kinds.into_iter().take(12) {
            println!("{:5.0} s  {count:3} × {kind}", time.as_secs_f64());
        }
    });
}
