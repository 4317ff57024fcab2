//! The tasks of a step, as its solution has them, and where they are in a learner's files.

use anyhow::{Context, Result};
use show::root;

use crate::code::{self, Code};
use crate::cut::{Cut, Line, Source, Stage};
use crate::learner::File;
use crate::stages::Stages;
use crate::step::{Step, Whose};

/// What a learner writes in one file of a step.
pub struct Tasks {
    /// The name of the file.
    pub file: String,
    source: Source,
}

/// The files of a step's solution, cut at their marks.
///
/// # Errors
/// When a file cannot be read, or a mark or an entry about one cannot be right.
pub fn of_step(step: Step) -> Result<Vec<Tasks>> {
    let folder = root().join(step.folder(Whose::Solution));
    let stages = Stages::of(step)?;
    let of_file = |name: String| {
        let path = folder.join(&name);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("{} could not be read", show::path(&path)))?;
        let source = Source::parse(&name, &text, &stages).map_err(|bad| bad.of_step(step))?;
        Ok(Tasks { file: name, source })
    };
    step.files().into_iter().map(of_file).collect()
}

/// One file of a step's solution, cut at its marks.
///
/// # Errors
/// As [`of_step`]; or when the step has no such file.
pub fn source_of(step: Step, file: &str) -> Result<Source> {
    let mut tasks = of_step(step)?.into_iter();
    let tasks = tasks.find(|tasks| tasks.file == file);
    let tasks = tasks.with_context(|| format!("step {} has no {file}", step.number))?;
    Ok(tasks.source)
}

impl Tasks {
    /// The solution.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The stages that the learner writes, outer ones before those that they hold.
    pub fn stages(&self) -> impl Iterator<Item = &Stage> {
        let stages = self.source.stages().into_iter();
        stages.filter(|stage| !stage.given)
    }
}

/// One place where a task is to be done, beside the learner's file.
pub struct Place {
    /// The name of the file.
    pub file: String,
    /// The name of the stage.
    pub name: String,
    /// What is to be done, as a sentence.
    pub sentence: String,
    /// The finished code.
    pub code: Vec<String>,
    /// What stands there until then.
    pub before: Vec<String>,
    /// The line of the learner's file where the TODO stands, counted from 1; else where that stands which is replaced.
    pub line: Option<usize>,
    /// The line of the solution's file where the code begins.
    pub solution: usize,
    /// Whether the TODO is still there.
    pub is_open: bool,
    /// Whether the finished code is.
    pub is_done: bool,
}

/// Every place of a step, beside the learner's files: the server's, then the page's.
///
/// # Errors
/// When the solution cannot be read.
pub fn places(step: Step, files: &[File]) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    for tasks in of_step(step)? {
        let file = files.iter().find(|file| file.name == tasks.file);
        let text = file
            .and_then(|file| file.text.as_deref().ok())
            .unwrap_or_default();
        let own = Own {
            text,
            code: code::of(text.lines()),
        };
        for stage in tasks.stages() {
            places.push(place(&tasks, stage, &own));
        }
    }
    removals_are_done_with_the_rest(&mut places);
    Ok(places)
}

/// Whether the solution of `step` still has the code of a stage, as an earlier step built it at `places`.
///
/// # Errors
/// When the solution cannot be read.
pub fn solution_holds(step: Step, places: &[Place], stage: &str) -> Result<bool> {
    let mut now = Vec::new();
    for tasks in of_step(step)? {
        let text = tasks.source.cut(|_| Cut::Bare);
        now.push(code::of(text.lines()));
    }
    Ok(stands_in(&now, places, stage))
}

/// Whether a file of the learner's says something else than the starter does.
///
/// # Errors
/// When the solution cannot be read.
pub fn has_begun(step: Step, files: &[File]) -> Result<bool> {
    let says = |text: &str| -> Vec<String> {
        let lines = code::of(text.lines()).into_iter();
        lines.map(|line| line.code).collect()
    };
    let tasks = of_step(step)?;
    Ok(files.iter().any(|file| {
        let tasks = tasks.iter().find(|tasks| tasks.file == file.name);
        match (&file.text, tasks) {
            (Ok(text), Some(tasks)) => says(text) != says(&tasks.source.starter()),
            _ => true,
        }
    }))
}

/// The learner's text, and its code.
struct Own<'a> {
    text: &'a str,
    code: Vec<Code>,
}

fn place(tasks: &Tasks, stage: &Stage, own: &Own) -> Place {
    let finished = tasks.source.code_of(stage);
    let wanted = code::of(finished.iter().map(String::as_str));
    let before: Vec<String> = stage.before().map(str::to_owned).collect();
    let replaced = code::of(before.iter().map(String::as_str));
    // What is only to go, is done when it has gone.
    let has_gone = match replaced.is_empty() {
        true => own
            .text
            .lines()
            .all(|line| line.trim() != stage.todo().trim()),
        false => code::position(&own.code, &replaced).is_none(),
    };
    let todo = stage.todo();
    let todo = own.text.lines().position(|line| line.trim() == todo.trim());
    let replaced = code::position(&own.code, &replaced).map(|at| own.code[at].index);
    Place {
        file: tasks.file.clone(),
        name: stage.name.clone(),
        sentence: stage.sentence.clone(),
        code: finished,
        before,
        line: todo.or(replaced).map(|index| index + 1),
        solution: line_of(&tasks.source, stage),
        is_open: todo.is_some(),
        is_done: match wanted.is_empty() {
            true => has_gone,
            false => code::position(&own.code, &wanted).is_some(),
        },
    }
}

/// What is only to go, may not have come yet: inside of another stage. So it is done when the rest of its stage is as well.
fn removals_are_done_with_the_rest(places: &mut [Place]) {
    let is_removal = |place: &Place| code::of(place.code.iter().map(String::as_str)).is_empty();
    let undone: Vec<String> = places
        .iter()
        .filter(|place| !is_removal(place) && !place.is_done)
        .map(|place| place.name.clone())
        .collect();
    for place in places.iter_mut().filter(|place| is_removal(place)) {
        place.is_done &= !undone.contains(&place.name);
    }
}

/// The line below a stage's mark, counted from 1.
fn line_of(source: &Source, stage: &Stage) -> usize {
    let lines = source.lines(|_| Cut::Whole);
    let of_stage = |line: &Line| {
        line.stage.is_some_and(|of| std::ptr::eq(of, stage)) && !line.text.trim().starts_with("//")
    };
    lines.iter().position(of_stage).map_or(1, |index| index + 1)
}

/// Whether all the code of a stage stands in these texts.
pub fn stands_in(texts: &[Vec<Code>], places: &[Place], stage: &str) -> bool {
    let mut same = places.iter().filter(|place| place.name == stage);
    same.all(|place| {
        let wanted = code::of(place.code.iter().map(String::as_str));
        texts
            .iter()
            .any(|text| code::position(text, &wanted).is_some())
    })
}
