//! Filters: what they extract, and what the functions behind them take.

use super::asyncs::{a, expression_before};
use super::{Case, Cause, Look, behind, brief, code, count, list};
use crate::compiler::chain;
use crate::compiler::kinds;
use crate::compiler::message::Span;
use crate::compiler::prose;
use crate::compiler::types::{is_filter, is_future, short, tuple};

pub(super) const LOOKS: &[Look] = &[
    unify_missing,
    closure_values,
    function_of_several,
    extracted,
    map_value,
    boxed_missing,
    state_not_clone,
];

/// What filters are asked for by.
const GIVEN: &[&str] = &["map", "then", "and_then"];

/// The types that the filters before a function extract, as the compiler says it.
fn given(case: &Case) -> Option<Vec<String>> {
    let [_, of] = case.error.note(&prose::FUNC)?;
    tuple(of)
}

/// `or` without `unify`.
fn unify_missing(case: &Case) -> Option<Cause> {
    let error = case.error;
    let of_function = given(case)
        .filter(|it| it.iter().any(|of| of.contains("Either<")))
        .is_some();
    let notes = error.notes.iter().map(|note| note.text.as_str());
    let mismatch = error.is("E0308") || error.is("E0271");
    let mut texts = notes
        .chain([error.text.as_str()])
        .chain(error.labels().map(|it| it.1));
    let of_type =
        mismatch && texts.any(|text| text.contains("Either<()") || text.contains("Either<("));
    if !of_function && !of_type {
        return None;
    }
    let span = error.primary()?;
    // The last `or` before the place, or inside of it, that no `unify` follows.
    let function = case.function_at(span)?;
    let start = function.body.0;
    // Where the head of the function is marked, it is somewhere in the body.
    let end = match span.bytes.1 > start {
        true => span.bytes.1,
        false => function.body.1,
    };
    let or = chain::or_without_unify(case.source, (start, end))?;
    let line = case.source.line_of(or.0);
    let text = case.source.between(or);
    Some(
        Cause::new(
            &kinds::UNIFY_MISSING,
            format!("{} in line {line} extracts an `Either`, which says which of the two filters took the request.", code(text)),
            behind(text, ".unify()", line),
        )
        .marks([Span { label: Some("extracts an `Either`".into()), ..case.span(or) }]),
    )
}

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
        _ => "Take the parameters out that are too many; a move closure can use what is around it."
            .into(),
    };
    Some(Cause::new(
        &kinds::CLOSURE_VALUES,
        format!(
            "`{caller_name}` in line {} calls its function with {gives}, and {} takes {}.",
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

/// `map` and the like are given something that is no function.
fn map_value(case: &Case) -> Option<Cause> {
    let (span, text) = case.primary()?;
    let caller = case
        .source
        .argument_of(span.bytes.0)
        .filter(|it| GIVEN.contains(it))?;
    let (of, wanted) = case.bound()?;
    let no_function = |wanted: &str| wanted.contains("generic::Func<") || wanted.starts_with("Fn");
    let also = || {
        case.all.iter().any(|other| {
            let bound = prose::BOUND
                .of(&other.text)
                .is_some_and(|[_, wanted]| no_function(wanted));
            bound && other.primary().is_some_and(|it| it.bytes == span.bytes)
        })
    };
    let is_closure = text.starts_with('|') || text.starts_with("move") || text.starts_with("async");
    if is_closure || !(no_function(wanted) || also()) {
        return None;
    }
    let whole = argument(case, span).unwrap_or(text);
    Some(Cause::new(
        &kinds::MAP_VALUE,
        format!(
            "`{caller}` in line {} is given {}, {}, and no function.",
            span.start.0,
            code(whole),
            a(of)
        ),
        match whole.contains('(') && is_future(of) {
            true => format!(
                "Give it the name of the function, without the brackets: .{caller}({})",
                whole.split('(').next().unwrap_or(whole)
            ),
            false => format!(
                "Make a closure of it, with two bars before it: .{caller}(|| {})",
                brief(whole)
            ),
        },
    ))
}

/// The whole argument that begins here.
fn argument<'a>(case: &Case<'a>, span: &Span) -> Option<&'a str> {
    let open = case.source.open_around(case.source.token(span.bytes.0))?;
    let end = case.source.close(open)?;
    Some(
        case.source
            .between((span.bytes.0, case.source.tokens[end].start))
            .trim(),
    )
}

/// A combination of filters where a `BoxedFilter` is promised.
fn boxed_missing(case: &Case) -> Option<Cause> {
    if !case.error.is("E0308") {
        return None;
    }
    let (expected, found) = case.expected()?;
    let is_hidden = is_filter(found)
        || found == "opaque type"
            && case
                .error
                .notes
                .iter()
                .any(|note| note.text.contains("Filter"));
    if !expected.starts_with("BoxedFilter<") || !is_hidden {
        return None;
    }
    let span = case.error.primary()?;
    let function = case.function_at(span).map_or(String::new(), |it| {
        format!("`{}` promises a `BoxedFilter`, and ", it.name)
    });
    let end = case.span((
        expression_before(case, span.bytes.1)
            .unwrap_or(span.bytes.0)
            .max(line_start(case, span)),
        span.bytes.1,
    ));
    Some(
        Cause::new(
            &kinds::BOXED_MISSING,
            format!("{function}what ends in line {} is a combination of filters with a type of its own.", span.end.0),
            format!("Write .boxed() behind it, at the end of line {}.", span.end.0),
        )
        .marks([Span { label: Some(".boxed() is missing behind this".into()), ..end }]),
    )
}

/// Where the last line of a place begins, without its indent.
fn line_start(case: &Case, span: &Span) -> usize {
    let line = case.source.line(span.end.0);
    let before: usize = line.chars().take(span.end.1 - 1).map(char::len_utf8).sum();
    let indent = line.len() - line.trim_start().len();
    span.bytes.1 - before + indent.min(before)
}

/// State that a route holds, or what goes through a channel, and that cannot be cloned.
fn state_not_clone(case: &Case) -> Option<Cause> {
    let error = case.error;
    let (span, text) = case.primary()?;
    let line = span.start.0;
    if let Some((of, "Clone")) = case.bound() {
        let held = case
            .source
            .argument_of(span.bytes.0)
            .is_some_and(|it| GIVEN.contains(&it))
            || prose::BOUND_WITHIN.of(&error.text).is_some();
        if !held {
            return None;
        }
        return Some(Cause::new(
            &kinds::STATE_NOT_CLONE,
            format!(
                "The closure in line {line} holds {}, which cannot be cloned, and warp clones a route for each connection.",
                a(of)
            ),
            into_an_arc(case, of),
        ));
    }
    if let Some([method, _, of]) = prose::NO_METHOD
        .of(&error.text)
        .filter(|[name, ..]| *name == "clone" && text == "clone")
    {
        let of = error.label_type().unwrap_or(of);
        return Some(Cause::new(
            &kinds::STATE_NOT_CLONE,
            format!(
                "{} has no `{method}`, and line {line} wants one for each request.",
                capital(&a(of))
            ),
            into_an_arc(case, of),
        ));
    }
    let [unmet] = error.label(&prose::UNMET).map(|it| it.1)?;
    let of = unmet.strip_suffix(": Clone")?;
    Some(Cause::new(
        &kinds::STATE_NOT_CLONE,
        format!(
            "`{text}` in line {line} has to clone {}, and `{}` cannot be cloned.",
            a(of),
            short(of)
        ),
        format!("Write #[derive(Clone)] above struct {}.", short(of)),
    ))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// How a type can be cloned: an own one by deriving it, one of a library in an Arc.
fn into_an_arc(case: &Case, of: &str) -> String {
    let name = short(of);
    let name = name.trim_start_matches('&');
    let plain = name.split('<').next().unwrap_or(name);
    match case.source.text.contains(&format!("struct {plain}")) && !name.contains("Mutex") {
        true => format!(
            "Put it into an Arc, Arc::new({plain} {{ … }}): then a clone is one more handle to the same {plain}."
        ),
        false => format!(
            "Put it into an Arc: Arc<{name}>, made by Arc::new(…), can be cloned, and each clone leads to the same."
        ),
    }
}
