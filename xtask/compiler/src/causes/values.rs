//! The value of a block, an `if`, a `match` or a function: dropped, missing, or not for all cases.

use super::{Case, Cause, Look, a, code, list};
use crate::message::Span;
use crate::types::short;
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[
    pattern_without_brackets,
    returns_nothing,
    returns_something,
    value_dropped,
    if_without_else,
    value_missing,
    match_leaves_out,
    question_mark,
];

/// A semicolon behind the value of a function.
fn value_dropped(case: &Case) -> Option<Cause> {
    let semicolon = case.error.suggestions().find_map(|parts| match parts[..] {
        [(span, "")] if case.at(span) == ";" => Some(span),
        _ => None,
    })?;
    if !case.error.is("E0308") && !case.error.is("E0277") {
        return None;
    }
    let line = semicolon.start.0;
    // The block around it may be a closure's.
    let source = case.source;
    let block = source.open_around(source.token(semicolon.bytes.0));
    let is_of_a_closure = block.is_some_and(|at| at > 0 && source.word(at - 1) == "|");
    let function = case
        .function_at(semicolon)
        .filter(|_| !is_of_a_closure)
        .map_or("The block".into(), |it| format!("`{}`", it.name));
    let mark = Span {
        label: Some("throws the value away".into()),
        is_primary: true,
        replacement: None,
        ..semicolon.clone()
    };
    Some(
        Cause::new(
            &kinds::VALUE_DROPPED,
            format!("{function} promises a value, and the semicolon at the end of line {line} throws it away."),
            format!("Take the semicolon at the end of line {line} out."),
        )
        .marks([mark]),
    )
}

/// A function that promises a value and ends without one.
fn value_missing(case: &Case) -> Option<Cause> {
    if !case.error.is("E0308") {
        return None;
    }
    let (expected, found) = case.expected()?;
    // A loop as the last of a function has no value.
    let (_, text) = case.primary()?;
    let is_loop = ["for ", "while ", "loop "]
        .iter()
        .any(|it| text.starts_with(it));
    let mut labels = case.error.labels();
    let ends = is_loop || labels.any(|(_, label)| prose::IMPLICIT_UNIT.is_in(label));
    if found != "()" || !ends {
        return None;
    }
    let function = case.function_at(case.error.primary()?)?;
    let end = case.source.line_of(function.body.1.saturating_sub(1));
    Some(Cause::new(
        &kinds::VALUE_MISSING,
        format!(
            "`{}` in line {} promises {}, and reaches its end in line {end} without a value.",
            function.name,
            function.line,
            a(expected)
        ),
        format!("Write the value as its last line, before line {end}, without a semicolon."),
    ))
}

/// An `if` without `else` where a value is wanted.
fn if_without_else(case: &Case) -> Option<Cause> {
    if !case.error.is("E0317") {
        return None;
    }
    let span = case.error.primary()?;
    Some(Cause::new(
        &kinds::IF_WITHOUT_ELSE,
        format!(
            "Line {} uses the value of an if, but the if has no value when its condition is false.",
            span.start.0
        ),
        format!(
            "Add an else that gives a value too, after line {}.",
            span.end.0
        ),
    ))
}

/// A match that leaves cases out, or a `let` that fits only some.
fn match_leaves_out(case: &Case) -> Option<Cause> {
    let is_let = case.error.is("E0005");
    if !case.error.is("E0004") && !is_let {
        return None;
    }
    let (span, [left]) = case.error.label(&prose::NOT_COVERED)?;
    let cases: Vec<String> = left
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|it| format!("`{}`", short(it)))
        .collect();
    let line = span.start.0;
    let next = match is_let {
        true => {
            format!("Write else {{ return }} before the semicolon of line {line}; or match on it.")
        }
        false => match cases.as_slice() {
            [one]
                if one.contains('&')
                    || one.contains("_,")
                    || one.contains(", _")
                    || one == "`&_`" =>
            {
                "Add a last arm that takes all the rest: _ => …".into()
            }
            [_] | [_, _] => format!(
                "Add an arm for {}; or a last one for all the rest: _ => …",
                list(&cases)
            ),
            _ => "Add a last arm that takes all the rest: _ => …".into(),
        },
    };
    let what = if is_let { "let" } else { "match" };
    Some(Cause::new(
        &kinds::MATCH_LEAVES_OUT,
        format!(
            "The {what} in line {line} says nothing of {}.",
            list(&cases)
        ),
        next,
    ))
}

/// `?` in a function that returns no Result.
fn question_mark(case: &Case) -> Option<Cause> {
    let forms = [prose::QUESTION, prose::NO_TRY];
    if !case.error.is("E0277") || !forms.iter().any(|form| form.is_in(&case.error.text)) {
        return None;
    }
    let (span, text) = case.primary()?;
    let line = span.start.0;
    let function = case.function_at(span)?;
    let returns = function.head.rsplit_once("->").map(|it| it.1.trim());
    if prose::NO_TRY.is_in(&case.error.text) {
        return Some(Cause::new(
            &kinds::QUESTION_MARK,
            format!(
                "The value before the ? in line {line}, {}, is neither a Result nor an Option.",
                code(text)
            ),
            format!("Take the ? in line {line} out."),
        ));
    }
    // A closure returns to whoever calls it, whatever the function around it returns.
    if case
        .error
        .text
        .contains("in a closure that returns `Option")
    {
        return Some(Cause::new(
            &kinds::QUESTION_MARK,
            format!(
                "The closure around line {line} returns an Option, but the value before the ? is a Result."
            ),
            "Make an Option of it before the ?: .ok()?",
        ));
    }
    let mixed = returns.filter(|it| it.starts_with("Option") || it.contains("Result"));
    let (cause, next) = match mixed {
        Some(returns) if returns.starts_with("Option") => (
            format!(
                "`{}` returns an Option, but the value before the ? in line {line} is a Result.",
                function.name
            ),
            "Make an Option of it before the ?: .ok()?".to_owned(),
        ),
        Some(_) => (
            format!(
                "The ? in line {line} would return from a closure or a function that returns no Result."
            ),
            "Match on it there; or let that function return a Result.".into(),
        ),
        None => (
            format!(
                "The ? in line {line} would return an error from `{}`, which returns {}.",
                function.name,
                returns.map_or("nothing".into(), |it| format!("{}, no Result", code(it)))
            ),
            "Look at the error where it is: match, if let Err(error), or let … else { return }."
                .into(),
        ),
    };
    Some(Cause::new(&kinds::QUESTION_MARK, cause, next))
}

/// A variant that holds a value, as a pattern without it.
fn pattern_without_brackets(case: &Case) -> Option<Cause> {
    let shadows = case.error.is("E0530") && prose::SHADOWS.is_in(&case.error.text);
    let variant = match prose::TUPLE_VARIANT.of(&case.error.text) {
        Some([variant]) => variant,
        None if shadows => case.primary()?.1,
        None => return None,
    };
    let line = case.error.primary()?.start.0;
    Some(Cause::new(
        &kinds::PATTERN_WITHOUT_VALUE,
        format!("`{variant}` holds a value, and the pattern in line {line} has no place for it."),
        format!("Write {variant}(_) if you do not need the value, or a name between the brackets."),
    ))
}

/// `return` alone, where the function promises a value.
fn returns_nothing(case: &Case) -> Option<Cause> {
    if !case.error.is("E0069") {
        return None;
    }
    let span = case.error.primary()?;
    let function = case.function_at(span)?;
    let (_, promised) = function.head.rsplit_once("->")?;
    let line = span.start.0;
    let suggested = case.error.suggestions().flatten().next();
    let next = match suggested {
        Some((_, text)) => format!("Write the value behind it: return {}", text.trim()),
        None => format!("Write a value behind the return in line {line}."),
    };
    Some(Cause::new(
        &kinds::VALUE_MISSING,
        format!(
            "`{}` promises {}, and the return in line {line} gives nothing.",
            function.name,
            code(promised.trim())
        ),
        next,
    ))
}

/// A value behind `return`, where the function promises none.
fn returns_something(case: &Case) -> Option<Cause> {
    let (expected, found) = case.expected().filter(|_| case.error.is("E0308"))?;
    let (span, _) = case.primary()?;
    let before = case.source.token(span.bytes.0).checked_sub(1)?;
    let function = case.function_at(span)?;
    let promises_nothing = expected == "()" && !function.head.contains("->");
    if !promises_nothing || case.source.word(before) != "return" {
        return None;
    }
    let (line, name) = (span.start.0, function.name);
    Some(Cause::new(
        &kinds::TYPE_DIFFERS,
        format!(
            "Line {line} returns {}, but `{name}` promises no value.",
            a(found)
        ),
        format!(
            "Write return; alone. If whoever calls `{name}` needs the value, promise it in line {}: -> {}",
            function.line,
            short(found)
        ),
    ))
}
