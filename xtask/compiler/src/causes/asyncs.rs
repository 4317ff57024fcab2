//! Async: who waits, for what, and where.

use super::around::{call_around, called};
use super::{Case, Cause, Look, a, behind, brief, code};
use crate::message::Span;
use crate::types::is_future;
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[
    main_runtime,
    await_outside_async,
    call_for_function,
    await_too_much,
    await_missing,
    not_pinned,
];

/// `main` without its runtime.
fn main_runtime(case: &Case) -> Option<Cause> {
    let missing_async = prose::ASYNC_MISSING.is_in(&case.error.text);
    if !case.error.is("E0752") && !missing_async {
        return None;
    }
    let line = case.error.primary()?.start.0;
    let (cause, next) = match missing_async {
        true => (
            format!("#[tokio::main] stands above a function in line {line} that is not async."),
            format!("Write async before fn in line {line}."),
        ),
        false => (
            format!("`main` in line {line} is async, but there is no runtime to run it."),
            format!("Write #[tokio::main] above line {line}."),
        ),
    };
    Some(Cause::new(&kinds::MAIN_RUNTIME, cause, next))
}

/// `await` in a function or closure that is not async.
fn await_outside_async(case: &Case) -> Option<Cause> {
    if !case.error.is("E0728") {
        return None;
    }
    let line = case.error.primary()?.start.0;
    let mut labels = case.error.labels();
    let around = labels
        .find(|(_, label)| prose::NOT_ASYNC.is_in(label))
        .map(|it| it.0);
    let head = around.map_or("", |span| case.at(span));
    let function = around
        .and_then(|span| case.function_at(span))
        .filter(|_| head.contains("fn "));
    let (cause, next) = match (function, around) {
        (Some(function), _) => (
            format!(
                "`{}` is not async, so it cannot wait: the .await in line {line} has no place there.",
                function.name
            ),
            format!(
                "Write async before fn {} in line {}, and .await where `{0}` is called.",
                function.name, function.line
            ),
        ),
        (None, Some(span)) => (
            format!(
                "The closure in line {}, {}, is not async: the .await in line {line} has no place there.",
                span.start.0,
                code(head)
            ),
            format!(
                "Put an async block into it: {} async move {{ … }}",
                brief(head)
            ),
        ),
        (None, None) => (
            format!("The .await in line {line} stands outside of an async function."),
            "Put it into an async function or an async block.".into(),
        ),
    };
    Some(Cause::new(&kinds::AWAIT_OUTSIDE_ASYNC, cause, next))
}

/// Those who call a function that they are given.
const CALLERS: &[&str] = &[
    "on_upgrade",
    "recover",
    "then",
    "and_then",
    "map",
    "or_else",
    "spawn",
];

/// A function that is called here, where its name alone is wanted.
fn call_for_function(case: &Case) -> Option<Cause> {
    let error = case.error;
    let wants_it = error.is("E0061") || error.is("E0308") || error.is("E0277");
    let (span, _) = case.primary().filter(|_| wants_it)?;
    let call = call_around(case, span)?;
    let caller = case
        .source
        .argument_of(call.bytes.0)
        .filter(|it| CALLERS.contains(it))?;
    let name = case.at(&call).split('(').next()?.trim().to_owned();
    let function = case.source.function_named(&name)?;
    // A function that returns a function is right there, and so is a task that is spawned.
    if caller == "spawn" || function.head.contains("-> impl Fn") {
        return None;
    }
    let proved = match error.code.as_deref() {
        Some("E0277") => {
            error.label(&prose::NOT_A_CLOSURE).is_some()
                || prose::NOT_A_CLOSURE.of(&error.text).is_some()
        }
        // The arguments are wrong because the call is.
        _ => case.all.iter().any(|it| it.is("E0277") || it.is("E0599")) && function.is_async,
    };
    if !proved {
        return None;
    }
    let parameters = function.head.matches(": ").count();
    let rest = parameters.saturating_sub(1);
    let next = match rest {
        0 => format!("Give it the name alone: .{caller}({name})"),
        _ => format!("Give it a closure that makes the call: .{caller}(|value| {name}(value, …))"),
    };
    Some(
        Cause::new(
            &kinds::CALL_FOR_FUNCTION,
            format!(
                "`{caller}` calls the function that it is given. {} in line {} calls `{name}` at once, and gives `{caller}` what that returns.",
                code(case.at(&call)),
                call.start.0
            ),
            next,
        )
        .marks([Span { label: Some(format!("a call, where `{caller}` wants a function")), ..call }]),
    )
}

/// `.await` behind something that is no future.
fn await_too_much(case: &Case) -> Option<Cause> {
    let [of] = prose::NO_FUTURE.of(&case.error.text)?;
    let (span, text) = case.primary()?;
    if text.contains("select!")
        && let Some(at) = text.find(".await =>")
    {
        let line = span.start.0 + text[..at].matches('\n').count();
        return Some(Cause::new(
            &kinds::AWAIT_TOO_MUCH,
            format!("select! waits for its futures itself, and line {line} awaits one before."),
            format!("Take the .await in line {line} out."),
        ));
    }
    let before = case.source.between((0, span.bytes.0)).trim_end();
    if text != "await"
        && !text.ends_with(".await")
        && !(before.ends_with('.') && text.starts_with("await"))
    {
        return None;
    }
    if let Some((of_std, of_tokio)) = twin(case, span) {
        let name = of_std.rsplit("::").next().unwrap_or(of_std);
        return Some(Cause::new(
            &kinds::AWAIT_TOO_MUCH,
            format!(
                "`{name}` in line {} is that of std, {of_std}. It makes its thread wait, so there is nothing to await.",
                span.start.0
            ),
            format!("Use the one that can be awaited: {of_tokio}"),
        ));
    }
    Some(Cause::new(
        &kinds::AWAIT_TOO_MUCH,
        format!(
            "The value before .await in line {} is {}, which is there at once: there is nothing to wait for.",
            span.start.0,
            a(of)
        ),
        format!("Take the .await in line {} out.", span.start.0),
    ))
}

/// What std has and tokio has as well, by the same name.
const TWINS: &[(&str, &str)] = &[
    ("std::net::TcpListener", "tokio::net::TcpListener"),
    ("std::net::TcpStream", "tokio::net::TcpStream"),
    ("std::thread::sleep", "tokio::time::sleep"),
    ("std::fs::read_to_string", "tokio::fs::read_to_string"),
    ("std::fs::read", "tokio::fs::read"),
    ("std::sync::mpsc", "tokio::sync::mpsc"),
];

/// The name of std's that the awaited line uses, and tokio's.
fn twin(case: &Case, span: &Span) -> Option<(&'static str, &'static str)> {
    let line = case.source.line(span.start.0);
    let is_used = |(of_std, _): &&(&str, &str)| {
        let (module, name) = of_std.rsplit_once("::").unwrap_or(("", of_std));
        let last = module.rsplit("::").next().unwrap_or(module);
        let is_imported =
            case.source.text.contains(&format!("use {of_std};")) && line.contains(name);
        let by_module = case.source.text.contains(&format!("use {module};"))
            && line.contains(&format!("{last}::{name}"));
        is_imported || by_module || line.contains(of_std)
    };
    TWINS.iter().find(is_used).copied()
}

/// A future that is used as if it were its value.
fn await_missing(case: &Case) -> Option<Cause> {
    let error = case.error;
    let suggested = error.suggests(".await");
    let is_future_there =
        match error.code.as_deref() {
            Some("E0308") => {
                let of_types = case
                    .expected()
                    .is_some_and(|(a, b)| is_future(a) || is_future(b));
                let of_arms = error
                    .label(&prose::FOUND_EARLIER)
                    .is_some_and(|(_, [of])| is_future(of));
                of_types || of_arms
            }
            Some("E0599") => prose::NO_METHOD
                .of(&error.text)
                .is_some_and(|[_, _, of]| is_future(of)),
            Some("E0609" | "E0610" | "E0614" | "E0369" | "E0608") => {
                backticked(&error.text).any(is_future)
            }
            Some("E0277") => {
                let no_try = prose::NO_TRY.is_in(&error.text);
                let formatted = prose::NO_FORMAT
                    .of(&error.text)
                    .is_some_and(|[of, _]| is_future(of));
                let tried =
                    error.labels().chain(error.notes.iter().flat_map(|note| {
                        note.spans.first().map(|span| (span, note.text.as_str()))
                    }));
                let notes = error.notes.iter().map(|note| note.text.as_str());
                let of_future = tried
                    .map(|it| it.1)
                    .chain(notes)
                    .flat_map(backticked)
                    .any(is_future);
                formatted || (no_try && of_future)
            }
            _ => false,
        };
    if suggested.is_none() && !is_future_there {
        return None;
    }
    let called = called(case, suggested)?;
    let line = called.start.0;
    let call = case.at(&called);
    // The value of an async block is not awaited: its function is the wrong one.
    if call.trim_start().starts_with("async") {
        return None;
    }
    Some(
        Cause::new(
            &kinds::AWAIT_MISSING,
            format!(
                "{} in line {line} returns a future, and nothing waits for its value.",
                code(call)
            ),
            behind(call, ".await", called.end.0),
        )
        .marks([Span {
            label: Some("a future, until it is awaited".into()),
            is_primary: true,
            ..called
        }]),
    )
}

fn backticked(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// A future that something polls again and again, and that is not pinned.
fn not_pinned(case: &Case) -> Option<Cause> {
    let is_it = prose::NOT_UNPIN.is_in(&case.error.text)
        || case
            .bound()
            .is_some_and(|(_, wanted)| wanted.ends_with("Unpin"));
    if !is_it {
        return None;
    }
    let line = case.error.primary()?.start.0;
    Some(Cause::new(
        &kinds::NOT_PINNED,
        format!(
            "Line {line} waits for a future or a stream that a variable holds, and it could move meanwhile: it has to be pinned first."
        ),
        "Pin it where you make it: let mut name = std::pin::pin!(…), and wait for &mut name.",
    ))
}

/// A name that a closure would give: the call stands where a function is wanted.
pub(super) fn value_of_a_closure(case: &Case, name: &str, span: &Span) -> Option<Cause> {
    let call = call_around(case, span)?;
    let caller = case
        .source
        .argument_of(call.bytes.0)
        .filter(|it| CALLERS.contains(it))?;
    let text = case.at(&call);
    let function = text.split('(').next()?.trim();
    Some(Cause::new(
        &kinds::CALL_FOR_FUNCTION,
        format!(
            "`{caller}` in line {} hands `{name}` to a function, but here `{function}` is called at once, and nothing is called `{name}` yet.",
            span.start.0
        ),
        format!(
            "Make a function of the call: .{caller}(|{name}| {})",
            brief(text)
        ),
    ))
}
