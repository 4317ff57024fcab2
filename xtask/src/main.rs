//! `cargo xtask`: reads the command line, runs one command, ends with its exit code.

use std::process::ExitCode;

use clap::Parser;
use xtask::commands::Cli;
use xtask::exit;

fn main() -> ExitCode {
    exit::of(Cli::parse().run())
}
