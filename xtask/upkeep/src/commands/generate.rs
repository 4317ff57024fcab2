//! `cargo xtask generate`: writes what follows from something else: the style of every page, which is written once, and the
//! starters, which are the solutions without their stages.

use anyhow::{Context, Result};
use clap::Args;
use machine::exit::Exit;
use steps::keep;
use steps::starter::{pages, starters};

/// Write the starters again, from the solutions (for authors of steps)
///
/// A step's solution is the only copy that a person edits; marks in its comments say what the starter leaves out, and
/// stages.md beside it says what the starter has there instead. If somebody has changed a starter, for example a learner,
/// a copy of it is kept in .workshop/kept.
#[derive(Args)]
pub struct Arguments {
    /// Write nothing, and fail if a starter is stale
    #[arg(long)]
    check: bool,
}

/// Writes the starters.
///
/// # Errors
/// A mark that cannot be right, or its entry; or a file that cannot be read or written.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let mut stale = false;
    for starter in pages()?.into_iter().chain(starters()?) {
        if arguments.check {
            if !starter.is_current() {
                anstream::println!("{} is stale", show::path(&starter.path));
                stale = true;
            }
        } else if !starter.is_on_disk() {
            if let Some(copy) = keep::copy_of(&starter.path)? {
                anstream::println!("kept {}", show::path(&copy));
            }
            std::fs::write(&starter.path, &starter.text)
                .with_context(|| format!("{} could not be written", starter.path.display()))?;
            anstream::println!("wrote {}", show::path(&starter.path));
        }
    }
    if stale {
        anstream::println!("\nWrite them again: cargo xtask generate");
        return Ok(Exit::Failed);
    }
    if arguments.check {
        anstream::println!("every starter is its solution without the stages");
    }
    Ok(Exit::Passed)
}
