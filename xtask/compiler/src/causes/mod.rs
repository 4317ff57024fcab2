//! From an error of the compiler's to its cause in the learner's terms.
//!
//! A file for each kind of mistake; a cause is a function of the error and of the learner's text. It names a cause only
//! where these two prove it; where none does, the compiler's own first line has to be enough.

mod around;
mod asyncs;
mod borrows;
mod branches;
mod calls;
mod closures;
mod crates;
mod edition;
mod filters;
mod imports;
mod mismatches;
mod modules;
mod mutexes;
mod names;
mod older;
mod operators;
mod other_languages;
mod ownership;
mod quotes;
mod references;
mod rejections;
mod replies;
mod sends;
mod shape;
mod starters;
mod state;
mod statics;
mod syntax;
mod texts;
mod types;
mod values;
mod words;

use std::path::Path;

use words::{a, behind, brief, code, count, list};

use super::kinds::Kind;
use super::message::{Message, Span};
use super::source::Source;

/// An error, and what it is an error of.
pub struct Case<'a> {
    /// What the compiler says.
    pub error: &'a Message,
    /// All errors of the program.
    pub all: &'a [Message],
    /// The file that it is in.
    pub source: &'a Source,
    /// The folder of the program's files.
    pub folder: &'a Path,
}

/// The cause of an error, in words with the learner's names.
#[derive(Debug, Clone)]
pub struct Cause {
    /// What kind of mistake it is.
    pub kind: &'static Kind,
    /// The cause.
    pub cause: String,
    /// The one thing to do next.
    pub next: String,
    /// The places that show it, where they are not those of the error. The first one is where it is.
    pub marks: Vec<Span>,
}

impl Cause {
    fn new(kind: &'static Kind, cause: impl Into<String>, next: impl Into<String>) -> Cause {
        Cause {
            kind,
            cause: cause.into(),
            next: next.into(),
            marks: Vec::new(),
        }
    }

    fn marks(mut self, marks: impl IntoIterator<Item = Span>) -> Cause {
        self.marks.extend(marks);
        self
    }
}

/// Looks for one cause.
type Look = fn(&Case) -> Option<Cause>;

/// The causes in the order in which they are looked for: what is more special stands before what is more general.
const LOOKS: &[&[Look]] = &[
    edition::LOOKS,
    syntax::signs::SPLIT,
    syntax::blocks::LOOKS,
    syntax::closures::LOOKS,
    syntax::lets::LOOKS,
    syntax::loops::LOOKS,
    syntax::conditions::LOOKS,
    syntax::structs::LOOKS,
    syntax::generics::LOOKS,
    syntax::parameters::LOOKS,
    syntax::declarations::LOOKS,
    syntax::methods::LOOKS,
    syntax::functions::LOOKS,
    syntax::imports::LOOKS,
    syntax::paths::LOOKS,
    syntax::arms::LOOKS,
    syntax::signs::LOOKS,
    shape::LOOKS,
    quotes::LOOKS,
    syntax::separators::LOOKS,
    other_languages::LOOKS,
    starters::LOOKS,
    modules::LOOKS,
    older::LOOKS,
    crates::LOOKS,
    imports::LOOKS,
    names::LOOKS,
    asyncs::LOOKS,
    sends::LOOKS,
    filters::LOOKS,
    closures::LOOKS,
    state::LOOKS,
    replies::LOOKS,
    rejections::LOOKS,
    branches::LOOKS,
    ownership::LOOKS,
    statics::LOOKS,
    borrows::LOOKS,
    texts::LOOKS,
    mutexes::LOOKS,
    values::LOOKS,
    references::LOOKS,
    other_languages::METHODS_OF_OTHERS,
    types::LOOKS,
    operators::LOOKS,
    calls::LOOKS,
    mismatches::LOOKS,
    syntax::structs::FIELDS,
    operators::COMPARED,
];

/// The cause of an error, where it can be proved.
pub fn of(case: &Case) -> Option<Cause> {
    let cause = LOOKS
        .iter()
        .copied()
        .flatten()
        .find_map(|look| look(case))?;
    match syntax::behind_a_comment(case) {
        Some(place) if cause.marks.is_empty() => Some(cause.marks([place])),
        _ => Some(cause),
    }
}

impl<'a> Case<'a> {
    /// The text of a place.
    fn at(&self, span: &Span) -> &'a str {
        self.source.at(span)
    }

    /// The place that the error is about, and its text.
    fn primary(&self) -> Option<(&'a Span, &'a str)> {
        let span = self.error.primary()?;
        Some((span, self.at(span)))
    }

    /// What was expected and what was found, as the label at the primary place says it, without backticks.
    fn expected(&self) -> Option<(&'a str, &'a str)> {
        let label = self.error.primary()?.label.as_deref()?;
        let [expected, found] = super::prose::EXPECTED.of(label)?;
        Some((expected.trim_matches('`'), found.trim_matches('`')))
    }

    /// The type and the trait that it does not have.
    fn bound(&self) -> Option<(&'a str, &'a str)> {
        if let Some([of, wanted]) = super::prose::BOUND.of(&self.error.text) {
            return Some((of, wanted));
        }
        let [of, wanted, _] = super::prose::BOUND_WITHIN.of(&self.error.text)?;
        Some((of, wanted))
    }

    /// The name of the function that a place is in, as `` `name` ``.
    fn function_at(&self, span: &Span) -> Option<super::source::Function<'a>> {
        self.source.function_around(span.bytes.0)
    }

    /// Whether a statement begins at this name and gives it a value: `name = …`.
    fn gives_a_value(&self, span: &Span) -> bool {
        let at = self.source.token(span.bytes.0);
        let is_first = [";", "{", "}"].contains(&self.source.word(at.wrapping_sub(1)));
        let word = |offset: usize| self.source.word(at + offset);
        is_first && word(1) == "=" && word(2) != "="
    }

    /// A place in the same file.
    fn span(&self, bytes: (usize, usize)) -> Span {
        let file = self.error.place().map_or("", |span| &span.file);
        self.source.span(file, bytes)
    }
}
