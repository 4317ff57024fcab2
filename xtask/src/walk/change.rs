//! What a stage changes in a file, as lines to type.

use similar::{ChangeTag, TextDiff};

/// How many lines that stay are shown around those that change: enough to find the place.
const AROUND: usize = 2;

/// What changes in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file's name.
    pub file: String,
    /// The places that change, from above.
    pub hunks: Vec<Hunk>,
}

/// Lines that change, with those around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The lines, in the order in which to read them.
    pub lines: Vec<Line>,
}

/// A line of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whether it stays, comes or goes.
    pub kind: Kind,
    /// Its number, counted from 1: in the new file, or in the old one where it goes.
    pub number: usize,
    /// The line.
    pub text: String,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It stays as it is.
    Stays,
    /// It is new.
    New,
    /// It goes.
    Gone,
}

impl Kind {
    /// The sign before the line: `+`, `-` or a blank.
    pub fn sign(self) -> char {
        match self {
            Kind::Stays => ' ',
            Kind::New => '+',
            Kind::Gone => '-',
        }
    }

    /// The word for it, as in the page and in `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Stays => "stays",
            Kind::New => "new",
            Kind::Gone => "gone",
        }
    }
}

impl Change {
    /// What makes `after` of `before`.
    pub fn of(file: &str, before: &str, after: &str) -> Change {
        let diff = TextDiff::from_lines(before, after);
        let groups = diff.grouped_ops(AROUND);
        let hunk = |group: &Vec<similar::DiffOp>| Hunk {
            lines: group
                .iter()
                .flat_map(|operation| diff.iter_changes(operation))
                .map(|change| Line {
                    kind: match change.tag() {
                        ChangeTag::Equal => Kind::Stays,
                        ChangeTag::Insert => Kind::New,
                        ChangeTag::Delete => Kind::Gone,
                    },
                    number: change.new_index().or(change.old_index()).unwrap_or(0) + 1,
                    text: change.value().trim_end_matches(['\r', '\n']).to_owned(),
                })
                .collect(),
        };
        Change {
            file: file.to_owned(),
            hunks: groups.iter().map(hunk).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_its_signs_and_numbers() {
        let change = Change::of("server.rs", "a\nb\nc\nd\ne\nf\n", "a\nb\nc\nD\ne\nf\n");
        let lines: Vec<String> = change.hunks[0]
            .lines
            .iter()
            .map(|line| format!("{}{} {}", line.kind.sign(), line.number, line.text))
            .collect();
        assert_eq!(lines, [" 2 b", " 3 c", "-4 d", "+4 D", " 5 e", " 6 f"]);
    }

    #[test]
    fn places_far_apart_are_apart() {
        let before: String = (0..40).map(|n| format!("{n}\n")).collect();
        let after = before.replace("3\n", "three\n");
        assert_eq!(Change::of("10.html", &before, &after).hunks.len(), 4);
    }
}
