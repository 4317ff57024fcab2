//! The words that causes are made of: code, types and lists inside of a sentence.

use crate::types::short;

/// A text of the learner's inside of a sentence: on one line, and no longer than a name is.
pub(super) fn brief(text: &str) -> String {
    const MOST: usize = 36;
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ").replace(" .", ".");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// The same in backticks.
pub(super) fn code(text: &str) -> String {
    format!("`{}`", brief(text))
}

/// What to write behind an expression that ends in a line: with the expression, where that is short.
pub(super) fn behind(expression: &str, what: &str, line: usize) -> String {
    match brief(expression) {
        short if short.ends_with('…') => format!("Write {what} behind it, in line {line}."),
        short => format!("Write {what} behind it: {short}{what}"),
    }
}

/// `one`, `one and two`, `one, two and three`.
pub(super) fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// `no value`, `one value`, `2 values`.
pub(super) fn count(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}"),
        1 => format!("one {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// A type with its article, or in backticks.
pub(super) fn a(of: &str) -> String {
    match short(of) {
        words if words.starts_with("a ") || words.starts_with("an ") => words,
        name if name == "()" => "nothing, ()".into(),
        name => {
            let name = outside(&name);
            let is_an = name.starts_with(['A', 'E', 'I', 'O'])
                || name.starts_with("Rc<")
                || name.starts_with("RwLock<");
            format!("{} `{name}`", if is_an { "an" } else { "a" })
        }
    }
}

/// A long type without what is inside of it: `Result<…>`.
fn outside(name: &str) -> String {
    const MOST: usize = 44;
    match name.split_once('<') {
        Some((outer, _)) if name.chars().count() > MOST => format!("{outer}<…>"),
        _ => name.to_owned(),
    }
}
