//! `cargo xtask reset`: gives a step back as it came. What the learner wrote is kept beside.

use std::path::Path;

use anstream::println;
use anyhow::{Context, Result};
use clap::Args;
use machine::exit::Exit;
use show::root;
use steps::starter::{committed, starter_of};
use steps::step::{Step, Whose};
use steps::{keep, progress};

/// Begin a step again: get its original files; yours are kept in .workshop/kept
#[derive(Args)]
pub struct Arguments {
    /// The step: 10, 10-spy or spy
    #[arg(value_parser = Step::parse)]
    step: Step,
}

/// Keeps what the learner wrote, and writes the starter. It asks nothing, because nothing is lost.
///
/// # Errors
/// When a copy cannot be made, and nothing is written then; or when a file cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let step = arguments.step;
    let files = starter_of(step)?;
    let changed: Vec<_> = files.iter().filter(|file| !file.is_on_disk()).collect();
    let readme = root().join(step.folder(Whose::Learner)).join("README.md");
    let readme = (!readme.exists()).then_some(readme);
    if changed.is_empty() && readme.is_none() {
        println!(
            "Step {} is unchanged: there is nothing to reset.",
            step.number
        );
        return Ok(Exit::Passed);
    }
    for file in &changed {
        if let Some(copy) = keep::copy_of(&file.path)? {
            let (from, to) = (show::path(&file.path), show::path(&copy));
            println!("kept    {from}\n     as {to}");
        }
    }
    for file in changed {
        write(&file.path, &file.text)?;
    }
    if let Some(readme) = readme {
        bring_back(&readme)?;
    }
    if progress::has_passed(step) {
        println!("\nIt still counts as passed.");
    }
    println!("\nTo begin again: cargo xtask watch {}", step.number);
    Ok(Exit::Passed)
}

/// The file as it was committed; it is cut from nothing, so only git has it.
fn bring_back(readme: &Path) -> Result<()> {
    match committed(readme) {
        Some(text) => write(readme, &text),
        None => {
            println!("missing {}, and git does not have it", show::path(readme));
            Ok(())
        }
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().context("a file lies in a folder")?;
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .with_context(|| format!("{} could not be written", show::path(path)))?;
    println!("wrote   {}", show::path(path));
    Ok(())
}
