//! The room of the class, beside a watch: what it says, and the keys that say something to it.

use room::{Down, Pace, What};
use terminal::Key;

use crate::room::line::{FromRoom, Line};
use crate::room::{outbox, said, told};

/// So many of the things that the room said are shown.
const SHOWN: usize = 3;

/// The room, as a watch has it. Without one, nothing here ever happens.
#[derive(Default)]
pub struct Room {
    line: Option<Line>,
    name: String,
    /// Whether the room answers; `None` before the first try.
    is_there: Option<bool>,
    is_hand_up: bool,
    /// Whether the next key answers the question whether the report is to be sent.
    asks: bool,
    said: Vec<String>,
    /// Why the room does not want us.
    refuses: Option<String>,
}

/// What of it stands on the screen.
#[derive(Default)]
pub struct Told {
    /// What the room said, and how it is.
    pub lines: Vec<String>,
    /// Whether there are keys for it.
    pub has_keys: bool,
}

impl Room {
    /// Joins where the learner has joined meanwhile, and leaves where they have left.
    pub fn look(&mut self) {
        let is_member = crate::room::member::Member::read().is_some();
        match (&self.line, is_member) {
            (None, true) => self.line = Line::open(),
            (Some(_), false) => *self = Room::default(),
            _ => {}
        }
    }

    /// Has what waits sent.
    pub fn send(&self) {
        if let Some(line) = &self.line {
            line.send();
        }
    }

    /// Waits for what comes from the room; for ever where there is none.
    pub async fn next(&mut self) -> FromRoom {
        match &mut self.line {
            Some(line) => line.next().await,
            None => std::future::pending().await,
        }
    }

    /// Takes what came, and says whether it is worth a line where there is no screen.
    pub fn on(&mut self, from: &FromRoom) -> Option<String> {
        match from {
            FromRoom::Welcome(name, is_up) => {
                self.name.clone_from(name);
                (self.is_there, self.is_hand_up) = (Some(true), *is_up);
            }
            FromRoom::Away => self.is_there = Some(false),
            FromRoom::Refuses(_) => self.refuses = said::in_words(from),
            FromRoom::Says(down) => {
                if let Some(line) = &self.line {
                    line.heard(said::id(down));
                }
                self.is_hand_up &= !matches!(down, Down::Lowered { .. });
                self.said.extend(said::in_words(from));
                let more = self.said.len().saturating_sub(SHOWN);
                self.said.drain(..more);
            }
            FromRoom::HasAll => {}
        }
        said::in_words(from)
    }

    /// Follows a key, and answers it; `None` where the key is none of the room's. Escape goes back first, where something
    /// else is shown.
    pub fn pressed(&mut self, key: Key, is_elsewhere: bool) -> Option<String> {
        self.line.as_ref()?;
        if std::mem::take(&mut self.asks) {
            return Some(match (key, told::last_report()) {
                (Key::Letter('y'), Some(report)) => {
                    self.tell(What::Report(Box::new(report)));
                    "Your hand is up, and the report is on its way.".into()
                }
                _ => "Your hand is up; no report was sent.".into(),
            });
        }
        let pace = match key {
            Key::Letter('?') => return Some(self.hand()),
            Key::Letter('-') => Pace::Slower,
            Key::Letter('=') => Pace::Fine,
            Key::Letter('+') => Pace::Faster,
            Key::Escape if !self.said.is_empty() && !is_elsewhere => {
                self.said.clear();
                return Some(String::new());
            }
            _ => return None,
        };
        self.tell(What::Pace(pace));
        Some(match pace {
            Pace::Slower => "Said to the room: slower, please.".into(),
            Pace::Fine => "Said to the room: the pace is fine.".into(),
            Pace::Faster => "Said to the room: faster, please.".into(),
        })
    }

    /// The hand goes up, or down again.
    fn hand(&mut self) -> String {
        self.is_hand_up = !self.is_hand_up;
        self.tell(What::Hand(self.is_hand_up));
        if !self.is_hand_up {
            return "Your hand is down.".into();
        }
        if told::last_report().is_none() {
            return "Your hand is up; ? lowers it.".into();
        }
        self.asks = true;
        "Your hand is up. Send the report of the failing check as well: the picture, and the lines of your program that \
         it names? y sends it, any other key does not."
            .into()
    }

    fn tell(&self, what: What) {
        outbox::add(vec![what]);
        self.send();
    }

    /// What of it stands on the screen.
    pub fn told(&self) -> Told {
        if self.line.is_none() {
            return Told::default();
        }
        let mut lines = self.said.clone();
        let hand = if self.is_hand_up {
            ", your hand is up"
        } else {
            ""
        };
        lines.extend(match (&self.refuses, self.is_there) {
            (Some(why), _) => Some(why.clone()),
            (None, Some(true)) => Some(format!("In the room as {}{hand}.", self.name)),
            (None, Some(false)) => Some(format!(
                "The room does not answer; it gets this later{hand}."
            )),
            (None, None) => None,
        });
        Told {
            lines,
            has_keys: self.refuses.is_none(),
        }
    }
}
