//! `cargo xtask catch-up`: the files of a stage for a learner who fell behind the live coding.

use anstream::println;
use anyhow::Result;
use clap::Args;
use machine::exit::Exit;
use owo_colors::OwoColorize;
use show::wrapped;
use steps::step::{Step, Whose};

use super::walk::{apply, no_such_stage};
use crate::walk::{self, Stage, Walkthrough};

/// Catch up with the live coding: get the files of a stage; yours are kept in .workshop/kept
#[derive(Args)]
pub struct Arguments {
    /// The step: 10, 10-spy or spy
    #[arg(value_parser = Step::parse)]
    step: Step,
    /// The stage that the class has finished; without it, the command lists the stages
    #[arg(long, value_name = "NUMBER")]
    stage: Option<usize>,
}

/// Keeps what the learner wrote, and writes the stage. It takes no lock: a whole class catches up while somebody presents.
///
/// # Errors
/// When a copy cannot be made, and nothing is written then; or when a file cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let walk = Walkthrough::of(arguments.step)?;
    let Some(number) = arguments.stage else {
        return Ok(which(&walk));
    };
    let stage = match walk.stage(number) {
        Ok(stage) => stage,
        Err(error) => return Ok(no_such_stage(number, &error)),
    };
    let gaps = walk::gaps(walk.step, stage).into_iter();
    let open = gaps.filter(|(_, gap)| !gap.is_closed());
    let folder = walk.step.folder(Whose::Learner);
    let open: Vec<_> = open.map(|(name, _)| folder.join(name)).collect();
    if open.is_empty() {
        println!("Your files are as in stage {number} already: nothing to catch up with.");
    } else {
        let kept = walk::hand_out(walk.step, stage)?;
        let said = apply::said(&open, &kept);
        said.iter().for_each(|line| println!("{line}"));
    }
    println!("\n{}", next(&walk, stage));
    Ok(Exit::Passed)
}

/// The stages to choose from. Which one is meant is a question that only the class can answer, so nothing is written.
fn which(walk: &Walkthrough) -> Exit {
    let number = walk.step.number;
    show::note("error: which stage has the class finished? Your files are unchanged.\n\n");
    for stage in &walk.stages {
        let number = format!("  {}  ", stage.number);
        anstream::eprintln!("{}", wrapped(&number, &stage.title));
    }
    show::note(&format!(
        "\nFor the files of the first one:\n\n    cargo xtask catch-up {number} --stage 1"
    ));
    Exit::Usage
}

/// What the stage does, and where the class goes on.
fn next(walk: &Walkthrough, stage: &Stage) -> String {
    let does = wrapped(&format!("Stage {}: ", stage.number), &stage.title);
    let next = match walk.stages.get(stage.number) {
        Some(next) => wrapped(
            "",
            &format!(
                "The class goes on with stage {}: {}",
                next.number, next.title
            ),
        ),
        None => format!(
            "This was the last stage. To see whether it is right: {}",
            format!("cargo xtask check {}", walk.step.number).bold()
        ),
    };
    format!("{does}\n{next}")
}
