//! The marks of a course: who passed what, and when, with the names that learners have in the room.

use serde_json::{Value, json};
use steps::step::STEPS;

use crate::ask::Kind;
use crate::learner::Learner;
use crate::register::Register;
use crate::time::iso;

/// The marks as a file: its name, and what it holds.
pub fn file(register: &Register, kind: Kind) -> (&'static str, String) {
    match kind {
        Kind::Csv => ("class.csv", csv(register)),
        Kind::Json => ("class.json", format!("{:#}\n", json(register))),
    }
}

/// A table, a row a learner. A name has no sign that a table would take for a formula or for its own: `room::name_of` says
/// which there are.
fn csv(register: &Register) -> String {
    let names = STEPS.iter().map(|step| step.name());
    let head: String = names.map(|name| format!(",{name}")).collect();
    let row = |it: &Learner| {
        let times = STEPS.iter().map(|step| it.passed.get(&step.number));
        let times = times.map(|time| format!(",{}", time.map_or(String::new(), |it| iso(*it))));
        let (name, joined) = (&it.name, iso(it.joined));
        format!(
            "{name},{joined},{}{}\r\n",
            it.checks,
            times.collect::<String>()
        )
    };
    let rows: String = register.learners.values().map(row).collect();
    format!("name,joined,checks{head}\r\n{rows}")
}

fn json(register: &Register) -> Value {
    let learner = |it: &Learner| {
        let passed: serde_json::Map<String, Value> = STEPS
            .iter()
            .filter_map(|step| Some((step.name(), iso(*it.passed.get(&step.number)?).into())))
            .collect();
        json!({
            "name": it.name,
            "joined": iso(it.joined),
            "left": it.has_left,
            "checks": it.checks,
            "passed": passed,
            "last": it.check.as_ref().map(|(at, check)| json!({ "at": iso(*at), "check": check.json() })),
        })
    };
    json!({
        "room": room::VERSION,
        "opened": iso(register.opened),
        "learners": register.learners.values().map(learner).collect::<Vec<_>>(),
    })
}
