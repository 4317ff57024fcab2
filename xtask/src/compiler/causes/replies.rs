//! What a handler answers with: something that is no reply, a future, an error that does not fit, branches of several types.

use super::asyncs::a;
use super::{Case, Cause, Look, brief, code};
use crate::compiler::kinds;
use crate::compiler::message::Span;
use crate::compiler::prose;
use crate::compiler::source::Kind;
use crate::compiler::types::{is_filter, is_future, short};

pub(super) const LOOKS: &[Look] = &[
    map_async,
    not_a_reply,
    and_then_result,
    not_a_future,
    rejection_infallible,
    error_differs,
    branches_differ,
];

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
            format!("`map` in line {line} is given an async function, so the answer would be a future that nobody waits for."),
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
            "Take the value out first: match on it, and say what is answered where it is None."
                .into()
        }
        inner if inner.contains("Value") => {
            "Give it to warp::reply::json(&…), or make a text of it: .to_string().".into()
        }
        inner if case.source.text.contains(&format!("struct {inner}")) => {
            format!("Make a text of the {inner}: format!(…) with its fields.")
        }
        _ => "Make a text of it, or give it to warp::reply::html or warp::reply::json.".into(),
    };
    let what = match inner.as_str() {
        "()" => "nothing, ()".to_owned(),
        _ => a(of),
    };
    let answer = only_answer(case, function.body);
    let dropped = (inner == "()")
        .then(|| dropped(case, function.body))
        .flatten();
    let mut cause = Cause::new(
        &kinds::NOT_A_REPLY,
        format!("What `{who}` answers with is {what}, and that is nothing that warp can send."),
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
            "Take the semicolon at the end of line {} out: what stands before it is the answer.",
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

/// A future without a Result where one is wanted.
fn and_then_result(case: &Case) -> Option<Cause> {
    let [_, wanted, found] = prose::RESOLVES.of(&case.error.text)?;
    if !wanted.starts_with("Result<") {
        return None;
    }
    let (span, method) = case.primary()?;
    let method = match method {
        "and_then" | "recover" | "or_else" => method,
        _ => case.source.argument_of(span.bytes.0)?,
    };
    let next = match method {
        "and_then" => {
            "Write Ok::<_, warp::Rejection>(…) around the answer; or write then in place of and_then, where nothing is refused."
        }
        _ => {
            "Let it return a Result: Ok(…) with the answer, and Result<impl Reply, Rejection> in its head."
        }
    };
    let found = match found {
        "impl Reply" => "a reply".into(),
        found => a(found),
    };
    Some(Cause::new(
        &kinds::AND_THEN_RESULT,
        format!(
            "`{method}` in line {} wants a Result of its function, and gets {found}.",
            span.start.0
        ),
        next,
    ))
}

/// A function that returns at once what others wait for.
fn not_a_future(case: &Case) -> Option<Cause> {
    let [of] = prose::NO_FUTURE.of(&case.error.text)?;
    let (span, text) = case.primary()?;
    let methods = [
        "and_then",
        "then",
        "recover",
        "or_else",
        "on_upgrade",
        "spawn",
    ];
    let method = match methods.contains(&text) {
        true => text,
        false => case
            .source
            .argument_of(span.bytes.0)
            .filter(|it| methods.contains(it) || *it == "spawn")?,
    };
    let open = case.source.token(span.bytes.0) + 1;
    let named = case.source.word(open + 1);
    let function = case
        .source
        .function_named(named)
        .filter(|_| methods.contains(&text));
    let line = span.start.0;
    let (who, next) = match (&function, method, of.starts_with("Result<")) {
        (Some(function), ..) => (
            format!("`{}`", function.name),
            format!("Write async before fn {} in line {}.", function.name, function.line),
        ),
        (None, "spawn", _) => ("it".into(), "Give it an async block: tokio::spawn(async move { … })".into()),
        (None, "and_then", false) => (
            "the closure".into(),
            "Write map in place of and_then, where nothing is refused; or an async block with a Result.".into(),
        ),
        (None, "then", _) => ("the closure".into(), "Write map in place of then: the answer is there at once.".into()),
        (None, ..) => ("the closure".into(), format!("Put its body into an async block: .{method}(|…| async move {{ … }})")),
    };
    Some(Cause::new(
        &kinds::NOT_A_FUTURE,
        format!(
            "`{method}` in line {line} waits for what its function returns, and {who} is not async: it returns {} at once.",
            a(of)
        ),
        next,
    ))
}

/// `Rejection` against `Infallible`.
fn rejection_infallible(case: &Case) -> Option<Cause> {
    let error = case.error;
    let both = |one: &str, other: &str| {
        let (one, other) = (short(one), short(other));
        let pair = |a: &str, b: &str| a.contains("Infallible") && b.contains("Rejection");
        pair(&one, &other) || pair(&other, &one)
    };
    let line = error.place()?.start.0;
    let converted = prose::NO_FROM.of(&error.text).and_then(|[into]| {
        let (_, [_, from]) = error.label(&prose::NO_FROM_TYPE)?;
        Some((into, from))
    });
    let resolved = prose::RESOLVING.of(&error.text).is_some();
    let (wanted, found) =
        converted.or_else(|| case.expected().filter(|_| resolved || error.is("E0308")))?;
    if !both(wanted, found) {
        return None;
    }
    let next = match short(wanted).contains("Infallible") {
        true => format!(
            "Write Rejection in place of Infallible in the type that line {line} has to fit; or answer every request, with recover."
        ),
        false => "Write Rejection in place of Infallible in the head of the function.".into(),
    };
    Some(Cause::new(
        &kinds::REJECTION_INFALLIBLE,
        format!(
            "Line {line} has the error `{}` where `{}` is promised.",
            short(found),
            short(wanted)
        ),
        next,
    ))
}

/// `?` with an error that does not become the function's.
fn error_differs(case: &Case) -> Option<Cause> {
    let of_bound = prose::NO_FROM_BOUND.of(&case.error.text);
    let into = match of_bound {
        // warp makes a rejection of what is a reason to reject, and of nothing else.
        Some([_, wanted]) if short(wanted) == "Reject" => "Rejection".to_owned(),
        Some(_) => return None,
        None => short(prose::NO_FROM.of(&case.error.text)?[0]),
    };
    let of_label = case
        .error
        .label(&prose::NO_FROM_TYPE)
        .map(|(_, [_, from])| from);
    let from = of_bound.map(|[from, _]| from).or(of_label).map(short);
    let line = case.error.primary()?.start.0;
    let next = match into.as_str() {
        "Rejection" => {
            "Make a rejection of it before the ?: .map_err(|_| warp::reject::not_found())?".into()
        }
        _ => format!("Make a {into} of it before the ?, with .map_err(…); or match on the Result."),
    };
    Some(Cause::new(
        &kinds::ERROR_DIFFERS,
        format!(
            "The ? in line {line} would return {}, and the error of the function around it is a {}.",
            from.map_or("its error".into(), |from| format!("a `{from}`")),
            code(&into)
        ),
        next,
    ))
}

/// Branches, arms or answers of several types.
fn branches_differ(case: &Case) -> Option<Cause> {
    let error = case.error;
    if !error.is("E0308") {
        return None;
    }
    let of_arms = prose::ARMS.is_in(&error.text) || prose::IF_ELSE.is_in(&error.text);
    let (span, text) = case.primary()?;
    let (expected, found) = case.expected()?;
    let line = span.start.0;
    if of_arms {
        let earlier = error.spans.iter().find(|it| {
            !it.is_primary && it.start.0 != line && it.label.is_some() && it.start.0 == it.end.0
        });
        let before = earlier.map_or("the others".into(), |it| {
            format!("the one in line {}", it.start.0)
        });
        let both_reply = [expected, found].iter().all(|it| {
            [
                "Html<",
                "WithStatus<",
                "WithHeader<",
                "Json",
                "Response",
                "&str",
                "String",
            ]
            .iter()
            .any(|reply| it.contains(reply))
        });
        let next = match (short(expected).as_str(), short(found).as_str()) {
            (wanted, found) if wanted == format!("Option<{found}>") => format!("Write Some(…) around it: Some({})", brief(text)),
            _ if both_reply => "Let all branches make the same kind of reply; or end each with .into_response(), from warp::Reply.".into(),
            (wanted, _) => format!("Let line {line} give {} as well.", a(wanted)),
        };
        return Some(Cause::new(
            &kinds::BRANCHES_DIFFER,
            format!(
                "The branch in line {line} gives {}, and {before} gives {}.",
                a(found),
                a(expected)
            ),
            next,
        ));
    }
    // One function that answers twice, with two kinds of reply.
    let function = case.function_at(span)?;
    let answers = ["Ok(", "return "]
        .iter()
        .map(|it| case.source.between(function.body).matches(it).count())
        .sum::<usize>();
    let is_answer = case.source.line(line).contains("Ok(")
        || case.source.line(line).trim_start().starts_with("return");
    let same = short(expected).trim_start_matches('&') == short(found).trim_start_matches('&');
    if !function.head.contains("impl Reply")
        || answers < 2
        || !is_answer
        || same
        || expected.starts_with("Result")
    {
        return None;
    }
    Some(Cause::new(
        &kinds::BRANCHES_DIFFER,
        format!(
            "`{}` answers with {} in line {line}, and with {} in another place: `impl Reply` is one type.",
            function.name,
            a(found),
            a(expected)
        ),
        "Let all answers be the same kind of reply; or end each with .into_response(), from warp::Reply.",
    ))
}
