//! State that a route holds, and what goes through a channel.

use super::filters::GIVEN;
use super::{Case, Cause, Look, a};
use crate::types::short;
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[state_not_clone];

/// State that a route holds, or what goes through a channel, and that cannot be cloned.
fn state_not_clone(case: &Case) -> Option<Cause> {
    let error = case.error;
    let (span, text) = case.primary()?;
    let line = span.start.0;
    if let Some((of, "Clone")) = case.bound() {
        let held = case
            .source
            .argument_of(span.bytes.0)
            .is_some_and(|it| GIVEN.contains(&it))
            || prose::BOUND_WITHIN.of(&error.text).is_some();
        if !held {
            return None;
        }
        return Some(Cause::new(
            &kinds::STATE_NOT_CLONE,
            format!(
                "The closure in line {line} holds {}, which cannot be cloned, but warp clones a route for each connection.",
                a(of)
            ),
            into_an_arc(case, of),
        ));
    }
    if let Some([method, _, of]) = prose::NO_METHOD
        .of(&error.text)
        .filter(|[name, ..]| *name == "clone" && text == "clone")
    {
        let of = error.label_type().unwrap_or(of);
        if let Some(locked) = behind_a_guard(of) {
            return Some(not_clone_behind_a_lock(line, locked));
        }
        let for_a_request = case
            .source
            .argument_of(span.bytes.0)
            .is_some_and(|it| GIVEN.contains(&it));
        let (wants, next) = match for_a_request {
            true => ("wants one for each request", into_an_arc(case, of)),
            false => ("calls it", derive_or_arc(of)),
        };
        return Some(Cause::new(
            &kinds::STATE_NOT_CLONE,
            format!(
                "{} has no `{method}`, and line {line} {wants}.",
                capital(&a(of))
            ),
            next,
        ));
    }
    if let Some(["clone", _, pair]) = prose::BOUNDS.of(&error.text)
        && short(pair).contains("Sender<")
        && short(pair).contains("Receiver<")
    {
        return Some(Cause::new(
            &kinds::STATE_NOT_CLONE,
            format!(
                "What line {line} clones is a pair, a sender and a receiver, and a receiver cannot be cloned."
            ),
            "Take the sender out of the pair where you make it: let (sender, _) = broadcast::channel(…)",
        ));
    }
    let [unmet] = error.label(&prose::UNMET).map(|it| it.1)?;
    let of = unmet.strip_suffix(": Clone")?;
    Some(Cause::new(
        &kinds::STATE_NOT_CLONE,
        format!(
            "`{text}` in line {line} has to clone {}, and `{}` cannot be cloned.",
            a(of),
            short(of)
        ),
        format!("Write #[derive(Clone)] above struct {}.", short(of)),
    ))
}

/// The type of what a lock's guard leads to.
fn behind_a_guard(of: &str) -> Option<String> {
    let of = short(of);
    let (guard, within) = of.trim_start_matches('&').split_once('<')?;
    let is_guard = ["MutexGuard", "RwLockReadGuard", "RwLockWriteGuard"].contains(&guard);
    let within = within.strip_suffix('>')?;
    let locked = within.strip_prefix("'_, ").unwrap_or(within);
    is_guard.then(|| locked.to_owned())
}

/// A guard has the methods of what is locked: so it is that which cannot be cloned, and no clone of the guard is meant.
fn not_clone_behind_a_lock(line: usize, locked: String) -> Cause {
    Cause::new(
        &kinds::UNKNOWN_METHOD,
        format!(
            "Line {line} clones what is behind a lock, but {} has no `clone`.",
            a(&locked)
        ),
        format!(
            "If `{locked}` is a struct of yours, write #[derive(Clone)] above it. To take the value out and leave an empty one, use std::mem::take(&mut *guard)."
        ),
    )
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// How a type can be cloned: an own one by deriving it, one of a library in an Arc.
/// Two things that a clone may be, where no route asks for one.
fn derive_or_arc(of: &str) -> String {
    let name = short(of);
    let name = name.trim_start_matches('&');
    format!(
        "If you want a copy and `{name}` is a struct of yours, write #[derive(Clone)] above it. If every clone is to lead to the same value, put it into an Arc."
    )
}

fn into_an_arc(case: &Case, of: &str) -> String {
    let name = short(of);
    let name = name.trim_start_matches('&');
    let plain = name.split('<').next().unwrap_or(name);
    match case.source.text.contains(&format!("struct {plain}")) && !name.contains("Mutex") {
        true => format!(
            "Put it into an Arc, Arc::new({plain} {{ … }}): then a clone is one more handle to the same {plain}."
        ),
        false => format!(
            "Put it into an Arc: Arc<{name}>, made by Arc::new(…), can be cloned, and each clone leads to the same."
        ),
    }
}
