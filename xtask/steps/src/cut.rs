//! One source for a step: its solution. Marks in the solution's comments cut it into stages, and the starter is what is
//! left without them.
//!
//! A solution reads as finished code, and a mark as the heading of a section. A mark is therefore a name, in Rust as in the
//! script of a page:
//!
//! ```text
//! // [relay]
//! the lines of the stage
//! // [end relay]
//! ```
//!
//! If a stage has no lines, because it only removes code, one line opens and closes it: `// [relay] [end relay]`. A stage may
//! hold other stages; without the outer one, the inner ones are not there either. Nothing else is a mark, and the text
//! between the marks is never interpreted.
//!
//! All else about a stage stands beside the solution, in `stages.md`, which has an entry for each mark ([`crate::stages`]):
//!
//! ````text
//! ## server.rs: relay
//!
//! When `spy` comes from one browser, send it on to all the others.
//!
//! ```rust
//! ("shout", _) => error("this event takes a text"),
//! ```
//! ````
//!
//! - The sentence becomes the starter's TODO.
//! - The code stands there as long as the stage has not come: a wrong turn, say.
//! - If `(given)` follows the name, the starter has the stage, too; only a walkthrough begins without it. Inside of another
//!   stage it is a part of that stage for a learner, and a stage of its own for a walkthrough.
//!
//! A mark without an entry is an error, and so is an entry without a mark.

use std::collections::BTreeMap;
use std::fmt;

use show::root;

use crate::stages::{Entry, FILE, Stages, is_name};
use crate::step::{Step, Whose};

/// The text of a solution, cut at its marks.
#[derive(Debug)]
pub struct Source {
    parts: Vec<Part>,
    /// Whether a line that is to be written is left empty: in a page, where a task may name its line by number.
    leaves_room: bool,
}

#[derive(Debug)]
enum Part {
    Line(String),
    Stage(Stage),
}

/// What one mark encloses.
#[derive(Debug)]
pub struct Stage {
    /// The name in the brackets, one word.
    pub name: String,
    /// What the stage does, as a sentence for a learner.
    pub sentence: String,
    /// Whether the starter has it already.
    pub given: bool,
    /// Whether another stage holds it.
    pub is_inner: bool,
    indent: String,
    opening: String,
    /// A stage without lines may be closed in the line that opens it.
    closing: Option<String>,
    before: Vec<String>,
    body: Vec<Part>,
}

/// A line of a text that was cut.
#[derive(Debug)]
pub struct Line<'a> {
    /// The line.
    pub text: String,
    /// The innermost stage that it comes from, but for one that is given inside of another.
    pub stage: Option<&'a Stage>,
}

/// What becomes of a stage when a source is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// As in the solution, marks and all.
    Whole,
    /// The lines under their sentence, without marks.
    Given,
    /// The lines alone.
    Bare,
    /// The sentence as a TODO, then what stood there before.
    Todo,
    /// Only what stood there before.
    Absent,
}

/// A mark that cannot be right, or an entry about it.
#[derive(Debug, PartialEq, Eq)]
pub struct BadMark {
    /// The name of the file that it is in.
    pub file: String,
    /// The line there, counted from 1.
    pub line: usize,
    /// What is wrong with it, and what to do.
    pub what: String,
}

impl BadMark {
    /// The same with the place of the file in the workshop.
    pub fn of_step(self, step: Step) -> anyhow::Error {
        let path = root().join(step.folder(Whose::Solution)).join(&self.file);
        let file = show::path(&path);
        anyhow::Error::new(BadMark { file, ..self })
    }
}

impl fmt::Display for BadMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

impl std::error::Error for BadMark {}

impl Source {
    /// Cuts the text of the file `name` at its marks, and gives each the entry that `stages` have for it.
    ///
    /// # Errors
    /// The first mark that is opened twice, not closed, closed where it is not open, or without an entry; or the first entry
    /// without a mark.
    pub fn parse(name: &str, text: &str, stages: &Stages) -> Result<Source, BadMark> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let source = Source::of_marks(name, text, |mark| {
            let count = seen.entry(mark.to_owned()).or_default();
            *count += 1;
            let entry = stages.about(name, mark).nth(*count - 1);
            entry
                .cloned()
                .ok_or_else(|| has_no_entry(name, mark, *count))
        })?;
        for entry in stages.entries.iter().filter(|entry| entry.file == name) {
            match seen.get_mut(&entry.name) {
                Some(left) if *left > 0 => *left -= 1,
                other => {
                    return Err(BadMark {
                        file: FILE.into(),
                        line: entry.line,
                        what: has_no_mark(entry, other.is_some()),
                    });
                }
            }
        }
        Ok(source)
    }

    /// Cuts a text at its marks, and asks for the entry of each.
    fn of_marks(
        name: &str,
        text: &str,
        mut entry_of: impl FnMut(&str) -> Result<Entry, String>,
    ) -> Result<Source, BadMark> {
        let mut open: Vec<(Stage, usize)> = Vec::new();
        let mut top = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let bad = |what: String| BadMark {
                file: name.to_owned(),
                line: index + 1,
                what,
            };
            let mut opened = |name: &str, open: &[(Stage, usize)]| {
                if open.iter().any(|(stage, _)| stage.name == name) {
                    return Err(bad(format!("[{name}] is open already: close it first")));
                }
                let mut stage = Stage::opened(entry_of(name).map_err(bad)?, name, line);
                stage.is_inner = !open.is_empty();
                Ok(stage)
            };
            let part = match Mark::of(line) {
                Some(Mark::Open(name)) => {
                    open.push((opened(name, &open)?, index + 1));
                    continue;
                }
                Some(Mark::Empty(name)) => Part::Stage(opened(name, &open)?),
                Some(Mark::End(name)) => match open.pop() {
                    Some((mut stage, _)) if stage.name == name => {
                        stage.closing = Some(line.to_owned());
                        Part::Stage(stage)
                    }
                    _ => {
                        return Err(bad(format!(
                            "[end {name}] closes a stage that is not open: write `// [{name}]` above the first line of its stage"
                        )));
                    }
                },
                None => Part::Line(line.to_owned()),
            };
            open.last_mut()
                .map_or(&mut top, |(stage, _)| &mut stage.body)
                .push(part);
        }
        match open.pop() {
            Some((stage, line)) => Err(BadMark {
                file: name.to_owned(),
                line,
                what: format!(
                    "[{0}] has no [end {0}]: write it below the last line of the stage",
                    stage.name
                ),
            }),
            None => Ok(Source {
                parts: top,
                leaves_room: name.ends_with(".html"),
            }),
        }
    }

    /// Every stage, outer ones before those they hold.
    pub fn stages(&self) -> Vec<&Stage> {
        fn collect<'a>(parts: &'a [Part], into: &mut Vec<&'a Stage>) {
            for part in parts {
                if let Part::Stage(stage) = part {
                    into.push(stage);
                    collect(&stage.body, into);
                }
            }
        }
        let mut stages = Vec::new();
        collect(&self.parts, &mut stages);
        stages
    }

    /// What a learner starts from: every stage a TODO, but for those that are given.
    pub fn starter(&self) -> String {
        self.cut(|stage| if stage.given { Cut::Given } else { Cut::Todo })
    }

    /// The text with each stage as `choose` would have it. All [`Cut::Whole`] is the solution, byte for byte.
    pub fn cut(&self, choose: impl Fn(&Stage) -> Cut) -> String {
        let lines = self.lines(choose).into_iter();
        lines.map(|line| format!("{}\n", line.text)).collect()
    }

    /// The lines of the same text, each with the stage that it comes from.
    pub fn lines(&self, choose: impl Fn(&Stage) -> Cut) -> Vec<Line<'_>> {
        let mut lines = Vec::new();
        self.write(&self.parts, None, &choose, &mut lines);
        lines
    }

    /// The lines of one stage, those that it holds under their sentences.
    pub fn code_of(&self, stage: &Stage) -> Vec<String> {
        let mut lines = Vec::new();
        self.write(&stage.body, None, &|_| Cut::Given, &mut lines);
        lines.into_iter().map(|line| line.text).collect()
    }

    fn write<'a>(
        &self,
        parts: &'a [Part],
        inside: Option<&'a Stage>,
        choose: &dyn Fn(&Stage) -> Cut,
        lines: &mut Vec<Line<'a>>,
    ) {
        for part in parts {
            let stage = match part {
                Part::Line(text) => {
                    let text = text.clone();
                    lines.push(Line {
                        text,
                        stage: inside,
                    });
                    continue;
                }
                Part::Stage(stage) => stage,
            };
            // What is given inside of another stage is a part of that one.
            let owner = match inside {
                Some(outer) if stage.given => outer,
                _ => stage,
            };
            let of_stage = |text: String| Line {
                text,
                stage: Some(owner),
            };
            let before = stage.before.iter().map(|code| of_stage(code.clone()));
            match choose(stage) {
                Cut::Whole => {
                    lines.push(of_stage(stage.opening.clone()));
                    self.write(&stage.body, Some(owner), choose, lines);
                    lines.extend(stage.closing.clone().map(of_stage));
                }
                Cut::Given => {
                    lines.push(of_stage(format!("{}// {}", stage.indent, stage.sentence)));
                    self.write(&stage.body, Some(owner), choose, lines);
                }
                Cut::Bare => self.write(&stage.body, Some(owner), choose, lines),
                Cut::Todo => {
                    lines.push(of_stage(stage.todo()));
                    lines.extend(before);
                    if self.leaves_room {
                        lines.push(of_stage(String::new()));
                    }
                }
                Cut::Absent => lines.extend(before),
            }
        }
    }
}

impl Stage {
    fn opened(entry: Entry, name: &str, line: &str) -> Stage {
        let indent = line[..line.len() - line.trim_start().len()].to_owned();
        let indented = |code: String| match code.is_empty() {
            true => code,
            false => format!("{indent}{code}"),
        };
        Stage {
            name: name.to_owned(),
            sentence: entry.sentence,
            given: entry.given,
            is_inner: false,
            before: entry.before.into_iter().map(indented).collect(),
            opening: line.to_owned(),
            closing: None,
            indent,
            body: Vec::new(),
        }
    }

    /// The line of the starter that asks for it.
    pub fn todo(&self) -> String {
        format!("{}// TODO: {}", self.indent, self.sentence)
    }

    /// The lines that stand in its place as long as it has not come.
    pub fn before(&self) -> impl Iterator<Item = &str> {
        self.before.iter().map(String::as_str)
    }
}

/// A text without its marks, if it has some and all of them are right: a solution that a learner has copied, say. A copy
/// lies beside no `stages.md`, so nothing is asked for an entry.
pub fn without_marks(text: &str) -> Option<String> {
    let source = Source::of_marks("", text, |_| Ok(Entry::default())).ok()?;
    let has_marks = !source.stages().is_empty();
    has_marks.then(|| source.cut(|_| Cut::Bare))
}

fn has_no_entry(file: &str, mark: &str, count: usize) -> String {
    match count {
        1 => format!(
            "[{mark}] has no entry in {FILE}: write `## {file}: {mark}` there, and below it what the stage does"
        ),
        _ => format!(
            "{FILE} has fewer entries of [{mark}] than there are marks: write one more `## {file}: {mark}` there, in the order of the marks"
        ),
    }
}

fn has_no_mark(entry: &Entry, has_others: bool) -> String {
    let Entry { file, name, .. } = entry;
    match has_others {
        false => format!(
            "{file} has no mark [{name}]: write `// [{name}]` and `// [end {name}]` around its lines, or take this entry away"
        ),
        true => format!(
            "{file} has fewer marks [{name}] than there are entries: mark the lines that this entry is about, or take it away"
        ),
    }
}

/// A line that means something to the cutter.
enum Mark<'a> {
    Open(&'a str),
    End(&'a str),
    /// Both in one line.
    Empty(&'a str),
}

impl Mark<'_> {
    fn of(line: &str) -> Option<Mark<'_>> {
        let inside = line.trim().strip_prefix("// [")?.strip_suffix(']')?;
        let (name, mark) = match (inside.strip_prefix("end "), inside.split_once("] [end ")) {
            (Some(name), _) => (name, Mark::End(name)),
            (None, Some((name, end))) if name == end => (name, Mark::Empty(name)),
            (None, _) => (inside, Mark::Open(inside)),
        };
        is_name(name).then_some(mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "\
fn main() {
    // [greet]
    hello();
    // [name]
    whom(\"Ada\");
    // [end name]
    // [end greet]
    // [bye]
    bye();
    // [end bye]
    // [quit] [end quit]
}
";

    const STAGES: &str = "\
# Stages

## server.rs: greet

Say hello.

## server.rs: name

Say whom you greet.

```rust
whom(\"you\");
```

## server.rs: bye (given)

Say goodbye.

## server.rs: quit

Let it end by itself.

```rust
if late() {
    quit();
}
```

## 10.html: send

Send it.
";

    fn stages(text: &str) -> Stages {
        Stages::parse(text).unwrap()
    }

    fn source() -> Source {
        Source::parse("server.rs", SOURCE, &stages(STAGES)).unwrap()
    }

    fn cut(choose: impl Fn(&Stage) -> Cut) -> String {
        source().cut(choose)
    }

    #[test]
    fn whole_is_the_same_bytes() {
        assert_eq!(cut(|_| Cut::Whole), SOURCE);
    }

    #[test]
    fn the_starter_has_todos_and_what_is_given() {
        let until_then = "    if late() {\n        quit();\n    }\n";
        assert_eq!(
            source().starter(),
            format!(
                "fn main() {{\n    // TODO: Say hello.\n    // Say goodbye.\n    bye();\n    // TODO: Let it end by itself.\n{until_then}}}\n"
            )
        );
    }

    #[test]
    fn a_stage_replaces_what_stood_before() {
        let text = cut(|stage| {
            if stage.name == "name" {
                Cut::Absent
            } else {
                Cut::Given
            }
        });
        assert!(
            text.contains("    hello();\n    whom(\"you\");\n"),
            "{text}"
        );
        assert!(!text.contains("Ada"), "{text}");
    }

    #[test]
    fn bare_is_the_finished_program_without_a_word_of_the_marks() {
        assert_eq!(
            cut(|_| Cut::Bare),
            "fn main() {\n    hello();\n    whom(\"Ada\");\n    bye();\n}\n"
        );
    }

    #[test]
    fn each_line_knows_its_stage() {
        let source = source();
        let stages: Vec<Option<&str>> = source
            .lines(|_| Cut::Bare)
            .iter()
            .map(|line| line.stage.map(|stage| stage.name.as_str()))
            .collect();
        let expected = [None, Some("greet"), Some("name"), Some("bye"), None];
        assert_eq!(stages, expected);
    }

    /// A learner's task is whole, whatever a walkthrough makes of it.
    #[test]
    fn what_is_given_inside_of_a_stage_is_a_part_of_it() {
        let given = STAGES.replace("server.rs: name", "server.rs: name (given)");
        let source = Source::parse("server.rs", SOURCE, &stages(&given)).unwrap();
        let lines = source.lines(|_| Cut::Bare);
        let stage = lines[2].stage.map(|stage| stage.name.as_str());
        assert_eq!(
            (lines[2].text.trim(), stage),
            ("whom(\"Ada\");", Some("greet"))
        );
    }

    #[test]
    fn a_page_leaves_room_for_the_line() {
        let text = "a\n  // [send]\n  emit();\n  // [end send]\nb\n";
        let source = Source::parse("10.html", text, &stages(STAGES)).unwrap();
        assert_eq!(source.starter(), "a\n  // TODO: Send it.\n\nb\n");
    }

    #[test]
    fn a_copy_of_the_solution_loses_its_marks() {
        assert_eq!(without_marks(SOURCE), Some(cut(|_| Cut::Bare)));
        for own in [
            "fn main() {}\n",
            "// [greet]\n",
            "// [end greet]\n",
            "// [1]\n// [end 1]\n",
        ] {
            assert_eq!(without_marks(own), None, "{own}");
        }
    }

    fn error(text: &str, entries: &str) -> String {
        let source = Source::parse("server.rs", text, &stages(entries));
        source.unwrap_err().to_string()
    }

    #[test]
    fn a_wrong_mark_names_its_line() {
        let error = |text| error(text, "## server.rs: a\n\nOne.\n");
        assert_eq!(
            error("\n// [a]\n"),
            "server.rs:2: [a] has no [end a]: write it below the last line of the stage"
        );
        assert_eq!(
            error("// [a]\n// [end b]\n"),
            "server.rs:2: [end b] closes a stage that is not open: write `// [b]` above the first line of its stage"
        );
        assert_eq!(
            error("// [a]\n// [a]\n"),
            "server.rs:2: [a] is open already: close it first"
        );
    }

    #[test]
    fn a_mark_without_an_entry_names_its_line() {
        let twice = "// [a]\n// [end a]\n\n// [a]\n// [end a]\n";
        assert_eq!(
            error("\n// [a]\n// [end a]\n", "## 10.html: a\n\nOne.\n"),
            "server.rs:2: [a] has no entry in stages.md: write `## server.rs: a` there, and below it what the stage does"
        );
        assert_eq!(
            error(twice, "## server.rs: a\n\nOne.\n"),
            "server.rs:4: stages.md has fewer entries of [a] than there are marks: write one more `## server.rs: a` there, in the order of the marks"
        );
    }

    #[test]
    fn an_entry_without_a_mark_names_its_line() {
        let twice = "## server.rs: a\n\nOne.\n\n## server.rs: a\n\nTwo.\n";
        assert_eq!(
            error("fn main() {}\n", twice),
            "stages.md:1: server.rs has no mark [a]: write `// [a]` and `// [end a]` around its lines, or take this entry away"
        );
        assert_eq!(
            error("// [a] [end a]\n", twice),
            "stages.md:5: server.rs has fewer marks [a] than there are entries: mark the lines that this entry is about, or take it away"
        );
    }

    #[test]
    fn marks_of_one_name_have_their_entries_in_order() {
        let entries = stages("## server.rs: a\n\nOne.\n\n## server.rs: a (given)\n\nTwo.\n");
        let source = Source::parse("server.rs", "// [a] [end a]\n// [a] [end a]\n", &entries);
        let source = source.unwrap();
        let said = source.stages().into_iter();
        let said: Vec<_> = said
            .map(|stage| (stage.sentence.as_str(), stage.given))
            .collect();
        assert_eq!(said, [("One.", false), ("Two.", true)]);
    }
}
