//! `cargo xtask` alone: where you are, and what to do next, on one screen of 80 by 24.

use anstream::println;
use anyhow::Result;
use machine::exit::Exit;
use owo_colors::OwoColorize;
use show::{duration, root};
use steps::begun;
use steps::progress::{self, Here, Why};
use steps::step::{Step, Whose, encore, ladder};

use super::list::state;

/// How many places to write at are shown.
const SHOWN: usize = 3;

const TITLE: &str = "The real-time web in Rust, a step at a time";

/// Shows it.
///
/// # Errors
/// None so far.
pub fn show() -> Result<Exit> {
    let here = progress::here();
    match here.why {
        Why::First => welcome(here.step),
        Why::AllPassed => finished(),
        Why::Folder | Why::Saved | Why::Next | Why::Skipped => place(here),
    }
    println!("\nAll commands: {}", "cargo xtask --help".bold());
    Ok(Exit::Passed)
}

/// For somebody who has just come.
fn welcome(first: Step) {
    let minutes = ladder().map(|step| step.minutes).sum();
    println!("{}\n", TITLE.bold());
    show::paragraph(&format!(
        "You will write a server, and by the last step every browser that has its page open sees where the others' mouse \
         is. There are {} steps, for about {}.\n",
        ladder().count(),
        duration(minutes)
    ));
    println!(
        "A step goes like this:\n\n  \
         read   its README.md says what is new, and what to do\n  \
         write  your code goes into server.rs, at the places marked TODO\n  \
         check  a checker asks your program what a right one would answer, and\n         \
         where the answer is wrong it tells you why\n"
    );
    println!("Begin with {}, and let this run meanwhile:", to_read(first));
    println!("it checks your program whenever you save.\n");
    println!("  {}\n", command(first).bold());
    println!(
        "Where it all leads: {}",
        "cargo xtask run 10 --solution --open".bold()
    );
}

/// For somebody who is on the way, on the ladder or in the encore.
fn place(here: Here) {
    let (title, steps): (_, Vec<Step>) = match here.step.is_encore() {
        true => ("The encore", encore().collect()),
        false => ("The real-time web in Rust", ladder().collect()),
    };
    let open = || steps.iter().filter(|step| !progress::has_passed(**step));
    println!(
        "{}: {} of {} steps passed, {} left\n",
        title.bold(),
        steps.len() - open().count(),
        steps.len(),
        duration(open().map(|step| step.minutes).sum()),
    );
    rows(&steps, Some(here.step));
    let (number, why) = (here.step.number, here.why.words());
    println!("\nYou are at step {number}, because {why}.\n");
    println!("  read   {}", to_read(here.step).bold());
    for (index, place) in to_write(here.step).into_iter().enumerate() {
        let what = if index == 0 { "write" } else { "" };
        println!("  {what:<5}  {}", place.bold());
    }
    println!("  check  {}", command(here.step).bold());
}

/// For somebody who has passed every step of the ladder. What is left of the encore is an offer.
fn finished() {
    println!("{}\n", TITLE.bold());
    rows(&ladder().collect::<Vec<_>>(), None);
    println!(
        "\nYou have passed every step.\n\n  \
         compare        {}\n  \
         check again    {}",
        "the finished programs are in solutions/".bold(),
        "cargo xtask check --all".bold()
    );
    if let Some(step) = encore().find(|step| !progress::has_passed(*step)) {
        println!(
            "  an encore      {}  ({})",
            command(step).bold(),
            step.title
        );
    }
}

/// A line for each of these steps.
fn rows(steps: &[Step], here: Option<Step>) {
    for step in steps {
        let (mark, state) = state(*step);
        let state = match here == Some(*step) {
            true => "← here".into(),
            false => state,
        };
        let line = format!("{:<13} {:<46} {state}", step.name().bold(), step.title);
        println!("  {mark} {}", line.trim_end());
    }
}

/// The one command that leads on.
fn command(step: Step) -> String {
    format!("cargo xtask watch {}", step.number)
}

fn to_read(step: Step) -> String {
    let folder = root().join(step.folder(Whose::Learner));
    show::path(&folder.join("README.md"))
}

/// The places to write at, as `path:line`: what editors and their terminals make a link of. Those that are still open come
/// first, and a step of many files does not fill the screen.
fn to_write(step: Step) -> Vec<String> {
    let mut places = begun::to_write(step);
    places.sort_by_key(|(path, line)| line.is_none() && path.exists());
    let more = places.split_off(places.len().min(SHOWN));
    let text = places.into_iter().map(|(path, line)| match line {
        Some(line) => format!("{}:{line}", show::path(&path)),
        None if !path.exists() => format!("{} (it is gone)", show::path(&path)),
        None => show::path(&path),
    });
    let rest = match more.len() {
        0 => None,
        1 => Some("and one more file".into()),
        count => Some(format!("and {count} more files")),
    };
    text.chain(rest).collect()
}
