//! What is lent: not to be changed, twice at a time, or for longer than it is there.

use super::{Case, Cause, Look, code};
use crate::compiler::kinds;
use crate::compiler::message::Span;
use crate::compiler::prose;

pub(super) const LOOKS: &[Look] = &[mut_missing, borrowed_twice, ends_too_soon];

/// A variable or a reference that is not mutable.
fn mut_missing(case: &Case) -> Option<Cause> {
    let error = case.error;
    if !["E0596", "E0384", "E0594"]
        .iter()
        .any(|code| error.is(code))
    {
        return None;
    }
    let name = error.text.split('`').nth(1)?.trim_start_matches('*');
    let line = error.primary()?.start.0;
    // The compiler would write `mut` there.
    let declared = error.suggests("mut");
    let changed = error
        .spans
        .iter()
        .find(|it| Some(it.start.0) != declared.map(|at| at.start.0))
        .map_or(line, |it| it.start.0);
    let (cause, next) = match declared {
        Some(at) if case.source.between((0, at.bytes.0)).ends_with('&') => (
            format!(
                "Line {changed} changes what `{name}` refers to, and `{name}` in line {} is a reference that only reads.",
                at.start.0
            ),
            format!(
                "Write &mut in line {}, and &mut where it is given.",
                at.start.0
            ),
        ),
        Some(at) => (
            format!(
                "Line {changed} changes `{name}`, and `{name}` in line {} is not made with mut.",
                at.start.0
            ),
            format!("Write mut before {name} in line {}.", at.start.0),
        ),
        None => (
            format!("Line {line} changes `{name}`, which cannot be changed here."),
            "Keep what many share in a Mutex, or make the variable with mut.".into(),
        ),
    };
    Some(Cause::new(&kinds::MUT_MISSING, cause, next))
}

/// Two borrows at the same time, one of them to change.
fn borrowed_twice(case: &Case) -> Option<Cause> {
    let error = case.error;
    if !["E0499", "E0502", "E0505", "E0506"]
        .iter()
        .any(|code| error.is(code))
    {
        return None;
    }
    let name = error.text.split('`').nth(1)?;
    let (span, _) = case.primary()?;
    let mut others = error.spans.iter().filter(|it| !it.is_primary);
    let first = others.next()?;
    let function = case.function_at(span);
    let is_socket = function.is_some_and(|it| {
        let text = format!("{}{}", it.head, case.source.between(it.body));
        text.contains(&format!("{name}: WebSocket"))
            || text.contains(&format!("{name}: &mut WebSocket"))
    });
    let split_of = name.trim_start_matches('*');
    let next = match is_socket && error.is("E0499") {
        true => {
            format!("Make two halves of it: let (mut outgoing, mut incoming) = {split_of}.split();")
        }
        false => format!(
            "Be done with the borrow of line {} before line {}; or keep a clone in its place.",
            first.start.0, span.start.0
        ),
    };
    let (at, line) = (first.start.0, span.start.0);
    Some(Cause::new(
        &kinds::BORROWED_TWICE,
        match error.is("E0505") {
            true => {
                format!("`{name}` is lent in line {at}, and line {line} gives it away while it is.")
            }
            false => {
                format!("`{name}` is lent in line {at}, and line {line} wants it while it is.")
            }
        },
        next,
    ))
}

/// A reference that outlives what it refers to.
fn ends_too_soon(case: &Case) -> Option<Cause> {
    let error = case.error;
    let (span, text) = case.primary()?;
    let line = span.start.0;
    let (cause, next) = match error.code.as_deref() {
        Some("E0515") => (
            format!("Line {line} returns a reference, {}, to something that ends with its function.", code(text)),
            "Return the thing itself: a String in place of a &str, and so on.".to_owned(),
        ),
        Some("E0597") => {
            let name = error.text.split('`').nth(1)?;
            (
                format!("Line {line} lends `{name}`, which ends before the reference to it is used for the last time."),
                format!("Make `{name}` further out, or keep a clone of it in place of the reference."),
            )
        }
        Some("E0716") => (
            format!("{} in line {line} is there for this line only, and what refers to it is used later.", code(text)),
            "Keep it in a variable of its own first: let kept = …; and refer to that.".into(),
        ),
        Some("E0521") => {
            let name = error.label(&prose::LENT).map(|(_, [name])| name)?;
            let of = error.label(&prose::LENT)?.0;
            (
                format!("`{name}` in line {} is only lent to its function, and what begins in line {line} lives longer.", of.start.0),
                format!("Give it something of its own: a clone of {name} that is made before line {line}, or {name}.to_owned() for a text."),
            )
        }
        Some("E0106") => (
            format!("Line {line} promises a reference, and nothing says what it is borrowed from."),
            "Return the thing itself, a String in place of a &str; or write &'static str for a text that is written in the program.".into(),
        ),
        _ => return None,
    };
    let mut cause = Cause::new(&kinds::ENDS_TOO_SOON, cause, next);
    if error.is("E0521") {
        let (of, [name]) = error.label(&prose::LENT)?;
        let first = error.primary()?;
        cause.marks = vec![
            Span {
                label: Some("lives longer".into()),
                ..first.clone()
            },
            Span {
                label: Some(format!("`{name}` is only lent")),
                is_primary: false,
                ..of.clone()
            },
        ];
    }
    Some(cause)
}
