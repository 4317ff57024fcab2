//! Blocks whose first brace is missing. The compiler sees that far below, at a brace that closes nothing.

use super::{Case, Cause, Look, Stuck, code};
use crate::{kinds, prose};

pub(in super::super) const LOOKS: &[Look] = &[brace_missing, block_missing];

/// The words that a block needs.
const HEADS: &[&str] = &[
    "fn", "match", "if", "while", "for", "loop", "else", "struct", "enum", "impl", "trait",
];

/// What a line ends with that goes on in the next one, and what such a next one begins with.
const GOES_ON: (&[&str], &[&str]) = (
    &["{", ";", ",", "(", "[", "&&", "||", "=", "|", ".", "}", "+"],
    &[
        "{", "&&", "||", ".", ")", "]", "->", "where", "?", "=", "+", "|",
    ],
);

/// The head of a block without its brace.
fn brace_missing(case: &Case) -> Option<Cause> {
    prose::UNEXPECTED.of(&case.error.text)?;
    let last = case.error.primary()?.start.0;
    let (line, head) = (1..last).find_map(|number| {
        let line = plain(case.source.line(number));
        let next = (number + 1..=last)
            .map(|number| case.source.line(number))
            .find(|line| !plain(line).trim().is_empty())?;
        // A declaration alone ends like this; what is indented below it is its block.
        let is_ended = line.trim_end().ends_with(';')
            && line.contains("fn ")
            && !next.trim_start().starts_with("fn ");
        if is_ended && is_head(line.trim()) && indent(next) > indent(line) {
            return Some((number, line.trim()));
        }
        let is_one = is_head(line.trim())
            && !GOES_ON.0.iter().any(|end| line.trim_end().ends_with(end))
            && !GOES_ON
                .1
                .iter()
                .any(|start| next.trim_start().starts_with(start))
            && indent(next) > indent(line);
        is_one.then(|| (number, line.trim()))
    })?;
    let next = match head.chars().next_back() {
        Some(':') => format!("Write {{ in place of the colon at the end of line {line}."),
        Some(';') => format!("Write {{ in place of the semicolon at the end of line {line}."),
        _ => format!("Write {{ at the end of line {line}."),
    };
    Some(
        Cause::new(
            &kinds::BRACE_MISSING,
            format!(
                "No brace opens the block that begins in line {line}, {}.",
                code(head)
            ),
            next,
        )
        .marks([case.span(bytes_of(case, line))]),
    )
}

/// A function of a head alone.
fn block_missing(case: &Case) -> Option<Cause> {
    let stuck = Stuck::of(case)?;
    if stuck.word(-1) != ")" || stuck.line() == stuck.line_of(-1) {
        return None;
    }
    let name = stuck.function_with(stuck.open_of(stuck.at - 1)?)?;
    let line = stuck.line_of(-1);
    Some(
        Cause::new(
            &kinds::BRACE_MISSING,
            format!("The function `{name}` in line {line} has no block."),
            "Write what it does in braces behind its head: { … }",
        )
        .marks([case.span(bytes_of(case, line))]),
    )
}

/// A line without its comment.
fn plain(line: &str) -> &str {
    line.split("//").next().unwrap_or(line)
}

fn is_head(line: &str) -> bool {
    let line = line.trim_start_matches("} ");
    let mut words = line
        .split(|it: char| !it.is_alphanumeric() && it != '_')
        .filter(|word| !["pub", "async"].contains(word));
    let begins = words.next().is_some_and(|word| HEADS.contains(&word));
    let is_closure = line.contains("= |") || line.contains("= move |");
    begins || is_closure || line.contains("= match ") || line.contains("=> match ")
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The bytes of a line, without the blanks before it.
fn bytes_of(case: &Case, line: usize) -> (usize, usize) {
    let text = case.source.line(line);
    let start = text.as_ptr() as usize - case.source.text.as_ptr() as usize;
    (start + indent(text), start + text.trim_end().len())
}
