//! Filters: how they combine, and what they are given.

use super::around::expression_before;
use super::{Case, Cause, Look, a, behind, brief, code};
use crate::message::Span;
use crate::types::{is_filter, is_future, tuple};
use crate::{chain, kinds, prose};

pub(super) const LOOKS: &[Look] = &[
    optional_header,
    unify_missing,
    map_value,
    boxed_missing,
    filter_without_types,
];

/// What filters are asked for by.
pub(super) const GIVEN: &[&str] = &["map", "then", "and_then"];

/// The types that the filters before a function extract, as the compiler says it.
pub(super) fn given(case: &Case) -> Option<Vec<String>> {
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

/// `-> impl Filter`, which says nothing of what the filter extracts.
fn filter_without_types(case: &Case) -> Option<Cause> {
    let (of, _) = case.bound()?;
    if !of.contains("Filter") || (!is_filter(of) && !of.ends_with("::Extract")) {
        return None;
    }
    let functions = case.source.functions();
    let function = functions.iter().find(|it| {
        let returns = it.head.rsplit_once("->").map(|(_, returns)| returns);
        returns.is_some_and(|it| it.contains("impl Filter") && !it.contains("impl Filter<"))
    })?;
    let (name, line) = (function.name, function.line);
    let at = case.source.text[..function.body.0].rfind("impl Filter")?;
    Some(
        Cause::new(
            &kinds::BOXED_MISSING,
            format!("`{name}` in line {line} promises `impl Filter`, and nobody who calls it knows what that extracts or whether it can be cloned."),
            "Promise -> BoxedFilter<(impl Reply,)>, and write .boxed() behind the last filter.",
        )
        .marks([Span {
            label: Some("says too little".into()),
            ..case.span((at, at + "impl Filter".len()))
        }]),
    )
}

/// `warp::header` where the closure takes an Option.
fn optional_header(case: &Case) -> Option<Cause> {
    let (of, wanted) = case.bound()?;
    let (span, _) = case.primary()?;
    let line = span.start.0;
    let is_one = of.starts_with("Option<") && wanted.ends_with("FromStr");
    (is_one && case.source.line(line).contains("header")).then(|| {
        Cause::new(
            &kinds::EXTRACTED_TYPE,
            format!("The filter in line {line} takes only requests that have the header, and extracts its value. But the function takes an Option."),
            "Write warp::header::optional: it takes every request, and extracts an Option.",
        )
    })
}
