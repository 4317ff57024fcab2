//! What was said between the clients of a check and the server: the one record from which the terminal's lines are printed
//! and the picture is drawn.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::client::short;
use super::runs::{Run, runs, shape};

/// What the transcript calls the program under test.
pub const SERVER: &str = "server";

/// How many entries of a transcript are shown from its start, and how many lines from its end.
const HEAD: usize = 4;

/// So many bytes at the start of a binary frame are shown.
const START: usize = 200;

const TAIL: usize = 12;

/// The entries of one check, in the order in which its clients sent and saw them. A clone is the same transcript.
#[derive(Debug, Clone, Default)]
pub struct Transcript(Rc<RefCell<Vec<Entry>>>);

/// What happened between a client and the server, or at the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The client's name: `left`, `right`, `client 7`.
    pub client: String,
    /// What happened.
    pub what: What,
    /// When, where the entries do not stand in the order in which it all happened: those of two windows.
    pub at: Option<Duration>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The server took the client's upgrade.
    Connects,
    /// The client sent this to the server.
    Up(Frame),
    /// The server sent this to the client.
    Down(Frame),
    /// The client ends its connection without a close frame.
    Vanishes,
    /// Nothing came to the client, and so it says something first.
    SpeaksFirst,
    /// The client, a window, sent nothing and got nothing.
    Silent,
}

/// A frame, or the end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// What kind of frame it is.
    pub kind: Kind,
    /// The whole text of a text frame; of any other, what it is, in words.
    pub text: String,
    /// The bytes of a binary frame.
    pub bytes: Bytes,
}

/// What kind of frame it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text frame, which a program wrote.
    Text,
    /// A binary frame, which a program wrote.
    Binary,
    /// A ping or a pong; or, of what was due, anything that is told in words.
    Control,
    /// A close frame, or the end of the connection without one.
    End,
}

impl Frame {
    /// A text frame.
    pub fn message(text: impl Into<String>) -> Frame {
        Frame::new(Kind::Text, text)
    }

    /// What is told in words, and was no text frame: `a ping frame`.
    pub fn in_words(text: impl Into<String>) -> Frame {
        Frame::new(Kind::Control, text)
    }

    /// The end of a connection, in words.
    pub fn end(text: impl Into<String>) -> Frame {
        Frame::new(Kind::End, text)
    }

    fn new(kind: Kind, text: impl Into<String>) -> Frame {
        let (text, bytes) = (text.into(), Bytes::new());
        Frame { kind, text, bytes }
    }

    /// What a frame is to the transcript.
    pub fn of(frame: &Message) -> Frame {
        match frame {
            Message::Text(text) => Frame::message(text.as_str()),
            Message::Binary(bytes) => {
                let start = short(&String::from_utf8_lossy(&bytes[..bytes.len().min(START)]));
                let text = format!("binary frame, {} bytes: {start}", bytes.len());
                let bytes = bytes.clone();
                Frame {
                    bytes,
                    ..Frame::new(Kind::Binary, text)
                }
            }
            Message::Ping(_) => Frame::in_words("ping frame"),
            Message::Pong(_) => Frame::in_words("pong frame"),
            Message::Close(Some(frame)) => {
                Frame::end(format!("close frame, {}", u16::from(frame.code)))
            }
            Message::Close(None) => Frame::end("close frame"),
            Message::Frame(_) => Frame::in_words("a frame"),
        }
    }

    /// Whether a program wrote it: a text or binary frame.
    pub fn is_message(&self) -> bool {
        matches!(self.kind, Kind::Text | Kind::Binary)
    }

    /// On one line, and not too long. What is no text frame stands in parentheses: a text may hold the same words.
    pub fn shown(&self) -> String {
        match self.kind {
            Kind::Text if self.text.is_empty() => "(an empty text)".into(),
            Kind::Text => short(&self.text),
            _ => format!("({})", self.text),
        }
    }
}

impl<T: Into<String>> From<T> for Frame {
    fn from(text: T) -> Frame {
        Frame::message(text)
    }
}

impl Entry {
    /// What a client sends.
    pub fn up(client: &str, frame: Frame) -> Entry {
        Entry::of(client, What::Up(frame))
    }

    /// What a client hears.
    pub fn down(client: &str, frame: Frame) -> Entry {
        Entry::of(client, What::Down(frame))
    }

    fn of(client: &str, what: What) -> Entry {
        let (client, at) = (client.to_owned(), None);
        Entry { client, what, at }
    }

    /// The line of the terminal.
    pub fn line(&self) -> String {
        self.line_of(&self.client, &self.words())
    }

    /// The line of the terminal, with this in place of the client's name and of what happened.
    fn line_of(&self, client: &str, words: &str) -> String {
        let arrow = |from: &str, to: &str| format!("{:<18} {words}", format!("{from} → {to}"));
        match &self.what {
            What::Up(_) => arrow(client, SERVER),
            What::Down(_) => arrow(SERVER, client),
            What::SpeaksFirst => format!("nothing comes, so {client} tries to speak first"),
            What::Connects | What::Vanishes | What::Silent => format!("{client} {words}"),
        }
    }

    /// What happened, without the client's name, and without the way that a frame went.
    pub fn words(&self) -> String {
        match &self.what {
            What::Up(frame) | What::Down(frame) => frame.shown(),
            What::Connects => "connects".into(),
            What::Vanishes => "vanishes, without a close frame".into(),
            What::SpeaksFirst => "tries to speak first".into(),
            What::Silent => "sends nothing, and gets nothing".into(),
        }
    }

    /// The frame, if it is one.
    pub fn frame(&self) -> Option<&Frame> {
        match &self.what {
            What::Up(frame) | What::Down(frame) => Some(frame),
            _ => None,
        }
    }

    /// What it has in common with those that are alike: all but the numbers.
    pub fn shape(&self) -> String {
        let kind = self.frame().map(|frame| frame.kind);
        shape(&format!(
            "{} {kind:?}",
            self.line_of(&self.client, self.text())
        ))
    }

    fn text(&self) -> &str {
        self.frame().map_or("", |frame| &frame.text)
    }

    /// Whether it is a message that the server sent to this client.
    fn is_heard_by(&self, client: &str) -> bool {
        self.client == client && matches!(&self.what, What::Down(frame) if frame.is_message())
    }

    /// Whether it is a message, either way.
    fn is_message(&self) -> bool {
        self.frame().is_some_and(Frame::is_message)
    }
}

impl Transcript {
    /// Adds what happened at a client.
    pub fn note(&self, client: &str, what: What) {
        self.0.borrow_mut().push(Entry::of(client, what));
    }

    /// Adds what happened at a client, and when.
    pub fn note_at(&self, at: Duration, client: &str, what: What) {
        let at = Some(at);
        let entry = Entry::of(client, what);
        self.0.borrow_mut().push(Entry { at, ..entry });
    }

    /// All entries.
    pub fn entries(&self) -> Vec<Entry> {
        self.0.borrow().clone()
    }

    /// How many entries there are.
    pub fn count(&self) -> usize {
        self.0.borrow().len()
    }

    /// The number of the last message that `client` heard.
    pub fn last_heard(&self, client: &str) -> Option<usize> {
        let is_it = |entry: &Entry| entry.is_heard_by(client);
        self.0.borrow().iter().rposition(is_it)
    }

    /// The number of the last message of all, where it is one that `client` heard.
    pub fn just_heard(&self, client: &str) -> Option<usize> {
        let entries = self.0.borrow();
        let last = entries.iter().rposition(Entry::is_message)?;
        entries[last].is_heard_by(client).then_some(last)
    }

    /// The number of the last message that `client` sent.
    pub fn last_sent(&self, client: &str) -> Option<usize> {
        let is_it = |entry: &Entry| {
            entry.client == client && entry.is_message() && matches!(entry.what, What::Up(_))
        };
        self.0.borrow().iter().rposition(is_it)
    }

    /// The number of the last message that somebody heard and that is the one looked for, by its text.
    pub fn last_heard_of(&self, is_it: impl Fn(&str) -> bool) -> Option<usize> {
        let wanted = |entry: &Entry| entry.is_heard_by(&entry.client) && is_it(entry.text());
        self.0.borrow().iter().rposition(wanted)
    }

    /// The lines of the terminal: one for all entries of a run, but for those that are marked, and the middle left out where
    /// there are many.
    pub fn lines(&self, marks: &[Mark]) -> Vec<String> {
        let entries = self.0.borrow();
        let shapes: Vec<String> = entries.iter().map(Entry::shape).collect();
        let runs = runs(&shapes, &borders(marks));
        let line = |(run, place): (&Run, usize)| {
            let (first, last) = run.ends(place);
            (run.times, line(run, &entries[first], &entries[last]))
        };
        let places = runs
            .iter()
            .flat_map(|run| (0..run.turn).map(move |place| (run, place)));
        let lines: Vec<(usize, String)> = places.map(line).collect();
        let text = |(_, line): &(usize, String)| line.clone();
        let Some(left_out) = left_out(lines.len(), TAIL) else {
            return lines.iter().map(text).collect();
        };
        let count: usize = lines[left_out.clone()].iter().map(|(times, _)| times).sum();
        let head = lines[..left_out.start].iter().map(text);
        let tail = lines[left_out.end..].iter().map(text);
        head.chain([format!("… {count} more …")])
            .chain(tail)
            .collect()
    }
}

/// Where the runs of a transcript end: before and after an entry that is wrong, and where one is missing.
fn borders(marks: &[Mark]) -> BTreeSet<usize> {
    let of = |mark: &Mark| match mark {
        Mark::Wrong { entry, .. } => [*entry, entry + 1],
        Mark::Missing { after, .. } => [*after; 2],
    };
    marks.iter().flat_map(of).collect()
}

/// The line for all that have one place in a run: what they are, and how many. Where the first and the last differ, both are
/// shown, if a line has room for them.
fn line(run: &Run, first: &Entry, last: &Entry) -> String {
    /// What is left of 80 columns for what was said.
    const COLUMNS: usize = 54;
    if run.times == 1 {
        return first.line();
    }
    let words = match first.words() {
        words if words == last.words() => words,
        words => {
            let (times, last) = (run.count(), last.words());
            let room = (COLUMNS - times.chars().count()).saturating_sub(last.chars().count());
            format!("{} … {last}", cut(&words, room.max(COLUMNS / 4)))
        }
    };
    let client = match first.client == last.client {
        true => first.client.clone(),
        false => format!("{} … {}", first.client, last.client),
    };
    let words = match first.frame() {
        Some(_) => format!("{}  {words}", run.count()),
        None => format!("{words}  {}", run.count()),
    };
    first.line_of(&client, &words)
}

/// A text in so many columns, the end of a longer one left out.
fn cut(text: &str, columns: usize) -> String {
    match text.char_indices().nth(columns) {
        Some(_) => text
            .chars()
            .take(columns.saturating_sub(1))
            .chain(['…'])
            .collect(),
        None => text.to_owned(),
    }
}

/// Which of so many entries are left out at first, where the last `tail` are shown; `None` where all are.
pub fn left_out(entries: usize, tail: usize) -> Option<Range<usize>> {
    (entries > HEAD + tail + 1).then(|| HEAD..entries - tail)
}

/// What in a transcript a failure is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// An entry is not what was due.
    Wrong {
        /// The number of the entry.
        entry: usize,
        /// What was due in its place, where that is one frame.
        due: Option<Frame>,
    },
    /// A frame was due, and did not come.
    Missing {
        /// How many entries there were when it was due.
        after: usize,
        /// The entry that was due.
        due: Entry,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_has_its_line() {
        let transcript = Transcript::default();
        for what in [
            What::Connects,
            What::Silent,
            What::SpeaksFirst,
            What::Vanishes,
        ] {
            transcript.note("left", what);
        }
        transcript.note("left", What::Up(Frame::message("[1]")));
        transcript.note("left", What::Down(Frame::message("[2]")));
        let lines = [
            "left connects",
            "left sends nothing, and gets nothing",
            "nothing comes, so left tries to speak first",
            "left vanishes, without a close frame",
            "left → server      [1]",
            "server → left      [2]",
        ];
        assert_eq!(transcript.lines(&[]), lines);
    }

    #[test]
    fn the_middle_of_many_is_left_out() {
        let lines_of = |count: usize| {
            let transcript = Transcript::default();
            for number in 0..count {
                let name = char::from_u32(97 + number as u32).unwrap();
                transcript.note(&name.to_string(), What::Connects);
            }
            transcript.lines(&[])
        };
        assert_eq!(lines_of(17).len(), 17);
        let lines = lines_of(18);
        assert_eq!(lines.len(), 17);
        assert_eq!(lines[3..6], ["d connects", "… 2 more …", "g connects"]);
    }

    #[test]
    fn those_that_are_alike_are_one_line() {
        let transcript = Transcript::default();
        for number in 1..=50 {
            transcript.note(&format!("client {number}"), What::Connects);
        }
        for number in 1..=12 {
            let told = format!(r#"["online",{}]"#, 50 - number / 6);
            transcript.note("left", What::Up(Frame::message(r#"["online"]"#)));
            transcript.note("left", What::Down(Frame::message(told)));
        }
        let lines = [
            "client 1 … client 50 connects  × 50",
            r#"left → server      × 12, in turn  ["online"]"#,
            r#"server → left      × 12, in turn  ["online",50] … ["online",48]"#,
        ];
        assert_eq!(transcript.lines(&[]), lines);
        let wrong = Mark::Wrong {
            entry: 61,
            due: None,
        };
        let lines = transcript.lines(&[wrong]);
        assert_eq!(
            lines[4..6],
            [
                r#"server → left      ["online",49]"#,
                r#"left → server      × 6, in turn  ["online"]"#,
            ]
        );
    }

    #[test]
    fn no_text_looks_like_a_ping() {
        let transcript = Transcript::default();
        transcript.note("left", What::Up(Frame::message("ping frame")));
        transcript.note("left", What::Up(Frame::of(&Message::Ping("a".into()))));
        let lines = [
            "left → server      ping frame",
            "left → server      (ping frame)",
        ];
        assert_eq!(transcript.lines(&[]), lines);
    }
}
