//! The learner's commands of `cargo xtask`.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use learn::commands::{check, diff, doctor, help_me, hint, join, refused, save_as, watch, windows};
use machine::exit::{self, Exit};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 80)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Watch(watch::Arguments),
    Check(check::Arguments),
    Hint(hint::Arguments),
    Diff(diff::Arguments),
    SaveAs(save_as::Arguments),
    Doctor(doctor::Arguments),
    Join(join::Arguments),
    Leave(join::LeaveArguments),
    HelpMe(help_me::Arguments),
    /// Says why a program does not compile
    #[command(hide = true)]
    Refused {
        /// The binary
        binary: String,
    },
    /// Opens an address in two windows
    #[command(hide = true)]
    Windows {
        /// The address
        url: String,
    },
}

fn main() -> ExitCode {
    exit::of(run(Cli::parse().command))
}

async fn run(command: Command) -> Result<Exit> {
    match command {
        Command::Watch(arguments) => watch::run(arguments).await,
        Command::Check(arguments) => check::run(arguments).await,
        Command::Hint(arguments) => hint::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::SaveAs(arguments) => save_as::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments).await,
        Command::Join(arguments) => join::run(arguments).await,
        Command::Leave(arguments) => join::leave(arguments).await,
        Command::HelpMe(arguments) => help_me::run(arguments).await,
        Command::Refused { binary } => refused::run(&binary).await,
        Command::Windows { url } => windows::run(&url).await,
    }
}
