//! Why a program was refused, for a person at a terminal.

use std::path::PathBuf;

use anyhow::Result;
use machine::compile::Target;
use machine::serve::files_are_there;
use owo_colors::OwoColorize;
use show::wrapped;
use steps::step::{Step, Whose};

use crate::Refusal;
use crate::built::{Built, build};

/// Builds a program of a step; `None` when the compiler refuses it, and it was said why.
///
/// # Errors
/// When a file is not there, or cargo itself fails.
pub async fn build_step(step: Step, whose: Whose) -> Result<Option<PathBuf>> {
    files_are_there(step, whose)?;
    let target = Target::workshop(step.binary(whose));
    match build(&target, show::colour()).await? {
        Built::Program(program) => Ok(Some(program)),
        Built::Refused(refusal) => {
            refused(&target.binary, &refusal);
            Ok(None)
        }
    }
}

/// Why a program was refused, on stderr: for a command that needed it built.
pub fn refused(binary: &str, refusal: &Refusal) {
    let others = match refusal.errors {
        0 | 1 => String::new(),
        errors => format!(" This was the first of {errors} errors."),
    };
    let place = refusal.place.iter().map(|place| format!("at {place}\n"));
    anstream::eprintln!(
        "{}{}\n",
        place.collect::<String>(),
        coloured(&refusal.quoted)
    );
    anstream::eprintln!("{}", wrapped("Why?  ", &refusal.cause));
    anstream::eprintln!("{}", wrapped("Next: ", &refusal.next));
    if let Some(reading) = refusal.reading() {
        anstream::eprintln!("{}", wrapped("Read: ", &reading.to_string()));
    }
    anstream::eprintln!("\n{binary} does not compile.{others}");
}

/// A quote of the compiler's words with the colours that it would have: what is marked, what goes, what comes. One that has
/// its colours already stays as it is.
pub fn coloured(text: &str) -> String {
    if text.contains('\u{1b}') {
        return text.to_owned();
    }
    let line = |(index, line): (usize, &str)| {
        let sign = line
            .trim_start()
            .trim_start_matches(|it: char| it.is_ascii_digit())
            .trim_start();
        match sign.chars().next() {
            _ if index == 0 => line.red().bold().to_string(),
            Some('-') => line.red().to_string(),
            Some('+') => line.green().to_string(),
            Some('|')
                if sign.contains('^')
                    && !line
                        .trim_start()
                        .starts_with(|it: char| it.is_ascii_digit()) =>
            {
                line.red().to_string()
            }
            _ => line.to_owned(),
        }
    };
    text.lines()
        .enumerate()
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}
