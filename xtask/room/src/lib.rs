//! What learners and the room of a class say to each other: the one place that both sides read it from.
//!
//! A message is one text frame that holds a JSON array, the event's name and its arguments, as in the exercises. What comes
//! from the other side is checked to the letter: a word too many, a number out of its range, and it is no message. There is
//! nothing here that opens a connection or a file.
//!
//! | file | what it knows |
//! | --- | --- |
//! | `up` | what a learner says: the hello, and notes with a number each |
//! | `note` | one note: a check, a hand, a pace, a report |
//! | `report` | what a learner sends of a failing check, if they say yes |
//! | `down` | what the room says |
//! | `words` | codes and names made of words |
//! | `fields` | the schema: an object's fields, each read once |

mod down;
mod fields;
mod note;
mod report;
mod up;
mod words;

pub use down::{Down, Refusal};
pub use fields::Bad;
pub use note::{Check, Note, Pace, Verdict, What};
pub use report::{Entry, Line, Report, Turn};
pub use up::{Hello, Up};
pub use words::{code, key, name, name_of, read_code};

/// The version of all this. Rooms and learners of different versions do not talk: the numbers would mean something else.
pub const VERSION: u64 = 1;

/// The port of a room, where nobody chooses another.
pub const PORT: u16 = 7000;

/// The way to a room.
pub const PATH: &str = "/room";

/// The longest message of a learner, in bytes.
pub const LONGEST: usize = 8 * 1024;

/// So many messages a second a learner may send.
pub const A_SECOND: u32 = 5;

/// So many notes one message may hold.
pub const NOTES: usize = 24;

/// The longest answer of an instructor, in letters.
pub const LONGEST_ANSWER: usize = 300;

/// How often the room asks whether somebody is there, in seconds.
pub const PING_EVERY: u64 = 3;

/// When either side has heard nothing for so many seconds, the other one is gone.
pub const GONE_AFTER: u64 = 9;

/// A text that shows as what it is: without letters that control a terminal, hide, or turn the text around.
pub fn plain(text: &str) -> String {
    let shown = text.chars().map(|letter| match letter {
        '\n' | '\t' => ' ',
        letter if is_odd(letter) => '\u{fffd}',
        letter => letter,
    });
    shown.collect()
}

/// Whether a letter is none that a person sees as one.
fn is_odd(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
