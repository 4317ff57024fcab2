//! `cargo xtask help-me`: a hand goes up in the room of the class, and down.

use std::io::{BufRead, IsTerminal, Write};

use anstream::println;
use anyhow::Result;
use clap::{Args, ValueEnum};
use machine::exit::Exit;
use room::What;

use crate::room::line::Line;
use crate::room::member::Member;
use crate::room::{outbox, tell, told};

/// Raise your hand in the room of the class, or say that the lesson is too fast
#[derive(Args)]
pub struct Arguments {
    /// Send the report of the failing check as well: the picture, and the lines of your program that it names
    ///
    /// Without this option, it asks you at a terminal; elsewhere it sends no report.
    #[arg(long)]
    with_report: bool,
    /// Lower your hand
    #[arg(long, conflicts_with = "with_report")]
    down: bool,
    /// Say how you find the pace, without raising your hand; the room forgets it after five minutes
    #[arg(long, value_name = "PACE", conflicts_with_all = ["with_report", "down"])]
    pace: Option<Pace>,
}

/// A pace on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Pace {
    /// Slower, please
    Slower,
    /// The pace is fine
    Fine,
    /// Faster, please
    Faster,
}

impl From<Pace> for room::Pace {
    fn from(pace: Pace) -> room::Pace {
        match pace {
            Pace::Slower => room::Pace::Slower,
            Pace::Fine => room::Pace::Fine,
            Pace::Faster => room::Pace::Faster,
        }
    }
}

/// Tells the room, now or when it answers again.
///
/// # Errors
/// When the answer to the question cannot be read.
pub async fn run(arguments: Arguments) -> Result<Exit> {
    if Member::read().is_none() {
        show::note(
            "error: you are not in a room. The board of the class shows the line to join:\n\n    cargo xtask join ADDRESS CODE",
        );
        return Ok(Exit::Failed);
    }
    let mut line = Line::open();
    let (notes, said) = match (arguments.pace, arguments.down) {
        (Some(pace), _) => (vec![What::Pace(pace.into())], "Said to the room."),
        (None, true) => (vec![What::Hand(false)], "Your hand is down."),
        (None, false) => (hand(arguments.with_report)?, "Your hand is up."),
    };
    outbox::add(notes);
    println!("{said}");
    if let Some(line) = &mut line {
        line.until_it_answers().await;
        tell::at_the_end(line, false).await;
    }
    Ok(Exit::Passed)
}

/// The hand, and the report if the learner says yes.
fn hand(with_report: bool) -> Result<Vec<What>> {
    let mut notes = vec![What::Hand(true)];
    let Some(report) = told::last_report() else {
        if with_report {
            println!("There is no failing check to send: check the step first.");
        }
        return Ok(notes);
    };
    if with_report || says_yes(report.step)? {
        notes.push(What::Report(Box::new(report)));
    }
    Ok(notes)
}

fn says_yes(step: u32) -> Result<bool> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Ok(false);
    }
    show::paragraph(&format!(
        "Send the report of your last check of step {step} as well? It holds the picture, and the lines of your program that it names."
    ));
    print!("y or n (Enter: n): ");
    std::io::stdout().flush()?;
    let mut typed = String::new();
    stdin.lock().read_line(&mut typed)?;
    Ok(matches!(typed.trim().to_lowercase().as_str(), "y" | "yes"))
}
