//! `cargo xtask`: reads the command line, runs a step or hands over to the tool that knows the command.
//!
//! What everybody needs at once is here: where you are, the list, and a step that runs. All else is a package of its own,
//! built when it is first asked for, so that nobody waits for what they do not use.

mod cli;

mod commands;

mod tools;

use std::process::ExitCode;

use machine::exit;

fn main() -> ExitCode {
    exit::of(cli::run())
}
