//! Results: what `and_then` and `recover` wait for, and errors that cannot stand for one another.

use super::{Case, Cause, Look, a, code};
use crate::types::short;
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[
    and_then_result,
    not_a_future,
    rejection_infallible,
    error_differs,
    not_a_rejection,
];

/// An error that warp cannot take for a refusal.
fn not_a_rejection(case: &Case) -> Option<Cause> {
    let (of, wanted) = case.bound()?;
    let (span, _) = case.primary()?;
    let (of, line) = (short(of), span.start.0);
    let is_own = ["struct", "enum"]
        .iter()
        .any(|it| case.source.text.contains(&format!("{it} {of}")));
    let (cause, next) = if is_own && wanted.ends_with("CombineRejection<Rejection>") {
        (
            format!(
                "The filter in line {line} refuses a request with {}, and warp takes a `Rejection` there.",
                a(&of)
            ),
            format!("Make a rejection of it: Err(warp::reject::custom({of}))"),
        )
    } else if of != "Infallible" && wanted.ends_with("CombineRejection<Rejection>") {
        (
            format!("The filter in line {line} refuses a request with {}, and warp takes a `Rejection` there.", a(&of)),
            "Give one of warp's: Err(warp::reject::not_found()); or one of your own, by warp::reject::custom.".to_owned(),
        )
    } else if wanted.ends_with("Reject") {
        (
            format!(
                "Line {line} makes a rejection of {}, but `{of}` does not have the trait `Reject`.",
                a(&of)
            ),
            format!("Write impl warp::reject::Reject for {of} {{}}"),
        )
    } else {
        return None;
    };
    Some(Cause::new(&kinds::NOT_A_REJECTION, cause, next))
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
            "Write Ok::<_, warp::Rejection>(…) around the answer; or write then in place of and_then, if you refuse no request."
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
            "Write map in place of and_then, if you refuse no request; or an async block with a Result.".into(),
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
