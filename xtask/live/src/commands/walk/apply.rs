//! `walk 10 --stage 4 --apply`: the files of a stage, written where the instructor types.

use std::path::PathBuf;

use anstream::println;
use anyhow::Result;
use machine::exit::Exit;
use serde_json::{Value, json};
use steps::step::Step;

use crate::walk::{self, Desk, Kept};

/// Writes the files of a stage, and says what was written, and where each copy was kept.
///
/// # Errors
/// When there is no such stage, somebody presents the step, a copy cannot be kept or a file not be written.
pub fn run(step: Step, number: usize, json: bool) -> Result<Exit> {
    let mut desk = Desk::at(step)?;
    let unlike = walk::unlike(step, desk.walk.stage(number)?);
    desk.show(number)?;
    let kept = desk.apply()?;
    if json {
        show::json(&object(step, number, &unlike, &kept));
    } else if unlike.is_empty() {
        println!("Your files are those of stage {number} already: nothing to write.");
    } else {
        said(&unlike, &kept)
            .iter()
            .for_each(|line| println!("{line}"));
    }
    Ok(Exit::Passed)
}

/// What was written and what was kept, a line each, as `reset` says it.
pub fn said(written: &[PathBuf], kept: &[Kept]) -> Vec<String> {
    let kept = kept.iter().map(|Kept { file, copy }| {
        let (from, to) = (show::path(file), show::path(copy));
        format!("kept    {from}\n     as {to}")
    });
    let written = written
        .iter()
        .map(|it| format!("wrote   {}", show::path(it)));
    kept.chain(written).collect()
}

fn object(step: Step, number: usize, written: &[PathBuf], kept: &[Kept]) -> Value {
    let written: Vec<String> = written.iter().map(|it| show::path(it)).collect();
    let kept = kept
        .iter()
        .map(|Kept { file, copy }| json!({"file": show::path(file), "copy": show::path(copy)}));
    let kept: Vec<Value> = kept.collect();
    json!({"step": step.number, "stage": number, "written": written, "kept": kept})
}
