//! The heads of `if`, `while` and `for`, and the signs in them.

use super::{Case, Cause, Look, Stuck, brief};
use crate::{kinds, prose};

pub(in super::super) const LOOKS: &[Look] = &[
    let_missing,
    let_in_brackets,
    for_of_a_pattern,
    for_head,
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
];

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
    let is_one = word(close + 1) == "=" && word(close + 2) != "=" && at <= close + 1;
    let pattern = source.between((source.tokens[head + 1].start, source.tokens[close].end));
    is_one.then(|| {
        Cause::new(
            &kinds::LET_MISSING,
            format!(
                "In line {}, `{}` stands behind `{}` without `let`: so it is no pattern, and gives no names.",
                span.start.0,
                brief(pattern),
                word(head)
            ),
            format!("Write let before it: {} let {} = …", word(head), brief(pattern)),
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
    let (span, _) = case.primary()?;
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
    let is_one = stuck.is(-1, "=+") && stuck.word(0) == "+";
    is_one.then(|| {
        Cause::new(
            &kinds::CONDITION,
            format!("In line {}, = stands before +.", stuck.line()),
            "Write += to add to what is there: the + comes first.",
        )
    })
}
