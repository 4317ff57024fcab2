//! The hints lead where they say: each task has its entry, each entry its degrees, and a wrong program gets the right one.

use std::collections::BTreeSet;

use checks::Diagnosis;
use learn::hints::{self, About, Hint};
use libtest_mimic::{Failed, Trial};
use steps::learner::File;
use steps::step::{STEPS, Step};
use steps::{code, tasks};

use crate::corpus::{self, Program};

pub fn trials() -> Vec<Trial> {
    let of_step = |step: &Step| {
        let step = *step;
        let name = step.name();
        [
            Trial::test(format!("hints-of-{name}"), move || hints_of(step)),
            Trial::test(format!("hints-find-the-task-of-{name}"), move || find(step)),
        ]
    };
    STEPS.iter().flat_map(of_step).collect()
}

/// Each task has an entry, in order; its causes are causes; and no paragraph holds the code, which is the third degree.
fn hints_of(step: Step) -> Result<(), Failed> {
    let hints = hints::of_step(step).map_err(|error| format!("{error:#}"))?;
    let places = tasks::places(step, &[]).map_err(|error| format!("{error:#}"))?;
    let mut names: Vec<&str> = Vec::new();
    for place in &places {
        if !names.contains(&place.name.as_str()) {
            names.push(&place.name);
        }
    }
    let entries: Vec<&str> = hints.iter().map(|hint| hint.stage.as_str()).collect();
    if entries != names {
        return Err(format!("the tasks are {names:?}, and the entries {entries:?}").into());
    }
    let known: BTreeSet<&str> = Diagnosis::all().map(|it| it.id()).collect();
    for hint in &hints {
        if let Some(id) = hint
            .diagnoses
            .iter()
            .find(|id| !known.contains(id.as_str()))
        {
            return Err(format!("## {}: there is no cause {id}", hint.stage).into());
        }
        let own = places.iter().filter(|place| place.name == hint.stage);
        let lines = own.flat_map(|place| code::of(place.code.iter().map(String::as_str)));
        if let Some(line) = lines
            .map(|line| line.code)
            .find(|line| gives_away(hint, line))
        {
            return Err(format!("## {} gives away `{line}`", hint.stage).into());
        }
    }
    Ok(())
}

/// Whether a hint holds a line of the code. A hint may name what is to be used: an import, or a function.
fn gives_away(hint: &Hint, line: &str) -> bool {
    let is_told = hint.first.contains(line) || hint.second.contains(line);
    is_told && line.len() >= A_LINE && !line.starts_with("use ")
}

/// From how many letters on a line of code is more than a name.
const A_LINE: usize = 20;

/// Of a program that lacks one task, the check's cause leads to the hint about it.
fn find(step: Step) -> Result<(), Failed> {
    let lack = corpus::all()
        .into_iter()
        .filter(|program| program.step == step && program.fails.is_some());
    let places = tasks::places(step, &[]).map_err(|error| format!("{error:#}"))?;
    // What is given with the step is nobody's task.
    let is_task = |stage: &&String| places.iter().any(|place| place.name == **stage);
    let mut wrong = String::new();
    for program in lack {
        if let Some(stage) = program.without.as_ref().filter(is_task) {
            let found = found(&program)?;
            if found.as_deref() != Some(stage) {
                let name = &program.name;
                wrong += &format!("\n{name} lacks {stage}; the hint is about {found:?}");
            }
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.into()),
    }
}

fn found(program: &Program) -> Result<Option<String>, Failed> {
    let step = program.step;
    let texts = program.files.iter().flatten();
    let files: Vec<File> = texts
        .map(|(name, text)| File {
            step,
            name: name.clone(),
            text: Ok(text.clone()),
        })
        .collect();
    let cause = program.fails.as_ref().map(|fails| fails.diagnosis.as_str());
    let about = tasks::places(step, &files)
        .and_then(|places| hints::choose(step, &files, &places, cause))
        .map_err(|error| format!("{error:#}"))?;
    Ok(match about {
        About::Task { step: of, hint } => (of == step).then_some(hint.stage),
        About::General(next) => next.map(|hint| hint.stage),
        About::Done => None,
    })
}
