//! `use` and `mod`: how a library's names and one's own files are named.

use super::{Case, Cause, Look, Stuck};
use crate::kinds;

pub(in super::super) const LOOKS: &[Look] = &[
    import_of_several,
    other_brackets,
    another_import,
    name_of_a_file,
    text_for_a_path,
];

/// `use crate::everyone::(Everyone, lock);`
fn other_brackets(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_import = case.source.word(stuck.statement()) == "use";
    (is_import && ["(", "["].contains(&stuck.word(0))).then(|| {
        Cause::new(
            &kinds::PATH_SIGN,
            format!(
                "In line {}, the names of an import stand in {} brackets.",
                stuck.line(),
                if stuck.word(0) == "(" {
                    "round"
                } else {
                    "square"
                }
            ),
            "Put them into braces: use std::{env, io};",
        )
    })
}

/// `mod settings.rs;`, `mod "settings";`
fn name_of_a_file(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let name = match (stuck.word(-1), stuck.word(-2)) {
        ("mod", _) if stuck.word(0).starts_with('"') => stuck.word(0).trim_matches('"'),
        (name, "mod") if stuck.word(0) == "." => name,
        _ => return None,
    };
    let name = name.trim_end_matches(".rs");
    Some(Cause::new(
        &kinds::NO_MODULE_FILE,
        format!(
            "In line {}, `mod` gets a file and not a name.",
            stuck.line()
        ),
        format!("Write the name alone, which stands for the file {name}.rs: mod {name};"),
    ))
}

/// `use "warp::Filter";`
fn text_for_a_path(case: &Case) -> Option<Cause> {
    let (span, text) = case.primary()?;
    let source = case.source;
    let at = source.token(span.bytes.0);
    let is_one = case.error.code.is_none()
        && source.word(at).starts_with('"')
        && source.word(at.checked_sub(1)?) == "use";
    is_one.then(|| {
        Cause::new(
            &kinds::PATH_SIGN,
            format!("In line {}, a path stands in quotes.", span.start.0),
            format!("Take them out: use {};", text.trim_matches('"')),
        )
    })
}

/// `import serde_json::Value;`, `from serde_json import Value`.
fn another_import(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let words = ["import", "from", "using", "require", "include"];
    let offset = [-1, 0]
        .into_iter()
        .find(|it| words.contains(&stuck.word(*it)))?;
    let is_first = ["", ";", "}", "#"].contains(&stuck.word(offset - 1));
    let name = stuck
        .word(offset + 1)
        .trim_matches('"')
        .trim_end_matches(".rs");
    if is_first && case.folder.join(format!("{name}.rs")).is_file() {
        return Some(Cause::new(
            &kinds::MODULE_NOT_NAMED,
            format!(
                "Line {} begins with `{}`, a word of other languages.",
                stuck.line(),
                stuck.word(offset)
            ),
            format!("Name the file {name}.rs with mod: mod {name};"),
        ));
    }
    is_first.then(|| {
        Cause::new(
            &kinds::PATH_SIGN,
            format!(
                "Line {} begins with `{}`, a word of other languages.",
                stuck.line(),
                stuck.word(offset)
            ),
            "Import with use, and write the whole path: use serde_json::Value;",
        )
    })
}

/// `use serde_json::Value, json;`
fn import_of_several(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(0) == "," && case.source.word(stuck.statement()) == "use";
    let (first, second) = (stuck.word(-1), stuck.word(1));
    is_one.then(|| {
        Cause::new(
            &kinds::PATH_SIGN,
            format!(
                "Line {} imports several names without braces.",
                stuck.line()
            ),
            format!("Put the names of one module into braces: {{{first}, {second}}}"),
        )
    })
}
