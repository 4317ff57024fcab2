//! The schema: reads an object field by field, and knows at the end whether there was one too many.

use serde_json::{Map, Value};

/// What is wrong with a message, in a few words for whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad(pub String);

impl std::fmt::Display for Bad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Bad {}

/// What a reader of a message returns.
pub type Read<T> = Result<T, Bad>;

/// That something is wrong.
pub fn bad<T>(what: impl Into<String>) -> Read<T> {
    Err(Bad(what.into()))
}

/// The event's name, and its arguments.
pub fn event(text: &str) -> Read<(String, Vec<Value>)> {
    let value: Value = serde_json::from_str(text).map_err(|_| Bad("this is not JSON".into()))?;
    let Value::Array(values) = value else {
        return bad("this is not an array");
    };
    let mut values = values.into_iter();
    match values.next() {
        Some(Value::String(name)) => Ok((name, values.collect())),
        _ => bad("this is not an event: its name comes first"),
    }
}

/// As many arguments as an event has.
pub fn exactly<const N: usize>(name: &str, arguments: Vec<Value>) -> Read<[Value; N]> {
    let count = arguments.len();
    arguments
        .try_into()
        .map_err(|_| Bad(format!("{name} has {N} arguments, not {count}")))
}

/// A whole number up to a limit.
pub fn number(value: &Value, name: &str, most: u64) -> Read<u64> {
    match value.as_u64() {
        Some(number) if number <= most => Ok(number),
        _ => bad(format!("{name} is a whole number up to {most}")),
    }
}

/// A text up to so many letters, none of them odd.
pub fn text(value: &Value, name: &str, most: usize) -> Read<String> {
    match value.as_str() {
        Some(text) if text.chars().count() <= most => Ok(crate::plain(text)),
        _ => bad(format!("{name} is a text of at most {most} letters")),
    }
}

/// The fields of an object that are not read yet.
pub struct Fields {
    of: &'static str,
    fields: Map<String, Value>,
}

impl Fields {
    /// The fields of this object.
    pub fn of(of: &'static str, value: Value) -> Read<Fields> {
        match value {
            Value::Object(fields) => Ok(Fields { of, fields }),
            _ => bad(format!("{of} is an object")),
        }
    }

    /// A field, if it is there. `null` is as good as none.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name).filter(|value| !value.is_null())
    }

    fn needed(&mut self, name: &str) -> Read<Value> {
        let of = self.of;
        self.take(name)
            .ok_or_else(|| Bad(format!("{of} has no {name}")))
    }

    /// A whole number up to a limit.
    pub fn number(&mut self, name: &str, most: u64) -> Read<u64> {
        number(&self.needed(name)?, name, most)
    }

    /// A text of at most so many letters.
    pub fn text(&mut self, name: &str, most: usize) -> Read<String> {
        text(&self.needed(name)?, name, most)
    }

    /// An id of ours: small letters, digits, and one of two signs between them.
    pub fn id(&mut self, name: &str) -> Read<String> {
        id(&self.needed(name)?, name)
    }

    /// A list of at most so many values.
    pub fn list(&mut self, name: &str, most: usize) -> Read<Vec<Value>> {
        match self.needed(name)? {
            Value::Array(values) if values.len() <= most => Ok(values),
            _ => bad(format!("{name} is a list of at most {most}")),
        }
    }

    /// Holds that all were read.
    pub fn end(self) -> Read<()> {
        match self.fields.keys().next() {
            None => Ok(()),
            Some(_) => bad(format!("{} has a field too many", self.of)),
        }
    }
}

/// An id of ours, a check's or a diagnosis'.
pub fn id(value: &Value, name: &str) -> Read<String> {
    let is_sign = |letter: char| matches!(letter, 'a'..='z' | '0'..='9' | '-' | '_');
    match value.as_str() {
        Some(id) if (1..=80).contains(&id.len()) && id.chars().all(is_sign) => Ok(id.into()),
        _ => bad(format!("{name} is an id")),
    }
}
