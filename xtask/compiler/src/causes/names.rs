//! Names that nothing has: misspelt, not written yet, or there twice.

use super::{Case, Cause, Look, code, list};
use crate::message::Span;
use crate::types::{is_future, short};
use crate::{kinds, nearest, prose};

pub(super) const LOOKS: &[Look] = &[misspelt, unknown_name, defined_twice];

/// The codes of names that are not there.
pub(super) const UNKNOWN: &[&str] = &[
    "E0405", "E0412", "E0422", "E0423", "E0425", "E0432", "E0433", "E0531", "E0532", "E0574",
    "E0576",
];

/// A name with a mistake in it: there is another one so near that it must be meant.
pub(super) fn misspelt(case: &Case) -> Option<Cause> {
    let error = case.error;
    let is_method = error.is("E0599") || error.is("E0609") || error.is("E0560");
    if !is_method && !UNKNOWN.iter().any(|code| error.is(code)) {
        return None;
    }
    let (span, name) = case.primary()?;
    let is_name = |text: &str| text.chars().all(|it| it.is_alphanumeric() || it == '_');
    if name.is_empty() || !is_name(name) || is_future_or_option(case) {
        return None;
    }
    let ours = match is_method {
        true => None,
        false => nearest::in_program(name, span, case.source),
    };
    let suggested = error.suggestions().find_map(|parts| match parts[..] {
        [(place, text)] if place.bytes == span.bytes && is_name(text) => Some(text.to_owned()),
        [(place, text)]
            if is_name(text) && place.bytes.0 >= span.bytes.0 && place.bytes.1 <= span.bytes.1 =>
        {
            Some(with(name, span, place, text))
        }
        _ => None,
    });
    // What the compiler finds may be another kind of thing: a near name is one letter in three away at most.
    let suggested = suggested.filter(|it| nearest::are_near(name, it) || same_letters(name, it));
    // What a module has, the compiler knows best.
    let near = match error.is("E0432") {
        true => suggested.or(ours)?,
        false => ours.or(suggested)?,
    };
    (near != name).then(|| {
        Cause::new(
            &kinds::MISSPELT_NAME,
            format!("There is no `{name}`{}; there is `{near}`.", of(case)),
            format!("Write {near} in line {}.", span.start.0),
        )
    })
}

/// A name with a part of it replaced.
fn with(name: &str, span: &Span, place: &Span, text: &str) -> String {
    let (from, to) = (place.bytes.0 - span.bytes.0, place.bytes.1 - span.bytes.0);
    match (name.get(..from), name.get(to..)) {
        (Some(before), Some(after)) => format!("{before}{text}{after}"),
        _ => text.to_owned(),
    }
}

fn same_letters(one: &str, other: &str) -> bool {
    let plain = |of: &str| of.to_lowercase().replace('_', "");
    plain(one) == plain(other)
}

/// Where a method or a name is missing, as the end of a clause: " in `Message`".
fn of(case: &Case) -> String {
    match prose::NO_METHOD.of(&case.error.text) {
        Some([_, _, of]) => format!(" of {}", in_words(of)),
        None => String::new(),
    }
}

fn in_words(of: &str) -> String {
    match short(of) {
        words if words.starts_with("a ") || words.starts_with("an ") => words,
        name => code(&name),
    }
}

/// A method on a future or on an Option has another cause than its name.
fn is_future_or_option(case: &Case) -> bool {
    let Some([_, _, of]) = prose::NO_METHOD.of(&case.error.text) else {
        return false;
    };
    is_future(of) || of.contains("Mutex") || short(of).trim_start_matches('&') == "Value"
}

/// A name that nothing here has: not written yet, or a variable of another function.
fn unknown_name(case: &Case) -> Option<Cause> {
    let error = case.error;
    if !UNKNOWN.iter().any(|code| error.is(code)) {
        return None;
    }
    let (span, name) = case.primary()?;
    if name.is_empty() || !name.chars().all(|it| it.is_alphanumeric() || it == '_') {
        return None;
    }
    let line = span.start.0;
    if case.source.between((0, span.bytes.0)).ends_with("::") {
        let next = match nearest::path_in_crate(name, case.source.between((0, span.bytes.0))) {
            Some(path) => format!("Write the whole path: {path}"),
            None => "Look up its name, in the README of the step or in the documentation of the library.".into(),
        };
        return Some(Cause::new(
            &kinds::UNKNOWN_NAME,
            format!("The path or the value before `{name}` in line {line} has no `{name}`."),
            next,
        ));
    }
    // A path leads to modules and crates: no variable is meant.
    let is_path = error.is("E0432") || error.is("E0433");
    if let Some(cause) = super::asyncs::value_of_a_closure(case, name, span) {
        return Some(cause);
    }
    if let Some((function, bound)) = variable_of_another(case, name, span).filter(|_| !is_path) {
        let here = case
            .function_at(span)
            .map_or(String::new(), |it| format!(" of `{}`", it.name));
        return Some(Cause::new(
            &kinds::UNKNOWN_NAME,
            format!(
                "`{name}` is a variable of `{function}`, line {bound}: the code{here} in line {line} cannot see it."
            ),
            format!(
                "Give it to the function that needs it: a parameter `{name}`, and an argument where it is called."
            ),
        ));
    }
    if error.suggests("let").is_some() || case.gives_a_value(span) {
        return Some(Cause::new(
            &kinds::UNKNOWN_NAME,
            format!(
                "Line {line} gives `{name}` a value, but no line declares a variable of that name."
            ),
            format!("Write let before it: let {name} = …"),
        ));
    }
    if let Some((line_of, pattern)) = bound_by_a_pattern(case, name, span) {
        return Some(Cause::new(
            &kinds::UNKNOWN_NAME,
            format!(
                "Nothing that line {line} can see is called `{name}`: the pattern in line {line_of} is `{pattern}`."
            ),
            format!(
                "Write one name in both lines: {}({name}) in line {line_of}.",
                pattern.split('(').next().unwrap_or_default()
            ),
        ));
    }
    let next = match case.source.comment_with(&format!("`{name}`")) {
        Some(todo) => format!("It is one of the tasks of this step: see the TODO in line {todo}."),
        None => format!(
            "Write what `{name}` is before line {line} uses it; or write the name that you mean."
        ),
    };
    Some(Cause::new(
        &kinds::UNKNOWN_NAME,
        format!("Nothing that line {line} can see is called `{name}`."),
        next,
    ))
}

/// The pattern of the arm that a name stands in, where it gives another name, or none: its line, and the pattern.
fn bound_by_a_pattern<'a>(case: &Case<'a>, name: &str, span: &Span) -> Option<(usize, &'a str)> {
    let source = case.source;
    let open = source.open_around(source.token(span.bytes.0));
    let mut blocks = std::iter::successors(open, |open| source.open_around(*open));
    let block =
        blocks.find(|at| source.word(*at) == "{" && source.word(at.saturating_sub(1)) == ">")?;
    let head = source
        .line(source.line_of(source.tokens[block].start))
        .trim();
    let pattern = head.split("=>").next()?.trim();
    let of = pattern.split('(').next()?;
    let inside = pattern[of.len()..].trim_matches(['(', ')']);
    let is_plain = inside.chars().all(|it| it.is_alphanumeric() || it == '_');
    let fits = ["Err", "Ok", "Some"].contains(&of) && is_plain && inside != name;
    // An error is called error, or what it begins with.
    let is_meant = inside.is_empty()
        || name.starts_with(inside)
        || inside.starts_with(name)
        || of == "Err" && name.starts_with("err");
    (fits && is_meant).then(|| (source.line_of(source.tokens[block].start), pattern))
}

/// The other function that has a variable of this name, and the line of that.
fn variable_of_another(case: &Case, name: &str, span: &Span) -> Option<(String, usize)> {
    let here = case.function_at(span).map(|it| it.line);
    let functions = case.source.functions().into_iter();
    let mut others = functions.filter(|it| Some(it.line) != here);
    others.find_map(|it| {
        let head = case.source.between((0, it.body.0)).len() - it.head.len();
        let index = case
            .source
            .binds(name, (head.saturating_sub(1), it.body.1))?;
        let line = case.source.line_of(case.source.tokens[index].start);
        Some((it.name.to_owned(), line))
    })
}

/// One name for two things.
fn defined_twice(case: &Case) -> Option<Cause> {
    let is_one = ["E0428", "E0252", "E0255", "E0415", "E0416"]
        .iter()
        .any(|code| case.error.is(code));
    if !is_one {
        return None;
    }
    let (span, text) = case.primary()?;
    let name = match text
        .split_once("fn ")
        .or(text.split_once("struct "))
        .or(text.split_once("type "))
    {
        Some((_, rest)) => rest
            .split(|it: char| !it.is_alphanumeric() && it != '_')
            .next()?,
        None => text.rsplit("::").next()?,
    };
    let first = case.error.spans.iter().find(|it| !it.is_primary);
    let lines: Vec<String> = first
        .iter()
        .map(|it| it.start.0)
        .chain([span.start.0])
        .map(|it| it.to_string())
        .collect();
    Some(Cause::new(
        &kinds::DEFINED_TWICE,
        format!("`{name}` is there twice: in lines {}.", list(&lines)),
        "Take one of the two out, or give it another name.",
    ))
}
