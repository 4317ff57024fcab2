//! What a line of the log says: something happened, and when. Nothing else changes what the room knows.

use room::Note;
use serde_json::{Value, json};

/// A line of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When it happened, by the room's clock.
    pub at: u64,
    /// What happened.
    pub what: Happened,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Happened {
    /// The room was opened: the first line.
    Opened {
        /// What learners join with.
        code: String,
        /// What the instructor's page is opened with.
        token: String,
    },
    /// The room is served at these places.
    Served {
        /// For the learners.
        room: String,
        /// For the instructor's machine.
        desk: u16,
    },
    /// A learner joined, or has another name now.
    Joined {
        /// The learner's number.
        id: u64,
        /// What the learner's machine made up for itself.
        key: String,
        /// The name in this room.
        name: String,
    },
    /// A learner told something.
    Noted {
        /// The learner's number.
        id: u64,
        /// What.
        note: Box<Note>,
    },
    /// The instructor said something to a learner.
    Said {
        /// The learner's number.
        id: u64,
        /// The number of what was said.
        number: u64,
        /// What.
        said: Said,
    },
    /// A learner has been shown all that was said up to this number.
    Heard {
        /// The learner's number.
        id: u64,
        /// The number.
        number: u64,
    },
    /// A learner left for good.
    Left {
        /// The learner's number.
        id: u64,
    },
}

/// What an instructor says to a learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A line.
    Answer(String),
    /// The files of a stage: the step and the stage.
    Offer(u32, u32),
    /// The hand is lowered.
    Lowered,
}

impl Entry {
    /// The line, without its end.
    pub fn line(&self) -> String {
        let mut line = match &self.what {
            Happened::Opened { code, token } => {
                json!({ "opened": { "room": room::VERSION, "code": code, "token": token } })
            }
            Happened::Served { room, desk } => json!({ "served": { "room": room, "desk": desk } }),
            Happened::Joined { id, key, name } => {
                json!({ "joined": { "id": id, "key": key, "name": name } })
            }
            Happened::Noted { id, note } => json!({ "noted": { "id": id, "note": note.json() } }),
            Happened::Said { id, number, said } => {
                json!({ "said": { "id": id, "number": number, "what": said.json() } })
            }
            Happened::Heard { id, number } => json!({ "heard": { "id": id, "number": number } }),
            Happened::Left { id } => json!({ "left": { "id": id } }),
        };
        line["at"] = self.at.into();
        line.to_string()
    }

    /// Reads a line; `None` where it makes no sense.
    pub fn read(line: &str) -> Option<Entry> {
        let mut value: Value = serde_json::from_str(line).ok()?;
        let at = value.get("at")?.as_u64()?;
        let kinds = [
            "opened", "served", "joined", "noted", "said", "heard", "left",
        ];
        let kind = kinds.into_iter().find(|kind| value.get(kind).is_some())?;
        let mut what = value[kind].take();
        let id = what["id"].as_u64();
        let number = what["number"].as_u64();
        let text = |what: &Value, name: &str| Some(what[name].as_str()?.to_owned());
        let what = match kind {
            "opened" => Happened::Opened {
                code: text(&what, "code")?,
                token: text(&what, "token")?,
            },
            "served" => Happened::Served {
                room: text(&what, "room")?,
                desk: u16::try_from(what["desk"].as_u64()?).ok()?,
            },
            "joined" => Happened::Joined {
                id: id?,
                key: text(&what, "key")?,
                name: text(&what, "name")?,
            },
            "noted" => Happened::Noted {
                id: id?,
                note: Box::new(Note::read(what["note"].take()).ok()?),
            },
            "said" => Happened::Said {
                id: id?,
                number: number?,
                said: Said::read(&what["what"])?,
            },
            "heard" => Happened::Heard {
                id: id?,
                number: number?,
            },
            _ => Happened::Left { id: id? },
        };
        Some(Entry { at, what })
    }
}

impl Said {
    fn json(&self) -> Value {
        match self {
            Said::Answer(text) => json!({ "answer": text }),
            Said::Offer(step, stage) => json!({ "offer": [step, stage] }),
            Said::Lowered => json!("lowered"),
        }
    }

    fn read(value: &Value) -> Option<Said> {
        let number = |value: &Value| u32::try_from(value.as_u64()?).ok();
        if let Some(text) = value["answer"].as_str() {
            return Some(Said::Answer(text.into()));
        }
        match value["offer"].as_array().map(Vec::as_slice) {
            Some([step, stage]) => Some(Said::Offer(number(step)?, number(stage)?)),
            _ => (value == "lowered").then_some(Said::Lowered),
        }
    }

    /// As the learner is told.
    pub fn down(&self, id: u64) -> room::Down {
        match self.clone() {
            Said::Answer(text) => room::Down::Answer { id, text },
            Said::Offer(step, stage) => room::Down::Offer { id, step, stage },
            Said::Lowered => room::Down::Lowered { id },
        }
    }

    /// As the instructor's page shows it.
    pub fn words(&self) -> String {
        match self {
            Said::Answer(text) => text.clone(),
            Said::Offer(step, stage) => format!("catch-up {step} --stage {stage}"),
            Said::Lowered => "hand lowered".into(),
        }
    }
}
