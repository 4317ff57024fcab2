//! What a step says of its stages: `solutions/08-broadcast/stages.md`, beside the solution.
//!
//! The solution is finished code, and its marks are names. This file says what each stage asks a learner for, whether the
//! starter already has it, and which code stands in its place until it comes. It has an entry for each mark, in the order of
//! the marks:
//!
//! ````text
//! ## server.rs: online
//!
//! The channel knows how many take part: everyone.receiver_count().
//!
//! ```rust
//! ("online", _) => Some(text(json!(["online", *online.lock().unwrap()]))),
//! ```
//!
//! ## server.rs: both (given)
//!
//! Neither is waited for alone: whatever comes first is dealt with first.
//! ````
//!
//! - The heading names the file and the mark. If the starter has the stage, `(given)` follows.
//! - The paragraph is the stage's sentence. Its lines are joined with blanks.
//! - The block, if there is one, is the code until then. It has no indent of its own, because the cutter gives it that of
//!   the mark.
//! - If a mark occurs twice in a file, it has two entries, in the same order.
//!
//! The lines above the first heading are for a person who opens the file. [`crate::cut`] joins the entries with the marks.

use std::iter::{Enumerate, Peekable};
use std::str::Lines;

use anyhow::{Context, Result};
use show::root;

use crate::cut::BadMark;
use crate::step::{Step, Whose};

/// The name of the file, in the folder of the solution.
pub const FILE: &str = "stages.md";

/// The entries of a step, in their order.
#[derive(Debug, Default)]
pub struct Stages {
    /// The entries.
    pub entries: Vec<Entry>,
}

/// What the file says of one mark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The file that the mark is in.
    pub file: String,
    /// The name of the mark.
    pub name: String,
    /// Whether the starter has the stage already.
    pub given: bool,
    /// What the stage does, as a sentence for a learner.
    pub sentence: String,
    /// What stands in its place until it comes, without the mark's indent.
    pub before: Vec<String>,
    /// The line of its heading, counted from 1.
    pub line: usize,
}

impl Stages {
    /// The entries of a step.
    ///
    /// # Errors
    /// When the file cannot be read, or is not what it should be: the line, and what to do.
    pub fn of(step: Step) -> Result<Stages> {
        let path = root().join(step.folder(Whose::Solution)).join(FILE);
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!(
                "{} could not be read; it has an entry for each mark of the solution",
                show::path(&path)
            )
        })?;
        let stages = Stages::parse(&text).map_err(|bad| bad.of_step(step))?;
        match stages.of_another_file(&step.files()) {
            Some(bad) => Err(bad.of_step(step)),
            None => Ok(stages),
        }
    }

    /// The entries of the file's text.
    ///
    /// # Errors
    /// The first entry that is not what it should be.
    pub fn parse(text: &str) -> Result<Stages, BadMark> {
        let mut entries = Vec::new();
        let mut lines = text.lines().enumerate().peekable();
        while let Some((index, line)) = lines.next() {
            let Some(heading) = line.strip_prefix(HEADING) else {
                continue;
            };
            let mut entry = Entry::headed(heading, index + 1)?;
            entry.fill(&mut lines)?;
            entries.push(entry);
        }
        Ok(Stages { entries })
    }

    /// The entries about the marks of this name in a file, the first one's first.
    pub fn about<'a>(&'a self, file: &'a str, name: &'a str) -> impl Iterator<Item = &'a Entry> {
        let entries = self.entries.iter();
        entries.filter(move |entry| entry.file == file && entry.name == name)
    }

    /// The first entry about a file that the step does not have.
    fn of_another_file(&self, files: &[String]) -> Option<BadMark> {
        let mut entries = self.entries.iter();
        let entry = entries.find(|entry| !files.contains(&entry.file))?;
        let (file, files) = (&entry.file, files.join(" and "));
        Some(bad(
            entry.line,
            &format!("this step has no file {file} with marks: name {files} in the heading"),
        ))
    }
}

const HEADING: &str = "## ";

const FENCE: &str = "```";

const A_HEADING: &str = "a heading is `## server.rs: name`, or `## server.rs: name (given)`, with the name of a mark: write it so";

const ONE_PARAGRAPH: &str = "an entry is one paragraph, and at most one block of code below it: move this line into one of them, or take it away";

impl Entry {
    fn headed(heading: &str, line: usize) -> Result<Entry, BadMark> {
        let (file, name) = heading
            .split_once(": ")
            .ok_or_else(|| bad(line, A_HEADING))?;
        let name = name.trim();
        let (name, given) = name
            .strip_suffix(" (given)")
            .map_or((name, false), |name| (name, true));
        if file.is_empty() || !is_name(name) {
            return Err(bad(line, A_HEADING));
        }
        Ok(Entry {
            file: file.to_owned(),
            name: name.to_owned(),
            given,
            line,
            ..Entry::default()
        })
    }

    /// Reads what stands below the heading, up to the next one.
    fn fill(&mut self, lines: &mut Peekable<Enumerate<Lines>>) -> Result<(), BadMark> {
        pass_over_blanks(lines);
        let mut sentence = Vec::new();
        let is_text = |line: &str| {
            !line.trim().is_empty() && !line.starts_with(FENCE) && !line.starts_with(HEADING)
        };
        while let Some((_, line)) = lines.next_if(|(_, line)| is_text(line)) {
            sentence.push(line.trim());
        }
        if sentence.is_empty() {
            return Err(self.has_no_sentence());
        }
        self.sentence = sentence.join(" ");
        pass_over_blanks(lines);
        if let Some((index, _)) = lines.next_if(|(_, line)| line.starts_with(FENCE)) {
            self.before = block(lines.map(|(_, line)| line), index + 1)?;
            pass_over_blanks(lines);
        }
        match lines.peek() {
            Some((index, line)) if !line.starts_with(HEADING) => Err(bad(index + 1, ONE_PARAGRAPH)),
            _ => Ok(()),
        }
    }

    fn has_no_sentence(&self) -> BadMark {
        let name = &self.name;
        bad(
            self.line,
            &format!(
                "the entry of [{name}] has no sentence: write below its heading what the stage does"
            ),
        )
    }
}

/// Whether a word may name a mark.
pub fn is_name(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}

fn pass_over_blanks(lines: &mut Peekable<Enumerate<Lines>>) {
    while lines.next_if(|(_, line)| line.trim().is_empty()).is_some() {}
}

/// The lines of a block of code that is open.
fn block<'a>(lines: impl Iterator<Item = &'a str>, opened: usize) -> Result<Vec<String>, BadMark> {
    let mut code = Vec::new();
    for line in lines {
        if line.trim_end() == FENCE {
            return Ok(code);
        }
        code.push(line.to_owned());
    }
    Err(bad(
        opened,
        "this block of code does not end: write ``` below its last line",
    ))
}

fn bad(line: usize, what: &str) -> BadMark {
    BadMark {
        file: FILE.into(),
        line,
        what: what.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# The stages of step 8

Here is what each is for.

## server.rs: both (given)

Two things at once.
The first is dealt with first.

```rust
while one() {
    two();

}
```

## 8.html: show
Show it.
";

    #[test]
    fn an_entry_is_a_sentence_and_the_code_until_then() {
        for text in [TEXT.to_owned(), TEXT.replace('\n', "\r\n")] {
            let entries = Stages::parse(&text).unwrap().entries;
            let both = Entry {
                file: "server.rs".into(),
                name: "both".into(),
                given: true,
                sentence: "Two things at once. The first is dealt with first.".into(),
                before: ["while one() {", "    two();", "", "}"]
                    .map(str::to_owned)
                    .into(),
                line: 5,
            };
            let show = Entry {
                file: "8.html".into(),
                name: "show".into(),
                sentence: "Show it.".into(),
                line: 17,
                ..Entry::default()
            };
            assert_eq!(entries, [both, show]);
        }
    }

    #[test]
    fn a_file_that_the_step_does_not_have_is_named() {
        let stages = Stages::parse(TEXT).unwrap();
        let files = |page: &str| ["server.rs", page].map(str::to_owned);
        assert_eq!(stages.of_another_file(&files("8.html")), None);
        assert_eq!(
            stages
                .of_another_file(&files("9.html"))
                .unwrap()
                .to_string(),
            "stages.md:17: this step has no file 8.html with marks: name server.rs and 9.html in the heading"
        );
    }

    fn error(text: &str) -> String {
        Stages::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_heading_names_a_file_and_a_mark() {
        for heading in [
            "relay",
            "server.rs:relay",
            "server.rs: Relay",
            "server.rs: a (later)",
            ": a",
        ] {
            let text = format!("# Stages\n\n## {heading}\n\nRelay it.\n");
            assert_eq!(error(&text), format!("stages.md:3: {A_HEADING}"));
        }
    }

    #[test]
    fn an_entry_without_a_sentence_names_its_line() {
        for text in [
            "## server.rs: a\n",
            "## server.rs: a\n\n## server.rs: b\n\nB.\n",
            "## server.rs: a\n\n```rust\na();\n```\n",
        ] {
            assert_eq!(
                error(text),
                "stages.md:1: the entry of [a] has no sentence: write below its heading what the stage does"
            );
        }
    }

    #[test]
    fn an_entry_has_one_paragraph_and_one_block() {
        let block = "```rust\na();\n```\n";
        for more in [
            "B.\n".to_owned(),
            format!("{block}B.\n"),
            format!("{block}\n{block}"),
        ] {
            let text = format!("## server.rs: a\n\nA.\n\n{more}");
            assert!(error(&text).ends_with(ONE_PARAGRAPH), "{text}");
        }
    }

    #[test]
    fn a_block_ends() {
        assert_eq!(
            error("## server.rs: a\n\nA.\n\n```rust\na();\n\n## server.rs: b\n\nB.\n"),
            "stages.md:5: this block of code does not end: write ``` below its last line"
        );
    }
}
