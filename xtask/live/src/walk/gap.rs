//! How far a file that is typed by hand is from the stage that it is to become.
//!
//! Comments, blank lines and indents are no difference, as in `diff`; nor are the blanks in a line that mean nothing, for who
//! types in front of a class types `{"x": x}` as soon as `{ "x": x }`.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use steps::code::{self, Code};

/// What is between a file and a stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gap {
    /// Lines of the stage that the file has not.
    pub missing: Vec<Line>,
    /// Lines of the file that the stage has not.
    pub more: Vec<Line>,
}

/// A line, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, counted from 1: in the stage's file where it is missing, else in the presenter's.
    pub line: usize,
    /// The line as it is written there.
    pub text: String,
}

impl Gap {
    /// Compares a presenter's text with the stage's.
    pub fn between(own: &str, stage: &str) -> Gap {
        let (own, stage) = (Lines::of(own), Lines::of(stage));
        let mut gap = Gap::default();
        for operation in capture_diff_slices(Algorithm::Patience, &own.tight(), &stage.tight()) {
            let (own_range, stage_range) = match operation {
                DiffOp::Equal { .. } => continue,
                operation => (operation.old_range(), operation.new_range()),
            };
            gap.more.extend(own_range.map(|at| own.place(at)));
            gap.missing.extend(stage_range.map(|at| stage.place(at)));
        }
        gap
    }

    /// Whether there is none.
    pub fn is_closed(&self) -> bool {
        self.missing.is_empty() && self.more.is_empty()
    }

    /// It in a few words: `2 lines to go`, `1 line more than in the stage`.
    pub fn words(&self) -> String {
        let lines = |count: usize| match count {
            1 => "1 line".to_owned(),
            count => format!("{count} lines"),
        };
        match (self.missing.len(), self.more.len()) {
            (0, 0) => "as in the stage".into(),
            (0, more) => format!("{} more than in the stage", lines(more)),
            (missing, 0) => format!("{} to go", lines(missing)),
            (missing, more) => format!("{} to go, {} to take out", lines(missing), lines(more)),
        }
    }
}

struct Lines<'a> {
    text: Vec<&'a str>,
    code: Vec<Code>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Lines<'a> {
        let text: Vec<&str> = text.lines().collect();
        let code = code::of(text.iter().copied());
        Lines { text, code }
    }

    fn tight(&self) -> Vec<String> {
        self.code.iter().map(|line| tight(&line.code)).collect()
    }

    fn place(&self, at: usize) -> Line {
        let index = self.code[at].index;
        Line {
            line: index + 1,
            text: self.text[index].to_owned(),
        }
    }
}

/// A line without the blanks that mean nothing: those that stand in no text, and not between two words.
fn tight(code: &str) -> String {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut tight = String::with_capacity(code.len());
    let mut quote = None;
    let mut letters = code.chars().peekable();
    while let Some(letter) = letters.next() {
        let before = tight.chars().next_back().unwrap_or(' ');
        let after = letters.peek().copied().unwrap_or(' ');
        if letter == ' ' && quote.is_none() && !(is_word(before) && is_word(after)) {
            continue;
        }
        match quote {
            None if ['"', '`'].contains(&letter) => quote = Some(letter),
            Some(open) if open == letter && before != '\\' => quote = None,
            _ => {}
        }
        tight.push(letter);
    }
    tight
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_and_what_is_more() {
        let gap = Gap::between("a();\n  x(); // mine\n", "// Why.\na();\nb();\nc();\n");
        assert_eq!(gap.words(), "2 lines to go, 1 line to take out");
        let (missing, more) = (&gap.missing[0], &gap.more[0]);
        assert_eq!((missing.line, missing.text.as_str()), (3, "b();"));
        assert_eq!((more.line, more.text.as_str()), (2, "  x(); // mine"));
    }

    #[test]
    fn blanks_that_mean_nothing_are_no_difference() {
        let differs = |own, stage| !Gap::between(own, stage).is_closed();
        for (own, stage) in [
            (
                r#"relay(json!(["spy",{"x":x}]))"#,
                r#"relay(json!(["spy", { "x": x }]))"#,
            ),
            ("let n=1+2;", "let n = 1 + 2;"),
            ("|b| b", "| b | b"),
        ] {
            assert!(!differs(own, stage), "{own}");
        }
        for (own, stage) in [
            ("say(\"a b\")", "say(\"ab\")"),
            ("say(\"\\\" \")", "say(\"\\\"\")"),
            ("let x", "letx"),
        ] {
            assert!(differs(own, stage), "{own}");
        }
    }

    #[test]
    fn comments_and_indents_are_no_difference() {
        let gap = Gap::between("a();\n\n    b();\n", "// One.\na();\nb(); // two\n");
        assert!(gap.is_closed());
        assert_eq!(gap.words(), "as in the stage");
    }
}
