//! `<` and `>` around the types that a type or a function is given.

use super::{Case, Cause, Look, Stuck};
use crate::{kinds, prose};

pub(in super::super) const LOOKS: &[Look] = &[
    other_brackets,
    round_brackets,
    not_closed,
    no_colons,
    type_as_an_argument,
];

/// `Sender(Relayed)` as a type.
fn round_brackets(case: &Case) -> Option<Cause> {
    if !case.error.is("E0214") {
        return None;
    }
    let (span, text) = case.primary()?;
    let name = text.split('(').next().unwrap_or(text);
    Some(Cause::new(
        &kinds::TYPE_BRACKETS,
        format!(
            "In line {}, the type inside of `{name}` stands in round brackets.",
            span.start.0
        ),
        format!("Write < and > around it: {name}<…>"),
    ))
}

/// `Vec[Value]`.
fn other_brackets(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let name = stuck.word(-1);
    let is_type =
        name.starts_with(char::is_uppercase) && [":", ">", "<", "&"].contains(&stuck.word(-2));
    (["[", "("].contains(&stuck.word(0)) && is_type).then(|| {
        Cause::new(
            &kinds::TYPE_BRACKETS,
            format!(
                "In line {}, the type inside of `{name}` stands in {} brackets.",
                stuck.line(),
                if stuck.word(0) == "[" {
                    "square"
                } else {
                    "round"
                }
            ),
            format!("Write < and > around it: {name}<{}>", stuck.word(1)),
        )
    })
}

/// `Arc<Mutex<usize>`.
fn not_closed(case: &Case) -> Option<Cause> {
    if case.error.code.is_some() {
        return None;
    }
    let place = case.error.suggests(">")?;
    let line = place.start.0;
    Some(Cause::new(
        &kinds::TYPE_BRACKETS,
        format!("A < in line {line} has no > that closes it."),
        format!("Write one > more in line {line}, behind the type."),
    ))
}

/// `find(Type)`.
fn type_as_an_argument(case: &Case) -> Option<Cause> {
    if !case.error.is("E0423") {
        return None;
    }
    let [_, name] = prose::NO_VALUE.of(&case.error.text)?;
    let (span, path) = case.primary()?;
    let source = case.source;
    let function = source.argument_of(span.bytes.0)?;
    let is_whole = [")", ","].contains(&source.word(source.token(span.bytes.1)));
    is_whole.then(|| {
        Cause::new(
            &kinds::TYPE_BRACKETS,
            format!(
                "`{name}` is a type, and line {} gives it to `{function}` as if it were a value.",
                span.start.0
            ),
            format!("Write it between < and >, with :: before them: {function}::<{path}>()"),
        )
    })
}

/// `find<Type>()`.
fn no_colons(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = prose::CHAINED.is_in(&case.error.text) && stuck.word(0) == "<";
    let proposed = case.error.suggests("::").is_some();
    let name = stuck.word(-1);
    if is_one && stuck.word(-2) == "|" {
        return Some(Cause::new(
            &kinds::CLOSURE_FORM,
            format!(
                "In line {}, no arrow stands before the type that the closure returns.",
                stuck.line()
            ),
            format!("Write -> before it: |…| -> {name}<…> {{"),
        ));
    }
    (is_one && proposed).then(|| {
        Cause::new(
            &kinds::TYPE_BRACKETS,
            format!(
                "In line {}, the < behind `{name}` is taken for \"less than\".",
                stuck.line()
            ),
            format!("Write :: before it: {name}::<…>"),
        )
    })
}
