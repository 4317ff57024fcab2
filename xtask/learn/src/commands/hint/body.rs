//! The text of a hint, by what it is about and its degree.

use anyhow::Result;
use checks::Diagnosis;
use checks::last::{Last, Refused};
use compiler::Kind;
use show::root;
use steps::learner::File;
use steps::step::{Step, Whose};
use steps::tasks::{self, Place};

use super::DEGREES;
use crate::beside;
use crate::hints::Hint;

fn heading(degree: u32, what: &str) -> String {
    format!("Hint {degree} of {DEGREES}: {what}\n")
}

/// What follows a hint.
pub fn more(step: Step, degree: u32) -> String {
    let number = step.number;
    match degree {
        DEGREES => format!(
            "\n\nThis is the last hint. Your program beside the whole solution{}",
            show::by(&format!("cargo xtask diff {number} --anyway"), "d twice")
        ),
        _ => format!(
            "\n\nThe next hint says more{}",
            show::by(&format!("cargo xtask hint {number}"), "h again")
        ),
    }
}

/// A hint about a task of this step.
pub fn task(step: Step, hint: &Hint, places: &[Place], degree: u32) -> String {
    let same = || places.iter().filter(|place| place.name == hint.stage);
    let missing: Vec<&Place> = same().filter(|place| !place.is_done).collect();
    let places = match missing.is_empty() {
        true => same().collect(),
        false => missing,
    };
    let what = places.first().map_or(String::new(), |place| {
        format!("{}\nAt {}", place.sentence, at(step, place))
    });
    let body = match degree {
        1 => hint.first.clone(),
        2 => hint.second.clone(),
        _ => {
            let codes: Vec<String> = places
                .iter()
                .enumerate()
                .map(|(index, place)| code(step, place, index > 0))
                .collect();
            codes.join("\n\n")
        }
    };
    format!("{}\n{body}", heading(degree, &what))
}

/// The learner's file, and the line where that is known.
fn at(step: Step, place: &Place) -> String {
    let path = root().join(step.folder(Whose::Learner)).join(&place.file);
    match place.line {
        Some(line) => format!("{}:{line}", show::path(&path)),
        None => show::path(&path),
    }
}

/// The code itself. The first place is named above it, in the heading.
fn code(step: Step, place: &Place, is_further: bool) -> String {
    let place_of = match is_further {
        true => format!("And at {}: {}\n\n", at(step, place), place.sentence),
        false => String::new(),
    };
    let replaces = match place.before.is_empty() {
        true => String::new(),
        false => format!(
            "Replace this:\n\n{}\n\nwith this:\n\n",
            block(&place.before)
        ),
    };
    let solution = root().join(step.folder(Whose::Solution)).join(&place.file);
    let (code, path, line) = (block(&place.code), show::path(&solution), place.solution);
    format!("{place_of}{replaces}{code}\n\nIn the solution it is at {path}:{line}.")
}

/// Lines of code, to be shown as they are, their common indent made four blanks.
fn block(lines: &[String]) -> String {
    let written = lines.iter().filter(|line| !line.trim().is_empty());
    let indent = written
        .map(|line| line.len() - line.trim_start().len())
        .min();
    let shown = lines
        .iter()
        .map(|line| match line.get(indent.unwrap_or(0)..) {
            Some(line) if !line.is_empty() => format!("    {line}"),
            _ => String::new(),
        });
    shown.collect::<Vec<_>>().join("\n")
}

/// A hint about what an earlier step has built.
pub fn earlier(step: Step, of: Step, hint: &Hint, degree: u32) -> Result<String> {
    let what = format!("what step {} built, {}", of.number, of.name());
    let body = match degree {
        1 => hint.first.clone(),
        2 => hint.second.clone(),
        _ => {
            let then = tasks::places(of, &[])?;
            let now = tasks::solution_holds(step, &then, &hint.stage)?;
            let same = then.iter().filter(|place| place.name == hint.stage);
            let shown: Vec<String> = same.map(|place| as_built(of, place)).collect();
            let since = match now {
                true => "The solution of this step still has the original.",
                false => "Later steps have changed it: read it in the solution of this step.",
            };
            format!("{}\n\n{since}", shown.join("\n\n"))
        }
    };
    Ok(format!("{}\n{body}", heading(degree, &what)))
}

fn as_built(of: Step, place: &Place) -> String {
    let solution = root().join(of.folder(Whose::Solution)).join(&place.file);
    let (path, line) = (show::path(&solution), place.solution);
    format!(
        "{}\n\n{}\n\nIt is at {path}:{line}.",
        place.sentence,
        block(&place.code)
    )
}

/// The first degree of a hint about a cause that means no task: what the cause says to do.
pub fn general(last: &Last) -> String {
    let id = last.diagnosis.as_deref().unwrap_or_default();
    let diagnosis = Diagnosis::by_id(id);
    let (cause, next) = match (&last.refused, diagnosis) {
        (Some(refused), _) => (refused.cause.as_str(), refused.next.as_str()),
        (None, Some(diagnosis)) => (diagnosis.cause(), diagnosis.next()),
        (None, None) => ("", ""),
    };
    let how = match last.refused {
        Some(_) => HOW_TO_READ_AN_ERROR,
        None => "",
    };
    format!("{}\n{cause}\n\n{next}{how}", heading(1, GENERAL))
}

/// A hint about a program that does not compile: what is wrong here, the rule behind it, the rule at work.
pub fn refused(refused: &Refused, kind: &Kind, degree: u32) -> String {
    let what = match refused.place.as_str() {
        "" => String::new(),
        place => format!("at {place}"),
    };
    let quoted: Vec<String> = refused
        .quoted
        .lines()
        .map(|line| format!("    {line}"))
        .collect();
    let body = match degree {
        1 => format!(
            "{}\n\n{}\n\n{}",
            quoted.join("\n"),
            refused.cause,
            refused.next
        ),
        2 => {
            let read = match refused.read.as_str() {
                "" => String::new(),
                read => format!("\n\nRead {read}."),
            };
            let explain = match refused.code.as_str() {
                code if code.starts_with('E') => format!(
                    "\n\nThe compiler explains the whole kind:\n\n    rustc --explain {code}"
                ),
                _ => String::new(),
            };
            format!("{}{read}{explain}", kind.rule)
        }
        _ => {
            let lines: Vec<String> = kind
                .example
                .lines()
                .map(|line| format!("    {line}"))
                .collect();
            format!(
                "{}\n\nThis is how it is right in another program:\n\n{}\n\nAnd in yours: {}",
                kind.rule,
                lines.join("\n"),
                refused.next
            )
        }
    };
    format!("{}\n{body}", heading(degree, &what))
}

/// What follows a hint about a program that does not compile.
pub fn more_of_refused(step: Step, degree: u32) -> String {
    match degree {
        DEGREES => format!(
            "\n\nThis is the last hint. Everything that the compiler says:\n\n    cargo xtask check {} --compiler",
            step.number
        ),
        _ => more(step, degree),
    }
}

const GENERAL: &str = "the cause can be in any line.";

/// Its further degrees: the first task that is not as in the solution.
pub fn not_written(step: Step, hint: &Hint, places: &[Place], degree: u32) -> String {
    let task = match degree {
        2 => format!("{} {}", hint.first, hint.second),
        _ => body_of(&task(step, hint, places, degree)),
    };
    let mut places = places.iter();
    let place = places.find(|place| place.name == hint.stage && !place.is_done);
    let what = place.map_or(String::new(), |place| {
        format!("{}\nAt {}", place.sentence, at(step, place))
    });
    format!(
        "{}\nIf the cause is not in what you wrote last, look at this task, which differs from the solution:\n\n{what}\n\n{task}",
        heading(degree, GENERAL)
    )
}

/// Its further degrees where nothing is missing: the places that are not as in the solution.
pub fn elsewhere(files: &[File], degree: u32) -> Result<String> {
    let why = "Each task of this step is in your files as in the solution, so the cause is elsewhere: in what earlier steps built, or in what you added. If you have changed something since that check, check again first.";
    let mut differing = String::new();
    if degree == DEGREES {
        let places = differing_places(files)?;
        if !places.is_empty() {
            differing = format!(
                "\n\nHere your code differs from the solution:\n\n{}",
                places.join("\n")
            );
        }
    }
    Ok(format!("{}\n{why}{differing}", heading(degree, GENERAL)))
}

/// How many places are named; whoever has more has built it in another way.
const PLACES: usize = 5;

fn differing_places(files: &[File]) -> Result<Vec<String>> {
    let mut places = Vec::new();
    for file in files {
        let tasks = tasks::of_step(file.step)?.into_iter();
        for tasks in tasks.filter(|tasks| tasks.file == file.name) {
            let text = file.text.as_deref().unwrap_or_default();
            let differences = beside::compare(text, tasks.source()).differences;
            let hunks = differences.iter().flat_map(|difference| &difference.hunks);
            places.extend(hunks.map(|hunk| format!("    {}:{}", file.shown(), hunk.line)));
        }
    }
    places.truncate(PLACES);
    Ok(places)
}

/// A hint without its heading.
fn body_of(text: &str) -> String {
    text.split_once("\n\n")
        .map_or(text, |(_, body)| body)
        .to_owned()
}

const HOW_TO_READ_AN_ERROR: &str = "

How to read an error of the compiler: its first line says what is wrong, the numbers are lines of your file, and ^^^^ points at the place. A line with a + is what the compiler would write there. For a code such as E0308, this explains the whole kind:

    rustc --explain E0308";

/// Nothing is missing.
pub fn done(step: Step) -> String {
    let number = step.number;
    format!(
        "Every task in your files is as in the solution. See whether it works{}",
        show::by(&format!("cargo xtask check {number}"), "c")
    )
}
