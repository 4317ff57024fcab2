//! Names of a library that are not imported, or imported from where they are not.

use super::names::{UNKNOWN, misspelt};
use super::{Case, Cause, Look};
use crate::message::Span;
use crate::nearest::{self, nearest};
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[
    macro_without_bang,
    unknown_macro,
    trait_not_imported,
    not_in_module,
    name_not_imported,
];

/// Macros that are called without their sign.
const MACROS: &[&str] = &[
    "env",
    "eprintln",
    "file",
    "format",
    "include_dir",
    "json",
    "panic",
    "print",
    "println",
    "todo",
    "vec",
];

/// A macro that is called as a function.
fn macro_without_bang(case: &Case) -> Option<Cause> {
    let (span, name) = case.primary()?;
    let is_call = case.source.word(case.source.token(span.bytes.1)) == "(";
    let is_it = ["E0423", "E0425"].iter().any(|code| case.error.is(code));
    if !is_it || !is_call || !MACROS.contains(&name) || case.source.function_named(name).is_some() {
        return None;
    }
    Some(Cause::new(
        &kinds::MACRO_BANG,
        format!(
            "`{name}` in line {} is a macro, but the line calls it like a function.",
            span.start.0
        ),
        format!("Write a ! after its name: {name}!(…)"),
    ))
}

/// A macro that is not there: one of a library, or one with a mistake in its name.
fn unknown_macro(case: &Case) -> Option<Cause> {
    let [name] = prose::NO_MACRO.of(&case.error.text)?;
    let (span, _) = case.primary()?;
    if let Some(path) = nearest::known(name) {
        return Some(Cause::new(
            &kinds::MACRO_NOT_IMPORTED,
            format!(
                "The macro `{name}!` is used in line {} and not imported.",
                span.start.0
            ),
            format!("Write at the top: use {path};"),
        ));
    }
    let near = nearest(name, nearest::MACROS.iter().copied())?;
    Some(Cause::new(
        &kinds::MISSPELT_NAME,
        format!("There is no macro `{name}!`; there is `{near}!`."),
        format!("Write {near}! in line {}.", span.start.0),
    ))
}

/// A method of a trait that is not imported.
fn trait_not_imported(case: &Case) -> Option<Cause> {
    if !case.error.is("E0599") {
        return None;
    }
    let mut imports = imports(case);
    imports.sort_by_key(|path| !nearest::is_ours(path));
    let path = imports.first()?;
    let (span, method) = case.primary()?;
    let name = path.rsplit("::").next().unwrap_or(path);
    Some(
        Cause::new(
            &kinds::TRAIT_NOT_IMPORTED,
            format!("`{method}` in line {} is a method of the trait `{name}`, and `{name}` is not imported.", span.start.0),
            format!("Write at the top: use {path};"),
        )
        .marks([span.clone()]),
    )
}

/// The paths that the compiler would import.
fn imports(case: &Case) -> Vec<String> {
    let parts = case.error.suggestions().flatten();
    parts
        .filter_map(|(_, text)| {
            let path = text.trim().strip_prefix("use ")?.strip_suffix(';')?;
            Some(path.to_owned())
        })
        .collect()
}

/// A name that is imported from where it is not.
fn not_in_module(case: &Case) -> Option<Cause> {
    let (span, [name, module]) = case
        .error
        .label(&prose::NOT_IN)
        .filter(|_| case.error.is("E0432"))?;
    let line = span.start.0;
    let path = case
        .at(span)
        .rsplit_once("::")
        .map_or(module.trim_matches('`'), |it| it.0);
    if let Some(known) = nearest::known(name) {
        return Some(Cause::new(
            &kinds::NAME_NOT_IMPORTED,
            format!("`{name}` is imported in line {line} from {path}, and is somewhere else."),
            format!("Write at the top: use {known};"),
        ));
    }
    // A name with a mistake in it is another cause.
    if misspelt(case).is_some() {
        return None;
    }
    Some(Cause::new(
        &kinds::UNKNOWN_NAME,
        format!("Line {line} imports `{name}` from {path}, but nothing there has that name."),
        format!("Look up its name in the documentation of {path}, or take it out."),
    ))
}

/// A type, a trait or a function that a library has, and that is not imported.
fn name_not_imported(case: &Case) -> Option<Cause> {
    let error = case.error;
    // Where something else was expected, the name is known.
    if !UNKNOWN.iter().any(|code| error.is(code)) || error.text.starts_with("expected ") {
        return None;
    }
    let (span, name) = case.primary()?;
    let name = name.split("::").next().unwrap_or(name);
    let is_first = !case.source.between((0, span.bytes.0)).ends_with("::");
    if !is_first || case.source.function_named(name).is_some() {
        return None;
    }
    let known = nearest::known(name).map(str::to_owned);
    let imports = imports(case);
    let path = match imports.as_slice() {
        [] => known?,
        // A pattern with a name that happens to be a variant in a library is no use of it.
        [one] if error.is("E0531") && !nearest::is_ours(one) => return None,
        [one] => known
            .filter(|it| !it.starts_with("std::"))
            .unwrap_or(one.clone()),
        _ => known.or_else(|| imports.iter().find(|it| nearest::is_ours(it)).cloned())?,
    };
    Some(not_imported(name, &path, span))
}

pub(super) fn not_imported(name: &str, path: &str, span: &Span) -> Cause {
    Cause::new(
        &kinds::NAME_NOT_IMPORTED,
        format!(
            "`{name}` is used in line {} and not imported.",
            span.start.0
        ),
        format!("Write at the top: use {path};"),
    )
}
