//! How a closure is written: its parameters between two bars, and then its value.

use super::{Case, Cause, Look, Stuck};
use crate::{kinds, prose};

pub(in super::super) const LOOKS: &[Look] = &[
    arrow_behind_bars,
    thin_arrow_behind_bars,
    arrow_function,
    named_as_a_function,
    moved,
    first_bar_missing,
    bar_missing,
];

/// `|x| move …`, `move (x) …`.
fn moved(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    if stuck.word(-1) != "move" || stuck.word(0) == "|" {
        return None;
    }
    let line = stuck.line();
    Some(match stuck.word(-2) {
        "|" => Cause::new(
            &kinds::CLOSURE_FORM,
            format!("In line {line}, `move` stands behind the bars of a closure."),
            "Write it before the first bar: move |…| { … }",
        ),
        _ => Cause::new(
            &kinds::CLOSURE_FORM,
            format!(
                "In line {line}, no bar stands behind `move`: a closure has its parameters between two."
            ),
            format!("Write it as: move |{}| {{ … }}", given(&stuck)),
        ),
    })
}

/// What stands in the brackets from here on, or the word.
fn given<'a>(stuck: &Stuck<'a>) -> &'a str {
    let source = stuck.case.source;
    match source.close(stuck.at) {
        Some(close) => source.between((source.tokens[stuck.at].end, source.tokens[close].start)),
        None => stuck.word(0),
    }
}

/// `x| value`: the name is looked for, and not found.
fn first_bar_missing(case: &Case) -> Option<Cause> {
    if !case.error.is("E0425") {
        return None;
    }
    let (span, name) = case.primary()?;
    let source = case.source;
    let before = source.word(source.token(span.bytes.0).checked_sub(1)?);
    let behind = source.token(span.bytes.1);
    let is_one = ["(", ",", "=", "move"].contains(&before)
        && source.word(behind) == "|"
        && source.word(behind + 1) != "|";
    is_one.then(|| {
        Cause::new(
            &kinds::CLOSURE_FORM,
            format!(
                "The closure in line {} has one bar behind its parameters, and none before them.",
                span.start.0
            ),
            format!("Write the first bar: |{name}|"),
        )
    })
}

/// `|x| => value`.
fn arrow_behind_bars(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(-1) == "|" && stuck.is(0, "=>");
    is_one.then(|| {
        Cause::new(
            &kinds::CLOSURE_FORM,
            format!(
                "In line {}, an arrow stands behind the bars of a closure.",
                stuck.line()
            ),
            "Take the => out: the value comes directly behind the second bar.",
        )
    })
}

/// `|x| -> value`.
fn thin_arrow_behind_bars(case: &Case) -> Option<Cause> {
    prose::BRACE_EXPECTED.of(&case.error.text)?;
    let stuck = Stuck::of(case)?;
    let source = case.source;
    let is_arrow = |index: &usize| {
        source.word(*index) == "-"
            && source.word(index + 1) == ">"
            && source.word(index.wrapping_sub(1)) == "|"
    };
    (stuck.statement()..stuck.at).find(is_arrow)?;
    Some(Cause::new(
        &kinds::CLOSURE_FORM,
        format!(
            "In line {}, -> stands behind the bars of a closure, and a value behind it.",
            stuck.line()
        ),
        "Take the -> out: behind it stands a type, and then a block in braces.",
    ))
}

/// `(x) => value`, `x => value`.
fn arrow_function(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let source = case.source;
    if stuck.is_in_match()
        && source
            .open_around(stuck.at)
            .is_some_and(|it| source.word(it) == "{")
    {
        return None;
    }
    // At the arrow, or among the parameters before it.
    let arrow = match stuck.is(0, "=>") {
        true => stuck.at,
        false => {
            let open = source.open_around(stuck.at)?;
            let close = source.close(open)?;
            (source.word(open) == "(").then_some(close + 1)?
        }
    };
    let is_arrow = source.word(arrow) == "=" && source.word(arrow + 1) == ">";
    let start = match source.word(arrow.checked_sub(1)?) {
        ")" => stuck.open_of(arrow - 1)?,
        _ => arrow - 1,
    };
    let before = source.word(start.checked_sub(1)?);
    // A pattern of a match stands before an arrow as well.
    let at = Stuck { case, at: start };
    if at.is_in_match()
        && source
            .open_around(start)
            .is_some_and(|it| source.word(it) == "{")
    {
        return None;
    }
    if !is_arrow || !["=", "(", ",", "async", "move", "return"].contains(&before) {
        return None;
    }
    let given = source.between((stuck.byte(start), stuck.byte(arrow)));
    let given = given.trim().trim_start_matches('(').trim_end_matches(')');
    Some(Cause::new(
        &kinds::CLOSURE_FORM,
        format!(
            "Line {} has a function without a name, written as in JavaScript.",
            source.line_of(source.tokens[arrow].start)
        ),
        format!("Write the parameters between bars, and no arrow: |{given}| …"),
    ))
}

/// `function(x) { … }`, `fn(x) { … }`, `lambda x: …`.
fn named_as_a_function(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let source = case.source;
    let words = ["function", "fn", "lambda", "func", "def"];
    let start = stuck.statement();
    let is_word = |index: &usize| {
        words.contains(&source.word(*index))
            && ["=", "(", ",", "return"].contains(&source.word(index.saturating_sub(1)))
    };
    let at = (start.max(1)..=stuck.at).rev().find(is_word)?;
    if stuck.is_in_struct() {
        return None;
    }
    let (open, word) = (at + 1, source.word(at));
    let given = match source.close(open) {
        Some(close) => source.between((source.tokens[open].end, source.tokens[close].start)),
        None => source.word(open),
    };
    Some(Cause::new(
        &kinds::CLOSURE_FORM,
        format!(
            "In line {}, `{word}` begins a function without a name.",
            source.line_of(source.tokens[at].start)
        ),
        format!("Write a closure, its parameters between bars: |{given}| …"),
    ))
}

/// `|x: Value body`.
fn bar_missing(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    if !prose::BAR_EXPECTED.is_in(&case.error.text) {
        return None;
    }
    let source = case.source;
    let start = stuck.statement();
    // A bar between two patterns is no beginning of a closure.
    let begins = |index: usize| {
        let before = source.word(index.wrapping_sub(1));
        ["(", ",", "=", "move", "return"].contains(&before)
    };
    let bars: Vec<usize> = (start..stuck.at)
        .filter(|index| source.word(*index) == "|")
        .skip_while(|index| !begins(*index))
        .collect();
    let [first] = bars[..] else { return None };
    if stuck.word(1) == "|" {
        let (of, name) = (stuck.word(-1), stuck.word(0));
        return Some(Cause::new(
            &kinds::DECLARATION,
            format!(
                "In line {}, the type of `{name}` stands before its name.",
                stuck.line()
            ),
            format!("Write the name first, then a colon and the type: |{name}: {of}|"),
        ));
    }
    let given = source.between((source.tokens[first].end, source.tokens[stuck.at - 1].end));
    Some(Cause::new(
        &kinds::CLOSURE_FORM,
        format!(
            "The closure in line {} has one bar before its parameters, and none behind them.",
            stuck.line()
        ),
        format!("Write the second bar: |{given}|"),
    ))
}
