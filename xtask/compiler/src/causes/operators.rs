//! Operators that a type does not have.

use super::{Case, Cause, Look, a, brief};
use crate::types::{is_filter, short};
use crate::{kinds, prose};

/// Looked for last: a text, a reference or what is behind a lock has another cause.
pub(super) const COMPARED: &[Look] = &[not_comparable];

pub(super) const LOOKS: &[Look] = &[
    no_index,
    filters_by_sign,
    added,
    numbers_differ,
    compared,
    changed,
    incremented,
];

/// `||` and `&&` between filters.
fn filters_by_sign(case: &Case) -> Option<Cause> {
    let (expected, found) = case.expected().filter(|_| case.error.is("E0308"))?;
    let span = case.error.primary()?;
    let token = |byte| case.source.token(byte);
    let (before, behind) = (token(span.bytes.0), token(span.bytes.1));
    let signs = [before.wrapping_sub(1), behind].map(|at| case.source.word(at));
    let sign = signs.into_iter().find(|it| matches!(*it, "|" | "&"))?;
    let is_filter = found == "opaque type" || is_filter(found) || found.contains("Filter<");
    if expected != "bool" || !is_filter {
        return None;
    }
    let method = match sign {
        "|" => "or",
        _ => "and",
    };
    Some(Cause::new(
        &kinds::NO_OPERATOR,
        format!(
            "Line {} joins filters with {sign}{sign}, which joins only true and false.",
            span.start.0
        ),
        format!("Join them with a method: one.{method}(other)"),
    ))
}

/// `+` between what cannot be added.
fn added(case: &Case) -> Option<Cause> {
    let [right, left] = prose::CANNOT_ADD
        .of(&case.error.text)
        .filter(|_| case.error.is("E0369"))?;
    let line = case.error.primary()?.start.0;
    let is_text = |of: &str| {
        matches!(
            short(of).as_str(),
            "&str" | "&'static str" | "String" | "&String"
        )
    };
    let (cause, next) = match is_text(left) && is_text(right) {
        true => (
            format!(
                "The + in line {line} is between two borrowed texts, and neither has room for the other."
            ),
            "Make a new text of both: format!(\"{one}{other}\")".to_owned(),
        ),
        false => (
            format!(
                "There is no + between {} and {}, as line {line} has it.",
                a(left),
                a(right)
            ),
            match short(left) {
                of if of.starts_with("MutexGuard<") => {
                    "Change what is behind the lock, with a star before it: *count.lock().unwrap() += 1;".into()
                }
                of if of.contains("Mutex<") => {
                    "Lock it first, and change what is behind the lock: *count.lock().unwrap() += 1;".into()
                }
                of if of == "&str" || of == "&'static str" => {
                    "Write both into a text: format!(\"{one}{other}\")".into()
                }
                of => format!("Take out of the {of} in line {line} what can be added, or make a new one of both."),
            },
        ),
    };
    Some(Cause::new(&kinds::NO_OPERATOR, cause, next))
}

/// Two kinds of numbers on both sides of an operator.
fn numbers_differ(case: &Case) -> Option<Cause> {
    let error = case.error;
    let [left, right] = prose::CANNOT_DIVIDE
        .of(&error.text)
        .or_else(|| prose::CANNOT_MULTIPLY.of(&error.text))
        .or_else(|| {
            prose::CANNOT_ADD
                .of(&error.text)
                .map(|[right, left]| [left, right])
        })
        .or_else(|| {
            prose::CANNOT_SUBTRACT
                .of(&error.text)
                .map(|[right, left]| [left, right])
        })
        .filter(|_| error.is("E0277"))?;
    let is_number = |of: &str| {
        let digits = of.trim_start_matches(['u', 'i', 'f']);
        matches!(of, "{integer}" | "{float}" | "usize" | "isize")
            || (digits.len() < of.len() && digits.chars().all(|it| it.is_ascii_digit()))
    };
    if !is_number(left) || !is_number(right) {
        return None;
    }
    let line = error.primary()?.start.0;
    let to = match (left, right) {
        ("{float}" | "{integer}", other) | (other, "{float}" | "{integer}") => other,
        (left, right) if right.starts_with('f') && !left.starts_with('f') => right,
        (left, _) => left,
    };
    let fix = match (left, right) {
        (_, "{float}") => {
            "Write a whole number; or turn the whole number into an f64: … as f64".to_owned()
        }
        _ => format!("Make both the same: … as {to}"),
    };
    Some(Cause::new(
        &kinds::NO_OPERATOR,
        format!(
            "Line {line} calculates with {} and {}: Rust changes no kind of number into another by itself.",
            a(left),
            a(right)
        ),
        fix,
    ))
}

/// `+=` and the like on what is changed by methods.
fn changed(case: &Case) -> Option<Cause> {
    let [operator, of] = prose::CANNOT_CHANGE
        .of(&case.error.text)
        .filter(|_| case.error.is("E0368"))?;
    let (span, text) = case.primary()?;
    let line = span.start.0;
    let name = brief(text.split(operator).next().unwrap_or(text).trim());
    let next = match (short(of).starts_with("Atomic"), operator) {
        (true, "+=") => format!("Add by its method: {name}.fetch_add(1, Ordering::Relaxed)"),
        (true, "-=") => format!("Subtract by its method: {name}.fetch_sub(1, Ordering::Relaxed)"),
        _ => format!(
            "Look up in the documentation which method changes {}.",
            a(of)
        ),
    };
    Some(Cause::new(
        &kinds::NO_OPERATOR,
        format!(
            "`{name}` in line {line} is {}, and {operator} cannot change that.",
            a(of)
        ),
        next,
    ))
}

/// `++` and `--`.
fn incremented(case: &Case) -> Option<Cause> {
    let [_, of] = prose::NO_INCREMENT.of(&case.error.text)?;
    let span = case.error.primary()?;
    let (sign, sum) = match of {
        "increment" => ("++", "+= 1"),
        _ => ("--", "-= 1"),
    };
    Some(Cause::new(
        &kinds::NO_OPERATOR,
        format!("Rust has no {sign}, as in line {}.", span.start.0),
        format!(
            "Write {sum}, with a * at the beginning of the line where a Mutex holds the number."
        ),
    ))
}

/// `==` on a Result, whose error cannot be compared.
fn compared(case: &Case) -> Option<Cause> {
    let [of] = prose::NO_EQUALS
        .of(&case.error.text)
        .filter(|_| case.error.is("E0369"))?;
    let of = short(of);
    if !of.starts_with("Result<") {
        return None;
    }
    let line = case.error.primary()?.start.0;
    Some(Cause::new(
        &kinds::NO_OPERATOR,
        format!("Line {line} compares a `{of}` with ==, and its error cannot be compared."),
        "Ask it: .is_ok() or .is_err(); or match on it with if let Ok(…).",
    ))
}

/// `thing[0]` of what is no list.
fn no_index(case: &Case) -> Option<Cause> {
    let [of] = prose::NO_INDEX.of(&case.error.text)?;
    let (span, text) = case.primary()?;
    let name = text.split('[').next().unwrap_or(text);
    let next = match short(of).as_str() {
        it if it.starts_with("Dir") => {
            format!("Ask it for a file: {name}.get_file(name), which gives an Option.")
        }
        _ => format!(
            "Look up in the documentation which method gives a part of {}.",
            a(of)
        ),
    };
    Some(Cause::new(
        &kinds::NO_OPERATOR,
        format!(
            "`{name}` in line {} is {}, and has no [ ].",
            span.start.0,
            a(of)
        ),
        next,
    ))
}

/// Two types that cannot be compared.
fn not_comparable(case: &Case) -> Option<Cause> {
    let [one, other] = prose::NO_COMPARING.of(&case.error.text)?;
    let (span, _) = case.primary()?;
    let (one, other) = (short(one), short(other));
    let is_option = |of: &str| of.trim_start_matches('&').starts_with("Option<");
    let next = match is_option(&one) != is_option(&other) {
        true => "Take the value out of the Option first; or write Some(…) around the other side.",
        false => {
            "Compare two values of one type: see which of the two is not the one that you mean."
        }
    };
    Some(Cause::new(
        &kinds::NO_OPERATOR,
        format!(
            "Line {} compares `{one}` with `{other}`: there is no == between the two.",
            span.start.0
        ),
        next,
    ))
}
