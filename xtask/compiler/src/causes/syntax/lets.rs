//! `if let`, `while let` and `let … else`: patterns, and the `let` before them.

use super::{Case, Cause, Look, Stuck, brief};
use crate::kinds;

pub(in super::super) const LOOKS: &[Look] = &[
    let_missing,
    let_in_brackets,
    let_else_without_let,
    let_compared,
    if_missing,
];

/// `Ok(text) = … else { … };`
fn let_else_without_let(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let source = case.source;
    let start = stuck.statement();
    let is_one = stuck.word(0) == "else" && ["Ok", "Some", "Err"].contains(&source.word(start));
    let pattern = stuck.before().split(" = ").next().unwrap_or_default();
    is_one.then(|| {
        Cause::new(
            &kinds::LET_MISSING,
            format!(
                "In line {}, no `let` stands before the pattern `{}`.",
                source.line_of(stuck.byte(start)),
                brief(pattern)
            ),
            format!("Write it: let {} = … else {{", brief(pattern)),
        )
    })
}

/// `let Some(x) = value { … }`.
fn if_missing(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let owner = stuck.owner()?;
    let before = owner.before();
    let is_one = ["let Some(", "let Ok(", "let Err("]
        .iter()
        .any(|it| before.starts_with(it));
    let pattern = before.trim_start_matches("let ").split(" = ").next()?;
    (is_one && owner.is_name(-1) && before.contains(" = ")).then(|| {
        Cause::new(
            &kinds::LET_MISSING,
            format!(
                "In line {}, a block stands behind `let {}`, and no if before it.",
                owner.line(),
                brief(pattern)
            ),
            "Write if let, or while let; or else before the block, if it is for what does not fit.",
        )
    })
}

/// `if let Ok(x) == …`, `if let Ok(x) != …`.
fn let_compared(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let sign = ["==", "!="].into_iter().find(|sign| stuck.is(0, sign))?;
    let is_one = stuck.before().contains("if let ") || stuck.before().contains("while let ");
    is_one.then(|| {
        Cause::new(
            &kinds::LET_MISSING,
            format!("In line {}, {sign} stands behind the pattern of a let.", stuck.line()),
            match sign {
                "!=" => "A let has one =. Write it, and what is to be done where the pattern does not fit into the else.",
                _ => "A let has one =: write that.",
            },
        )
    })
}

/// `while Some(message) = …`: a pattern without `let`. The compiler takes it for a value, and misses the names in it.
fn let_missing(case: &Case) -> Option<Cause> {
    let (span, _) = case.primary()?;
    let source = case.source;
    let at = source.token(span.bytes.0);
    let word = |index: usize| source.word(index);
    let is_head = |index: &usize| {
        ["while", "if"].contains(&word(*index))
            && ["Some", "Ok", "Err"].contains(&word(index + 1))
            && word(index + 2) == "("
    };
    let head = (at.saturating_sub(12)..=at).rev().find(is_head)?;
    let close = source.close(head + 2)?;
    let is_equal = word(close + 1) == "=" && word(close + 2) == "=";
    let is_unknown = case.error.is("E0425") && at < close;
    let is_one = word(close + 1) == "=" && at <= close + 1 && (!is_equal || is_unknown);
    let pattern = source.between((source.tokens[head + 1].start, source.tokens[close].end));
    is_one.then(|| {
        Cause::new(
            &kinds::LET_MISSING,
            format!(
                "In line {}, `{}` stands behind `{}` without `let`: so it is a value, and gives no names.",
                span.start.0,
                brief(pattern),
                word(head)
            ),
            format!("Write let before it, and one =: {} let {} = …", word(head), brief(pattern)),
        )
    })
}

/// `while (let Some(x) = …)`.
fn let_in_brackets(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(0) == "let"
        && stuck.word(-1) == "("
        && ["if", "while"].contains(&stuck.word(-2));
    is_one.then(|| {
        Cause::new(
            &kinds::LET_MISSING,
            format!(
                "In line {}, brackets stand around the let behind `{}`.",
                stuck.line(),
                stuck.word(-2)
            ),
            "Take the outer brackets out: the condition needs none.",
        )
    })
}
