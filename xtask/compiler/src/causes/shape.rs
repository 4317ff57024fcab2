//! The text's shape: brackets, quotes, semicolons, formats.

use super::{Case, Cause, Look, brief, code};
use crate::message::Span;
use crate::source::{Kind, Token};
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[
    unclosed_text,
    stray_bracket,
    unclosed_bracket,
    format_text,
    format_values,
    format_brace,
    missing_semicolon,
];

/// A text without its second quote. The compiler sees that at the end of the file, at the last quote of all: the text that
/// was meant to end is the first that goes over the end of a line.
fn unclosed_text(case: &Case) -> Option<Cause> {
    if !case.error.is("E0765") && !case.error.is("E0766") {
        return None;
    }
    let texts = case
        .source
        .tokens
        .iter()
        .filter(|token| token.kind == Kind::Text);
    let goes_on = |token: &&Token| {
        let text = case.source.between((token.start, token.end));
        let line = text.lines().next().unwrap_or_default();
        text.contains('\n') && !line.ends_with('\\')
    };
    let text = texts.into_iter().find(goes_on)?;
    if let Some(cause) = unopened_text(case, text.start) {
        return Some(cause);
    }
    let line = case.source.line_of(text.start);
    let shown = case.source.between((text.start, text.end)).lines().next()?;
    let mark = Span {
        label: Some("this text goes on over the end of the line".into()),
        ..case.span((text.start, text.start + shown.len()))
    };
    Some(
        Cause::new(
            &kinds::UNCLOSED_TEXT,
            format!(
                "The text that begins in line {line} with {} has no second quote.",
                code(shown)
            ),
            format!("Put the second quote into line {line}, where the text ends."),
        )
        .marks([mark]),
    )
}

/// A text without its first quote: its second one stands directly behind a word, and opens the next text.
fn unopened_text(case: &Case, before: usize) -> Option<Cause> {
    let is_one = |pair: &&[Token]| {
        let touches = pair[0].end == pair[1].start && pair[1].start <= before;
        touches
            && pair[0].kind == Kind::Word
            && pair[1].kind == Kind::Text
            && case.source.text[pair[1].start..].starts_with('"')
    };
    let pair = case.source.tokens.windows(2).find(is_one)?;
    let line = case.source.line_of(pair[1].start);
    let word = (pair[0].start, pair[1].start + 1);
    let mark = Span {
        label: Some("a second quote without a first one".into()),
        ..case.span(word)
    };
    Some(
        Cause::new(
            &kinds::UNCLOSED_TEXT,
            format!(
                "The text that ends in line {line} with {} has no first quote.",
                code(case.source.between(word))
            ),
            format!("Put the first quote into line {line}, where the text begins."),
        )
        .marks([mark]),
    )
}

/// The place where a bracket was opened that is never closed.
fn unclosed_bracket(case: &Case) -> Option<Cause> {
    let error = case.error;
    let is_one = prose::UNCLOSED.is_in(&error.text) || prose::MISMATCHED.of(&error.text).is_some();
    if !is_one || error.code.is_some() {
        return None;
    }
    let opened = error
        .labels()
        .find(|(_, label)| prose::OPENED_BY_INDENT.is_in(label))
        .or_else(|| {
            error
                .labels()
                .filter(|(_, label)| *label == prose::OPENED.0)
                .last()
        })
        .map(|(span, _)| span)?;
    // The compiler may give a place between two letters.
    let open = case
        .source
        .text
        .get(opened.bytes.0..)
        .and_then(|rest| rest.get(..1))?;
    let close = match open {
        "(" => ")",
        "[" => "]",
        _ => "}",
    };
    let line = case.source.line(opened.start.0).trim();
    let same_line = error.spans.iter().any(|span| {
        span.is_primary && span.start.0 == opened.start.0 && span.start.1 > opened.start.1
    });
    let next = match open {
        _ if same_line => format!(
            "Write the missing {close} in line {}, before what is marked as noticed.",
            opened.start.0
        ),
        "{" => format!(
            "Write the {close} of line {} where its block ends; the indentation shows where that is.",
            opened.start.0
        ),
        _ => format!(
            "Write the missing {close} behind what begins in line {} with {open}.",
            opened.start.0
        ),
    };
    let mark = Span {
        label: Some("opened here, and never closed".into()),
        is_primary: true,
        ..opened.clone()
    };
    let noticed = error.spans.iter().find(|span| {
        span.is_primary && span.start != opened.start && !case.at(span).trim().is_empty()
    });
    let noticed = noticed.map(|span| Span {
        label: Some("noticed only here".into()),
        is_primary: false,
        ..span.clone()
    });
    Some(
        Cause::new(
            &kinds::UNCLOSED_BRACKET,
            format!(
                "The {open} that is opened in line {}, {}, is never closed.",
                opened.start.0,
                code(line)
            ),
            next,
        )
        .marks([mark].into_iter().chain(noticed)),
    )
}

/// A closing bracket too many.
fn stray_bracket(case: &Case) -> Option<Cause> {
    let error = case.error;
    let [noticed] = prose::UNEXPECTED.of(&error.text)?;
    let named = error
        .labels()
        .find_map(|(span, label)| prose::NEVER_OPENED.of(label).map(|_| span));
    let of_indent = error.spans.iter().find(|span| {
        let label = span.label.as_deref().unwrap_or_default();
        label.starts_with("...as it matches")
    });
    let stray = named.or(of_indent).or(error.primary())?;
    // The compiler may give the place behind the bracket, and no text.
    let here = case.source.text.get(stray.bytes.0..);
    let before = case.source.text.get(..stray.bytes.0);
    let letters = [
        here.and_then(|it| it.chars().next()),
        before.and_then(|it| it.chars().next_back()),
    ];
    let bracket = letters
        .into_iter()
        .flatten()
        .find(|letter| ")]}".contains(*letter))
        .map_or(noticed.to_owned(), String::from);
    let line = stray.start.0;
    let mark = Span {
        label: Some("one too many".into()),
        is_primary: true,
        ..stray.clone()
    };
    let next = match bracket.as_str() {
        "}" => format!(
            "Look at the blocks above line {line}: take out the {bracket} that has no partner, here or a line above."
        ),
        _ => format!(
            "Take out the {bracket} that is too many in line {line}, or write the one that opens it."
        ),
    };
    Some(
        Cause::new(
            &kinds::STRAY_BRACKET,
            format!("There is one {bracket} more than was opened: the one in line {line} closes nothing, or closes too much."),
            next,
        )
        .marks([mark]),
    )
}

/// A statement that does not end.
fn missing_semicolon(case: &Case) -> Option<Cause> {
    let suggested = case.error.suggests(";");
    let expected = prose::SEMICOLON.of(&case.error.text).is_some();
    let place = match (suggested, expected) {
        (Some(span), _) => span,
        (None, true) => case.error.primary()?,
        (None, false) => return None,
    };
    let line = place.start.0;
    let statement = case.source.line(line).trim();
    let mark = Span {
        label: Some("a ; is missing here".into()),
        is_primary: true,
        ..place.clone()
    };
    let cause = match expected {
        true => format!(
            "The statement that ends in line {line}, {}, has no semicolon behind it.",
            code(statement)
        ),
        // The value of a block, or of an if, that nobody wants.
        false => format!(
            "Without a semicolon, {} in line {line} is taken for a value, or for the beginning of the next line.",
            code(statement)
        ),
    };
    Some(
        Cause::new(
            &kinds::MISSING_SEMICOLON,
            cause,
            format!("Put a ; at the end of line {line}."),
        )
        .marks([mark]),
    )
}

/// More places in a format than values behind it, or fewer.
fn format_values(case: &Case) -> Option<Cause> {
    let error = case.error;
    if error.code.is_some() {
        return None;
    }
    let (span, text) = case.primary()?;
    let (cause, next) = if let Some([places, values]) = prose::FORMAT_COUNT.of(&error.text) {
        let values = values
            .trim_start_matches("there is ")
            .trim_start_matches("there are ");
        (
            format!("The text in line {} has {}, and there {} behind it.", span.start.0, place(places), are(values)),
            "Give each {} its value, in their order; or write the name into the braces, as in {name}.".to_owned(),
        )
    } else if prose::FORMAT_UNUSED.is_in(&error.text) {
        (
            format!(
                "The value {} is behind a text that has no place for it.",
                code(text)
            ),
            "Write {} into the text, where the value belongs; or take the value out.".to_owned(),
        )
    } else if prose::FORMAT_UNUSED_MANY.is_in(&error.text) {
        (
            format!(
                "The text in line {} has no places for the values behind it.",
                span.start.0
            ),
            "Write {} into the text for each value. The %s of other languages stays as it stands."
                .to_owned(),
        )
    } else if prose::FORMAT_REDUNDANT.is_in(&error.text) {
        (
            format!(
                "The text names {} inside already, so the one behind it is too many.",
                code(text)
            ),
            format!("Take the value {} behind the text out.", code(text)),
        )
    } else {
        return None;
    };
    Some(Cause::new(&kinds::FORMAT_VALUES, cause, next))
}

/// "2 positional arguments" as places.
fn place(places: &str) -> String {
    match places.split(' ').next().unwrap_or_default() {
        "1" => "one place for a value".into(),
        number => format!("{number} places for values"),
    }
}

/// "1 argument" as a clause.
fn are(values: &str) -> String {
    match values.split(' ').next().unwrap_or_default() {
        "no" => "is no value".into(),
        "1" => "is one value".into(),
        number => format!("are {number} values"),
    }
}

/// `println!(value)`.
fn format_text(case: &Case) -> Option<Cause> {
    if !prose::FORMAT_NOT_TEXT.is_in(&case.error.text) {
        return None;
    }
    let (_, value) = case.primary()?;
    Some(Cause::new(
        &kinds::FORMAT_TEXT,
        format!(
            "{} stands in the place of the format, the text that says how to print it.",
            code(value)
        ),
        format!("Write a text before it: \"{{}}\", {}", brief(value)),
    ))
}

/// A brace in a format that is not closed, or closes nothing.
fn format_brace(case: &Case) -> Option<Cause> {
    prose::FORMAT_BRACE.of(&case.error.text)?;
    let (span, _) = case.primary()?;
    Some(Cause::new(
        &kinds::FORMAT_BRACE,
        format!(
            "The text in line {} has a brace without its partner, or something in braces that names no value.",
            span.start.0
        ),
        "Close the brace; or write it twice, {{ or }}, where the text is to show a brace.",
    ))
}
