//! What the compiler warned of, beside what a check has found: shown with the first failure, and evidence for its cause.
//!
//! A warning is the cause of a failure only where it is about the very thing that was asked for: the route, the event, the
//! answer. Otherwise it is shown, and the cause is what it was.

use std::rc::Rc;

use compiler::Warning;
use compiler::warning::{About, Arm, Unused};

use crate::{Context, Diagnosis, Failure, Finding, Status};

/// The finding, with the warnings of the program where it is the first failure of a program that compiles.
pub fn with_warnings(finding: Finding, before: &[Finding], context: &Context) -> Finding {
    let is_failed = |it: &Finding| matches!(it.status, Status::Failed(_));
    let (Status::Failed(failure), Some(warnings)) = (&finding.status, context.warned.get()) else {
        return finding;
    };
    if before.iter().any(is_failed) || warnings.is_empty() {
        return finding;
    }
    let mut failure = Failure::clone(failure);
    failure.warned = warnings.clone();
    Finding {
        check: finding.check,
        status: Status::Failed(Rc::new(failure)),
    }
}

/// The failure, with another cause where a warning proves it.
pub fn explained(mut failure: Failure, context: &Context) -> Failure {
    let warnings = context.warned.get().map_or(&[][..], Vec::as_slice);
    let Some((warning, proved)) = proof(&failure, warnings) else {
        return failure;
    };
    failure.diagnosis = proved.diagnosis;
    failure.words = proved.words;
    failure.place = Some(warning.place.clone());
    failure
}

/// A cause that a warning proves.
struct Proved {
    diagnosis: Diagnosis,
    words: Option<(String, String)>,
}

/// The one warning that is the cause. Where two could be, neither is; several arms for the same event are one.
fn proof<'a>(failure: &Failure, warnings: &'a [Warning]) -> Option<(&'a Warning, Proved)> {
    let mut proofs = warnings
        .iter()
        .filter(|it| !is_part_of_another(it, warnings))
        .filter_map(|it| Some((it, proved(failure, it)?)));
    let first = proofs.next()?;
    let is_enough = matches!(
        first.1.diagnosis,
        Diagnosis::FUTURE_NOT_AWAITED | Diagnosis::ARM_NEVER_REACHED
    );
    (is_enough || proofs.next().is_none()).then_some(first)
}

/// Whether something else that nobody uses calls this function: then that is what has to be used.
fn is_part_of_another(warning: &Warning, warnings: &[Warning]) -> bool {
    let About::Unused(part) = &warning.about else {
        return false;
    };
    let call = format!("{}(", part.name);
    part.is_function
        && warnings.iter().any(|it| match &it.about {
            About::Unused(whole) => whole.name != part.name && whole.text.contains(&call),
            _ => false,
        })
}

fn proved(failure: &Failure, warning: &Warning) -> Option<Proved> {
    let line = warning.line;
    match &warning.about {
        About::Future => nothing_happened(failure).then_some(Proved {
            diagnosis: Diagnosis::FUTURE_NOT_AWAITED,
            words: None,
        }),
        About::Arm(arm) => never_reached(failure, arm, line),
        About::Unused(unused) => never_used(failure, unused, line),
        About::Result(code) => {
            let is_lost = matches!(
                failure.diagnosis,
                Diagnosis::FRAMES_LOST | Diagnosis::SAY_LOST | Diagnosis::MOVES_LOST
            );
            (is_lost && code.contains(".try_send(")).then_some(Proved {
                diagnosis: Diagnosis::SEND_RESULT_IGNORED,
                words: None,
            })
        }
        About::Other => None,
    }
}

/// The arm for what was asked comes after one that takes it.
fn never_reached(failure: &Failure, arm: &Arm, line: usize) -> Option<Proved> {
    let asked = event(failure).or_else(|| target(failure))?;
    let asked = asked.trim_start_matches('/');
    arm.texts.iter().find(|text| text.as_str() == asked)?;
    let taker = arm.taker;
    Some(Proved {
        diagnosis: Diagnosis::ARM_NEVER_REACHED,
        words: Some((
            format!(
                "The arm for {asked:?} in line {line} is never reached: the arm in line {taker} comes first, and takes {asked:?} as well."
            ),
            format!(
                "Put the arm of line {line} before the one of line {taker}: the first that fits is the one that runs."
            ),
        )),
    })
}

/// What should have answered is there, and nobody uses it.
fn never_used(failure: &Failure, unused: &Unused, line: usize) -> Option<Proved> {
    let name = &unused.name;
    let is_route = is_not_found(failure) && is_filter(unused) && fits(unused, target(failure)?);
    let words = match (is_route, unused.is_function) {
        (true, true) => (
            format!("`{name}` in line {line} is never called, so its route does not exist."),
            format!("Call {name} where the routes are put together, between the others, by or."),
        ),
        (true, false) => (
            format!(
                "The filter `{name}` is made in line {line} and never used, so its route does not exist."
            ),
            format!("Add {name} to the routes, between the others, by or."),
        ),
        (false, _) if !is_unanswered(failure) => return None,
        (false, true) if takes_what_comes(unused) => (
            format!(
                "`{name}` in line {line} is written and never called, so nothing answers a browser."
            ),
            format!(
                "Find the place where the WebSocket, or what it has received, is at hand, and call {name} there."
            ),
        ),
        (false, false) if is_message(unused) => (
            format!("`{name}` is made in line {line} and never used: nobody is sent it."),
            format!("Send {name} where it is made, or return it to whoever sends."),
        ),
        _ => return None,
    };
    Some(Proved {
        diagnosis: Diagnosis::NEVER_USED,
        words: Some(words),
    })
}

/// Whether a check has seen nothing at all, where something was due.
fn nothing_happened(failure: &Failure) -> bool {
    let is_over = [Diagnosis::EXITS_EARLY, Diagnosis::NEVER_LISTENS];
    is_silent(failure) || is_over.contains(&failure.diagnosis)
}

fn is_silent(failure: &Failure) -> bool {
    let came = failure.came.as_deref().unwrap_or_default();
    came == "nothing" || came.contains("nothing, in ")
}

/// Whether a WebSocket that is open stays silent: the greeting, or the answer to what was sent, is missing.
fn is_unanswered(failure: &Failure) -> bool {
    let sent = failure.sent.as_deref().unwrap_or_default();
    let is_greeting = failure.diagnosis == Diagnosis::NO_GREETING;
    is_greeting || (is_silent(failure) && (sent.contains(" sends ") || event(failure).is_some()))
}

/// Whether a request was answered as one that no rule takes.
fn is_not_found(failure: &Failure) -> bool {
    let came = failure.came.as_deref().unwrap_or_default();
    let mut words = came.split(|it: char| !it.is_ascii_digit());
    words.any(|word| word == "404")
}

/// The path that was asked for.
fn target(failure: &Failure) -> Option<&str> {
    let mut words = failure.sent.as_deref()?.split_whitespace();
    let path = words.find(|word| word.starts_with('/'))?;
    Some(path.trim_end_matches(','))
}

/// The name of the event that was sent.
fn event(failure: &Failure) -> Option<&str> {
    let (_, rest) = failure.sent.as_deref()?.split_once("[\"")?;
    rest.split('"').next()
}

fn is_filter(unused: &Unused) -> bool {
    match unused.is_function {
        true => unused.head.contains("Filter"),
        false => ["path", "ws()"].iter().any(|it| unused.text.contains(it)),
    }
}

/// Whether a filter is for this path, as far as its text shows it.
fn fits(unused: &Unused, target: &str) -> bool {
    let text: String = unused.text.split_whitespace().collect();
    let name = target.trim_start_matches('/');
    let is_for_any = unused.head.split_once('(').is_some_and(|(_, takes)| {
        let parameter = takes.split(':').next().unwrap_or_default().trim();
        !parameter.is_empty() && text.contains(&format!("path({parameter})"))
    });
    match name {
        "" => text.contains("path::end()") && !text.contains("path(") && !text.contains("path!(\""),
        _ => text.contains(&format!("\"{name}\"")) || is_for_any,
    }
}

/// Whether a function is given the connection, or a message of it.
fn takes_what_comes(unused: &Unused) -> bool {
    let takes = unused.head.split("->").next().unwrap_or_default();
    ["WebSocket", "Message"].iter().any(|of| takes.contains(of))
}

/// Whether a variable holds something to be sent.
fn is_message(unused: &Unused) -> bool {
    ["Message::text(", "Message::binary(", "json!("]
        .iter()
        .any(|of| unused.text.contains(of))
}

diagnoses! {
    FUTURE_NOT_AWAITED "future-not-awaited":
        "The program makes a future that nobody awaits, so its work never happens. The compiler warns of that line."
        => "Open the file at that line, and await the call there.";
    ARM_NEVER_REACHED "arm-never-reached":
        "The program never reaches the arm of the match that is for this, because an arm before it takes everything that it would take. The compiler warns of that line."
        => "Put the arm that takes more after the arm that takes less: the first arm that fits runs.";
    NEVER_USED "never-used":
        "The code that should answer here is written but never used. The compiler warns of that line."
        => "Open the file at that line, and use it where the routes are combined, or where the answer is sent.";
    SEND_RESULT_IGNORED "send-result-ignored":
        "A message is dropped when there is no room for it at the moment: try_send says so in a Result, and the program ignores it. The compiler warns of that line."
        => "Open the file at that line, and decide what happens to such a message: does the program wait until there is room?";
}
