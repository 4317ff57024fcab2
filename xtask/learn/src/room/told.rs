//! What the room is told of a check, and what a learner sends of a failure after a yes.

use std::fs;
use std::path::PathBuf;

use checks::{Failure, Report, Status, Verdict};
use room::{Check, Line, Turn, What};
use serde_json::Value;
use show::root;
use steps::record;
use wire::transcript::{self, Mark};

use super::member::{self, Member, seconds};
use super::outbox;

/// So many causes are told: the first ones count.
const CAUSES: usize = 16;

/// So many entries of what was said are sent, around the first that is marked.
const ENTRIES: usize = 40;

/// Writes down what the room is to hear of a check, and keeps what could be sent of its first failure, on this machine.
pub fn note(report: &Report) {
    // That one check passes or fails says nothing of the rest.
    if report.only.is_some() {
        return;
    }
    let step = report.step.number;
    let since = Member::change(|it| {
        let now = seconds();
        now.saturating_sub(*it.begun.entry(step).or_insert(now))
    });
    let Some(since) = since else { return };
    outbox::add(vec![What::Check(check(report, since))]);
    let sendable = sendable(report).map(|it| it.json().to_string());
    // It is a copy: without one, nothing can be sent, and that is said when somebody asks.
    let _ = match sendable {
        Some(text) => record::replace(&file(), &text),
        None => fs::remove_file(file()).map_err(Into::into),
    };
}

/// What of a check leaves this machine: ids and numbers.
fn check(report: &Report, since: u64) -> Check {
    let mut diagnoses: Vec<String> = Vec::new();
    for failure in report.findings.iter().filter_map(|it| it.failure()) {
        let id = failure.id().to_owned();
        if !diagnoses.contains(&id) && diagnoses.len() < CAUSES {
            diagnoses.push(id);
        }
    }
    let (passed, failed, not_run) = report.counts();
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Check {
        step: report.step.number,
        verdict: match report.verdict() {
            Verdict::Passed => room::Verdict::Passed,
            Verdict::Failed => room::Verdict::Failed,
            Verdict::Incomplete => room::Verdict::Incomplete,
        },
        diagnoses,
        passed: count(passed),
        of: count(passed + failed + not_run),
        since,
    }
}

fn file() -> PathBuf {
    member::folder().join("report.json")
}

/// What the last check of a step left to be sent, if it failed.
pub fn last_report() -> Option<room::Report> {
    let text = fs::read_to_string(file()).ok()?;
    let value: Value = serde_json::from_str(&text).ok()?;
    room::Report::read(value).ok()
}

/// What could be sent of the first failure.
fn sendable(report: &Report) -> Option<room::Report> {
    let finding = report
        .findings
        .iter()
        .find(|it| matches!(it.status, Status::Failed(_)))?;
    let failure = finding.failure()?;
    let details = failure.details().into_iter();
    Some(room::Report {
        step: report.step.number,
        check: finding.check.id.into(),
        diagnosis: failure.id().into(),
        cause: private(failure.cause()),
        next: private(failure.next()),
        details: details
            .map(|(name, text)| (name.into(), private(text)))
            .collect(),
        lines: lines(failure),
        entries: entries(failure),
    })
}

/// A text without the colours of a terminal, and without where this machine keeps its files.
fn private(text: &str) -> String {
    let mut text = anstream::adapter::strip_str(text).to_string();
    let home = std::env::home_dir();
    for folder in [Some(root()), home].into_iter().flatten() {
        let folder = folder.display().to_string();
        if folder.len() > 1 {
            text = text.replace(&folder, "…");
        }
    }
    text
}

/// The line of the program that a failure names, and the two beside it.
fn lines(failure: &Failure) -> Vec<Line> {
    let Some((file, number)) = failure.place.as_deref().and_then(place) else {
        return Vec::new();
    };
    let text = fs::read_to_string(root().join(file)).unwrap_or_default();
    let numbered = text.lines().zip(1u32..);
    let near = numbered.filter(|(_, at)| at.abs_diff(number) <= 1);
    near.map(|(text, number)| Line {
        number,
        text: text.to_owned(),
    })
    .collect()
}

/// The file and the line of `path:line:column`.
fn place(place: &str) -> Option<(&str, u32)> {
    let mut parts = place.rsplitn(3, ':');
    let (_column, line) = (parts.next()?, parts.next()?);
    Some((parts.next()?, line.parse().ok()?))
}

/// What was said, with what of it is wrong or missing.
fn entries(failure: &Failure) -> Vec<room::Entry> {
    let said = failure.entries();
    let missing = |at: usize| {
        let due = failure.marks.iter().filter_map(move |mark| match mark {
            Mark::Missing { after, due } if *after == at => Some(due),
            _ => None,
        });
        due.map(|due| entry(due, Turn::Missing, true))
    };
    let is_wrong = |at: usize| {
        let mut marks = failure.marks.iter();
        marks.any(|mark| matches!(mark, Mark::Wrong { entry, .. } if *entry == at))
    };
    let mut all = Vec::new();
    for (at, it) in said.iter().enumerate() {
        all.extend(missing(at));
        all.push(entry(it, turn(it), is_wrong(at)));
    }
    all.extend(missing(said.len()));
    let marked = all.iter().position(|it| it.is_wrong).unwrap_or(all.len());
    let from = marked.saturating_sub(ENTRIES / 2);
    all.into_iter().skip(from).take(ENTRIES).collect()
}

fn turn(entry: &transcript::Entry) -> Turn {
    match entry.what {
        transcript::What::Up(_) => Turn::Up,
        transcript::What::Down(_) => Turn::Down,
        _ => Turn::There,
    }
}

fn entry(entry: &transcript::Entry, turn: Turn, is_wrong: bool) -> room::Entry {
    let text = entry
        .frame()
        .map_or_else(|| entry.words(), |it| it.text.clone());
    room::Entry {
        client: entry.client.clone(),
        turn,
        text: private(&text),
        is_wrong,
    }
}
