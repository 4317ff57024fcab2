//! `cargo xtask`: reads the command line, runs one command, ends with its exit code.

use std::process::ExitCode;

use clap::Parser;
use xtask::commands::Cli;
use xtask::exit;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.has_last_words() {
        true => exit::of_last_words(cli.run()),
        false => exit::of(cli.run()),
    }
}
