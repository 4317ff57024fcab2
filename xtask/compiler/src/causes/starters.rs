//! What the starters invite: a `todo!()` where nothing says its type.

use super::{Case, Cause, Look};
use crate::kinds;
use crate::message::Span;

pub(super) const LOOKS: &[Look] = &[todo_type];

/// A `todo!()` in a place whose type cannot be inferred, or in one that wants a trait of it.
fn todo_type(case: &Case) -> Option<Cause> {
    let is_unknown = ["E0282", "E0283", "E0284"]
        .iter()
        .any(|code| case.error.is(code));
    let never = case.bound().is_some_and(|(of, _)| matches!(of, "!" | "()"));
    let is_never = case.error.is("E0277") && never;
    if !is_unknown && !is_never {
        return None;
    }
    let place = case.error.place()?;
    let function = case.function_at(place)?;
    let inside = case.source.between(function.body);
    let (at, name) = ["todo!(", "unimplemented!(", "panic!("]
        .iter()
        .filter_map(|name| {
            Some((
                function.body.0 + inside.find(name)?,
                name.trim_end_matches("!("),
            ))
        })
        .min()?;
    // A `()` comes of many things; it comes of a todo!() only where that is the whole answer.
    let bound = case.bound().map(|it| it.0);
    if bound == Some("()") {
        return None;
    }
    // That a type is not known has its cause in the todo!() only if that is where it comes from.
    let line = case.source.line_of(at);
    let covers = |span: &Span| span.start.0 <= line && line <= span.end.0;
    let said = case.error.labels().any(|(span, _)| covers(span))
        || case.error.primary().is_some_and(covers);
    let is_whole = inside[1..].trim_start().starts_with(name);
    if is_unknown && !said && !is_whole {
        return None;
    }
    let end = case.source.text[at..]
        .find(')')
        .map_or(at, |end| at + end + 1);
    let mark = Span {
        label: Some("nothing says which type this is to have".into()),
        ..case.span((at, end))
    };
    Some(
        Cause::new(
            &kinds::TODO_TYPE,
            format!("The {name}!() in line {line} stands where the compiler has to know a type, and nothing says which."),
            match is_whole && function.head.contains("impl ") {
                true => format!(
                    "Write the body of `{}`; or let it return something simple until then, such as an empty text.",
                    function.name
                ),
                false => format!("Write what belongs in line {line}; or give it a type until then: let name: Type = {name}!();"),
            },
        )
        .marks([mark]),
    )
}
