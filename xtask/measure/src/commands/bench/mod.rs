//! `cargo xtask bench`: what the README and MEASURING.md say of speed, measured again.

mod waiting;

mod relay;

mod contestant;
mod contestants;

mod peers;

mod works;

mod requests;

mod figures;

use anyhow::Result;
use clap::{Args, Subcommand};
use machine::exit::Exit;

/// Measure how long you wait, and compare our servers with others (for authors of steps)
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Measure the loop of edit and check, the first build, and the start of the tool itself
    Loop(waiting::Arguments),
    Relay(relay::Arguments),
}

impl Arguments {
    /// Whether it listens for Ctrl-C itself, to say what it has found so far.
    pub fn has_last_words(&self) -> bool {
        matches!(self.what, What::Relay(_))
    }
}

/// Measures and prints what came of it.
///
/// # Errors
/// When something that is to be measured does not work.
pub async fn run(arguments: Arguments) -> Result<Exit> {
    match &arguments.what {
        What::Loop(arguments) => waiting::run(arguments).await,
        What::Relay(arguments) => relay::run(arguments).await,
    }
}
