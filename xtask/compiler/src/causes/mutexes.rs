//! What is in a `Mutex`, and how it is reached.

use super::around::named;
use super::{Case, Cause, Look, a, code};
use crate::types::short;
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[mutex_not_locked];

/// A type of which a Mutex is the outside, in whatever handles.
fn is_mutex(of: &str) -> bool {
    let mut of = short(of);
    loop {
        let inner = of
            .trim_start_matches('&')
            .trim_start_matches("mut ")
            .to_owned();
        match inner.strip_prefix("Arc<").or(inner.strip_prefix("Rc<")) {
            Some(rest) => of = rest.to_owned(),
            None => return inner.starts_with("Mutex<") || inner.starts_with("RwLock<"),
        }
    }
}

/// What is in a Mutex, used without `lock`, or with a `lock` that is not unwrapped.
fn mutex_not_locked(case: &Case) -> Option<Cause> {
    let error = case.error;
    let (span, text) = case.primary()?;
    let of = match error.code.as_deref()? {
        "E0368" => prose::NO_ASSIGNING.of(&error.text)?[1],
        "E0369" => prose::NO_OPERATION.of(&error.text)?[1],
        "E0599" => {
            let [method, _, of] = prose::NO_METHOD.of(&error.text)?;
            if method == "clone" {
                return None;
            }
            error.label_type().unwrap_or(of)
        }
        "E0614" => prose::NO_DEREF.of(&error.text)?[0],
        "E0308" => {
            let (expected, found) = case.expected()?;
            let both = is_mutex(expected) && is_mutex(found);
            [found, expected]
                .into_iter()
                .find(|it| is_mutex(it))
                .filter(|_| !both)?
        }
        "E0277" => match (
            prose::NO_FORMAT.of(&error.text),
            prose::NO_COMPARING.of(&error.text),
            case.bound(),
        ) {
            (Some([of, _]), ..) | (_, Some([of, _]), _) => of,
            (.., Some((of, wanted)))
                if wanted.ends_with("Serialize")
                    || wanted.contains("Iterator")
                    || wanted.contains("From<") =>
            {
                of
            }
            _ => return None,
        },
        "E0608" | "E0609" | "E0610" | "E0600" => error.text.split('`').rev().nth(1)?,
        _ => return None,
    };
    let line = span.start.0;
    let guarded =
        short(of).starts_with("Result<MutexGuard<") || short(of).starts_with("LockResult<");
    if guarded {
        return Some(Cause::new(
            &kinds::MUTEX_NOT_LOCKED,
            format!("`lock` in line {line} gives a Result, and the value is inside of that."),
            "Write .unwrap() behind lock().",
        ));
    }
    if !is_mutex(of) {
        return None;
    }
    let name = named(case, span, text);
    let plain = name.trim_start_matches(['*', '&']);
    let lock = if short(of).contains("RwLock<") {
        "write"
    } else {
        "lock"
    };
    let is_changed = error.is("E0368") || error.is("E0369");
    Some(Cause::new(
        &kinds::MUTEX_NOT_LOCKED,
        format!(
            "{} in line {line} is {}: the value is behind the lock.",
            code(plain),
            a(of)
        ),
        match is_changed || error.is("E0277") || error.is("E0308") {
            true => format!("Lock it first: *{plain}.{lock}().unwrap() is the value."),
            false => format!("Lock it first: {plain}.{lock}().unwrap() gives what is inside."),
        },
    ))
}
