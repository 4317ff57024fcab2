//! `cargo xtask check`: runs the hidden tests and says what they found.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use owo_colors::OwoColorize;
use serde_json::Value;

use super::check_all;
use crate::checks::{self, Finding, Options, Report, Subject, Verdict};
use crate::compile::Target;
use crate::exit::Exit;
use crate::step::{STEPS, Step, Whose, root};
use crate::{jquery, last, open, picture, progress, show};

/// Check your program: is it right, and if not, why
///
/// Builds your program, starts it on a free port, and asks it over HTTP, over WebSockets and in a real browser what a
/// right program would answer. The first thing that is not right yet is explained.
#[derive(Args)]
pub struct Arguments {
    /// The step: 10, 10-spy or spy; without it, the one that you are at
    #[arg(value_parser = Step::parse)]
    step: Option<Step>,
    /// Every step that you have begun or passed, one after the other
    #[arg(long, conflicts_with = "step")]
    all: bool,
    /// The finished program instead of yours
    #[arg(long)]
    solution: bool,
    /// Only the checks of the server; the page is left out, so the verdict is at best "incomplete" (exit 3)
    #[arg(long)]
    server: bool,
    /// Make the same data as an earlier run; a failure prints its seed
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Print one JSON object and nothing else
    #[arg(long)]
    pub(super) json: bool,
    /// Write a page that shows each failure as a chart of what was said: .workshop/report-10-spy.html
    #[arg(long, conflicts_with = "all")]
    report: bool,
    /// Show that page in your browser
    #[arg(long, conflicts_with = "all")]
    open: bool,
}

impl Arguments {
    /// Whose program is checked.
    pub(super) fn whose(&self) -> Whose {
        match self.solution {
            true => Whose::Solution,
            false => Whose::Learner,
        }
    }

    fn wants_picture(&self) -> bool {
        self.report || self.open
    }

    /// Says where the picture is, or shows it. That it cannot be shown is no error: the path is printed.
    fn tell_of(&self, file: &Path) {
        let opened = self.open.then(|| open::file(file));
        if let Some(Err(error)) = &opened {
            show::note(&format!("no browser could be opened ({error:#})"));
        }
        if self.json {
            return;
        }
        anstream::println!("  As a picture: {}", show::path(file));
        if !matches!(opened, Some(Ok(()))) {
            anstream::println!("  To see it: {}", open::command(file).bold());
        }
    }

    /// How a step is checked.
    pub(super) fn options(&self) -> Options {
        Options {
            seed: self.seed.unwrap_or_else(|| fastrand::u64(..1_000_000)),
            page: !self.server,
            colour: !self.json
                && std::io::stdout().is_terminal()
                && std::env::var_os("NO_COLOR").is_none(),
        }
    }
}

/// Runs the checks of a step, or of all.
///
/// # Errors
/// When the tool itself cannot go on.
pub async fn run(arguments: Arguments) -> Result<Exit> {
    // What to do where there is none, or an old one, is for the checks to report: they say which of them go without.
    if let Err(error) = jquery::fetch().await {
        show::note(&format!("{error:#}"));
    }
    if arguments.all {
        return check_all::run(&arguments).await;
    }
    let step = arguments.step.unwrap_or_else(|| here(arguments.json));
    let whose = arguments.whose();
    let found = if arguments.json {
        check(step, whose, arguments.options(), |_| {}).await
    } else {
        show::title(step, whose);
        let mut shown = show::Findings::of(step);
        let found = |finding: &Finding| shown.show(finding);
        let report = check(step, whose, arguments.options(), found).await;
        show::summary(&report, whose);
        if whose == Whose::Learner && report.verdict() == Verdict::Passed {
            next(step);
        }
        report
    };
    let picture = arguments
        .wants_picture()
        .then(|| picture::write(&found, whose));
    if arguments.json {
        show::json(&json(&found, picture.as_ref()));
    }
    Ok(match picture {
        Some(Ok(file)) => {
            arguments.tell_of(&file);
            found.verdict().into()
        }
        Some(Err(error)) => {
            show::note(&format!("error: {error:#}"));
            without_picture(found.verdict())
        }
        None => found.verdict().into(),
    })
}

/// The object that is printed; where the picture is, if one was asked for.
fn json(found: &Report, picture: Option<&Result<PathBuf>>) -> Value {
    let mut object = found.json();
    if let Some(picture) = picture {
        let file = picture.as_ref().ok();
        object["report"] = file.map(|file| file.display().to_string()).into();
    }
    object
}

/// How the tool ends where the picture could not be written: the verdict stands, but a pass is not all that was asked for.
fn without_picture(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Failed => Exit::Failed,
        Verdict::Passed | Verdict::Incomplete => Exit::Missing,
    }
}

/// The step that the learner is at. That it was chosen for them is said, and why.
fn here(json: bool) -> Step {
    let here = progress::here();
    if !json {
        let (number, why) = (here.step.number, here.why.words());
        show::paragraph(&format!("Step {number}, because {why}.\n"));
    }
    here.step
}

/// What comes after a step that was passed just now.
fn next(passed: Step) {
    let here = progress::by_work();
    let next = match here.step == passed {
        // All are passed, or this pass could not be noted.
        true => STEPS.iter().find(|step| step.number > passed.number),
        false => Some(&here.step),
    };
    match next {
        Some(Step { number, title, .. }) => {
            let what = match next.is_some_and(Step::is_encore) && !passed.is_encore() {
                true => "That was the last step. An encore",
                false => "Next",
            };
            anstream::println!("  {what}: cargo xtask watch {number}  ({title})");
            if *number == passed.number + 1 {
                let save_as = format!("cargo xtask save-as {} {number}", passed.number);
                anstream::println!("  To go on there with your own server: {save_as}");
            }
        }
        None => anstream::println!("  That was the last step."),
    }
}

/// Checks a program; a learner's is noted.
pub(super) async fn check(
    step: Step,
    whose: Whose,
    options: Options,
    found: impl FnMut(&Finding),
) -> Report {
    match whose {
        Whose::Learner => check_learner(step, options, found).await,
        Whose::Solution => checks::run(subject(step, whose), options, found).await,
    }
}

/// Checks the learner's program of a step, and notes what was found. That it cannot be noted, in a folder that is read-only
/// say, changes no verdict.
pub async fn check_learner(step: Step, options: Options, found: impl FnMut(&Finding)) -> Report {
    let mut report = checks::run(subject(step, Whose::Learner), options, found).await;
    let passed = match report.verdict() {
        Verdict::Passed => progress::passed(step),
        Verdict::Failed | Verdict::Incomplete => Ok(()),
    };
    // One of the two is enough to say that there is no place to note anything.
    if let Err(error) = passed.and_then(|()| last::note(step, &report)) {
        report.warnings.push(format!("{error:#}"));
    }
    report
}

/// The program to check.
pub(super) fn subject(step: Step, whose: Whose) -> Subject {
    Subject {
        step,
        folder: root().join(step.folder(whose)),
        target: Target::workshop(step.binary(whose)),
    }
}
