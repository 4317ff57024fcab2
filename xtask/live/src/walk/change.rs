//! What a stage changes in a file, as lines to type.

use std::collections::BTreeSet;

use similar::{ChangeTag, TextDiff};
use steps::code;

/// How many lines that stay are shown around those that change: enough to find the place.
const AROUND: usize = 2;

/// Nobody types more lines of a file than these in front of people.
const TYPED_BY_NOBODY: usize = 75;

/// How many are shown of the code as it is, around the places that will change.
const AROUND_NOW: usize = 5;

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
    /// Whether there is more in it than a comment.
    pub is_code: bool,
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
    /// Whether so much changes that it is given: a sentence stands in its place.
    pub fn is_given(&self) -> bool {
        let lines = self.hunks.iter().flat_map(|hunk| &hunk.lines);
        lines.filter(|line| line.kind != Kind::Stays).count() > TYPED_BY_NOBODY
    }

    /// What makes `after` of `before`.
    pub fn of(file: &str, before: &str, after: &str) -> Change {
        let diff = TextDiff::from_lines(before, after);
        let (codes_before, codes_after) = (codes(before), codes(after));
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
                    is_code: match (change.new_index(), change.old_index()) {
                        (Some(new), _) => codes_after.contains(&new),
                        (None, old) => old.is_some_and(|old| codes_before.contains(&old)),
                    },
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

/// The code as it is now, around the places that a change of it will touch, and nothing of what will come. A comment that goes
/// is left out: it is a TODO, and says what to do.
pub fn as_it_is(file: &str, before: &str, after: &str) -> Change {
    let diff = TextDiff::from_lines(before, after);
    let code = codes(before);
    let line = |change: similar::Change<&str>| {
        let index = change.old_index()?;
        let text = change.value().trim_end_matches(['\r', '\n']).to_owned();
        let is_code = code.contains(&index);
        let is_said = is_code || !(change.tag() == ChangeTag::Delete || text.contains("TODO"));
        is_said.then_some(Line {
            kind: Kind::Stays,
            number: index + 1,
            text,
            is_code,
        })
    };
    let hunk = |group: &Vec<similar::DiffOp>| Hunk {
        lines: group
            .iter()
            .flat_map(|operation| diff.iter_changes(operation))
            .filter_map(line)
            .collect(),
    };
    Change {
        file: file.to_owned(),
        hunks: diff.grouped_ops(AROUND_NOW).iter().map(hunk).collect(),
    }
}

/// The places of the lines that are code, counted from 0.
fn codes(text: &str) -> BTreeSet<usize> {
    let codes = code::of(text.lines()).into_iter();
    codes.map(|code| code.index).collect()
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
    fn a_line_that_is_no_code_is_known() {
        let change = Change::of(
            "10.html",
            "a();\n",
            "// Why.\nb(); // how\n<!-- so\nthere -->\n",
        );
        let codes = change.hunks[0].lines.iter().map(|line| line.is_code);
        assert_eq!(codes.collect::<Vec<_>>(), [true, false, true, false, false]);
    }

    #[test]
    fn the_code_as_it_is_holds_nothing_of_what_comes() {
        let before = "a();\n// TODO: Call b.\nc();\n";
        let after = "a();\n// Call b.\nb();\nc();\n";
        let change = as_it_is("server.rs", before, after);
        let lines = change.hunks[0].lines.iter();
        let lines: Vec<_> = lines
            .map(|line| (line.number, line.text.as_str()))
            .collect();
        assert_eq!(lines, [(1, "a();"), (3, "c();")]);
    }

    #[test]
    fn places_far_apart_are_apart() {
        let before: String = (0..40).map(|n| format!("{n}\n")).collect();
        let after = before.replace("3\n", "three\n");
        assert_eq!(Change::of("10.html", &before, &after).hunks.len(), 4);
    }
}
