//! The programs that the checks are tried on: each is a small change to a right one, read from a file.
//!
//! `mutants/10-spy/two-values.toml` is a wrong program, named after its mistake:
//!
//! ```toml
//! why = "What the learner did, as one sentence."
//! fails = "it_arrives_as_one_object"   # the check that fails, and no other one does
//! diagnosis = "two-values"             # the cause that it names
//! place = "10.html:58"                 # the line that the failure names; where this is given, it has to
//! holds = 8080                         # a port that is taken while the program is checked; seldom
//! base = "a-map-of-senders"            # the right program that is changed, if it is not the solution
//! without = "object"                   # the stage of the solution that has not come yet: one of the lesson's wrong turns
//!
//! [[edit]]
//! file = "server.rs"
//! find = '''text that is there once'''
//! replace = '''text that takes its place'''
//!
//! [[rename]]                           # seldom
//! file = "10.html"
//! to = "index.html"
//! ```
//!
//! `right/10-spy/` holds right programs: files as above, with a `warning` where one is due, and folders with a whole
//! `server.rs`. A program that brings no page has the solution's.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use show::root;
use steps::cut::{Cut, Source, Stage};
use steps::stages::Stages;
use steps::starter;
use steps::step::{STEPS, Step, Whose};
use toml::de::{DeTable, DeValue};

/// The texts of a program's files, by their names.
pub type Files = BTreeMap<String, String>;

/// A program, and what is to come of its check.
pub struct Program {
    /// Its folder, its binary and its trial, in one word: `wrong-two-values`.
    pub name: String,
    /// The step that it is an answer to.
    pub step: Step,
    /// Its files, or why they could not be made.
    pub files: Result<Files, String>,
    /// The failure that it is made for; a right program has none.
    pub fails: Option<Announced>,
    /// A part of the place that its failure names.
    pub place: Option<String>,
    /// A part of the warning that it earns.
    pub warning: Option<String>,
    /// The stage that it is without.
    pub without: Option<String>,
    /// A port that is not free while it is checked.
    pub holds: Option<u16>,
}

/// A failed check, and the cause that it names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Announced {
    pub check: String,
    pub diagnosis: String,
}

/// A program that does not compile.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The step's folder, and the file's name without its ending.
    pub name: String,
    pub step: Step,
    pub text: String,
    /// The id of the cause.
    pub diagnosis: String,
    /// What the cause or the next action has to say: the learner's names, most of all.
    pub says: Vec<String>,
    /// The line that it is at, counted from 1.
    pub line: Option<usize>,
    /// The files beside it, by their names.
    pub modules: Vec<(String, String)>,
}

impl Default for Refused {
    fn default() -> Refused {
        Refused {
            name: String::new(),
            step: STEPS[0],
            text: String::new(),
            diagnosis: String::new(),
            says: Vec::new(),
            line: None,
            modules: Vec::new(),
        }
    }
}

/// The programs in `refused/`.
pub fn refused() -> Vec<Refused> {
    let of_step = |step: &Step| {
        let paths = listed(&root().join("tests/refused").join(step.name()));
        let step = *step;
        paths.into_iter().map(move |path| {
            refused_by(step, &path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        })
    };
    STEPS.iter().flat_map(of_step).collect()
}

/// The program that a file describes: a whole text, or the starter or the solution with changes.
fn refused_by(step: Step, path: &Path) -> Result<Refused, String> {
    let text = read(path);
    let table = DeTable::parse(&text)
        .map_err(|error| error.to_string())?
        .into_inner();
    known_keys(
        &table,
        &[
            "why",
            "diagnosis",
            "says",
            "line",
            "base",
            "text",
            "edit",
            "module",
        ],
    )?;
    of(&table, "why")?;
    let mut program = match (of(&table, "text"), of(&table, "base")) {
        (Ok(text), _) => text.to_owned(),
        (_, Ok("starter")) => starter(step)?["server.rs"].clone(),
        (_, Ok(other)) => return Err(format!("there is no base {other}")),
        _ => without_marks(&solution(step)["server.rs"]),
    };
    for edit in tables(&table, "edit") {
        let find = of(edit, "find")?;
        match program.matches(find).count() {
            1 => program = program.replacen(find, of(edit, "replace")?, 1),
            count => return Err(format!("it holds this {count} times, not once:\n{find}")),
        }
    }
    let mut modules = Vec::new();
    for module in tables(&table, "module") {
        modules.push((
            of(module, "name")?.to_owned(),
            of(module, "text")?.to_owned(),
        ));
    }
    let says = entry(&table, "says")
        .and_then(DeValue::as_array)
        .into_iter()
        .flatten();
    Ok(Refused {
        name: format!("{} {}", step.name(), stem(path)),
        step,
        text: program,
        modules,
        diagnosis: of(&table, "diagnosis")?.to_owned(),
        says: says
            .filter_map(|it| it.get_ref().as_str().map(str::to_owned))
            .collect(),
        line: entry(&table, "line").and_then(|line| line.as_integer()?.as_str().parse().ok()),
    })
}

/// The solution as a learner would have it, who does not see its marks.
fn without_marks(text: &str) -> String {
    let is_mark = |line: &str| line.trim_start().starts_with("// [");
    let lines = text.lines().filter(|line| !is_mark(line));
    lines.map(|line| format!("{line}\n")).collect()
}

/// Every program of every step.
pub fn all() -> Vec<Program> {
    STEPS.iter().flat_map(|step| of_step(*step)).collect()
}

/// The programs of one step: the solution first, then the right ones, then the wrong ones.
fn of_step(step: Step) -> Vec<Program> {
    let solution = solution(step);
    let mut programs = vec![right("solution", step, Ok(solution.clone()))];
    for path in listed(&right_folder(step)) {
        let name = format!("right-{}", stem(&path));
        programs.push(match path.is_dir() {
            true => right(&name, step, Ok(whole(step, &path))),
            false => described(&name, step, &path),
        });
    }
    for path in listed(&root().join("tests/mutants").join(step.name())) {
        programs.push(described(&format!("wrong-{}", stem(&path)), step, &path));
    }
    programs
}

/// The starter of a step, as its solution would have it.
pub fn starter(step: Step) -> Result<Files, String> {
    let folder = root().join(step.folder(Whose::Learner));
    let starters = starter::starters().map_err(|error| format!("{error:#}"))?;
    let own = starters
        .into_iter()
        .filter(|starter| starter.path.starts_with(&folder));
    Ok(own
        .map(|starter| (file_name(&starter.path), starter.text))
        .collect())
}

fn right(name: &str, step: Step, files: Result<Files, String>) -> Program {
    Program {
        name: name.to_owned(),
        step,
        files,
        fails: None,
        place: None,
        warning: None,
        without: None,
        holds: None,
    }
}

/// The program that a file describes.
fn described(name: &str, step: Step, path: &Path) -> Program {
    let text = read(path);
    let table = match DeTable::parse(&text) {
        Ok(table) => table.into_inner(),
        Err(error) => return right(name, step, Err(format!("{}: {error}", path.display()))),
    };
    let text = |key: &str| entry(&table, key)?.as_str().map(str::to_owned);
    let announced = text("fails").zip(text("diagnosis"));
    Program {
        files: changed(step, &table).map_err(|error| format!("{}: {error}", path.display())),
        fails: announced.map(|(check, diagnosis)| Announced { check, diagnosis }),
        place: text("place"),
        warning: text("warning"),
        without: text("without"),
        holds: entry(&table, "holds").and_then(|port| port.as_integer()?.as_str().parse().ok()),
        ..right(name, step, Ok(Files::new()))
    }
}

/// The files of the right program that `table` is based on, with its changes.
fn changed(step: Step, table: &DeTable) -> Result<Files, String> {
    known_keys(
        table,
        &[
            "why",
            "fails",
            "diagnosis",
            "place",
            "holds",
            "warning",
            "base",
            "without",
            "edit",
            "rename",
        ],
    )?;
    of(table, "why")?;
    let mut files = match of(table, "base") {
        Ok(base) => whole(step, &right_folder(step).join(base)),
        Err(_) => solution(step),
    };
    if let Ok(stage) = of(table, "without") {
        files = without(step, stage, files)?;
    }
    for edit in tables(table, "edit") {
        let (name, find) = (of(edit, "file")?, of(edit, "find")?);
        let text = files
            .get_mut(name)
            .ok_or(format!("there is no file {name}"))?;
        match text.matches(find).count() {
            1 => *text = text.replacen(find, of(edit, "replace")?, 1),
            count => {
                return Err(format!(
                    "{name} holds this {count} times, not once:\n{find}"
                ));
            }
        }
    }
    for rename in tables(table, "rename") {
        let name = of(rename, "file")?;
        let text = files.remove(name).ok_or(format!("there is no {name}"))?;
        files.insert(of(rename, "to")?.to_owned(), text);
    }
    Ok(files)
}

/// The files as they are before a stage comes.
fn without(step: Step, stage: &str, files: Files) -> Result<Files, String> {
    let stages = Stages::of(step).map_err(|error| format!("{error:#}"))?;
    let cut = |(name, text): (String, String)| {
        let source = Source::parse(&name, &text, &stages).map_err(|error| error.to_string())?;
        let choose = |of: &Stage| {
            if of.name == stage {
                Cut::Absent
            } else {
                Cut::Whole
            }
        };
        Ok((name, source.cut(choose)))
    };
    let before = files.clone();
    let files: Files = files.into_iter().map(cut).collect::<Result<_, String>>()?;
    match files == before {
        true => Err(format!("no file has a stage `{stage}`")),
        false => Ok(files),
    }
}

fn known_keys(table: &DeTable, known: &[&str]) -> Result<(), String> {
    let is_known = |key: &str| known.contains(&key);
    match table.keys().find(|key| !is_known(key.get_ref())) {
        Some(key) => Err(format!("the key `{}` means nothing here", key.get_ref())),
        None => Ok(()),
    }
}

fn entry<'a>(table: &'a DeTable, key: &str) -> Option<&'a DeValue<'a>> {
    let found = table.iter().find(|(name, _)| name.get_ref() == key);
    found.map(|(_, value)| value.get_ref())
}

fn of<'a>(table: &'a DeTable, key: &str) -> Result<&'a str, String> {
    let text = entry(table, key).and_then(DeValue::as_str);
    text.ok_or(format!("a text `{key}` is missing"))
}

fn tables<'a>(table: &'a DeTable, key: &str) -> impl Iterator<Item = &'a DeTable<'a>> {
    let entries = entry(table, key).and_then(DeValue::as_array).into_iter();
    entries
        .flatten()
        .filter_map(|entry| entry.get_ref().as_table())
}

/// The solution's server and page.
pub fn solution(step: Step) -> Files {
    let folder = root().join(step.folder(Whose::Solution));
    let files = step.files().into_iter();
    files
        .map(|name| (name.clone(), read(&folder.join(name))))
        .collect()
}

/// All files of a folder, with the solution's page where it has none.
fn whole(step: Step, folder: &Path) -> Files {
    let mut files = solution(step);
    files.extend(
        listed(folder)
            .iter()
            .map(|path| (file_name(path), read(path))),
    );
    files
}

fn right_folder(step: Step) -> PathBuf {
    root().join("tests/right").join(step.name())
}

/// What lies in a folder, sorted by name; nothing, where there is no such folder.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into()
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into()
}
