//! Branches, arms and answers of several types.

use super::{Case, Cause, Look, a, brief};
use crate::message::Span;
use crate::types::short;
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[
    else_goes_on,
    refuses_without_err,
    branches_differ,
    closure_answers_differ,
];

/// `return warp::reject::not_found()` among answers that are Results.
fn refuses_without_err(case: &Case) -> Option<Cause> {
    let (expected, found) = case.expected().filter(|_| case.error.is("E0308"))?;
    let is_one = ["Rejection", "StatusCode"].contains(&expected) && found.starts_with("Result<");
    let (span, _) = case.primary()?;
    let next = match expected {
        "Rejection" => "Write Err(…) around the rejection.",
        _ => "Refuse with a rejection: Err(warp::reject::not_found()).",
    };
    is_one.then(|| {
        Cause::new(
            &kinds::AND_THEN_RESULT,
            format!("The answer in line {} is a Result, and a second one is {}: every answer here is Ok or Err.", span.start.0, a(expected)),
            next,
        )
    })
}

/// The `else` of `let … else` that does not leave.
fn else_goes_on(case: &Case) -> Option<Cause> {
    if !prose::LET_ELSE.is_in(&case.error.text) {
        return None;
    }
    let span = case.error.primary()?;
    let before = case.source.between((0, span.bytes.0));
    let line = 1 + before[..before.rfind("let ")?].matches('\n').count();
    Some(Cause::new(
        &kinds::LET_ELSE,
        format!(
            "If the pattern of the let in line {line} does not fit, its else runs and then goes on. But the lines below need the names in that pattern."
        ),
        "Leave the function in the else, with return and the value; in a loop, continue and break leave as well.",
    ))
}

/// A closure that answers with `return`, and at its end with something else.
fn closure_answers_differ(case: &Case) -> Option<Cause> {
    if !case.error.is("E0308") {
        return None;
    }
    let (span, _) = case.primary()?;
    let (expected, found) = case.expected()?;
    let earlier = returned_earlier(case, span)?;
    Some(Cause::new(
        &kinds::BRANCHES_DIFFER,
        format!(
            "The closure answers with {} in line {earlier}, and with {} in line {}.",
            a(expected),
            a(found),
            span.start.0
        ),
        "Let both be the same kind of reply; or end each with .into_response(), from warp::Reply.",
    ))
}

/// The line of a `return` in the closure that a value ends.
fn returned_earlier(case: &Case, span: &Span) -> Option<usize> {
    let source = case.source;
    let at = source.token(span.bytes.0);
    let open = source.open_around(at)?;
    let is_closure = open > 0 && source.word(open) == "{" && source.word(open - 1) == "|";
    let is_last = source.word(source.token(span.bytes.1)) == "}";
    let earlier = (open..at)
        .rev()
        .find(|index| source.word(*index) == "return")?;
    (is_closure && is_last).then(|| source.line_of(source.tokens[earlier].start))
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
            (wanted, found) if [wanted, found].iter().any(|it| it.contains("StatusCode")) && [wanted, found].iter().any(|it| it.contains("whole number")) => {
                "Write each status by its name: StatusCode::NOT_FOUND is 404, StatusCode::OK is 200.".into()
            }
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
