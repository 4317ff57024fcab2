//! What a person reads in a terminal: at its width, with and without colour, and paths as seen from the workshop's root.
//!
//! Colour never carries a meaning alone. Every text is wrapped at 80 columns, or at the terminal's width if that is less.

mod root;

use std::cell::RefCell;
use std::io::Write;

use anstream::{AutoStream, ColorChoice};
use owo_colors::OwoColorize;
use serde_json::Value;

pub use root::root;

thread_local! {
    /// What is printed while a text is made instead.
    static TEXT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// What `show` would print, as a text: for a screen, which is drawn in one stroke.
pub fn text_of(show: impl FnOnce()) -> String {
    TEXT.set(Some(String::new()));
    show();
    TEXT.take().unwrap_or_default()
}

/// A line on stdout, or of the text that is made.
pub fn line(line: std::fmt::Arguments) {
    TEXT.with_borrow_mut(|text| match text {
        Some(text) => *text += &format!("{line}\n"),
        None => anstream::println!("{line}"),
    });
}

/// As in std, to where [`line()`] puts it.
#[macro_export]
macro_rules! println {
    () => { $crate::line(format_args!("")) };
    ($($text:tt)*) => { $crate::line(format_args!($($text)*)) };
}

/// A command of ours whose output we show is told how wide it may be: it sees no terminal.
pub const WIDTH: &str = "WORKSHOP_WIDTH";

/// A command of ours whose output is shown above a line of keys is told so: it names the key for what it leads to.
pub const KEYS: &str = "WORKSHOP_KEYS";

/// How to do what a sentence says that ends here: the key, for somebody who has a line of keys, or else the command, in a
/// line of its own.
pub fn by(command: &str, key: &str) -> String {
    match std::env::var_os(KEYS) {
        Some(_) => format!(": press {key}."),
        None => format!(":\n\n    {command}"),
    }
}

/// The columns that a text may take.
pub fn width() -> usize {
    let told = std::env::var(WIDTH).ok().and_then(|told| told.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    told.or_else(terminal).unwrap_or(80).clamp(40, 80)
}

/// A text on stderr. Lines that begin with a blank are commands and what other programs said: they are never broken.
pub fn note(text: &str) {
    for line in text.lines() {
        match line.starts_with(' ') {
            true => anstream::eprintln!("{line}"),
            false => anstream::eprintln!("{}", wrapped("", line)),
        }
    }
}

/// One JSON object on stdout. Whoever reads it may have enough after the first letters, `head` say; that is no error.
pub fn json(object: &Value) {
    let _ = writeln!(std::io::stdout(), "{object}");
}

/// A text on stdout, its lines as in [`note`].
pub fn text(text: &str) {
    for line in text.lines() {
        match line.starts_with(' ') {
            true => println!("{line}"),
            false => println!("{}", wrapped("", line)),
        }
    }
}

/// A text in lines, `first` before the first of them and as many blanks before the rest.
pub fn wrapped(first: &str, text: &str) -> String {
    let rest = " ".repeat(textwrap::core::display_width(first));
    // A word stays whole, hyphens and all: it may be a path, an address, or a part of a command.
    let options = textwrap::Options::new(width())
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false)
        .initial_indent(first)
        .subsequent_indent(&rest);
    textwrap::fill(text, options)
}

/// A line of keys, each with a word for what it does.
pub fn keys(keys: &[(&str, &str)]) -> String {
    let key = |(key, word): &(&str, &str)| format!("{} {word}", key.bold());
    wrapped("  ", &together(keys.iter().map(key), "  "))
}

/// Parts of a line that is broken between them, however narrow the screen is, and nowhere else: the blanks inside are not
/// ones to break a line at.
pub fn together(parts: impl IntoIterator<Item = String>, between: &str) -> String {
    let parts = parts.into_iter().map(|part| part.replace(' ', "\u{a0}"));
    parts.collect::<Vec<_>>().join(between)
}

/// A line in so many columns, the end of a longer one left out.
pub fn cut(line: &str, columns: usize) -> String {
    match line.char_indices().nth(columns) {
        Some(_) => line.chars().take(columns - 1).chain(['…']).collect(),
        None => line.to_owned(),
    }
}

/// A text on stdout, wrapped.
pub fn paragraph(text: &str) {
    println!("{}", wrapped("", text));
}

/// A path from the root, as a person would type it.
pub fn path(path: &std::path::Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

/// Whether what goes to stdout may hold colours.
pub fn has_colour() -> bool {
    AutoStream::choice(&std::io::stdout()) != ColorChoice::Never
}

/// Whether the compiler's text may hold colours, where it goes to stderr.
pub fn colour() -> bool {
    std::io::IsTerminal::is_terminal(&std::io::stderr()) && std::env::var_os("NO_COLOR").is_none()
}

/// Minutes in words, as a person plans with them.
pub fn duration(minutes: u32) -> String {
    let hours = match minutes / 60 {
        0 => String::new(),
        1 => "1 hour".into(),
        n => format!("{n} hours"),
    };
    let rest = match minutes % 60 {
        0 => String::new(),
        1 => "1 minute".into(),
        n => format!("{n} minutes"),
    };
    let parts = [hours, rest];
    let some: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    some.join(" and ")
}
