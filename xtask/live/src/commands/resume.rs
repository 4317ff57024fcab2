//! One question before a step is presented again: does it go on where it was?

use std::io::{IsTerminal, Write};

use anyhow::Result;
use steps::step::Step;

use crate::walk::Memory;

/// Whether the presenter goes on where it was. Where nobody can be asked, it does; and where nobody has begun, there is nothing
/// to ask.
///
/// # Errors
/// When the answer cannot be read.
pub fn goes_on(step: Step) -> Result<bool> {
    let Some(where_it_was) = Memory::of(step).where_it_was() else {
        return Ok(true);
    };
    anstream::println!("{}", show::wrapped("", &where_it_was));
    if !std::io::stdin().is_terminal() {
        return Ok(true);
    }
    anstream::print!("Go on there? Enter goes on, n begins again: ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(!answer.trim().to_lowercase().starts_with('n'))
}
