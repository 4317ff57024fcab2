//! `cargo xtask doctor`: looks at this machine, and says what is missing and the one thing to do about it.
//!
//! It looks, and changes nothing: it installs nothing, fetches nothing, and ends nobody's program.

mod probes;

use anstream::println;
use anyhow::Result;
use clap::Args;
use futures::StreamExt;
use futures::future::{FutureExt, LocalBoxFuture, ready};
use futures::stream::FuturesOrdered;
use owo_colors::OwoColorize;

use crate::exit::Exit;
use crate::show::{self, Mark};

/// Look at this machine: is all there that the workshop needs?
///
/// A ✓ is as it should be, a ! is worth knowing, and a ✗ keeps you from passing every step (exit 3).
#[derive(Args)]
pub struct Arguments {}

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
}

/// Looks at everything at once, and shows what it finds in one order.
///
/// # Errors
/// None so far: what is missing is no error.
pub async fn run(_: &Arguments) -> Result<Exit> {
    println!("{}\n", "This machine".bold());
    let probes: [LocalBoxFuture<Finding>; 9] = [
        probes::rust().boxed_local(),
        probes::npm().boxed_local(),
        probes::jquery().boxed_local(),
        probes::browser().boxed_local(),
        ready(probes::port()).boxed_local(),
        ready(probes::proxy()).boxed_local(),
        ready(probes::disk()).boxed_local(),
        probes::saves().boxed_local(),
        ready(probes::terminal()).boxed_local(),
    ];
    let mut findings: FuturesOrdered<_> = probes.into_iter().collect();
    let (mut bad, mut doubtful) = (0, 0);
    while let Some(finding) = findings.next().await {
        let Finding {
            mark,
            name,
            text,
            next,
        } = finding;
        show::line(mark, name, &text, next.as_deref());
        bad += usize::from(mark == Mark::Bad);
        doubtful += usize::from(mark == Mark::Doubtful);
    }
    let verdict = match (bad, doubtful) {
        (0, 0) => "All is well.",
        (0, _) => "All is there that the workshop needs.",
        (1, _) => "One thing is missing for the whole workshop: see the ✗.",
        _ => "Some things are missing for the whole workshop: see each ✗.",
    };
    println!("\n{verdict}");
    Ok(match bad {
        0 => Exit::Passed,
        _ => Exit::Missing,
    })
}
