//! The causes that a failed check can name, each in words for somebody who meets the idea for the first time.
//!
//! A diagnosis is given only where the evidence fits it. Where it does not, [`Diagnosis::UNKNOWN`] says so: a wrong guess
//! costs a learner more than none.

use std::fmt;

use wire::position::Event;

use crate::list;

/// What is most likely wrong with a program. Each stands in the file of the check that gives it, by `diagnoses!`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Diagnosis {
    pub(crate) id: &'static str,
    pub(crate) cause: &'static str,
    pub(crate) next: &'static str,
}

/// Declares the diagnoses of a file: the name in the code, the id in `--json` and in tests, the cause, and the one next
/// action. `list::DIAGNOSES` names the files that have any.
macro_rules! diagnoses {
    ($($name:ident $id:literal: $cause:literal => $next:literal;)*) => {
        impl $crate::Diagnosis {
            $(
                #[doc = $cause]
                pub const $name: $crate::Diagnosis = $crate::Diagnosis { id: $id, cause: $cause, next: $next };
            )*
        }

        /// The diagnoses that are given here.
        pub(crate) const DIAGNOSES: &[$crate::Diagnosis] = &[$($crate::Diagnosis::$name),*];
    };
}

diagnoses! {
    DOES_NOT_COMPILE "does-not-compile":
        "The compiler does not accept the program, so there is nothing to check yet."
        => "Read the first error only, because later errors often follow from it. Then check again.";
    UNKNOWN "unknown":
        "What the check saw is above. It cannot tell why."
        => "Start the program with cargo xtask run, do by hand what the check did, and watch what it prints.";
}

impl Diagnosis {
    /// Every diagnosis there is.
    pub fn all() -> impl Iterator<Item = Diagnosis> {
        list::DIAGNOSES.iter().copied().flatten().copied()
    }

    /// The one with this id.
    pub fn by_id(id: &str) -> Option<Diagnosis> {
        Diagnosis::all().find(|it| it.id == id)
    }

    /// The stable name, as in `--json`.
    pub fn id(self) -> &'static str {
        self.id
    }

    /// The likeliest cause, as a sentence or two.
    pub fn cause(self) -> &'static str {
        self.cause
    }

    /// The one thing to do next.
    pub fn next(self) -> &'static str {
        self.next
    }

    /// What it means that some of many do not arrive.
    pub fn lost(event: Event) -> Diagnosis {
        match event {
            Event::Say => Diagnosis::SAY_LOST,
            Event::Spy => Diagnosis::MOVES_LOST,
        }
    }

    /// What it means that something else arrives than was sent.
    pub fn changed(event: Event) -> Diagnosis {
        match event {
            Event::Say => Diagnosis::SAY_CHANGED,
            Event::Spy => Diagnosis::VALUES_CHANGED,
        }
    }
}

impl fmt::Debug for Diagnosis {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A verdict names the cause and the place to look. What to write there, the third hint shows.
    #[test]
    fn what_to_do_next_gives_no_code_away() {
        const CODE: &[&str] = &[
            "::", "!(", "(\"", "()).", "{", "|", "&&", "+=", "let Some", "</",
        ];
        for diagnosis in Diagnosis::all() {
            let code = CODE.iter().find(|code| diagnosis.next().contains(**code));
            assert_eq!(code, None, "{}: {}", diagnosis.id(), diagnosis.next());
        }
    }

    #[test]
    fn ids_are_unique_words() {
        let mut ids: Vec<_> = Diagnosis::all().map(|d| d.id()).collect();
        assert!(
            ids.iter()
                .all(|id| id.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        );
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
}
