//! `cargo xtask diff`: the learner's program beside the solution, by task.

use anstream::println;
use anyhow::Result;
use checks::last;
use clap::Args;
use machine::exit::Exit;
use owo_colors::OwoColorize;
use steps::learner::{self, File};
use steps::progress;
use steps::step::{STEPS, Step, Whose};
use steps::tasks::{self, Tasks};

use crate::beside::{self, Beside, Difference, Hunk, Side};

/// See your program beside the solution, task by task
///
/// If you have not passed the step yet, it says so and shows nothing.
#[derive(Args)]
pub struct Arguments {
    /// The step: 10, 10-spy or spy. Without it, the step whose folder you are in, or the last one that you passed
    #[arg(value_parser = Step::parse)]
    step: Option<Step>,
    /// Show it even if you have not passed the step
    #[arg(long)]
    anyway: bool,
}

/// Shows it.
///
/// # Errors
/// When the solution cannot be read.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let Some(step) = arguments.step.or_else(progress::in_folder).or_else(latest) else {
        show::text("You have passed no step yet. Name one:\n\n    cargo xtask diff 1");
        return Ok(Exit::Failed);
    };
    checks::findings::title(step, Whose::Learner);
    if !progress::has_passed(step) && !arguments.anyway {
        show::text(&refusal(step));
        return Ok(Exit::Failed);
    }
    if last::read(step).is_some_and(|last| last.refused.is_some()) {
        show::text(
            "At the last check, your program did not compile, so it is compared as text.\n\n",
        );
    }
    show::text(
        "- is yours, + the solution's. What both have is left out, and so are your comments.",
    );
    let tasks = tasks::of_step(step)?;
    let mut exit = Exit::Passed;
    for file in learner::files(step) {
        let Some(tasks) = tasks.iter().find(|tasks| tasks.file == file.name) else {
            continue;
        };
        if !show_file(&file, tasks) {
            exit = Exit::Failed;
        }
    }
    Ok(exit)
}

/// The step that was passed, and none after it.
fn latest() -> Option<Step> {
    let mut last = STEPS.iter().rev();
    last.find(|step| progress::has_passed(**step)).copied()
}

fn refusal(step: Step) -> String {
    let number = step.number;
    format!(
        "You have not passed this step yet, and this would show you its solution beside your code. A hint gives less away{}\n\nTo see it anyway{}",
        show::by(&format!("cargo xtask hint {number}"), "h"),
        show::by(&format!("cargo xtask diff {number} --anyway"), "d again")
    )
}

/// Shows one file, and whether it could be compared.
fn show_file(file: &File, tasks: &Tasks) -> bool {
    println!();
    if let Some(trouble) = file.trouble() {
        show::text(&trouble);
        return false;
    }
    println!("{}", file.shown().bold());
    let text = file.text.as_deref().unwrap_or_default();
    show_beside(file, &beside::compare(text, tasks.source()));
    true
}

fn show_beside(file: &File, beside: &Beside) {
    if beside.differences.is_empty() {
        let but = match beside.is_identical {
            true => "",
            false => ", except for comments and blank lines",
        };
        println!();
        show::text(&format!("The same{but}."));
        return;
    }
    if beside.shared * 2 < beside.lines {
        println!();
        show::text(&format!(
            "Of the solution's {} lines of code, yours has {}: you have built it in another way. So you learn more if you read the solution as a whole.",
            beside.lines, beside.shared
        ));
    }
    for difference in &beside.differences {
        show_difference(file, difference);
    }
    match beside.same.len() {
        0 => {}
        count => {
            let tasks = if count == 1 { "task" } else { "tasks" };
            println!("\nThe same in both, {count} {tasks}:");
            for sentence in &beside.same {
                println!("{}", show::wrapped("  = ", sentence));
            }
        }
    }
}

fn show_difference(file: &File, difference: &Difference) {
    println!();
    match difference.stages.as_slice() {
        [] => println!("{}", "Elsewhere".bold()),
        stages => stages
            .iter()
            .for_each(|sentence| println!("{}", show::wrapped("", sentence).bold())),
    }
    for hunk in &difference.hunks {
        println!("\n  {}:{}", file.shown(), hunk.line);
        show_hunk(hunk);
    }
}

/// The lines, without the indent that all of them have.
fn show_hunk(hunk: &Hunk) {
    let lines = || hunk.lines.iter().map(Side::text);
    let indents = lines().map(|line| line.len() - line.trim_start().len());
    let indent = indents.min().unwrap_or(0);
    for side in &hunk.lines {
        let line = side.text().get(indent..).unwrap_or_default();
        match side {
            Side::Yours(_) => println!("  {}", format!("- {line}").red()),
            Side::Solutions(_) => println!("  {}", format!("+ {line}").green()),
            Side::Both(_) => println!("    {line}"),
        }
    }
}
