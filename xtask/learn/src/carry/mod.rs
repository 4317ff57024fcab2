//! A learner's own server becomes the start of the next step: its text, with the next step's TODOs where they belong.
//!
//! What the next starter changes is known: it is its difference to the solution before it. Where the learner has the same
//! lines, a change is made as it is. Where not, a TODO is a comment, which does no harm beside lines of another kind: it is
//! put by a line that both have, or above the function that it is about. What fits nowhere stands at the end. Nothing that
//! the learner wrote is taken away; so what compiled still compiles.

mod merge;

use merge::Merge;
use steps::cut::{Source, Stage};
use steps::step::Step;

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

#[cfg(test)]
mod tests;
