//! What the compiler cannot read.
//!
//! It says only which word or sign it did not expect there, and stops. The words and signs around that place tell what was
//! meant: most of these mistakes are right code in another language.

pub(super) mod arms;
pub(super) mod blocks;
pub(super) mod closures;
pub(super) mod conditions;
pub(super) mod declarations;
pub(super) mod functions;
pub(super) mod generics;
pub(super) mod imports;
pub(super) mod lets;
pub(super) mod loops;
pub(super) mod methods;
pub(super) mod parameters;
pub(super) mod paths;
pub(super) mod separators;
pub(super) mod signs;
pub(super) mod structs;

use super::{Case, Cause, Look, brief, code};
use crate::message::Span;
use crate::prose;
use crate::source::Kind;

/// What stands behind a comment that documents nothing: the compiler blames the comment.
pub(super) fn behind_a_comment(case: &Case) -> Option<Span> {
    if !is_blamed(case) {
        return None;
    }
    let stuck = Stuck::of(case)?;
    let token = case.source.tokens.get(stuck.at)?;
    Some(case.span((token.start, token.end)))
}

/// Whether the error is about a comment or an attribute, and not about what stands behind it.
fn is_blamed(case: &Case) -> bool {
    let text = &case.error.text;
    prose::DOCUMENTS_NOTHING.is_in(text) || prose::BELONGS_TO_NOTHING.is_in(text)
}

/// The place where the compiler could not read on.
struct Stuck<'a> {
    case: &'a Case<'a>,
    /// The token that it did not expect.
    at: usize,
}

impl<'a> Stuck<'a> {
    /// `None` for an error of what the program means: those have a code.
    fn of(case: &'a Case<'a>) -> Option<Stuck<'a>> {
        let span = case.error.primary()?;
        let text = &case.error.text;
        // A bracket without its partner is noticed far away.
        let is_of_a_bracket = prose::UNCLOSED.is_in(text)
            || prose::MISMATCHED.of(text).is_some()
            || prose::UNEXPECTED.of(text).is_some();
        if case.error.code.is_some() || is_of_a_bracket {
            return None;
        }
        // A comment that documents nothing is blamed for what stands behind it.
        let byte = match is_blamed(case) {
            true => span.bytes.1,
            false => span.bytes.0,
        };
        let at = case.source.token(byte);
        Some(Stuck { case, at })
    }

    /// The token so many places away, before it or behind it; "" where there is none.
    fn word(&self, offset: isize) -> &'a str {
        let index = self.at.checked_add_signed(offset);
        index.map_or("", |index| self.case.source.word(index))
    }

    /// Whether that token is a name or a keyword.
    fn is_name(&self, offset: isize) -> bool {
        let index = self.at.checked_add_signed(offset);
        let token = index.and_then(|index| self.case.source.tokens.get(index));
        token.is_some_and(|token| token.kind == Kind::Word)
    }

    /// Whether the text at that token begins with these signs.
    fn is(&self, offset: isize, signs: &str) -> bool {
        let index = self.at.checked_add_signed(offset);
        let token = index.and_then(|index| self.case.source.tokens.get(index));
        token.is_some_and(|token| self.case.source.text[token.start..].starts_with(signs))
    }

    /// Whether this sign would have gone on: the compiler lists those that it expected.
    fn expects(&self, sign: &str) -> bool {
        self.case.error.text.contains(&format!("`{sign}`"))
    }

    /// The line of the token so many places away, counted from 1.
    fn line_of(&self, offset: isize) -> usize {
        let index = self.at.checked_add_signed(offset);
        let token = index.and_then(|index| self.case.source.tokens.get(index));
        let last = self.case.source.count();
        token.map_or(last, |token| self.case.source.line_of(token.start))
    }

    /// The line of the token.
    fn line(&self) -> usize {
        self.line_of(0)
    }

    /// The first token of the statement that it is in.
    fn statement(&self) -> usize {
        let ends = |index: &usize| [";", "{", "}"].contains(&self.case.source.word(*index));
        let end = (0..self.at).rev().find(ends);
        end.map_or(0, |index| index + 1)
    }

    /// The statement from its first token to here.
    fn before(&self) -> &'a str {
        let start = self.byte(self.statement());
        self.case.source.between((start, self.byte(self.at)))
    }

    /// The first byte of a token.
    fn byte(&self, index: usize) -> usize {
        let token = self.case.source.tokens.get(index);
        token.map_or(self.case.source.text.len(), |token| token.start)
    }

    /// The name of the function whose parameters the token is one of, or stands between.
    fn parameters_of(&self) -> Option<&'a str> {
        let open = self.case.source.open_around(self.at)?;
        self.function_with(open)
    }

    /// The name of the function whose parameters this bracket opens.
    fn function_with(&self, open: usize) -> Option<&'a str> {
        let source = self.case.source;
        let is_head = open >= 2 && source.word(open) == "(" && source.word(open - 2) == "fn";
        is_head.then(|| source.word(open - 1))
    }

    /// The bracket that a closing one closes.
    fn open_of(&self, close: usize) -> Option<usize> {
        let source = self.case.source;
        (0..close)
            .rev()
            .find(|open| source.close(*open) == Some(close))
    }

    /// What the block or the list around the token belongs to: the tokens before its brace, back to the last statement.
    fn owner(&self) -> Option<Stuck<'a>> {
        let at = self.case.source.open_around(self.at)?;
        (self.case.source.word(at) == "{").then_some(Stuck {
            case: self.case,
            at,
        })
    }

    /// The struct whose fields the token is among.
    fn is_in_struct(&self) -> bool {
        self.owner()
            .is_some_and(|owner| owner.before().split_whitespace().any(|it| it == "struct"))
    }

    /// Whether the token is among the arms of a match.
    fn is_in_match(&self) -> bool {
        self.owner().is_some_and(|owner| {
            let mut words = owner.before().split(|it: char| !it.is_alphanumeric());
            words.any(|it| it == "match" || it == "switch")
        })
    }
}

/// Whether a word looks like a type.
fn is_type(word: &str) -> bool {
    let is_number =
        word.starts_with(['u', 'i', 'f']) && word.ends_with(|it: char| it.is_ascii_digit());
    word.starts_with(char::is_uppercase) || is_number || ["bool", "usize", "&"].contains(&word)
}
