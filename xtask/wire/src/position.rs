//! What one client sends for the others: a place on a page, and the frames that carry it, up and down.
//!
//! From step 10 on a place travels as the event `spy`. Before that, as a text that somebody says: what the checks of a relay
//! ask is the same for both, and so is their code.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::rc::Rc;

use serde_json::{Value, json};

/// How the program under test takes a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Up {
    /// `["spy",12,34]`
    TwoValues,
    /// `["spy",{"x":12,"y":34}]`
    Object,
}

/// The event that carries a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// `["say","12,34"]`, up as down.
    Say,
    /// As [`Up`] up, and down as one object.
    Spy,
}

impl Event {
    /// What somebody does who sends it, as a word: `left moves`, `left speaks`.
    pub fn verb(self) -> &'static str {
        match self {
            Event::Say => "speaks",
            Event::Spy => "moves",
        }
    }

    /// What is sent, as a word: `500 moves`, `100 texts`.
    pub fn noun(self) -> &'static str {
        match self {
            Event::Say => "texts",
            Event::Spy => "moves",
        }
    }
}

/// A place on a page, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// How it travels.
    pub event: Event,
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// The positions that a check has made. A clone is the same list.
#[derive(Clone, Default)]
pub struct Made(Rc<RefCell<HashSet<(u64, u64)>>>);

impl Made {
    /// Adds one.
    pub fn note(&self, position: Position) {
        self.0.borrow_mut().insert(Made::key(position));
    }

    /// Whether this one was made here.
    pub fn holds(&self, position: Position) -> bool {
        self.0.borrow().contains(&Made::key(position))
    }

    /// Zero is zero, with a sign or without.
    fn key(position: Position) -> (u64, u64) {
        let bits = |number: f64| (number + 0.0).to_bits();
        (bits(position.x), bits(position.y))
    }
}

/// The frame that arrives for it.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self.event {
            Event::Say => self.said(),
            Event::Spy => self.frame(Up::Object),
        })
    }
}

impl Position {
    /// One that travels as `spy`.
    pub fn spy(x: f64, y: f64) -> Position {
        let event = Event::Spy;
        Position { event, x, y }
    }

    /// The frame that a client sends for it.
    pub fn frame(&self, up: Up) -> String {
        let (x, y) = (number(self.x), number(self.y));
        match (self.event, up) {
            (Event::Say, _) => self.said(),
            (Event::Spy, Up::TwoValues) => json!(["spy", x, y]).to_string(),
            (Event::Spy, Up::Object) => json!(["spy", { "x": x, "y": y }]).to_string(),
        }
    }

    fn said(&self) -> String {
        json!(["say", format!("{},{}", self.x, self.y)]).to_string()
    }

    /// The position in the text of a frame that arrives.
    pub fn in_frame(text: &str) -> Option<Position> {
        let event: Vec<Value> = serde_json::from_str(text).ok()?;
        let (name, arguments) = event.split_first()?;
        Position::of(name.as_str()?, arguments)
    }

    /// The position in an event that arrives, whatever else there is: one object with two numbers, or a text of [`Event::Say`].
    pub fn of(name: &str, arguments: &[Value]) -> Option<Position> {
        let first = arguments.first()?;
        let (event, x, y) = match name {
            "spy" => (
                Event::Spy,
                first.get("x")?.as_f64()?,
                first.get("y")?.as_f64()?,
            ),
            "say" => {
                let (x, y) = first.as_str()?.split_once(',')?;
                (Event::Say, x.parse().ok()?, y.parse().ok()?)
            }
            _ => return None,
        };
        Some(Position { event, x, y })
    }
}

/// A number as a browser writes it: 12, not 12.0.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0 {
        json!(value as i64)
    } else {
        json!(value)
    }
}
