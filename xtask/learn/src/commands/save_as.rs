//! `cargo xtask save-as`: the learner's own server of one step becomes the start of the next.

use anstream::println;
use anyhow::{Context, Result};
use checks::last;
use clap::Args;
use machine::exit::Exit;
use owo_colors::OwoColorize;
use steps::learner::{self, File, Trouble};
use steps::step::{Step, Whose};
use steps::{keep, progress, sources, tasks};

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
    let own: Vec<File> = carried_files(from, to)
        .map(|name| learner::file(from, &name))
        .collect();
    if let Some(trouble) = own.iter().find_map(File::trouble) {
        show::note(&format!("error: {trouble}"));
        return Ok(Exit::Failed);
    }
    if !tasks::has_begun(from, &own)? {
        show::text(&nothing_to_save(&own, to));
        return Ok(Exit::Failed);
    }
    if !to.can_go_on() {
        show::text(&taken_apart(from, to));
        return Ok(Exit::Failed);
    }
    notes(from);
    let mut carried = Vec::new();
    for file in own {
        carried.push(carry_over(&file, to)?);
    }
    let [same, other]: [Vec<_>; 2] = carried.iter().partition(|file| file.is_there()).into();
    for file in other {
        write(file, from)?;
    }
    tell_the_same(&same, from);
    copy_own_modules(from, to)?;
    bring_the_rest(to)?;
    println!("\nWhat to do:\n");
    tell(&carried);
    tell_new_files(&carried, to)?;
    tell_what_did_not_fit(&carried);
    println!("\nNext, read {}", readme(to).bold());
    Ok(Exit::Passed)
}

/// The files that are carried over: those of the server that both steps have. The page of a step is given with it.
fn carried_files(from: Step, to: Step) -> impl Iterator<Item = String> {
    let of_from = from.sources(Whose::Solution);
    let of_to = to.sources(Whose::Solution).into_iter();
    of_to.filter(move |name| of_from.contains(name))
}

fn taken_apart(from: Step, to: Step) -> String {
    let (from, to) = (from.number, to.number);
    format!(
        "From step {to} on, a server is in several files: server.rs, and a module for each thing that it is about. Your server of step {from} is one file, and a command cannot know which part of it belongs where.\n\nStep {to} begins with the finished server of step {from}, taken apart. Go on there; yours stays where it is."
    )
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

fn nothing_to_save(own: &[File], to: Step) -> String {
    let names: Vec<String> = own.iter().map(File::shown).collect();
    let are = match names.len() {
        1 => "is as you got it",
        _ => "are as you got them",
    };
    format!(
        "{} {are}, so there is nothing to save.\n\nYou do not need it: step {} begins with the finished server of the step before.",
        names.join(", "),
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

/// A file of the next step, with the learner's text.
struct CarriedFile {
    /// The file as it is now.
    there: File,
    carried: Carried,
}

impl CarriedFile {
    /// Whether nothing has to be written.
    fn is_there(&self) -> bool {
        self.there.text.as_ref() == Ok(&self.carried.text)
    }
}

fn carry_over(own: &File, to: Step) -> Result<CarriedFile> {
    let from = own.step;
    let source = |step| tasks::source_of(step, &own.name);
    let (of_from, of_to) = (source(from)?, source(to)?);
    let end = |step, source| End { step, source };
    let text = own.text.as_deref().unwrap_or_default();
    let carried = carry::carry(
        text,
        &end(from, &of_from),
        &end(to, &of_to),
        progress::has_passed(from),
    );
    let there = learner::file(to, &own.name);
    Ok(CarriedFile { there, carried })
}

/// Writes a file, after a copy of what stands there.
fn write(file: &CarriedFile, from: Step) -> Result<()> {
    let CarriedFile { there, carried } = file;
    let path = there.path();
    let copy = match is_starter(there)? {
        true => None,
        false => keep::copy_of(&path)?,
    };
    let folder = path.parent().context("a file lies in a folder")?;
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, &carried.text))
        .with_context(|| format!("{} could not be written", there.shown()))?;
    println!("{} is now {}.", there.shown(), whose(there, from));
    if let Some(copy) = copy {
        println!("The file that was there before is kept:");
        println!("    {}", show::path(&copy));
    }
    Ok(())
}

fn whose(file: &File, from: Step) -> String {
    match file.name == sources::SERVER {
        true => format!("your server of step {}", from.number),
        false => format!("yours of step {}", from.number),
    }
}

/// Names the only file that is the learner's already, or counts them: a list would hide what is new.
fn tell_the_same(files: &[&CarriedFile], from: Step) {
    match files {
        [] => {}
        [file] => println!(
            "{} is {} already.",
            file.there.shown(),
            whose(&file.there, from)
        ),
        files => println!(
            "{} files are yours of step {} already.",
            files.len(),
            from.number
        ),
    }
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

/// Copies the modules that the learner has added: the carried server names them.
fn copy_own_modules(from: Step, to: Step) -> Result<()> {
    let [known, taken] = [from, to].map(|step| step.sources(Whose::Solution));
    let own = from.sources(Whose::Learner).into_iter();
    for name in own.filter(|name| !known.contains(name)) {
        let (own, there) = (learner::file(from, &name), learner::file(to, &name));
        if taken.contains(&name) {
            show::note(&format!(
                "note: step {} has a file {name} of its own, so yours stays where it is: {}",
                to.number,
                own.shown()
            ));
        } else if own.text != there.text {
            keep::copy_of(&there.path())?;
            std::fs::copy(own.path(), there.path())
                .with_context(|| format!("{} could not be written", there.shown()))?;
            println!("{} is now yours of step {}.", there.shown(), from.number);
        }
    }
    Ok(())
}

/// Brings back what is missing of the step: its page, for example.
fn bring_the_rest(to: Step) -> Result<()> {
    for tasks in tasks::of_step(to)? {
        let file = learner::file(to, &tasks.file);
        if file.text != Err(Trouble::Missing) {
            continue;
        }
        std::fs::write(file.path(), tasks.source().starter())
            .with_context(|| format!("{} could not be written", file.shown()))?;
        println!("{} was missing, and is back.", file.shown());
    }
    Ok(())
}

/// Where each TODO is.
fn tell(files: &[CarriedFile]) {
    for CarriedFile { there, carried } in files {
        for todo in &carried.todos {
            tell_todo(there, todo.line, &todo.sentence);
            if let Some(why) = elsewhere(todo) {
                println!("{}", show::wrapped("    ", &why));
            }
        }
    }
}

fn tell_todo(file: &File, line: usize, sentence: &str) {
    println!("  {}:{line}", file.shown());
    println!("{}", show::wrapped("    ", sentence));
}

/// Where the TODOs are in the files that the step before does not have.
fn tell_new_files(carried: &[CarriedFile], to: Step) -> Result<()> {
    let is_new = |name: &String| !carried.iter().any(|file| file.there.name == *name);
    let new = to.files().into_iter().filter(is_new);
    let new: Vec<File> = new.map(|name| learner::file(to, &name)).collect();
    for place in tasks::places(to, &new)?
        .iter()
        .filter(|place| place.is_open)
    {
        let file = new.iter().find(|file| file.name == place.file);
        if let Some((file, line)) = file.zip(place.line) {
            tell_todo(file, line, &place.sentence);
        }
    }
    Ok(())
}

fn tell_what_did_not_fit(files: &[CarriedFile]) {
    for CarriedFile { there, carried } in files {
        if carried.is_left_out {
            println!();
            show::text(&format!(
                "This step brings code that did not fit into yours. It is at the end of {}, as a comment: put each part where it belongs.",
                there.name
            ));
        }
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
