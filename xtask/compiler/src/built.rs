//! What came of a build: a program, or why the compiler refused it.

use std::path::PathBuf;

use anyhow::{Result, bail};
use machine::compile::{self, Target};

use crate::{Message, Refusal, Warning};

/// What came of a build.
#[derive(Debug, Clone)]
pub enum Built {
    /// The program is there.
    Program(PathBuf),
    /// The compiler refused it.
    Refused(Box<Refusal>),
}

/// Builds `target`.
///
/// # Errors
/// [`machine::compile::Missing`]; or when cargo cannot be started, or ends without a program and without an error of the
/// compiler's: with what cargo said.
pub async fn build(target: &Target, colour: bool) -> Result<Built> {
    Ok(build_with_warnings(target, colour).await?.0)
}

/// The same, and what the compiler warned of where it built the program.
///
/// # Errors
/// As [`build`].
pub async fn build_with_warnings(target: &Target, colour: bool) -> Result<(Built, Vec<Warning>)> {
    let build = compile::build(target, colour).await?;
    let messages = || build.messages.iter().filter_map(Message::of);
    if let Some(program) = build.program {
        let warnings: Vec<Message> = messages().filter(|it| it.level == "warning").collect();
        return Ok((
            Built::Program(program),
            Warning::all(&warnings, &build.source),
        ));
    }
    let errors: Vec<Message> = messages()
        .filter(|it| it.level.starts_with("error"))
        .collect();
    let refusal = match errors.is_empty() {
        false => Some(Refusal::of(errors, &build.source)),
        true => Refusal::of_manifest(&build.printed),
    };
    match refusal {
        Some(refusal) => Ok((Built::Refused(Box::new(refusal)), Vec::new())),
        None => bail!(
            "cargo did not build {} ({}). It said:\n{}",
            target.binary,
            build.status,
            build.printed.trim_end()
        ),
    }
}
