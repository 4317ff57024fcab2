//! The commands of `cargo xtask` for the workshop's own upkeep.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use machine::exit::{self, Exit};
use upkeep::commands::{generate, prepare, test};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 80)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Prepare(prepare::Arguments),
    Test(test::Arguments),
    Generate(generate::Arguments),
}

fn main() -> ExitCode {
    exit::of(run(Cli::parse().command))
}

async fn run(command: Command) -> Result<Exit> {
    match command {
        Command::Prepare(arguments) => prepare::run(&arguments).await,
        Command::Test(arguments) => test::run(arguments).await,
        Command::Generate(arguments) => generate::run(&arguments),
    }
}
