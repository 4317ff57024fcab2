//! The commands of `cargo xtask` that measure and attack a server.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use machine::exit::{self, Exit};
use measure::commands::{attack, bench, farm, load};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 80)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Load(load::Arguments),
    /// Holds connections, for a load
    #[command(hide = true)]
    LoadGenerator,
    Farm(farm::Arguments),
    Attack(attack::Arguments),
    Bench(bench::Arguments),
}

impl Command {
    /// Whether it listens for Ctrl-C itself, to say what it has found so far.
    fn has_last_words(&self) -> bool {
        match self {
            Command::Load(_) | Command::LoadGenerator | Command::Attack(_) => true,
            Command::Bench(arguments) => arguments.has_last_words(),
            Command::Farm(_) => false,
        }
    }
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    match command.has_last_words() {
        true => exit::of_last_words(run(command)),
        false => exit::of(run(command)),
    }
}

async fn run(command: Command) -> Result<Exit> {
    match command {
        Command::Load(arguments) => load::run(arguments).await,
        Command::LoadGenerator => load::generate(),
        Command::Farm(arguments) => farm::run(arguments).await,
        Command::Attack(arguments) => attack::run(arguments).await,
        Command::Bench(arguments) => bench::run(arguments).await,
    }
}
