//! Quotes and macros: a text in the quotes of a letter, values that `json!` cannot take.

use super::{Case, Cause, Look, brief};
use crate::types::short;
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[
    single_quotes,
    json_outside,
    json_signs,
    json_short_keys,
    json_braces,
    json_values,
    json_keys,
];

/// The bracket of the `json!` around a token.
fn json_around(case: &Case, at: usize) -> Option<usize> {
    let source = case.source;
    let mut opens = std::iter::successors(source.open_around(at), |open| source.open_around(*open));
    opens.find(|open| *open >= 2 && source.word(open - 2) == "json" && source.word(open - 1) == "!")
}

/// An object of JSON without `json!`, or in round brackets.
fn json_outside(case: &Case) -> Option<Cause> {
    let (span, _) = case.primary()?;
    let source = case.source;
    let at = source.token(span.bytes.0);
    let is_key = source.word(at) == ":" && source.word(at.checked_sub(1)?).starts_with('"');
    if case.error.code.is_some() || !is_key {
        return None;
    }
    let open = source.open_around(at).map(|open| source.word(open));
    Some(match (json_around(case, at), open) {
        (Some(_), Some("(" | "[")) => Cause::new(
            &kinds::JSON_KEYS,
            format!("The keys in line {} do not stand in braces.", span.start.0),
            "Put the keys and their values into braces: { \"name\": name }",
        ),
        (None, Some("(")) => Cause::new(
            &kinds::SEPARATOR,
            format!(
                "In line {}, a colon stands between two arguments.",
                span.start.0
            ),
            "Put a comma in its place.",
        ),
        (None, _) => Cause::new(
            &kinds::JSON_VALUES,
            format!(
                "Line {} has JSON in it, and no json! around it.",
                span.start.0
            ),
            "Put json!( before it, and ) behind it.",
        ),
        _ => return None,
    })
}

/// Signs between values that JSON does not have.
fn json_signs(case: &Case) -> Option<Cause> {
    prose::NO_RULES.of(&case.error.text)?;
    let (span, _) = case.primary()?;
    let source = case.source;
    let at = source.token(span.bytes.0);
    let open = json_around(case, at)?;
    let close = source.close(open)?;
    let sign = |index: usize| match (source.word(index), source.word(index + 1)) {
        (";", _) => Some(";"),
        ("=", ">") => Some("=>"),
        _ => None,
    };
    let (index, sign) = (open..close).find_map(|index| Some((index, sign(index)?)))?;
    Some(Cause::new(
        &kinds::SEPARATOR,
        format!(
            "In line {}, {sign} stands between two values of json!.",
            source.line_of(source.tokens[index].start)
        ),
        "Put a comma in its place.",
    ))
}

/// `{ x, y }` in a `json!`.
fn json_short_keys(case: &Case) -> Option<Cause> {
    let is_one =
        prose::NO_RULES.of(&case.error.text).is_some() || prose::MACRO_ENDS.is_in(&case.error.text);
    let (span, _) = case.primary().filter(|_| is_one)?;
    let source = case.source;
    let at = source.token(span.bytes.0);
    let open = json_around(case, at).or_else(|| json_around(case, at + 3))?;
    let close = source.close(open)?;
    let is_alone = |index: &usize| {
        let before = source.word(index - 1);
        let is_in_braces = source
            .open_around(*index)
            .is_some_and(|open| source.word(open) == "{" && source.word(open - 1) != ":");
        is_in_braces
            && source.tokens[*index].kind == crate::source::Kind::Word
            && ["{", ","].contains(&before)
            && [",", "}"].contains(&source.word(index + 1))
    };
    let key = (open + 1..close).find(is_alone)?;
    let name = source.word(key);
    Some(Cause::new(
        &kinds::JSON_KEYS,
        format!(
            "In line {}, `{name}` is a key without a value.",
            span.start.0
        ),
        format!("json! has no short form. Write both: \"{name}\": {name}"),
    ))
}

/// `{x}` as a value in a `json!`.
fn json_braces(case: &Case) -> Option<Cause> {
    if !prose::MACRO_ENDS.is_in(&case.error.text) {
        return None;
    }
    let (span, _) = case.primary()?;
    let source = case.source;
    let start = source.token(span.bytes.0);
    let is_one = |index: &usize| {
        source.word(*index) == ":"
            && source.word(index + 1) == "{"
            && source.word(index + 3) == "}"
            && json_around(case, *index).is_some()
    };
    let at = (start..source.token(span.bytes.1) + 40).find(is_one)?;
    let name = source.word(at + 2);
    Some(Cause::new(
        &kinds::JSON_KEYS,
        format!(
            "In line {}, the value `{name}` stands in braces of its own.",
            span.start.0
        ),
        format!("Take them out: the value of a variable is its name alone, {name}"),
    ))
}

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
