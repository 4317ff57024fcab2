//! `<` and `>` around the types that a type or a function is given.

use super::{Case, Cause, Look, Stuck};
use crate::{kinds, prose};

pub(in super::super) const LOOKS: &[Look] = &[
    other_brackets,
    round_brackets,
    not_closed,
    one_too_many,
    list_of_other_languages,
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
    if text.ends_with("()") {
        return Some(Cause::new(
            &kinds::TYPE_BRACKETS,
            format!(
                "In line {}, brackets stand behind the type `{name}`, as if it were called.",
                span.start.0
            ),
            format!("Take them out: {name}"),
        ));
    }
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
    let stuck = Stuck::of(case)?;
    let of = stuck.before().split(" = ").next().unwrap_or_default();
    let is_open = of.contains(':') && of.matches('<').count() > of.matches('>').count();
    let line = match case.error.suggests(">") {
        Some(place) => place.start.0,
        None if is_open && stuck.expects(">") => stuck.line(),
        None => return None,
    };
    Some(Cause::new(
        &kinds::TYPE_BRACKETS,
        format!("A < in line {line} has no > that closes it."),
        format!("Write one > more in line {line}, behind the type."),
    ))
}

/// `HashSet<u64>>`.
fn one_too_many(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let (span, _) = case.primary()?;
    let is_one = stuck.word(0) == ">" && stuck.word(-1) == ">";
    (is_one || prose::ANGLE_TOO_MANY.is_in(&case.error.text)).then(|| {
        Cause::new(
            &kinds::TYPE_BRACKETS,
            format!(
                "In line {}, there is one > more than there are <.",
                span.start.0
            ),
            "Take the last > out.",
        )
    })
}

/// `Client[]`.
fn list_of_other_languages(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_type = stuck.word(-1) == ">" || stuck.word(-1).starts_with(char::is_uppercase);
    (stuck.word(0) == "[" && stuck.word(1) == "]" && is_type).then(|| {
        Cause::new(
            &kinds::TYPE_BRACKETS,
            format!(
                "In line {}, [] stands behind a type, as other languages write a list.",
                stuck.line()
            ),
            "Write Vec and the type between < and >: Vec<Client>",
        )
    })
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
