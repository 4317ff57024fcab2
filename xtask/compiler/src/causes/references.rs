//! A value where a reference is due, or the other way round.

use super::{Case, Cause, Look, a, brief, code};
use crate::types::short;
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[compared_reference, reference_missing];

/// A value that is compared with a reference.
fn compared_reference(case: &Case) -> Option<Cause> {
    let error = case.error;
    let (span, text) = case.primary()?;
    let line = span.start.0;
    let pair = match error.code.as_deref() {
        Some("E0277") => prose::NO_COMPARING
            .of(&error.text)
            .map(|[one, other]| (one, other)),
        Some("E0308") => {
            let head = case.source.line(line);
            let before: String = head.chars().take(span.start.1 - 1).collect();
            let is_compared = ["== ", "!= ", "== Some(", "!= Some(", "== Ok(", "<= ", ">= "]
                .iter()
                .any(|it| before.ends_with(it));
            case.expected().filter(|_| is_compared)
        }
        _ => None,
    };
    let (one, other) = pair?;
    let stars = |of: &str| {
        let of = short(of);
        of.len() - of.trim_start_matches('&').len()
    };
    let bare = |of: &str| short(of).trim_start_matches('&').to_owned();
    let is_same = bare(one) == bare(other)
        || [one, other]
            .iter()
            .all(|it| bare(it) == "String" || bare(it) == "str")
        || bare(one).contains("number")
        || bare(other).contains("number")
        || [one, other].iter().any(|it| it.contains("{integer}"));
    if stars(one) == stars(other) || !is_same {
        return None;
    }
    let shown = |of: &str| {
        format!(
            "`{}`",
            of.replace("{integer}", "number")
                .replace("a whole number", "number")
        )
    };
    let next = match error.is("E0308") && text.starts_with('&') {
        true => format!(
            "Take the & before {} out.",
            brief(text.trim_start_matches('&'))
        ),
        false if stars(one) > stars(other) => format!(
            "Read what the left side refers to, with {} before it; or put {} before the right side.",
            "*".repeat(stars(one) - stars(other)),
            "&".repeat(stars(one) - stars(other))
        ),
        false => format!(
            "Read what the right side refers to, with {} before it; or put {} before the left side.",
            "*".repeat(stars(other) - stars(one)),
            "&".repeat(stars(other) - stars(one))
        ),
    };
    Some(Cause::new(
        &kinds::COMPARED_REFERENCE,
        format!(
            "Line {line} compares {} with {}: a reference with a value.",
            shown(&short(one)),
            shown(&short(other))
        ),
        next,
    ))
}

/// A value where a reference is wanted, or the other way round.
fn reference_missing(case: &Case) -> Option<Cause> {
    if !case.error.is("E0308") {
        return None;
    }
    let (expected, found) = case.expected()?;
    let (wanted, there) = (short(expected), short(found));
    let plain = |of: &str| {
        of.trim_start_matches("&mut ")
            .trim_start_matches('&')
            .to_owned()
    };
    // Where the compiler does not say which type, only that it is to be changed.
    if wanted == "&mut _" && !there.starts_with('&') && !there.starts_with("MutexGuard") {
        let (span, text) = case.primary()?;
        return Some(Cause::new(
            &kinds::REFERENCE_MISSING,
            format!(
                "{} in line {} is given away, and is only to be lent.",
                code(text),
                span.start.0
            ),
            format!("Lend it to be changed: &mut {}", brief(text)),
        ));
    }
    if plain(&wanted) != plain(&there) || wanted == there {
        return None;
    }
    let (span, text) = case.primary()?;
    let line = span.start.0;
    let next = match (wanted.starts_with("&mut "), wanted.starts_with('&')) {
        (true, _) => format!(
            "Lend it to be changed: &mut {}",
            brief(text.trim_start_matches('&'))
        ),
        (false, true) => format!("Lend it: &{}", brief(text)),
        (false, false) if is_small(&wanted) && !text.starts_with('&') => {
            format!("Read what it refers to, with a star: *{}", brief(text))
        }
        (false, false) if wanted == "str" => {
            "A text that is lent has the type &str: write the & before str in the parameter."
                .to_owned()
        }
        (false, false) => match text.strip_prefix('&') {
            Some(name) => format!("Take the & out: {}", brief(name)),
            None => format!(
                "Give a clone of it, {}.clone(); or let the other side take a reference.",
                brief(text)
            ),
        },
    };
    Some(Cause::new(
        &kinds::REFERENCE_MISSING,
        format!(
            "{} in line {line} is {}, and {} is wanted.",
            code(text),
            a(&there),
            a(&wanted)
        ),
        next,
    ))
}

/// Whether a type is one that is copied with a star: a number, a bool, a letter.
fn is_small(of: &str) -> bool {
    let is_number =
        of.starts_with(['u', 'i', 'f']) && of[1..].chars().all(|it| it.is_ascii_digit());
    is_number || ["bool", "char", "usize", "isize"].contains(&of)
}
