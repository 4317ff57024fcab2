//! What the compiler warned of, beside what a check has found: shown with the first failure, and evidence for its cause.

use std::rc::Rc;

use super::{Context, Diagnosis, Failure, Finding, Status};
use crate::compiler::Warning;

/// The finding, with the warnings of the program where it is the first failure of a program that compiles.
pub fn with_warnings(finding: Finding, before: &[Finding], context: &Context) -> Finding {
    let is_failed = |it: &Finding| matches!(it.status, Status::Failed(_));
    let (Status::Failed(failure), Some(warnings)) = (&finding.status, context.warned.get()) else {
        return finding;
    };
    if before.iter().any(is_failed) || warnings.is_empty() {
        return finding;
    }
    let mut failure = Failure::clone(failure);
    failure.warned = warnings.clone();
    Finding {
        check: finding.check,
        status: Status::Failed(Rc::new(failure)),
    }
}

/// The failure, with another cause where a warning proves it: nothing has happened, and what should have happened is a future
/// that nobody awaits.
pub fn explained(mut failure: Failure, context: &Context) -> Failure {
    let mut warnings = context.warned.get().into_iter().flatten();
    let Some(line) = warnings.find_map(Warning::future_that_nobody_awaits) else {
        return failure;
    };
    if !nothing_happened(&failure) {
        return failure;
    }
    failure.diagnosis = Diagnosis::FutureNotAwaited;
    failure.place = Some(line.to_owned());
    failure
}

/// Whether a check has seen nothing at all, where something was due.
fn nothing_happened(failure: &Failure) -> bool {
    let came = failure.came.as_deref().unwrap_or_default();
    let is_silent = came == "nothing" || came.contains("nothing, in ");
    let is_over = [Diagnosis::ExitsEarly, Diagnosis::NeverListens];
    is_silent || is_over.contains(&failure.diagnosis)
}
