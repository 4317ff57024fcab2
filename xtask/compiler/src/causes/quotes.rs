//! Quotes and macros: a text in the quotes of a letter, values that `json!` cannot take.

use super::{Case, Cause, Look, brief};
use crate::types::short;
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[single_quotes, json_values, json_keys];

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

/// A key in `json!` that is not a text, or that an `=` follows.
fn json_keys(case: &Case) -> Option<Cause> {
    let error = case.error;
    let (span, text) = case.primary()?;
    let start = case.source.token(span.bytes.0);
    if prose::NO_RULES.of(&error.text).is_some() {
        let equals = (0..start)
            .rev()
            .take(3)
            .find(|it| case.source.word(*it) == "=")?;
        return is_in_json(case, equals).then(|| json_key_cause(case, equals - 1));
    }
    let end = case.source.token(span.bytes.1);
    let is_key = |at: &usize| {
        let word = |index| case.source.word(index);
        let is_name = word(*at).starts_with(|it: char| it.is_alphabetic() || it == '_');
        is_name
            && word(at + 1) == ":"
            && at
                .checked_sub(1)
                .is_some_and(|it| matches!(word(it), "{" | ","))
    };
    let is_of_json = error.is("E0277")
        && text.starts_with("json!")
        && case
            .bound()
            .is_some_and(|(of, wanted)| short(of) == "String" && wanted.contains("From<"));
    let key = match is_of_json {
        true => (start..end).find(is_key)?,
        false => {
            Some(start).filter(|it| error.is("E0425") && is_key(it) && is_in_json(case, *it))?
        }
    };
    Some(json_key_cause(case, key))
}

/// Whether a token is within the brackets of a `json!`.
fn is_in_json(case: &Case, token: usize) -> bool {
    let opens = std::iter::successors(case.source.open_around(token), |it| {
        case.source.open_around(*it)
    });
    let mut before = opens.filter(|it| *it >= 2).map(|it| [it - 2, it - 1]);
    before.any(|it| it.map(|index| case.source.word(index)) == ["json", "!"])
}

fn json_key_cause(case: &Case, key: usize) -> Cause {
    let name = case.source.word(key).trim_matches('"');
    let line = case.source.line_of(case.source.tokens[key].start);
    Cause::new(
        &kinds::JSON_KEYS,
        format!(
            "The key `{name}` in line {line} is not written as json! wants it: a text in quotes, and a colon behind it."
        ),
        format!("Write \"{name}\": before its value."),
    )
}
