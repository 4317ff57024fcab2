//! Functions that are named where they are to be called.

use super::around::expression_before;
use super::{Case, Cause, Look, behind, code};
use crate::kinds;

pub(super) const LOOKS: &[Look] = &[not_called];

/// A function without its brackets: the compiler would write them behind it, or says that a method is no field.
fn not_called(case: &Case) -> Option<Cause> {
    let error = case.error;
    // In place of something, () is a value and no call.
    let behind_it = error.suggests("()").filter(|it| it.bytes.0 == it.bytes.1);
    let method = error.primary().filter(|_| error.is("E0615"));
    let end = behind_it.or(method)?.bytes.1;
    let function = (expression_before(case, end)?, end);
    let (text, line) = (case.source.between(function), case.source.line_of(end));
    Some(Cause::new(
        &kinds::FUNCTION_NOT_CALLED,
        format!(
            "{} in line {line} is the function itself, not its result: nothing calls it.",
            code(text)
        ),
        behind(text, "()", line),
    ))
}
