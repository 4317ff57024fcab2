//! The colours of code: which word is a keyword, which a text. Which colour that is, is the page's business.
//!
//! A line means nothing by itself (it may stand in the middle of a comment), so a whole file is read each time, and the lines
//! of a change are looked up in it.

use std::collections::HashMap;
use std::ops::Range;

use live::walk::{Kind, Line, Stage, Text, Walkthrough};
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

/// What a word of the grammar's is called on the page. The first that fits, counts: the finer ones stand before the coarse.
const CLASSES: &[(&str, &str)] = &[
    ("comment", "comment"),
    ("punctuation.definition.comment", "comment"),
    ("punctuation.definition.string", "string"),
    ("constant.character.escape", "number"),
    ("string", "string"),
    ("constant.numeric", "number"),
    ("constant.language", "keyword"),
    ("keyword.operator.word", "keyword"),
    ("keyword.operator", "operator"),
    ("keyword", "keyword"),
    ("storage.type.function.arrow", "operator"),
    ("storage.type.function", "keyword"),
    ("storage", "keyword"),
    ("support.macro", "macro"),
    ("entity.name.macro", "macro"),
    ("variable.annotation", "attribute"),
    ("meta.annotation", "attribute"),
    ("entity.other.attribute-name", "attribute"),
    ("entity.name.function", "function"),
    ("support.function", "function"),
    ("variable.function", "function"),
    ("entity.name.tag", "tag"),
    ("support.type.property-name", "property"),
    ("meta.property-name", "property"),
    ("meta.object-literal.key", "property"),
    ("variable.other.property", "property"),
    ("variable.other.member", "property"),
    ("entity.name", "type"),
    ("support.type", "type"),
    ("support.class", "type"),
    ("punctuation", "punctuation"),
];

/// The grammar of Rust is from before these were words of the language, or cannot tell them from others.
const RUST: &[(&str, &[&str])] = &[
    ("keyword", &["async", "await", "dyn", "self"]),
    (
        "type",
        &[
            "bool", "char", "f32", "f64", "i16", "i32", "i64", "i8", "isize", "str", "u16", "u32",
            "u64", "u8", "usize",
        ],
    ),
];

/// A part of a line, and what it is: one of a dozen words, or nothing.
pub type Span = (&'static str, Range<usize>);

/// The colours of all files of a walkthrough.
#[derive(Default)]
pub struct Colours(HashMap<String, Vec<Vec<Span>>>);

impl Colours {
    /// Reads all files of all stages. It takes a moment.
    pub fn of(texts: Vec<Text>) -> Colours {
        let grammars = SyntaxSet::load_defaults_newlines();
        let classes = classes();
        let mut files = HashMap::new();
        for Text { name, text } in texts {
            let ending = name.rsplit('.').next().unwrap_or_default();
            if let Some(grammar) = grammars.find_syntax_by_extension(ending)
                && !files.contains_key(&text)
            {
                let mut lines = lines(&text, grammar, &grammars, &classes);
                if ending == "rs" {
                    let pairs = lines.iter_mut().zip(text.lines());
                    pairs.for_each(|(spans, line)| *spans = refined(spans, line));
                }
                files.insert(text, lines);
            }
        }
        Colours(files)
    }

    /// The parts of a line of a change from one file to another; all of it is one part, as long as the file was not read.
    pub fn spans<'a>(
        &self,
        line: &'a Line,
        before: &str,
        after: &str,
    ) -> Vec<(&'static str, &'a str)> {
        let file = match line.kind {
            Kind::Gone => before,
            Kind::Stays | Kind::New => after,
        };
        let lines = self.0.get(file);
        let spans = lines.and_then(|lines| lines.get(line.number.checked_sub(1)?));
        let text = |(class, range): &Span| Some((*class, line.text.get(range.clone())?));
        let coloured = spans.and_then(|spans| spans.iter().map(text).collect());
        coloured.unwrap_or_else(|| vec![("", line.text.as_str())])
    }
}

/// Every file of a walkthrough that a change can show.
pub fn texts(walk: &Walkthrough) -> Vec<Text> {
    let parts = |stage: &'_ Stage| stage.parts.concat();
    let stages = walk.stages.iter().flat_map(parts);
    walk.start.iter().cloned().chain(stages).collect()
}

fn classes() -> Vec<(Scope, &'static str)> {
    let class = |(scope, class): &(&str, &'static str)| Some((Scope::new(scope).ok()?, *class));
    CLASSES.iter().filter_map(class).collect()
}

/// The parts of each line.
fn lines(
    text: &str,
    grammar: &SyntaxReference,
    grammars: &SyntaxSet,
    classes: &[(Scope, &'static str)],
) -> Vec<Vec<Span>> {
    let mut parser = ParseState::new(grammar);
    let mut stack = ScopeStack::new();
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        let end = line.trim_end_matches(['\r', '\n']).len();
        let mut spans: Vec<Span> = Vec::new();
        let mut from = 0;
        // A line that the grammar cannot read has no colour.
        for (to, change) in parser.parse_line(line, grammars).unwrap_or_default() {
            add(&mut spans, class_of(&stack, classes), from..to.min(end));
            from = to.min(end);
            let _ = stack.apply(&change);
        }
        add(&mut spans, class_of(&stack, classes), from..end);
        lines.push(spans);
    }
    lines
}

/// The parts of a line of Rust, with the words that the grammar does not know.
fn refined(spans: &[Span], line: &str) -> Vec<Span> {
    let mut refined = Vec::new();
    for (class, range) in spans {
        if !matches!(*class, "" | "keyword") {
            add(&mut refined, class, range.clone());
            continue;
        }
        let text = &line[range.clone()];
        let is_in_word = |character: char| character.is_alphanumeric() || character == '_';
        let mut from = range.start;
        for piece in text.split_inclusive(|character| !is_in_word(character)) {
            let word = piece.trim_end_matches(|character| !is_in_word(character));
            let (end, to) = (from + word.len(), from + piece.len());
            add(&mut refined, rust_word(word).unwrap_or(class), from..end);
            add(&mut refined, class, end..to);
            from = to;
        }
    }
    refined
}

/// What a word of Rust is, by its look: a name like `Value` is a type's.
fn rust_word(word: &str) -> Option<&'static str> {
    let mut lists = RUST.iter();
    if let Some((class, _)) = lists.find(|(_, words)| words.contains(&word)) {
        return Some(class);
    }
    let is_type = word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase);
    is_type.then_some("type")
}

/// Adds a part, or makes the one before it longer.
fn add(spans: &mut Vec<Span>, class: &'static str, range: Range<usize>) {
    match spans.last_mut() {
        _ if range.is_empty() => {}
        Some((before, last)) if *before == class => last.end = range.end,
        _ => spans.push((class, range)),
    }
}

/// What the innermost word of the grammar's that we know, is called.
fn class_of(stack: &ScopeStack, classes: &[(Scope, &'static str)]) -> &'static str {
    let known = |scope: &Scope| {
        let mut classes = classes.iter();
        classes.find(|(class, _)| class.is_prefix_of(*scope))
    };
    let found = stack.as_slice().iter().rev().find_map(known);
    found.map_or("", |(_, class)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, text: &str) -> Vec<String> {
        let colours = Colours::of(vec![Text {
            name: name.into(),
            text: text.into(),
        }]);
        let line = |(index, line): (usize, &str)| {
            let line = Line {
                kind: Kind::New,
                number: index + 1,
                text: line.into(),
                is_code: true,
            };
            let spans = colours.spans(&line, "", text);
            let span = |(class, text): &(&str, &str)| match *class {
                "" => text.trim().to_owned(),
                class => format!("{class}={}", text.trim()),
            };
            spans.iter().map(span).collect::<Vec<_>>().join("|")
        };
        text.lines().enumerate().map(line).collect()
    }

    #[test]
    fn rust_has_its_colours() {
        let lines = of(
            "server.rs",
            "async fn main() -> u32 { // why\n    /* a\n    b */ relay(json!([\"spy\", 12]), Vec::new());\n}\n",
        );
        let [main, comment, call, _] = &lines[..] else {
            panic!("{lines:?}");
        };
        assert!(
            main.starts_with("keyword=async||keyword=fn||function=main|"),
            "{main}"
        );
        assert!(
            main.contains("|type=u32|") && main.ends_with("|comment=// why"),
            "{main}"
        );
        // The beginning of the comment stands on the line before.
        assert_eq!(comment, "|comment=/* a");
        assert!(call.starts_with("comment=b */||function=relay|"), "{call}");
        for part in ["macro=json!", "string=\"spy\"", "number=12", "type=Vec"] {
            assert!(call.contains(&format!("|{part}|")), "{part} in {call}");
        }
    }

    #[test]
    fn a_page_has_those_of_its_script_too() {
        let lines = of(
            "10.html",
            "<p id=\"a\">hi</p>\n<script>\n  const x = 1; // why\n  $(\"#a\").css({ left: x });\n</script>\n",
        );
        assert!(lines[0].contains("tag=p||attribute=id|"), "{lines:?}");
        assert!(
            lines[2].starts_with("|keyword=const|x|operator==|"),
            "{lines:?}"
        );
        assert!(
            lines[3].contains("|function=css|") && lines[3].contains("|property=left|"),
            "{lines:?}"
        );
    }

    #[test]
    fn nothing_of_a_line_is_lost() {
        let text =
            "fn größe(x: &str) -> Option<Vec<u8>> { /* … */ self.x.await }\r\n\tlet y = 'ß';";
        let lines = Colours::of(vec![Text {
            name: "server.rs".into(),
            text: text.into(),
        }]);
        for (line, spans) in text.lines().zip(&lines.0[text]) {
            let joined: String = spans
                .iter()
                .map(|(_, range)| &line[range.clone()])
                .collect();
            assert_eq!(joined, line);
        }
    }
}
