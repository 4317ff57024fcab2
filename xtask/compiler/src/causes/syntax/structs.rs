//! Values of a struct: its name, and each field with its value.

use super::{Case, Cause, Look, Stuck, code};
use crate::{kinds, prose};

pub(in super::super) const LOOKS: &[Look] =
    &[new, with_brackets, without_a_name, equals, quoted, left_out];

/// A field's name in quotes.
fn quoted(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_text = stuck.word(0).starts_with('"') && stuck.word(1) == ":";
    let name = stuck.word(0).trim_matches('"');
    (is_text && stuck.owner().is_some()).then(|| {
        Cause::new(
            &kinds::STRUCT_VALUE,
            format!(
                "The field `{name}` in line {} stands in quotes.",
                stuck.line()
            ),
            format!("Take the quotes out: {name}: …"),
        )
    })
}

/// A field that gets no value.
fn left_out(case: &Case) -> Option<Cause> {
    if !case.error.is("E0063") {
        return None;
    }
    let (span, _) = case.primary()?;
    let names = case.error.text.split('`').skip(1).step_by(2);
    let all: Vec<&str> = names.collect();
    let [fields @ .., of] = all.as_slice() else {
        return None;
    };
    let missing: Vec<String> = fields.iter().map(|it| (*it).to_owned()).collect();
    Some(Cause::new(
        &kinds::STRUCT_VALUE,
        format!(
            "The value of `{of}` in line {} leaves out the field {}.",
            span.start.0,
            super::super::list(&missing)
        ),
        format!("Give each field a value: {}: …", fields.first()?),
    ))
}

/// Looked for last: a field of what is behind a lock, or still to come, has another cause than its name.
pub(in super::super) const FIELDS: &[Look] = &[unknown_field];

/// `new Thing()`.
fn new(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    if stuck.word(-1) != "new" || !stuck.is_name(0) {
        return None;
    }
    let name = stuck.word(0);
    let next = match stuck.word(1) {
        "{" => format!("Take it out: {name} {{ … }} alone makes a value."),
        _ if fields(case, name).is_some() => {
            format!("Take it out, and write the fields in braces: {name} {{ … }}")
        }
        _ => match name {
            "TcpListener" => {
                "Take it out, and call a function of the type: TcpListener::bind(…)".into()
            }
            "String" => "Take it out, and call a function of the type: String::from(…)".into(),
            _ => format!("Take it out, and call the function new of the type: {name}::new(…)"),
        },
    };
    Some(Cause::new(
        &kinds::STRUCT_VALUE,
        format!(
            "Line {} has `new`, a word of other languages.",
            stuck.line()
        ),
        next,
    ))
}

/// `Thing(a, b)` of a struct with named fields, or of a type that has no such function.
fn with_brackets(case: &Case) -> Option<Cause> {
    if !case.error.is("E0423") {
        return None;
    }
    let [_, name] = prose::NO_FUNCTION.of(&case.error.text)?;
    let (span, _) = case.primary()?;
    let line = span.start.0;
    let next = match fields(case, name) {
        Some(names) if !names.is_empty() => {
            let names: Vec<String> = names.iter().map(|name| format!("{name}: …")).collect();
            format!(
                "Write its fields by name, in braces: {name} {{ {} }}",
                names.join(", ")
            )
        }
        _ => format!("Call a function of the type, {name}::new(…) or {name}::default()."),
    };
    Some(Cause::new(
        &kinds::STRUCT_VALUE,
        format!("`{name}` is a type, and line {line} calls it as a function."),
        next,
    ))
}

/// `{ from: me }`.
fn without_a_name(case: &Case) -> Option<Cause> {
    if !prose::NO_STRUCT_NAME.is_in(&case.error.text) {
        return None;
    }
    let (span, _) = case.primary()?;
    Some(Cause::new(
        &kinds::STRUCT_VALUE,
        format!(
            "The braces in line {} hold fields, but no name of a struct stands before them.",
            span.start.0
        ),
        "Write the name of the struct before the brace. For JSON, put json!( before it and ) behind it.",
    ))
}

/// `Thing { from = me }`.
fn equals(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_field = stuck.word(0) == "=" && stuck.word(1) != ">" && stuck.is_name(-1);
    let owner = stuck.owner().filter(|_| is_field)?;
    let name = owner.word(-1);
    name.starts_with(char::is_uppercase).then(|| {
        Cause::new(
            &kinds::STRUCT_VALUE,
            format!(
                "In line {}, = stands behind the field `{}`.",
                stuck.line(),
                stuck.word(-1)
            ),
            format!(
                "Write a colon in its place: {}: {}",
                stuck.word(-1),
                stuck.word(1)
            ),
        )
    })
}

/// A field that the type does not have.
fn unknown_field(case: &Case) -> Option<Cause> {
    let error = case.error;
    let (span, field) = case.primary()?;
    let line = span.start.0;
    let name = match (error.is("E0560"), error.is("E0609")) {
        (true, _) => prose::NO_FIELD_NAMED.of(&error.text)?[0],
        (_, true) => prose::NO_FIELD.of(&error.text)?[1],
        _ => return None,
    };
    let name = name.trim_start_matches('&').trim_start_matches("mut ");
    let names = fields(case, name.rsplit("::").next().unwrap_or(name));
    // `Thing { me }` is short for `Thing { me: me }`.
    let is_short = case.source.word(case.source.token(span.bytes.1)) != ":";
    let next = match &names {
        Some(names) if error.is("E0560") && is_short => format!(
            "Write the field, a colon and the value: {}: {field}. Alone, a name means a field and a variable that are called the same.",
            names.first().copied().unwrap_or("name")
        ),
        Some(names) => format!("It has {}: write one of them.", names.join(", ")),
        None => format!(
            "Look up in the documentation what {} has: often it is a method, with brackets behind its name.",
            code(name)
        ),
    };
    Some(Cause::new(
        &kinds::UNKNOWN_FIELD,
        format!(
            "{} has no field `{field}`, as line {line} has it.",
            code(name)
        ),
        next,
    ))
}

/// The fields of a struct of this file, by their names; `None` where the file has no such struct.
fn fields<'a>(case: &'a Case, name: &str) -> Option<Vec<&'a str>> {
    let source = case.source;
    let at = (1..source.tokens.len())
        .find(|index| source.word(*index) == name && source.word(index - 1) == "struct")?;
    let open = at + 1;
    if source.word(open) != "{" {
        return Some(Vec::new());
    }
    let close = source.close(open)?;
    let is_field = |index: &usize| {
        source.word(index + 1) == ":"
            && source.word(index + 2) != ":"
            && source.open_around(*index) == Some(open)
    };
    Some(
        (open + 1..close)
            .filter(is_field)
            .map(|index| source.word(index))
            .collect(),
    )
}
