//! `cargo xtask check`: runs the hidden tests and says what they found.

use std::io::IsTerminal;

use anyhow::Result;
use clap::Args;

use super::check_all;
use crate::checks::{self, Finding, Options, Report, Subject, Verdict};
use crate::compile::Target;
use crate::exit::Exit;
use crate::step::{STEPS, Step, Whose, root};
use crate::{jquery, last, progress, show};

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
}

impl Arguments {
    /// Whose program is checked.
    pub(super) fn whose(&self) -> Whose {
        match self.solution {
            true => Whose::Solution,
            false => Whose::Learner,
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
    let report = if arguments.json {
        let report = check(step, whose, arguments.options(), |_| {}).await;
        println!("{}", report.json());
        report
    } else {
        show::title(step, whose);
        let mut shown = show::Findings::of(step);
        let found = |finding: &Finding| shown.show(finding);
        let report = check(step, whose, arguments.options(), found).await;
        show::summary(&report, whose);
        report
    };
    if !arguments.json && whose == Whose::Learner && report.verdict() == Verdict::Passed {
        next(step);
    }
    Ok(report.verdict().into())
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
    let here = progress::here();
    let next = match here.step == passed {
        // All are passed, or this pass could not be noted.
        true => STEPS.iter().find(|step| step.number > passed.number),
        false => Some(&here.step),
    };
    match next {
        Some(Step { number, title, .. }) => {
            anstream::println!("  Next: cargo xtask watch {number}  ({title})");
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
