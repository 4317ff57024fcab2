use steps::stages::Stages;

use super::*;

const SOLUTION: &str = "\
//! The head.
fn main() {
    let listener = listen();
    // [serve]
    // Why it is served.
    serve(listener);
    // [end serve]
}

// [listen]
fn listen() -> Listener {
    Listener::new()
}
// [end listen]
";

const STAGES: &str = "\
## server.rs: serve

Serve it.

```rust
nothing();
```

## server.rs: listen

Write `listen`.
";

fn solution() -> Source {
    Source::parse("server.rs", SOLUTION, &Stages::parse(STAGES).unwrap()).unwrap()
}

fn beside(own: &str) -> Beside {
    compare(own, &solution())
}

fn finished() -> String {
    solution().cut(|_| Cut::Bare)
}

#[test]
fn the_same_program_has_no_difference() {
    let same = beside(&finished());
    assert!(same.differences.is_empty() && same.is_identical);
    assert_eq!(same.same, ["Serve it.", "Write `listen`."]);
    assert!(beside(SOLUTION).is_identical);
    let quiet = finished().replace("    // Why it is served.\n", "\n");
    let same = beside(&quiet);
    assert!(same.differences.is_empty() && !same.is_identical);
}

#[test]
fn a_difference_is_told_under_its_stage_with_the_reasons() {
    let found = beside(&finished().replace(
        "    // Why it is served.\n    serve(listener);",
        "    other(listener);",
    ));
    assert_eq!(found.same, ["Write `listen`."]);
    let [difference] = found.differences.as_slice() else {
        panic!("one difference")
    };
    assert_eq!(difference.stages, ["Serve it."]);
    assert_eq!(difference.hunks[0].line, 4);
    assert_eq!(
        difference.hunks[0].lines,
        [
            Side::Yours("    other(listener);".into()),
            Side::Solutions("    // Why it is served.".into()),
            Side::Solutions("    serve(listener);".into()),
        ]
    );
}

#[test]
fn what_is_in_no_stage_is_elsewhere_and_last() {
    let own = finished()
        .replace(
            "let listener = listen();",
            "let listener = listen().unwrap();",
        )
        .replace("Listener::new()", "Listener::bind()");
    let found = beside(&own);
    let stages: Vec<_> = found.differences.iter().map(|it| &it.stages).collect();
    assert_eq!(stages, [&vec!["Write `listen`.".to_owned()], &vec![]]);
}

#[test]
fn lines_of_the_learners_alone_belong_to_their_neighbours() {
    let own = finished().replace(
        "    serve(listener);\n",
        "    serve(listener);\n    println!(\"it ends\");\n",
    );
    let found = beside(&own);
    assert_eq!(found.differences[0].stages, ["Serve it."]);
    assert_eq!(found.differences[0].hunks[0].line, 6);
}

#[test]
fn what_is_missing_is_missing_at_its_todo() {
    let starter = solution().starter();
    let lines: Vec<usize> = beside(&starter)
        .differences
        .iter()
        .map(|difference| difference.hunks[0].line)
        .collect();
    let todo = |text: &str| {
        starter
            .lines()
            .position(|line| line.contains(text))
            .unwrap()
            + 1
    };
    // What stands before `serve` is a line of the starter's.
    assert_eq!(lines, [todo("nothing();"), todo("TODO: Write")]);
}

#[test]
fn any_text_can_stand_beside_it() {
    for own in ["", "\n", "}", "// only a comment", "\u{0}", "}}}\n{{{\n"] {
        let found = beside(own);
        assert!(!found.differences.is_empty(), "{own}");
        assert!(
            found
                .differences
                .iter()
                .flat_map(|it| &it.hunks)
                .all(|hunk| hunk.line > 0)
        );
    }
}
