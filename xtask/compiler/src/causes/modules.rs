//! A program of several files: which of them belong to it, how a path leads to another one, and what it lets others use.

use std::fs;
use std::path::Path;

use super::{Case, Cause, Look};
use crate::message::Span;
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[unknown_module, no_file, private];

/// The file that names the others.
const SERVER: &str = "server.rs";

/// A path to a module that no line names, or that does not begin where the modules are named.
fn unknown_module(case: &Case) -> Option<Cause> {
    if !case.error.is("E0432") && !case.error.is("E0433") {
        return None;
    }
    let (span, name) = case.primary()?;
    if !is_there(case, name) {
        return None;
    }
    let line = span.start.0;
    if !is_named(case, name) {
        return Some(Cause::new(
            &kinds::MODULE_NOT_NAMED,
            format!(
                "There is a file {name}.rs, but {SERVER} does not name it: without a line `mod {name};` the compiler never reads it."
            ),
            format!("Write mod {name}; in {SERVER}, beside the other lines that begin with mod."),
        ));
    }
    let here = file_name(&span.file);
    Some(Cause::new(
        &kinds::PATH_WITHOUT_CRATE,
        format!(
            "{SERVER} names the module `{name}`, but the path in line {line} of {here} does not begin there: it looks for `{name}` among the libraries and inside {here}."
        ),
        format!("Begin the path with crate, which means {SERVER}: crate::{name}::…"),
    ))
}

/// A line `mod` that leads to no file.
fn no_file(case: &Case) -> Option<Cause> {
    let [name] = prose::NO_MODULE_FILE.of(&case.error.text)?;
    let span = case.error.primary()?;
    let (line, here) = (span.start.0, file_name(&span.file));
    if here != SERVER && is_there(case, name) {
        return Some(Cause::new(
            &kinds::NO_MODULE_FILE,
            format!(
                "Line {line} declares `{name}` as a module of {here}, so the compiler looks for a file in a folder of that name. Modules are named once, in {SERVER}."
            ),
            format!(
                "Take line {line} out. What is in {name}.rs is used by its path: use crate::{name}::…"
            ),
        ));
    }
    Some(Cause::new(
        &kinds::NO_MODULE_FILE,
        format!("Line {line} names a module `{name}`, and there is no file {name}.rs."),
        format!(
            "Save the module as {name}.rs beside {SERVER}, or correct the name in line {line}."
        ),
    ))
}

/// Something that only the file that declares it may use.
fn private(case: &Case) -> Option<Cause> {
    let error = case.error;
    let codes = ["E0603", "E0616", "E0624", "E0451"];
    if !codes.iter().any(|code| error.is(code)) {
        return None;
    }
    let (span, text) = case.primary()?;
    let name = text.rsplit("::").next()?.trim_end_matches('!');
    let (line, here) = (span.start.0, file_name(&span.file));
    if let Some([_, imported]) = prose::PRIVATE_IMPORT.of(&error.text) {
        return Some(Cause::new(
            &kinds::PRIVATE_ITEM,
            format!(
                "The path in line {line} leads to a file that only imports `{imported}`, and an import is for that file alone."
            ),
            format!("Import `{imported}` from the file that declares it."),
        ));
    }
    let Some((file, at)) = declared_at(case, name) else {
        return Some(Cause::new(
            &kinds::PRIVATE_ITEM,
            format!("`{name}`, in line {line}, is for the library's own code alone."),
            "Look up in the documentation what the library offers in its place.",
        ));
    };
    let whose = match file == here {
        true => "the module that declares it".to_owned(),
        false => file.clone(),
    };
    Some(Cause::new(
        &kinds::PRIVATE_ITEM,
        format!(
            "`{name}` has no pub before it, so only {whose} can use it, and line {line} of {here} does."
        ),
        format!("Write pub before it, in line {at} of {file}."),
    ))
}

/// The learner's file and line that declare what is private.
fn declared_at(case: &Case, name: &str) -> Option<(String, usize)> {
    let of_span = |span: &Span| (file_name(&span.file).to_owned(), span.start.0);
    let error = case.error;
    let labelled = error.spans.iter().find(|span| !span.is_primary);
    let noted = error.notes.iter().flat_map(|note| &note.spans).next();
    if let Some([_, _, of]) = prose::PRIVATE_FIELD.of(&error.text) {
        let plain = of.rsplit("::").next()?.split('<').next()?;
        return field_of(case.folder, plain, name);
    }
    labelled.or(noted).map(of_span)
}

/// The file and the line of a struct's field.
fn field_of(folder: &Path, of: &str, field: &str) -> Option<(String, usize)> {
    let entries = fs::read_dir(folder).ok()?;
    entries.flatten().find_map(|entry| {
        let text = fs::read_to_string(entry.path()).ok()?;
        let starts = |line: &str, word: &str| {
            let line = line.trim_start().trim_start_matches("pub ");
            let rest = line.strip_prefix(word);
            rest.is_some_and(|rest| !rest.starts_with(|it: char| it.is_alphanumeric() || it == '_'))
        };
        let mut lines = text.lines().enumerate();
        lines.find(|(_, line)| starts(line, &format!("struct {of}")))?;
        let (index, _) = lines.find(|(_, line)| starts(line, field))?;
        let name = entry.file_name().into_string().ok()?;
        Some((name, index + 1))
    })
}

/// Whether a file of this name is beside the server.
fn is_there(case: &Case, name: &str) -> bool {
    let is_name = !name.is_empty() && name.chars().all(|it| it.is_alphanumeric() || it == '_');
    is_name && name != "server" && case.folder.join(format!("{name}.rs")).is_file()
}

fn is_named(case: &Case, name: &str) -> bool {
    let server = fs::read_to_string(case.folder.join(SERVER)).unwrap_or_default();
    let line = format!("mod {name};");
    let mut lines = server
        .lines()
        .map(|line| line.trim().trim_start_matches("pub "));
    lines.any(|it| it.starts_with(&line))
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
