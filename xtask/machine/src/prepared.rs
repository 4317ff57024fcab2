//! What can be built before a lesson: every program and every part of the tool, as the commands would build it later.
//!
//! It is built by the very commands that are used later: another set of packages may mean other features of the libraries,
//! and cargo would build those once more, in the middle of a lesson.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use steps::step::{STEPS, Whose};

use crate::compile::Target;

/// The parts of the tool, and what each is for.
const TOOLS: &[(&str, &str)] = &[
    ("learn", "check, watch and hint"),
    ("live", "walk and catch-up"),
    ("present", "walk --present"),
    ("class", "class"),
    ("measure", "load, farm and attack"),
    ("upkeep", "prepare and test"),
];

/// Something to be built, and what for.
pub struct Part {
    /// How.
    pub target: Target,
    /// What for, in a few words.
    pub what: String,
}

/// All that can be built: the tool's parts, each step's two programs, and those that are put under load.
pub fn parts() -> Vec<Part> {
    let tools = TOOLS.iter().map(|(name, what)| Part {
        target: Target {
            package: (*name).into(),
            ..Target::workshop(*name)
        },
        what: (*what).into(),
    });
    let both = [Whose::Solution, Whose::Learner];
    let programs = STEPS
        .iter()
        .flat_map(|step| both.map(|whose| (step, Target::workshop(step.binary(whose)))));
    let plain = programs.clone().map(|(step, target)| Part {
        target,
        what: format!("run {}", step.number),
    });
    let loaded = programs.filter(|(step, _)| step.has(steps::step::Ability::Moves));
    let optimised = loaded.map(|(step, target)| Part {
        target: target.optimised(),
        what: format!("load {}, and the same for attack and bench", step.number),
    });
    tools.chain(plain).chain(optimised).collect()
}

impl Part {
    /// Where it is once it is built, if it is built beside this program.
    fn path(&self, here: &Path) -> Option<PathBuf> {
        let profile = match self.target.is_optimised {
            true => "release",
            false => "debug",
        };
        let name = format!("{}{}", self.target.binary, std::env::consts::EXE_SUFFIX);
        Some(here.parent()?.with_file_name(profile).join(name))
    }
}

/// What of all this is not built yet.
///
/// # Errors
/// When this program does not find itself.
pub fn missing() -> Result<Vec<Part>> {
    let here = std::env::current_exe().context("the tool does not find itself")?;
    let mut parts = parts();
    parts.retain(|part| part.path(&here).is_none_or(|path| !path.exists()));
    Ok(parts)
}
