//! What came of a check, beside what the stage announces.

use checks::{Diagnosis, Report, Status};
use live::walk::{Announced, Fails, Stage};
use serde_json::{Value, json};

/// What came of a check.
#[derive(Debug, Clone)]
pub enum Checked {
    /// It is under way.
    Running,
    /// It has a verdict, and this is what is told of it.
    Done(Value),
    /// It has none: why.
    Incomplete(String),
}

impl Checked {
    /// What came of it, beside what the stage announces.
    pub fn of(report: &Report, stage: &Stage) -> Checked {
        let missing = report.findings.iter().find_map(|it| match &it.status {
            Status::Missing(what) => Some(what.clone()),
            _ => None,
        });
        let found = Announced::found(report);
        let as_announced = found
            .as_ref()
            .is_some_and(|it| is_same(it, &stage.announced));
        match (found, missing) {
            (Some(found), None) => Checked::Done(json!({
                "state": "done",
                "as_announced": as_announced,
                "announced": stage.announced.to_string(),
                "found": found.to_string(),
                "findings": fails(&found).iter().map(fails_json).collect::<Vec<_>>(),
            })),
            // Without a browser, what the page does is not known: neither a pass nor a failure is the whole verdict.
            (_, missing) => Checked::Incomplete(missing.unwrap_or_default()),
        }
    }

    /// It, for a view.
    pub fn json(&self) -> Value {
        match self {
            Checked::Running => json!({ "state": "running" }),
            Checked::Done(done) => done.clone(),
            Checked::Incomplete(why) => json!({ "state": "incomplete", "why": why }),
        }
    }
}

/// Whether two verdicts are the same, in whatever order they name what fails.
fn is_same(one: &Announced, other: &Announced) -> bool {
    let sorted = |announced| {
        let fails = fails(announced).iter();
        let mut fails: Vec<_> = fails.map(|it| (&it.check, &it.diagnosis)).collect();
        fails.sort();
        fails
    };
    sorted(one) == sorted(other)
}

/// What an announced verdict says that fails.
pub fn fails(announced: &Announced) -> &[Fails] {
    match announced {
        Announced::Passes => &[],
        Announced::Fails(fails) => fails,
    }
}

/// A check that fails, in the learner's words.
pub fn fails_json(fails: &Fails) -> Value {
    let check = checks::list::CHECKS.iter().find(|it| it.id == fails.check);
    let cause = Diagnosis::by_id(&fails.diagnosis);
    json!({
        "check": fails.check,
        "sentence": check.map(|it| it.sentence),
        "diagnosis": fails.diagnosis,
        "cause": cause.map(|it| it.cause()),
        "next": cause.map(|it| it.next()),
    })
}
