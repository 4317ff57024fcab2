//! Replies: what a handler may answer.

use super::{Case, Cause, Look, a};
use crate::message::Span;
use crate::source::Kind;
use crate::types::{is_filter, is_future, short};
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[map_async, not_a_reply];

/// The method of a filter that a place is inside of, with its name's place: the innermost one.
fn method_around(case: &Case, byte: usize) -> Option<Span> {
    let source = case.source;
    let mut index = source.token(byte);
    loop {
        index = source.open_around(index)?;
        let name = index.checked_sub(1)?;
        if ["map", "then", "and_then", "recover", "on_upgrade"].contains(&source.word(name)) {
            let token = source.tokens[name];
            return Some(case.span((token.start, token.end)));
        }
    }
}

/// The place that a closure or an async block has in its name: `{async block@file:38:17: 38:22}`.
fn place_in(case: &Case, of: &str) -> Option<usize> {
    let (_, place) = of.split_once(".rs:")?;
    let mut numbers = place.split([':', '}', ' ']);
    let line: usize = numbers.next()?.parse().ok()?;
    let column: usize = numbers.next()?.parse().ok()?;
    let start: usize = (1..line).map(|n| case.source.line(n).len()).sum();
    // Lines may end in more than one byte.
    let at = case
        .source
        .text
        .match_indices('\n')
        .nth(line.checked_sub(2)?)
        .map_or(start, |(at, _)| at + 1);
    let before: usize = case
        .source
        .line(line)
        .chars()
        .take(column - 1)
        .map(char::len_utf8)
        .sum();
    Some(at + before)
}

/// A future as the answer: `map` with an async function.
fn map_async(case: &Case) -> Option<Cause> {
    let (of, wanted) = case.bound()?;
    if wanted != "Reply" || !is_future(of) {
        return None;
    }
    let function = case.function_at(case.error.primary()?)?;
    let source = case.source;
    let map = match place_in(case, of) {
        Some(at) => method_around(case, at),
        None => {
            // A function by its name.
            let range = source.token(function.body.0)..source.token(function.body.1);
            let given = range.into_iter().find(|index| {
                let is_async =
                    |name: &str| source.function_named(name).is_some_and(|it| it.is_async);
                let calls = |index: usize| {
                    source
                        .tokens
                        .get(index)
                        .is_some_and(|it| it.kind == Kind::Word)
                        && is_async(source.word(index))
                };
                let closes = source.close(index + 1).unwrap_or(index + 1);
                source.word(*index) == "map"
                    && source.word(index + 1) == "("
                    && (index + 1..closes).any(calls)
            });
            given.map(|index| case.span((source.tokens[index].start, source.tokens[index].end)))
        }
    };
    let map = map.filter(|span| case.at(span) == "map");
    let line = map.as_ref().map_or(function.line, |span| span.start.0);
    let result =
        of.contains("Result<") || map.as_ref().is_some_and(|span| returns_result(case, span));
    let instead = if result { "and_then" } else { "then" };
    Some(
        Cause::new(
            &kinds::MAP_ASYNC,
            format!("`map` in line {line} gets an async function, so the answer would be a future, and nobody waits for it."),
            format!("Write {instead} in place of map in line {line}: it waits for the future."),
        )
        .marks(map.map(|span| Span { label: Some("does not wait for a future".into()), ..span })),
    )
}

/// Whether what is in the brackets of a method speaks of `Ok` or `Err`.
fn returns_result(case: &Case, method: &Span) -> bool {
    let open = case.source.token(method.bytes.0) + 1;
    let Some(close) = case.source.close(open) else {
        return false;
    };
    (open..close).any(|index| matches!(case.source.word(index), "Ok" | "Err"))
}

/// Something that warp cannot send.
fn not_a_reply(case: &Case) -> Option<Cause> {
    let (of, wanted) = case.bound()?;
    if wanted != "Reply" || !case.error.is("E0277") || of == "!" {
        return None;
    }
    let place = case.error.primary()?;
    let function = case.function_at(place)?;
    let who = function.name;
    let inner = short(of);
    let next = match inner.as_str() {
        "()" => {
            "Let its last line be the answer, without a semicolon behind it. println! only prints."
                .to_owned()
        }
        "a whole number" | "a number" | "usize" | "u64" | "u32" | "i32" | "u16" | "bool"
        | "f64" => "Make a text of it: .to_string(), or format!(\"{…}\").".to_owned(),
        _ if is_filter(of) || inner.starts_with("BoxedFilter") => {
            format!(
                "Return that filter itself from `{who}`, and do not put it into map: it is a whole rule."
            )
        }
        inner if inner.starts_with("Option<") => {
            "Take the value out first: match on it, and say what to answer if it is None.".into()
        }
        inner if inner.contains("Value") => {
            "Give it to warp::reply::json(&…), or make a text of it: .to_string().".into()
        }
        inner if case.source.text.contains(&format!("struct {inner}")) => {
            format!("Make a text of the {inner}: format!(…) with its fields.")
        }
        _ => "Make a text of it, or give it to warp::reply::html or warp::reply::json.".into(),
    };
    // The error of a Result that is answered with: warp can send the rest of it.
    let whole = case.error.note(&prose::REPLY_OF).map(|[of]| of);
    let whole = whole.filter(|whole| short(whole).starts_with("Result<"));
    let next = match whole {
        Some(_) => {
            format!("Match on the Result in `{who}`, and say what to answer if it is an Err.")
        }
        None => next,
    };
    let what = match inner.as_str() {
        _ if whole.is_some() => format!("{} with {} in it", "a `Result`", a(of)),
        "()" => "nothing, ()".to_owned(),
        _ => a(of),
    };
    let answer = only_answer(case, function.body);
    let dropped = (inner == "()")
        .then(|| dropped(case, function.body))
        .flatten();
    let mut cause = Cause::new(
        &kinds::NOT_A_REPLY,
        format!("What `{who}` answers with is {what}, and warp cannot send that."),
        next,
    );
    cause.marks = answer
        .into_iter()
        .map(|span| Span {
            label: Some(format!("answers with {what}")),
            ..span
        })
        .collect();
    if let Some(at) = dropped {
        cause.next = format!(
            "Take the semicolon at the end of line {} out: the value before it is the answer.",
            case.source.line_of(at)
        );
        cause.marks = vec![Span {
            label: Some("throws the answer away".into()),
            ..case.span((at, at + 1))
        }];
    }
    Some(cause)
}

/// What is in the brackets of `map` or `then`, where a function has only one of them.
fn only_answer(case: &Case, (start, end): (usize, usize)) -> Option<Span> {
    let source = case.source;
    let range = source.token(start)..source.token(end);
    let mut maps = range.filter(|index| {
        matches!(source.word(*index), "map" | "then" | "and_then") && source.word(index + 1) == "("
    });
    let (map, more) = (maps.next()?, maps.next());
    let close = source.close(map + 1)?;
    more.is_none()
        .then(|| case.span((source.tokens[map + 1].end, source.tokens[close].start)))
}

/// The semicolon before the brace that ends a closure in `map`.
fn dropped(case: &Case, (start, end): (usize, usize)) -> Option<usize> {
    let source = case.source;
    let range = source.token(start)..source.token(end);
    let mut maps = range.filter(|index| {
        matches!(source.word(*index), "map" | "then") && source.word(index + 1) == "("
    });
    maps.find_map(|map| {
        let close = source.close(map + 1)?;
        let is_block = source.word(close - 1) == "}" && source.word(close - 2) == ";";
        // What only prints has no value to throw away.
        let line = source
            .line(source.line_of(source.tokens[close - 2].start))
            .trim();
        let prints = ["println!", "print!", "eprintln!"]
            .iter()
            .any(|it| line.starts_with(it));
        (is_block && !prints).then(|| source.tokens[close - 2].start)
    })
}
