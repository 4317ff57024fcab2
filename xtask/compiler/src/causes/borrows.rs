//! What is lent: not to be changed, twice at a time, or for longer than it is there.

use super::{Case, Cause, Look, code};
use crate::message::Span;
use crate::{kinds, prose};

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
                "Line {changed} changes `{name}`, and `{}` in line {} is a reference that only reads.",
                name.split('.').next().unwrap_or(name),
                at.start.0
            ),
            format!(
                "Write &mut in line {}, and &mut in the call that gives it.",
                at.start.0
            ),
        ),
        Some(at) => (
            format!(
                "Line {changed} changes `{name}`, but line {} made `{name}` without mut.",
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

/// The codes of two borrows at the same time, one of them to change.
const TWICE: &[&str] = &["E0499", "E0502", "E0503", "E0505", "E0506", "E0524"];

/// Two borrows at the same time, one of them to change.
fn borrowed_twice(case: &Case) -> Option<Cause> {
    let error = case.error;
    if !TWICE.iter().any(|code| error.is(code)) {
        return None;
    }
    let name = error.text.split('`').nth(1)?.trim_start_matches('*');
    let (span, _) = case.primary()?;
    let first = error.spans.iter().find(|it| !it.is_primary)?;
    let (at, line) = (first.start.0, span.start.0);
    let holder = holder(case, first);
    let lent = match holder {
        Some(holder) => format!("`{name}` is lent to `{holder}` in line {at}"),
        None => format!("`{name}` is lent in line {at}"),
    };
    let walks = case.source.line(at).trim_start().starts_with("for ") && at != line;
    if walks {
        return Some(Cause::new(
            &kinds::BORROWED_TWICE,
            format!(
                "The loop in line {at} goes through `{name}`, and line {line} wants to change `{name}` at the same time."
            ),
            format!(
                "In the loop, only collect what there is to do, and do it after the loop; or let {name}.retain(…) decide what stays."
            ),
        ));
    }
    let cause = match at == line {
        true if error
            .labels()
            .any(|(_, label)| prose::LENT_IN_LOOP.is_in(label)) =>
        {
            format!("{lent}, and the next round of the loop wants it while it is.")
        }
        true => format!("Line {line} wants `{name}` twice at the same time, to change it."),
        false if error.is("E0505") => format!("{lent}, and line {line} gives it away while it is."),
        false => format!("{lent}, and line {line} wants it while it is."),
    };
    let next = match is_socket(case, span, name) && error.is("E0499") {
        true => {
            format!("Make two halves of it: let (mut outgoing, mut incoming) = {name}.split();")
        }
        false => done_before(case, (name, holder), at, line),
    };
    Some(Cause::new(&kinds::BORROWED_TWICE, cause, next))
}

/// What to do where nothing can be split: an end of the first borrow.
fn done_before(
    case: &Case,
    (name, holder): (&str, Option<&str>),
    at: usize,
    line: usize,
) -> String {
    let last = case.error.spans.iter().map(|it| it.start.0).max();
    match (holder, last.filter(|last| *last > line)) {
        _ if at == line => {
            format!("Use `{name}` for the one first, and for the other in a line of its own.")
        }
        (Some(holder), Some(last)) => format!(
            "Move what line {last} does with `{holder}` before line {line}: then the first borrow has ended."
        ),
        _ => format!(
            "Finish with the borrow of line {at} before line {line}; or keep a clone in its place."
        ),
    }
}

/// The variable that the line of a borrow makes, and that so holds it.
fn holder<'a>(case: &Case<'a>, first: &Span) -> Option<&'a str> {
    let mut words = case
        .source
        .line(first.start.0)
        .trim_start()
        .split([' ', ':']);
    let name = match (words.next()?, words.next()?) {
        ("let", "mut") => words.next()?,
        ("let", name) => name,
        _ => return None,
    };
    let is_name = name.chars().all(|it| it.is_alphanumeric() || it == '_');
    (is_name && name != "_").then_some(name)
}

/// Whether a name, or a part of something, is a WebSocket here.
fn is_socket(case: &Case, span: &Span, name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let types = [
        format!("{last}: WebSocket"),
        format!("{last}: &mut WebSocket"),
    ];
    let is_it = |text: &str| types.iter().any(|it| text.contains(it.as_str()));
    match name.contains('.') {
        true => is_it(&case.source.text),
        false => case
            .function_at(span)
            .is_some_and(|it| is_it(it.head) || is_it(case.source.between(it.body))),
    }
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
                format!("Line {line} lends `{name}`, which ends before the last use of the reference."),
                format!("Declare `{name}` further out, or keep a clone of it in place of the reference."),
            )
        }
        Some("E0716") => (
            format!("{} in line {line} exists in this line only, but a later line still uses a reference to it.", code(text)),
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
