//! `cargo xtask check --all`: every step that was begun, one after the other, a line each.

use std::time::Instant;

use anstream::println;
use anyhow::Result;
use checks::{Options, Report, Verdict};
use machine::exit::Exit;
use owo_colors::OwoColorize;
use serde_json::{Value, json};
use steps::step::{STEPS, Step, Whose};
use steps::{begun, progress};

use crate::checked::check;

/// Checks them all, and explains the first one that is not right.
///
/// # Errors
/// None so far: what a check finds is no error.
pub async fn run(whose: Whose, json: bool, options: impl Fn() -> Options) -> Result<Exit> {
    let is_due = |step: &Step| match whose {
        Whose::Solution => true,
        Whose::Learner => progress::has_passed(*step) || begun::is_begun(*step),
    };
    let started = Instant::now();
    let mut reports = Vec::new();
    for step in STEPS.iter().copied().filter(is_due) {
        let report = check(step, whose, options(), |_| {}).await;
        if !json {
            row(&report);
        }
        reports.push(report);
    }
    let verdict = together(&reports);
    if json {
        let steps: Vec<Value> = reports.iter().map(Report::json).collect();
        show::json(&json!({"verdict": verdict.word(), "steps": steps}));
    } else if reports.is_empty() {
        println!("You have not begun a step yet, so there is nothing to check.");
        println!("Begin with the first: {}", "cargo xtask".bold());
    } else {
        explain(&reports, verdict, whose);
        total(&reports, started);
    }
    Ok(verdict.into())
}

/// The verdict on all: a failure outweighs what is missing. Where nothing was asked, nothing is wrong.
fn together(reports: &[Report]) -> Verdict {
    let any = |wanted| reports.iter().any(|report| report.verdict() == wanted);
    match (any(Verdict::Failed), any(Verdict::Incomplete)) {
        (true, _) => Verdict::Failed,
        (false, true) => Verdict::Incomplete,
        (false, false) => Verdict::Passed,
    }
}

/// The line of one step.
fn row(report: &Report) {
    let (passed, failed, not_run) = report.counts();
    let mark = match report.verdict() {
        Verdict::Passed => "✓".green().to_string(),
        Verdict::Failed => "✗".red().to_string(),
        Verdict::Incomplete => "?".yellow().to_string(),
    };
    let verdict = report.verdict().word();
    println!(
        "  {mark} {:<12}  {verdict:<10}  {passed:>2} passed, {failed:>2} failed, {not_run:>2} not run, {:>4.1} s",
        report.step.name(),
        report.took.as_secs_f64()
    );
}

/// The first step that is not as it should be, as a check of it alone would show it.
fn explain(reports: &[Report], verdict: Verdict, whose: Whose) {
    println!();
    if verdict == Verdict::Passed {
        return;
    }
    let first = reports.iter().find(|report| report.verdict() == verdict);
    let Some(report) = first else { return };
    checks::findings::title(report.step, whose);
    let mut shown = checks::findings::Findings::of(report.step).with_commands(whose, false);
    for finding in &report.findings {
        shown.show(finding);
    }
    checks::findings::summary(report, whose, shown.ends_blank());
    println!();
}

/// The last line: how many steps there were, and how they did.
fn total(reports: &[Report], started: Instant) {
    let count = |wanted| {
        let verdicts = reports.iter().map(Report::verdict);
        verdicts.filter(|verdict| *verdict == wanted).count()
    };
    let words = [Verdict::Passed, Verdict::Failed, Verdict::Incomplete];
    let parts = words.map(|verdict| (count(verdict), verdict.word()));
    let some = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = some.map(|(n, word)| format!("{n} {word}")).collect();
    let (all, s) = (reports.len(), if reports.len() == 1 { "" } else { "s" });
    println!(
        "  {} {}, in {:.0} s.",
        format!("{all} step{s}:").bold(),
        parts.join(", "),
        started.elapsed().as_secs_f64()
    );
}
