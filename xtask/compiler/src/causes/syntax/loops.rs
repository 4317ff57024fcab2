//! The head of a `for`.

use super::{Case, Cause, Look, Stuck};
use crate::{kinds, prose};

pub(in super::super) const LOOKS: &[Look] =
    &[for_of_a_pattern, another_word, colon_for_in, for_head];

/// `for Some(x) = …`, and `for Some(x) in …` of what comes one by one.
fn for_of_a_pattern(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let start = stuck.statement();
    let source = case.source;
    let is_one = source.word(start) == "for"
        && ["Some", "Ok"].contains(&source.word(start + 1))
        && stuck.is(0, "=");
    let pattern = source.between((stuck.byte(start + 1), stuck.byte(stuck.at)));
    is_one.then(|| {
        Cause::new(
            &kinds::FOR_LOOP,
            format!(
                "Line {} has `for` and a pattern. But `for` goes through a list, and this waits for one value after another.",
                stuck.line()
            ),
            format!("Write it with while let: while let {} = …", pattern.trim()),
        )
    })
}

/// `for let x in list`, `foreach x in list`, `while x in list`.
fn another_word(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let line = stuck.line();
    let (cause, next) = match (stuck.word(-1), stuck.word(0)) {
        ("for", "let") => (
            format!("In line {line}, `let` stands behind `for`."),
            format!("Take it out: for {} in", stuck.word(1)),
        ),
        ("foreach" | "forEach", name) => (
            format!(
                "Line {line} has `{}`, a word of other languages.",
                stuck.word(-1)
            ),
            format!("Write for in its place: for {name} in"),
        ),
        (name, "in") if stuck.word(-2) == "while" => (
            format!("In line {line}, `while` stands before a name and a list."),
            format!("Write for in its place: for {name} in"),
        ),
        _ => return None,
    };
    Some(Cause::new(&kinds::FOR_LOOP, cause, next))
}

/// `for x : list`.
fn colon_for_in(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(0) == ":" && stuck.word(-2) == "for";
    is_one.then(|| {
        Cause::new(
            &kinds::FOR_LOOP,
            format!(
                "In line {}, a colon stands between the name and the list.",
                stuck.line()
            ),
            format!("Write in in its place: for {} in", stuck.word(-1)),
        )
    })
}

/// `for x of list`, `for (x in list)`, `for (let i = 0; …)`.
fn for_head(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let line = stuck.line();
    let source = case.source;
    let (cause, next) = if stuck.word(0) == "let" && stuck.word(-2) == "for" {
        let name = stuck.word(1);
        (
            format!("Line {line} counts with `for` as other languages do."),
            format!("Write the numbers as a range: for {name} in 0..3"),
        )
    } else if prose::FOR_IN_MISSING.is_in(&case.error.text) {
        let of = stuck.word(0);
        (
            format!("In line {line}, `for` has no `in` between the name and the list."),
            match of {
                "of" => "Write in in place of of.".to_owned(),
                _ => "Write it in this order: for name in list".to_owned(),
            },
        )
    } else if prose::FOR_BRACKETS.is_in(&case.error.text) {
        let at = source.token(case.error.primary()?.bytes.0);
        (
            format!("In line {line}, brackets stand around what `for` goes through."),
            format!(
                "Take them out: for {} in {}",
                source.word(at + 1),
                source.word(at + 3)
            ),
        )
    } else {
        return None;
    };
    Some(Cause::new(&kinds::FOR_LOOP, cause, next))
}
