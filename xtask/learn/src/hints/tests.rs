use steps::cut::{Cut, Stage};

use super::*;

const TEXT: &str = "\
# Hints

## names

Look up.
Still up.

Use `use`.

## relay: event-not-handled, echo-only

Where?

What.
";

#[test]
fn an_entry_has_two_paragraphs() {
    let hints = parse(TEXT).unwrap();
    assert_eq!(hints.len(), 2);
    assert_eq!(hints[0].stage, "names");
    assert_eq!(hints[0].first, "Look up. Still up.");
    assert!(hints[0].diagnoses.is_empty());
    assert_eq!(hints[1].diagnoses, ["event-not-handled", "echo-only"]);
    assert_eq!(hints[1].second, "What.");
    assert_eq!(parse(&TEXT.replace('\n', "\r\n")).unwrap(), hints);
    assert_eq!(parse(&TEXT["# Hints\n\n".len()..]).unwrap(), hints);
}

#[test]
fn another_number_of_paragraphs_is_an_error() {
    for text in [
        "## a\n",
        "## a\n\nOne.\n",
        "## a\n\nOne.\n\nTwo.\n\nThree.\n",
    ] {
        let error = parse(text).unwrap_err().to_string();
        assert_eq!(error, "## a has not two paragraphs");
    }
}

fn step(number: &str) -> Step {
    Step::parse(number).unwrap()
}

fn own(step: Step, text: &str) -> Vec<Place> {
    let file = File {
        step,
        name: "server.rs".into(),
        text: Ok(text.to_owned()),
    };
    tasks::places(step, &[file]).unwrap()
}

fn solution(step: Step, choose: impl Fn(&Stage) -> Cut) -> String {
    tasks::of_step(step).unwrap()[0].source().cut(choose)
}

#[test]
fn of_the_starter_every_place_is_open_and_none_done() {
    for step in STEPS {
        let starter = tasks::of_step(*step).unwrap()[0].source().starter();
        for place in own(*step, &starter)
            .iter()
            .filter(|it| it.file == "server.rs")
        {
            let inner = place.line.is_none();
            assert!(!place.is_done, "{}: {}", step.name(), place.name);
            assert_eq!(place.is_open, !inner, "{}: {}", step.name(), place.name);
        }
    }
}

#[test]
fn of_the_solution_every_place_is_done() {
    for step in STEPS {
        let places = own(*step, &solution(*step, |_| Cut::Bare));
        for place in places.iter().filter(|it| it.file == "server.rs") {
            assert!(place.is_done, "{}: {}", step.name(), place.name);
        }
    }
}

#[test]
fn what_is_imported_comes_last() {
    let starter = tasks::of_step(step("7")).unwrap()[0].source().starter();
    assert_eq!(next(&own(step("7"), &starter)), Some("state"));
    let all_but_names = solution(step("7"), |stage| match stage.name.as_str() {
        "names" => Cut::Todo,
        _ => Cut::Bare,
    });
    assert_eq!(next(&own(step("7"), &all_but_names)), Some("names"));
}

#[test]
fn a_place_names_the_line_of_its_todo_or_of_what_it_replaces() {
    let wrong_turn = solution(step("10"), |stage| match stage.name.as_str() {
        "object" => Cut::Absent,
        _ => Cut::Bare,
    });
    let places = own(step("10"), &wrong_turn);
    let object = places.iter().find(|place| place.name == "object").unwrap();
    let line = object.line.unwrap();
    let text = wrong_turn.lines().nth(line - 1).unwrap();
    assert!(text.contains(r#"json!(["spy", x, y])"#), "{text}");
    assert!(!object.is_open && !object.is_done);
}
