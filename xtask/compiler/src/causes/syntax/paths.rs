//! `::` and `.`: into a module or a type, and to what a value has.

use super::{Case, Cause, Look, Stuck};
use crate::{kinds, prose};

pub(in super::super) const LOOKS: &[Look] = &[
    one_colon,
    of_an_import,
    of_a_name,
    arrow,
    of_a_pattern,
    of_a_variable,
    of_a_function,
    dot_missing,
    two_dots,
];

/// `tokio:main`, `serde_json:from_slice`, `use serde_json:{…}`.
fn one_colon(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_said = prose::PATH_COLONS.is_in(&case.error.text);
    let offset = match (stuck.word(0), stuck.word(-1)) {
        (":", _) => 0,
        (_, ":") if is_said => -1,
        _ => return None,
    };
    let (before, behind) = (stuck.word(offset - 1), stuck.word(offset + 1));
    let start = case.source.word(stuck.statement());
    let is_attribute = case.source.word(stuck.statement()) == "#";
    let is_path = is_said || is_attribute || start == "use" || stuck.before().contains("use ");
    (is_path && behind != ":" && before != ":").then(|| {
        Cause::new(
            &kinds::PATH_SIGN,
            format!(
                "In line {}, one colon stands behind `{before}`.",
                stuck.line()
            ),
            format!("Write two, without a blank: {before}::{behind}"),
        )
    })
}

/// `use serde_json.Value;`
fn of_an_import(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_path = case.source.word(stuck.statement()) == "use"
        || stuck.is_name(-1) && stuck.is_name(1) && stuck.expects("::");
    let sign = stuck.word(0);
    let is_import = case.source.word(stuck.statement()) == "use";
    if is_import && sign == "." && stuck.word(1) == "." {
        return Some(Cause::new(
            &kinds::PATH_SIGN,
            format!(
                "In line {}, two dots stand where a path begins.",
                stuck.line()
            ),
            "Begin it with crate::, which is the file where the program begins; or with super::, the module above.",
        ));
    }
    let is_one = sign == "." && is_path || sign == "/" && is_import;
    is_one.then(|| {
        Cause::new(
            &kinds::PATH_SIGN,
            format!(
                "In line {}, {} stands between the parts of a path.",
                stuck.line(),
                if sign == "/" { "a slash" } else { "a dot" }
            ),
            format!(
                "Write :: in its place: {}::{}",
                stuck.word(-1),
                stuck.word(1)
            ),
        )
    })
}

/// `serde_json.from_slice(…)`, `Message.text(…)`: a dot behind what is no value.
fn of_a_name(case: &Case) -> Option<Cause> {
    if !case.error.is("E0423") {
        return None;
    }
    let [kind, name] = prose::NO_VALUE.of(&case.error.text)?;
    let (span, _) = case.primary()?;
    let at = case.source.token(span.bytes.1);
    if (case.source.word(at), name) == ("[", "env") {
        return Some(Cause::new(
            &kinds::PATH_SIGN,
            format!("`env` in line {} is a module, not a list.", span.start.0),
            format!(
                "Call its function var: env::var({})",
                case.source.word(at + 1)
            ),
        ));
    }
    if case.source.word(at) != "." {
        return None;
    }
    let name = name.rsplit("::").next().unwrap_or(name);
    if (name, case.source.word(at + 1)) == ("String", "format") {
        return Some(Cause::new(
            &kinds::OTHER_LANGUAGE,
            format!(
                "Line {} has `String.format`, a name of other languages.",
                span.start.0
            ),
            "Write format! in its place, and the values into the text: format!(\"{name}\")",
        ));
    }
    let kind = kind.trim_start_matches("builtin ");
    let what = match kind {
        "crate" | "module" => kind,
        _ => "type",
    };
    Some(Cause::new(
        &kinds::PATH_SIGN,
        format!(
            "In line {}, a dot stands behind `{name}`. But `{name}` is a {what}, not a value.",
            span.start.0
        ),
        format!(
            "Write :: in place of the dot: {name}::{}",
            case.source.word(at + 1)
        ),
    ))
}

/// `TryRecvError.Lagged(_)` as a pattern.
fn of_a_pattern(case: &Case) -> Option<Cause> {
    if !prose::NO_PATTERN.is_in(&case.error.text) {
        return None;
    }
    let (span, text) = case.primary()?;
    let (before, behind) = text.split_once('.')?;
    let behind = behind.split('(').next()?;
    before.starts_with(char::is_uppercase).then(|| {
        Cause::new(
            &kinds::PATH_SIGN,
            format!(
                "In line {}, a dot stands behind the type `{before}`.",
                span.start.0
            ),
            format!("Write :: in its place: {before}::{behind}"),
        )
    })
}

/// `words::to_uppercase()`: two colons behind a variable.
fn of_a_variable(case: &Case) -> Option<Cause> {
    if !case.error.is("E0433") {
        return None;
    }
    let (span, name) = case.primary()?;
    let source = case.source;
    let function = case.function_at(span)?;
    let at = source.token(span.bytes.0);
    let tokens = source.token(function.body.0)..at;
    let is_variable = |index: usize| {
        let is_import = source.word(index.saturating_sub(1)) == ":";
        source.word(index) == name && source.word(index + 1) != ":" && !is_import
    };
    let is_given = function
        .head
        .split(|it: char| !it.is_alphanumeric() && it != '_');
    let is_known = tokens.into_iter().any(is_variable) || is_given.into_iter().any(|it| it == name);
    let is_one = name.starts_with(char::is_lowercase) && is_known && source.word(at + 1) == ":";
    is_one.then(|| {
        Cause::new(
            &kinds::PATH_SIGN,
            format!(
                "In line {}, two colons stand behind `{name}`, which is a variable.",
                span.start.0
            ),
            format!("Write a dot in their place: {name}.{}", source.word(at + 3)),
        )
    })
}

/// `warp::path.end()`: a function and a module have one name.
fn of_a_function(case: &Case) -> Option<Cause> {
    let [method, "fn item", _] = prose::NO_METHOD.of(&case.error.text)? else {
        return None;
    };
    let (span, _) = case.primary()?;
    let source = case.source;
    let name = source.word(source.token(span.bytes.0).checked_sub(2)?);
    Some(Cause::new(
        &kinds::PATH_SIGN,
        format!(
            "In line {}, a dot stands behind `{name}`, which is not a value.",
            span.start.0
        ),
        format!("Write :: in its place: {name}::{method}"),
    ))
}

/// A line of a chain without its dot.
fn dot_missing(case: &Case) -> Option<Cause> {
    let [word] = prose::NO_LOGIC.of(&case.error.text)?;
    let stuck = Stuck::of(case)?;
    let is_call = stuck.word(1) == "(" && stuck.line() > stuck.line_of(-1);
    is_call.then(|| {
        Cause::new(
            &kinds::PATH_SIGN,
            format!("No dot stands before `{word}` in line {}.", stuck.line()),
            format!("Write it: .{word}(…)"),
        )
    })
}

/// A line of a chain with two dots.
fn two_dots(case: &Case) -> Option<Cause> {
    if !case.error.is("E0425") {
        return None;
    }
    let (span, name) = case.primary()?;
    let before = case.source.between((0, span.bytes.0));
    let is_one = before.ends_with("..") && case.source.word(case.source.token(span.bytes.1)) == "(";
    is_one.then(|| {
        Cause::new(
            &kinds::PATH_SIGN,
            format!("Two dots stand before `{name}` in line {}.", span.start.0),
            format!("Write one: .{name}(…)"),
        )
    })
}

/// `socket->next()`.
fn arrow(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    if !prose::ARROW_OF_A_MEMBER.is_in(&case.error.text) || !stuck.is(0, "->") {
        return None;
    }
    let (before, behind) = (stuck.word(-1), stuck.word(2));
    let sign = match before.starts_with(char::is_uppercase) {
        true => "::",
        false => ".",
    };
    Some(Cause::new(
        &kinds::PATH_SIGN,
        format!(
            "In line {}, -> stands between `{before}` and `{behind}`.",
            stuck.line()
        ),
        format!("Write {sign} in its place: {before}{sign}{behind}"),
    ))
}
