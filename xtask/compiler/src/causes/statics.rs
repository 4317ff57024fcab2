//! Statics: one value for the whole program, which all threads share.

use super::{Case, Cause, Look, code};
use crate::{kinds, prose};

pub(super) const LOOKS: &[Look] = &[changed, made_too_early];

/// A static that is changed as if it were a variable.
fn changed(case: &Case) -> Option<Cause> {
    let error = case.error;
    let is_mutable = error.is("E0133") && prose::MUTABLE_STATIC.is_in(&error.text);
    let is_fixed = error.is("E0594") && error.text.contains("static item");
    if !is_mutable && !is_fixed {
        return None;
    }
    let (span, text) = case.primary()?;
    let name = text.split([' ', '.', '[']).next().unwrap_or(text);
    let why = match is_mutable {
        true => "a static mut, which two threads might change at the same time",
        false => "a static, which can change only inside a Mutex or an atomic",
    };
    Some(Cause::new(
        &kinds::SHARED_STATIC,
        format!("Line {} changes `{name}`, {why}.", span.start.0),
        format!(
            "Make it static {name}: Mutex<…> = Mutex::new(…); and change it by *{name}.lock().unwrap()."
        ),
    ))
}

/// A static whose value is made by a function that runs only with the program.
fn made_too_early(case: &Case) -> Option<Cause> {
    let error = case.error;
    let [_] = prose::IN_STATICS
        .of(&error.text)
        .filter(|_| error.is("E0015"))?;
    let (span, text) = case.primary()?;
    Some(Cause::new(
        &kinds::SHARED_STATIC,
        format!(
            "A static has its value before the program runs, and {} in line {} can run only while the program runs.",
            code(text),
            span.start.0
        ),
        "Make the value at the first use: LazyLock<…> as the type, and LazyLock::new(|| …) around what it is given.",
    ))
}
