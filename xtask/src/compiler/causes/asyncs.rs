//! Futures: awaited too little, too much, in the wrong place, or held by what cannot change threads.

use super::{Case, Cause, Look, behind, brief, code};
use crate::compiler::kinds;
use crate::compiler::message::Span;
use crate::compiler::prose;
use crate::compiler::types::{is_future, short};

pub(super) const LOOKS: &[Look] = &[
    main_runtime,
    await_outside_async,
    call_for_function,
    await_too_much,
    await_missing,
    not_send,
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
            format!("`main` in line {line} is async, and no runtime is there to run it."),
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

/// The call that a place is, is the name of, or is an argument of.
fn call_around(case: &Case, span: &Span) -> Option<Span> {
    let source = case.source;
    let index = source.token(span.bytes.0);
    let is_call = |name: usize| {
        let is_name = source
            .tokens
            .get(name)
            .is_some_and(|it| it.kind == crate::compiler::source::Kind::Word);
        is_name && source.word(name + 1) == "("
    };
    let name = match is_call(index) {
        true => index,
        false => {
            source
                .open_around(index)
                .filter(|open| *open > 0 && is_call(open - 1))?
                - 1
        }
    };
    let end = source.close(name + 1)?;
    Some(case.span((source.tokens[name].start, source.tokens[end].end)))
}

/// `.await` behind something that is no future.
fn await_too_much(case: &Case) -> Option<Cause> {
    let [of] = prose::NO_FUTURE.of(&case.error.text)?;
    let (span, text) = case.primary()?;
    let before = case.source.between((0, span.bytes.0)).trim_end();
    if text != "await"
        && !text.ends_with(".await")
        && !(before.ends_with('.') && text.starts_with("await"))
    {
        return None;
    }
    Some(Cause::new(
        &kinds::AWAIT_TOO_MUCH,
        format!(
            "What stands before .await in line {} is {}, which is there at once: nothing has to be waited for.",
            span.start.0,
            a(of)
        ),
        format!("Take the .await in line {} out.", span.start.0),
    ))
}

/// A type with its article, or in backticks.
pub(super) fn a(of: &str) -> String {
    match short(of) {
        words if words.starts_with("a ") || words.starts_with("an ") => words,
        name if name == "()" => "nothing, ()".into(),
        name => {
            let name = outside(&name);
            let is_an = name.starts_with(['A', 'E', 'I', 'O'])
                || name.starts_with("Rc<")
                || name.starts_with("RwLock<");
            format!("{} `{name}`", if is_an { "an" } else { "a" })
        }
    }
}

/// A long type without what is inside of it: `Result<…>`.
fn outside(name: &str) -> String {
    const MOST: usize = 44;
    match name.split_once('<') {
        Some((outer, _)) if name.chars().count() > MOST => format!("{outer}<…>"),
        _ => name.to_owned(),
    }
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
                "{} in line {line} gives a future, not its value: nothing waits for it.",
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

/// The call that gives the future: the expression that the suggestion stands behind, or the one before the method.
fn called(case: &Case, suggested: Option<&Span>) -> Option<Span> {
    if let Some(place) = suggested {
        let start = expression_before(case, place.bytes.0)?;
        let name = case.source.between((start, place.bytes.0));
        // A variable that holds the future: where it was made is where the await belongs.
        if let Some(made) = made(case, name, start) {
            return Some(made);
        }
        return Some(case.span((start, place.bytes.0)));
    }
    let typed = case
        .error
        .label(&prose::HAS_TYPE)
        .filter(|(_, [of])| is_future(of))
        .map(|it| it.0);
    let arm = case
        .error
        .label(&prose::FOUND_EARLIER)
        .filter(|(_, [of])| is_future(of))
        .map(|it| it.0);
    if let Some(span) = typed.or(arm) {
        let name = case.at(span);
        return Some(made(case, name, span.bytes.0).unwrap_or(span.clone()));
    }
    let (span, text) = case.primary()?;
    if case.error.is("E0599") || case.error.is("E0609") {
        let dot = case.source.between((0, span.bytes.0)).trim_end().len() - 1;
        let start = expression_before(case, dot)?;
        let name = case.source.between((start, dot));
        return Some(made(case, name, start).unwrap_or(case.span((start, dot))));
    }
    if text == "?" {
        let start = expression_before(case, span.bytes.0)?;
        return Some(case.span((start, span.bytes.0)));
    }
    Some(span.clone())
}

/// The call whose future a variable holds: what stands behind its `let name =`.
fn made(case: &Case, name: &str, before: usize) -> Option<Span> {
    let is_name = !name.is_empty() && name.chars().all(|it| it.is_alphanumeric() || it == '_');
    if !is_name {
        return None;
    }
    let head = case.source.between((0, before));
    let at = head
        .rfind(&format!("let {name} = "))
        .map(|at| at + 7 + name.len());
    let at = at.or_else(|| {
        head.rfind(&format!("let mut {name} = "))
            .map(|at| at + 11 + name.len())
    })?;
    let end = case.source.text[at..].find(";\n").map(|end| at + end)?;
    Some(case.span((at, end)))
}

/// Where the expression begins that ends at this byte: a chain of names, calls and dots.
pub(super) fn expression_before(case: &Case, end: usize) -> Option<usize> {
    let source = case.source;
    let mut index = source.token(end).checked_sub(1)?;
    loop {
        use crate::compiler::source::Kind;
        match source.tokens[index].kind {
            Kind::Close => {
                index = source.open_around(index)?;
                let is_call = index > 0
                    && (source.tokens[index - 1].kind == Kind::Word
                        || source.word(index - 1) == ">"
                        || source.word(index - 1) == "!");
                match is_call {
                    true => index -= 1,
                    false => return Some(source.tokens[index].start),
                }
            }
            Kind::Word | Kind::Number | Kind::Text => {
                match (
                    index.checked_sub(1).map(|it| source.word(it)),
                    index.checked_sub(2).map(|it| source.word(it)),
                ) {
                    (Some("."), Some(_)) => index -= 2,
                    (Some(":"), Some(":")) => index = index.checked_sub(3)?,
                    (Some("!"), _) | (Some("?"), _) => index -= 1,
                    _ => return Some(source.tokens[index].start),
                }
            }
            Kind::Sign if matches!(source.word(index), "?" | "!") => {
                index = index.checked_sub(1)?
            }
            _ => return source.tokens.get(index + 1).map(|it| it.start),
        }
    }
}

/// A future that cannot change threads: because of a guard that it holds, or of an Rc and the like.
fn not_send(case: &Case) -> Option<Cause> {
    let error = case.error;
    let held = error.label(&prose::NOT_SEND_TYPE);
    if prose::NOT_SEND.is_in(&error.text) {
        let (span, [of]) = held?;
        return Some(held_over(case, span, of));
    }
    let [of] = prose::NOT_SEND_VALUE
        .of(&error.text)
        .filter(|_| error.is("E0277"))?;
    let line = case.error.place()?.start.0;
    Some(Cause::new(
        &kinds::NOT_SEND,
        format!(
            "The code from line {line} on runs on several threads, and what it holds, {}, cannot change threads.",
            a(of)
        ),
        instead_of(of),
    ))
}

fn held_over(case: &Case, span: &Span, of: &str) -> Cause {
    let name = case.at(span).trim_start_matches("mut ").to_owned();
    let awaits = case.error.notes.iter().flat_map(|note| &note.spans);
    let waits = awaits.filter(|it| {
        it.label
            .as_deref()
            .is_some_and(|label| label.starts_with("await"))
    });
    let waits = waits
        .map(|it| Span {
            label: Some("waits here, and still holds it".into()),
            is_primary: true,
            ..it.clone()
        })
        .next();
    let line = waits.as_ref().map_or(span.start.0, |it| it.start.0);
    let is_guard = of.contains("Guard");
    let mark = Span {
        label: Some(format!(
            "{} `{}`",
            if is_guard {
                "holds the lock: a"
            } else {
                "cannot change threads: a"
            },
            short(of)
        )),
        is_primary: false,
        ..span.clone()
    };
    let cause = match is_guard {
        true => Cause::new(
            &kinds::GUARD_OVER_AWAIT,
            format!(
                "{} in line {} holds the lock, and the task waits in line {line} while it has it.",
                code(&name),
                span.start.0
            ),
            format!(
                "Let go of the lock before line {line}: put it into a block of its own, or lock for one line only."
            ),
        ),
        false => Cause::new(
            &kinds::NOT_SEND,
            format!(
                "{} in line {} is {}, which cannot change threads, and the task waits in line {line} while it has it.",
                code(&name),
                span.start.0,
                a(of)
            ),
            instead_of(of),
        ),
    };
    cause.marks(std::iter::once(mark).chain(waits))
}

/// What can change threads in place of what cannot.
fn instead_of(of: &str) -> String {
    let short = short(of);
    match () {
        () if short.contains("RefCell") || short.contains("Cell<") => "Write Mutex in place of RefCell or Cell: Arc<Mutex<…>> can be shared by tasks.".into(),
        () if short.contains("Rc<") => "Write Arc in place of Rc: it is the same, for several threads.".into(),
        () if short.contains("dyn ") => "Add + Send + Sync to the dyn type; or be done with it before the .await.".into(),
        () if short.contains("Guard") => "Let go of the lock before anything is awaited.".into(),
        () => "Be done with it before the .await, in a block of its own; or take a type that can change threads.".into(),
    }
}
