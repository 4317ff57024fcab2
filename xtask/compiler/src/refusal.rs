//! What is told of a program that the compiler refused.

use std::path::Path;

use steps::step::STEPS;

use super::causes::{self, Case, Cause};
use super::kinds::{self, Kind};
use super::message::{Message, Span, folder_of};
use super::order;
use super::quote::{self, Quote, first_line};
use super::source::Source;

/// A program that does not compile: why, where, and what to do.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The kind of mistake, where the error and the text prove one.
    pub kind: Option<&'static Kind>,
    /// The cause, in the learner's terms; or the compiler's first line.
    pub cause: String,
    /// The one thing to do next.
    pub next: String,
    /// The compiler's code, such as `E0382`.
    pub code: Option<String>,
    /// The place, as `path:line:column`, the path from the workspace's root.
    pub place: Option<String>,
    /// How many errors there are.
    pub errors: usize,
    /// The error in lines that can be read.
    pub quoted: String,
    /// The same in fewer columns: for a wall, where it is set in large letters.
    pub narrow: String,
    /// All that the compiler said.
    pub whole: String,
}

/// Where a README explains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The step.
    pub step: u32,
    /// The heading of the paragraph.
    pub heading: &'static str,
}

impl std::fmt::Display for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let heading = self.heading.replace("``", "").replace(" .", ".");
        let step = STEPS.iter().find(|step| step.number == self.step);
        let folder = step.map_or(String::new(), |step| format!("exercises/{}/", step.name()));
        write!(
            f,
            "\"{}\" in {folder}README.md",
            heading.trim_end_matches('.')
        )
    }
}

/// The id of what has no kind.
pub const NO_KIND: &str = "does-not-compile";

impl Refusal {
    /// Of the errors of a program whose file is at `src_path`.
    pub fn of(errors: Vec<Message>, src_path: &Path) -> Refusal {
        let errors = order::sorted(errors);
        let whole: String = errors.iter().map(|error| error.rendered.as_str()).collect();
        let Some(first) = errors.first() else {
            return Refusal::without_words(whole);
        };
        let source = match source_of(first, src_path) {
            Ok(source) => source,
            Err(line) => return Refusal::of_bytes(first, src_path, line, whole),
        };
        let case = Case {
            error: first,
            all: &errors,
            source: &source,
            folder: src_path.parent().unwrap_or(Path::new("")),
        };
        let cause = causes::of(&case);
        let marks = marks(first, cause.as_ref());
        let quoted = |columns| {
            let quote = Quote {
                error: first,
                source: &source,
                marks: &marks,
                next: cause.as_ref().map(|cause| cause.next.as_str()),
                columns,
            };
            quote.text()
        };
        let place = marks
            .first()
            .map(|span| format!("{}:{}:{}", span.file, span.start.0, span.start.1));
        let (quoted, narrow) = (quoted(quote::COLUMNS), quoted(quote::NARROW));
        let (kind, cause, next) = match cause {
            Some(cause) => (Some(cause.kind), cause.cause, cause.next),
            None => (None, unproved(first), next_of(&quoted).to_owned()),
        };
        Refusal {
            kind,
            cause,
            next,
            code: first.code.clone(),
            place,
            errors: errors.len(),
            quoted,
            narrow,
            whole,
        }
    }

    fn without_words(whole: String) -> Refusal {
        Refusal {
            kind: None,
            cause: "The compiler refuses the program, and says nothing of why.".into(),
            next: NEXT.into(),
            code: None,
            place: None,
            errors: 1,
            quoted: String::new(),
            narrow: String::new(),
            whole,
        }
    }

    /// A file that is no text in UTF-8, from this line on.
    fn of_bytes(error: &Message, src_path: &Path, line: usize, whole: String) -> Refusal {
        let file = src_path.file_name().unwrap_or_default().to_string_lossy();
        Refusal {
            kind: Some(&kinds::NOT_UTF_8),
            cause: format!(
                "{file} is not text in UTF-8, from line {line} on, and the compiler reads nothing else."
            ),
            next: "Save it as UTF-8 in your editor.".into(),
            place: Some(format!("{}:{line}:1", show::path(src_path))),
            quoted: quote::headline(error, quote::COLUMNS).join("\n"),
            narrow: quote::headline(error, quote::NARROW).join("\n"),
            ..Refusal::without_words(whole)
        }
    }

    /// A Cargo.toml that cargo cannot read, from what cargo printed.
    pub fn of_manifest(printed: &str) -> Option<Refusal> {
        let signs = [
            "failed to parse manifest",
            "failed to read `",
            "could not parse input as TOML",
            "invalid TOML",
            "TOML parse error",
            "failed to load manifest",
        ];
        let at = printed
            .lines()
            .find(|line| line.trim_start().starts_with("--> "));
        // A mistake of the file's syntax has cargo's error alone, and its place.
        let is_marked = printed.lines().any(|line| line.starts_with("error"))
            && at.is_some_and(|place| place.contains("Cargo.toml:"));
        let is_named =
            printed.contains("Cargo.toml") && signs.iter().any(|it| printed.contains(it));
        if !is_marked && !is_named {
            return None;
        }
        let place = at.map(|line| line.trim_start().trim_start_matches("--> ").to_owned());
        let lines: Vec<&str> = printed
            .lines()
            .filter(|line| !line.trim().is_empty())
            .take(quote::LINES)
            .collect();
        let narrower = |columns| {
            lines
                .iter()
                .map(|line| quote::cut(line, columns))
                .collect::<Vec<_>>()
                .join("\n")
        };
        Some(Refusal {
            kind: Some(&kinds::BROKEN_MANIFEST),
            cause: "Cargo.toml cannot be read, so nothing is built: it was changed, and is not what cargo understands.".into(),
            next: "Undo the change; or take the one that came with the workshop: git checkout -- Cargo.toml".into(),
            place,
            quoted: narrower(quote::COLUMNS),
            narrow: narrower(quote::NARROW),
            ..Refusal::without_words(printed.to_owned())
        })
    }

    /// The stable name of the cause.
    pub fn id(&self) -> &'static str {
        self.kind.map_or(NO_KIND, |kind| kind.id)
    }

    /// Where a README explains it.
    pub fn reading(&self) -> Option<Reading> {
        let (step, heading) = self.kind?.readme?;
        Some(Reading { step, heading })
    }
}

/// What to do with an error that nothing here knows.
const NEXT: &str = "Read the line that is marked: the error is there, or in what that line uses. Then check again.";

/// The same, where the quote shows what the compiler would write instead.
const PROPOSED: &str = "The line with a + is what the compiler would write. If that is what you mean, write it, and check again.";

fn next_of(quoted: &str) -> &'static str {
    let is_proposed = |line: &str| {
        let rest = line
            .trim_start()
            .trim_start_matches(|it: char| it.is_ascii_digit());
        rest.starts_with(" + ")
    };
    match quoted.lines().any(is_proposed) {
        true => PROPOSED,
        false => NEXT,
    }
}

/// The compiler's own first line, as a sentence.
fn unproved(error: &Message) -> String {
    format!(
        "The compiler says: {}.",
        first_line(error).trim_end_matches('.')
    )
}

/// The learner's file that an error is in; where it is no text, the line from which on it is none.
fn source_of(error: &Message, src_path: &Path) -> Result<Source, usize> {
    let file = error
        .place()
        .map(|span| folder_of(src_path, error).join(&span.file));
    let bytes = std::fs::read(file.as_deref().unwrap_or(src_path)).unwrap_or_default();
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source::new(text)),
        Err(error) => {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            Err(1 + good.iter().filter(|byte| **byte == b'\n').count())
        }
    }
}

/// The places to show: those that prove the cause, or those of the error, the primary one first.
fn marks(error: &Message, cause: Option<&Cause>) -> Vec<Span> {
    if let Some(cause) = cause.filter(|cause| !cause.marks.is_empty()) {
        return cause.marks.clone();
    }
    let mut marks: Vec<Span> = Vec::new();
    let of_file = error
        .place()
        .map(|span| span.file.clone())
        .unwrap_or_default();
    let labelled = |span: &&Span| span.is_primary || span.label.is_some();
    let mut spans: Vec<&Span> = error
        .spans
        .iter()
        .filter(labelled)
        .filter(|span| span.file == of_file)
        .collect();
    // A label that is only bookkeeping helps nobody.
    spans.retain(|span| {
        span.is_primary || !is_bookkeeping(span.label.as_deref().unwrap_or_default())
    });
    spans.sort_by_key(|span| !span.is_primary);
    for span in spans {
        let is_there = marks.iter().any(|it| it.bytes == span.bytes);
        if !is_there {
            marks.push(span.clone());
        }
    }
    if marks.is_empty() {
        marks.extend(error.place().cloned());
    }
    marks
}

/// Labels that say where a bound comes from, and not what is wrong.
fn is_bookkeeping(label: &str) -> bool {
    [
        "required by",
        "the found opaque type",
        "one of the found opaque types",
        "let's call",
        "arguments to this",
    ]
    .iter()
    .any(|it| label.starts_with(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_that_cargo_cannot_read_is_told_from_other_troubles() {
        let syntax =
            "error: unclosed array, expected `]`\n   --> Cargo.toml:279:7\n    |\n279 | x = [\n";
        let edition = "error: failed to parse manifest at `/home/me/workshop/Cargo.toml`\n";
        let refusal = Refusal::of_manifest(syntax).expect("its place is in Cargo.toml");
        assert_eq!(refusal.place.as_deref(), Some("Cargo.toml:279:7"));
        assert!(Refusal::of_manifest(edition).is_some());
        let disk = "error: could not write: No space left on device (os error 28)\n";
        assert!(Refusal::of_manifest(disk).is_none());
    }
}
