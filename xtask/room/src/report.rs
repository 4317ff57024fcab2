//! What a learner sends of a failing check, after an explicit yes: the picture, and the lines that it names.
//!
//! It is data. What it looks like, the instructor's side knows, and nothing of it is markup there. It is cut until it fits
//! into a message.

use serde_json::{Value, json};

use crate::LONGEST;
use crate::fields::{Bad, Fields, Read, bad};

/// The report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The step's number.
    pub step: u32,
    /// The id of the check that failed.
    pub check: String,
    /// The id of the cause that it named.
    pub diagnosis: String,
    /// The cause, with the learner's names.
    pub cause: String,
    /// The one thing to do next.
    pub next: String,
    /// What was sent, expected, and came, and what somebody else said of it, by name.
    pub details: Vec<(String, String)>,
    /// The lines of the program that it names.
    pub lines: Vec<Line>,
    /// What was said between the clients and the program, in order.
    pub entries: Vec<Entry>,
}

/// A line of the learner's program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number.
    pub number: u32,
    /// What it says.
    pub text: String,
}

/// One thing that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The client.
    pub client: String,
    /// Which way it went.
    pub turn: Turn,
    /// What was said.
    pub text: String,
    /// Whether it is not as it should be.
    pub is_wrong: bool,
}

/// Which way something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// To the program.
    Up,
    /// From the program.
    Down,
    /// Neither: it happened at the client.
    There,
    /// From the program; it was due, and did not come.
    Missing,
}

impl Turn {
    /// As on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Turn::Up => "up",
            Turn::Down => "down",
            Turn::There => "there",
            Turn::Missing => "missing",
        }
    }

    fn of(word: &str) -> Option<Turn> {
        let all = [Turn::Up, Turn::Down, Turn::There, Turn::Missing];
        all.into_iter().find(|turn| turn.word() == word)
    }
}

/// The longest text of a report, in letters.
const TEXT: usize = 1200;
/// The longest client's name.
const NAME: usize = 40;
/// The names of the details.
const DETAILS: [&str; 5] = ["sent", "expected", "came", "place", "quoted"];
/// So many lines of the program, and so many entries, are the most.
const MOST: usize = 40;

impl Report {
    /// As on the wire: cut so far that it fits into a message, the entries first, for their number is what grows.
    pub fn json(&self) -> Value {
        /// What a message needs besides.
        const BESIDE: usize = 256;
        for (letters, most) in [
            (TEXT, MOST),
            (600, 24),
            (300, 16),
            (160, 10),
            (80, 6),
            (40, 2),
        ] {
            let value = self.within(letters, most);
            if value.to_string().len() + BESIDE <= LONGEST {
                return value;
            }
        }
        self.within(16, 0)
    }

    fn within(&self, letters: usize, most: usize) -> Value {
        let details = self
            .details
            .iter()
            .filter(|(name, _)| DETAILS.contains(&name.as_str()));
        let details: serde_json::Map<String, Value> = details
            .map(|(name, text)| (name.clone(), cut(text, letters).into()))
            .collect();
        let line = |line: &Line| json!([line.number, cut(&line.text, letters.min(200))]);
        let entry = |it: &Entry| {
            let (client, text) = (cut(&it.client, NAME), cut(&it.text, letters));
            json!([client, it.turn.word(), text, it.is_wrong])
        };
        // What went wrong is at the end.
        let from = self.entries.len().saturating_sub(most);
        json!({
            "step": self.step,
            "check": self.check,
            "diagnosis": self.diagnosis,
            "cause": cut(&self.cause, letters),
            "next": cut(&self.next, letters),
            "details": details,
            "lines": self.lines.iter().take(most).map(line).collect::<Vec<_>>(),
            "entries": self.entries[from..].iter().map(entry).collect::<Vec<_>>(),
        })
    }

    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(value: Value) -> Read<Report> {
        let mut fields = Fields::of("a report", value)?;
        let details = match fields.take("details") {
            Some(Value::Object(details)) => details,
            _ => return bad("details is an object"),
        };
        let detail = |(name, text): (&String, &Value)| match text.as_str() {
            Some(text) if DETAILS.contains(&name.as_str()) && text.chars().count() <= TEXT => {
                Ok((name.clone(), text.to_owned()))
            }
            _ => bad("there is no such detail"),
        };
        let report = Report {
            step: u32::try_from(fields.number("step", 99)?).unwrap_or_default(),
            check: fields.id("check")?,
            diagnosis: fields.id("diagnosis")?,
            cause: fields.text("cause", TEXT)?,
            next: fields.text("next", TEXT)?,
            details: details.iter().map(detail).collect::<Read<_>>()?,
            lines: each(fields.list("lines", MOST)?, line)?,
            entries: each(fields.list("entries", MOST)?, entry)?,
        };
        fields.end()?;
        Ok(report)
    }
}

fn each<T>(values: Vec<Value>, read: fn(&Value) -> Option<T>) -> Read<Vec<T>> {
    let read = |value: &Value| read(value).ok_or_else(|| Bad("a part of the report is odd".into()));
    values.iter().map(read).collect()
}

fn line(value: &Value) -> Option<Line> {
    let [number, text] = value.as_array()?.as_slice() else {
        return None;
    };
    Some(Line {
        number: u32::try_from(number.as_u64()?).ok()?,
        text: text.as_str().filter(|it| it.len() <= 4 * TEXT)?.to_owned(),
    })
}

fn entry(value: &Value) -> Option<Entry> {
    let [client, turn, text, is_wrong] = value.as_array()?.as_slice() else {
        return None;
    };
    let client = client.as_str().filter(|it| it.chars().count() <= NAME)?;
    Some(Entry {
        client: crate::plain(client),
        turn: Turn::of(turn.as_str()?)?,
        text: text
            .as_str()
            .filter(|it| it.chars().count() <= TEXT)?
            .to_owned(),
        is_wrong: is_wrong.as_bool()?,
    })
}

/// A text in so many letters, the end of a longer one left out.
fn cut(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some(_) => text.chars().take(letters - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_any_size_fits_and_is_read() {
        let entry = Entry {
            client: "left".into(),
            turn: Turn::Down,
            text: "\u{1}é".repeat(4000),
            is_wrong: true,
        };
        let line = Line {
            number: 47,
            text: "x".repeat(5000),
        };
        let report = Report {
            step: 10,
            check: "a".repeat(80),
            diagnosis: "two-values".into(),
            cause: "\"".repeat(9000),
            next: "n".repeat(9000),
            details: DETAILS
                .map(|name| (name.to_owned(), "ü".repeat(9000)))
                .into(),
            lines: vec![line; 100],
            entries: vec![entry; 1000],
        };
        let value = report.json();
        assert!(
            value.to_string().len() < LONGEST,
            "{}",
            value.to_string().len()
        );
        let read = Report::read(value).unwrap();
        assert!(read.cause.starts_with("\"\""));
    }
}
