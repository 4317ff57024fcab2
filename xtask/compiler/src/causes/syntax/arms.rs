//! The arms of a match: a pattern, `=>`, a value.

use super::{Case, Cause, Look, Stuck};
use crate::{kinds, prose};

pub(in super::super) const LOOKS: &[Look] = &[
    another_if,
    condition_without_if,
    type_of_a_name,
    condition_inside,
    no_arrow,
    another_sign,
    another_word,
    switch,
    several_patterns,
    condition_first,
    of_select,
    select_without_its_sign,
];

/// `a || b => …`, `a or b => …`, `a, b => …`.
fn several_patterns(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_comma = prose::COMMA_IN_PATTERN.is_in(&case.error.text);
    let sign = match stuck.word(0) {
        "|" if stuck.is(0, "||") => "||",
        "or" => "or",
        "," if is_comma => ",",
        _ => return None,
    };
    let line = case.source.line(stuck.line());
    if !line.contains("=>") {
        return None;
    }
    let what = if is_comma { "a comma" } else { sign };
    Some(Cause::new(
        &kinds::MATCH_ARM,
        format!(
            "In line {}, {what} stands between two patterns.",
            stuck.line()
        ),
        match is_comma {
            true => {
                "For one pattern or the other, write | between them. For several values at once, put brackets around them: (first, second)"
            }
            false => "Write | between them: the arm is for one or the other.",
        },
    ))
}

/// `if condition => …`.
fn condition_first(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one =
        stuck.word(0) == "if" && stuck.is_in_match() && ["{", ",", "}"].contains(&stuck.word(-1));
    is_one.then(|| {
        Cause::new(
            &kinds::MATCH_ARM,
            format!("The arm in line {} begins with a condition.", stuck.line()),
            "Write a pattern before it: _ if condition => value,",
        )
    })
}

/// An arm of `tokio::select!` that is not `name = future => value`.
fn of_select(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_in_select = stuck
        .owner()
        .is_some_and(|owner| owner.before().trim_end().ends_with("select!"));
    let is_one = stuck.word(0) == "let" || prose::NO_RULES.of(&case.error.text).is_some();
    (is_in_select && is_one).then(|| {
        Cause::new(
            &kinds::MATCH_ARM,
            format!("Line {} is not an arm that select! takes.", stuck.line()),
            "Write an arm as: name = future => what is done then,",
        )
    })
}

/// `tokio::select { … }`.
fn select_without_its_sign(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let owner = stuck.owner()?;
    (owner.word(-1) == "select").then(|| {
        Cause::new(
            &kinds::MACRO_BANG,
            format!(
                "`select` in line {} is a macro, but the line has no ! behind its name.",
                owner.line()
            ),
            "Write it: tokio::select! {",
        )
    })
}

/// The arm of a match that a pattern has begun here, where the compiler wants its arrow.
fn arm<'a>(case: &'a Case<'a>) -> Option<Stuck<'a>> {
    Stuck::of(case).filter(|stuck| stuck.is_in_match() && stuck.expects("=>"))
}

/// `Ok(x) where x > 0 => …`.
fn another_if(case: &Case) -> Option<Cause> {
    let stuck = arm(case)?;
    let (word, line) = (stuck.word(0), stuck.line());
    ["where", "when", "unless"].contains(&word).then(|| {
        Cause::new(
            &kinds::MATCH_ARM,
            format!("In line {line}, `{word}` stands before the condition of an arm."),
            "Write if in its place.",
        )
    })
}

/// `Ok(x) && x > 0 => …`.
fn condition_without_if(case: &Case) -> Option<Cause> {
    let stuck = arm(case)?;
    let sign = ["&&", "=="].into_iter().find(|sign| stuck.is(0, sign))?;
    Some(Cause::new(
        &kinds::MATCH_ARM,
        format!(
            "In line {}, {sign} stands behind the pattern of an arm.",
            stuck.line()
        ),
        "A pattern may have a condition behind it, which begins with if: Ok(number) if number > 0 => …",
    ))
}

/// `Ok(x > 0) => …`.
fn condition_inside(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_pattern = stuck.expects("@") && stuck.expects("if");
    let line = stuck.line();
    let is_arm = case.source.line(line).contains("=>");
    (is_pattern && is_arm && ["<", ">", "="].contains(&stuck.word(0))).then(|| {
        Cause::new(
            &kinds::MATCH_ARM,
            format!("In line {line}, a condition stands inside of a pattern."),
            "Write it behind the pattern, with if: Ok(number) if number > 0 => …",
        )
    })
}

/// `[x: Number]`, `[x = Value::Number(_)]` as a pattern.
fn type_of_a_name(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_pattern = stuck.expects("@") && stuck.expects("if");
    let (name, sign, of) = (stuck.word(-1), stuck.word(0), stuck.word(1));
    let is_one = [":", "="].contains(&sign) && stuck.is_name(1) && !stuck.is(0, "::");
    (is_pattern && is_one).then(|| {
        Cause::new(
            &kinds::MATCH_ARM,
            format!("In line {}, {sign} stands behind the name `{name}` in a pattern.", stuck.line()),
            match of {
                "Value" | "Number" | "String" => format!("Write @ and the pattern that the value has to fit: {name} @ Value::Number(_)"),
                _ => format!("A name alone takes every value: {name}. With @ and a pattern it takes only what fits."),
            },
        )
    })
}

/// `Ok(x) {`, `Ok(x) value`.
fn no_arrow(case: &Case) -> Option<Cause> {
    let stuck = arm(case)?;
    let is_value = stuck.is_name(0) && stuck.word(0) != "or" && !stuck.is_name(-1);
    (is_value || stuck.word(0) == "{").then(|| {
        Cause::new(
            &kinds::MATCH_ARM,
            format!(
                "In line {}, no arrow stands before {}.",
                stuck.line(),
                super::code(stuck.word(0))
            ),
            "Write => between the pattern and the value.",
        )
    })
}

/// `Ok(x) -> …`, `Ok(x): …`, `Ok(x) = …`.
fn another_sign(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let mut signs = ["->", ":", "="].into_iter();
    let sign = signs.find(|sign| stuck.is(0, sign))?;
    let source = case.source;
    let is_arrow = |index: usize| source.word(index) == "=" && source.word(index + 1) == ">";
    let mut of_line = (0..stuck.at)
        .rev()
        .take_while(|index| source.line_of(source.tokens[*index].start) == stuck.line());
    let is_another = stuck.is(0, "::") || is_arrow(stuck.at) || sign == "=" && !stuck.expects("=>");
    if !stuck.is_in_match() || is_another || of_line.any(is_arrow) {
        return None;
    }
    Some(Cause::new(
        &kinds::MATCH_ARM,
        format!(
            "In line {}, {sign} stands behind the pattern.",
            stuck.line()
        ),
        format!("Write => in place of {sign}."),
    ))
}

/// `else => …`, `case "a" => …`.
fn another_word(case: &Case) -> Option<Cause> {
    let (span, word) = case.primary()?;
    let line = span.start.0;
    let at = case.source.token(span.bytes.0);
    let is_arm = Stuck { case, at }.is_in_match();
    let (cause, next) = match word {
        "else" if is_arm && case.error.code.is_none() => (
            format!("In line {line}, `else` stands where a pattern is due."),
            "Write _ in its place: that is the pattern for everything else.",
        ),
        "case" if is_arm => (
            format!("In line {line}, `case` stands before the pattern: a word of other languages."),
            "Take it out: an arm begins with its pattern.",
        ),
        _ => return None,
    };
    Some(Cause::new(&kinds::MATCH_ARM, cause, next))
}

/// `switch (value) {`.
fn switch(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let start = stuck.statement();
    let near = (start..=stuck.at).find(|index| case.source.word(*index) == "switch")?;
    let is_one = stuck.word(0) == "{" || near + 1 == stuck.at;
    is_one.then(|| {
        Cause::new(
            &kinds::MATCH_ARM,
            format!(
                "Line {} has `switch`, a word of other languages.",
                stuck.line()
            ),
            "Write match in its place, and each case as: pattern => value,",
        )
    })
}
