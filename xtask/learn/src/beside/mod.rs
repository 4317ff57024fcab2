//! A learner's program beside the solution: what differs, by the stage of the solution that it belongs to.
//!
//! Comments, blank lines and indents are no difference, but the solution's comments are shown with the lines that they
//! explain: they say why.

use std::collections::BTreeSet;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};
use steps::code::{self, Code};
use steps::cut::{Cut, Line, Source, Stage};

/// One file beside the solution's.
pub struct Beside {
    /// What differs, in the order of the solution. Stages that one difference reaches across are together.
    pub differences: Vec<Difference>,
    /// The sentences of the stages that do not differ.
    pub same: Vec<String>,
    /// How many lines of code the solution has.
    pub lines: usize,
    /// How many of them the learner has as well.
    pub shared: usize,
    /// Whether the texts are the same, comments and all.
    pub is_identical: bool,
}

/// What differs in one or more stages, or elsewhere.
pub struct Difference {
    /// The sentences of the stages; none where it is elsewhere.
    pub stages: Vec<String>,
    /// The places.
    pub hunks: Vec<Hunk>,
}

/// Lines that differ, one after the other.
#[derive(Debug)]
pub struct Hunk {
    /// Where in the learner's file, counted from 1.
    pub line: usize,
    /// The lines.
    pub lines: Vec<Side>,
    /// The stages that it reaches, as numbers.
    stages: BTreeSet<usize>,
}

/// A line, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// The learner's.
    Yours(String),
    /// The solution's.
    Solutions(String),
    /// A line of both, between two that differ.
    Both(String),
}

impl Side {
    /// The line.
    pub fn text(&self) -> &str {
        match self {
            Side::Yours(line) | Side::Solutions(line) | Side::Both(line) => line,
        }
    }
}

/// Compares a learner's text with the solution.
pub fn compare(own: &str, solution: &Source) -> Beside {
    let both = Both::of(own, solution);
    let mut groups = grouped(both.hunks());
    groups.sort_by_key(|(stages, _)| stages.first().copied().unwrap_or(usize::MAX));
    let differing: BTreeSet<usize> = groups
        .iter()
        .flat_map(|(stages, _)| stages)
        .copied()
        .collect();
    let sentence = |stage: usize| both.stages[stage].sentence.clone();
    Beside {
        lines: both.solution_code.len(),
        shared: both.shared(),
        differences: groups
            .into_iter()
            .map(|(stages, hunks)| Difference {
                stages: stages.into_iter().map(sentence).collect(),
                hunks,
            })
            .collect(),
        same: (0..both.stages.len())
            .filter(|stage| !differing.contains(stage))
            .map(sentence)
            .collect(),
        is_identical: [Cut::Whole, Cut::Given, Cut::Bare]
            .iter()
            .any(|cut| solution.cut(|_| *cut) == own),
    }
}

/// The hunks, those together that share a stage. What is elsewhere is a group of its own.
fn grouped(hunks: Vec<Hunk>) -> Vec<(BTreeSet<usize>, Vec<Hunk>)> {
    let mut groups: Vec<(BTreeSet<usize>, Vec<Hunk>)> = Vec::new();
    for hunk in hunks {
        let mut joined = (hunk.stages.clone(), Vec::new());
        let belongs = |(stages, _): &(BTreeSet<usize>, Vec<Hunk>)| match hunk.stages.is_empty() {
            true => stages.is_empty(),
            false => !stages.is_disjoint(&hunk.stages),
        };
        for (stages, hunks) in groups.extract_if(.., |group| belongs(group)) {
            joined.0.extend(stages);
            joined.1.extend(hunks);
        }
        joined.1.push(hunk);
        groups.push(joined);
    }
    groups
}

/// Two texts, and the code of each.
struct Both<'a> {
    own: Vec<&'a str>,
    own_code: Vec<Code>,
    solution: Vec<Line<'a>>,
    solution_code: Vec<Code>,
    /// The stages that the learner writes.
    stages: Vec<&'a Stage>,
}

impl<'a> Both<'a> {
    fn of(own: &'a str, solution: &'a Source) -> Both<'a> {
        let own: Vec<&str> = own.lines().collect();
        let lines = solution.lines(|_| Cut::Bare);
        let stages = solution.stages().into_iter();
        Both {
            own_code: code::of(own.iter().copied()),
            own,
            solution_code: code::of(lines.iter().map(|line| line.text.as_str())),
            solution: lines,
            stages: stages.filter(|stage| !stage.given).collect(),
        }
    }

    /// What makes the solution's code of the learner's.
    fn operations(&self) -> Vec<DiffOp> {
        let own = words(&self.own_code, |index| self.own[index]);
        let solution = words(&self.solution_code, |index| &self.solution[index].text);
        capture_diff_slices(Algorithm::Patience, &own, &solution)
    }

    /// How many lines of code both have.
    fn shared(&self) -> usize {
        let operations = self.operations();
        let equal = operations
            .iter()
            .filter(|it| matches!(it, DiffOp::Equal { .. }));
        equal.map(|it| it.old_range().len()).sum()
    }

    /// The places that differ. Two of the same stages with nothing but brackets between them are one.
    fn hunks(&self) -> Vec<Hunk> {
        let mut hunks: Vec<Hunk> = Vec::new();
        let mut between: Option<Range<usize>> = None;
        for operation in self.operations() {
            if let DiffOp::Equal { .. } = operation {
                between = Some(operation.old_range());
                continue;
            }
            let hunk = self.hunk(operation.old_range(), operation.new_range());
            let equal = between.take();
            let is_slight = |range: &Range<usize>| {
                range
                    .clone()
                    .all(|at| !code::is_distinctive(&self.own_code[at].code))
            };
            match (hunks.last_mut(), equal) {
                (Some(last), Some(equal)) if last.stages == hunk.stages && is_slight(&equal) => {
                    let same = equal.map(|at| self.own[self.own_code[at].index].to_owned());
                    last.lines.extend(same.map(Side::Both));
                    last.lines.extend(hunk.lines);
                    last.stages.extend(hunk.stages);
                }
                _ => hunks.push(hunk),
            }
        }
        hunks
    }

    fn hunk(&self, own: Range<usize>, solution: Range<usize>) -> Hunk {
        let yours = self
            .own_lines(own.clone())
            .map(|line| Side::Yours((*line).to_owned()));
        let solutions = self.solution_lines(solution.clone());
        let solutions = solutions.map(|line| Side::Solutions(line.text.clone()));
        Hunk {
            line: self.line_of(&own),
            lines: yours.chain(solutions).collect(),
            stages: self.stages_of(solution),
        }
    }

    /// Where a hunk is in the learner's file. What is missing is missing at its TODO, if that still stands.
    fn line_of(&self, own: &Range<usize>) -> usize {
        let index = |at: usize| self.own_code.get(at).map(|code| code.index);
        let next = index(own.start).unwrap_or(self.own.len());
        let last = own
            .start
            .checked_sub(1)
            .and_then(index)
            .map_or(0, |index| index + 1);
        let mut between = (last..next).filter(|_| own.is_empty());
        let todo = between.find(|index| self.own[*index].contains("// TODO"));
        todo.unwrap_or(next).min(self.own.len().saturating_sub(1)) + 1
    }

    fn own_lines(&self, range: Range<usize>) -> impl Iterator<Item = &&str> {
        let lines = match self.own_code.get(range.clone()) {
            Some([first, .., last]) => first.index..last.index + 1,
            Some([only]) => only.index..only.index + 1,
            _ => 0..0,
        };
        self.own[lines]
            .iter()
            .filter(|line| !line.trim().is_empty())
    }

    /// The lines of this range of code, with the comments above and within it that the learner has not.
    fn solution_lines(&self, range: Range<usize>) -> impl Iterator<Item = &Line<'a>> {
        let index = |at: usize| self.solution_code[at].index;
        let lines = match range.is_empty() {
            true => 0..0,
            false => {
                let above = range.start.checked_sub(1).map_or(0, |at| index(at) + 1);
                above..index(range.end - 1) + 1
            }
        };
        let is_own = |text: &str| self.own.iter().any(|own| own.trim() == text);
        let mut in_comment = false;
        self.solution[lines].iter().filter(move |line| {
            let text = line.text.trim();
            let is_code = !code::of([text]).is_empty();
            // A blank line of a comment is shown where the line above it is.
            let is_comment = match text.chars().any(char::is_alphanumeric) {
                true => !is_code && !is_own(text),
                false => !text.is_empty() && in_comment,
            };
            in_comment = is_comment;
            is_code || is_comment
        })
    }

    /// The stages that lines of the solution belong to. Where the learner has something that the solution has not, those
    /// of its neighbours.
    fn stages_of(&self, range: Range<usize>) -> BTreeSet<usize> {
        let stage = |at: usize| {
            let of = self.solution[self.solution_code.get(at)?.index].stage?;
            self.stages
                .iter()
                .position(|stage| std::ptr::eq(*stage, of))
        };
        if !range.is_empty() {
            return range.filter_map(stage).collect();
        }
        let above = range.start.checked_sub(1).and_then(stage);
        above.or_else(|| stage(range.start)).into_iter().collect()
    }
}

/// What is compared of each line of code. Brackets are brackets of something: of the function or other item around them.
fn words<'a>(lines: &[Code], text: impl Fn(usize) -> &'a str) -> Vec<String> {
    let mut item = "";
    let mut words = Vec::new();
    for line in lines {
        if line.code.chars().any(char::is_alphanumeric) {
            let is_outermost = !text(line.index).starts_with(char::is_whitespace);
            let outermost = is_outermost.then_some(line.code.as_str());
            item = code::function_of(&line.code).or(outermost).unwrap_or(item);
            words.push(line.code.clone());
        } else {
            words.push(format!("{} of {item}", line.code));
        }
    }
    words
}

#[cfg(test)]
mod tests;
