//! What stands around a place: the call that it is of, and the expression that ends there.
//!
//! Called by the causes that name an expression of the learner's; it says nothing of what is wrong with it.

use super::Case;
use crate::message::Span;
use crate::prose;
use crate::types::is_future;

/// The call that a place is, is the name of, or is an argument of.
pub(super) fn call_around(case: &Case, span: &Span) -> Option<Span> {
    let source = case.source;
    let index = source.token(span.bytes.0);
    let is_call = |name: usize| {
        let is_name = source
            .tokens
            .get(name)
            .is_some_and(|it| it.kind == crate::source::Kind::Word);
        is_name && source.word(name + 1) == "("
    };
    let name = match is_call(index) {
        true => index,
        false => {
            source
                .open_around(index)
                .filter(|open| *open > 0 && is_call(open - 1))?
                - 1
        }
    };
    let end = source.close(name + 1)?;
    Some(case.span((source.tokens[name].start, source.tokens[end].end)))
}

/// The call that gives the future: the expression that the suggestion stands behind, or the one before the method.
pub(super) fn called(case: &Case, suggested: Option<&Span>) -> Option<Span> {
    if let Some(place) = suggested {
        let start = expression_before(case, place.bytes.0)?;
        let name = case.source.between((start, place.bytes.0));
        // A variable that holds the future: where it was made is where the await belongs.
        if let Some(made) = made(case, name, start) {
            return Some(made);
        }
        return Some(case.span((start, place.bytes.0)));
    }
    let typed = case
        .error
        .label(&prose::HAS_TYPE)
        .filter(|(_, [of])| is_future(of))
        .map(|it| it.0);
    let arm = case
        .error
        .label(&prose::FOUND_EARLIER)
        .filter(|(_, [of])| is_future(of))
        .map(|it| it.0);
    if let Some(span) = typed.or(arm) {
        let name = case.at(span);
        return Some(made(case, name, span.bytes.0).unwrap_or(span.clone()));
    }
    let (span, text) = case.primary()?;
    if case.error.is("E0599") || case.error.is("E0609") {
        let dot = case.source.between((0, span.bytes.0)).trim_end().len() - 1;
        let start = expression_before(case, dot)?;
        let name = case.source.between((start, dot));
        return Some(made(case, name, start).unwrap_or(case.span((start, dot))));
    }
    if text == "?" {
        let start = expression_before(case, span.bytes.0)?;
        return Some(case.span((start, span.bytes.0)));
    }
    Some(span.clone())
}

/// The call whose future a variable holds: what stands behind its `let name =`.
pub(super) fn made(case: &Case, name: &str, before: usize) -> Option<Span> {
    let is_name = !name.is_empty() && name.chars().all(|it| it.is_alphanumeric() || it == '_');
    if !is_name {
        return None;
    }
    let head = case.source.between((0, before));
    let at = head
        .rfind(&format!("let {name} = "))
        .map(|at| at + 7 + name.len());
    let at = at.or_else(|| {
        head.rfind(&format!("let mut {name} = "))
            .map(|at| at + 11 + name.len())
    })?;
    let end = case.source.text[at..].find(";\n").map(|end| at + end)?;
    Some(case.span((at, end)))
}

/// Where the expression begins that ends at this byte: a chain of names, calls and dots.
pub(super) fn expression_before(case: &Case, end: usize) -> Option<usize> {
    let source = case.source;
    let mut index = source.token(end).checked_sub(1)?;
    loop {
        use crate::source::Kind;
        match source.tokens[index].kind {
            Kind::Close => {
                index = source.open_around(index)?;
                let is_call = index > 0
                    && (source.tokens[index - 1].kind == Kind::Word
                        || source.word(index - 1) == ">"
                        || source.word(index - 1) == "!");
                match is_call {
                    true => index -= 1,
                    false => return Some(source.tokens[index].start),
                }
            }
            Kind::Word | Kind::Number | Kind::Text => {
                match (
                    index.checked_sub(1).map(|it| source.word(it)),
                    index.checked_sub(2).map(|it| source.word(it)),
                ) {
                    (Some("."), Some(_)) => index -= 2,
                    (Some(":"), Some(":")) => index = index.checked_sub(3)?,
                    (Some("!"), _) | (Some("?"), _) => index -= 1,
                    _ => return Some(source.tokens[index].start),
                }
            }
            Kind::Sign if matches!(source.word(index), "?" | "!") => {
                index = index.checked_sub(1)?
            }
            _ => return source.tokens.get(index + 1).map(|it| it.start),
        }
    }
}

/// The variable that an error is about: what a method is called on, or what stands left of an operator.
pub(super) fn named(case: &Case, span: &Span, text: &str) -> String {
    if case.error.is("E0599") || case.error.is("E0609") {
        let dot = case
            .source
            .between((0, span.bytes.0))
            .trim_end()
            .len()
            .saturating_sub(1);
        let start = expression_before(case, dot).unwrap_or(dot);
        return case.source.between((start, dot)).to_owned();
    }
    // Inside of a macro, the variable that a suggestion stands before.
    if span.is_in_macro {
        let mut places = case.error.suggestions().flatten().map(|it| it.0.bytes.1);
        if let Some(at) = places.next() {
            return case.source.word(case.source.token(at)).to_owned();
        }
        let inside = case.source.token(span.bytes.0)..case.source.token(span.bytes.1);
        let mut words = inside.rev().map(|it| case.source.word(it));
        let last = words.find(|it| it.starts_with(|letter: char| letter.is_alphabetic()));
        return last.unwrap_or(text).to_owned();
    }
    // An operator has its two sides beside it.
    let mut spans = case.error.spans.iter();
    let before = spans.find(|it| !it.is_primary && it.bytes.1 <= span.bytes.0);
    if let Some(left) = before.filter(|_| case.error.is("E0369")) {
        return case.at(left).to_owned();
    }
    let left = case
        .error
        .spans
        .iter()
        .find(|it| !it.is_primary && it.bytes.0 == span.bytes.0);
    left.map_or(text, |it| case.at(it)).to_owned()
}
