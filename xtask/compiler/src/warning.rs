//! What the compiler warned of in a program that it built, as far as it can be why the program does not do what it should.

use std::fmt;
use std::path::Path;

use super::message::{Message, folder_of};
use super::source::Source;

/// A warning, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The place, as `path:line:column`.
    pub place: String,
    /// The line.
    pub line: usize,
    /// What it says.
    text: String,
    /// What it is about, where that can be weighed.
    pub about: About,
}

/// What a warning is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// A future that nobody awaits.
    Future,
    /// A `Result` that nobody looks at, of this code.
    Result(String),
    /// An arm that is never reached.
    Arm(Arm),
    /// A variable or a function that nobody uses.
    Unused(Unused),
    /// Something that explains nothing by itself.
    Other,
}

/// An arm of a `match` that is never reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arm {
    /// The texts in its pattern, without their quotes.
    pub texts: Vec<String>,
    /// The line of the arm that takes all that this one would.
    pub taker: usize,
}

/// A variable or a function that nobody uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// Its name.
    pub name: String,
    /// Whether it is a function.
    pub is_function: bool,
    /// A function's parameters and what it returns; nothing of a variable.
    pub head: String,
    /// What it is made of: a function's body, what a variable is given.
    pub text: String,
}

/// So many are shown.
const MOST: usize = 4;

impl Warning {
    /// Those that can explain something, the ones that explain most first.
    pub fn all(messages: &[Message], src_path: &Path) -> Vec<Warning> {
        let mut warnings: Vec<Warning> = messages
            .iter()
            .filter_map(|it| Warning::of(it, src_path))
            .collect();
        warnings.sort_by_key(|warning| warning.about.rank());
        warnings.truncate(MOST);
        warnings
    }

    fn of(message: &Message, src_path: &Path) -> Option<Warning> {
        let span = message.primary()?;
        let file = folder_of(src_path, message).join(&span.file);
        let source = Source::new(std::fs::read_to_string(file).ok()?);
        let code = brief(source.at(span));
        let line = span.start.0;
        let about = About::of(message, &source);
        let is_future = about == About::Future;
        let what = match message.code.as_deref()? {
            "unused_must_use" if is_future => {
                format!("`{code}` is a future that nobody awaits: it never happens")
            }
            "unused_must_use" if message.text.contains("Result") => {
                format!("nobody looks whether `{code}` went well")
            }
            "unused_must_use" => format!("what `{code}` gives is not used"),
            "unreachable_patterns" => {
                format!("the arm `{code}` is never reached: one before it takes all that it would")
            }
            "unreachable_code" => format!("`{code}` is never reached"),
            "unused_variables" => format!("the variable `{code}` is never used"),
            "unused_assignments" => format!("what is given to `{code}` is never read"),
            "dead_code" => {
                let declared = source.line(line);
                if !declared.contains("fn ") {
                    return None;
                }
                format!("the function `{code}` is never called")
            }
            _ => return None,
        };
        Some(Warning {
            place: format!("{}:{line}:{}", span.file, span.start.1),
            text: format!("line {line}: {what}"),
            line,
            about,
        })
    }
}

impl About {
    fn of(message: &Message, source: &Source) -> About {
        let found = match message.code.as_deref() {
            Some("unused_must_use") if is_future(message) => Some(About::Future),
            Some("unused_must_use") if message.text.contains("Result") => {
                let span = message.primary();
                span.map(|span| About::Result(source.at(span).to_owned()))
            }
            Some("unreachable_patterns") => Arm::of(message, source).map(About::Arm),
            Some("unused_variables") => Unused::variable(message, source).map(About::Unused),
            Some("dead_code") => Unused::function(message, source).map(About::Unused),
            _ => None,
        };
        found.unwrap_or(About::Other)
    }

    /// The lower, the more it explains.
    fn rank(&self) -> u8 {
        match self {
            About::Future => 0,
            About::Arm(_) | About::Unused(_) => 1,
            About::Result(_) | About::Other => 2,
        }
    }
}

impl Arm {
    /// The arm, where another one takes all of it, and nothing before the two has to do with the same texts.
    fn of(message: &Message, source: &Source) -> Option<Arm> {
        let span = message.primary()?;
        let taker = message.spans.iter().find(|it| !it.is_primary)?;
        let texts = texts(source, span.bytes);
        let function = source.function_around(span.bytes.0)?;
        let before = self::texts(source, (function.body.0, taker.bytes.0));
        let is_first = !texts.iter().any(|text| before.contains(text));
        is_first.then_some(Arm {
            texts,
            taker: taker.start.0,
        })
    }
}

impl Unused {
    fn variable(message: &Message, source: &Source) -> Option<Unused> {
        let span = message.primary()?;
        let at = source.token(span.bytes.0);
        let before = source.word(at.checked_sub(1)?);
        if !matches!(before, "let" | "mut") {
            return None;
        }
        let mut end = at;
        while source.word(end) != ";" {
            end = source.close(end).unwrap_or(end) + 1;
            source.tokens.get(end)?;
        }
        Some(Unused {
            name: source.word(at).to_owned(),
            is_function: false,
            head: String::new(),
            text: source
                .between((span.bytes.1, source.tokens[end].start))
                .to_owned(),
        })
    }

    fn function(message: &Message, source: &Source) -> Option<Unused> {
        let function = source.function_named(source.at(message.primary()?))?;
        Some(Unused {
            name: function.name.to_owned(),
            is_function: true,
            head: function.head.to_owned(),
            text: source.between(function.body).to_owned(),
        })
    }
}

/// The texts between two bytes, without their quotes.
fn texts(source: &Source, (start, end): (usize, usize)) -> Vec<String> {
    let within = source.token(start)..source.token(end);
    let words = within.map(|index| source.word(index));
    words
        .filter_map(|word| Some(word.strip_prefix('"')?.strip_suffix('"')?.to_owned()))
        .collect()
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Futures, and what libraries make of them, say in their note how they are used.
fn is_future(message: &Message) -> bool {
    let notes = message.notes.iter().map(|note| note.text.as_str());
    notes
        .chain([message.text.as_str()])
        .any(|text| super::prose::LAZY_FUTURE.is_in(text))
}

/// The first line of some code, not too long.
fn brief(code: &str) -> String {
    let line = code.lines().next().unwrap_or_default().trim();
    match line.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None if code.lines().count() > 1 => format!("{line} …"),
        None => line.to_owned(),
    }
}
