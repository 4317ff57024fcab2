//! The functions behind filters: how many values they take, of which types, in which order.

use super::filters::{GIVEN, given};
use super::{Case, Cause, Look, a, brief, code, count, list};
use crate::message::Span;
use crate::types::{short, tuple};
use crate::{chain, kinds, prose};

pub(super) const LOOKS: &[Look] = &[closure_values, function_of_several, extracted];

/// A function that takes another number of values than the filters before it extract.
fn closure_values(case: &Case) -> Option<Cause> {
    if !case.error.is("E0593") {
        return None;
    }
    let given = given(case)?;
    let [what, _, takes] = arity(case)?;
    let (caller, function) = function_given(case)?;
    let name = match what {
        "function" => format!("`{}`", case.at(&function)),
        _ => format!("the closure {}", code(head_of(case, &function))),
    };
    let types: Vec<String> = given.iter().map(|of| format!("`{}`", short(of))).collect();
    let from = chain::extracting(case.source, caller.bytes.0, given.len());
    let extract = match (types.as_slice(), from) {
        ([], _) => "the filters before it extract nothing".into(),
        (_, Some(from)) => {
            let each = from
                .iter()
                .zip(&types)
                .map(|(filter, of)| format!("{} extracts {of}", code(filter)));
            list(&each.collect::<Vec<_>>())
        }
        (_, None) => format!("the filters before it extract {}", list(&types)),
    };
    let wanted = match given.len() {
        0 => "Take the parameter out: || …".to_owned(),
        n if what == "function" => format!(
            "Let {name} take {} then, in this order: {}.",
            count(n, "value"),
            list(&types)
        ),
        n => format!(
            "Write {} between the bars, in this order: |{}|",
            count(n, "parameter"),
            parameters(&given)
        ),
    };
    let next = match (what, given.len()) {
        ("function", 0) => format!(
            "Let {name} take no parameter; or let a filter extract the value: warp::path!(\"hello\" / String)."
        ),
        _ => wanted,
    };
    let takes = taken(takes);
    let line = caller.start.0;
    Some(
        Cause::new(
            &kinds::CLOSURE_VALUES,
            format!("In line {line} {name} takes {takes}, but {extract}."),
            next,
        )
        .marks([Span {
            label: Some(format!("takes {takes}")),
            is_primary: true,
            ..function
        }]),
    )
}

/// `a: Ws, b: String` for what is extracted.
fn parameters(given: &[String]) -> String {
    let names = ["a", "b", "c", "d", "e", "f"].iter();
    let each = given.iter().zip(names).map(|(of, name)| match short(of) {
        // What is not known yet is not written.
        of if of.contains('_') || of.contains("closure") => (*name).to_owned(),
        of if of == "Ws" => "ws: Ws".into(),
        of => format!("{name}: {of}"),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// "0 arguments" as values.
fn taken(takes: &str) -> String {
    match takes.split(' ').next().unwrap_or_default() {
        "0" => "no value".into(),
        "1" => "one value".into(),
        number => format!("{number} values"),
    }
}

/// What kind of function it is, how many values are expected, and how many it takes.
fn arity<'a>(case: &Case<'a>) -> Option<[&'a str; 3]> {
    let [what, expected, takes] = prose::ARITY.of(&case.error.text)?;
    Some([what, expected, takes])
}

/// `map` and the like, and the function in its brackets: the compiler marks now the one, now the other.
fn function_given(case: &Case) -> Option<(Span, Span)> {
    let (span, text) = case.primary()?;
    let source = case.source;
    if GIVEN.contains(&text) || matches!(text, "recover" | "or_else" | "on_upgrade") {
        let open = source.token(span.bytes.0) + 1;
        let (first, end) = (source.tokens.get(open + 1)?, source.close(open)?);
        let function = case.span((first.start, source.tokens[end].start));
        let head = function.bytes.0 + head_of(case, &function).len();
        let function = case.span((function.bytes.0, head));
        return Some((span.clone(), function));
    }
    let open = source.open_around(source.token(span.bytes.0))?;
    let caller = source.tokens.get(open.checked_sub(1)?)?;
    Some((case.span((caller.start, caller.end)), span.clone()))
}

/// The parameters of a closure, between its bars; a name as it is.
fn head_of<'a>(case: &Case<'a>, function: &Span) -> &'a str {
    let text = case.at(function);
    let bars: Vec<usize> = text.match_indices('|').map(|(at, _)| at).take(2).collect();
    match bars[..] {
        [_, end] => &text[..=end],
        _ => text,
    }
}

/// `on_upgrade` and the like are given a function of several values.
fn function_of_several(case: &Case) -> Option<Cause> {
    if !case.error.is("E0593") || given(case).is_some() {
        return None;
    }
    let [what, _, takes] = arity(case)?;
    let (caller, function) = function_given(case)?;
    let (caller_name, text) = (case.at(&caller), case.at(&function));
    if ![
        "on_upgrade",
        "recover",
        "or_else",
        "map_err",
        "filter_map",
        "spawn",
    ]
    .contains(&caller_name)
    {
        return None;
    }
    let gives = match caller_name {
        "on_upgrade" => "one value, the WebSocket",
        "recover" | "or_else" => "one value, the Rejection",
        _ => "another number of values",
    };
    let next = match (what, takes.starts_with('0')) {
        (_, true) => format!(
            "Give it a parameter for that: |value| …, or fn {}(value: …)",
            brief(text)
        ),
        ("function", false) => format!(
            "Give it a closure that adds what is missing: .{caller_name}(move |value| {text}(value, …))"
        ),
        _ => {
            "Take the extra parameters out; a move closure can use the variables around it.".into()
        }
    };
    Some(Cause::new(
        &kinds::CLOSURE_VALUES,
        format!(
            "`{caller_name}` in line {} calls its function with {gives}, but {} takes {}.",
            caller.start.0,
            code(head_of(case, &function)),
            taken(takes)
        ),
        next,
    ))
}

/// A function whose parameters have other types than what is extracted, or the same in another order.
fn extracted(case: &Case) -> Option<Cause> {
    if !case.error.is("E0631") {
        return None;
    }
    let signature = case.error.note(&prose::SIGNATURE);
    let given = given(case).or_else(|| tuple(signature?[1]))?;
    let taken = tuple(signature?[3])?;
    let (caller, function) = function_given(case)?;
    let head = match case.source.function_named(case.at(&function)) {
        Some(it) => format!("`{}`", it.name),
        None => format!("the closure {}", code(head_of(case, &function))),
    };
    let shown = |types: &[String]| {
        list(
            &types
                .iter()
                .map(|of| format!("`{}`", short(of)))
                .collect::<Vec<_>>(),
        )
    };
    let sorted = |types: &[String]| {
        let mut types: Vec<String> = types.iter().map(|of| short(of)).collect();
        types.sort();
        types
    };
    let line = caller.start.0;
    if given.len() > 1 && sorted(&given) == sorted(&taken) {
        return Some(Cause::new(
            &kinds::EXTRACTED_ORDER,
            format!(
                "In line {line} the filters extract {}, in this order, and {head} takes them in another.",
                shown(&given)
            ),
            format!(
                "Put the parameters into the order of the filters: {}.",
                shown(&given)
            ),
        ));
    }
    let differing = given
        .iter()
        .zip(&taken)
        .find(|(given, taken)| short(given) != short(taken));
    let (of, takes) = differing.unwrap_or((given.first()?, taken.first()?));
    // A type that is not known yet is one that the closure may choose: only its outside is given.
    let given_one = short(of).replace("<_>", "<…>");
    let next = match (given_one.as_str(), short(takes).as_str()) {
        ("Ws", "WebSocket") => {
            "Take a Ws, and give on_upgrade the function that is to have the WebSocket.".into()
        }
        (option, taken) if option.starts_with("Option<") => {
            format!("Write Option<{taken}> in place of {taken}: the value may be missing.")
        }
        _ => format!(
            "Write {given_one} as the parameter's type, or let another filter extract a {}.",
            short(takes)
        ),
    };
    Some(Cause::new(
        &kinds::EXTRACTED_TYPE,
        format!(
            "In line {line} the filters extract {}, and {head} takes {}.",
            a(&given_one),
            a(takes)
        ),
        next,
    ))
}
