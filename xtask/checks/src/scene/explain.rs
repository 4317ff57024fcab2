//! Why a program failed a check, where the program itself says so: it panicked, or it ended.

use machine::process::{self, Exit, Panic, Program};

use steps::sources;

use crate::report::Failure;
use crate::{Context, Diagnosis};

/// The port of a program that does not look at `PORT`.
const DEFAULT_PORT: u16 = 8080;

/// How a subtraction panics.
const BELOW_ZERO: &str = "attempt to subtract with overflow";

/// How warp panics when a part of a path is not one.
const SLASH: &str = "exact path segments should not contain a slash";

/// What a panic or the end of the program explains; `None` while it runs and has not panicked.
pub fn explanation(context: &Context, program: &mut Program) -> Option<Failure> {
    let exit = program.try_exited();
    if exit.is_none() && program.panics().is_empty() {
        return None;
    }
    let output = program.output();
    let text = format!("{}{}", output.stdout, output.stderr);
    let in_use = [
        "Address already in use",
        "Only one usage of each socket address",
        "address in use",
    ];
    if exit.is_some() && in_use.iter().any(|words| text.contains(words)) {
        return Some(port_in_use(program));
    }
    match of_learner(context, program.panics()) {
        Some(panic) => Some(panicked(context, &panic)),
        None => exit.map(|exit| exited(program, &exit)),
    }
}

/// A panic in a check that passed all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unnoticed {
    came: String,
    place: Option<String>,
    why: String,
}

/// The panic of a program that no check has failed for so far.
pub fn unnoticed(context: &Context, program: &Program) -> Option<Unnoticed> {
    let panic = of_learner(context, program.panics())?;
    let (whose, place) = whose(context, &panic);
    Some(Unnoticed {
        came: came(&whose),
        place,
        why: panic.message.lines().next().unwrap_or_default().to_owned(),
    })
}

impl Unnoticed {
    /// Whether a failure is about this panic, or about another one at the same place.
    pub fn is_told_by(&self, failure: &Failure) -> bool {
        failure.came.as_ref() == Some(&self.came) && failure.place == self.place
    }

    /// What is to be said of it.
    pub fn text(&self) -> String {
        let at = self.place.iter().map(|place| format!(" at {place}"));
        format!(
            "Meanwhile {}{}: {}. No check has failed because of it; but a task that panics ends there and then, and whoever it served is cut off.",
            self.came,
            at.collect::<String>(),
            self.why
        )
    }
}

/// What is said to have come, where somebody has panicked.
fn came(whose: &str) -> String {
    format!("{whose} panicked")
}

/// The panic that matters most: the first one in the learner's own file, or else the first.
fn of_learner(context: &Context, panics: Vec<Panic>) -> Option<Panic> {
    let own = panics
        .iter()
        .find(|panic| in_subject(context, &panic.file))
        .cloned();
    own.or_else(|| panics.into_iter().next())
}

fn in_subject(context: &Context, file: &str) -> bool {
    let file = file.replace('\\', "/");
    let folder = &context.subject.folder;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let own = sources::of(folder).into_iter();
    let mut own = own.map(|own| format!("{name}/{own}"));
    own.any(|own| file.ends_with(&own))
}

/// What panicked, in words, and the place in the learner's own file.
fn whose(context: &Context, panic: &Panic) -> (String, Option<String>) {
    if in_subject(context, &panic.file) {
        let place = format!("{}:{}:{}", panic.file, panic.line, panic.column);
        return ("the program".into(), Some(place));
    }
    let mut end: Vec<&str> = panic.file.rsplit(['/', '\\']).take(3).collect();
    end.reverse();
    let whose = format!("code that the program calls ({})", end.join("/"));
    (whose, None)
}

fn panicked(context: &Context, panic: &Panic) -> Failure {
    let is_own = in_subject(context, &panic.file);
    let diagnosis = match &panic.message {
        _ if panic.is_unfinished() => Diagnosis::TODO_LEFT,
        message if message.contains(SLASH) => Diagnosis::PATH_WITH_SLASH,
        message if is_own && message.contains(BELOW_ZERO) => Diagnosis::BELOW_ZERO,
        _ if is_own => Diagnosis::PANICKED,
        _ => Diagnosis::PANICKED_INSIDE,
    };
    let (whose, place) = whose(context, panic);
    Failure::new(diagnosis)
        .came(came(&whose))
        .place(place)
        .quoted(panic.message.clone())
}

fn exited(program: &Program, exit: &Exit) -> Failure {
    let failure =
        Failure::new(Diagnosis::EXITS_EARLY).came(format!("the program ended, with {}", exit.text));
    match program.last_lines() {
        Some(lines) => failure.quoted(lines),
        None => failure,
    }
}

fn port_in_use(program: &Program) -> Failure {
    let failure = Failure::new(Diagnosis::PORT_IN_USE);
    let failure = match process::owner_of_port(DEFAULT_PORT) {
        Some(owner) => failure.came(format!(
            "the program ended: the address is in use; port {DEFAULT_PORT} is held by {} (process {})",
            owner.name, owner.pid
        )),
        None => failure.came("the program ended: the address that it wanted is in use".into()),
    };
    match program.last_lines() {
        Some(lines) => failure.quoted(lines),
        None => failure,
    }
}

diagnoses! {
    EXITS_EARLY "exits-early":
        "The program ended by itself. A server runs until it is stopped: if main returns, every task ends with it."
        => "Make sure that main awaits the server, and read what the program printed before it ended.";
    PANICKED "panicked":
        "The program panicked: an unwrap, an expect, an index or a panic! met a value that it did not expect."
        => "Open the file at that line, and ask which values are possible there.";
    PANICKED_INSIDE "panicked-inside":
        "Code that the program calls panicked: the program gave it a value that it does not accept, or called it at a moment when it must not."
        => "Read what it says, find your calls of that library, and ask which of them can get such a value, or can come after an error.";
    PATH_WITH_SLASH "path-with-slash":
        "A warp::path(…) got a slash, and panicked. It takes one part of a path, the text between two slashes."
        => "Look for the rule with the slash. The path / alone has a filter of its own; a longer path takes one filter for each of its parts.";
    BELOW_ZERO "below-zero":
        "A number went below zero: more was subtracted than there was. An unsigned number cannot hold that, so a subtraction panics, and the subtraction of an atomic wraps around to 18446744073709551615."
        => "Find the subtraction, and ask when it can happen at zero. Do two places subtract the same thing? Or is there nothing to begin with, as in an empty text?";
    TODO_LEFT "todo-left":
        "A todo!() is still there, and the program reached it."
        => "Open the file at that line and write what belongs there.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_by_a_failure_at_the_same_place() {
        let at = |line: u32| Some(format!("exercises/10-spy/server.rs:{line}:9"));
        let panic = Unnoticed {
            came: came("the program"),
            place: at(7),
            why: "index out of bounds".into(),
        };
        let failure = |line| {
            let failure = Failure::new(Diagnosis::PANICKED).place(at(line));
            failure.came("the program panicked".into())
        };
        assert!(panic.is_told_by(&failure(7)) && !panic.is_told_by(&failure(8)));
        assert!(!panic.is_told_by(&failure(7).came("nothing".into())));
        assert!(
            panic
                .text()
                .contains("panicked at exercises/10-spy/server.rs:7:9: index")
        );
    }
}
