//! `walk 10 --stage 4 --check`: the instructor's files as they stand, beside the verdict that the stage announces.

use anstream::println;
use anyhow::Result;
use checks::{Finding, Options, Report, Status, Subject};
use machine::exit::Exit;
use machine::jquery;
use owo_colors::OwoColorize;
use serde_json::{Value, json};
use steps::step::Whose;

use super::stage;
use crate::walk::{self, Announced, Gap, Held, Stage, Walkthrough};

/// Checks the files, and says whether they do what the stage announces. No progress is noted: it is nobody's work.
///
/// # Errors
/// None so far.
pub async fn run(walk: &Walkthrough, at: &Stage, json: bool) -> Result<Exit> {
    // What to do where there is none is for the checks to report.
    if let Err(error) = jquery::fetch().await {
        show::note(&format!("{error:#}"));
    }
    let gaps = walk::gaps(walk.step, at);
    if !json {
        checks::findings::title(walk.step, Whose::Learner);
        println!("{}\n", files(at, &gaps));
    }
    let options = Options {
        seed: fastrand::u64(..1_000_000),
        page: true,
        colour: !json && show::has_colour(),
        ..Options::default()
    };
    let report = checks::run(Subject::of(walk.step, Whose::Learner), options, |_| {}).await;
    match json {
        true => show::json(&object(at, &gaps, &report)),
        false => println!("{}", compared(&at.announced, &report)),
    }
    Ok(match at.announced.held(&report) {
        Held::AsAnnounced => Exit::Passed,
        Held::Otherwise => Exit::Failed,
        Held::Incomplete => Exit::Missing,
    })
}

/// How far the files are from the stage, in a sentence.
fn files(at: &Stage, gaps: &[(String, Gap)]) -> String {
    let open: Vec<String> = gaps
        .iter()
        .filter(|(_, gap)| !gap.is_closed())
        .map(|(name, gap)| format!("{name}: {}", gap.words()))
        .collect();
    let text = match open.is_empty() {
        true => format!("Your files are as in stage {}.", at.number),
        false => format!(
            "Your files are not those of stage {}: {}.",
            at.number,
            open.join("; ")
        ),
    };
    show::wrapped("", &text)
}

/// What came, beside what was announced.
pub fn compared(announced: &Announced, report: &Report) -> String {
    let took = format!("in {:.1} s", report.took.as_secs_f64());
    match announced.held(report) {
        Held::AsAnnounced => {
            let as_announced = format!("{} As announced, {took}.", "✓".green());
            format!("{as_announced}\n{}", stage::verdict(announced))
        }
        // What came stands first: on a screen that is not high, what was announced is known, and what came is not.
        Held::Otherwise => format!(
            "{}\n\nIt came, {took}:\n{}\n\nAnnounced:\n{}",
            "✗ Not as announced.".yellow().bold(),
            came(report),
            stage::verdict(announced)
        ),
        Held::Incomplete => format!(
            "{}\n{}",
            show::wrapped(
                "? ",
                "What ran is as announced, but not all of it could run here."
            ),
            show::text_of(|| checks::findings::missing(&report.findings)).trim_end()
        ),
    }
}

/// What a check found, in full for what failed.
fn came(report: &Report) -> String {
    let is_failed = |it: &&Finding| matches!(it.status, Status::Failed(_));
    let failed: Vec<&Finding> = report.findings.iter().filter(is_failed).collect();
    if failed.is_empty() {
        return stage::verdict(&Announced::Passes);
    }
    let text = show::text_of(|| {
        failed
            .iter()
            .for_each(|it| checks::findings::finding_with(it, FRAMES))
    });
    text.trim_end().to_owned()
}

/// So many of the frames of a failure are shown, and about as many lines of the compiler's.
const FRAMES: usize = 8;

fn object(at: &Stage, gaps: &[(String, Gap)], report: &Report) -> Value {
    let held = match at.announced.held(report) {
        Held::AsAnnounced => json!(true),
        Held::Otherwise => json!(false),
        Held::Incomplete => Value::Null,
    };
    json!({
        "stage": at.number,
        "as_announced": held,
        "announced": stage::announced(&at.announced),
        "files": gaps.iter().map(gap_object).collect::<Vec<_>>(),
        "found": report.json(),
    })
}

fn gap_object((name, gap): &(String, Gap)) -> Value {
    json!({"file": name, "as_in_the_stage": gap.is_closed(), "words": gap.words()})
}
