//! `save-as`: whatever a learner has written as one step's server, nothing of it is lost in the next.

use learn::carry::{self, End};
use libtest_mimic::{Failed, Trial};
use steps::cut::Source;
use steps::step::{STEPS, Step, Whose};
use steps::{code, tasks};

use crate::corpus;

pub fn trials() -> Vec<Trial> {
    vec![Trial::test(
        "what-is-saved-as-the-next-step-loses-nothing",
        loses_nothing,
    )]
}

/// Each program of the corpus as the server of its step, or of the last but one; and those that are built in another way
/// than the solution as the server of any step: there, next to nothing fits.
fn loses_nothing() -> Result<(), Failed> {
    for program in corpus::all() {
        // What cannot be made fails its own trial.
        let Ok(files) = &program.files else { continue };
        let is_right = program.fails.is_none();
        for to in STEPS {
            let Some(from) = to.before() else { continue };
            let is_next =
                from == program.step || (*to == program.step && to == &STEPS[STEPS.len() - 1]);
            if is_next || (is_right && UNUSUAL.contains(&program.name.as_str())) {
                let name = format!("{} {}", program.step.name(), program.name);
                let sources = from.sources(Whose::Solution);
                if !to.can_go_on() {
                    continue; // From one file to several: the command says that it cannot.
                }
                for (file, text) in files.iter().filter(|(file, _)| sources.contains(file)) {
                    saved_as(file, text, from, *to, is_right)
                        .map_err(|why| format!("{name}, saved as {}: {file}: {why}", to.name()))?;
                }
            }
        }
    }
    Ok(())
}

/// Servers that share little with the solutions.
const UNUSUAL: &[&str] = &["right-a-hub", "right-a-map-of-senders"];

fn saved_as(file: &str, text: &str, from: Step, to: Step, is_done: bool) -> Result<(), String> {
    let (of_from, of_to) = (source(from, file)?, source(to, file)?);
    let [from, to] = [(from, &of_from), (to, &of_to)].map(|(step, source)| End { step, source });
    let now = carry::carry(text, &from, &to, is_done);
    if let Some(line) = lost(text, &now.text, &from, &to).first() {
        return Err(format!("`{line}` is lost"));
    }
    let starter = to.source.starter();
    let todos = starter
        .lines()
        .filter(|line| line.trim().starts_with("// TODO:"));
    if now.todos.len() != todos.count() || !now.todos.iter().all(|todo| is_at(&now.text, todo)) {
        return Err(format!("{:?}", now.todos));
    }
    Ok(())
}

fn is_at(text: &str, todo: &carry::Todo) -> bool {
    let line = text.lines().nth(todo.line - 1).unwrap_or_default();
    line.trim() == format!("// TODO: {}", todo.sentence)
}

fn source(step: Step, file: &str) -> Result<Source, String> {
    tasks::source_of(step, file).map_err(|error| format!("{error:#}"))
}

/// The code of the one that is not in the other, in order. The page's name may change, and what the next step replaces by
/// something finished of its own.
fn lost(own: &str, now: &str, from: &End, to: &End) -> Vec<String> {
    let pages = from.step.page().zip(to.step.page());
    let renamed = |line: String| match &pages {
        Some((from, to)) => line.replace(&format!("\"{from}\""), &format!("\"{to}\"")),
        None => line,
    };
    let given = to.source.stages().into_iter().filter(|stage| stage.given);
    let replaced: Vec<String> = given
        .flat_map(|stage| code::of(stage.before()))
        .map(|line| line.code)
        .collect();
    let now = code::of(now.lines()).into_iter();
    let mut now = now.map(|line| line.code);
    let own = code::of(own.lines()).into_iter();
    let own = own.map(|line| renamed(line.code));
    own.filter(|line| !replaced.contains(line) && !now.any(|kept| kept == *line))
        .collect()
}
