//! A file of the learner's, in whatever state it is.

use std::fmt;
use std::path::PathBuf;

use show::root;

use crate::step::{Step, Whose};

/// A file of a step, as the learner has it.
#[derive(Debug)]
pub struct File {
    /// The step.
    pub step: Step,
    /// Its name: `server.rs`, or `10.html`.
    pub name: String,
    /// What can be read of it.
    pub text: Result<String, Trouble>,
}

/// Why there is nothing to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// There is no such file.
    Missing,
    /// It holds nothing but blanks.
    Empty,
    /// It is no text in UTF-8, from this line on.
    NotText(usize),
    /// The system does not let us read it: what it says.
    Unreadable(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Missing => write!(f, "is not there"),
            Trouble::Empty => write!(f, "is empty"),
            Trouble::NotText(line) => write!(f, "is not text in UTF-8, from line {line} on"),
            Trouble::Unreadable(why) => write!(f, "could not be read: {why}"),
        }
    }
}

/// Reads the files of a step: the server, then the page.
pub fn files(step: Step) -> Vec<File> {
    let names = step.files().into_iter();
    names.map(|name| file(step, &name)).collect()
}

/// Reads one of them.
pub fn file(step: Step, name: &str) -> File {
    let mut file = File {
        step,
        name: name.to_owned(),
        text: Ok(String::new()),
    };
    file.text = match std::fs::read(file.path()) {
        Ok(bytes) => text(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Trouble::Missing),
        Err(error) => Err(Trouble::Unreadable(error.to_string())),
    };
    file
}

fn text(bytes: Vec<u8>) -> Result<String, Trouble> {
    match String::from_utf8(bytes) {
        Ok(text) if text.trim().is_empty() => Err(Trouble::Empty),
        Ok(text) => Ok(text),
        Err(error) => {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let lines = good.iter().filter(|byte| **byte == b'\n').count();
            Err(Trouble::NotText(lines + 1))
        }
    }
}

impl File {
    /// Where it lies.
    pub fn path(&self) -> PathBuf {
        root()
            .join(self.step.folder(Whose::Learner))
            .join(&self.name)
    }

    /// Its path as a person would type it.
    pub fn shown(&self) -> String {
        show::path(&self.path())
    }

    /// What is the matter with it, and what to do, as sentences; `None` where it can be read.
    pub fn trouble(&self) -> Option<String> {
        let trouble = self.text.as_ref().err()?;
        let (path, number) = (self.shown(), self.step.number);
        let next = match trouble {
            Trouble::Missing | Trouble::Empty => format!(
                " This brings back the one that came with the workshop:\n\n    git checkout -- {path}"
            ),
            Trouble::NotText(_) => format!(
                " Save it as UTF-8 in your editor, or start again; a copy of it is kept:\n\n    cargo xtask reset {number}"
            ),
            Trouble::Unreadable(_) => String::new(),
        };
        Some(format!("{path} {trouble}.{next}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_named_with_its_line() {
        assert_eq!(text(b"a\nb\n\xff\n".to_vec()), Err(Trouble::NotText(3)));
        assert_eq!(text(b" \n".to_vec()), Err(Trouble::Empty));
        assert_eq!(text("ä\n".into()), Ok("ä\n".into()));
    }
}
