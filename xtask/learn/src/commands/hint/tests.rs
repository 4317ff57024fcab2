use steps::cut::Cut;

use super::{body, *};
use crate::hints::Hint;

fn step(number: &str) -> Step {
    Step::parse(number).unwrap()
}

fn hint(stage: &str) -> Hint {
    Hint {
        stage: stage.into(),
        diagnoses: Vec::new(),
        first: "Where?".into(),
        second: "What.".into(),
    }
}

fn server(step: Step, text: String) -> Vec<File> {
    vec![File {
        step,
        name: "server.rs".into(),
        text: Ok(text),
    }]
}

fn starter(step: Step) -> Vec<File> {
    server(step, tasks::of_step(step).unwrap()[0].source().starter())
}

fn solution(step: Step) -> String {
    tasks::of_step(step).unwrap()[0].source().cut(|_| Cut::Bare)
}

#[test]
fn a_degree_says_no_more_than_it_is() {
    for step in steps::step::STEPS {
        let places = tasks::places(*step, &starter(*step)).unwrap();
        for place in &places {
            let told = |degree| body::task(*step, &hint(&place.name), &places, degree);
            assert!(told(1).ends_with("\nWhere?") && told(2).ends_with("\nWhat."));
            for line in &place.code {
                assert!(told(3).contains(line.trim()), "{}: {line}", step.name());
            }
        }
    }
}

#[test]
fn a_task_in_two_places_names_both() {
    let places = tasks::places(step("7"), &starter(step("7"))).unwrap();
    let told = body::task(step("7"), &hint("handle"), &places, 3);
    assert_eq!(told.matches("Replace this:").count(), 2, "{told}");
    assert_eq!(
        told.matches("exercises/07-clients/server.rs:").count(),
        2,
        "{told}"
    );
    assert!(
        told.contains("    if let Some(answer) = received(&message, &online)"),
        "{told}"
    );
}

#[test]
fn what_an_earlier_step_built_is_shown_as_it_was() {
    let told = |of, stage| body::earlier(step("10"), step(of), &hint(stage), 3).unwrap();
    assert!(told("9", "route").contains("still has the original"));
    assert!(told("4", "upgrade").contains("Later steps have changed it"));
    let first = body::earlier(step("10"), step("9"), &hint("route"), 1).unwrap();
    assert!(
        first.contains("step 9") && first.ends_with("Where?"),
        "{first}"
    );
}

#[test]
fn where_every_task_is_done_the_places_that_differ_are_named_last() {
    let text = solution(step("10")).replacen("relayed.from != me", "true", 1);
    let files = server(step("10"), text);
    assert!(!body::elsewhere(&files, 2).unwrap().contains("server.rs:"));
    let told = body::elsewhere(&files, 3).unwrap();
    assert_eq!(
        told.matches("exercises/10-spy/server.rs:").count(),
        1,
        "{told}"
    );
    let all_new = server(step("10"), "fn main() {\n    todo!()\n}\n".into());
    assert!(body::elsewhere(&all_new, 3).unwrap().lines().count() < 12);
}

#[test]
fn hints_about_another_thing_begin_anew() {
    let last = |diagnosis: &str| Last {
        diagnosis: Some(diagnosis.into()),
        ..Last::default()
    };
    let task = |stage: &str| About::Task {
        step: step("10"),
        hint: hint(stage),
    };
    let names = [
        name_of(&task("relay"), &last("two-values")),
        name_of(&task("object"), &last("two-values")),
        name_of(&About::General(None), &last("panicked")),
        name_of(&About::General(Some(hint("relay"))), &last("panicked")),
        name_of(&About::General(None), &last("does-not-compile")),
        name_of(&About::Done, &Last::default()),
    ];
    let different: std::collections::BTreeSet<&String> = names.iter().collect();
    assert_eq!(different.len(), names.len(), "{names:?}");
}
