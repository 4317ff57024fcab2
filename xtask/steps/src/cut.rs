//! One source for a step: its solution. Marks in the solution's comments cut it into stages, and the starter is what is
//! left without them.
//!
//! A stage reads like this, in Rust as in the script of a page:
//!
//! ```text
//! // [relay] When `spy` comes from one browser, send it on to all the others.
//! the lines of the stage
//! // [end relay]
//! ```
//!
//! Its sentence becomes the starter's TODO. Three things refine it:
//!
//! - A stage may hold other stages; without the outer one, the inner ones are not there either.
//! - `// Before: code` inside a stage is what stands there as long as the stage has not come: a wrong turn, say.
//! - `// [listen, given] …` is there in the starter, too; only a walkthrough begins without it. Inside of another stage it
//!   is a part of that stage for a learner, and a stage of its own for a walkthrough.
//!
//! Nothing else is a mark. The text between the marks is never interpreted.

use std::fmt;

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
    closing: String,
    before: Vec<Before>,
    body: Vec<Part>,
}

/// A line of a stage that stands only until the stage comes.
#[derive(Debug)]
struct Before {
    /// The line of the comment, as it is in the solution.
    comment: String,
    code: String,
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

/// A mark that cannot be right.
#[derive(Debug, PartialEq, Eq)]
pub struct BadMark {
    /// The line of the mark, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for BadMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for BadMark {}

impl Source {
    /// Cuts the text of the file `name` at its marks.
    ///
    /// # Errors
    /// The first mark that is opened twice, not closed, or closed where it is not open.
    pub fn parse(name: &str, text: &str) -> Result<Source, BadMark> {
        let mut open: Vec<(Stage, usize)> = Vec::new();
        let mut top = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let bad = |what: String| BadMark {
                line: index + 1,
                what,
            };
            let part = match (Mark::of(line), open.last_mut()) {
                (
                    Some(Mark::Open {
                        name,
                        given,
                        sentence,
                    }),
                    _,
                ) => {
                    if open.iter().any(|(stage, _)| stage.name == name) {
                        return Err(bad(format!("[{name}] is open already")));
                    }
                    let mut stage = Stage::opened(name, given, sentence, line);
                    stage.is_inner = !open.is_empty();
                    open.push((stage, index + 1));
                    continue;
                }
                (Some(Mark::Before(code)), Some((stage, _))) => {
                    let code = if code.is_empty() {
                        String::new()
                    } else {
                        format!("{}{code}", stage.indent)
                    };
                    stage.before.push(Before {
                        comment: line.to_owned(),
                        code,
                    });
                    continue;
                }
                (Some(Mark::Before(_)), None) => {
                    return Err(bad("`Before:` is outside of a stage".into()));
                }
                (Some(Mark::End(name)), _) => match open.pop() {
                    Some((mut stage, _)) if stage.name == name => {
                        stage.closing = line.to_owned();
                        Part::Stage(stage)
                    }
                    _ => return Err(bad(format!("[end {name}] closes a stage that is not open"))),
                },
                (None, _) => Part::Line(line.to_owned()),
            };
            open.last_mut()
                .map_or(&mut top, |(stage, _)| &mut stage.body)
                .push(part);
        }
        match open.pop() {
            Some((stage, line)) => Err(BadMark {
                line,
                what: format!("[{}] has no [end {0}]", stage.name),
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
            let before = stage.before().map(|code| of_stage(code.to_owned()));
            match choose(stage) {
                Cut::Whole => {
                    lines.push(of_stage(stage.opening.clone()));
                    let comments = stage.before.iter().map(|before| before.comment.clone());
                    lines.extend(comments.map(of_stage));
                    self.write(&stage.body, Some(owner), choose, lines);
                    lines.push(of_stage(stage.closing.clone()));
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
    fn opened(name: String, given: bool, sentence: String, line: &str) -> Stage {
        let indent = line[..line.len() - line.trim_start().len()].to_owned();
        Stage {
            name,
            sentence,
            given,
            is_inner: false,
            indent,
            opening: line.to_owned(),
            closing: String::new(),
            before: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The line of the starter that asks for it.
    pub fn todo(&self) -> String {
        format!("{}// TODO: {}", self.indent, self.sentence)
    }

    /// The lines that stand in its place as long as it has not come.
    pub fn before(&self) -> impl Iterator<Item = &str> {
        self.before.iter().map(|before| before.code.as_str())
    }
}

/// A line that means something to the cutter.
enum Mark {
    Open {
        name: String,
        given: bool,
        sentence: String,
    },
    Before(String),
    End(String),
}

impl Mark {
    fn of(line: &str) -> Option<Mark> {
        let comment = line.trim_start().strip_prefix("// ")?;
        if let Some(code) = comment.strip_prefix("Before:") {
            // One blank belongs to the mark; those after it are the code's own.
            return Some(Mark::Before(
                code.strip_prefix(' ').unwrap_or(code).to_owned(),
            ));
        }
        let (inside, sentence) = comment.strip_prefix('[')?.split_once(']')?;
        let is_word = |word: &str| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
        };
        match inside.strip_prefix("end ") {
            Some(name) if is_word(name) && sentence.is_empty() => Some(Mark::End(name.to_owned())),
            Some(_) => None,
            None => {
                let (name, given) = inside
                    .strip_suffix(", given")
                    .map_or((inside, false), |name| (name, true));
                let sentence = sentence.trim();
                (is_word(name) && !sentence.is_empty()).then(|| Mark::Open {
                    name: name.to_owned(),
                    given,
                    sentence: sentence.to_owned(),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "\
fn main() {
    // [greet] Say hello.
    hello();
    // [name] Say whom you greet.
    // Before: whom(\"you\");
    whom(\"Ada\");
    // [end name]
    // [end greet]
    // [bye, given] Say goodbye.
    bye();
    // [end bye]
}
";

    fn cut(choose: impl Fn(&Stage) -> Cut) -> String {
        Source::parse("server.rs", SOURCE).unwrap().cut(choose)
    }

    #[test]
    fn whole_is_the_same_bytes() {
        assert_eq!(cut(|_| Cut::Whole), SOURCE);
    }

    #[test]
    fn the_starter_has_todos_and_what_is_given() {
        let starter = Source::parse("server.rs", SOURCE).unwrap().starter();
        assert_eq!(
            starter,
            "fn main() {\n    // TODO: Say hello.\n    // Say goodbye.\n    bye();\n}\n"
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
        let source = Source::parse("server.rs", SOURCE).unwrap();
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
        let text = SOURCE.replace("[name]", "[name, given]");
        let source = Source::parse("server.rs", &text).unwrap();
        let lines = source.lines(|_| Cut::Bare);
        let stage = lines[2].stage.map(|stage| stage.name.as_str());
        assert_eq!(
            (lines[2].text.trim(), stage),
            ("whom(\"Ada\");", Some("greet"))
        );
    }

    #[test]
    fn a_page_leaves_room_for_the_line() {
        let source = Source::parse(
            "10.html",
            "a\n  // [send] Send it.\n  emit();\n  // [end send]\nb\n",
        )
        .unwrap();
        assert_eq!(source.starter(), "a\n  // TODO: Send it.\n\nb\n");
    }

    #[test]
    fn a_wrong_mark_names_its_line() {
        let error = |text| Source::parse("server.rs", text).unwrap_err().to_string();
        assert_eq!(error("\n// [a] One.\n"), "line 2: [a] has no [end a]");
        assert_eq!(
            error("// [a] One.\n// [end b]\n"),
            "line 2: [end b] closes a stage that is not open"
        );
        assert_eq!(
            error("// [a] One.\n// [a] Two.\n"),
            "line 2: [a] is open already"
        );
        assert_eq!(
            error("// Before: x\n"),
            "line 1: `Before:` is outside of a stage"
        );
    }
}
