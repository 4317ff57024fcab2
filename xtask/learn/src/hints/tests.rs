use steps::cut::{Cut, Source};
use steps::tasks::Tasks;

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
        assert_eq!(error, "## a needs exactly two paragraphs");
    }
}

fn step(number: &str) -> Step {
    Step::parse(number).unwrap()
}

/// The step's files, each as `text` has it.
fn files(step: Step, text: impl Fn(&Source) -> String) -> Vec<File> {
    let tasks = tasks::of_step(step).unwrap().into_iter();
    let file = |tasks: Tasks| File {
        step,
        text: Ok(text(tasks.source())),
        name: tasks.file,
    };
    tasks.map(file).collect()
}

fn starter(step: Step) -> Vec<Place> {
    tasks::places(step, &files(step, Source::starter)).unwrap()
}

#[test]
fn of_the_starter_every_place_is_open_and_none_done() {
    for step in STEPS {
        for place in starter(*step) {
            let inner = place.line.is_none();
            assert!(!place.is_done, "{}: {}", step.name(), place.name);
            assert_eq!(place.is_open, !inner, "{}: {}", step.name(), place.name);
        }
    }
}

#[test]
fn of_the_solution_every_place_is_done() {
    for step in STEPS {
        let solution = files(*step, |source| source.cut(|_| Cut::Bare));
        for place in tasks::places(*step, &solution).unwrap() {
            assert!(place.is_done, "{}: {}", step.name(), place.name);
        }
    }
}

#[test]
fn what_is_imported_comes_last() {
    assert_eq!(next(&starter(step("7"))), Some("state"));
    let all_but_names = files(step("7"), |source| {
        source.cut(|stage| match stage.name.as_str() {
            "names" => Cut::Todo,
            _ => Cut::Bare,
        })
    });
    let places = tasks::places(step("7"), &all_but_names).unwrap();
    assert_eq!(next(&places), Some("names"));
}

#[test]
fn a_place_names_the_line_of_its_todo_or_of_what_it_replaces() {
    let wrong_turn = files(step("10"), |source| {
        source.cut(|stage| match stage.name.as_str() {
            "object" => Cut::Absent,
            _ => Cut::Bare,
        })
    });
    let places = tasks::places(step("10"), &wrong_turn).unwrap();
    let object = places.iter().find(|place| place.name == "object").unwrap();
    let line = object.line.unwrap();
    let server = wrong_turn[0].text.as_ref().unwrap();
    let text = server.lines().nth(line - 1).unwrap();
    assert!(text.contains(r#"json!(["spy", x, y])"#), "{text}");
    assert!(!object.is_open && !object.is_done);
}
