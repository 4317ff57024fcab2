//! Names that the compiler does not know: not imported, misspelt, not written yet, gone with an older warp.

use super::{Case, Cause, Look, code, list};
use crate::compiler::kinds;
use crate::compiler::message::Span;
use crate::compiler::nearest::{self, nearest};
use crate::compiler::prose;
use crate::compiler::types::{is_filter, is_future, short};

pub(super) const LOOKS: &[Look] = &[
    older_warp,
    address_twice,
    unknown_crate,
    unknown_macro,
    trait_not_imported,
    not_in_module,
    name_not_imported,
    misspelt,
    unknown_name,
    defined_twice,
];

/// The codes of names that are not there.
const UNKNOWN: &[&str] = &[
    "E0405", "E0412", "E0422", "E0423", "E0425", "E0432", "E0433", "E0531", "E0532", "E0574",
    "E0576",
];

/// What warp had before, and what does the same now.
const GONE: &[(&str, &str)] = &[
    (
        "try_bind",
        "Bind a TcpListener yourself, as main in each starter does, and give it to warp::serve(…).incoming(listener).run().",
    ),
    (
        "bind_ephemeral",
        "Bind a TcpListener to port 0 yourself, and give it to warp::serve(…).incoming(listener).run().",
    ),
    (
        "try_bind_ephemeral",
        "Bind a TcpListener to port 0 yourself, and give it to warp::serve(…).incoming(listener).run().",
    ),
    (
        "bind_with_graceful_shutdown",
        "Write warp::serve(…).incoming(listener).graceful(signal).run(), with a TcpListener that you bind yourself.",
    ),
    (
        "try_bind_with_graceful_shutdown",
        "Write warp::serve(…).incoming(listener).graceful(signal).run(), with a TcpListener that you bind yourself.",
    ),
    (
        "serve_incoming",
        "Write warp::serve(…).incoming(listener).run() in its place.",
    ),
    (
        "serve_incoming_with_graceful_shutdown",
        "Write warp::serve(…).incoming(listener).graceful(signal).run() in its place.",
    ),
    (
        "run_incoming",
        "Write warp::serve(…).incoming(listener).run() in its place.",
    ),
    (
        "tls",
        "Serve without it here: warp::serve(…).incoming(listener).run(). A server in the open stands behind a proxy that has the certificate.",
    ),
    ("ws2", "Write warp::ws() in its place."),
    ("get2", "Write warp::get() in its place."),
    ("post2", "Write warp::post() in its place."),
    ("put2", "Write warp::put() in its place."),
    ("delete2", "Write warp::delete() in its place."),
    ("Ws2", "Write warp::ws::Ws in its place."),
    ("index", "Write warp::path::end() in its place."),
    ("concat", "Write warp::body::bytes() in its place."),
    (
        "bad_request",
        "Write a rejection of your own with warp::reject::custom, or reply with warp::reply::with_status.",
    ),
    (
        "forbidden",
        "Write a rejection of your own with warp::reject::custom, or reply with warp::reply::with_status.",
    ),
    (
        "server_error",
        "Write a rejection of your own with warp::reject::custom, or reply with warp::reply::with_status.",
    ),
    (
        "unit",
        "Leave it out, or write untuple_one() where a () is extracted.",
    ),
    (
        "multipart",
        "The steps do without it: it is a feature of warp's that Cargo.toml does not ask for.",
    ),
    (
        "compression",
        "The steps do without it: it is a feature of warp's that Cargo.toml does not ask for.",
    ),
];

/// A name that warp had once. That it was meant for warp is proved by what stands before it: a type or a module of warp's.
fn older_warp(case: &Case) -> Option<Cause> {
    let (span, name) = case.primary()?;
    let (_, instead) = GONE.iter().find(|(gone, _)| *gone == name)?;
    let error = case.error;
    let of_method = prose::NO_METHOD.of(&error.text);
    let is_warps = match of_method {
        Some([_, _, of]) => of.contains("warp::") || of.starts_with("Server<") || is_filter(of),
        None => {
            let before = case.source.between((0, span.bytes.0));
            let path = before
                .rsplit(|it: char| !it.is_alphanumeric() && it != '_' && it != ':')
                .next();
            let is_path = path
                .is_some_and(|path| path.starts_with("warp::") || path.starts_with("filters::"));
            is_path
                || (UNKNOWN.iter().any(|code| error.is(code))
                    && before.lines().next_back()?.contains("use warp::"))
        }
    };
    is_warps.then(|| {
        Cause::new(
            &kinds::OLDER_WARP,
            format!("`{name}` is of an older warp. The web is full of it, but warp 0.4 has nothing of this name."),
            *instead,
        )
    })
}

/// `run` with an address behind `incoming`, or without one directly behind `serve`.
fn address_twice(case: &Case) -> Option<Cause> {
    let (span, name) = case.primary()?;
    if !case.error.is("E0061") || name != "run" {
        return None;
    }
    let line = case.source.between((0, span.bytes.0));
    let chain = &line[line.rfind("serve(")?..];
    let (cause, next) = match chain.contains(".incoming(") || chain.contains(".bind(") {
        true => (
            "`run` is given an address, but behind `incoming` the listener has it already.",
            "Write run() without anything in it.",
        ),
        false => (
            "`run` directly behind `serve` takes the address to listen at, as in older programs, and has none here.",
            "Put .incoming(listener) before .run(): then the address is that of the listener.",
        ),
    };
    Some(Cause::new(&kinds::OLDER_WARP, cause, next))
}

/// Crates that others use for what the workshop has as well.
const CRATES: &[(&str, &str)] = &[
    ("futures_util", "futures"),
    ("futures_core", "futures"),
    ("tokio_stream", "futures::stream"),
    ("http", "warp::http"),
    ("log", "println!"),
    ("env_logger", "println!"),
    ("pretty_env_logger", "println!"),
    ("tracing", "println!"),
    ("serde", "serde_json::Value"),
    ("serde_derive", "serde_json::Value"),
    ("lazy_static", "std::sync::LazyLock"),
    ("once_cell", "std::sync::LazyLock"),
    ("parking_lot", "std::sync::Mutex"),
    (
        "uuid",
        "a number that counts up: std::sync::atomic::AtomicU64",
    ),
    ("rand", "std::hash::RandomState"),
    ("anyhow", "std::io::Result"),
];

/// A crate that is no dependency.
fn unknown_crate(case: &Case) -> Option<Cause> {
    let (span, [name]) = case.error.label(&prose::NO_CRATE)?;
    // A module or a type that begins with a capital is no crate.
    if name.starts_with(char::is_uppercase) {
        return None;
    }
    if let Some(path) = nearest::known(name).filter(|path| path.contains("::")) {
        return Some(not_imported(name, path, span));
    }
    let near = nearest(name, nearest::CRATES.iter().copied());
    if let Some(near) = near {
        return Some(Cause::new(
            &kinds::MISSPELT_NAME,
            format!("There is no crate `{name}`; there is `{near}`."),
            format!("Write {near} in line {}.", span.start.0),
        ));
    }
    let instead = CRATES.iter().find(|(other, _)| *other == name);
    let next = match instead {
        Some((_, ours)) => format!("Use {ours} in its place: that is here already."),
        None => format!(
            "Take it out, and do it with what is here: {}.",
            nearest::CRATES.join(", ")
        ),
    };
    Some(Cause::new(
        &kinds::UNKNOWN_CRATE,
        format!(
            "`{name}` is a crate that this workshop does not have: Cargo.toml does not list it."
        ),
        next,
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

/// A type, a trait or a function that a library has, and that is not imported.
fn name_not_imported(case: &Case) -> Option<Cause> {
    let error = case.error;
    if !UNKNOWN.iter().any(|code| error.is(code)) {
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
        [one] => known
            .filter(|it| !it.starts_with("std::"))
            .unwrap_or(one.clone()),
        _ => known.or_else(|| imports.iter().find(|it| nearest::is_ours(it)).cloned())?,
    };
    Some(not_imported(name, &path, span))
}

fn not_imported(name: &str, path: &str, span: &Span) -> Cause {
    Cause::new(
        &kinds::NAME_NOT_IMPORTED,
        format!(
            "`{name}` is used in line {} and not imported.",
            span.start.0
        ),
        format!("Write at the top: use {path};"),
    )
}

/// A name with a mistake in it: there is another one so near that it must be meant.
fn misspelt(case: &Case) -> Option<Cause> {
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
    let near = ours.or(suggested)?;
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
        format!("Line {line} imports `{name}` from {path}, and nothing there has that name."),
        format!("Look up in the documentation of {path} what it is called, or take it out."),
    ))
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
        return Some(Cause::new(
            &kinds::UNKNOWN_NAME,
            format!("There is no `{name}` in what stands before it in line {line}."),
            "Look up its name, in the README of the step or in the documentation of the library.",
        ));
    }
    if let Some((function, bound)) = variable_of_another(case, name, span) {
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
