//! How a function begins: `pub async fn name(parameters) -> Type {`.

use super::{Case, Cause, Look, Stuck};
use crate::{kinds, prose};

pub(in super::super) const LOOKS: &[Look] = &[
    word_order,
    another_word,
    word_missing,
    no_brackets,
    no_arrow,
    another_arrow,
    no_type,
    of_other_languages,
    angle_brackets,
];

/// `fn name() -> {`.
fn no_type(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(0) == "{" && stuck.is(-2, "->");
    is_one.then(|| {
        Cause::new(
            &kinds::FUNCTION_HEAD,
            format!("In line {}, no type stands behind ->.", stuck.line()),
            "Write the type that the function returns; or take the arrow out, if it returns nothing.",
        )
    })
}

/// `public static fn name()`.
fn of_other_languages(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let words = ["public", "private", "protected", "export"];
    let offset = [-1, 0]
        .into_iter()
        .find(|it| words.contains(&stuck.word(*it)))?;
    Some(Cause::new(
        &kinds::FUNCTION_HEAD,
        format!(
            "Line {} has `{}`, a word of other languages.",
            stuck.line(),
            stuck.word(offset)
        ),
        "Write pub in its place if other files use what follows; otherwise nothing.",
    ))
}

/// What a function begins with in other languages.
const OTHERS: &[&str] = &["function", "def", "func", "fun", "sub", "void"];

/// `fn async name`, `async pub fn name`.
fn word_order(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let (word, before, line) = (stuck.word(0), stuck.word(-1), stuck.line());
    let (is_first, next) = match (before, word) {
        ("fn", "async") => ("async", format!("async fn {}", stuck.word(1))),
        ("fn", "pub") => ("pub", format!("pub fn {}", stuck.word(1))),
        ("async", "pub") => ("pub", format!("pub async fn {}", stuck.word(2))),
        (")", "async") => {
            let name = stuck.function_with(stuck.open_of(stuck.at - 1)?)?;
            return Some(Cause::new(
                &kinds::FUNCTION_HEAD,
                format!(
                    "In line {line}, `async` stands behind the parameters, and belongs before fn."
                ),
                format!("Write it in this order: async fn {name}(…)"),
            ));
        }
        _ => return None,
    };
    Some(Cause::new(
        &kinds::FUNCTION_HEAD,
        format!("In line {line}, `{is_first}` stands behind `{before}`, and belongs before it."),
        format!("Write it in this order: {next}"),
    ))
}

/// `function name(`, `def name(`.
fn another_word(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let offset = (-1..=2).find(|it| {
        let is_one = OTHERS.contains(&stuck.word(*it));
        is_one && stuck.is_name(it + 1) && ["(", "<"].contains(&stuck.word(it + 2))
    })?;
    let (word, name) = (stuck.word(offset), stuck.word(offset + 1));
    Some(Cause::new(
        &kinds::FUNCTION_HEAD,
        format!(
            "Line {} has `{word}`, a word of other languages, before `{name}`.",
            stuck.line_of(offset)
        ),
        format!("Begin a function with fn: fn {name}(…)"),
    ))
}

/// `fn name<value: &str>`.
fn angle_brackets(case: &Case) -> Option<Cause> {
    let (span, _) = case.primary()?;
    let function = case.function_at(span)?;
    let name = function.name;
    let is_one = prose::EXPECTED_TRAIT.is_in(&case.error.text) && function.line == span.start.0;
    is_one.then(|| {
        Cause::new(
            &kinds::FUNCTION_HEAD,
            format!(
                "The parameters of `{name}` in line {} stand between < and >.",
                span.start.0
            ),
            format!("Write round brackets: fn {name}(…)"),
        )
    })
}

/// `async name(`, `pub name(`, and `name(` where no statement can stand.
fn word_missing(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = |offset: isize| {
        let is_head = stuck.is_name(offset) && stuck.word(offset + 1) == "(";
        let before = stuck.word(offset - 1);
        let is_outside = case.source.open_around(stuck.at).is_none();
        is_head && is_outside && ["async", "pub", "}", ";", ""].contains(&before)
    };
    let offset = (0..=2).find(|offset| is_one(*offset))?;
    let name = stuck.word(offset);
    Some(Cause::new(
        &kinds::FUNCTION_HEAD,
        format!("In line {}, no `fn` stands before `{name}`.", stuck.line()),
        format!("Write fn before its name: fn {name}(…)"),
    ))
}

/// `fn name -> Type {`.
fn no_brackets(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one =
        stuck.word(-2) == "fn" && stuck.is_name(-1) && !["(", "<"].contains(&stuck.word(0));
    let name = stuck.word(-1);
    if is_one && stuck.word(0) == "[" {
        return Some(Cause::new(
            &kinds::FUNCTION_HEAD,
            format!(
                "The parameters of `{name}` in line {} stand in square brackets.",
                stuck.line()
            ),
            format!("Write round ones: fn {name}(…)"),
        ));
    }
    is_one.then(|| {
        Cause::new(
            &kinds::FUNCTION_HEAD,
            format!(
                "The function `{name}` in line {} has no brackets for its parameters.",
                stuck.line_of(-1)
            ),
            format!(
                "Write them behind the name, also for a function without parameters: fn {name}()"
            ),
        )
    })
}

/// `fn name() Type {`.
fn no_arrow(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_type = stuck.is_name(0) || stuck.word(0) == "&";
    if stuck.word(-1) != ")" || !is_type || stuck.line() > stuck.line_of(-1) {
        return None;
    }
    let name = stuck.function_with(stuck.open_of(stuck.at - 1)?)?;
    let of = stuck.word(0);
    Some(Cause::new(
        &kinds::FUNCTION_HEAD,
        format!(
            "In line {}, no arrow stands before the type that `{name}` returns.",
            stuck.line()
        ),
        format!("Write -> before it: fn {name}(…) -> {of}"),
    ))
}

/// `fn name() => Type {`, `fn name(): Type {`.
fn another_arrow(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    if !prose::RETURN_ARROW.is_in(&case.error.text) {
        return None;
    }
    let sign = match stuck.is(0, "=>") {
        true => "=>",
        false => stuck.word(0),
    };
    Some(Cause::new(
        &kinds::FUNCTION_HEAD,
        format!(
            "In line {}, {sign} stands before the type that the function returns.",
            stuck.line()
        ),
        format!("Write -> in place of {sign}."),
    ))
}
