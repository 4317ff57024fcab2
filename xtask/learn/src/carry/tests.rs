use steps::code;
use steps::cut::Cut;
use steps::step::STEPS;
use steps::tasks;

use super::merge::words;
use super::*;

fn source(step: Step) -> Source {
    tasks::source_of(step, "server.rs").unwrap()
}

fn pairs() -> impl Iterator<Item = (Step, Step)> {
    STEPS.iter().filter_map(|to| Some((to.before()?, *to)))
}

/// The last pair of the ladder: one task, in one function.
fn to_the_spy() -> (Step, Step) {
    pairs().find(|(_, to)| to.word == "spy").unwrap()
}

fn carried(own: &str, from: Step, to: Step) -> Carried {
    let (of_from, of_to) = (source(from), source(to));
    let from = End {
        step: from,
        source: &of_from,
    };
    let to = End {
        step: to,
        source: &of_to,
    };
    carry(own, &from, &to, true)
}

/// Code and TODOs, for whoever cares about neither comments nor blank lines.
fn tasks_and_code(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| line.starts_with("// TODO") || !code::of([*line]).is_empty());
    words(&lines.collect::<Vec<_>>())
}

#[test]
fn the_solution_becomes_the_starter_of_the_next_step() {
    for (from, to) in pairs() {
        for cut in [Cut::Bare, Cut::Given, Cut::Whole] {
            let own = source(from).cut(|_| cut);
            let now = carried(&own, from, to);
            assert_eq!(now.text, source(to).starter(), "{}, {cut:?}", to.name());
            assert!(now.todos.iter().all(|todo| todo.fit == Fit::InPlace));
            assert!(!now.is_left_out);
        }
    }
}

/// As most do it: the code at the TODOs, which stay or go, and no comments of their own.
#[test]
fn so_does_what_a_learner_wrote_without_comments() {
    for (from, to) in pairs() {
        let source_of = source(from);
        for keeps_todos in [true, false] {
            let mut own = String::new();
            for line in source_of.lines(|stage| if stage.given { Cut::Given } else { Cut::Whole }) {
                let stage = line.stage.filter(|stage| !stage.given);
                let is_opening = |stage: &Stage| {
                    line.text
                        .trim()
                        .starts_with(&format!("// [{}]", stage.name))
                };
                match stage {
                    Some(stage) if is_opening(stage) && keeps_todos => {
                        own += &format!("{}\n", stage.todo())
                    }
                    Some(_) if line.text.trim().starts_with("//") => {}
                    _ => own += &format!("{}\n", line.text),
                }
            }
            let now = carried(&own, from, to);
            let expected = tasks_and_code(&source(to).starter());
            assert_eq!(
                tasks_and_code(&now.text),
                expected,
                "{}:\n{}",
                to.name(),
                now.text
            );
        }
    }
}

#[test]
fn a_todo_finds_its_function_where_the_learner_has_written_another() {
    let (from, to) = to_the_spy();
    let own = source(from).cut(|_| Cut::Bare);
    let (before, after) = own
        .split_once("    match (name.as_str(), arguments) {")
        .unwrap();
    let after = after.split_once("\n}\n").unwrap().1;
    let own = format!("{before}    answer(name, arguments)\n}}\n{after}");
    let now = carried(&own, from, to);
    assert_eq!(now.todos[0].fit, Fit::Above("received".into()));
    let line = now.text.lines().nth(now.todos[0].line).unwrap();
    assert!(line.starts_with("fn received("), "{line}");
}

#[test]
fn a_todo_that_fits_nowhere_stands_at_the_end() {
    let (from, to) = to_the_spy();
    let now = carried("fn main() {}\n", from, to);
    assert_eq!(now.todos.len(), 1);
    assert_eq!(
        now.todos[0].fit,
        Fit::AtTheEnd("the function `received`".into())
    );
    let last = now.text.lines().nth(now.todos[0].line - 1).unwrap();
    assert!(
        now.text.starts_with("fn main() {}\n\n// TODO: "),
        "{}",
        now.text
    );
    assert!(last.starts_with("// TODO: When `spy`"), "{last}");
}

#[test]
fn what_a_step_brings_along_is_a_comment_where_it_does_not_fit() {
    let (from, to) = pairs().find(|(_, to)| to.number == 6).unwrap();
    let own = source(from).cut(|_| Cut::Bare);
    let own = own.replace("page(\"5.html\").or(ws)", "ws.or(page(\"5.html\"))");
    let now = carried(&own, from, to);
    assert!(now.is_left_out);
    assert!(now.text.contains("// | fn script("), "{}", now.text);
    assert!(!now.text.contains("\nfn script("), "{}", now.text);
    assert!(now.text.contains("ws.or(page(\"6.html\"))"), "{}", now.text);
}

#[test]
fn nothing_of_the_learners_is_lost_or_changed() {
    let odd = [
        "",
        "\n",
        "}",
        "fn",
        "fn x",
        "}}}\n{{{\n",
        "ä // ü\n\n\n",
        "// [relay]\n",
    ];
    for (from, to) in pairs() {
        for own in odd {
            let now = carried(own, from, to);
            let kept: Vec<&str> = now.text.lines().collect();
            assert!(
                own.lines().all(|line| kept.contains(&line)),
                "{own}: {kept:?}"
            );
        }
    }
}

#[test]
fn lines_end_as_they_did() {
    let (from, to) = to_the_spy();
    let own = source(from).cut(|_| Cut::Bare).replace('\n', "\r\n");
    let now = carried(&own, from, to);
    assert_eq!(now.text, source(to).starter().replace('\n', "\r\n"));
}
