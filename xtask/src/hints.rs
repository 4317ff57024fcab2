//! The hints of a step: `solutions/10-spy/hints.md`, and which of them a learner needs now.
//!
//! A hint has three degrees: where to look, what to use, and the code itself. The file holds the first two, for each stage
//! that the learner writes, in the order of the step's files; the third is cut from the solution.
//!
//! ```text
//! ## object: two-values, wrong-shape
//!
//! The first degree, a paragraph.
//!
//! The second degree, a paragraph.
//! ```
//!
//! After the colon are the causes that mean this stage. Stages of one name share an entry.

use anyhow::{Context, Result, anyhow, bail};

use crate::code::{self, Code};
use crate::cut::{Cut, Source, Stage};
use crate::learner::File;
use crate::show;
use crate::step::{STEPS, Step, Whose, root};

/// An entry of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The name of the stage.
    pub stage: String,
    /// The causes that mean it.
    pub diagnoses: Vec<String>,
    /// Where to look.
    pub first: String,
    /// What to use.
    pub second: String,
}

/// The hints of a step.
///
/// # Errors
/// When the file cannot be read, or is not what it should be.
pub fn of_step(step: Step) -> Result<Vec<Hint>> {
    let path = root().join(step.folder(Whose::Solution)).join("hints.md");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("{} could not be read", show::path(&path)))?;
    parse(&text).with_context(|| show::path(&path))
}

/// The entries of a file's text.
///
/// # Errors
/// An entry that has not two paragraphs.
pub fn parse(text: &str) -> Result<Vec<Hint>> {
    let entries = text.split("\n## ").skip(1);
    let first = text.strip_prefix("## ").map(|text| {
        let end = text.find("\n## ").unwrap_or(text.len());
        &text[..end]
    });
    first.into_iter().chain(entries).map(entry).collect()
}

fn entry(text: &str) -> Result<Hint> {
    let (heading, body) = text.split_once('\n').unwrap_or((text, ""));
    let (stage, diagnoses) = heading.split_once(':').unwrap_or((heading, ""));
    let body = body.replace('\r', "");
    let paragraphs: Vec<String> = body
        .split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|paragraph| !paragraph.is_empty())
        .collect();
    let Ok([first, second]) = <[String; 2]>::try_from(paragraphs) else {
        bail!("## {} has not two paragraphs", stage.trim());
    };
    let diagnoses = diagnoses.split(',').map(str::trim);
    Ok(Hint {
        stage: stage.trim().to_owned(),
        diagnoses: diagnoses
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .collect(),
        first,
        second,
    })
}

/// What a learner writes in one file of a step.
pub struct Tasks {
    /// The name of the file.
    pub file: String,
    source: Source,
}

/// The files of a step's solution, cut at their marks.
///
/// # Errors
/// When a file cannot be read, or a mark cannot be right.
pub fn tasks(step: Step) -> Result<Vec<Tasks>> {
    let folder = root().join(step.folder(Whose::Solution));
    let of_file = |name: String| {
        let path = folder.join(&name);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("{} could not be read", show::path(&path)))?;
        let source = Source::parse(&name, &text).with_context(|| show::path(&path))?;
        Ok(Tasks { file: name, source })
    };
    step.files().into_iter().map(of_file).collect()
}

impl Tasks {
    /// The solution.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The stages that the learner writes, outer ones before those that they hold.
    pub fn stages(&self) -> impl Iterator<Item = &Stage> {
        let stages = self.source.stages().into_iter();
        stages.filter(|stage| !stage.given)
    }
}

/// One place where a task is to be done, beside the learner's file.
pub struct Place {
    /// The name of the file.
    pub file: String,
    /// The name of the stage.
    pub name: String,
    /// What is to be done, as a sentence.
    pub sentence: String,
    /// The finished code.
    pub code: Vec<String>,
    /// What stands there until then.
    pub before: Vec<String>,
    /// The line of the learner's file where the TODO stands, counted from 1; else where that stands which is replaced.
    pub line: Option<usize>,
    /// The line of the solution's file where the code begins.
    pub solution: usize,
    /// Whether the TODO is still there.
    pub is_open: bool,
    /// Whether the finished code is.
    pub is_done: bool,
}

/// Every place of a step, beside the learner's files: the server's, then the page's.
///
/// # Errors
/// When the solution cannot be read.
pub fn places(step: Step, files: &[File]) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    for tasks in tasks(step)? {
        let file = files.iter().find(|file| file.name == tasks.file);
        let text = file
            .and_then(|file| file.text.as_deref().ok())
            .unwrap_or_default();
        let own = Own {
            text,
            code: code::of(text.lines()),
        };
        for stage in tasks.stages() {
            places.push(place(&tasks, stage, &own));
        }
    }
    Ok(places)
}

/// Whether the solution of `step` still has the code of a stage, as an earlier step built it at `places`.
///
/// # Errors
/// When the solution cannot be read.
pub fn solution_holds(step: Step, places: &[Place], stage: &str) -> Result<bool> {
    let mut now = Vec::new();
    for tasks in tasks(step)? {
        let text = tasks.source.cut(|_| Cut::Bare);
        now.push(code::of(text.lines()));
    }
    Ok(stands_in(&now, places, stage))
}

/// Whether a file of the learner's says something else than the starter does.
///
/// # Errors
/// When the solution cannot be read.
pub fn has_begun(step: Step, files: &[File]) -> Result<bool> {
    let says = |text: &str| -> Vec<String> {
        let lines = code::of(text.lines()).into_iter();
        lines.map(|line| line.code).collect()
    };
    let tasks = tasks(step)?;
    Ok(files.iter().any(|file| {
        let tasks = tasks.iter().find(|tasks| tasks.file == file.name);
        match (&file.text, tasks) {
            (Ok(text), Some(tasks)) => says(text) != says(&tasks.source.starter()),
            _ => true,
        }
    }))
}

/// The learner's text, and its code.
struct Own<'a> {
    text: &'a str,
    code: Vec<Code>,
}

fn place(tasks: &Tasks, stage: &Stage, own: &Own) -> Place {
    let finished = tasks.source.code_of(stage);
    let wanted = code::of(finished.iter().map(String::as_str));
    let before: Vec<String> = stage.before().map(str::to_owned).collect();
    let replaced = code::of(before.iter().map(String::as_str));
    let todo = stage.todo();
    let todo = own.text.lines().position(|line| line.trim() == todo.trim());
    let replaced = code::position(&own.code, &replaced).map(|at| own.code[at].index);
    Place {
        file: tasks.file.clone(),
        name: stage.name.clone(),
        sentence: stage.sentence.clone(),
        code: finished,
        before,
        line: todo.or(replaced).map(|index| index + 1),
        solution: line_of(&tasks.source, stage),
        is_open: todo.is_some(),
        is_done: code::position(&own.code, &wanted).is_some(),
    }
}

/// The line below a stage's mark, counted from 1.
fn line_of(source: &Source, stage: &Stage) -> usize {
    let lines = source.lines(|_| Cut::Whole);
    let of_stage = |line: &crate::cut::Line| {
        line.stage.is_some_and(|of| std::ptr::eq(of, stage)) && !line.text.trim().starts_with("//")
    };
    lines.iter().position(of_stage).map_or(1, |index| index + 1)
}

/// What a hint is about.
pub enum About {
    /// A stage of this step, or of an earlier one that built what no longer works.
    Task {
        /// The step that the stage belongs to.
        step: Step,
        /// The entry.
        hint: Hint,
    },
    /// The cause that the last check named means no stage. The stage that comes next, if one does.
    General(Option<Hint>),
    /// Nothing has failed, and all the code of the solution is there.
    Done,
}

/// Chooses: the stage that the last check's cause means; where it means none, the first that is not there yet.
///
/// # Errors
/// When the hints cannot be read.
pub fn choose(
    step: Step,
    files: &[File],
    places: &[Place],
    diagnosis: Option<&str>,
) -> Result<About> {
    let hints = of_step(step)?;
    let has_begun = has_begun(step, files)?;
    // A check of the untouched starter names what it came upon first. Whoever has begun nothing begins at the beginning.
    if let Some(id) = diagnosis.filter(|_| has_begun) {
        // A task that stands there as in the solution is not what is wrong, whatever the cause most often means.
        let mut own = hints.iter().filter(|hint| hint.means(id));
        let own = own.find(|hint| !is_done(places, &hint.stage));
        let own = own.map(|hint| (step, hint.clone()));
        if let Some((step, hint)) = own.or_else(|| earlier(step, files, id)) {
            return Ok(About::Task { step, hint });
        }
    }
    let next = match next(places) {
        Some(name) => {
            let mut entries = hints.into_iter();
            let entry = entries.find(|hint| hint.stage == name);
            Some(entry.ok_or_else(|| anyhow!("hints.md of {} has no ## {name}", step.name()))?)
        }
        None => None,
    };
    Ok(match (next, diagnosis) {
        (Some(hint), None) => About::Task { step, hint },
        (Some(hint), Some(_)) if !has_begun => About::Task { step, hint },
        (None, None) => About::Done,
        (next, Some(_)) => About::General(next),
    })
}

impl Hint {
    fn means(&self, diagnosis: &str) -> bool {
        self.diagnoses.iter().any(|id| id == diagnosis)
    }
}

fn is_done(places: &[Place], stage: &str) -> bool {
    let mut same = places.iter().filter(|place| place.name == stage);
    same.all(|place| place.is_done)
}

/// The stage of the latest earlier step that a cause means, if the learner has not its very code.
fn earlier(step: Step, files: &[File], diagnosis: &str) -> Option<(Step, Hint)> {
    let texts = files.iter().filter_map(|file| file.text.as_deref().ok());
    let own: Vec<Vec<Code>> = texts.map(|text| code::of(text.lines())).collect();
    let before = STEPS.iter().rev().filter(|it| it.number < step.number);
    before.into_iter().find_map(|step| {
        let mut hints = of_step(*step).ok()?.into_iter();
        let places = places(*step, &[]).ok()?;
        let hint =
            hints.find(|hint| hint.means(diagnosis) && !stands_in(&own, &places, &hint.stage))?;
        Some((*step, hint))
    })
}

/// Whether all the code of a stage stands in these texts.
fn stands_in(texts: &[Vec<Code>], places: &[Place], stage: &str) -> bool {
    let mut same = places.iter().filter(|place| place.name == stage);
    same.all(|place| {
        let wanted = code::of(place.code.iter().map(String::as_str));
        texts
            .iter()
            .any(|text| code::position(text, &wanted).is_some())
    })
}

/// The name of the stage to write next. What is imported comes last: it is of use when something uses it. A stage whose
/// TODO is gone may be done in another way.
fn next(places: &[Place]) -> Option<&str> {
    let missing = places.iter().filter(|place| !place.is_done);
    let first = missing.min_by_key(|place| (!place.is_open, place.name == "names"));
    first.map(|place| place.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# Hints

## names

Look up.
Still up.

Use `use`.

## relay: event-not-handled, echo-only

Where?

What.
";

    #[test]
    fn an_entry_has_two_paragraphs() {
        let hints = parse(TEXT).unwrap();
        assert_eq!(hints.len(), 2);
        assert_eq!(hints[0].stage, "names");
        assert_eq!(hints[0].first, "Look up. Still up.");
        assert!(hints[0].diagnoses.is_empty());
        assert_eq!(hints[1].diagnoses, ["event-not-handled", "echo-only"]);
        assert_eq!(hints[1].second, "What.");
        assert_eq!(parse(&TEXT.replace('\n', "\r\n")).unwrap(), hints);
        assert_eq!(parse(&TEXT["# Hints\n\n".len()..]).unwrap(), hints);
    }

    #[test]
    fn another_number_of_paragraphs_is_an_error() {
        for text in [
            "## a\n",
            "## a\n\nOne.\n",
            "## a\n\nOne.\n\nTwo.\n\nThree.\n",
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert_eq!(error, "## a has not two paragraphs");
        }
    }

    fn step(number: &str) -> Step {
        Step::parse(number).unwrap()
    }

    fn own(step: Step, text: &str) -> Vec<Place> {
        let file = File {
            step,
            name: "server.rs".into(),
            text: Ok(text.to_owned()),
        };
        places(step, &[file]).unwrap()
    }

    fn solution(step: Step, choose: impl Fn(&Stage) -> Cut) -> String {
        tasks(step).unwrap()[0].source.cut(choose)
    }

    #[test]
    fn of_the_starter_every_place_is_open_and_none_done() {
        for step in STEPS {
            let starter = tasks(*step).unwrap()[0].source.starter();
            for place in own(*step, &starter)
                .iter()
                .filter(|it| it.file == "server.rs")
            {
                let inner = place.line.is_none();
                assert!(!place.is_done, "{}: {}", step.name(), place.name);
                assert_eq!(place.is_open, !inner, "{}: {}", step.name(), place.name);
            }
        }
    }

    #[test]
    fn of_the_solution_every_place_is_done() {
        for step in STEPS {
            let places = own(*step, &solution(*step, |_| Cut::Bare));
            for place in places.iter().filter(|it| it.file == "server.rs") {
                assert!(place.is_done, "{}: {}", step.name(), place.name);
            }
        }
    }

    #[test]
    fn what_is_imported_comes_last() {
        let starter = tasks(step("7")).unwrap()[0].source.starter();
        assert_eq!(next(&own(step("7"), &starter)), Some("state"));
        let all_but_names = solution(step("7"), |stage| match stage.name.as_str() {
            "names" => Cut::Todo,
            _ => Cut::Bare,
        });
        assert_eq!(next(&own(step("7"), &all_but_names)), Some("names"));
    }

    #[test]
    fn a_place_names_the_line_of_its_todo_or_of_what_it_replaces() {
        let wrong_turn = solution(step("10"), |stage| match stage.name.as_str() {
            "object" => Cut::Absent,
            _ => Cut::Bare,
        });
        let places = own(step("10"), &wrong_turn);
        let object = places.iter().find(|place| place.name == "object").unwrap();
        let line = object.line.unwrap();
        let text = wrong_turn.lines().nth(line - 1).unwrap();
        assert!(text.contains(r#"json!(["spy", x, y])"#), "{text}");
        assert!(!object.is_open && !object.is_done);
    }
}
