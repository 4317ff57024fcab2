//! What the learner has passed, and which step is theirs now.
//!
//! What is passed stands in a small file, kept out of git. It is only ever a record of checks that passed: nothing is
//! locked by it, and whoever deletes it loses nothing but the ticks.

use std::fs;
use std::path::PathBuf;
use std::sync::Once;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde_json::{Map, Value};
use show::root;

use crate::begun;
use crate::record::{self, NotARecord};
use crate::step::{STEPS, Step, Whose};

fn file() -> PathBuf {
    record::folder().join("progress.json")
}

/// The file's object; an empty one where there is no file. What the file holds besides is another version's, and is kept.
///
/// # Errors
/// When there is one that cannot be read.
fn read() -> Result<Map<String, Value>> {
    match record::read(&file()).and_then(|object| is_ours(object.unwrap_or_default())) {
        Err(error) if error.is::<NotARecord>() => {
            begin_anew();
            Ok(Map::new())
        }
        other => other,
    }
}

/// Holds that what stands under `passed`, if anything does, is what we write there.
fn is_ours(object: Map<String, Value>) -> Result<Map<String, Value>> {
    match object.get("passed") {
        None | Some(Value::Object(_)) => Ok(object),
        Some(_) => Err(NotARecord.into()),
    }
}

/// Puts a broken file aside, so that the next one is written in its place, and says so: once, for then it is not there any
/// more.
fn begin_anew() {
    static SAID: Once = Once::new();
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let aside = file().with_file_name(format!(
        "progress-broken-{}.json",
        now.unwrap_or_default().as_millis()
    ));
    let what = "The record of what you passed cannot be read, so a new one begins.";
    match fs::rename(file(), &aside) {
        Ok(()) => show::note(&format!(
            "{what} The broken file is now {}",
            show::path(&aside)
        )),
        // Another command was faster, and has said it.
        Err(_) if !file().exists() => {}
        // It stays where it is, and is read again by whoever asks next.
        Err(_) => SAID.call_once(|| {
            show::note(&format!("{what} The file is {}", show::path(&file())));
        }),
    }
}

/// When the learner's program of this step passed all its checks, the last time that it did.
pub fn passed_at(step: Step) -> Option<SystemTime> {
    let record = read().unwrap_or_default();
    time_of(&record, step)
}

fn time_of(record: &Map<String, Value>, step: Step) -> Option<SystemTime> {
    let seconds = record.get("passed")?.get(step.name())?.as_u64()?;
    // No clock of ours goes that far: the step was passed, at whatever time.
    let time = UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    Some(time.unwrap_or(UNIX_EPOCH))
}

/// Whether the learner's program of this step has passed all its checks once.
pub fn has_passed(step: Step) -> bool {
    passed_at(step).is_some()
}

/// Notes that it has, and when: in seconds since 1970.
///
/// # Errors
/// When the file cannot be written.
pub fn passed(step: Step) -> Result<()> {
    let _alone = record::alone(&record::folder());
    let noted = read().and_then(|mut record| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let all = record
            .entry("passed")
            .or_insert_with(|| Value::Object(Map::new()));
        all[step.name()] = now.unwrap_or_default().as_secs().into();
        record::write(&file(), record)
    });
    noted.with_context(|| {
        let file = show::path(&file());
        format!("what you passed could not be noted in {file}")
    })
}

/// The step that the learner is at; `None` where the whole ladder is passed, and no encore begun.
pub fn current() -> Option<Step> {
    let here = here();
    (here.why != Why::AllPassed).then_some(here.step)
}

/// The step that the learner is at, and why it is that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Here {
    /// The step.
    pub step: Step,
    /// Why it is that one.
    pub why: Why,
}

/// Why a step is the learner's now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Somebody is in its folder.
    Folder,
    /// Nothing is passed, and nothing begun.
    First,
    /// Its files are the ones that were saved last.
    Saved,
    /// It comes after those that are passed.
    Next,
    /// The last step is passed, and it is the first that is not.
    Skipped,
    /// All of the ladder are passed. The step is its last one.
    AllPassed,
}

impl Why {
    /// The reason, to stand after "because".
    pub fn words(self) -> &'static str {
        match self {
            Why::Folder => "you are in its folder",
            Why::First => "nothing is begun yet, and this is the first",
            Why::Saved => "you have begun it, and saved it last",
            Why::Next => "it comes after the one that you passed",
            Why::Skipped => "it is the first that you have not passed",
            Why::AllPassed => "it is the last, and you have passed them all",
        }
    }
}

/// Where the learner is: at the step in whose folder they are, or else where their work has led them.
pub fn here() -> Here {
    let why = Why::Folder;
    in_folder().map_or_else(by_work, |step| Here { step, why })
}

/// The step whose folder is the current one, or is around it.
pub fn in_folder() -> Option<Step> {
    let current = std::env::current_dir().ok()?.canonicalize().ok()?;
    let current = current.strip_prefix(root().canonicalize().ok()?).ok()?;
    let is_in = |step: &&Step| {
        let folders = [Whose::Learner, Whose::Solution].map(|whose| step.folder(whose));
        folders.iter().any(|folder| current.starts_with(folder))
    };
    STEPS.iter().find(is_in).copied()
}

/// Where the learner's work has led them: to the step that they saved last, unless they have passed another one since and left it behind;
/// or else at the first open one after the highest that they passed. Nobody is sent into the encore who has not been there.
pub fn by_work() -> Here {
    let record = read().unwrap_or_default();
    let passed_at = |step: Step| time_of(&record, step);
    let saved_at = |step: Step| begun::is_begun(step).then(|| begun::saved_at(step));
    among(STEPS, passed_at, saved_at)
}

/// The rule of [`by_work`], of steps of which it is known when they were passed, and when their files were saved if the
/// learner has changed them.
fn among(
    steps: &[Step],
    passed_at: impl Fn(Step) -> Option<SystemTime>,
    saved_at: impl Fn(Step) -> Option<Option<SystemTime>>,
) -> Here {
    let open = |step: &&Step| passed_at(**step).is_none();
    let highest = steps.iter().rev().find(|step| !open(step)).copied();
    let last_pass = steps.iter().filter_map(|step| passed_at(*step)).max();
    let is_after = |step: &Step| highest.is_none_or(|highest| step.number > highest.number);
    let is_asked = |step: &Step| !step.is_encore() || highest.is_some_and(|it| it.is_encore());
    let saved = steps.iter().filter(open).filter_map(|step| {
        let time = saved_at(*step)?;
        let is_left_behind = !is_after(step) && time <= last_pass;
        (!is_left_behind).then_some((time, *step))
    });
    let of = |why| move |step| Here { step, why };
    let saved = saved.max_by_key(|(time, step)| (*time, step.number));
    let saved = saved.map(|(_, step)| of(Why::Saved)(step));
    let why = if highest.is_some() {
        Why::Next
    } else {
        Why::First
    };
    let is_next = |step: &&Step| is_after(step) && is_asked(step);
    let next = || steps.iter().filter(open).find(is_next);
    let ladder = || steps.iter().filter(|step| !step.is_encore());
    let skipped = || ladder().find(open).copied().map(of(Why::Skipped));
    let last = || ladder().next_back().copied().map(of(Why::AllPassed));
    let next = || next().copied().map(of(why));
    saved
        .or_else(next)
        .or_else(skipped)
        .or_else(last)
        .expect("there are steps")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(second)
    }

    /// Where somebody is who has passed and saved these steps at these seconds.
    fn here(passed: &[(u32, u64)], saved: &[(u32, u64)]) -> (u32, Why) {
        let time = |times: &[(u32, u64)], step: Step| {
            let mut times = times.iter();
            let found = times.find(|(number, _)| *number == step.number);
            found.map(|(_, second)| at(*second))
        };
        let here = among(
            STEPS,
            |step| time(passed, step),
            |step| time(saved, step).map(Some),
        );
        (here.step.number, here.why)
    }

    #[test]
    fn who_has_done_nothing_is_at_the_first_step() {
        assert_eq!(here(&[], &[]), (1, Why::First));
    }

    #[test]
    fn the_step_that_was_saved_last_comes_first() {
        assert_eq!(here(&[], &[(3, 10), (2, 20)]), (2, Why::Saved));
        assert_eq!(here(&[(1, 5)], &[(1, 4), (3, 10)]), (3, Why::Saved));
    }

    #[test]
    fn after_a_pass_comes_the_next_step() {
        assert_eq!(here(&[(1, 5)], &[(1, 4)]), (2, Why::Next));
        assert_eq!(here(&[(4, 5)], &[(4, 4)]), (5, Why::Next));
    }

    #[test]
    fn who_skips_a_step_is_not_sent_back_until_they_save_it() {
        let passed = [(1, 10), (4, 40)];
        assert_eq!(here(&passed, &[(3, 30)]), (5, Why::Next));
        assert_eq!(here(&passed, &[(3, 50)]), (3, Why::Saved));
    }

    #[test]
    fn after_the_last_step_come_those_that_are_open() {
        assert_eq!(here(&[(10, 5)], &[]), (1, Why::Skipped));
        let all: Vec<(u32, u64)> = STEPS.iter().map(|step| (step.number, 5)).collect();
        assert_eq!(here(&all, &[(2, 9)]), (10, Why::AllPassed));
    }

    #[test]
    fn the_encore_is_for_those_who_begin_it() {
        let ladder: Vec<(u32, u64)> = (1..=10).map(|number| (number, 5)).collect();
        assert_eq!(here(&ladder, &[]), (10, Why::AllPassed));
        assert_eq!(here(&ladder, &[(11, 9)]), (11, Why::Saved));
        assert_eq!(here(&[(11, 5)], &[(4, 9)]), (4, Why::Saved));
    }

    #[test]
    fn a_time_that_no_clock_shows_is_a_time() {
        let record = serde_json::json!({"passed": {"01-hello": u64::MAX, "02-static": "yes"}});
        let record = record.as_object().unwrap();
        assert!(time_of(record, STEPS[0]).is_some());
        assert!(time_of(record, STEPS[1]).is_none());
    }
}
