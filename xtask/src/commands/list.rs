//! `cargo xtask list`: the steps, how long each takes, and what is passed.

use std::time::{SystemTime, UNIX_EPOCH};

use anstream::println;
use anyhow::Result;
use clap::Args;
use machine::exit::Exit;
use owo_colors::OwoColorize;
use serde_json::{Value, json};
use show::duration;
use steps::step::{STEPS, Step, encore, ladder};
use steps::{begun, progress};

/// List the steps: titles, minutes, and what you have passed
#[derive(Args)]
pub struct Arguments {
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

/// Lists them.
///
/// # Errors
/// None so far.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    match arguments.json {
        true => show::json(&object()),
        false => table(),
    }
    Ok(Exit::Passed)
}

fn table() {
    let widest = STEPS.iter().map(|step| step.title.len()).max().unwrap_or(0);
    println!("    step          {:<widest$} min", "what it is about");
    let row = |step: Step| {
        let (mark, state) = state(step);
        let (name, title, minutes) = (step.name(), step.title, step.minutes);
        let line = format!("{:<13} {title:<widest$} {minutes:>3}  {state}", name.bold());
        println!("  {mark} {}", line.trim_end());
    };
    ladder().for_each(row);
    println!("\n    encore: what it takes on the open internet");
    encore().for_each(row);
    println!(
        "\n{} steps, {}; the encore: {}.\nWhere you are: {}",
        ladder().count(),
        duration(minutes_of(ladder())),
        duration(minutes_of(encore())),
        "cargo xtask".bold()
    );
}

fn minutes_of(steps: impl Iterator<Item = Step>) -> u32 {
    steps.map(|step| step.minutes).sum()
}

/// The sign before a step, and the words after it.
pub fn state(step: Step) -> (&'static str, String) {
    match (progress::passed_at(step), begun::is_begun(step)) {
        (Some(time), _) => ("✓", ago(time)),
        (None, true) => ("…", "begun".into()),
        (None, false) => (" ", String::new()),
    }
}

/// How long ago a time was, in a few words; a time to come, as a clock that was set back makes it, is a moment ago.
fn ago(time: SystemTime) -> String {
    let seconds = time.elapsed().unwrap_or_default().as_secs();
    let (number, unit) = match seconds {
        0..60 => return "just now".into(),
        60..3600 => (seconds / 60, "min"),
        3600..86_400 => (seconds / 3600, "h"),
        86_400..172_800 => (1, "day"),
        _ => (seconds / 86_400, "days"),
    };
    format!("{number} {unit} ago")
}

fn object() -> Value {
    let steps: Vec<Value> = STEPS.iter().copied().map(entry).collect();
    let current = progress::current().map(|step| step.number);
    json!({"steps": steps, "minutes": minutes_of(ladder()), "current": current})
}

/// A step as JSON; when it was passed, in seconds since 1970.
fn entry(step: Step) -> Value {
    let passed = progress::passed_at(step);
    let passed = passed.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    json!({
        "step": step.number,
        "name": step.name(),
        "title": step.title,
        "minutes": step.minutes,
        "encore": step.is_encore(),
        "begun": begun::is_begun(step),
        "passed": passed.map(|time| time.as_secs()),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn minutes_are_hours_where_there_are_many() {
        let words = [0, 1, 45, 60, 110, 121].map(duration);
        assert_eq!(
            words,
            [
                "",
                "1 minute",
                "45 minutes",
                "1 hour",
                "1 hour and 50 minutes",
                "2 hours and 1 minute"
            ]
        );
    }

    #[test]
    fn a_time_is_so_long_ago() {
        let seconds = [0, 59, 60, 3599, 3600, 86_399, 86_400, 172_800];
        let words = seconds.map(|past| ago(SystemTime::now() - Duration::from_secs(past)));
        let expected = [
            "just now",
            "just now",
            "1 min ago",
            "59 min ago",
            "1 h ago",
            "23 h ago",
            "1 day ago",
            "2 days ago",
        ];
        assert_eq!(words, expected);
        let to_come = SystemTime::now() + Duration::from_secs(1000);
        assert_eq!(ago(to_come), "just now");
    }
}
