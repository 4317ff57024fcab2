//! Names that other languages have, and what stands for them in Rust.

use super::{Case, Cause, Look, code};
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[
    value,
    path,
    variant_of_a_result,
    variant_alone,
    variant,
    method_as_function,
    thrown,
    no_folder,
    name_of_a_file,
];

/// `throw "…"`, `raise …`.
fn thrown(case: &Case) -> Option<Cause> {
    let (span, _) = case.primary().filter(|_| case.error.code.is_none())?;
    let source = case.source;
    let word = source.word(source.token(span.bytes.0).checked_sub(1)?);
    ["throw", "raise"].contains(&word).then(|| {
        Cause::new(
            &kinds::OTHER_LANGUAGE,
            format!(
                "Line {} has `{word}`, a name of other languages.",
                span.start.0
            ),
            "Rust has no exceptions. A function that can fail returns a Result: return Err(…);",
        )
    })
}

/// `include_dir!` of a folder that is not there.
fn no_folder(case: &Case) -> Option<Cause> {
    let (span, text) = case.primary()?;
    let is_one = prose::MACRO_PANICKED.is_in(&case.error.text) && text.starts_with("include_dir!");
    let path = text.split('"').nth(1)?;
    is_one.then(|| {
        Cause::new(
            &kinds::UNKNOWN_NAME,
            format!(
                "include_dir! in line {} finds no folder {path}.",
                span.start.0
            ),
            "The folder static is in the workshop's root: $CARGO_MANIFEST_DIR/static",
        )
    })
}

/// `script(jquery.js)`: the name of a file without quotes.
fn name_of_a_file(case: &Case) -> Option<Cause> {
    let (span, name) = case.primary().filter(|_| case.error.is("E0425"))?;
    let source = case.source;
    let at = source.token(span.bytes.1);
    let ending = source.word(at + 1);
    let is_one = source.word(at) == "." && ["js", "html", "css", "json", "rs"].contains(&ending);
    is_one.then(|| {
        Cause::new(
            &kinds::UNKNOWN_NAME,
            format!(
                "In line {}, `{name}.{ending}` stands without quotes, and is taken for a variable.",
                span.start.0
            ),
            format!("Write it as a text: \"{name}.{ending}\""),
        )
    })
}

/// Methods that beginners call as functions.
const OWN_METHODS: &[&str] = &[
    "as_str",
    "clone",
    "contains",
    "is_empty",
    "is_some",
    "is_text",
    "len",
    "lock",
    "next",
    "parse",
    "push",
    "recv",
    "send",
    "split",
    "subscribe",
    "to_string",
    "to_uppercase",
    "trim",
    "unwrap",
];

/// `to_uppercase(words)`.
fn method_as_function(case: &Case) -> Option<Cause> {
    let (span, name) = case.primary()?;
    let source = case.source;
    let at = source.token(span.bytes.0);
    let is_call = source.word(at + 1) == "(" && source.function_named(name).is_none();
    if !case.error.is("E0425") || !is_call || !OWN_METHODS.contains(&name) {
        return None;
    }
    let of = match source.word(at + 2) {
        "&" => source.word(at + 3),
        of => of,
    };
    Some(Cause::new(
        &kinds::UNKNOWN_NAME,
        format!(
            "`{name}` in line {} is a method, and called as a function.",
            span.start.0
        ),
        format!("Write the value, a dot and the method: {of}.{name}(…)"),
    ))
}

/// Variants that stand behind the name of their enum.
const VARIANTS: &[(&str, &str)] = &[
    ("Null", "Value"),
    ("Bool", "Value"),
    ("Number", "Value"),
    ("String", "Value"),
    ("Array", "Value"),
    ("Object", "Value"),
    ("Lagged", "TryRecvError"),
    ("Empty", "TryRecvError"),
    ("Closed", "TryRecvError"),
];

/// Looked for after what a method is called on: that may be a future, or JSON.
pub(super) const METHODS_OF_OTHERS: &[Look] = &[method];

/// Types: their names elsewhere, and here.
const TYPES: &[(&str, &str)] = &[
    ("int", "i32"),
    ("integer", "i32"),
    ("Integer", "i32"),
    ("long", "i64"),
    ("uint", "u32"),
    ("float", "f32"),
    ("double", "f64"),
    ("number", "f64"),
    ("boolean", "bool"),
    ("string", "String"),
    ("str", "&str"),
    ("byte", "u8"),
    ("void", "()"),
    ("any", "Value"),
    ("object", "Value"),
    ("Array", "Vec"),
    ("List", "Vec"),
    ("Set", "HashSet"),
    ("Map", "HashMap"),
    ("dict", "HashMap"),
];

const NOTHING: &str =
    "Use an Option: write None where there is no value, and Some(…) where there is one.";

const PRINTS: &str =
    "Print a line with println!(\"{value}\"), or to the error output with eprintln!.";

/// Values and functions: their names elsewhere, and what to write.
const VALUES: &[(&str, &str)] = &[
    ("null", NOTHING),
    ("nil", NOTHING),
    ("undefined", NOTHING),
    ("NULL", NOTHING),
    ("nullptr", NOTHING),
    ("True", "Write it in small letters: true"),
    ("False", "Write it in small letters: false"),
    ("console", PRINTS),
    ("System", PRINTS),
    ("printf", PRINTS),
    ("echo", PRINTS),
    ("puts", PRINTS),
    (
        "process",
        "Read the environment with std::env: env::var(\"PORT\")",
    ),
    (
        "os",
        "Read the environment with std::env: env::var(\"PORT\")",
    ),
    (
        "JSON",
        "serde_json makes JSON: json!([…]).to_string() writes it, serde_json::from_str reads it.",
    ),
    (
        "len",
        "The length is a method: write .len() behind the value.",
    ),
    (
        "str",
        "Make a text with a method: .to_string() behind the value.",
    ),
    (
        "parseInt",
        "Make a number with a method of the text: .parse()",
    ),
    ("setTimeout", "Wait with tokio::time::sleep(duration).await"),
    (
        "Math",
        "The functions are methods of the numbers: number.max(other), number.abs().",
    ),
    (
        "this",
        "The value that a method is called on is self, and the method has &self as a parameter.",
    ),
    (
        "range",
        "Write the numbers from a to b as a..b: for number in 0..3",
    ),
];

/// Methods: their names elsewhere, and here. A method that the compiler proposes itself is not among them.
const METHODS: &[(&str, &str)] = &[
    ("length", "len()"),
    ("size", "len()"),
    ("toString", "to_string()"),
    ("toUpperCase", "to_uppercase()"),
    ("toLowerCase", "to_lowercase()"),
    ("upper", "to_uppercase()"),
    ("lower", "to_lowercase()"),
    ("append", "push(…)"),
    ("add", "push(…) of a Vec, or insert(…) of a set"),
    ("includes", "contains(…)"),
    ("has", "contains(…) of a set, or contains_key(…) of a map"),
    ("put", "insert(…)"),
    ("set", "insert(…)"),
    ("delete", "remove(…)"),
    ("indexOf", "find(…)"),
    ("strip", "trim()"),
    ("format", "format!(\"{name}\")"),
    ("forEach", "a loop, for value in list { … },"),
    ("broadcast", "send(…)"),
    ("emit", "send(…)"),
    ("publish", "send(…)"),
];

/// The type that is meant by a name of another language.
pub(super) fn type_of(name: &str) -> Option<&'static str> {
    let mut types = TYPES.iter();
    types.find(|(other, _)| *other == name).map(|(_, own)| *own)
}

/// Functions of crates: their names elsewhere, and here.
const PATHS: &[(&str, &str)] = &[
    ("serde_json::parse", "serde_json::from_str"),
    ("serde_json::loads", "serde_json::from_str"),
    ("serde_json::stringify", "serde_json::to_string"),
    ("serde_json::dumps", "serde_json::to_string"),
];

/// A function that a crate has under another name.
fn path(case: &Case) -> Option<Cause> {
    let (span, name) = case.primary()?;
    let before = case.source.between((0, span.bytes.0));
    let is_path = |it: char| it.is_alphanumeric() || it == '_' || it == ':';
    let start = before.rfind(|it| !is_path(it)).map_or(0, |at| at + 1);
    let path = format!("{}{name}", before.get(start..)?);
    let (_, own) = PATHS.iter().find(|(other, _)| *other == path)?;
    Some(Cause::new(
        &kinds::OTHER_LANGUAGE,
        format!(
            "Line {} has `{path}`, a name of other languages.",
            span.start.0
        ),
        format!("Write {own} in its place."),
    ))
}

/// A name that is no variable, function or type here.
fn value(case: &Case) -> Option<Cause> {
    let error = case.error;
    let is_one = ["E0425", "E0412", "E0433", "E0423"]
        .iter()
        .any(|it| error.is(it));
    let (span, name) = case.primary()?;
    let line = span.start.0;
    let is_own = case.source.function_named(name).is_some();
    let is_part = case.source.between((0, span.bytes.0)).ends_with("::");
    if !is_one || is_own || is_part {
        return None;
    }
    let is_type = prose::NO_TYPE.of(&error.text).is_some();
    let next = match type_of(name).filter(|_| is_type) {
        Some("i32") => format!("Write i32 in line {line}; or usize for a length or a count."),
        Some(own) => format!("Write {own} in line {line}."),
        None if is_type => return None,
        None => VALUES
            .iter()
            .find(|(other, _)| *other == name)?
            .1
            .to_owned(),
    };
    Some(Cause::new(
        &kinds::OTHER_LANGUAGE,
        format!("Line {line} has `{name}`, a name of other languages."),
        next,
    ))
}

/// `Error(error)` as a pattern of a Result.
fn variant_of_a_result(case: &Case) -> Option<Cause> {
    let (span, name) = case.primary().filter(|_| case.error.is("E0531"))?;
    let own = match name {
        "Error" | "Failure" => "Err",
        "Success" => "Ok",
        _ => return None,
    };
    let line = span.start.0;
    Some(Cause::new(
        &kinds::UNKNOWN_VARIANT,
        format!("A Result is Ok or Err; there is no `{name}`, as line {line} has it."),
        format!("Write {own} in line {line}."),
    ))
}

/// `Number(x)` as a pattern: a variant without its enum.
fn variant_alone(case: &Case) -> Option<Cause> {
    let (span, name) = case.primary().filter(|_| case.error.is("E0531"))?;
    let (_, of) = VARIANTS.iter().find(|(variant, _)| *variant == name)?;
    let is_part = case.source.between((0, span.bytes.0)).ends_with("::");
    (!is_part).then(|| {
        Cause::new(
            &kinds::UNKNOWN_VARIANT,
            format!(
                "`{name}` in line {} is a variant, and stands without its enum.",
                span.start.0
            ),
            format!("Write the enum before it: {of}::{name}"),
        )
    })
}

/// A variant that an enum does not have.
fn variant(case: &Case) -> Option<Cause> {
    let [name, of] = prose::NO_VARIANT.of(&case.error.text)?;
    let (span, _) = case.primary()?;
    let of = code(of.rsplit("::").next().unwrap_or(of));
    let next = match of.as_str() {
        "`Value`" => {
            "A JSON Value is Null, Bool, Number, String, Array or Object: write one of these."
                .to_owned()
        }
        _ => format!("Look up which variants {of} has, and write one of them."),
    };
    Some(Cause::new(
        &kinds::UNKNOWN_VARIANT,
        format!(
            "{of} has no variant `{name}`, as line {} has it.",
            span.start.0
        ),
        next,
    ))
}

/// A method, or a field, that is called otherwise here.
fn method(case: &Case) -> Option<Cause> {
    let (span, name) = case.primary()?;
    let of = match prose::NO_METHOD.of(&case.error.text) {
        Some([_, _, of]) => of,
        None => prose::NO_FIELD.of(&case.error.text)?[1],
    };
    // A method on what is still to come, or on what may be nothing, has another cause than its name.
    if crate::types::is_future(of) || of.starts_with("Option<") || of.starts_with("Result<") {
        return None;
    }
    let (_, own) = METHODS.iter().find(|(other, _)| *other == name)?;
    let line = span.start.0;
    Some(Cause::new(
        &kinds::OTHER_LANGUAGE,
        format!("`{name}` in line {line} is a name of other languages."),
        format!("Write {own} in its place."),
    ))
}
