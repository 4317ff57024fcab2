//! What was said between the clients of a check and the server: the one record from which the terminal's lines are printed
//! and the picture is drawn.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

/// What the transcript calls the program under test.
pub const SERVER: &str = "server";

/// How many entries of a transcript are shown from its start, and how many lines from its end.
const HEAD: usize = 4;
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

/// A frame, or the end of a connection, ready to be shown: on one line, and not too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// What kind of frame it is.
    pub kind: Kind,
    /// What it holds, for a person.
    pub text: String,
}

/// What kind of frame it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text or binary frame, which a program wrote.
    Message,
    /// A ping or a pong.
    Control,
    /// A close frame, or the end of the connection without one.
    End,
}

impl Frame {
    /// A text or binary frame.
    pub fn message(text: impl Into<String>) -> Frame {
        let (kind, text) = (Kind::Message, text.into());
        Frame { kind, text }
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
        let client = &self.client;
        let arrow =
            |from: &str, to: &str, frame: &str| format!("{:<18} {frame}", format!("{from} → {to}"));
        match &self.what {
            What::Up(frame) => arrow(client, SERVER, &frame.text),
            What::Down(frame) => arrow(SERVER, client, &frame.text),
            What::SpeaksFirst => format!("nothing comes, so {client} tries to speak first"),
            What::Connects | What::Vanishes | What::Silent => format!("{client} {}", self.words()),
        }
    }

    /// What happened, without the client's name, and without the way that a frame went.
    pub fn words(&self) -> &str {
        match &self.what {
            What::Up(frame) | What::Down(frame) => &frame.text,
            What::Connects => "connects",
            What::Vanishes => "vanishes, without a close frame",
            What::SpeaksFirst => "tries to speak first",
            What::Silent => "sends nothing, and gets nothing",
        }
    }

    /// Whether it is a message that the server sent to this client.
    fn is_heard_by(&self, client: &str) -> bool {
        self.client == client
            && matches!(&self.what, What::Down(frame) if frame.kind == Kind::Message)
    }

    /// Whether it is a message, either way.
    fn is_message(&self) -> bool {
        matches!(&self.what, What::Up(frame) | What::Down(frame) if frame.kind == Kind::Message)
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
        let wanted = |entry: &Entry| entry.is_heard_by(&entry.client) && is_it(entry.words());
        self.0.borrow().iter().rposition(wanted)
    }

    /// The lines of the terminal, the middle left out where there are many.
    pub fn lines(&self) -> Vec<String> {
        let entries = self.0.borrow();
        let Some(left_out) = left_out(entries.len(), TAIL) else {
            return entries.iter().map(Entry::line).collect();
        };
        let head = entries[..left_out.start].iter().map(Entry::line);
        let tail = entries[left_out.end..].iter().map(Entry::line);
        let middle = format!("… {} more …", left_out.len());
        head.chain([middle]).chain(tail).collect()
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
        due: Option<String>,
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
        assert_eq!(transcript.lines(), lines);
    }

    #[test]
    fn the_middle_of_many_is_left_out() {
        let lines_of = |count: usize| {
            let transcript = Transcript::default();
            for number in 0..count {
                transcript.note(&number.to_string(), What::Connects);
            }
            transcript.lines()
        };
        assert_eq!(lines_of(17).len(), 17);
        let lines = lines_of(18);
        assert_eq!(lines.len(), 17);
        assert_eq!(lines[3..6], ["3 connects", "… 2 more …", "6 connects"]);
    }
}
