//! What came in place of what a check waited for: so that no check says "nothing" where something came.

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;
use wire::client::{Heard, quoted, short};

use crate::scene::seconds;

/// So many frames are told one by one.
const TOLD: usize = 3;

/// The frames that came to a client, none of which was what it waited for, and how the wait ended.
#[derive(Debug)]
pub struct Instead {
    /// What the server's code has sent meanwhile, in order. Pings and pongs are not among it.
    pub came: Vec<Heard>,
    /// How often the server has asked whether the client is there.
    pings: usize,
    /// How the connection ended, if it did.
    end: Option<String>,
    /// Whether it ended because what came are not valid frames.
    pub is_invalid: bool,
    waited: Duration,
    /// Whether an event is all that a server may send: from step 6 on.
    speaks_events: bool,
}

impl Instead {
    /// Nothing yet, of a wait of this length.
    pub fn new(waited: Duration, speaks_events: bool) -> Instead {
        Instead {
            came: Vec::new(),
            pings: 0,
            end: None,
            is_invalid: false,
            waited,
            speaks_events,
        }
    }

    /// Takes note of something that was not waited for; whether the wait is over.
    pub fn note(&mut self, heard: Heard) -> bool {
        match heard {
            Heard::Silence => return true,
            Heard::Ended(ref how) => {
                self.is_invalid = heard.is_invalid();
                self.end = Some(how.clone());
                return true;
            }
            Heard::Ping(_) => self.pings += 1,
            Heard::Pong(_) => {}
            frame => self.came.push(frame),
        }
        false
    }

    /// Whether the connection has ended.
    pub fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// The first frame that may stand for an event of this name, in another form: one of that name, or one that is no event
    /// at all, as no right program sends it. Any other event may have another reason.
    pub fn stand_in(&self, name: &str) -> Option<&Heard> {
        self.came.iter().find(|heard| match heard {
            Heard::Event(event, _) => event == name,
            Heard::Text(_) | Heard::Binary(_) => true,
            _ => false,
        })
    }

    fn told(&self, heard: &Heard) -> String {
        match heard {
            Heard::Text(text) if !self.speaks_events => quoted(&Message::text(text.as_str())),
            Heard::Binary(_) if !self.speaks_events => heard.in_words(),
            heard => described(heard),
        }
    }

    /// The frames that came, one after the other, the middle of many left out.
    fn frames(&self) -> Option<String> {
        let told = |frames: &[Heard]| {
            let frames: Vec<String> = frames.iter().map(|heard| self.told(heard)).collect();
            frames.join(", then ")
        };
        let [.., last] = self.came.as_slice() else {
            let pings = self.pings;
            return match pings {
                0 => None,
                1 => Some("a ping frame".into()),
                pings => Some(format!("{pings} ping frames")),
            };
        };
        let count = self.came.len();
        Some(match count > TOLD {
            false => told(&self.came),
            true => format!(
                "{}, then {} more, the last of them {}",
                told(&self.came[..TOLD - 1]),
                count + 1 - TOLD,
                self.told(last)
            ),
        })
    }
}

/// How it is said that a connection has ended.
const GONE: &str = ": the connection is gone";

/// Whether it was the end of the connection that ended a wait, and not its deadline.
pub fn has_ended(why: &str) -> bool {
    why.ends_with(GONE)
}

impl fmt::Display for Instead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waited = seconds(self.waited);
        match (self.frames(), &self.end) {
            (None, None) => write!(f, "nothing, in {waited}"),
            (Some(frames), None) => write!(f, "{frames}; and nothing else, in {waited}"),
            (None, Some(how)) => write!(f, "{how}{GONE}"),
            (Some(frames), Some(how)) => {
                write!(f, "{frames}; then {how}{GONE}")
            }
        }
    }
}

/// A frame, for a person who waits for events.
pub fn described(heard: &Heard) -> String {
    match heard {
        Heard::Text(text) if text.is_empty() => "an empty text, which is not an event".into(),
        Heard::Text(text) => format!("{}, which is not an event", short(text)),
        Heard::Binary(bytes) => {
            format!("a binary frame: {}", short(&String::from_utf8_lossy(bytes)))
        }
        heard => heard.in_words(),
    }
}

/// Whether null came in place of a value: as an argument of an event, or in one.
pub fn holds_null(heard: &Heard) -> bool {
    let holds = |value: &Value| match value {
        Value::Null => true,
        Value::Object(fields) => fields.values().any(Value::is_null),
        Value::Array(values) => values.iter().any(Value::is_null),
        _ => false,
    };
    matches!(heard, Heard::Event(_, arguments) if arguments.iter().any(holds))
}

/// Whether a text begins as an event does, and is no JSON: it was written by hand.
pub fn is_by_hand(text: &str) -> bool {
    let is_json = serde_json::from_str::<Value>(text).is_ok();
    text.trim_start().starts_with("[\"") && !is_json
}
