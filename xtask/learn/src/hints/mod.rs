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
use show::root;
use steps::code::{self, Code};
use steps::learner::File;
use steps::step::{STEPS, Step, Whose};
use steps::tasks::{self, Place};

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
/// An entry without exactly two paragraphs.
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
        bail!("## {} needs exactly two paragraphs", stage.trim());
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
    let has_begun = tasks::has_begun(step, files)?;
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
        let places = tasks::places(*step, &[]).ok()?;
        let hint = hints
            .find(|hint| hint.means(diagnosis) && !tasks::stands_in(&own, &places, &hint.stage))?;
        Some((*step, hint))
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
mod tests;
