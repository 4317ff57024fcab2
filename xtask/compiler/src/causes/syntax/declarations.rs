//! Names and their types: variables, constants, parameters and fields.

use super::super::other_languages;
use super::{Case, Cause, Look, Stuck, brief, is_type};
use crate::{kinds, prose};

pub(in super::super) const LOOKS: &[Look] = &[
    another_word,
    colon_and_equals,
    several_names,
    type_first,
    two_equals,
    mut_behind,
    no_equals,
    type_in_a_pattern,
    field,
    let_outside,
    with_a_value,
    field_without_a_type,
    pub_of_a_type,
];

/// `count: u32 = 0` as a parameter or a field.
fn with_a_value(case: &Case) -> Option<Cause> {
    let what = match &case.error.text {
        text if prose::PARAMETER_DEFAULT.is_in(text) => "parameter",
        text if prose::FIELD_DEFAULT.is_in(text) => "field",
        _ => return None,
    };
    let (span, _) = case.primary()?;
    Some(Cause::new(
        &kinds::DECLARATION,
        format!(
            "The {what} in line {} has a value. A {what} has only a name and a type.",
            span.start.0
        ),
        match what {
            "field" => "Take the value out, and give it where the struct's value is made.",
            _ => "Take the value out, and give it in each call.",
        },
    ))
}

/// A field that is only a name.
fn field_without_a_type(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = [",", "}"].contains(&stuck.word(0)) && stuck.is_name(-1) && stuck.is_in_struct();
    let is_alone = ["{", ",", "pub"].contains(&stuck.word(-2));
    (is_one && is_alone).then(|| {
        Cause::new(
            &kinds::DECLARATION,
            format!(
                "The field `{}` in line {} has no type.",
                stuck.word(-1),
                stuck.line_of(-1)
            ),
            format!(
                "Write a colon and its type behind it: {}: …",
                stuck.word(-1)
            ),
        )
    })
}

/// `name: pub Type`.
fn pub_of_a_type(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(0) == "pub" && stuck.word(-1) == ":" && stuck.is_in_struct();
    is_one.then(|| {
        let name = stuck.word(-2);
        Cause::new(
            &kinds::DECLARATION,
            format!(
                "In line {}, `pub` stands before the type of the field `{name}`.",
                stuck.line()
            ),
            format!("Write it before the name: pub {name}: {}", stuck.word(1)),
        )
    })
}

/// `let count mut = 0`.
fn mut_behind(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(0) == "mut" && stuck.word(-2) == "let";
    let name = stuck.word(-1);
    is_one.then(|| {
        Cause::new(
            &kinds::DECLARATION,
            format!(
                "In line {}, `mut` stands behind the name `{name}`, and belongs before it.",
                stuck.line()
            ),
            format!("Write it in this order: let mut {name}"),
        )
    })
}

/// `var count = 0`, `mut count = 0`, `mut let count = 0`.
fn another_word(case: &Case) -> Option<Cause> {
    if !prose::NO_DECLARATION.is_in(&case.error.text) {
        return None;
    }
    let stuck = Stuck::of(case)?;
    let (line, word) = (stuck.line(), stuck.word(0));
    let (cause, next) = match (word, stuck.word(1)) {
        ("mut", "let") => (
            format!("In line {line}, `mut` stands before `let`, and belongs behind it."),
            format!("Write it in this order: let mut {}", stuck.word(2)),
        ),
        ("mut", name) => (
            format!("Line {line} declares `{name}` without `let`."),
            format!("Write let before it: let mut {name}"),
        ),
        (_, name) => (
            format!("Line {line} declares `{name}` with `{word}`, a word of other languages."),
            format!("Write let in its place: let {name}"),
        ),
    };
    Some(Cause::new(&kinds::DECLARATION, cause, next))
}

/// `let count := 0`.
fn colon_and_equals(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.is(-1, ":=") || stuck.is(0, ":=");
    is_one.then(|| {
        Cause::new(
            &kinds::DECLARATION,
            format!(
                "In line {}, := stands before the value: that is two signs, and Rust wants one.",
                stuck.line()
            ),
            "Write = before the value. A colon comes before a type only: let count: u32 = 0;",
        )
    })
}

/// `let a, b = …`, `let {a, b} = …`, `let mut (a, b) = …`.
fn several_names(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let line = stuck.line();
    let source = case.source;
    let (cause, next) = if prose::MUT_OF_SEVERAL.is_in(&case.error.text) {
        (
            format!("In line {line}, `mut` stands before several names, and belongs to each."),
            "Write mut before each name that changes: let (mut first, second) = …",
        )
    } else if stuck.word(0) == ","
        && source.word(stuck.statement()) == "let"
        && source
            .open_around(stuck.at)
            .is_none_or(|it| source.word(it) == "{")
    {
        (
            format!("Line {line} has several names behind let, and no brackets around them."),
            "Put round brackets around them: let (first, second) = …",
        )
    } else if stuck.word(0) == "{" && stuck.word(-1) == "let" {
        (
            format!("Line {line} has braces around the names behind let."),
            "Write round brackets for the parts of a tuple: let (first, second) = …",
        )
    } else {
        return None;
    };
    Some(Cause::new(&kinds::DECLARATION, cause, next))
}

/// `int count = 0`, `let int count = 0`, `Vec<Value> event = …`.
fn type_first(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let source = case.source;
    let start = stuck.statement();
    let first = start + usize::from(["let", "const", "static"].contains(&source.word(start)));
    // The type ends where a name comes that an = follows.
    let is_name = |index: &usize| {
        let follows = source.word(index + 1) == "=" && source.word(index + 2) != "=";
        follows && source.tokens[*index].kind == crate::source::Kind::Word
    };
    let name = (first + 1..source.tokens.len().min(first + 16)).find(is_name)?;
    let end = source.tokens[name - 1].end;
    let of = source.between((stuck.byte(first), end));
    let is_type = of.starts_with(char::is_alphabetic)
        && of
            .chars()
            .all(|it| it.is_alphanumeric() || "_<>&, :[]".contains(it))
        && stuck.at <= name
        && !of.ends_with(':');
    if !is_type {
        return None;
    }
    let name = source.word(name);
    if name == "mut" {
        return None;
    }
    let meant = other_languages::type_of(of).unwrap_or(of);
    Some(Cause::new(
        &kinds::DECLARATION,
        format!(
            "In line {}, the type stands before the name `{name}`.",
            stuck.line()
        ),
        format!("Write let, the name, a colon and the type: let {name}: {meant} = …"),
    ))
}

/// `let count == 0;`
fn two_equals(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.is(0, "==") && stuck.before().starts_with("let ");
    is_one.then(|| {
        Cause::new(
            &kinds::DECLARATION,
            format!(
                "In line {}, == stands before the value: that compares.",
                stuck.line()
            ),
            "Write one = to give the variable its value.",
        )
    })
}

/// `let count 0;`, `let count: u32 0;`
fn no_equals(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let before = stuck.before();
    let of = before.trim_start_matches("let ").trim_start_matches("mut ");
    let is_one = before.starts_with("let ")
        && of
            .trim()
            .chars()
            .all(|it| it.is_alphanumeric() || "_:<> ".contains(it))
        && stuck.expects("=")
        && stuck.word(0) != "["
        && ![":", ";", ")", "}", "]", ","].contains(&stuck.word(0))
        && !stuck.is(0, "=");
    is_one.then(|| {
        Cause::new(
            &kinds::DECLARATION,
            format!(
                "In line {}, no = stands behind `{}`.",
                stuck.line(),
                of.trim()
            ),
            format!("Write it: let {} = {} …", of.trim(), brief(stuck.word(0))),
        )
    })
}

/// `Ok(TcpListener listener) => …`.
fn type_in_a_pattern(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.is_name(0)
        && is_type(stuck.word(-1))
        && stuck.word(-2) == "("
        && ["Ok", "Some", "Err"].contains(&stuck.word(-3));
    let (of, name) = (stuck.word(-1), stuck.word(0));
    is_one.then(|| {
        Cause::new(
            &kinds::DECLARATION,
            format!(
                "In line {}, the type `{of}` stands before the name `{name}` in a pattern.",
                stuck.line()
            ),
            format!(
                "Take it out, the compiler knows the type: {}({name})",
                stuck.word(-3)
            ),
        )
    })
}

/// A field with its type before it, or with `let`.
fn field(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    if !stuck.is_in_struct() {
        return None;
    }
    let line = stuck.line();
    if stuck.word(0) == "let" {
        let name = stuck.word(1);
        return Some(Cause::new(
            &kinds::DECLARATION,
            format!("Line {line} is a field of a struct, and begins with `let`."),
            format!("Take let out: {name}: …"),
        ));
    }
    let (word, name) = (stuck.word(-1), stuck.word(0));
    if ["public", "private"].contains(&word) {
        return Some(Cause::new(
            &kinds::DECLARATION,
            format!("Line {line} has `{word}` before a field, a word of other languages."),
            format!("Write pub in its place, if other files use the field: pub {name}: …"),
        ));
    }
    if is_type(name) && !is_type(word) && stuck.is_name(-1) {
        return Some(Cause::new(
            &kinds::DECLARATION,
            format!("In line {line}, no colon stands between the field `{word}` and its type."),
            format!("Write it: {word}: {name},"),
        ));
    }
    let is_first = ["{", ",", "pub"].contains(&stuck.word(-2));
    (stuck.is_name(0) && stuck.is_name(-1) && is_first).then(|| {
        let (of, name) = (stuck.word(-1), stuck.word(0));
        let meant = other_languages::type_of(of).unwrap_or(of);
        Cause::new(
            &kinds::DECLARATION,
            format!("In line {line}, the type of the field `{name}` stands before its name."),
            format!("Write the name first, then a colon and the type: {name}: {meant},"),
        )
    })
}

/// `let` outside of all functions.
fn let_outside(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(0) == "let" && case.source.open_around(stuck.at).is_none();
    is_one.then(|| {
        Cause::new(
            &kinds::DECLARATION,
            format!(
                "Line {} declares a variable outside of all functions. Variables belong to a function.",
                stuck.line()
            ),
            "Move it into a function; or make it a constant, with a type: const LONGEST: usize = 4096;",
        )
    })
}
