//! Texts and JSON: `String`, `&str` and `Value` in each other's places.

use super::{Case, Cause, Look, a, brief, code};
use crate::source::Kind;
use crate::types::short;
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[value_pattern, value_and_text, string_and_str];

/// A type without its references.
fn bare(of: &str) -> String {
    short(of)
        .trim_start_matches('&')
        .trim_start_matches("mut ")
        .trim_start_matches("'static ")
        .to_owned()
}

fn is_text(of: &str) -> bool {
    matches!(bare(of).as_str(), "str" | "String")
}

fn is_value(of: &str) -> bool {
    bare(of) == "Value"
}

/// A text or a number as a pattern for a JSON value.
fn value_pattern(case: &Case) -> Option<Cause> {
    if !case.error.is("E0308") {
        return None;
    }
    let (expected, _) = case.expected().filter(|(expected, _)| is_value(expected))?;
    let (matched, _) = case.error.label(&prose::HAS_TYPE)?;
    let (span, text) = case.primary()?;
    let token = case.source.tokens.get(case.source.token(span.bytes.0))?;
    if !matches!(token.kind, Kind::Text | Kind::Number) {
        return None;
    }
    let next = match token.kind {
        _ if !case
            .error
            .label(&prose::HAS_TYPE)
            .is_some_and(|(_, [of])| is_value(of)) =>
        {
            format!(
                "Write Value::String(text) in its place, and compare behind the pattern: if text == {}",
                brief(text)
            )
        }
        Kind::Number => {
            "Write Value::Number(number) there, and look at the number behind the arrow.".to_owned()
        }
        _ => format!(
            "Match on the text in it: {}.as_str(), with Some({text}) as the pattern; or write Value::String(text) there.",
            brief(case.at(matched).trim_start_matches('&'))
        ),
    };
    Some(Cause::new(
        &kinds::VALUE_PATTERN,
        format!(
            "{} in line {} is a pattern for {}, but the value there is a JSON `{}`.",
            code(text),
            span.start.0,
            if token.kind == Kind::Number {
                "a number"
            } else {
                "a text"
            },
            bare(expected)
        ),
        next,
    ))
}

/// What texts have and a `Value` has not.
const OF_TEXTS: &[&str] = &[
    "to_uppercase",
    "to_lowercase",
    "len",
    "chars",
    "trim",
    "starts_with",
    "ends_with",
    "contains",
    "split",
    "parse",
    "to_owned",
    "as_bytes",
    "is_empty",
    "replace",
    "push_str",
    "lines",
    "into_bytes",
    "to_ascii_uppercase",
];

/// A JSON value where a text is wanted, or the other way round.
fn value_and_text(case: &Case) -> Option<Cause> {
    let error = case.error;
    let (span, text) = case.primary()?;
    let line = span.start.0;
    let wants_text = |what: &str| {
        Cause::new(
            &kinds::VALUE_AND_TEXT,
            format!(
                "{what} in line {line} is a JSON `Value`, and a text is wanted: a Value may also be a number, a list or an object."
            ),
            "Take the text out of it: as_str() gives an Option of it, and so does the pattern Value::String(text). to_string() makes JSON of it, quotes and all.",
        )
    };
    match error.code.as_deref()? {
        "E0308" => {
            let (expected, found) = case.expected()?;
            if is_text(expected) && is_value(found) {
                return Some(wants_text(&code(text)));
            }
            (is_value(expected) && is_text(found)).then(|| {
                Cause::new(
                    &kinds::VALUE_AND_TEXT,
                    format!(
                        "{} in line {line} is a text, and a JSON `Value` is wanted.",
                        code(text)
                    ),
                    format!("Make a Value of it: json!({})", brief(text)),
                )
            })
        }
        "E0599" => {
            let [method, _, of] = prose::NO_METHOD.of(&error.text)?;
            if !is_value(of) || !OF_TEXTS.contains(&method) {
                return None;
            }
            let dot = case
                .source
                .between((0, span.bytes.0))
                .trim_end()
                .len()
                .checked_sub(1)?;
            let start = super::around::expression_before(case, dot)?;
            Some(Cause {
                cause: format!(
                    "`{method}` in line {line} is a method of texts, and {} is a JSON `Value`.",
                    code(case.source.between((start, dot)))
                ),
                ..wants_text("")
            })
        }
        "E0277" => {
            let (of, wanted) = case.bound().or_else(|| {
                let [one, other] = prose::NO_COMPARING.of(&error.text)?;
                Some((one, other))
            })?;
            let from_value = is_text(of) && wanted.contains("From<") && wanted.contains("Value>");
            let compared = (is_value(of) && is_text(wanted)) || (is_text(of) && is_value(wanted));
            (from_value || compared).then(|| match from_value && text.starts_with(char::is_alphabetic) {
                true => Cause::new(
                    &kinds::VALUE_AND_TEXT,
                    format!("{} in line {line} is a JSON `Value`, and a text is wanted.", code(text)),
                    format!("Write {}.to_string() for its JSON; or take the text out of it with as_str().", brief(text)),
                ),
                false => wants_text("What is compared"),
            })
        }
        _ => None,
    }
}

/// `String` and `&str` in each other's places.
fn string_and_str(case: &Case) -> Option<Cause> {
    if !case.error.is("E0308") {
        return None;
    }
    let (expected, found) = case.expected()?;
    let (wanted, there) = (short(expected), short(found));
    let is_pair =
        |a: &str, b: &str| a.ends_with("String") && !a.contains('<') && b.ends_with("str");
    if !is_pair(&wanted, &there) && !is_pair(&there, &wanted) {
        return None;
    }
    let (span, text) = case.primary()?;
    let line = span.start.0;
    let is_pattern = case.error.label(&prose::HAS_TYPE);
    let next = match (is_pattern, wanted.ends_with("String")) {
        (Some((matched, _)), true) => format!(
            "Lend the text that line {} matches: .as_str() behind the String.",
            matched.start.0
        ),
        (_, true) => format!("Make a String of it: {}.to_string()", brief(text)),
        (_, false) => format!("Lend it: &{}", brief(text)),
    };
    Some(Cause::new(
        &kinds::STRING_AND_STR,
        format!(
            "{} in line {line} is {}, and {} is wanted.",
            code(text),
            a(&there),
            a(&wanted)
        ),
        next,
    ))
}
