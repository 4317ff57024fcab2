//! What follows from the solutions: the starters, which are the solutions without their stages, and the style of every page.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use show::root;

use crate::cut::Source;
use crate::stages::Stages;
use crate::step::{STEPS, Step, Whose};

/// A file as it is generated: of a starter, as its solution would have it, or a page with the workshop's style.
pub struct File {
    /// Where it belongs.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

impl File {
    fn text_on_disk(&self) -> Option<String> {
        std::fs::read_to_string(&self.path).ok()
    }

    /// Whether the file on disk is this one.
    pub fn is_on_disk(&self) -> bool {
        self.text_on_disk().as_deref() == Some(self.text.as_str())
    }

    /// Whether the file is as its solution would have it: on disk, or as it was committed. A learner's file is theirs, and
    /// not stale.
    pub fn is_current(&self) -> bool {
        self.is_on_disk() || committed(&self.path).as_deref() == Some(self.text.as_str())
    }
}

/// The starter's files of every step.
///
/// # Errors
/// A mark that cannot be right, or its entry; or a file that cannot be read.
pub fn starters() -> Result<Vec<File>> {
    let mut starters = Vec::new();
    for step in STEPS {
        starters.extend(starter_of(*step)?);
    }
    Ok(starters)
}

/// The starter's files of one step.
///
/// # Errors
/// As [`starters`].
pub fn starter_of(step: Step) -> Result<Vec<File>> {
    let stages = Stages::of(step)?;
    let names = step.files().into_iter();
    names.map(|name| starter(step, &name, &stages)).collect()
}

fn starter(step: Step, name: &str, stages: &Stages) -> Result<File> {
    let solution = root().join(step.folder(Whose::Solution)).join(name);
    let text = with_style(name, &read(&solution)?)?;
    let source = Source::parse(name, &text, stages).map_err(|bad| bad.of_step(step))?;
    Ok(File {
        path: root().join(step.folder(Whose::Learner)).join(name),
        text: source.starter(),
    })
}

/// The pages of the solutions, with the workshop's style as it is now.
///
/// # Errors
/// When a file cannot be read, or has no place for the style.
pub fn pages() -> Result<Vec<File>> {
    let mut pages = Vec::new();
    for step in STEPS {
        let Some(name) = step.page() else { continue };
        let path = root().join(step.folder(Whose::Solution)).join(&name);
        let text = with_style(&name, &read(&path)?)?;
        pages.push(File { path, text });
    }
    Ok(pages)
}

/// The line after which the workshop's style stands in a page, up to the end of that block.
const STYLE: &str =
    "/* The workshop's style, the same in every page. It is written in solutions/style.css. */\n";

/// A page, with the workshop's style in its place. Any other file as it is.
fn with_style(name: &str, text: &str) -> Result<String> {
    if !name.ends_with(".html") {
        return Ok(text.to_owned());
    }
    let style = read(&root().join("solutions/style.css"))?;
    let around = text.split_once(STYLE);
    let (before, rest) = around.with_context(|| format!("{name} has no line {STYLE}"))?;
    let end = rest.find("</style>");
    let end = end.with_context(|| format!("the style of {name} does not end"))?;
    Ok([before, STYLE, &style, &rest[end..]].concat())
}

fn read(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path);
    text.with_context(|| format!("{} could not be read", show::path(path)))
}

/// The text of a file as it was committed last; `None` where git or the file is not there.
pub fn committed(path: &Path) -> Option<String> {
    let name = path.strip_prefix(root()).ok()?.to_str()?.replace('\\', "/");
    let shown = Command::new("git")
        .args(["show", &format!("HEAD:./{name}")])
        .current_dir(root())
        .output()
        .ok()?;
    shown
        .status
        .success()
        .then(|| String::from_utf8(shown.stdout).ok())?
}
