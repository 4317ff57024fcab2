//! `cargo xtask doctor`: looks at this machine, and says what is missing and the one thing to do about it.
//!
//! It looks, and changes nothing: it installs nothing, fetches nothing, and ends nobody's program.

mod programs;

mod system;

use std::time::Duration;

use anstream::println;
use anyhow::Result;
use clap::Args;
use futures::StreamExt;
use futures::future::{FutureExt, LocalBoxFuture, ready};
use futures::stream::FuturesOrdered;
use machine::exit::Exit;
use machine::patience;
use owo_colors::OwoColorize;

/// Look at this machine: does it have everything that the workshop needs?
///
/// A ✓ marks what is right, a ! what is worth knowing, and a ✗ what keeps you from passing every step (exit 3).
#[derive(Args)]
pub struct Arguments {}

/// Looks at everything at once, and shows what it finds in one order.
///
/// # Errors
/// None so far: what is missing is no error.
pub async fn run(_: &Arguments) -> Result<Exit> {
    println!("{}\n", "This machine".bold());
    let probes: [LocalBoxFuture<Finding>; 10] = [
        programs::rust().boxed_local(),
        programs::npm().boxed_local(),
        programs::jquery().boxed_local(),
        programs::browser().boxed_local(),
        ready(programs::prepared()).boxed_local(),
        ready(system::port()).boxed_local(),
        ready(system::proxy()).boxed_local(),
        ready(system::disk()).boxed_local(),
        system::saves().boxed_local(),
        ready(system::terminal()).boxed_local(),
    ];
    let mut findings: FuturesOrdered<_> = probes.into_iter().collect();
    let (mut bad, mut doubtful) = (0, 0);
    while let Some(finding) = findings.next().await {
        finding.show();
        bad += usize::from(finding.mark == Mark::Bad);
        doubtful += usize::from(finding.mark == Mark::Doubtful);
    }
    let verdict = match (bad, doubtful) {
        (0, 0) => "All is well.",
        (0, _) => "This machine has everything that the workshop needs.",
        (1, _) => "One thing is missing for the whole workshop: see the ✗.",
        _ => "Some things are missing for the whole workshop: see each ✗.",
    };
    println!("\n{verdict}");
    Ok(match bad {
        0 => Exit::Passed,
        _ => Exit::Missing,
    })
}

/// What was found about one thing.
struct Finding {
    mark: Mark,
    name: &'static str,
    text: String,
    next: Option<String>,
}

impl Finding {
    fn good(name: &'static str, text: impl Into<String>) -> Finding {
        Finding {
            mark: Mark::Good,
            name,
            text: text.into(),
            next: None,
        }
    }

    fn doubtful(name: &'static str, text: impl Into<String>, next: impl Into<String>) -> Finding {
        Finding {
            mark: Mark::Doubtful,
            next: Some(next.into()),
            ..Finding::good(name, text)
        }
    }

    fn bad(name: &'static str, text: impl Into<String>, next: impl Into<String>) -> Finding {
        Finding {
            mark: Mark::Bad,
            ..Finding::doubtful(name, text, next)
        }
    }

    /// A line with a mark before it, and below it, where there is something to do, that.
    fn show(&self) {
        let mark = match self.mark {
            Mark::Good => "✓".green().to_string(),
            Mark::Doubtful => "!".yellow().to_string(),
            Mark::Bad => "✗".red().to_string(),
        };
        let before = format!("    {:<12} ", self.name);
        let text = show::wrapped(&before, &self.text);
        println!("  {mark}{}", &text[3..]);
        let blanks = " ".repeat(before.len());
        let next = self.next.as_deref().unwrap_or_default();
        for (index, line) in next.lines().enumerate() {
            let first = if index == 0 { "→ " } else { "  " };
            match index == 0 || line.starts_with("- ") {
                true => println!("{}", show::wrapped(&format!("{blanks}{first}"), line)),
                // A command, never broken, so that it can be copied.
                false => println!("{blanks}  {}", line.bold()),
            }
        }
    }
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// As it should be.
    Good,
    /// Worth knowing, and no obstacle.
    Doubtful,
    /// An obstacle.
    Bad,
}

/// A deadline of so many seconds on an idle machine.
fn patient(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds * patience::asked())
}
