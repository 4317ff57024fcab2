//! A check of one step, and what is noted of it: for `check`, `watch` and the hints.

use checks::{Finding, Options, Report, Subject, Verdict, again, last};
use steps::progress;
use steps::step::{Step, Whose};

use crate::room::told;

/// Checks a program; a learner's is noted.
pub async fn check(
    step: Step,
    whose: Whose,
    options: Options,
    found: impl FnMut(&Finding),
) -> Report {
    match whose {
        Whose::Learner => check_learner(step, options, found).await,
        Whose::Solution => checks::run(Subject::of(step, whose), options, found).await,
    }
}

/// Checks the learner's program of a step, and notes what was found. That it cannot be noted, in a folder that is read-only
/// say, changes no verdict.
pub async fn check_learner(step: Step, options: Options, found: impl FnMut(&Finding)) -> Report {
    let mut report = checks::run(Subject::of(step, Whose::Learner), options, found).await;
    // One of these is enough to say that there is no place to note anything.
    let noted = match (report.verdict(), report.only) {
        // That one check passes says nothing of the rest.
        (Verdict::Passed | Verdict::Incomplete, Some(_)) => Ok(()),
        (Verdict::Failed, Some(_)) => last::note(step, &report),
        (Verdict::Passed, None) => progress::passed(step)
            .and_then(|()| last::note(step, &report))
            .and_then(|()| again::note(step, &report)),
        (_, None) => last::note(step, &report).and_then(|()| again::note(step, &report)),
    };
    if let Err(error) = noted {
        report.warnings.push(format!("{error:#}"));
    }
    told::note(&report);
    report
}
