//! What the room says to a learner.

use serde_json::json;

use crate::fields::{Bad, Fields, Read, bad, event, exactly, number, text};
use crate::{LONGEST_ANSWER, VERSION, words};

/// A message of the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Down {
    /// The answer to a hello.
    Welcome {
        /// The name that the learner has in the room.
        name: String,
        /// The number of the last note that the room has.
        have: u64,
        /// Whether the learner's hand is up.
        hand: bool,
    },
    /// The room has all notes up to this number.
    Have {
        /// The note's number.
        seq: u64,
        /// How many lines the room's log has now: what a board shows says of how many it is made.
        line: u64,
    },
    /// The instructor says something.
    Answer {
        /// The number of what is said.
        id: u64,
        /// The text.
        text: String,
    },
    /// The instructor offers the files of a stage.
    Offer {
        /// The number of what is said.
        id: u64,
        /// The step.
        step: u32,
        /// The stage.
        stage: u32,
    },
    /// The instructor has lowered the hand.
    Lowered {
        /// The number of what is said.
        id: u64,
    },
    /// The room ends the connection, and says why.
    Refused {
        /// Why, for a program.
        why: Refusal,
        /// Why, and what to do, for a person.
        text: String,
    },
}

/// Why the room ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The other side speaks another version.
    Version,
    /// This is not the room's code.
    Code,
    /// There were too many wrong codes from there, or too many messages.
    Slow,
    /// The room is full.
    Full,
    /// A message is none.
    Message,
}

impl Refusal {
    const ALL: [Refusal; 5] = [
        Refusal::Version,
        Refusal::Code,
        Refusal::Slow,
        Refusal::Full,
        Refusal::Message,
    ];

    fn word(self) -> &'static str {
        match self {
            Refusal::Version => "version",
            Refusal::Code => "code",
            Refusal::Slow => "slow",
            Refusal::Full => "full",
            Refusal::Message => "message",
        }
    }

    /// Whether it is of no use to try the same again.
    pub fn is_final(self) -> bool {
        matches!(self, Refusal::Version | Refusal::Code)
    }
}

impl Down {
    /// As on the wire.
    pub fn text(&self) -> String {
        let event = match self {
            Down::Welcome { name, have, hand } => {
                json!(["welcome", { "room": VERSION, "name": name, "have": have, "hand": hand }])
            }
            Down::Have { seq, line } => json!(["have", seq, line]),
            Down::Answer { id, text } => json!(["answer", id, text]),
            Down::Offer { id, step, stage } => json!(["offer", id, step, stage]),
            Down::Lowered { id } => json!(["lowered", id]),
            Down::Refused { why, text } => json!(["refused", why.word(), text]),
        };
        event.to_string()
    }

    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it. A room of another version may say anything.
    pub fn read(message: &str) -> Read<Down> {
        let (name, arguments) = event(message)?;
        let id = |value| number(value, "id", u64::MAX >> 12);
        let small = |value, name| number(value, name, 99).map(|it| it as u32);
        match name.as_str() {
            "welcome" => {
                let [welcome] = exactly("welcome", arguments)?;
                read_welcome(Fields::of("welcome", welcome)?)
            }
            "have" => {
                let [seq, line] = exactly("have", arguments)?;
                let (seq, line) = (id(&seq)?, id(&line)?);
                Ok(Down::Have { seq, line })
            }
            "answer" => {
                let [it, words] = exactly("answer", arguments)?;
                let text = text(&words, "answer", LONGEST_ANSWER)?;
                Ok(Down::Answer { id: id(&it)?, text })
            }
            "offer" => {
                let [it, step, stage] = exactly("offer", arguments)?;
                let (step, stage) = (small(&step, "step")?, small(&stage, "stage")?);
                let id = id(&it)?;
                Ok(Down::Offer { id, step, stage })
            }
            "lowered" => {
                let [it] = exactly("lowered", arguments)?;
                Ok(Down::Lowered { id: id(&it)? })
            }
            "refused" => {
                let [why, words] = exactly("refused", arguments)?;
                let why = why.as_str().unwrap_or_default();
                let mut all = Refusal::ALL.into_iter();
                let why = all.find(|it| it.word() == why).unwrap_or(Refusal::Version);
                let text = text(&words, "refused", LONGEST_ANSWER)?;
                Ok(Down::Refused { why, text })
            }
            _ => bad("there is no such event"),
        }
    }
}

fn read_welcome(mut fields: Fields) -> Read<Down> {
    let version = fields.number("room", 1_000_000)?;
    if version != VERSION {
        return bad("the room speaks another version");
    }
    let name = fields.text("name", 4 * words::LONGEST_NAME)?;
    let have = fields.number("have", u64::MAX >> 12)?;
    let hand = fields.take("hand").and_then(|it| it.as_bool());
    fields.end()?;
    Ok(Down::Welcome {
        name: words::name_of(&name).ok_or_else(|| Bad(words::WHAT_A_NAME_IS.into()))?,
        have,
        hand: hand.unwrap_or_default(),
    })
}
