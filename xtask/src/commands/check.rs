//! `cargo xtask check`: runs the hidden tests and says what they found.

use std::io::IsTerminal;

use anyhow::Result;
use clap::Args;

use super::Which;
use crate::checks::{self, Finding, Options, Report, Subject, Verdict};
use crate::compile::Target;
use crate::exit::Exit;
use crate::step::{Step, Whose, root};
use crate::{jquery, progress, show};

/// Check your program: is it right, and if not, why
///
/// Builds your program, starts it on a free port, and asks it over HTTP, over WebSockets and in a real browser what a
/// right program would answer. The first thing that is not right yet is explained.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Only the checks of the server; the page is left out, so the verdict is at best "incomplete" (exit 3)
    #[arg(long)]
    server: bool,
    /// Make the same data as an earlier run; a failure prints its seed
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

fn subject(step: Step, whose: Whose) -> Subject {
    Subject {
        step,
        folder: root().join(step.folder(whose)),
        target: Target::workshop(step.binary(whose)),
    }
}

/// Runs the checks of the learner's own program, and notes what came of them. That it cannot be noted, in a folder that is
/// read-only say, changes no verdict.
pub async fn check_learner(step: Step, options: Options, found: impl FnMut(&Finding)) -> Report {
    let mut report = checks::run(subject(step, Whose::Learner), options, found).await;
    if report.verdict() == Verdict::Passed
        && let Err(error) = progress::passed(step)
    {
        report.warnings.push(format!("{error:#}"));
    }
    report
}

/// Runs the checks of a step.
///
/// # Errors
/// When the tool itself cannot go on.
pub async fn run(arguments: Arguments) -> Result<Exit> {
    let Which { step, .. } = arguments.which;
    let whose = arguments.which.whose();
    // What to do where there is none, or an old one, is for the checks to report: they say which of them go without.
    if let Err(error) = jquery::fetch().await {
        show::note(&format!("{error:#}"));
    }
    let options = Options {
        seed: arguments.seed.unwrap_or_else(|| fastrand::u64(..1_000_000)),
        page: !arguments.server,
        colour: !arguments.json
            && std::io::stdout().is_terminal()
            && std::env::var_os("NO_COLOR").is_none(),
    };
    let found = |finding: &Finding| {
        if !arguments.json {
            show::finding(finding);
        }
    };
    if !arguments.json {
        show::title(step, whose);
    }
    let report = match whose {
        Whose::Learner => check_learner(step, options, found).await,
        Whose::Solution => checks::run(subject(step, whose), options, found).await,
    };
    if arguments.json {
        println!("{}", report.json());
    } else {
        show::summary(&report, whose);
    }
    Ok(report.verdict().into())
}
