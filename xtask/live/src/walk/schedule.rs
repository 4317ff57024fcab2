//! A timetable of the day: the live coding of each step, the learners' own minutes after it, and the breaks.

use serde_json::{Value, json};
use show::wrapped;

use super::Walkthrough;

/// A time of the day, in minutes since midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(u32);

impl Time {
    /// Reads `9:00`.
    ///
    /// # Errors
    /// A sentence that says how a time is written.
    pub fn parse(text: &str) -> Result<Time, String> {
        let numbers = text
            .split_once(':')
            .filter(|(_, minutes)| minutes.len() == 2);
        let numbers =
            numbers.and_then(|(hours, minutes)| Some((hours.parse().ok()?, minutes.parse().ok()?)));
        match numbers {
            Some((hours @ 0..24, minutes @ 0..60)) => Ok(Time(hours * 60 + minutes)),
            _ => Err("a time is hours and minutes: 9:00".into()),
        }
    }
}

/// `9:05`; what is after midnight is of the next day.
impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{:02}", self.0 / 60 % 24, self.0 % 60)
    }
}

/// A break: when it is to begin, and its minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    from: Time,
    minutes: u32,
}

impl Break {
    /// Reads `10:30/15`.
    ///
    /// # Errors
    /// A sentence that says how a break is written.
    pub fn parse(text: &str) -> Result<Break, String> {
        let parts = text.split_once('/');
        let parts = parts
            .and_then(|(from, minutes)| Some((Time::parse(from).ok()?, minutes.parse().ok()?)));
        match parts {
            Some((from, minutes @ 1..=600)) => Ok(Break { from, minutes }),
            _ => Err("a break is a time and its minutes: 10:30/15".into()),
        }
    }
}

/// What is done for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    from: Time,
    to: Time,
    what: String,
    /// `live`, `own` or `break`.
    kind: &'static str,
    /// The step that it is about.
    step: Option<u32>,
}

/// The day of these steps. A live coding is not interrupted: a break that falls into it begins when it ends. The learners'
/// own minutes are, and go on after the break.
pub fn day<'a>(
    walks: impl Iterator<Item = &'a Walkthrough>,
    from: Time,
    mut breaks: Vec<Break>,
) -> Vec<Entry> {
    breaks.sort_by_key(|it| it.from);
    let mut day = Day {
        now: from,
        breaks,
        entries: Vec::new(),
    };
    for walk in walks {
        let (number, title) = (walk.step.number, walk.step.title);
        let step = Some(number);
        day.take_due_breaks();
        day.add(
            walk.minutes(),
            format!("{number}. {title}: live coding"),
            "live",
            step,
        );
        let mut left = walk.step.minutes;
        let mut what = format!("{number}. {title}: on their own");
        while left > 0 {
            day.take_due_breaks();
            let until = day.breaks.first().map_or(left, |it| it.from.0 - day.now.0);
            day.add(left.min(until), what.clone(), "own", step);
            left -= left.min(until);
            what = format!("{number}. {title}: they go on");
        }
    }
    day.entries
}

/// A day that is being planned.
struct Day {
    now: Time,
    /// Those that are still to come, the next one first.
    breaks: Vec<Break>,
    entries: Vec<Entry>,
}

impl Day {
    fn add(&mut self, minutes: u32, what: String, kind: &'static str, step: Option<u32>) {
        let (from, to) = (self.now, Time(self.now.0 + minutes));
        self.now = to;
        self.entries.push(Entry {
            from,
            to,
            what,
            kind,
            step,
        });
    }

    fn take_due_breaks(&mut self) {
        while self.breaks.first().is_some_and(|it| it.from <= self.now) {
            let due = self.breaks.remove(0);
            self.add(due.minutes, "break".into(), "break", None);
        }
    }
}

/// The day as lines of a terminal.
pub fn text(day: &[Entry]) -> String {
    let line = |entry: &Entry| {
        let (from, to) = (entry.from.to_string(), entry.to.to_string());
        wrapped(&format!("  {from:>5} – {to:>5}  "), &entry.what)
    };
    day.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The day as a table of Markdown.
pub fn markdown(day: &[Entry]) -> String {
    let line = |Entry { from, to, what, .. }: &Entry| format!("| {from} – {to} | {what} |");
    let head = ["| time | what |".to_owned(), "| --- | --- |".to_owned()];
    let lines = head.into_iter().chain(day.iter().map(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The day as JSON.
pub fn json(day: &[Entry]) -> Value {
    let entry = |it: &Entry| {
        json!({
            "from": it.from.to_string(),
            "to": it.to.to_string(),
            "what": it.what,
            "kind": it.kind,
            "step": it.step,
        })
    };
    Value::Array(day.iter().map(entry).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::walk::Walkthrough;
    use steps::step::Step;

    #[test]
    fn a_break_splits_the_learners_minutes_and_no_live_coding() {
        let walks = ["1", "2"].map(|step| Walkthrough::of(Step::parse(step).unwrap()).unwrap());
        let breaks = ["9:05/10", "9:25/5"].map(|it| Break::parse(it).unwrap());
        let day = day(walks.iter(), Time::parse("9:00").unwrap(), breaks.into());
        let kinds: Vec<&str> = day.iter().map(|entry| entry.kind).collect();
        // The first one waits until the live coding of nine minutes ends; the second one comes in the middle of the learners'.
        assert_eq!(
            kinds,
            ["live", "break", "own", "break", "own", "live", "own"]
        );
        assert_eq!(day[1].from.to_string(), "9:09");
        assert_eq!(
            (day[3].from.to_string(), day[3].to.to_string()),
            ("9:25".into(), "9:30".into())
        );
        let planned: u32 = day.iter().map(|entry| entry.to.0 - entry.from.0).sum();
        assert_eq!(day[6].to.0 - day[0].from.0, planned);
        assert!(markdown(&day).contains("| 9:09 – 9:19 | break |"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for odd in ["9", "9:5", "24:00", "9:60", "", "-1:00"] {
            assert!(Time::parse(odd).is_err(), "{odd}");
        }
        for odd in ["10:30", "10:30/0", "10:30/x", "/15"] {
            assert!(Break::parse(odd).is_err(), "{odd}");
        }
    }
}
