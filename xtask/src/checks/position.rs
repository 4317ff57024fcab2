//! A place on a page, and the frames that carry it: up, as a page sends it, and down, as it arrives.

use std::fmt;

use serde_json::{Value, json};

/// How the program under test takes a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Up {
    /// `["spy",12,34]`
    TwoValues,
    /// `["spy",{"x":12,"y":34}]`
    Object,
}

/// A place on a page, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}",
            json!(["spy", { "x": number(self.x), "y": number(self.y) }])
        )
    }
}

impl Position {
    /// The frame that a page sends for it.
    pub fn frame(&self, up: Up) -> String {
        let (x, y) = (number(self.x), number(self.y));
        match up {
            Up::TwoValues => json!(["spy", x, y]).to_string(),
            Up::Object => json!(["spy", { "x": x, "y": y }]).to_string(),
        }
    }

    /// The position in the arguments of a `spy` event: one object with two numbers, whatever else there is.
    pub fn of(arguments: &[Value]) -> Option<Position> {
        let object = arguments.first()?;
        Some(Position {
            x: object.get("x")?.as_f64()?,
            y: object.get("y")?.as_f64()?,
        })
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
