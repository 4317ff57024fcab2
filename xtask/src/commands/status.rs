//! `cargo xtask` alone: where you are, and what to do next, on one screen.

use anstream::println;
use anyhow::Result;
use owo_colors::OwoColorize;

use super::generate::starters;
use crate::exit::Exit;
use crate::step::{STEPS, Step, Whose, root};
use crate::{progress, show};

/// Shows it.
///
/// # Errors
/// When a solution, which tells an untouched starter from a learner's work, cannot be read.
pub fn show() -> Result<Exit> {
    println!("{}\n", "The real-time web in Rust, a step at a time".bold());
    for step in STEPS {
        let (mark, word) = match (progress::has_passed(*step), is_touched(*step)?) {
            (true, _) => ("✓", "passed"),
            (false, true) => ("…", "begun"),
            (false, false) => (" ", "not begun"),
        };
        println!(
            "  {mark} {:<10} {}  ({word})",
            step.name().bold(),
            step.title
        );
    }
    match STEPS.iter().find(|step| !progress::has_passed(**step)) {
        Some(step) => next(*step),
        None => println!(
            "\nYou have passed every step.\nSee how yours compares: solutions/ holds the finished programs."
        ),
    }
    println!("\nAll commands: {}", "cargo xtask --help".bold());
    Ok(Exit::Passed)
}

/// What to do for `step`.
fn next(step: Step) {
    let folder = root().join(step.folder(Whose::Learner));
    let file = |name: &str| show::path(&folder.join(name));
    let row = |what: &str, how: &str| println!("  {what:<10} {}", how.bold());
    println!("\nYour next step is {}:\n", step.number);
    row("read", &file("README.md"));
    let files: Vec<String> = step.files().iter().map(|name| file(name)).collect();
    row("write", &files.join(" and "));
    row(
        "try it",
        &format!("cargo xtask run {} --watch --open", step.number),
    );
    row("check it", &format!("cargo xtask check {}", step.number));
    println!(
        "\nTo see where it leads: {}",
        format!("cargo xtask run {} --solution --open", step.number).bold()
    );
}

/// Whether the learner has changed a file of the step.
fn is_touched(step: Step) -> Result<bool> {
    let folder = root().join(step.folder(Whose::Learner));
    let own = starters()?
        .into_iter()
        .filter(|starter| starter.path.starts_with(&folder));
    Ok(own
        .into_iter()
        .any(|starter| std::fs::read_to_string(&starter.path).ok() != Some(starter.text)))
}
