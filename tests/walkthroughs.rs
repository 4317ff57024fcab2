//! Every stage of every walkthrough leads where it says: its files compile without a warning, and `check` gives the verdict
//! that it announces. The last one is the solution.

use libtest_mimic::{Failed, Trial};
use live::walk::{Announced, Gap, Stage, Walkthrough};
use steps::stages::Stages;
use steps::step::{STEPS, Step};

use crate::corpus::{self, Files};
use crate::kept::{self, Key};
use crate::{again_alone, programs};

pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for step in STEPS.iter().copied() {
        let name = |what: &str| format!("{} walkthrough{what}", step.name());
        trials.push(Trial::test(name(""), move || holds_together(step)));
        // A walkthrough that cannot be read fails in the trial above.
        let stages = Walkthrough::of(step).map_or(0, |walk| walk.stages.len());
        for number in 1..=stages {
            let name = name(&format!("-stage-{number}"));
            let run = move || stage_is_as_announced(step, number);
            let trial = again_alone(name, move || key(step, number), run);
            trials.push(trial.with_ignored_flag(programs::cannot_be_tried(step)));
        }
    }
    trials
}

fn holds_together(step: Step) -> Result<(), Failed> {
    let walk = walkthrough(step)?;
    let stages = walk.stages.len();
    if !(2..=5).contains(&stages) {
        return Err(format!("it has {stages} stages, and not two to five").into());
    }
    for stage in &walk.stages {
        if !stage.title.ends_with(['.', '?']) {
            return Err(format!("stage {}: `{}` is no sentence", stage.number, stage.title).into());
        }
        has_its_time(&walk, stage)?;
        let is_last = stage.number == stages;
        if is_last != (stage.announced == Announced::Passes) {
            return Err(
                format!("stage {}: the last one passes, and no other", stage.number).into(),
            );
        }
    }
    is_the_solution(&walk)
}

/// Who types in front of a class, and says what they type, writes about so many lines in a minute.
const LINES_A_MINUTE: usize = 4;
/// So many are typed by nobody: they are written by a key, and walked through.
const TYPED_BY_NOBODY: usize = 200;
/// And so many of those in a minute.
const READ_A_MINUTE: usize = 15;
/// What a build, a reload and a look at what came of it take, in seconds.
const BUILT_AND_SEEN: usize = 30;

/// The minutes of a stage are enough for its questions, for its lines, and for the build.
fn has_its_time(walk: &Walkthrough, stage: &Stage) -> Result<(), Failed> {
    let files = stage.files.iter().zip(walk.before(stage));
    let typed = files.map(|(file, before)| Gap::between(&before.text, &file.text).missing.len());
    // What a learner is given, nobody types in front of them: a key writes it.
    let lines: usize = if is_the_starter(walk.step, stage)? {
        0
    } else {
        typed.sum()
    };
    let asked: u32 = stage.prompts.iter().filter_map(|it| it.minutes).sum();
    let a_minute = match lines >= TYPED_BY_NOBODY {
        true => READ_A_MINUTE,
        false => LINES_A_MINUTE,
    };
    let needed = (asked as usize + lines.div_ceil(a_minute)) * 60 + BUILT_AND_SEEN;
    if needed > stage.minutes as usize * 60 {
        let (number, minutes) = (stage.number, stage.minutes);
        return Err(format!(
            "stage {number}: {minutes} minutes are planned; its {lines} lines, {asked} minutes of questions and the build need {needed} seconds"
        )
        .into());
    }
    Ok(())
}

/// Whether a learner begins with the files of this stage.
fn is_the_starter(step: Step, stage: &Stage) -> Result<bool, Failed> {
    let starter = corpus::starter(step)?;
    let differs =
        |file: &live::walk::Text| !Gap::between(&file.text, &starter[&file.name]).is_closed();
    Ok(!stage.files.iter().any(differs))
}

/// The last stage is the solution byte for byte, but for the marks: a stage's sentence stands where it begins.
fn is_the_solution(walk: &Walkthrough) -> Result<(), Failed> {
    let solution = corpus::solution(walk.step);
    let stages = Stages::of(walk.step).map_err(|error| format!("{error:#}"))?;
    let last = walk.stages.last().ok_or("there is no stage")?;
    for file in &last.files {
        let entries = stages
            .entries
            .iter()
            .filter(|entry| entry.file == file.name);
        let sentences = entries.map(|entry| entry.sentence.as_str());
        if file.text != with_sentences(&solution[&file.name], sentences) {
            return Err(format!("{} is not the solution's", file.name).into());
        }
    }
    Ok(())
}

/// A solution with the next sentence in place of each mark. By the look of its lines, and not by the cutter that makes the
/// stages.
fn with_sentences<'a>(text: &str, mut sentences: impl Iterator<Item = &'a str>) -> String {
    let mut lines = String::new();
    for line in text.split_inclusive('\n') {
        let comment = line.trim_start();
        if comment.starts_with("// [end ") {
            continue;
        }
        if comment.starts_with("// [") {
            let indent = &line[..line.len() - comment.len()];
            let sentence = sentences.next().unwrap_or_default();
            lines.push_str(&format!("{indent}// {sentence}\n"));
        } else {
            lines.push_str(line);
        }
    }
    lines
}

/// What the verdict about a stage rests on. One that cannot be read is tried anew each time.
fn key(step: Step, number: usize) -> Key {
    let stage = judged(step, number).ok();
    kept::checks().with((step.number, number, stage))
}

fn stage_is_as_announced(step: Step, number: usize) -> Result<(), Failed> {
    let (files, announced) = judged(step, number)?;
    let warnings = programs::warnings(&files)?;
    if !warnings.is_empty() {
        return Err(warnings.join("\n").into());
    }
    programs::is_judged(step, &files, &announced)
}

/// The files of a stage, and what is announced of them.
fn judged(step: Step, number: usize) -> Result<(Files, Vec<corpus::Announced>), Failed> {
    let walk = walkthrough(step)?;
    let stage = walk.stage(number).map_err(|error| format!("{error:#}"))?;
    let announced = match &stage.announced {
        Announced::Passes => Vec::new(),
        Announced::Fails(fails) => fails.iter().map(announced).collect(),
    };
    Ok((files_of(stage), announced))
}

fn announced(fails: &live::walk::Fails) -> corpus::Announced {
    corpus::Announced {
        check: fails.check.clone(),
        diagnosis: fails.diagnosis.clone(),
    }
}

fn files_of(stage: &Stage) -> Files {
    let files = stage.files.iter();
    files
        .map(|file| (file.name.clone(), file.text.clone()))
        .collect()
}

fn walkthrough(step: Step) -> Result<Walkthrough, Failed> {
    Walkthrough::of(step).map_err(|error| format!("{error:#}").into())
}
