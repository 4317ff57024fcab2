//! What a learner says to the room.

use serde_json::{Value, json};

use crate::fields::{Bad, Fields, Read, bad, event, exactly, number};
use crate::note::Note;
use crate::{LONGEST, NOTES, VERSION, words};

/// A message of a learner.
#[derive(Debug, Clone, PartialEq)]
pub enum Up {
    /// The first: who it is.
    Hello(Hello),
    /// What there is to tell.
    Notes(Vec<Note>),
    /// What the room had to say, with this number, was shown.
    Heard(u64),
    /// The learner leaves for good.
    Leave,
}

/// Who a learner is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The version that the learner speaks.
    pub version: u64,
    /// The room's code.
    pub code: String,
    /// What the learner's machine made up for itself, and tells nobody else.
    pub key: String,
    /// What the learner would like to be called.
    pub name: String,
}

impl Up {
    /// As on the wire.
    pub fn text(&self) -> String {
        let event = match self {
            Up::Hello(hello) => json!(["hello", {
                "room": hello.version,
                "code": hello.code,
                "key": hello.key,
                "name": hello.name,
            }]),
            Up::Notes(notes) => {
                let notes = notes.iter().map(Note::json);
                Value::Array([json!("notes")].into_iter().chain(notes).collect())
            }
            Up::Heard(id) => json!(["heard", id]),
            Up::Leave => json!(["leave"]),
        };
        event.to_string()
    }

    /// Reads one. Of a hello of another version nothing but the version is read: the rest may mean anything.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Read<Up> {
        if text.len() > LONGEST {
            return bad(format!("a message has at most {LONGEST} bytes"));
        }
        let (name, arguments) = event(text)?;
        match name.as_str() {
            "hello" => {
                let [hello] = exactly("hello", arguments)?;
                Hello::read(hello).map(Up::Hello)
            }
            "notes" if (1..=NOTES).contains(&arguments.len()) => {
                let notes = arguments.into_iter().map(Note::read);
                notes.collect::<Read<_>>().map(Up::Notes)
            }
            "notes" => bad(format!("notes are 1 to {NOTES}")),
            "heard" => {
                let [id] = exactly("heard", arguments)?;
                Ok(Up::Heard(number(&id, "heard", u64::MAX >> 12)?))
            }
            "leave" => exactly("leave", arguments).map(|[]| Up::Leave),
            _ => bad("there is no such event"),
        }
    }
}

impl Hello {
    fn read(value: Value) -> Read<Hello> {
        let mut fields = Fields::of("hello", value)?;
        let version = fields.number("room", 1_000_000)?;
        if version != VERSION {
            let (code, key, name) = Default::default();
            return Ok(Hello {
                version,
                code,
                key,
                name,
            });
        }
        let code = fields.text("code", 64)?;
        let key = fields.text("key", 32)?;
        let name = fields.text("name", 4 * words::LONGEST_NAME)?;
        fields.end()?;
        let is_key = key.len() == 32 && key.bytes().all(|it| it.is_ascii_hexdigit());
        if !is_key {
            return bad("key is 32 digits of base 16");
        }
        Ok(Hello {
            version,
            code,
            key,
            name: words::name_of(&name).ok_or_else(|| Bad(words::WHAT_A_NAME_IS.into()))?,
        })
    }
}
