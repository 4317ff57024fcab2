//! What a person sees while a run goes on: one line that changes, or without a terminal a line for each stage.

use std::io::{IsTerminal, Write};

use tokio::time::Instant;

use super::job::Asked;
use super::part::{Part, Phase};
use super::report::grouped;

/// One line on the standard error.
pub struct Progress {
    is_terminal: bool,
    /// Which of many runs it is: then only a terminal is told more than that.
    label: Option<String>,
    /// What was said last.
    said: String,
    phase: Option<Phase>,
}

impl Progress {
    /// Nothing is said yet.
    pub fn new() -> Progress {
        let is_dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
        Progress {
            is_terminal: std::io::stderr().is_terminal() && !is_dumb,
            label: None,
            said: String::new(),
            phase: None,
        }
    }

    /// The same for one run of many, with a name for it in front.
    pub fn labelled(label: &str) -> Progress {
        let mut progress = Progress::new();
        if !progress.is_terminal {
            anstream::eprintln!("{label}");
        }
        progress.label = Some(label.into());
        progress
    }

    /// Says how far a run is, that started to move at `started`.
    pub fn show(&mut self, asked: &Asked, part: &Part, started: Option<Instant>) {
        let phase = match (part.phase, started) {
            (Phase::Connecting | Phase::Ready, None) => Phase::Connecting,
            (Phase::Sent | Phase::Over, _) => Phase::Sent,
            _ => Phase::Moving,
        };
        if self.is_terminal {
            let line = moving_line(phase, asked, part, started);
            let label = self.label.as_deref().unwrap_or_default();
            self.replace(&format!("{label}{line}"));
        } else if self.phase != Some(phase) && self.label.is_none() {
            anstream::eprintln!("{}", plain_line(phase, asked));
        }
        self.phase = Some(phase);
    }

    /// Says something that is no count.
    pub fn note(&mut self, text: &str) {
        self.done();
        show::note(text);
    }

    /// Takes the line away.
    pub fn done(&mut self) {
        self.replace("");
        self.phase = None;
    }

    fn replace(&mut self, line: &str) {
        if !self.is_terminal || self.said == line {
            return;
        }
        let line: String = line.chars().take(show::width() - 1).collect();
        let mut stderr = std::io::stderr();
        // To the beginning of the line, and what stood there away. That nobody sees it is no error.
        let _ = write!(stderr, "\r\x1b[K{line}").and_then(|()| stderr.flush());
        self.said = line;
    }
}

impl Default for Progress {
    fn default() -> Progress {
        Progress::new()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done();
    }
}

fn moving_line(phase: Phase, asked: &Asked, part: &Part, started: Option<Instant>) -> String {
    let counts = &part.counts;
    match phase {
        Phase::Connecting => format!(
            "  connecting: {} of {} users",
            grouped(counts.connected),
            grouped(asked.users.into())
        ),
        Phase::Moving | Phase::Ready => format!(
            "  moving: {:.0} of {} s, {} deliveries",
            started
                .map_or(0.0, |started| started.elapsed().as_secs_f64())
                .min(asked.seconds.into()),
            asked.seconds,
            grouped(counts.received)
        ),
        Phase::Sent | Phase::Over => format!(
            "  waiting for what is on its way: {} of {} deliveries",
            grouped(counts.received),
            grouped(counts.sent * counts.connected.saturating_sub(1))
        ),
    }
}

fn plain_line(phase: Phase, asked: &Asked) -> String {
    match phase {
        Phase::Connecting => format!("connecting {} users", grouped(asked.users.into())),
        Phase::Moving | Phase::Ready => {
            format!(
                "{} of them move, for {} s",
                grouped(asked.movers.into()),
                asked.seconds
            )
        }
        Phase::Sent | Phase::Over => "waiting for what is on its way".into(),
    }
}
