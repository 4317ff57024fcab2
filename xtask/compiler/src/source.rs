//! The learner's file as tokens: as much syntax as it takes to name a function, a bracket, a closure or a chain of calls.
//!
//! No parser: the file is one that the compiler has refused. What cannot be told is `None`.

use std::collections::HashMap;

use super::message::Span;

/// A piece of the text that means something to the compiler; comments and blanks are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: usize,
    /// The byte behind its last.
    pub end: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name or a keyword.
    Word,
    /// A number.
    Number,
    /// A text or a letter in quotes; without its closing quote, it goes on to the end of the file.
    Text,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// Anything else: one sign.
    Sign,
}

/// A file.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Its text.
    pub text: String,
    /// What it is made of.
    pub tokens: Vec<Token>,
    lines: Vec<usize>,
    /// The closing bracket of each opening one.
    closes: HashMap<usize, usize>,
}

/// A function of the file.
#[derive(Debug, Clone, Copy)]
pub struct Function<'a> {
    /// Its name.
    pub name: &'a str,
    /// From its name to the brace: the parameters and what it returns.
    pub head: &'a str,
    /// The line of its name, counted from 1.
    pub line: usize,
    /// The bytes of its body, the braces too.
    pub body: (usize, usize),
    /// Whether it is `async`.
    pub is_async: bool,
}

impl Source {
    /// The file with this text.
    pub fn new(text: String) -> Source {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        let tokens = tokens(&text);
        Source {
            lines: std::iter::once(0).chain(starts).collect(),
            closes: closes(&text, &tokens),
            tokens,
            text,
        }
    }

    /// A line, counted from 1.
    pub fn line(&self, number: usize) -> &str {
        let Some(start) = number.checked_sub(1).and_then(|n| self.lines.get(n)) else {
            return "";
        };
        let end = self.lines.get(number).map_or(self.text.len(), |end| *end);
        self.text[*start..end].trim_end_matches(['\n', '\r'])
    }

    /// How many lines there are.
    pub fn count(&self) -> usize {
        self.lines.len()
    }

    /// The line of a byte, counted from 1.
    pub fn line_of(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte)
    }

    /// The column of a byte, counted from 1, in characters.
    pub fn column_of(&self, byte: usize) -> usize {
        let start = self.lines[self.line_of(byte) - 1];
        self.text
            .get(start..byte)
            .map_or(1, |it| it.chars().count() + 1)
    }

    /// The text of a place.
    pub fn at(&self, span: &Span) -> &str {
        self.between(span.bytes)
    }

    /// The text between two bytes.
    pub fn between(&self, (start, end): (usize, usize)) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The text of a token.
    pub fn word(&self, index: usize) -> &str {
        let token = self.tokens.get(index);
        token.map_or("", |it| self.between((it.start, it.end)))
    }

    /// The first token that begins at this byte, or behind it.
    pub fn token(&self, byte: usize) -> usize {
        self.tokens.partition_point(|token| token.start < byte)
    }

    /// The place of some bytes.
    pub fn span(&self, file: &str, bytes: (usize, usize)) -> Span {
        let place = |byte| (self.line_of(byte), self.column_of(byte));
        Span {
            file: file.to_owned(),
            bytes,
            start: place(bytes.0),
            end: place(bytes.1),
            is_primary: true,
            ..Span::default()
        }
    }

    /// The closing bracket of an opening one.
    pub fn close(&self, open: usize) -> Option<usize> {
        self.closes.get(&open).copied()
    }

    /// The opening bracket around a token.
    pub fn open_around(&self, index: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for before in (0..index.min(self.tokens.len())).rev() {
            match self.tokens[before].kind {
                Kind::Close => depth += 1,
                Kind::Open if depth == 0 => return Some(before),
                Kind::Open => depth -= 1,
                _ => {}
            }
        }
        None
    }

    /// The function or method that a place is an argument of, whole or as its beginning: `on_upgrade` of `ws.on_upgrade(…)`.
    pub fn argument_of(&self, byte: usize) -> Option<&str> {
        let index = self.token(byte);
        let open = self.open_around(index)?;
        let is_name = |index: usize| self.tokens[index].kind == Kind::Word;
        (open + 1 == index && open > 0 && is_name(open - 1) && self.word(open) == "(")
            .then(|| self.word(open - 1))
    }

    /// The functions, in their order.
    pub fn functions(&self) -> Vec<Function<'_>> {
        let words = 0..self.tokens.len();
        words
            .filter(|index| self.word(*index) == "fn")
            .filter_map(|index| self.function(index))
            .collect()
    }

    fn function(&self, at: usize) -> Option<Function<'_>> {
        let name = self.tokens.get(at + 1).filter(|it| it.kind == Kind::Word)?;
        let mut index = at + 2;
        while self.word(index) != "{" {
            index = match self.tokens.get(index)?.kind {
                Kind::Open => self.close(index)? + 1,
                _ if self.word(index) == ";" => return None,
                _ => index + 1,
            };
        }
        let open = self.tokens[index].start;
        let end = self
            .close(index)
            .map_or(self.text.len(), |it| self.tokens[it].end);
        Some(Function {
            name: self.word(at + 1),
            head: self.between((name.start, open)).trim_end(),
            line: self.line_of(name.start),
            body: (open, end),
            is_async: at > 0 && self.word(at - 1) == "async",
        })
    }

    /// The innermost function around a byte; its head counts as well.
    pub fn function_around(&self, byte: usize) -> Option<Function<'_>> {
        let mut functions = self.functions().into_iter().rev();
        let holds = |it: &Function| {
            let head = it.head.as_ptr() as usize - self.text.as_ptr() as usize;
            (head.saturating_sub(12)..it.body.1).contains(&byte)
        };
        functions.find(holds)
    }

    /// The function of this name.
    pub fn function_named(&self, name: &str) -> Option<Function<'_>> {
        self.functions().into_iter().find(|it| it.name == name)
    }

    /// The lines, counted from 1, of comments that hold this text.
    pub fn comment_with(&self, text: &str) -> Option<usize> {
        let is_one = |n: &usize| {
            let line = self.line(*n).trim_start();
            let above = (1..=*n).rev().map(|n| self.line(n).trim_start());
            let mut comment = above.take_while(|line| line.starts_with("//"));
            line.starts_with("//")
                && line.contains(text)
                && comment.any(|line| line.contains("TODO"))
        };
        (1..=self.count()).find(is_one)
    }

    /// Whether a name is bound here, by `let`, as a parameter or in a pattern, between these bytes.
    pub fn binds(&self, name: &str, (start, end): (usize, usize)) -> Option<usize> {
        let range = self.token(start)..self.token(end);
        let mut words = range.filter(|index| self.word(*index) == name);
        words.find(|index| {
            let before = self.word(index.saturating_sub(1));
            let next = self.word(index + 1);
            let after = self.word(index + 2);
            matches!(before, "let" | "mut" | "ref" | "for")
                || (matches!(before, "(" | "," | "|") && next == ":" && after != ":")
                || (before == "|" && matches!(next, "|" | ","))
        })
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let letter = rest.chars().next().unwrap_or(' ');
        let (kind, length) = match letter {
            _ if letter.is_whitespace() => (None, letter.len_utf8()),
            '/' if rest.starts_with("//") => (None, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => {
                (None, rest.find("*/").map_or(rest.len(), |end| end + 2))
            }
            '"' => (Some(Kind::Text), quoted(rest, 1)),
            '\'' => character(rest),
            'r' | 'b' | 'c' if raw(rest).is_some() => (Some(Kind::Text), raw(rest).unwrap_or(1)),
            '(' | '[' | '{' => (Some(Kind::Open), 1),
            ')' | ']' | '}' => (Some(Kind::Close), 1),
            '0'..='9' => (
                Some(Kind::Number),
                length(rest, |it| it.is_alphanumeric() || it == '_'),
            ),
            _ if letter.is_alphabetic() || letter == '_' => (
                Some(Kind::Word),
                length(rest, |it| it.is_alphanumeric() || it == '_'),
            ),
            _ => (Some(Kind::Sign), letter.len_utf8()),
        };
        let end = at + length;
        tokens.extend(kind.map(|kind| Token {
            kind,
            start: at,
            end,
        }));
        at = end;
    }
    tokens
}

/// The partners of the brackets: each closing one has the last open one of its kind, and what is still open inside of
/// that is never closed.
fn closes(text: &str, tokens: &[Token]) -> HashMap<usize, usize> {
    let mut open: Vec<(usize, &str)> = Vec::new();
    let mut closes = HashMap::new();
    for (index, token) in tokens.iter().enumerate() {
        match (token.kind, &text[token.start..token.end]) {
            (Kind::Open, bracket) => open.push((index, bracket)),
            (Kind::Close, bracket) => {
                let partner = ["()", "[]", "{}"]
                    .iter()
                    .find(|pair| pair.ends_with(bracket));
                let is_it =
                    |(_, it): &(usize, &str)| partner.is_some_and(|pair| pair.starts_with(it));
                if let Some(at) = open.iter().rposition(is_it) {
                    closes.insert(open[at].0, index);
                    open.truncate(at);
                }
            }
            _ => {}
        }
    }
    closes
}

fn length(rest: &str, belongs: fn(char) -> bool) -> usize {
    rest.find(|letter| !belongs(letter)).unwrap_or(rest.len())
}

/// The length of a text that begins with `open` bytes, up to its quote.
fn quoted(rest: &str, open: usize) -> usize {
    let mut is_escaped = false;
    for (at, letter) in rest.char_indices().skip(open) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A letter in quotes, or the name of a lifetime.
fn character(rest: &str) -> (Option<Kind>, usize) {
    let mut letters = rest.char_indices().skip(1);
    match (letters.next(), letters.next()) {
        (Some((_, '\\')), _) => {
            let end = rest[2..].char_indices().skip(1).find(|it| it.1 == '\'');
            (Some(Kind::Text), end.map_or(rest.len(), |(at, _)| at + 3))
        }
        (Some(_), Some((at, '\''))) => (Some(Kind::Text), at + 1),
        _ => {
            let name = length(&rest[1..], |it| it.is_alphanumeric() || it == '_');
            (Some(Kind::Sign), name + 1)
        }
    }
}

/// The length of `b"…"`, `r"…"`, `r#"…"#` and the like; `None` for a word that only begins so.
fn raw(rest: &str) -> Option<usize> {
    let prefix = length(rest, |it| matches!(it, 'r' | 'b' | 'c'));
    let hashes = length(&rest[prefix..], |it| it == '#');
    let after = &rest[prefix + hashes..];
    if !after.starts_with('"') || prefix > 2 {
        return None;
    }
    let open = prefix + hashes + 1;
    if !rest[..prefix].contains('r') {
        return (hashes == 0).then(|| quoted(rest, open));
    }
    let close = format!("\"{}", "#".repeat(hashes));
    let end = rest[open..].find(&close);
    Some(end.map_or(rest.len(), |at| open + at + close.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let source = Source::new(text.to_owned());
        (0..source.tokens.len())
            .map(|at| source.word(at).to_owned())
            .collect()
    }

    #[test]
    fn texts_comments_and_lifetimes_are_told_apart() {
        let text =
            "fn a<'a>(x: &'a str) { // \"no\n b\"x\" 'c' '\\'' r#\"a\"b\"# /* ( */ \"q\\\"(\" }";
        let of = words(text);
        assert_eq!(of[..5], ["fn", "a", "<", "'a", ">"]);
        assert_eq!(
            of[12..],
            [
                "{",
                "b\"x\"",
                "'c'",
                "'\\''",
                "r#\"a\"b\"#",
                "\"q\\\"(\"",
                "}"
            ]
        );
    }

    #[test]
    fn a_function_is_found_around_a_place() {
        let text = "use a::b;\nasync fn go(x: [u8; 2]) -> u8 {\n    let y = 1;\n}\nfn on() {}\n";
        let source = Source::new(text.to_owned());
        let function = source.function_around(text.find("let").unwrap()).unwrap();
        assert_eq!(
            (function.name, function.line, function.is_async),
            ("go", 2, true)
        );
        assert_eq!(function.head, "go(x: [u8; 2]) -> u8");
        assert!(source.binds("x", (0, text.len())).is_some());
        assert!(source.binds("b", (0, text.len())).is_none());
    }

    #[test]
    fn a_call_is_known_by_its_argument() {
        let source = Source::new("ws.on_upgrade(connected(ws))".to_owned());
        assert_eq!(source.argument_of(14), Some("on_upgrade"));
        assert_eq!(source.argument_of(24), Some("connected"));
        assert_eq!(source.argument_of(0), None);
    }
}
