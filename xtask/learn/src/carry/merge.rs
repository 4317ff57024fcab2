//! The merge itself: what the next starter changes, made in the learner's text where it fits.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{ControlFlow, Range};

use similar::{Algorithm, DiffOp, capture_diff_slices};
use steps::code;
use steps::cut::{self, Cut, Line, Source, Stage};
use steps::step::Step;

use super::{End, Fit};

/// The three texts, in lines.
pub struct Merge<'a> {
    /// The solution of the step before.
    base: Vec<String>,
    /// The learner's.
    own: Vec<String>,
    /// The starter of the next step.
    next: Vec<Line<'a>>,
    /// What makes the next starter of the solution before.
    changes: Vec<DiffOp>,
    /// Where a line of the base is in the learner's.
    kept: BTreeMap<usize, usize>,
    /// Where a line of the next starter is in the base.
    was: BTreeMap<usize, usize>,
}

/// Lines to be put before one of the learner's, and how many of the learner's they replace.
pub struct Edit {
    at: usize,
    replaces: usize,
    lines: Vec<String>,
}

/// What became of the changes.
pub struct Fits<'a> {
    /// Each TODO, and how it found its place.
    pub todos: Vec<(&'a Stage, Fit)>,
    /// Whether what the next step brings along is in.
    pub brought: bool,
}

impl<'a> Merge<'a> {
    /// Compares the three.
    pub fn of(own: &str, from: &End, to: &'a End, is_done: bool) -> Merge<'a> {
        let pages = from.step.page().zip(to.step.page());
        let renamed = |line: String| match &pages {
            Some((from, to)) => line.replace(&format!("\"{from}\""), &format!("\"{to}\"")),
            None => line,
        };
        let base = from.source.lines(|_| Cut::Bare).into_iter();
        let base: Vec<String> = base.map(|line| renamed(line.text)).collect();
        let own = without_marks(own, from.source, is_done);
        let own: Vec<String> = own.into_iter().map(renamed).collect();
        let next = to.source.lines(|stage| match stage.given {
            true => Cut::Given,
            false => Cut::Todo,
        });
        let texts: Vec<&str> = next.iter().map(|line| line.text.as_str()).collect();
        let changes = capture_diff_slices(Algorithm::Patience, &words(&base), &words(&texts));
        let edited = capture_diff_slices(Algorithm::Patience, &words(&base), &words(&own));
        let mut merge = Merge {
            was: equal(&changes).map(|(base, next)| (next, base)).collect(),
            kept: equal(&edited).collect(),
            base,
            own,
            next,
            changes,
        };
        merge.reindent();
        merge
    }

    /// What is to be done with the learner's lines, and what becomes of each TODO.
    pub fn edits(&self) -> (Vec<Edit>, Fits<'a>) {
        let mut edits = Vec::new();
        let mut todos = Vec::new();
        let places: Vec<Option<(usize, usize)>> = self
            .changed()
            .map(|(base, next)| self.place(base, next))
            .collect();
        // All that a step brings along, or nothing: its parts need each other.
        let brought = self
            .changed()
            .zip(&places)
            .all(|((base, next), place)| place.is_some() || !self.has_code(&base, &next))
            && !self.is_there_already();
        for ((base, next), place) in self.changed().zip(places) {
            match place {
                Some((at, replaces)) if brought || !self.has_code(&base, &next) => {
                    todos.extend(self.todos(&next).map(|(_, stage)| (stage, Fit::InPlace)));
                    let lines = self.next[next].iter();
                    let lines = lines.map(|line| line.text.clone()).collect();
                    edits.push(Edit {
                        at,
                        replaces,
                        lines,
                    });
                }
                _ => {
                    for (index, stage) in self.todos(&next) {
                        let (fit, edit) = self.put(index, stage);
                        todos.push((stage, fit));
                        edits.extend(edit);
                    }
                }
            }
        }
        (edits, Fits { todos, brought })
    }

    /// What the next starter changes: lines of the base, and those that take their place.
    fn changed(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        let changes = self.changes.iter();
        let changes = changes.filter(|change| !matches!(change, DiffOp::Equal { .. }));
        changes.map(|change| (change.old_range(), change.new_range()))
    }

    /// Where a change can be made as it is: the learner's line, and how many are replaced.
    fn place(&self, base: Range<usize>, next: Range<usize>) -> Option<(usize, usize)> {
        let kept = |index: usize| self.kept.get(&index).copied();
        if !base.is_empty() {
            let at = kept(base.start)?;
            let mut lines = base.clone().enumerate();
            let is_whole = lines.all(|(count, index)| kept(index) == Some(at + count));
            return is_whole.then_some((at, base.len()));
        }
        let above = match base.start.checked_sub(1) {
            Some(index) => kept(index).map(|at| at + 1),
            None => Some(0),
        };
        let below = match base.start == self.base.len() {
            true => Some(self.own.len()),
            false => kept(base.start),
        };
        match (above, below) {
            (Some(above), Some(below)) if above == below => Some((above, 0)),
            // Between items, where the learner may have added others, what comes above all else is as good a place.
            _ if self.has_code(&base, &next) && self.is_outermost(&next) => {
                self.beside(next.start, next.end).map(|at| (at, 0))
            }
            _ => None,
        }
    }

    /// Whether a change is about more than comments.
    fn has_code(&self, base: &Range<usize>, next: &Range<usize>) -> bool {
        let old = self.base[base.clone()].iter().map(String::as_str);
        let new = self.next[next.clone()]
            .iter()
            .map(|line| line.text.as_str());
        !code::of(old.chain(new)).is_empty()
    }

    /// Whether the next step has code that the one before has not: some of its stages are given.
    pub fn brings_code(&self) -> bool {
        self.changed()
            .any(|(base, next)| self.has_code(&base, &next))
    }

    fn is_outermost(&self, next: &Range<usize>) -> bool {
        let lines = self.next[next.clone()].iter();
        let first = lines.into_iter().find(|line| !line.text.trim().is_empty());
        first.is_some_and(|line| !line.text.starts_with(' '))
    }

    /// Whether the learner has something already that the next step brings along.
    fn is_there_already(&self) -> bool {
        let own: BTreeSet<String> = words(&self.own).into_iter().collect();
        let brought = self.next.iter().enumerate().filter(|(index, line)| {
            line.stage.is_some_and(|stage| stage.given) && !self.was.contains_key(index)
        });
        let items = code::of(brought.map(|(_, line)| line.text.as_str()));
        let begins = |code: &str| {
            ["use ", "static ", "fn "]
                .iter()
                .any(|word| code.starts_with(word))
        };
        items
            .iter()
            .any(|item| begins(&item.code) && own.contains(&item.code))
    }

    /// The TODOs among some lines of the next starter.
    fn todos(&self, next: &Range<usize>) -> impl Iterator<Item = (usize, &'a Stage)> {
        next.clone().filter_map(|index| {
            let line = &self.next[index];
            let stage = line.stage?;
            (!stage.given && line.text == stage.todo()).then_some((index, stage))
        })
    }

    /// Finds a place for a TODO whose surroundings the learner has changed.
    fn put(&self, index: usize, stage: &'a Stage) -> (Fit, Option<Edit>) {
        let todo = stage.todo();
        let edit = |at: usize, indent: &str| {
            let lines = vec![format!("{indent}{}", todo.trim_start())];
            Some(Edit {
                at,
                replaces: 0,
                lines,
            })
        };
        if let Some(at) = self.beside(index, index + 1) {
            return (Fit::InPlace, edit(at, indent_of(&todo)));
        }
        let Some(function) = self.function_at(index) else {
            // It ends the file, wherever that is.
            if code::of(self.next[index..].iter().map(|line| line.text.as_str())).is_empty() {
                let lines = vec![String::new(), todo];
                let at = self.own.len();
                return (
                    Fit::InPlace,
                    Some(Edit {
                        at,
                        replaces: 0,
                        lines,
                    }),
                );
            }
            return (Fit::AtTheEnd(self.neighbour_of(index)), None);
        };
        let mut own = self.own.iter();
        match own.position(|line| code::function_of(line) == Some(&function)) {
            Some(at) => {
                let edit = edit(at, indent_of(&self.own[at]));
                (Fit::Above(function), edit)
            }
            None => (Fit::AtTheEnd(format!("the function `{function}`")), None),
        }
    }

    /// The learner's line before which something stands that is between these lines of the next starter, by a neighbour
    /// that both have and that cannot be taken for another.
    fn beside(&self, from: usize, to: usize) -> Option<usize> {
        let below = (to..self.next.len()).try_for_each(|index| self.neighbour(index));
        let above = (0..from).rev().try_for_each(|index| self.neighbour(index));
        let above = above.break_value().flatten().map(|at| at + 1);
        below.break_value().flatten().or(above)
    }

    /// The learner's line that is this one of the next starter. Only what may be missing is passed over: blank lines and
    /// comments.
    fn neighbour(&self, index: usize) -> ControlFlow<Option<usize>> {
        let text = self.next[index].text.trim();
        let code = code::of([text]).pop();
        if text.is_empty() || text.starts_with("// TODO:") {
            return ControlFlow::Continue(());
        }
        let said = code.as_ref().map_or(text, |line| &line.code);
        let known = self.was.get(&index).and_then(|was| self.kept.get(was));
        match known.filter(|_| code::is_distinctive(said)) {
            Some(at) => ControlFlow::Break(Some(*at)),
            None if code.is_none() => ControlFlow::Continue(()),
            None => ControlFlow::Break(None),
        }
    }

    /// The function that a line of the next starter is in, or directly above.
    fn function_at(&self, index: usize) -> Option<String> {
        let indent = indent_of(&self.next[index].text).len();
        if indent == 0 {
            let below = self.next[index + 1..].iter().map(|line| line.text.as_str());
            let below = code::of(below.take_while(|line| !line.trim().is_empty()));
            return code::function_of(&below.first()?.code).map(str::to_owned);
        }
        let above = self.next[..index].iter().rev();
        let mut heads = above.filter(|line| indent_of(&line.text).len() < indent);
        heads
            .find_map(|line| code::function_of(&line.text))
            .map(str::to_owned)
    }

    /// What is near a line of the next starter, for a person who looks for its place.
    fn neighbour_of(&self, index: usize) -> String {
        let texts = |lines: &[Line]| -> Vec<String> {
            let lines = code::of(lines.iter().map(|line| line.text.as_str()));
            lines.into_iter().map(|line| line.code).collect()
        };
        let below = texts(&self.next[index + 1..]);
        let above = texts(&self.next[..index]);
        let near = below.first().into_iter().chain(above.last());
        let mut near = near.filter(|code| code::is_distinctive(code));
        near.next()
            .map_or("the end".into(), |code| format!("`{code}`"))
    }

    /// Makes the edits.
    pub fn apply(&self, edits: &[Edit]) -> Vec<String> {
        let mut lines = Vec::new();
        let mut replaced = 0;
        for at in 0..=self.own.len() {
            for edit in edits.iter().filter(|edit| edit.at == at) {
                lines.extend(edit.lines.iter().cloned());
                replaced = replaced.max(at + edit.replaces);
            }
            if at >= replaced {
                lines.extend(self.own.get(at).cloned());
            }
        }
        lines
    }

    /// A learner who has a line as the base has it has it from then on as the next starter has it: what comes around a line
    /// may move it to the right.
    fn reindent(&mut self) {
        for (next, base) in &self.was {
            let Some(own) = self.kept.get(base) else {
                continue;
            };
            let text = &self.next[*next].text;
            if self.own[*own] == self.base[*base] && text.trim() == self.own[*own].trim() {
                self.own[*own] = text.clone();
            }
        }
    }

    /// What the next step brings along, for the learner to put in.
    pub fn brought_as_a_comment(&self, step: Step) -> Vec<String> {
        let number = step.number;
        let mut lines = vec![
            String::new(),
            format!(
                "// TODO: Step {number} brings this along. Put each part where it belongs, and take the bars away."
            ),
        ];
        let mut last = None;
        for line in &self.next {
            let stage = line
                .stage
                .filter(|stage| stage.given)
                .map(std::ptr::from_ref);
            if stage.is_some() {
                if last.is_some_and(|last| Some(last) != stage) {
                    lines.push("//".into());
                }
                last = stage;
                lines.push(format!("// | {}", line.text).trim_end().to_owned());
            }
        }
        lines
    }
}

/// The learner's lines, without what the workshop had written for the step before: its marks, where the solution was
/// copied, the sentences of its stages, and its TODOs where they are done.
fn without_marks(own: &str, from: &Source, is_done: bool) -> Vec<String> {
    let text = cut::without_marks(own).unwrap_or_else(|| own.to_owned());
    let stages = from.stages();
    let is_ours = |line: &str| {
        stages.iter().any(|stage| {
            let todo = stage.todo();
            let is_todo = is_done && line.trim() == todo.trim();
            is_todo || line.trim().strip_prefix("// ") == Some(&stage.sentence)
        })
    };
    let lines = text.lines().filter(|line| !is_ours(line));
    lines.map(str::to_owned).collect()
}

/// What is compared of each line: its code, or else the comment.
pub fn words(lines: &[impl AsRef<str>]) -> Vec<String> {
    let of = |line: &str| match code::of([line]).pop() {
        Some(line) => line.code,
        None => line.trim().to_owned(),
    };
    lines.iter().map(|line| of(line.as_ref())).collect()
}

/// The lines that two texts have in common.
fn equal(operations: &[DiffOp]) -> impl Iterator<Item = (usize, usize)> {
    let equal = operations
        .iter()
        .filter(|it| matches!(it, DiffOp::Equal { .. }));
    equal.flat_map(|it| it.old_range().zip(it.new_range()))
}

fn indent_of(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}
