//! Twice as many users, and again twice as many, until the server does not hold them.

use anyhow::Result;
use owo_colors::OwoColorize;
use serde_json::{Value, json};

use super::job::Asked;
use super::limits;
use super::report::{self, Subject, TOO_LATE, grouped, time};
use super::run::{Ending, Measured, Setting, measure};

/// The runs, in their order.
#[derive(Debug, Default)]
pub struct Ramp {
    /// Each with twice as many users as the one before. The last may not have been held.
    pub runs: Vec<Measured>,
    /// What of this machine was not enough for the next one.
    pub limit: Option<String>,
}

impl Ramp {
    /// Goes on until something is refused, lost or late, and calls `ran` after each run.
    ///
    /// # Errors
    /// As [`measure`].
    pub async fn climb(
        mut asked: Asked,
        setting: &mut Setting<'_>,
        mut ran: impl FnMut(&Measured),
    ) -> Result<Ramp> {
        let mut ramp = Ramp::default();
        loop {
            let is_ours = setting.pool.is_ours();
            let limit = limits::is_too_much(&asked, setting.files, is_ours, setting.pool.size());
            ramp.limit = limit.or_else(|| limits::is_absurd(&asked));
            if ramp.limit.is_some() {
                return Ok(ramp);
            }
            let measured = measure(asked, setting).await?;
            ran(&measured);
            let is_held = measured.is_held(TOO_LATE);
            ramp.runs.push(measured);
            if !is_held {
                return Ok(ramp);
            }
            asked.users *= 2;
        }
    }

    /// The last run that was held.
    pub fn held(&self) -> Option<&Measured> {
        self.runs.iter().rev().find(|run| run.is_held(TOO_LATE))
    }

    /// The run that says most: the last that was held, or else the first.
    pub fn best(&self) -> Option<&Measured> {
        self.held().or(self.runs.first())
    }

    /// Whether somebody stopped it.
    pub fn is_interrupted(&self) -> bool {
        let last = self.runs.last();
        last.is_some_and(|run| run.ending == Ending::Interrupted)
    }

    /// What it means.
    pub fn meaning(&self, subject: &Subject) -> String {
        let name = &subject.name;
        let held = match self.held() {
            Some(held) => format!("{name} held {} users.", grouped(held.part.counts.connected)),
            None => format!("{name} did not hold the first crowd."),
        };
        let end = match (self.limit.as_deref(), self.runs.last()) {
            (Some(limit), _) => {
                format!("This machine reached its limit before the server did. {limit}")
            }
            (None, Some(last)) => self.why_not(subject, last),
            (None, None) => String::new(),
        };
        format!("{held} {end}")
    }

    fn why_not(&self, subject: &Subject, last: &Measured) -> String {
        let users = grouped(last.asked.users.into());
        let counts = &last.part.counts;
        let p99 = last.part.latency.quantile(0.99);
        if last.ending != Ending::Whole {
            return report::meaning(subject, last);
        }
        if counts.refused > 0 {
            let why = last.part.refusal.as_deref().unwrap_or_default();
            return format!("Of {users} it refused {}: {why}.", grouped(counts.refused));
        }
        if p99 > TOO_LATE {
            return format!(
                "With {users} users, one delivery of a hundred came later than {}.",
                time(p99)
            );
        }
        format!(
            "With {users} users, {} of {} deliveries were lost.",
            grouped(last.lost()),
            grouped(last.expected)
        )
    }

    /// One object with all runs.
    pub fn json(&self, subject: &Subject) -> Value {
        let runs: Vec<Value> = self
            .runs
            .iter()
            .map(|run| report::json(subject, run))
            .collect();
        json!({
            "held": self.held().map(|held| held.part.counts.connected),
            "limit": self.limit,
            "meaning": self.meaning(subject),
            "runs": runs,
        })
    }
}

/// Prints the head of the table.
pub fn print_head(subject: &Subject, asked: &Asked) {
    let heading = format!(
        "{}  {} users move {} times a second, for {} s; then twice as many users hear them",
        subject.title.bold(),
        grouped(asked.movers.into()),
        asked.rate,
        asked.seconds
    );
    anstream::println!("{}\n", show::wrapped("", &heading));
    anstream::println!(
        "   users  deliveries/s       p50       p99{}  refused  lost",
        wide("   server  generator")
    );
}

/// A part of a line, where there is room for it.
fn wide(part: &str) -> &str {
    match show::width() < 78 {
        true => "",
        false => part,
    }
}

/// Prints a run as a line of the table.
pub fn print_line(run: &Measured) {
    let latency = &run.part.latency;
    let share = |seconds: f64| format!("{:.0} %", 100.0 * seconds / run.seconds);
    let server = run.cpu.map_or("?".into(), |cpu| share(cpu.as_secs_f64()));
    let generator = share(run.part.counts.cpu as f64 / 1e9);
    anstream::println!(
        "{:>8}  {:>12} {:>9} {:>9}{} {:>8} {:>5}",
        grouped(run.asked.users.into()),
        grouped(run.deliveries_a_second() as u64),
        time(latency.quantile(0.5)),
        time(latency.quantile(0.99)),
        wide(&format!(" {server:>8} {generator:>10}")),
        grouped(run.part.counts.refused),
        grouped(run.lost())
    );
}

/// Prints what the table means.
pub fn print_meaning(subject: &Subject, ramp: &Ramp) {
    anstream::println!();
    if let Some(last) = ramp.runs.last() {
        report::print_warnings(last);
    }
    show::text(&ramp.meaning(subject));
}
