//! A learner's own server becomes the start of the next step: its text, with the next step's TODOs where they belong.
//!
//! What the next starter changes is known: it is its difference to the solution before it. Where the learner has the same
//! lines, a change is made as it is. Where not, a TODO is a comment, which does no harm beside lines of another kind: it is
//! put by a line that both have, or above the function that it is about. What fits nowhere stands at the end. Nothing that
//! the learner wrote is taken away; so what compiled still compiles.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{ControlFlow, Range};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::code;
use crate::cut::{Cut, Line, Source, Stage};
use crate::step::Step;

/// One of the two steps, and its solution.
pub struct End<'a> {
    /// The step.
    pub step: Step,
    /// Its server.
    pub source: &'a Source,
}

/// What came of it.
#[derive(Debug)]
pub struct Carried {
    /// The text.
    pub text: String,
    /// The next step's TODOs, in the order of the step.
    pub todos: Vec<Todo>,
    /// Whether what the next step brings along, finished, could not be put in: then it is a comment at the end.
    pub is_left_out: bool,
}

/// A TODO, and where it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Todo {
    /// What is to be done.
    pub sentence: String,
    /// The line, counted from 1.
    pub line: usize,
    /// How it got there.
    pub fit: Fit,
}

/// How a TODO found its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// It stands where it belongs.
    InPlace,
    /// It stands above the function that it is about.
    Above(String),
    /// It stands at the end of the file; it belongs near this.
    AtTheEnd(String),
}

/// Makes the learner's server of `from` the start of `to`. `is_done` says that the TODOs of `from` are.
pub fn carry(own: &str, from: &End, to: &End, is_done: bool) -> Carried {
    let merge = Merge::of(own, from, to, is_done);
    let (edits, fits) = merge.edits();
    let is_left_out = merge.brings_code() && !fits.brought;
    let mut lines = merge.apply(&edits);
    if is_left_out {
        lines.extend(merge.brought_as_a_comment(to.step));
    }
    let mut at_the_end = fits
        .todos
        .iter()
        .filter(|(_, fit)| matches!(fit, Fit::AtTheEnd(_)))
        .peekable();
    if at_the_end.peek().is_some() {
        lines.push(String::new());
    }
    lines.extend(at_the_end.map(|(stage, _)| stage.todo().trim_start().to_owned()));
    let line_of = |stage: &Stage| {
        let todo = stage.todo();
        lines
            .iter()
            .position(|line| line.trim() == todo.trim())
            .unwrap_or(0)
            + 1
    };
    let todos = fits.todos.into_iter().map(|(stage, fit)| Todo {
        sentence: stage.sentence.clone(),
        line: line_of(stage),
        fit,
    });
    Carried {
        todos: todos.collect(),
        text: lines
            .iter()
            .map(|line| format!("{line}{}", ending(own)))
            .collect(),
        is_left_out,
    }
}

/// How the lines of a text end.
fn ending(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// The three texts, in lines.
struct Merge<'a> {
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
struct Edit {
    at: usize,
    replaces: usize,
    lines: Vec<String>,
}

/// What became of the changes.
struct Fits<'a> {
    todos: Vec<(&'a Stage, Fit)>,
    brought: bool,
}

impl<'a> Merge<'a> {
    fn of(own: &str, from: &End, to: &'a End, is_done: bool) -> Merge<'a> {
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
        Merge {
            was: equal(&changes).map(|(base, next)| (next, base)).collect(),
            kept: equal(&edited).collect(),
            base,
            own,
            next,
            changes,
        }
    }

    /// What is to be done with the learner's lines, and what becomes of each TODO.
    fn edits(&self) -> (Vec<Edit>, Fits<'a>) {
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
    fn brings_code(&self) -> bool {
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

    fn apply(&self, edits: &[Edit]) -> Vec<String> {
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

    /// What the next step brings along, for the learner to put in.
    fn brought_as_a_comment(&self, step: Step) -> Vec<String> {
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
    let copied = Source::parse("server.rs", own).ok();
    let text = match copied.filter(|source| !source.stages().is_empty()) {
        Some(source) => source.cut(|_| Cut::Bare),
        None => own.to_owned(),
    };
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
fn words(lines: &[impl AsRef<str>]) -> Vec<String> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::{STEPS, Whose, root};

    fn source(step: Step) -> Source {
        let path = root().join(step.folder(Whose::Solution)).join("server.rs");
        Source::parse("server.rs", &std::fs::read_to_string(path).unwrap()).unwrap()
    }

    fn pairs() -> impl Iterator<Item = (Step, Step)> {
        STEPS.iter().filter_map(|to| Some((to.before()?, *to)))
    }

    fn carried(own: &str, from: Step, to: Step) -> Carried {
        let (of_from, of_to) = (source(from), source(to));
        let from = End {
            step: from,
            source: &of_from,
        };
        let to = End {
            step: to,
            source: &of_to,
        };
        carry(own, &from, &to, true)
    }

    /// Code and TODOs, for whoever cares about neither comments nor blank lines.
    fn tasks_and_code(text: &str) -> Vec<String> {
        let lines = text.lines().map(str::trim);
        let lines =
            lines.filter(|line| line.starts_with("// TODO") || !code::of([*line]).is_empty());
        words(&lines.collect::<Vec<_>>())
    }

    #[test]
    fn the_solution_becomes_the_starter_of_the_next_step() {
        for (from, to) in pairs() {
            for cut in [Cut::Bare, Cut::Given, Cut::Whole] {
                let own = source(from).cut(|_| cut);
                let now = carried(&own, from, to);
                assert_eq!(now.text, source(to).starter(), "{}, {cut:?}", to.name());
                assert!(now.todos.iter().all(|todo| todo.fit == Fit::InPlace));
                assert!(!now.is_left_out);
            }
        }
    }

    /// As most do it: the code at the TODOs, which stay or go, and no comments of their own.
    #[test]
    fn so_does_what_a_learner_wrote_without_comments() {
        for (from, to) in pairs() {
            let source_of = source(from);
            for keeps_todos in [true, false] {
                let mut own = String::new();
                for line in
                    source_of.lines(|stage| if stage.given { Cut::Given } else { Cut::Whole })
                {
                    let stage = line.stage.filter(|stage| !stage.given);
                    let is_opening = |stage: &Stage| {
                        line.text
                            .trim()
                            .starts_with(&format!("// [{}]", stage.name))
                    };
                    match stage {
                        Some(stage) if is_opening(stage) && keeps_todos => {
                            own += &format!("{}\n", stage.todo())
                        }
                        Some(_) if line.text.trim().starts_with("//") => {}
                        _ => own += &format!("{}\n", line.text),
                    }
                }
                let now = carried(&own, from, to);
                let expected = tasks_and_code(&source(to).starter());
                assert_eq!(
                    tasks_and_code(&now.text),
                    expected,
                    "{}:\n{}",
                    to.name(),
                    now.text
                );
            }
        }
    }

    #[test]
    fn a_todo_finds_its_function_where_the_learner_has_written_another() {
        let (from, to) = pairs().last().unwrap();
        let own = source(from).cut(|_| Cut::Bare);
        let (before, after) = own
            .split_once("    match (name.as_str(), arguments) {")
            .unwrap();
        let after = after.split_once("\n}\n").unwrap().1;
        let own = format!("{before}    answer(name, arguments)\n}}\n{after}");
        let now = carried(&own, from, to);
        assert_eq!(now.todos[0].fit, Fit::Above("received".into()));
        let line = now.text.lines().nth(now.todos[0].line).unwrap();
        assert!(line.starts_with("fn received("), "{line}");
    }

    #[test]
    fn a_todo_that_fits_nowhere_stands_at_the_end() {
        let (from, to) = pairs().last().unwrap();
        let now = carried("fn main() {}\n", from, to);
        assert_eq!(now.todos.len(), 1);
        assert_eq!(
            now.todos[0].fit,
            Fit::AtTheEnd("the function `received`".into())
        );
        let last = now.text.lines().nth(now.todos[0].line - 1).unwrap();
        assert!(
            now.text.starts_with("fn main() {}\n\n// TODO: "),
            "{}",
            now.text
        );
        assert!(last.starts_with("// TODO: When `spy`"), "{last}");
    }

    #[test]
    fn what_a_step_brings_along_is_a_comment_where_it_does_not_fit() {
        let (from, to) = pairs().find(|(_, to)| to.number == 6).unwrap();
        let own = source(from).cut(|_| Cut::Bare);
        let own = own.replace("page(\"5.html\").or(ws)", "ws.or(page(\"5.html\"))");
        let now = carried(&own, from, to);
        assert!(now.is_left_out);
        assert!(now.text.contains("// | fn script("), "{}", now.text);
        assert!(!now.text.contains("\nfn script("), "{}", now.text);
        assert!(now.text.contains("ws.or(page(\"6.html\"))"), "{}", now.text);
    }

    #[test]
    fn nothing_of_the_learners_is_lost_or_changed() {
        let odd = [
            "",
            "\n",
            "}",
            "fn",
            "fn x",
            "}}}\n{{{\n",
            "ä // ü\n\n\n",
            "// [relay] Odd.\n",
        ];
        for (from, to) in pairs() {
            for own in odd {
                let now = carried(own, from, to);
                let kept: Vec<&str> = now.text.lines().collect();
                assert!(
                    own.lines().all(|line| kept.contains(&line)),
                    "{own}: {kept:?}"
                );
            }
        }
    }

    #[test]
    fn lines_end_as_they_did() {
        let (from, to) = pairs().last().unwrap();
        let own = source(from).cut(|_| Cut::Bare).replace('\n', "\r\n");
        let now = carried(&own, from, to);
        assert_eq!(now.text, source(to).starter().replace('\n', "\r\n"));
    }
}
