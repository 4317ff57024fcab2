//! Builds all programs of the corpus in one go, and tries the checks on each of them.
//!
//! They are the binaries of one package, made from the learners' own manifest: the same dependencies, lock file and
//! profile. With the same target directory, too, cargo compiles nothing but the programs, and only those that changed.

use std::collections::HashMap;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, OnceLock};

use anyhow::Context;
use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use xtask::checks::{self, Options, Origin, Report, Status, Subject};
use xtask::compile::{self, Built};
use xtask::show;
use xtask::step::{STEPS, Step, root};

use crate::corpus::{self, Announced, Files, Program};

/// What the data of every check is made from: the same each time.
const SEED: u64 = 10;

/// A trial for each program of the corpus; with `shown`, its checks are printed as a learner reads them.
pub fn trials(shown: bool) -> Vec<Trial> {
    let trial =
        |program: Program| Trial::test(program.name.clone(), move || as_announced(&program, shown));
    corpus::all().into_iter().map(trial).collect()
}

fn as_announced(program: &Program, shown: bool) -> Result<(), Failed> {
    program.files.as_ref()?;
    // Whoever else has the port serves as well: it is not free.
    let _held = program
        .holds
        .map(|port| TcpListener::bind(("127.0.0.1", port)));
    let report = check(&program.name, program.step, shown)?;
    fails_as_announced(&report, program.fails.as_slice())?;
    let warnings = report.warnings.join("\n");
    match &program.warning {
        Some(warning) if !warnings.contains(warning) => {
            Err(format!("it earns the warning `{warning}`, and got: {warnings}").into())
        }
        None if !warnings.is_empty() => Err(format!("unexpected: {warnings}").into()),
        _ => Ok(()),
    }
}

/// Holds that exactly the announced checks fail, with the announced causes, and that the others passed, or rest on them.
pub fn fails_as_announced(report: &Report, announced: &[Announced]) -> Result<(), Failed> {
    let mut failed = Vec::new();
    let mut causes = Vec::new();
    let mut said = String::new();
    for finding in &report.findings {
        match &finding.status {
            Status::Passed => {}
            Status::NotRun(cause) => causes.push(*cause),
            Status::Missing(what) => return Err(what.into()),
            Status::Failed(failure) => {
                failed.push(Announced {
                    check: finding.check.id.to_owned(),
                    diagnosis: failure.diagnosis.id().to_owned(),
                });
                said.push_str(&format!("\n{}: {failure:#?}", finding.check.id));
            }
        }
    }
    if failed != announced {
        return Err(format!("announced: {announced:#?}\nfound: {failed:#?}{said}").into());
    }
    let unrelated = |cause: &&str| !failed.iter().any(|failed| failed.check == **cause);
    match causes.iter().find(|cause| unrelated(cause)) {
        Some(cause) => Err(format!("a check was not run because of {cause}, which passed").into()),
        None => Ok(()),
    }
}

/// Runs the checks on a program of the package.
pub fn check(name: &str, step: Step, shown: bool) -> Result<Report, Failed> {
    let package = package()?;
    let built = package.builds.get(name);
    let subject = Subject {
        step,
        folder: folder().join(name),
        program: Origin::Built(built.ok_or(&package.said)?.clone()),
    };
    let options = Options {
        seed: SEED,
        page: true,
        colour: false,
    };
    let found = |finding: &_| {
        if shown {
            show::finding(finding);
        }
    };
    if shown {
        println!("\n=== {name}\n");
    }
    Ok(block_on(checks::run(subject, options, found)))
}

/// Runs a future to its end, on this thread.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime can be made").block_on(future)
}

/// What came of building all programs.
pub struct Package {
    /// By the name of the program.
    builds: HashMap<String, Built>,
    /// The programs that the compiler warned of, and what it said.
    pub warnings: Vec<(String, String)>,
    /// What cargo itself said.
    said: String,
}

/// The package of all programs, built when it is asked for first.
pub fn package() -> Result<Arc<Package>, Failed> {
    static PACKAGE: OnceLock<Result<Arc<Package>, String>> = OnceLock::new();
    let build = || match written() {
        Ok(()) => Ok(Arc::new(block_on(built()))),
        Err(error) => Err(format!("{error:#}")),
    };
    Ok(PACKAGE.get_or_init(build).clone()?)
}

/// The package's folder.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs")
}

/// Writes the package: a folder for each program, `static/`, and the manifest.
fn written() -> anyhow::Result<()> {
    let starters = STEPS
        .iter()
        .map(|step| (starter_name(*step), corpus::starter(*step)));
    let programs = corpus::all().into_iter().map(|p| (p.name, p.files));
    let programs: Vec<(String, Files)> = starters
        .chain(programs)
        // A program that could not be made says so in its own trial.
        .filter_map(|(name, files)| Some((name, files.ok()?)))
        .collect();
    for (name, files) in &programs {
        let folder = folder().join(name);
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(&folder)?.flatten() {
            if !files.contains_key(&*entry.file_name().to_string_lossy()) {
                fs::remove_file(entry.path())?;
            }
        }
        for (name, text) in files {
            write(&folder.join(name), text.as_bytes())?;
        }
    }
    fs::create_dir_all(folder().join("static"))?;
    for entry in fs::read_dir(root().join("static"))?.flatten() {
        if entry.file_type()?.is_file() {
            let copy = folder().join("static").join(entry.file_name());
            write(&copy, &fs::read(entry.path())?)?;
        }
    }
    fs::copy(root().join("Cargo.lock"), folder().join("Cargo.lock"))?;
    let names: Vec<&str> = programs.iter().map(|(name, _)| name.as_str()).collect();
    write(&folder().join("Cargo.toml"), manifest(&names)?.as_bytes())
}

/// The starter of a step, as a program of the package.
pub fn starter_name(step: Step) -> String {
    format!("starter-{}", step.name())
}

/// Writes a file if its bytes differ: what has not changed is not built again.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    match fs::read(path) {
        Ok(there) if there == bytes => Ok(()),
        _ => Ok(fs::write(path, bytes)?),
    }
}

/// The learners' manifest, with these programs for its binaries: all that comes after its own is taken as it is.
fn manifest(names: &[&str]) -> anyhow::Result<String> {
    let learners = fs::read_to_string(root().join("Cargo.toml"))?;
    let start = learners.find("[dependencies]");
    let rest = &learners[start.context("the learners' package has dependencies")?..];
    let rest = rest.lines().filter(|line| {
        let key = line.split('=').next().unwrap_or_default().trim();
        !["members", "default-members"].contains(&key)
    });
    let build = root().join("xtask/rerun_if_static_changes.rs");
    let package = format!(
        "[package]\nname = \"programs\"\nedition.workspace = true\nautobins = false\nbuild = {build:?}\n"
    );
    let binary = |name: &&str| format!("[[bin]]\nname = {name:?}\npath = \"{name}/server.rs\"\n");
    let lines: Vec<String> = [package]
        .into_iter()
        .chain(names.iter().map(binary))
        .chain(rest.map(str::to_owned))
        .collect();
    Ok(lines.join("\n"))
}

/// Builds the package. Some of its programs are meant to be refused: the others are built all the same.
async fn built() -> Package {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let output = compile::cargo()
        .args([
            "build",
            "--keep-going",
            "--offline",
            "--message-format=json",
        ])
        .arg("--target-dir")
        .arg(target.expect("the folder lies in the target directory"))
        .current_dir(folder())
        .stdin(Stdio::null())
        .output()
        .await
        .expect("cargo can be started");
    let builds = compile::read_messages(&output.stdout[..]).await;
    Package {
        builds: builds.expect("what is in memory can be read"),
        warnings: warnings(&output.stdout),
        said: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn warnings(messages: &[u8]) -> Vec<(String, String)> {
    let messages = messages.split(|byte| *byte == b'\n');
    messages
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
        .filter(|message| message["message"]["level"] == "warning")
        .map(|message| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let rendered = text(&message["message"]["rendered"]);
            (text(&message["target"]["name"]), rendered)
        })
        .collect()
}
