//! The live coding's commands of `cargo xtask`.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use live::commands::{catch_up, walk};
use machine::exit::{self, Exit};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 80)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Walk(walk::Arguments),
    CatchUp(catch_up::Arguments),
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    match &command {
        Command::Walk(arguments) if arguments.presents() => exit::of_last_words(run(command)),
        _ => exit::of(run(command)),
    }
}

async fn run(command: Command) -> Result<Exit> {
    match command {
        Command::Walk(arguments) => walk::run(arguments).await,
        Command::CatchUp(arguments) => catch_up::run(&arguments),
    }
}
