//! `walk` and `walk 10 --list`: the day, and the stages of a step.

use anstream::println;
use anyhow::Result;
use machine::exit::Exit;
use owo_colors::OwoColorize;
use serde_json::{Value, json};
use show::{duration, wrapped};
use steps::step::{Step, Whose};

use super::stage::announced;
use crate::walk::schedule::{self, Break, Entry, Time};
use crate::walk::{self, Announced, Stage, Walkthrough};

/// Lists every step, with the minutes of its live coding and those that a learner takes without one.
///
/// # Errors
/// When a walkthrough cannot be read.
pub fn day(json: bool) -> Result<Exit> {
    let walks = walk::all()?;
    match json {
        true => show::json(&day_object(&walks)),
        false => day_table(&walks),
    }
    Ok(Exit::Passed)
}

/// Those of the ladder: the encore is for another day.
fn ladder(walks: &[Walkthrough]) -> impl Iterator<Item = &Walkthrough> {
    walks.iter().filter(|walk| !walk.step.is_encore())
}

/// The minutes of live coding, and those that learners take on their own, of the ladder.
fn sums(walks: &[Walkthrough]) -> (u32, u32) {
    let live = ladder(walks).map(Walkthrough::minutes).sum();
    let own = ladder(walks).map(|walk| walk.step.minutes).sum();
    (live, own)
}

/// The table is as wide as the narrowest terminal that we know of, 60 columns.
fn day_table(walks: &[Walkthrough]) {
    let titles = walks.iter().map(|walk| walk.step.title.len());
    let widest = titles.max().unwrap_or(0);
    // The word is longer than any number of stages.
    let before = widest.saturating_sub(1);
    println!(
        "  step         {:<before$} stages live own",
        "what it is about"
    );
    let row = |walk: &Walkthrough| {
        let (name, title) = (walk.step.name(), walk.step.title);
        let (stages, live, own) = (walk.stages.len(), walk.minutes(), walk.step.minutes);
        println!(
            "  {:<12} {title:<widest$} {stages:>5} {live:>4} {own:>3}",
            name.bold()
        );
    };
    ladder(walks).for_each(row);
    let (live, own) = sums(walks);
    let stages: usize = ladder(walks).map(|walk| walk.stages.len()).sum();
    println!(
        "  {:<12} {:<widest$} {stages:>5} {live:>4} {own:>3}\n\n  encore",
        "sum", ""
    );
    walks
        .iter()
        .filter(|walk| walk.step.is_encore())
        .for_each(row);
    println!();
    show::paragraph(&format!(
        "live: the minutes of your live coding, {}. own: the minutes that learners take for the step on their own, {}. \
         For both, one after the other: {}.",
        duration(live),
        duration(own),
        duration(live + own)
    ));
    println!(
        "\nThe stages of a step: {}",
        "cargo xtask walk 10 --list".bold()
    );
}

fn day_object(walks: &[Walkthrough]) -> Value {
    let entry = |walk: &Walkthrough| {
        json!({
            "step": walk.step.number,
            "name": walk.step.name(),
            "title": walk.step.title,
            "stages": walk.stages.len(),
            "live_minutes": walk.minutes(),
            "own_minutes": walk.step.minutes,
        })
    };
    let steps: Vec<Value> = walks.iter().map(entry).collect();
    let (live, own) = sums(walks);
    json!({"steps": steps, "live_minutes": live, "own_minutes": own})
}

/// The day from this time on: of the ladder, or of the encore where the step is one of that.
///
/// # Errors
/// When a walkthrough cannot be read.
pub fn schedule(step: Option<Step>, from: Time, breaks: &[Break]) -> Result<Vec<Entry>> {
    let is_encore = step.is_some_and(|step| step.is_encore());
    let walks = walk::all()?;
    let walks = walks.iter().filter(|it| it.step.is_encore() == is_encore);
    Ok(schedule::day(walks, from, breaks.to_vec()))
}

/// Prints the day.
pub fn print_schedule(day: &[Entry], json: bool, is_markdown: bool) {
    match (json, is_markdown) {
        (true, _) => show::json(&json!({ "schedule": schedule::json(day) })),
        (_, true) => println!("{}", schedule::markdown(day)),
        _ => println!("{}", schedule::text(day)),
    }
}

/// Lists the stages of a step.
///
/// # Errors
/// None so far.
pub fn stages(walk: &Walkthrough, json: bool) -> Result<Exit> {
    match json {
        true => show::json(&stages_object(walk)),
        false => stages_table(walk),
    }
    Ok(Exit::Passed)
}

fn stages_table(walk: &Walkthrough) {
    checks::findings::title(walk.step, Whose::Learner);
    println!("{}\n", wrapped("", &walk.preface));
    for stage in &walk.stages {
        println!("{}", entry(stage));
    }
    println!(
        "\n{} stages, {} of live coding. On their own, learners take {} for the step.",
        walk.stages.len(),
        super::minutes(walk.minutes()),
        walk.step.minutes
    );
    let command = format!("cargo xtask walk {} --stage 1", walk.step.number);
    println!("A stage in full: {}", command.bold());
}

/// A stage in a few lines: what it does, and what the check says then.
fn entry(stage: &Stage) -> String {
    let number = format!("  {}  {:>2} min  ", stage.number, stage.minutes);
    let mut lines = vec![wrapped(&number, &stage.title)];
    let indent = " ".repeat(number.len());
    if stage.announced == Announced::Passes {
        lines.push(format!("{indent}{} every check passes", "✓".green()));
    }
    let not_yet = format!("{indent}{} ", "not yet:".yellow());
    let fails = stage.announced.fails().iter();
    lines.extend(fails.map(|fails| wrapped(&not_yet, fails.sentence())));
    lines.join("\n")
}

fn stages_object(walk: &Walkthrough) -> Value {
    let entry = |stage: &Stage| {
        json!({
            "stage": stage.number,
            "title": stage.title,
            "minutes": stage.minutes,
            "announced": announced(&stage.announced),
        })
    };
    let stages: Vec<Value> = walk.stages.iter().map(entry).collect();
    json!({
        "step": walk.step.number,
        "name": walk.step.name(),
        "title": walk.step.title,
        "preface": walk.preface,
        "stages": stages,
        "live_minutes": walk.minutes(),
        "own_minutes": walk.step.minutes,
    })
}
