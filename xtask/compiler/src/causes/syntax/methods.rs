//! `self`, `impl`, and how a type begins.

use super::{Case, Cause, Look, Stuck, code};
use crate::{kinds, prose};

pub(in super::super) const LOOKS: &[Look] = &[
    no_self,
    self_in_small_letters,
    self_with_colons,
    field_without_self,
    for_no_type,
    for_and_no_trait,
    pub_behind,
    equals_behind_a_struct,
    another_word,
    functions_in_a_struct,
    type_without_equals,
    several_types,
];

/// A method that uses `self` and has none.
fn no_self(case: &Case) -> Option<Cause> {
    if !case.error.is("E0424") {
        return None;
    }
    let (span, _) = case.primary()?;
    let function = case.function_at(span)?;
    let name = function.name;
    Some(Cause::new(
        &kinds::SELF_MISSING,
        format!(
            "`{name}` uses `self` in line {}, and has no `self` among its parameters.",
            span.start.0
        ),
        format!(
            "Write it first in line {}: fn {name}(&self, …), or &mut self if it changes something.",
            function.line
        ),
    ))
}

/// `fn new() -> self`.
fn self_in_small_letters(case: &Case) -> Option<Cause> {
    if !case.error.is("E0573") {
        return None;
    }
    let (span, "self") = case.primary()? else {
        return None;
    };
    Some(Cause::new(
        &kinds::SELF_MISSING,
        format!(
            "In line {}, `self` stands where a type is due. It is the value that a method is called on.",
            span.start.0
        ),
        "Write Self, with a capital: the type that the impl is for.",
    ))
}

/// `self::count`.
fn self_with_colons(case: &Case) -> Option<Cause> {
    let (span, name) = case.primary()?;
    let before = case.source.between((0, span.bytes.0));
    let is_one = case.error.is("E0425") && before.ends_with("self::");
    is_one.then(|| {
        Cause::new(
            &kinds::SELF_MISSING,
            format!(
                "In line {}, two colons stand behind `self`: that is this file, and not the value.",
                span.start.0
            ),
            format!("Write a dot in their place: self.{name}"),
        )
    })
}

/// A field that is used as a variable.
fn field_without_self(case: &Case) -> Option<Cause> {
    if !case.error.is("E0425") {
        return None;
    }
    let (span, name) = case.primary()?;
    let source = case.source;
    let function = case.function_at(span)?;
    let head = source.token(function.body.0);
    let is_method = source.open_around(head).is_some_and(|open| {
        let owner = Stuck { case, at: open };
        owner.before().split_whitespace().any(|it| it == "impl")
    });
    let is_field = |index: usize| {
        source.word(index) == name
            && source.word(index + 1) == ":"
            && Stuck { case, at: index }.is_in_struct()
    };
    if !is_method || !(0..source.tokens.len()).any(is_field) {
        return None;
    }
    let has_self = function.head.contains("self");
    // Where a function without self gives it a value, a variable of that name is meant.
    if !has_self && case.gives_a_value(span) {
        return None;
    }
    let next = match has_self {
        true => format!("Write self. before it: self.{name}"),
        false => format!(
            "Give `{}` &self as its first parameter, and write self. before it: self.{name}",
            function.name
        ),
    };
    Some(Cause::new(
        &kinds::SELF_MISSING,
        format!(
            "`{name}` in line {} is a field, and stands there without its value.",
            span.start.0
        ),
        next,
    ))
}

/// `impl Name for {`.
fn for_no_type(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(0) == "{" && stuck.word(-1) == "for" && stuck.word(-3) == "impl";
    is_one.then(|| {
        let name = stuck.word(-2);
        Cause::new(
            &kinds::TYPE_HEAD,
            format!("In line {}, no type stands behind `for`.", stuck.line()),
            format!("For functions of `{name}` itself, take for out: impl {name} {{"),
        )
    })
}

/// `impl for Name {`.
fn for_and_no_trait(case: &Case) -> Option<Cause> {
    let (span, _) = case.primary()?;
    prose::NO_TRAIT.is_in(&case.error.text).then(|| {
        Cause::new(
            &kinds::TYPE_HEAD,
            format!("In line {}, no trait stands before `for`.", span.start.0),
            "For functions of the type itself, take for out: impl and the name.",
        )
    })
}

/// `struct pub Name {`.
fn pub_behind(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let word = stuck.word(-1);
    let is_one = stuck.word(0) == "pub"
        && ["struct", "enum", "type", "const", "static", "mod", "use"].contains(&word);
    is_one.then(|| {
        Cause::new(
            &kinds::TYPE_HEAD,
            format!(
                "In line {}, `pub` stands behind `{word}`, and belongs before it.",
                stuck.line()
            ),
            format!("Write it in this order: pub {word} {}", stuck.word(1)),
        )
    })
}

/// `struct Name = {`.
fn equals_behind_a_struct(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(0) == "=" && ["struct", "enum"].contains(&stuck.word(-2));
    is_one.then(|| {
        Cause::new(
            &kinds::TYPE_HEAD,
            format!(
                "In line {}, = stands behind the name `{}`.",
                stuck.line(),
                stuck.word(-1)
            ),
            format!("Take it out: {} {} {{", stuck.word(-2), stuck.word(-1)),
        )
    })
}

/// `class Name {`, `implement Name {`, `typedef …`.
fn another_word(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let words = [
        ("class", "struct"),
        ("interface", "trait"),
        ("record", "struct"),
        ("implement", "impl"),
        ("implements", "impl"),
        ("extends", "impl"),
        ("typedef", "type"),
    ];
    let (offset, own) = (-1..=1).find_map(|offset| {
        let mut words = words.iter();
        let (_, own) = words.find(|(other, _)| *other == stuck.word(offset))?;
        stuck.is_name(offset + 1).then_some((offset, own))
    })?;
    let (word, name) = (stuck.word(offset), stuck.word(offset + 1));
    Some(Cause::new(
        &kinds::TYPE_HEAD,
        format!(
            "Line {} begins with `{word}`, a word of other languages.",
            stuck.line_of(offset)
        ),
        match *own {
            "type" => "Write type, the new name, an = and the type: type Name = Type;".to_owned(),
            "struct" => format!(
                "Write struct in its place: struct {name}. Its functions go into impl {name} {{ … }}."
            ),
            own => format!("Write {own} in its place: {own} {name}"),
        },
    ))
}

/// A struct with functions in it.
fn functions_in_a_struct(case: &Case) -> Option<Cause> {
    if !prose::FUNCTION_IN_STRUCT.is_in(&case.error.text) {
        return None;
    }
    let stuck = Stuck::of(case)?;
    let owner = stuck.owner()?;
    let name = owner.word(-1);
    Some(Cause::new(
        &kinds::TYPE_HEAD,
        format!(
            "The struct {} in line {} has functions in it.",
            code(name),
            owner.line()
        ),
        format!(
            "A struct has fields alone. Put the functions into a block of their own: impl {name} {{ … }}"
        ),
    ))
}

/// `type Name (u16, &str);`
fn type_without_equals(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(-2) == "type" && ["(", "[", ":", "{"].contains(&stuck.word(0))
        || stuck.word(-2) == "type" && stuck.is_name(0);
    is_one.then(|| {
        Cause::new(
            &kinds::TYPE_HEAD,
            format!(
                "In line {}, no = stands behind the name `{}`.",
                stuck.line(),
                stuck.word(-1)
            ),
            format!("Write it: type {} = …;", stuck.word(-1)),
        )
    })
}

/// `type Name = u16, &str;`
fn several_types(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let source = case.source;
    let start = stuck.statement();
    let is_type = ["type", "pub"].contains(&source.word(start)) && stuck.before().contains("type ");
    (is_type && stuck.word(0) == ",").then(|| {
        Cause::new(
            &kinds::TYPE_HEAD,
            format!(
                "In line {}, several types stand behind the =.",
                stuck.line()
            ),
            "Put round brackets around them: that is one type, a tuple.",
        )
    })
}
