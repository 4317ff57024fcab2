//! What a rehearsal has found, in words and as JSON.

use std::time::Duration;

use serde_json::{Value, json};

use super::room::Used;

/// A board that is later than this is late.
const LATE: Duration = Duration::from_millis(250);

/// The figures.
pub struct Figures {
    /// How many learners there were.
    pub learners: usize,
    /// How many checks they told.
    pub checks: usize,
    /// How often a connection broke.
    pub cuts: usize,
    /// How often the flood was thrown out.
    pub refused: usize,
    /// How long each check took to the board, shortest first.
    pub late: Vec<Duration>,
    /// What the room took of the machine.
    pub used: Used,
    /// What is not true at the end.
    pub untrue: Vec<String>,
}

impl Figures {
    /// The delay that so many of a hundred checks keep within.
    fn within(&self, percent: usize) -> Duration {
        let at = (self.late.len() * percent).div_ceil(100).max(1) - 1;
        self.late.get(at).copied().unwrap_or_default()
    }

    /// Whether the board is too late.
    pub fn is_late(&self) -> bool {
        self.within(99) > LATE
    }

    /// For a person.
    pub fn words(&self) -> String {
        let ms = |percent| self.within(percent).as_secs_f64() * 1000.0;
        let megabytes = self.used.memory as f64 / 1e6;
        let mut text = format!(
            "{} learners: {} checks, {} connections cut, the flood thrown out {} times\n  \
             board     p50 {:.0} ms   p99 {:.0} ms   max {:.0} ms ({} checks seen)\n  \
             the room  {:.0} % of a core, {megabytes:.0} MB\n  \
             states    {}",
            self.learners,
            self.checks,
            self.cuts,
            self.refused,
            ms(50),
            ms(99),
            ms(100),
            self.late.len(),
            self.used.cpu,
            match self.untrue.len() {
                0 => "all true".into(),
                count => format!("{count} are not true:"),
            }
        );
        for untrue in self.untrue.iter().take(10) {
            text += &format!("\n    {untrue}");
        }
        text
    }

    /// For a program.
    pub fn json(&self) -> Value {
        let ms = |percent| self.within(percent).as_secs_f64() * 1000.0;
        json!({
            "learners": self.learners,
            "checks": self.checks,
            "seen": self.late.len(),
            "cuts": self.cuts,
            "refused": self.refused,
            "board_ms": { "p50": ms(50), "p99": ms(99), "max": ms(100) },
            "cpu": self.used.cpu,
            "memory": self.used.memory,
            "untrue": self.untrue,
        })
    }
}
