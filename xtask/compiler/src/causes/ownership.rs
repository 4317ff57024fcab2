//! Who owns a value: moved out of a closure, not moved into one, or used after it was given away.

use super::{Case, Cause, Look, code};
use crate::message::Span;
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[moved_out, move_missing, used_after_a_part, used_after_move];

/// A value that a closure gives away although it runs for every request.
fn moved_out(case: &Case) -> Option<Cause> {
    let error = case.error;
    let (place, name) = match error.code.as_deref()? {
        "E0525" => {
            let (span, [name]) = error.label(&prose::ONCE)?;
            (span, name.to_owned())
        }
        // "cannot move out of `x`, a captured variable in an `Fn` closure"
        "E0507" if error.text.contains("captured variable") => {
            let (span, text) = case.primary()?;
            (
                span,
                error.text.split('`').nth(1).unwrap_or(text).to_owned(),
            )
        }
        _ => return None,
    };
    let closure = match error.is("E0525") {
        true => error.primary(),
        false => error
            .spans
            .iter()
            .find(|it| !it.is_primary && case.at(it).contains('|')),
    };
    let (at, line) = (
        closure.map_or(place.start.0, |it| it.start.0),
        place.start.0,
    );
    Some(
        Cause::new(
            &kinds::MOVED_OUT,
            format!("The closure in line {at} runs for every request, and line {line} gives `{name}` away: a second request would find nothing."),
            format!("Give away a clone: write let {name} = {name}.clone(); as the first line of the closure in line {at}."),
        )
        .marks([Span { label: Some(format!("gives `{name}` away")), is_primary: true, ..place.clone() }])
        .marks(closure.map(|it| Span { label: Some("runs for every request".into()), is_primary: false, ..it.clone() })),
    )
}

/// A closure or an async block that borrows what it would have to own.
fn move_missing(case: &Case) -> Option<Cause> {
    if !case.error.is("E0373") {
        return None;
    }
    let (span, text) = case.primary()?;
    let mut others = case.error.spans.iter().filter(|it| !it.is_primary);
    let borrowed = others.next()?;
    let name = case.at(borrowed);
    let what = if text.starts_with("async") {
        "async block"
    } else {
        "closure"
    };
    Some(Cause::new(
        &kinds::MOVE_MISSING,
        format!(
            "The {what} in line {} borrows {}, and lives longer than the function that has it.",
            span.start.0,
            code(name)
        ),
        match what {
            "closure" => format!("Write move before its bars in line {}.", span.start.0),
            _ => format!("Write async move in line {}.", span.start.0),
        },
    ))
}

/// A value that is used whole after a part of it was given away.
fn used_after_a_part(case: &Case) -> Option<Cause> {
    let (away, _) = case
        .error
        .labels()
        .find(|(_, label)| prose::PART_MOVED.is_in(label))?;
    let (span, name) = case.primary()?;
    let (part, at, line) = (case.at(away), away.start.0, span.start.0);
    let is_field = part.starts_with(&format!("{name}."));
    let (taken, next) = match is_field {
        true => (
            format!("takes `{part}` out of `{name}`"),
            format!("Give a clone of the part in line {at}: {part}.clone()"),
        ),
        false => (
            format!("moves a part of `{name}` into `{part}`"),
            format!(
                "Match on &{name} in place of {name}: then `{part}` is a reference, and nothing moves."
            ),
        ),
    };
    Some(Cause::new(
        &kinds::USED_AFTER_MOVE,
        format!("Line {at} {taken}, and line {line} uses all of `{name}`."),
        next,
    ))
}

/// A value that is used after it was given away.
fn used_after_move(case: &Case) -> Option<Cause> {
    if !case.error.is("E0382") {
        return None;
    }
    let (span, used) = case.primary()?;
    let moved = case
        .error
        .labels()
        .find(|(_, label)| prose::MOVED_HERE.is_in(label));
    let named = case.error.label(&prose::MOVES).map(|(_, [name, _])| name);
    let name = named.unwrap_or(used);
    let in_loop = moved.is_some_and(|(_, label)| prose::MOVED_IN_LOOP.is_in(label));
    let away = moved.map_or(span, |it| it.0);
    let (at, line) = (away.start.0, span.start.0);
    let how = case.at(away);
    let is_task = how.starts_with("async") || how.contains('|');
    let cause = match (in_loop, is_task) {
        (true, _) => format!(
            "The loop gives `{name}` away in line {at}, and its next round has none to give."
        ),
        (false, true) => {
            format!("`{name}` moves into what begins in line {at}, and line {line} still uses it.")
        }
        (false, false) => format!("Line {at} gives `{name}` away, and line {line} still uses it."),
    };
    // Not everything can be cloned: the compiler says where it can.
    let can_clone = error_suggests_clone(case);
    let next = match (in_loop, is_task) {
        (_, _) if !can_clone => match at == line || in_loop {
            true => format!(
                "Lend it with &{name}, where a reference will do; or make a new one each time."
            ),
            false => format!(
                "Use {name} before line {at}; or keep what you need of it in a variable before that."
            ),
        },
        (_, true) => {
            format!("Make a clone before line {at} and let that move: let other = {name}.clone();")
        }
        (true, false) => format!(
            "Lend it with &{name}, where a reference will do; or give {name}.clone() in line {at}."
        ),
        (false, false) if at == line => {
            format!("Lend it with &{name}, or give a clone: {name}.clone()")
        }
        (false, false) => {
            format!("Give a clone in line {at}, {name}.clone(); or use {name} before that line.")
        }
    };
    let gone = Span {
        label: Some(format!("`{name}` is given away")),
        is_primary: false,
        ..away.clone()
    };
    let again = Span {
        label: Some("and used after that".into()),
        is_primary: true,
        ..span.clone()
    };
    let marks = if in_loop || at == line {
        vec![Span {
            is_primary: true,
            ..gone
        }]
    } else {
        vec![again, gone]
    };
    Some(Cause::new(&kinds::USED_AFTER_MOVE, cause, next).marks(marks))
}

fn error_suggests_clone(case: &Case) -> bool {
    case.error
        .suggestions()
        .flatten()
        .any(|(_, text)| text.contains(".clone()"))
}
