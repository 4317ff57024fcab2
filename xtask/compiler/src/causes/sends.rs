//! Futures that cannot change threads: a guard that is held over an `.await`, an `Rc` and the like.

use super::{Case, Cause, Look, a, code};
use crate::message::Span;
use crate::types::short;
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[not_send];

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
        () if short.contains("dyn ") => "Add + Send + Sync to the dyn type; or finish with it before the .await.".into(),
        () if short.contains("Guard") => "Let go of the lock before the first .await.".into(),
        () => "Finish with it before the .await, in a block of its own; or take a type that can change threads.".into(),
    }
}
