//! `cargo xtask save-as`: the learner's own server of one step becomes the start of the next.

use anstream::println;
use anyhow::{Context, Result};
use checks::last;
use clap::Args;
use machine::exit::Exit;
use owo_colors::OwoColorize;
use steps::learner::{self, File, Trouble};
use steps::step::{Step, Whose};
use steps::{keep, progress, tasks};

use crate::carry::{self, Carried, End, Fit, Todo};

/// Go on with your own server: save it as the server of the next step
///
/// The command adds the next step's TODOs where they belong, and keeps a copy of the file that it replaces. You do not have
/// to do this: each step also comes with a server to begin with.
#[derive(Args)]
pub struct Arguments {
    /// The step whose server is yours: 9, 09-jquery or jquery
    #[arg(value_parser = Step::parse)]
    from: Step,
    /// The step after it
    #[arg(value_parser = Step::parse)]
    to: Step,
}

/// The file that is carried over. The page of a step is given with it.
const SERVER: &str = "server.rs";

/// Saves it.
///
/// # Errors
/// When a solution cannot be read, or a file cannot be written.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let (from, to) = (arguments.from, arguments.to);
    if to.before() != Some(from) {
        show::note(&format!("error: {}", not_neighbours(from, to)));
        return Ok(Exit::Usage);
    }
    let own = learner::file(from, SERVER);
    if let Some(trouble) = own.trouble() {
        show::note(&format!("error: {trouble}"));
        return Ok(Exit::Failed);
    }
    if !tasks::has_begun(from, std::slice::from_ref(&own))? {
        show::text(&nothing_to_save(&own, to));
        return Ok(Exit::Failed);
    }
    notes(from);
    let text = own.text.unwrap_or_default();
    let carried = carried(&text, from, to)?;
    write(&carried, from, to)?;
    Ok(Exit::Passed)
}

fn not_neighbours(from: Step, to: Step) -> String {
    let Some(before) = to.before() else {
        return format!("step {} is the first: no server comes before it", to.number);
    };
    let (from, to, before) = (from.number, to.number, before.number);
    format!(
        "step {to} goes on from step {before}, not from step {from}. Save a step as the one after it:\n    cargo xtask save-as {before} {to}"
    )
}

fn nothing_to_save(own: &File, to: Step) -> String {
    format!(
        "{} is as you got it, so there is nothing to save.\n\nYou do not need it: step {} begins with the finished server of the step before.",
        own.shown(),
        to.number
    )
}

/// What is worth knowing about a server that is not finished.
fn notes(from: Step) {
    let number = from.number;
    if last::read(from).is_some_and(|last| last.refused.is_some()) {
        show::note(&format!(
            "note: at the last check, your server of step {number} did not compile. It is saved unchanged."
        ));
    } else if !progress::has_passed(from) {
        show::note(&format!(
            "note: you have not passed step {number}. What is missing there will be missing in the next step, too."
        ));
    }
}

fn carried(own: &str, from: Step, to: Step) -> Result<Carried> {
    let mut of_from = tasks::of_step(from)?.into_iter();
    let mut of_to = tasks::of_step(to)?.into_iter();
    let (of_from, of_to) = of_from
        .find(|tasks| tasks.file == SERVER)
        .zip(of_to.find(|tasks| tasks.file == SERVER))
        .context("each step has a server")?;
    let ends = |step, source| End { step, source };
    Ok(carry::carry(
        own,
        &ends(from, of_from.source()),
        &ends(to, of_to.source()),
        progress::has_passed(from),
    ))
}

/// Writes the server, after a copy of what stands there; and the page where it is missing.
fn write(carried: &Carried, from: Step, to: Step) -> Result<()> {
    let there = learner::file(to, SERVER);
    let path = there.path();
    if there.text.as_ref() == Ok(&carried.text) {
        println!(
            "{} is your server of step {} already.",
            there.shown(),
            from.number
        );
    } else {
        let copy = match is_starter(&there)? {
            true => None,
            false => keep::copy_of(&path)?,
        };
        let folder = path.parent().context("a file lies in a folder")?;
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, &carried.text))
            .with_context(|| format!("{} could not be written", there.shown()))?;
        println!(
            "{} is now your server of step {}.",
            there.shown(),
            from.number
        );
        if let Some(copy) = copy {
            println!("The file that was there before is kept:");
            println!("    {}", show::path(&copy));
        }
    }
    bring_the_page(to)?;
    tell(carried, &there);
    println!("\nNext, read {}", readme(to).bold());
    Ok(())
}

/// Whether a file is as the learner got it, to the letter: a comment of theirs is worth a copy as well.
fn is_starter(file: &File) -> Result<bool> {
    let tasks = tasks::of_step(file.step)?;
    let mut starters = tasks
        .iter()
        .filter(|tasks| tasks.file == file.name)
        .map(|tasks| tasks.source().starter());
    Ok(starters.any(|starter| file.text.as_ref() == Ok(&starter)))
}

fn bring_the_page(to: Step) -> Result<()> {
    for tasks in tasks::of_step(to)? {
        let file = learner::file(to, &tasks.file);
        if tasks.file == SERVER || file.text != Err(Trouble::Missing) {
            continue;
        }
        std::fs::write(file.path(), tasks.source().starter())
            .with_context(|| format!("{} could not be written", file.shown()))?;
        println!("{} was missing, and is back.", file.shown());
    }
    Ok(())
}

/// Where each TODO is.
fn tell(carried: &Carried, there: &File) {
    println!("\nWhat to do:\n");
    for todo in &carried.todos {
        let place = format!("{}:{}", there.shown(), todo.line);
        println!("  {place}");
        println!("{}", show::wrapped("    ", &todo.sentence));
        if let Some(why) = elsewhere(todo) {
            println!("{}", show::wrapped("    ", &why));
        }
    }
    if carried.is_left_out {
        println!();
        show::text(
            "This step brings code that did not fit into yours. It is at the end of the file, as a comment: put each part where it belongs.",
        );
    }
}

/// What is to be said of a TODO that is not where it belongs.
fn elsewhere(todo: &Todo) -> Option<String> {
    match &todo.fit {
        Fit::InPlace => None,
        Fit::Above(function) => Some(format!(
            "(Your code differs there, so the new code is above the function `{function}`.)"
        )),
        Fit::AtTheEnd(near) => Some(format!(
            "(It did not fit, so it is at the end of the file. It belongs near {near}.)"
        )),
    }
}

fn readme(step: Step) -> String {
    let folder = show::root().join(step.folder(Whose::Learner));
    show::path(&folder.join("README.md"))
}
