//! `cargo xtask prepare`: builds and fetches all that the commands need, while there is a network.

use anyhow::Result;
use clap::Args;
use compiler::built::{Built, build};
use compiler::told::refused;
use machine::exit::Exit;
use machine::{jquery, prepared};

/// Build and fetch everything that any command needs, for a room without a network (for instructors)
///
/// These are the parts of this tool, both programs of every step, and the programs that `load` measures. After that you can
/// teach every step without a network; `cargo xtask doctor` says what is not prepared. It takes some minutes.
#[derive(Args)]
pub struct Arguments {}

/// Builds and fetches it.
///
/// # Errors
/// When cargo itself fails.
pub async fn run(_: &Arguments) -> Result<Exit> {
    let mut exit = Exit::Passed;
    if let Err(error) = jquery::fetch().await {
        show::note(&format!("{error:#}"));
        exit = Exit::Missing;
    }
    let parts = prepared::parts();
    for (index, part) in parts.iter().enumerate() {
        let (number, all) = (index + 1, parts.len());
        anstream::println!("{number:>3} of {all}  {}", part.target.binary);
        if let Built::Refused(refusal) = build(&part.target, show::colour()).await? {
            // A learner's program that does not compile yet: the libraries below it are built.
            refused(&part.target.binary, &refusal);
        }
    }
    anstream::println!(
        "\nEverything is built. For what else a machine needs, for example a browser: cargo xtask doctor"
    );
    Ok(exit)
}
