//! What the room does not have yet: a line a note in a file, each with its number and when it was made.
//!
//! A note leaves the file when the room says that it has it. Whatever ends in between, the note is sent once more, and the
//! room takes each number once.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use room::{NOTES, Note, What};
use serde_json::{Value, json};
use steps::record;

use super::member::{self, Member, seconds};

/// So many notes wait at most; of more, the oldest are lost. A day of saves is fewer.
const MOST: usize = 2000;

/// What a message has room for besides its notes.
const BESIDE: usize = 64;

fn file() -> PathBuf {
    member::folder().join("waiting.jsonl")
}

/// A note, and when it was made by this machine's clock.
#[derive(Clone)]
struct Waiting {
    made: u64,
    note: Value,
    seq: u64,
}

/// Adds notes. That they cannot be written down, on a full disk say, is no reason for a check to fail.
pub fn add(notes: Vec<What>) {
    let _alone = record::alone(&member::folder());
    let Some(mut member) = Member::read() else {
        return;
    };
    let mut lines = String::new();
    for what in notes {
        member.seq += 1;
        let (seq, ago) = (member.seq, 0);
        let note = Note { seq, ago, what };
        lines += &format!("{}\n", json!({ "made": seconds(), "note": note.json() }));
    }
    // The number first: one that is left out does no harm, one that is used twice loses a note.
    if member.write().is_ok() {
        let file = File::options().append(true).create(true).open(file());
        let _ = file.and_then(|mut file| file.write_all(lines.as_bytes()));
    }
}

/// The first notes that wait, as many as fit into a message.
pub fn first() -> Vec<Note> {
    let mut bytes = BESIDE;
    let now = seconds();
    let mut notes = Vec::new();
    for Waiting { made, note, .. } in read().into_iter().take(NOTES) {
        bytes += note.to_string().len() + 1;
        if bytes > room::LONGEST && !notes.is_empty() {
            break;
        }
        let mut note = note;
        // A clock that was put back makes no note younger than now.
        note["ago"] = now.saturating_sub(made).min(365 * 86_400).into();
        notes.extend(Note::read(note));
    }
    notes
}

/// Whether nothing waits.
pub fn is_empty() -> bool {
    read().is_empty()
}

/// Whether the hand is up, where the room is still to hear of that.
pub fn hand() -> Option<bool> {
    let last = read().into_iter().rev();
    last.filter_map(|it| it.note["hand"].as_bool()).next()
}

/// The room has all up to this number.
pub fn has(seq: u64) {
    let _alone = record::alone(&member::folder());
    let all = read();
    let left: Vec<&Waiting> = all.iter().filter(|it| it.seq > seq).collect();
    if left.len() < all.len() {
        let line = |it: &&Waiting| format!("{}\n", json!({ "made": it.made, "note": it.note }));
        let lines: String = left.iter().map(line).collect();
        let _ = record::replace(&file(), &lines);
    }
}

/// All that waits, in order. A line that was not finished, and one that makes no sense, is nothing.
fn read() -> Vec<Waiting> {
    let text = fs::read_to_string(file()).unwrap_or_default();
    let waiting = |line: &str| {
        let mut line: Value = serde_json::from_str(line).ok()?;
        let (made, note) = (line["made"].as_u64()?, line["note"].take());
        let seq = Note::read(note.clone()).ok()?.seq;
        Some(Waiting { made, note, seq })
    };
    let all: Vec<Waiting> = text.lines().filter_map(waiting).collect();
    let from = all.len().saturating_sub(MOST);
    all[from..].to_vec()
}
