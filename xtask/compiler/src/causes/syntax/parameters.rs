//! The parameters of a function: a name, a colon, a type.

use super::super::other_languages;
use super::{Case, Cause, Look, Stuck, is_type};
use crate::{kinds, prose};

pub(in super::super) const LOOKS: &[Look] = &[
    parameter_without_a_type,
    parameter_without_a_colon,
    type_before_a_parameter,
    mut_of_a_type,
    reference_behind,
    pointer,
];

/// `log: Log&`.
fn reference_behind(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let is_one = stuck.word(-1) == "&" && stuck.is_name(-2) && stuck.parameters_of().is_some();
    is_one.then(|| {
        let of = stuck.word(-2);
        Cause::new(
            &kinds::DECLARATION,
            format!("In line {}, & stands behind the type `{of}`.", stuck.line()),
            format!("Write it before the type: &{of}"),
        )
    })
}

/// `log: *Log`.
fn pointer(case: &Case) -> Option<Cause> {
    if !prose::RAW_POINTER.is_in(&case.error.text) {
        return None;
    }
    let stuck = Stuck::of(case)?;
    Some(Cause::new(
        &kinds::DECLARATION,
        format!(
            "In line {}, * stands before a type, as other languages write a pointer.",
            stuck.line()
        ),
        "Write & for a reference that reads, and &mut for one that changes something.",
    ))
}

/// `fn heard(this)`, `fn received(message)`.
fn parameter_without_a_type(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let function = stuck.parameters_of()?;
    let (name, line) = (stuck.word(-1), stuck.line());
    if ![")", ","].contains(&stuck.word(0)) || !stuck.is_name(-1) {
        return None;
    }
    Some(match name {
        "this" | "self" => Cause::new(
            &kinds::SELF_MISSING,
            format!("The method `{function}` in line {line} has `{name}` as its first parameter."),
            "Write &self in its place; or &mut self, if the method changes something.",
        ),
        _ => Cause::new(
            &kinds::DECLARATION,
            format!("The parameter `{name}` of `{function}` in line {line} has no type."),
            format!("Write a colon and its type behind it: {name}: …"),
        ),
    })
}

/// `fn received(message Message)`, `fn received(message = Message)`.
fn parameter_without_a_colon(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let function = stuck.parameters_of()?;
    let (name, line) = (stuck.word(-1), stuck.line());
    let (what, of) = match stuck.word(0) {
        "=" if ["(", ","].contains(&stuck.word(-2)) => ("=", stuck.word(1)),
        of if is_type(of) && stuck.is_name(-1) && !is_type(name) => ("no colon", of),
        _ => return None,
    };
    Some(Cause::new(
        &kinds::DECLARATION,
        format!(
            "In line {line}, {what} stands between the parameter `{name}` of `{function}` and its type."
        ),
        format!("Write a colon and the type: {name}: {of}"),
    ))
}

/// `fn received(Message message)`, `fn received(WebSocket mut socket)`.
fn type_before_a_parameter(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    let function = stuck.parameters_of()?;
    let name = match stuck.word(0) {
        "mut" => stuck.word(1),
        name if stuck.is_name(0) => name,
        _ => return None,
    };
    let source = case.source;
    let edges = |index: &usize| ["(", ","].contains(&source.word(*index));
    let start = (0..stuck.at).rev().find(edges)? + 1;
    let of = source.between((stuck.byte(start), stuck.byte(stuck.at)));
    let of = of.trim();
    if of.is_empty() || of.contains(':') {
        return None;
    }
    let of = other_languages::type_of(of).unwrap_or(of);
    let is_mut = if stuck.word(0) == "mut" { "mut " } else { "" };
    Some(Cause::new(
        &kinds::DECLARATION,
        format!(
            "In line {}, the type of the parameter `{name}` of `{function}` stands before its name.",
            stuck.line()
        ),
        format!("Write the name first, then a colon and the type: {is_mut}{name}: {of}"),
    ))
}

/// `socket: mut WebSocket`.
fn mut_of_a_type(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    if stuck.word(0) != "mut" || stuck.word(-1) != ":" {
        return None;
    }
    let (name, of) = (stuck.word(-2), stuck.word(1));
    Some(Cause::new(
        &kinds::DECLARATION,
        format!(
            "In line {}, `mut` stands before the type. But it is the variable `{name}` that may change.",
            stuck.line()
        ),
        format!("Write mut before the name: mut {name}: {of}"),
    ))
}
