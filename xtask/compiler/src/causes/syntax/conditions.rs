//! Conditions: the heads of `if` and `while`, and the signs that compare and join.

use super::{Case, Cause, Look, Stuck, brief};
use crate::{kinds, prose};

pub(in super::super) const LOOKS: &[Look] = &[
    joined_with_its_block,
    else_if,
    larger_or_equal,
    no_braces,
    and_or,
    not,
    compared,
    ternary,
    assigned,
    caught,
    sign_first,
    or_else,
    sign_before_a_block,
    then,
    one_and,
];

/// `if condition then {`.
fn then(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let offset = (-4..=0).find(|it| stuck.word(*it) == "then" && stuck.word(it - 1) != ".")?;
    let line = case.source.line(stuck.line_of(offset)).trim();
    let is_one = ["if ", "while ", "} else if "]
        .iter()
        .any(|it| line.starts_with(it));
    is_one.then(|| {
        Cause::new(
            &kinds::CONDITION,
            format!(
                "Line {} has `then`, a word of other languages.",
                stuck.line_of(offset)
            ),
            "Take it out: the brace comes directly.",
        )
    })
}

/// `a < b & b < c`, `a < b < c`.
fn one_and(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    if !prose::CHAINED.is_in(&case.error.text) || case.error.suggests("::").is_some() {
        return None;
    }
    let line = case.source.line(stuck.line());
    let is_condition = ["if ", "while ", "&& ", "|| "]
        .iter()
        .any(|it| line.contains(it));
    let has_one = line.contains(" & ") || line.contains(" | ");
    is_condition.then(|| {
        Cause::new(
            &kinds::CONDITION,
            match has_one {
                true => format!(
                    "In line {}, one & or | stands between two comparisons.",
                    stuck.line()
                ),
                false => format!(
                    "In line {}, two comparisons stand side by side.",
                    stuck.line()
                ),
            },
            match has_one {
                true => "Write two: && for and, || for or.",
                false => "Compare twice, with && between: 0 < count && count < 10",
            },
        )
    })
}

/// `value ?? other`.
fn or_else(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(-1) == "?" && stuck.word(-2) == "?";
    is_one.then(|| {
        Cause::new(
            &kinds::CONDITION,
            format!("Rust has no ??, as in line {}.", stuck.line()),
            format!(
                "Write .unwrap_or({}.into()) behind the value.",
                brief(stuck.word(0))
            ),
        )
    })
}

/// `match value: {`, `if value => {`.
fn sign_before_a_block(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let (sign, behind) = match stuck.word(0) {
        ":" => (":", stuck.word(1)),
        "=" if stuck.is(0, "=>") => ("=>", stuck.word(2)),
        _ => return None,
    };
    let source = case.source;
    let first = source.word(stuck.statement());
    let is_head = ["match", "if", "while", "for", "loop", "else"].contains(&first);
    (behind == "{" && is_head).then(|| {
        Cause::new(
            &kinds::CONDITION,
            format!(
                "In line {}, {sign} stands before the block of the `{first}`.",
                stuck.line()
            ),
            "Take it out: the brace comes directly.",
        )
    })
}

/// `elif`, `elsif`, `elseif`.
fn else_if(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let offset = [-1, 0]
        .into_iter()
        .find(|it| ["elif", "elsif", "elseif"].contains(&stuck.word(*it)))?;
    Some(Cause::new(
        &kinds::CONDITION,
        format!(
            "Line {} has `{}`, a word of other languages.",
            stuck.line(),
            stuck.word(offset)
        ),
        "Write else if in its place: two words.",
    ))
}

/// `a => b` and `a =< b` in a condition.
fn larger_or_equal(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let start = case.source.word(stuck.statement());
    let (is, meant) = [("=>", ">="), ("=<", "<=")]
        .into_iter()
        .find(|(is, _)| stuck.is(0, is) || stuck.is(-1, is))?;
    let is_condition = ["if", "while"].contains(&start) || stuck.before().contains(" if ");
    (is_condition && !stuck.is_in_match()).then(|| {
        Cause::new(
            &kinds::CONDITION,
            format!("In line {}, {is} stands between two values.", stuck.line()),
            format!("Write {meant} to compare them: the = comes last."),
        )
    })
}

/// `if x return y;`, `if (x) y;`
fn no_braces(case: &Case) -> Option<Cause> {
    prose::BRACE_EXPECTED.of(&case.error.text)?;
    let stuck = Stuck::of(case)?;
    let source = case.source;
    let head = (stuck.statement()..stuck.at)
        .rev()
        .map(|index| source.word(index))
        .find(|word| ["if", "while", "for", "else", "match", "loop"].contains(word))?;
    Some(Cause::new(
        &kinds::CONDITION,
        format!(
            "In line {}, no brace opens the block of the `{head}`: {} comes first.",
            stuck.line(),
            super::code(stuck.word(0))
        ),
        match stuck.word(0) {
            ":" | "then" | "do" => format!("Write {{ in place of {}, and }} where the block ends.", stuck.word(0)),
            _ => "Put the block into braces, { before it and } behind it, even if it is one statement.".into(),
        },
    ))
}

/// `and`, `or`.
fn and_or(case: &Case) -> Option<Cause> {
    let [word] = prose::NO_LOGIC.of(&case.error.text)?;
    let (span, _) = case.primary()?;
    let stuck = Stuck::of(case)?;
    // A method of a chain, without its dot.
    if stuck.word(1) == "(" && stuck.line() > stuck.line_of(-1) {
        return None;
    }
    let sign = if word == "or" { "||" } else { "&&" };
    Some(Cause::new(
        &kinds::CONDITION,
        format!(
            "Line {} has `{word}`, a word of other languages.",
            span.start.0
        ),
        format!("Write {sign} in its place."),
    ))
}

/// `not x`.
fn not(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case);
    let (span, word) = case.primary()?;
    let is_one = word == "not" && (case.error.is("E0425") || case.error.code.is_none())
        || stuck.is_some_and(|it| it.word(-1) == "not" && it.word(-2) != ".");
    is_one.then(|| {
        Cause::new(
            &kinds::CONDITION,
            format!(
                "Line {} has `not`, a word of other languages.",
                span.start.0
            ),
            "Write ! in its place, without a blank behind it.",
        )
    })
}

/// `===` and `!==`.
fn compared(case: &Case) -> Option<Cause> {
    let [sign] = prose::NO_COMPARISON.of(&case.error.text)?;
    let (span, _) = case.primary()?;
    let meant = match sign {
        "===" => "==",
        "!==" | "<>" => "!=",
        _ => return None,
    };
    Some(Cause::new(
        &kinds::CONDITION,
        format!("Rust has no {sign}, as in line {}.", span.start.0),
        format!("Write {meant} in its place."),
    ))
}

/// `a ? b : c`.
fn ternary(case: &Case) -> Option<Cause> {
    if !prose::NO_TERNARY.is_in(&case.error.text) {
        return None;
    }
    let (span, _) = case.primary()?;
    Some(Cause::new(
        &kinds::CONDITION,
        format!(
            "Rust has no ? and : for a choice, as in line {}.",
            span.start.0
        ),
        "Write it with if, which has a value: let word = if is_one { \"one\" } else { \"many\" };",
    ))
}

/// `if a = b {`.
fn assigned(case: &Case) -> Option<Cause> {
    if !case.error.is("E0308") {
        return None;
    }
    let ("bool", "()") = case.expected()? else {
        return None;
    };
    let (span, text) = case.primary()?;
    if text.contains("=!") {
        return Some(Cause::new(
            &kinds::CONDITION,
            format!("In line {}, =! stands between two values.", span.start.0),
            "Write != to compare them: the = comes last.",
        ));
    }
    let source = case.source;
    let tokens = source.token(span.bytes.0)..source.token(span.bytes.1);
    let mut signs = tokens.filter(|index| {
        let alone = |index: usize| !["=", "<", ">", "!"].contains(&source.word(index));
        source.word(*index) == "=" && alone(index - 1) && alone(index + 1)
    });
    signs.next()?;
    Some(Cause::new(
        &kinds::CONDITION,
        format!(
            "One = in line {} gives a value to what is before it; it compares nothing.",
            span.start.0
        ),
        "Write == in its place, to compare.",
    ))
}

/// `try { } catch { }`.
fn caught(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = ["catch", "except"].contains(&stuck.word(0))
        || stuck.word(-1) == "try" && stuck.word(0) == "{"
        || stuck.word(0) == "try" && ["{", ":"].contains(&stuck.word(1));
    if stuck.word(0) == "try" && !is_one {
        return Some(Cause::new(
            &kinds::QUESTION_MARK,
            format!(
                "Line {} has `try` before a value, a word of other languages.",
                stuck.line()
            ),
            "Take it out, and write ? behind the value: attempt()?",
        ));
    }
    is_one.then(|| {
        Cause::new(
            &kinds::CONDITION,
            format!(
                "Line {} has try and catch. Rust has no exceptions: what can fail returns a Result.",
                stuck.line()
            ),
            "Look at the Result: if let Err(error) = attempt() { … }",
        )
    })
}

/// `count =+ 1`.
fn sign_first(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(-1) == "=" && stuck.word(0) == "+";
    is_one.then(|| {
        Cause::new(
            &kinds::CONDITION,
            format!("In line {}, = stands before +.", stuck.line()),
            "Write += to add to what is there: the + comes first.",
        )
    })
}

/// `if is_ready && {`: the block is taken for the second half of the condition.
fn joined_with_its_block(case: &Case) -> Option<Cause> {
    if !prose::NO_BLOCK.is_in(&case.error.text) {
        return None;
    }
    let (span, _) = case.primary()?;
    let source = case.source;
    let at = source.token(span.bytes.0);
    let brace = (at..source.tokens.len()).find(|index| source.word(*index) == "{")?;
    let before = source.word(brace - 1);
    let sign = format!("{}{before}", source.word(brace - 2));
    let is_joined = ["&&", "||", "=="].contains(&sign.as_str());
    is_joined.then(|| {
        Cause::new(
            &kinds::CONDITION,
            format!(
                "In line {}, nothing stands between {sign} and the brace, so the block is taken for a part of the condition.",
                span.start.0
            ),
            format!("Write the second half behind {sign}, or take {sign} out."),
        )
    })
}
