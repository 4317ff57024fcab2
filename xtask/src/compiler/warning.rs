//! What the compiler warned of in a program that it built, as far as it can be why the program does not do what it should.

use std::fmt;
use std::path::Path;

use super::message::{Message, folder_of};
use super::source::Source;

/// A warning, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The place, as `path:line:column`.
    place: String,
    /// What it says.
    text: String,
    /// Whether it is about a future that nobody awaits.
    is_future: bool,
}

/// So many are shown.
const MOST: usize = 4;

impl Warning {
    /// Those that can explain something, the ones that explain most first.
    pub fn all(messages: &[Message], src_path: &Path) -> Vec<Warning> {
        let mut warnings: Vec<Warning> = messages
            .iter()
            .filter_map(|it| Warning::of(it, src_path))
            .collect();
        warnings.sort_by_key(|warning| !warning.is_future);
        warnings.truncate(MOST);
        warnings
    }

    fn of(message: &Message, src_path: &Path) -> Option<Warning> {
        let span = message.primary()?;
        let file = folder_of(src_path, message).join(&span.file);
        let source = Source::new(std::fs::read_to_string(file).ok()?);
        let code = brief(source.at(span));
        let line = span.start.0;
        let is_future = is_future(message);
        let what = match message.code.as_deref()? {
            "unused_must_use" if is_future => {
                format!("`{code}` is a future that nobody awaits: it never happens")
            }
            "unused_must_use" if message.text.contains("Result") => {
                format!("nobody looks whether `{code}` went well")
            }
            "unused_must_use" => format!("what `{code}` gives is not used"),
            "unreachable_patterns" => {
                format!("the arm `{code}` is never reached: one before it takes all that it would")
            }
            "unreachable_code" => format!("`{code}` is never reached"),
            "unused_variables" => format!("the variable `{code}` is never used"),
            "unused_assignments" => format!("what is given to `{code}` is never read"),
            "dead_code" => {
                let declared = source.line(line);
                if !declared.contains("fn ") {
                    return None;
                }
                format!("the function `{code}` is never called")
            }
            _ => return None,
        };
        Some(Warning {
            place: format!("{}:{line}:{}", span.file, span.start.1),
            text: format!("line {line}: {what}"),
            is_future,
        })
    }

    /// The place of a future that nobody awaits, if it is about one.
    pub fn future_that_nobody_awaits(&self) -> Option<&str> {
        self.is_future.then_some(self.place.as_str())
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Futures, and what libraries make of them, say in their note how they are used.
fn is_future(message: &Message) -> bool {
    let notes = message.notes.iter().map(|note| note.text.as_str());
    notes
        .chain([message.text.as_str()])
        .any(|text| super::prose::LAZY_FUTURE.is_in(text))
}

/// The first line of some code, not too long.
fn brief(code: &str) -> String {
    let line = code.lines().next().unwrap_or_default().trim();
    match line.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None if code.lines().count() > 1 => format!("{line} …"),
        None => line.to_owned(),
    }
}
