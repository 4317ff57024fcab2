//! `cargo xtask hint`: a hint in three degrees: where to look, what to use, the code itself. Each call says one degree more.

mod body;

#[cfg(test)]
mod tests;

use anyhow::Result;
use checks::Check;
use checks::last::{self, Last};
use checks::list::CHECKS;
use clap::Args;
use compiler::kinds;
use machine::exit::Exit;
use steps::learner::{self, File};
use steps::step::{Step, Whose};
use steps::{progress, tasks};

use crate::hints::{self, About};

/// Get a hint: first where to look, then what to use, then the code
///
/// The hint is about what the last check found. Before the first check, it is about the first task.
#[derive(Args)]
pub struct Arguments {
    /// The step: 10, 10-spy or spy. Without it, the step that you are at
    #[arg(value_parser = Step::parse)]
    step: Option<Step>,
    /// Read this hint again: 1, 2 or 3. The next `hint` without it goes on where you were
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=DEGREES as i64))]
    degree: Option<u32>,
}

/// The last degree is the code.
const DEGREES: u32 = 3;

/// Gives it.
///
/// # Errors
/// When the solution or its hints cannot be read.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let Some(step) = arguments.step.or_else(progress::current) else {
        show::text(
            "You have passed every step. This shows how yours compares:\n\n    cargo xtask diff 10",
        );
        return Ok(Exit::Passed);
    };
    checks::findings::title(step, Whose::Learner);
    show::text(&text(step, arguments.degree)?);
    Ok(Exit::Passed)
}

/// What is printed below the title.
fn text(step: Step, degree: Option<u32>) -> Result<String> {
    let files = learner::files(step);
    let troubles: Vec<String> = files.iter().filter_map(File::trouble).collect();
    if !troubles.is_empty() {
        return Ok(troubles.join("\n\n"));
    }
    let number = step.number;
    let last = last::read(step).unwrap_or_default();
    if progress::has_passed(step) && last.diagnosis.is_none() {
        return Ok(format!(
            "You have passed this step. There is nothing left to hint at.\n\nYours beside the solution{}",
            show::by(&format!("cargo xtask diff {number}"), "d")
        ));
    }
    // Nothing else can be looked at before the program compiles.
    let kind = last.diagnosis.as_deref().and_then(kinds::named);
    if let Some((refused, kind)) = last.refused.as_ref().zip(kind) {
        let name = format!("{} {}", kind.id, refused.place);
        let degree = degree.unwrap_or_else(|| next_degree(step, &last, &name));
        let body = body::refused(refused, kind, degree);
        let more = body::more_of_refused(step, degree);
        return Ok(format!("{}\n\n{body}{more}", found(step, &last)));
    }
    let places = tasks::places(step, &files)?;
    let about = hints::choose(step, &files, &places, last.diagnosis.as_deref())?;
    let name = name_of(&about, &last);
    let degree = degree.unwrap_or_else(|| next_degree(step, &last, &name));
    let body = match &about {
        About::Done => body::done(step),
        About::General(_) if degree == 1 => body::general(&last),
        About::General(Some(next)) => body::not_written(step, next, &places, degree),
        About::General(None) => body::elsewhere(&files, degree)?,
        About::Task { step: of, hint } if *of == step => body::task(step, hint, &places, degree),
        About::Task { step: of, hint } => body::earlier(step, *of, hint, degree)?,
    };
    let more = match about {
        About::Done => String::new(),
        _ => body::more(step, degree),
    };
    Ok(format!("{}\n\n{body}{more}", found(step, &last)))
}

/// What counts the degrees: hints about another thing begin anew.
fn name_of(about: &About, last: &Last) -> String {
    match about {
        About::Done => "done".into(),
        About::General(next) => {
            let cause = last.diagnosis.as_deref().unwrap_or_default();
            let next = next.as_ref().map_or("", |hint| &hint.stage);
            format!("{cause} {next}")
        }
        About::Task { step, hint } => format!("{} {}", step.name(), hint.stage),
    }
}

/// One degree more than last time. That it cannot be noted, in a folder that is read-only say, is said, and no more.
fn next_degree(step: Step, last: &Last, name: &str) -> u32 {
    let given = match last.about.as_deref() == Some(name) {
        true => last.hints,
        false => 0,
    };
    let degree = given.saturating_add(1).min(DEGREES);
    if let Err(error) = last::set_hints(step, name, degree) {
        let number = step.number;
        show::note(&format!(
            "note: {error:#}. So ask for the next hint by its degree:\n\n    cargo xtask hint {number} --degree 2\n\n"
        ));
    }
    degree
}

/// What the hint goes by.
fn found(step: Step, last: &Last) -> String {
    let check: Option<&Check> = CHECKS
        .iter()
        .find(|check| Some(check.id) == last.check.as_deref());
    match (check, &last.diagnosis) {
        (Some(check), Some(diagnosis)) => {
            let sentence = check.sentence.trim_end_matches('.');
            format!("The last check found, not yet: {sentence} ({diagnosis}).")
        }
        _ => format!(
            "No check has failed yet, so this is about what comes first. A check makes the hint better{}",
            show::by(&format!("cargo xtask check {}", step.number), "c")
        ),
    }
}
