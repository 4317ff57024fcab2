//! Quotes and macros: a text in the quotes of a letter, values that `json!` cannot take.

use super::{Case, Cause, Look, brief};
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[single_quotes, json_values];

/// A text in single quotes.
fn single_quotes(case: &Case) -> Option<Cause> {
    if !prose::LONG_LETTER.is_in(&case.error.text) {
        return None;
    }
    let span = case.error.primary()?;
    let suggested = case.error.suggestions().flatten().next();
    let next = match suggested {
        Some((_, text)) if text.len() > 2 && text.starts_with('"') => {
            format!("Write it as a text: {}", brief(text))
        }
        _ => "Write \" in place of both of them.".to_owned(),
    };
    Some(Cause::new(
        &kinds::SINGLE_QUOTES,
        format!(
            "The text in line {} is in single quotes, which hold one letter only.",
            span.start.0
        ),
        next,
    ))
}

/// `json!` with several values.
fn json_values(case: &Case) -> Option<Cause> {
    let [what] = prose::NO_RULES.of(&case.error.text)?;
    let span = case.error.primary()?;
    let open = case.source.open_around(case.source.token(span.bytes.0))?;
    let is_json =
        open >= 2 && case.source.word(open - 2) == "json" && case.source.word(open - 1) == "!";
    if !is_json || what.trim_matches('`') != "," {
        return None;
    }
    Some(Cause::new(
        &kinds::JSON_VALUES,
        format!(
            "json! in line {} gets several values, but takes one.",
            span.start.0
        ),
        "Make a list of them, with [ and ] inside of the brackets: json!([first, second])",
    ))
}
