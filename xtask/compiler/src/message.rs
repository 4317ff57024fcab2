//! What the compiler says, as data: one message of rustc's JSON, with all places seen from the learner's file.
//!
//! A place inside a macro of somebody else's is taken for the place where the learner calls that macro. A place in a
//! library or in Rust's own source stays out: nobody who learns has written it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::prose::Form;

/// One message: an error or a warning.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// `error` or `warning`.
    pub level: String,
    /// `E0382`, or the name of a lint; nothing for an error of the text's shape.
    pub code: Option<String>,
    /// The first line, without the level and the code.
    pub text: String,
    /// The places in the learner's files.
    pub spans: Vec<Span>,
    /// The notes below, without those of which nothing is the learner's.
    pub notes: Vec<Note>,
    /// All of it, as the compiler prints it.
    pub rendered: String,
}

/// A place in one of the learner's files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span {
    /// The file, as the compiler names it: from the root of the package's workspace.
    pub file: String,
    /// Where it begins and ends in that file, in bytes.
    pub bytes: (usize, usize),
    /// The first line and column, counted from 1; a column is a character.
    pub start: (usize, usize),
    /// The last line, and the column behind the last character.
    pub end: (usize, usize),
    /// Whether the message is about this place.
    pub is_primary: bool,
    /// What the compiler says at the place.
    pub label: Option<String>,
    /// What would be written here instead.
    pub replacement: Option<String>,
    /// Whether it stands for a place inside a macro that the learner calls here.
    pub is_in_macro: bool,
}

/// A note or a help below a message.
#[derive(Debug, Clone, Default)]
pub struct Note {
    /// What it says.
    pub text: String,
    /// Its places in the learner's files.
    pub spans: Vec<Span>,
}

impl Message {
    /// The message, and the folder that its paths begin at; `None` for what is no message of the compiler's.
    pub fn of(message: &Value) -> Option<Message> {
        let children = message["children"].as_array()?;
        Some(Message {
            level: text(&message["level"]),
            code: message["code"]["code"].as_str().map(str::to_owned),
            text: text(&message["message"]),
            spans: spans(message),
            notes: children.iter().map(Note::of).collect(),
            rendered: text(&message["rendered"]),
        })
    }

    /// Whether it is one that only counts the others ("aborting due to 2 previous errors").
    pub fn only_counts(&self) -> bool {
        self.spans.is_empty() && self.code.is_none() && super::prose::ABORTING.is_in(&self.text)
    }

    /// Whether it has this code.
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// The place that it is about.
    pub fn primary(&self) -> Option<&Span> {
        self.spans.iter().find(|span| span.is_primary)
    }

    /// The place that it is about, or another one where that is in no file of the learner's.
    pub fn place(&self) -> Option<&Span> {
        let of_notes = || self.notes.iter().flat_map(|note| note.spans.first()).next();
        self.primary().or(self.spans.first()).or_else(of_notes)
    }

    /// All labels, those of notes too.
    pub fn labels(&self) -> impl Iterator<Item = (&Span, &str)> {
        let of_notes = self.notes.iter().flat_map(|note| &note.spans);
        let spans = self.spans.iter().chain(of_notes);
        spans.filter_map(|span| Some((span, span.label.as_deref()?)))
    }

    /// The first label of this form: its place, and what stands in the gaps.
    pub fn label<const N: usize>(&self, form: &Form<N>) -> Option<(&Span, [&str; N])> {
        self.labels()
            .find_map(|(span, label)| Some((span, form.of(label)?)))
    }

    /// The first note of this form.
    pub fn note<const N: usize>(&self, form: &Form<N>) -> Option<[&str; N]> {
        self.notes.iter().find_map(|note| form.of(&note.text))
    }

    /// The type that a method was looked for in, with what is known of its parts.
    pub fn label_type(&self) -> Option<&str> {
        self.label(&super::prose::NOT_FOUND_IN).map(|(_, [of])| of)
    }

    /// What the compiler would write instead: each suggestion is one or more places, and the text for each.
    pub fn suggestions(&self) -> impl Iterator<Item = Vec<(&Span, &str)>> {
        self.notes.iter().filter_map(|note| {
            let parts = note.spans.iter();
            let parts: Vec<(&Span, &str)> = parts
                .filter_map(|span| Some((span, span.replacement.as_deref()?)))
                .collect();
            (!parts.is_empty()).then_some(parts)
        })
    }

    /// The place of a suggestion that is nothing but this text.
    pub fn suggests(&self, wanted: &str) -> Option<&Span> {
        self.suggestions().find_map(|parts| match parts[..] {
            [(span, text)] if text.trim() == wanted => Some(span),
            _ => None,
        })
    }
}

impl Note {
    fn of(child: &Value) -> Note {
        Note {
            text: text(&child["message"]),
            spans: spans(child),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn spans(of: &Value) -> Vec<Span> {
    let spans = of["spans"].as_array().into_iter().flatten();
    spans.filter_map(span).collect()
}

/// The place in a file of the learner's: their own, or the call of the macro that it is in.
fn span(span: &Value) -> Option<Span> {
    let mut at = span;
    let mut is_in_macro = false;
    while !is_own(&text(&at["file_name"])) {
        at = at["expansion"].get("span")?;
        is_in_macro = true;
    }
    let number = |name: &str| at[name].as_u64().and_then(|n| usize::try_from(n).ok());
    Some(Span {
        file: text(&at["file_name"]),
        bytes: (number("byte_start")?, number("byte_end")?),
        start: (number("line_start")?, number("column_start")?),
        end: (number("line_end")?, number("column_end")?),
        is_primary: span["is_primary"] == true,
        label: span["label"].as_str().map(str::to_owned),
        replacement: span["suggested_replacement"].as_str().map(str::to_owned),
        is_in_macro,
    })
}

/// Cargo hands the compiler the learner's files by a path from the workspace's root. Libraries have whole paths, and what
/// the compiler makes up is in angle brackets.
fn is_own(file: &str) -> bool {
    let path = Path::new(file);
    !path.is_absolute() && !file.starts_with('<') && !file.starts_with("/rustc/")
}

/// The folder that the paths of a message begin at, from the whole path of the file that was compiled. The message may be about
/// that file, or about a module beside or below it.
pub fn folder_of(src_path: &Path, message: &Message) -> PathBuf {
    let program = src_path.parent().unwrap_or(src_path);
    let shared = |file: &Path| {
        let folders = file.ancestors().skip(1);
        let of_program = folders.filter(|folder| program.ends_with(folder));
        of_program.map(|folder| folder.components().count()).max()
    };
    let files = message.spans.iter().map(|span| Path::new(&span.file));
    let up = files.filter_map(shared).max().unwrap_or(0);
    program.ancestors().nth(up).unwrap_or(program).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_a_message_begin_at_the_folder_that_cargo_runs_in() {
        let folder = |files: &[&str]| {
            let span = |file: &&str| Span {
                file: (*file).into(),
                ..Span::default()
            };
            let message = Message {
                spans: files.iter().map(span).collect(),
                ..Message::default()
            };
            folder_of(Path::new("/shop/exercises/13-pace/server.rs"), &message)
        };
        let shop = Path::new("/shop");
        assert_eq!(folder(&["exercises/13-pace/server.rs"]), shop);
        assert_eq!(folder(&["exercises/13-pace/pace.rs"]), shop);
        assert_eq!(folder(&["exercises/13-pace/pace/clock.rs"]), shop);
        assert_eq!(folder(&["/lib/warp.rs", "exercises/13-pace/pace.rs"]), shop);
        let program = Path::new("/shop/exercises/13-pace");
        assert_eq!(folder(&["server.rs"]), program);
        assert_eq!(folder(&["pace.rs"]), program);
        assert_eq!(folder(&[]), program);
    }
}
