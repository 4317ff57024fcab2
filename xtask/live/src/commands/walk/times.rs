//! `walk 10 --times`: what was planned, and what it took.

use anyhow::Result;
use machine::exit::Exit;
use owo_colors::OwoColorize;

use crate::walk::{Times, Walkthrough};

/// Prints the times of a step.
///
/// # Errors
/// None so far.
pub fn run(walk: &Walkthrough, json: bool) -> Result<Exit> {
    let times = Times::of(walk);
    match (json, times.is_empty()) {
        (true, _) => show::json(&times.json(walk)),
        (false, true) => show::paragraph(&format!(
            "Nobody has presented step {} here: there is nothing to compare.",
            walk.step.number
        )),
        (false, false) => print(walk, &times),
    }
    Ok(Exit::Passed)
}

/// The table, for the end of a lesson; nothing where nobody has begun.
pub fn at_the_end(walk: &Walkthrough) {
    let times = Times::of(walk);
    if !times.is_empty() {
        println!();
        print(walk, &times);
    }
}

fn print(walk: &Walkthrough, times: &Times) {
    let step = walk.step;
    anstream::println!(
        "{}  {}\n\n{}\n",
        step.name().bold(),
        step.title,
        times.table(walk)
    );
    show::paragraph(
        "In minutes and seconds, builds and pauses left out. The times are kept in .workshop/walk.json.",
    );
}
