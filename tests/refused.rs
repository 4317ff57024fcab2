//! Programs that do not compile, each told its own cause.
//!
//! They are data, in `refused/NN-step/`, as those in `mutants/` are; they need no link and no run, so the compiler is called
//! for each of them directly, with the crates that cargo has built, and stops before it makes any code.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use compiler::{Message, Refusal, kinds, nearest, prose, quote};
use libtest_mimic::{Failed, Trial};
use machine::compile;
use serde_json::Value;
use show::root;
use steps::step::{STEPS, Step, Whose};
use textwrap::core::display_width;

use crate::corpus::{self, Refused};

pub fn trials() -> Vec<Trial> {
    vec![
        crate::kept::trial("refused-programs-are-told-their-cause", told),
        Trial::test("every-kind-of-compile-error-has-two-programs", every_kind),
        Trial::test("the-headings-of-compile-causes-exist", headings),
    ]
}

/// A program, and what the compiler and we say of it.
struct Told {
    program: Refused,
    messages: Vec<Message>,
    refusal: Option<Refusal>,
}

/// Every program gets exactly the cause that it announces, with the words that it asks for, in a quote that can be read; and
/// every form of the compiler's prose is still met.
fn told() -> Result<(), Failed> {
    let started = std::time::Instant::now();
    let shown = std::env::var("WORKSHOP_SHOW").ok();
    let mut programs = corpus::refused();
    // A part of a name shows those programs alone: nothing is held of all of them then.
    let part = shown.clone().filter(|part| part != "1");
    if let Some(part) = &part {
        programs.retain(|program| program.name.contains(part));
    }
    let told = compiled(programs)?;
    if shown.is_some() {
        told.iter().for_each(show);
        println!(
            "{} programs in {:.1} s",
            told.len(),
            started.elapsed().as_secs_f64()
        );
    }
    let mut wrong: Vec<String> = told.iter().filter_map(|it| fault(it).err()).collect();
    if part.is_none() {
        wrong.extend(imports()?);
        wrong.extend(forms(&told));
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n\n").into()),
    }
}

fn fault(told: &Told) -> Result<(), String> {
    let name = &told.program.name;
    let refusal = told.refusal.as_ref().ok_or(format!("{name} compiles"))?;
    let shown = format!("{}\n{}\n{}", refusal.quoted, refusal.cause, refusal.next);
    let is = |holds: bool, what: &str| match holds {
        true => Ok(()),
        false => Err(format!("{name}: {what}\n({})\n{shown}", refusal.id())),
    };
    is(
        refusal.id() == told.program.diagnosis,
        "another cause is due",
    )?;
    let said = format!("{} {}", refusal.cause, refusal.next);
    for word in &told.program.says {
        is(
            said.contains(word.as_str()),
            &format!("it does not say {word:?}"),
        )?;
    }
    if let Some(line) = told.program.line {
        let place = refusal.place.clone().unwrap_or_default();
        is(
            place.split(':').nth(1) == Some(&line.to_string()),
            &format!("{place} is not line {line}"),
        )?;
    }
    for (text, columns) in [
        (&refusal.quoted, quote::COLUMNS),
        (&refusal.narrow, quote::NARROW),
    ] {
        is(
            text.lines().count() <= quote::LINES,
            "the quote has too many lines",
        )?;
        is(
            text.lines().all(|line| display_width(line) <= columns),
            "the quote is too wide",
        )?;
    }
    for noise in [
        ".cargo/registry",
        "/rustc/",
        "long-type",
        "full name for the type",
        "other types implement",
        "closure@",
        "async block@",
    ] {
        is(
            !refusal.quoted.contains(noise) && !said.contains(noise),
            &format!("{noise} is nothing for a learner"),
        )?;
    }
    is(said.len() <= 420, "the words are too many")
}

fn show(told: &Told) {
    let Some(refusal) = &told.refusal else {
        return println!("##### {} compiles", told.program.name);
    };
    println!(
        "##### {} [{}] {:?}, {} errors",
        told.program.name,
        refusal.id(),
        refusal.place,
        refusal.errors
    );
    println!(
        "{}\n  WHY  {}\n  NEXT {}",
        refusal.quoted, refusal.cause, refusal.next
    );
}

/// Sentences of the compiler's that no program brings about any more.
fn forms(told: &[Told]) -> Vec<String> {
    let messages = told.iter().flat_map(|told| &told.messages);
    let texts: Vec<&str> = messages.flat_map(texts).collect();
    let is_met = |form: &str| texts.iter().any(|text| prose::is_met(form, text));
    let gone = prose::ALL
        .iter()
        .filter(|(name, form)| !is_met(form) && !prose::IN_WARNINGS.contains(name));
    gone.map(|(name, form)| {
        format!(
            "{name}: no program makes the compiler say `{form}` any more. A new compiler words it otherwise: see \"A new compiler\" \
             in ARCHITECTURE.md, and change xtask/compiler/src/prose.rs."
        )
    })
    .collect()
}

/// All that a message says.
fn texts(message: &Message) -> Vec<&str> {
    let labels = message.labels().map(|(_, label)| label);
    let notes = message.notes.iter().map(|note| note.text.as_str());
    labels.chain(notes).chain([message.text.as_str()]).collect()
}

/// What we would import is there to be imported.
fn imports() -> Result<Vec<String>, Failed> {
    let uses = nearest::IMPORTS
        .iter()
        .enumerate()
        .map(|(index, path)| format!("use {path} as _it{index};\n"));
    let text = format!(
        "#![allow(unused_imports)]\n{}fn main() {{}}\n",
        uses.collect::<String>()
    );
    let program = Refused {
        name: "01-hello imports".into(),
        step: STEPS[0],
        text,
        ..Refused::default()
    };
    let told = compiled(vec![program])?;
    let errors = told
        .iter()
        .flat_map(|it| &it.messages)
        .filter(|it| it.level == "error");
    Ok(errors
        .map(|it| format!("nearest.rs: {}", it.rendered))
        .collect())
}

/// What the compiler says of each, on as many threads as there are cores.
fn compiled(programs: Vec<Refused>) -> Result<Vec<Told>, Failed> {
    let crates = crates()?;
    let folder = tempfile::tempdir()?;
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let waiting = Mutex::new(programs.into_iter());
    let told = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().expect("no thread panics with it").next();
                    let Some(program) = next else { return };
                    let one = compile(program, folder.path(), &crates);
                    told.lock().expect("no thread panics with it").push(one);
                }
            });
        }
    });
    let mut told = told
        .into_inner()
        .expect("no thread panics with it")
        .into_iter()
        .collect::<Result<Vec<Told>, String>>()?;
    told.sort_by(|one, other| one.program.name.cmp(&other.program.name));
    Ok(told)
}

/// Calls the compiler as cargo would, up to where it would make code.
fn compile(program: Refused, folder: &Path, crates: &[(String, PathBuf)]) -> Result<Told, String> {
    let folder = folder.join(program.name.replace([' ', '/'], "-"));
    let path = program.step.folder(Whose::Learner).join("server.rs");
    let file = folder.join(&path);
    let could = |error: std::io::Error| format!("{}: {error}", program.name);
    fs::create_dir_all(file.parent().unwrap_or(&folder)).map_err(could)?;
    fs::write(&file, &program.text).map_err(could)?;
    for (name, text) in &program.modules {
        fs::write(file.with_file_name(name), text).map_err(could)?;
    }
    for page in program
        .step
        .files()
        .iter()
        .filter(|name| name.ends_with(".html"))
    {
        fs::write(file.with_file_name(page), "").map_err(could)?;
    }
    let static_folder = folder.join("static");
    fs::create_dir_all(&static_folder).map_err(could)?;
    let deps = crates
        .first()
        .and_then(|(_, path)| path.parent())
        .unwrap_or(&folder);
    let mut rustc = Command::new("rustc");
    rustc
        .args([
            "--crate-name=refused",
            "--edition=2024",
            "--crate-type=bin",
            "--emit=metadata",
            "--error-format=json",
        ])
        .arg(&path)
        .arg("-L")
        .arg(format!("dependency={}", deps.display()))
        .arg("--out-dir")
        .arg(&folder)
        .env("CARGO_MANIFEST_DIR", &folder)
        .current_dir(&folder);
    for (name, path) in crates {
        rustc
            .arg("--extern")
            .arg(format!("{name}={}", path.display()));
    }
    let output = rustc.output().map_err(could)?;
    let said = String::from_utf8_lossy(&output.stderr);
    let messages = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let messages: Vec<Message> = messages
        .filter_map(|message| Message::of(&message))
        .collect();
    let errors: Vec<Message> = messages
        .iter()
        .filter(|it| it.level == "error")
        .cloned()
        .collect();
    let refusal = (!errors.is_empty()).then(|| Refusal::of(errors, &file));
    Ok(Told {
        program,
        messages,
        refusal,
    })
}

/// The crates of the learners' package, built for its solutions: their names and files.
fn crates() -> Result<Vec<(String, PathBuf)>, Failed> {
    let mut cargo =
        std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // The same call as a check's, so that nothing is built twice.
    let target = compile::Target::workshop("01-hello-solution");
    let like = compile::command(&target, false);
    cargo.args(like.as_std().get_args()).current_dir(root());
    let output = cargo.output()?;
    let mut crates = HashMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let is_library = message["reason"] == "compiler-artifact"
            && message["target"]["kind"][0]
                .as_str()
                .is_some_and(|kind| kind == "lib" || kind == "rlib");
        let Some(name) = message["target"]["name"].as_str().filter(|_| is_library) else {
            continue;
        };
        let files = message["filenames"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        for file in files.filter(|file| file.ends_with(".rlib") || file.ends_with(".rmeta")) {
            crates.insert(name.replace('-', "_"), PathBuf::from(file));
        }
    }
    let wanted = [
        "futures",
        "hyper",
        "hyper_util",
        "include_dir",
        "serde_json",
        "tokio",
        "tokio_tungstenite",
        "warp",
    ];
    let found = wanted
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), crates.get(*name)?.clone())));
    let found: Vec<(String, PathBuf)> = found.collect();
    match found.len() == wanted.len() {
        true => Ok(found),
        false => Err(format!(
            "cargo has not built {wanted:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        )
        .into()),
    }
}

fn every_kind() -> Result<(), Failed> {
    let programs = corpus::refused();
    for kind in kinds::ALL {
        let count = programs.iter().filter(|it| it.diagnosis == kind.id).count();
        // What no program's text is: trials of the command line have them.
        let is_text = !["not-utf-8", "broken-manifest"].contains(&kind.id);
        if is_text && count < 2 {
            return Err(format!(
                "{}: {count} programs are told this, and two of different styles are due",
                kind.id
            )
            .into());
        }
    }
    match programs.len() {
        0..100 => Err(format!("{} programs are too few", programs.len()).into()),
        _ => Ok(()),
    }
}

/// What is said to be read can be read.
fn headings() -> Result<(), Failed> {
    for kind in kinds::ALL {
        let Some((number, heading)) = kind.readme else {
            continue;
        };
        let step: &Step = STEPS
            .iter()
            .find(|step| step.number == number)
            .ok_or(format!("{}: no step {number}", kind.id))?;
        let text = fs::read_to_string(root().join(step.folder(Whose::Learner)).join("README.md"))?;
        let is_there = text
            .lines()
            .any(|line| line == format!("## {heading}") || line == format!("- **{heading}**"));
        if !is_there {
            return Err(format!(
                "{}: the README of step {number} has no heading {heading:?}",
                kind.id
            )
            .into());
        }
    }
    Ok(())
}
