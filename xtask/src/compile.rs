//! Builds a program with cargo, and tells what came of it: where the program is, or the first error and its place.
//!
//! What cargo says while it works is shown only when it takes longer than a moment: the first build, or a wait for the
//! editor's own build. It never builds this tool itself: a running program cannot be replaced on Windows.

mod missing;

use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;

pub use missing::Missing;

use crate::step::{STEPS, Step, Whose, root};

/// What to build: one binary of a package.
#[derive(Debug, Clone)]
pub struct Target {
    /// The `Cargo.toml` of the package or its workspace.
    pub manifest: PathBuf,
    /// The package's name.
    pub package: String,
    /// The binary's name.
    pub binary: String,
    /// The target directory, where it is not the one that cargo chooses.
    pub build_in: Option<PathBuf>,
    /// The feature of the package that it needs, if it needs one.
    pub feature: Option<&'static str>,
    /// Whether it is built for speed, as it would be served; otherwise for a quick build, as in class.
    pub is_optimised: bool,
}

impl Target {
    /// A binary of the learners' package.
    pub fn workshop(binary: impl Into<String>) -> Target {
        let binary = binary.into();
        let is_of = |step: &&Step| {
            [Whose::Learner, Whose::Solution]
                .map(|it| step.binary(it))
                .contains(&binary)
        };
        Target {
            manifest: root().join("Cargo.toml"),
            package: "workshop".into(),
            feature: STEPS.iter().find(is_of).and_then(Step::feature),
            binary,
            build_in: None,
            is_optimised: false,
        }
    }
}

/// What came of a build.
#[derive(Debug, Clone)]
pub enum Built {
    /// The program is there.
    Program(PathBuf),
    /// The compiler refused it.
    Refused(Refusal),
}

/// What the compiler said of a program that it refused.
#[derive(Debug, Clone, Default)]
pub struct Refusal {
    /// The compiler's text for the first error, as it prints it.
    pub first: String,
    /// How many errors there were.
    pub errors: usize,
    /// The place of the first error, as `path:line:column`, the path from the package's root.
    pub place: Option<String>,
}

/// How long a build may be silent, before what cargo says is shown.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Builds `target`.
///
/// # Errors
/// [`Missing`]; or when cargo cannot be started, or ends without a program and without an error of the compiler's (a broken
/// `Cargo.toml`, a disk that is full): with what cargo said.
pub async fn build(target: &Target, colour: bool) -> Result<Built> {
    let mut command = command(target, colour);
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => anyhow::Error::new(missing::cargo()),
        _ => anyhow::Error::new(error).context("cargo could not be started"),
    })?;
    let stdout = child.stdout.take().context("cargo has no output")?;
    let stderr = child.stderr.take().context("cargo has no output")?;
    let (messages, said) = tokio::join!(read_messages(stdout), pass_on(stderr));
    let status = child.wait().await.context("cargo was lost")?;
    let mut builds = messages?;
    match builds.remove(&target.binary) {
        Some(built) => Ok(built),
        None => bail!(
            "cargo did not build {} ({status}). It said:\n{}",
            target.binary,
            said?.trim_end()
        ),
    }
}

/// The command that builds `target`, its messages in JSON on its standard output.
pub fn command(target: &Target, colour: bool) -> Command {
    let (rendered, when) = match colour {
        true => ("json-diagnostic-rendered-ansi", "always"),
        false => ("json", "never"),
    };
    let mut command = cargo();
    command
        .args([
            "build",
            "--package",
            &target.package,
            "--bin",
            &target.binary,
        ])
        .arg("--manifest-path")
        .arg(&target.manifest)
        .args([
            format!("--message-format={rendered}"),
            format!("--color={when}"),
        ])
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(feature) = target.feature {
        command.args(["--features", feature]);
    }
    if target.is_optimised {
        command.arg("--release");
    }
    if let Some(folder) = &target.build_in {
        command.arg("--target-dir").arg(folder);
    }
    command
}

/// The cargo that started this tool, or the one on the `PATH`, with the surroundings of one that is typed.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for name in FROM_CARGO_RUN {
        command.env_remove(name);
    }
    command
}

/// What `cargo run` sets for this tool. A build that saw it would not be the one that the learner's own cargo makes, and
/// would make cargo build again what it has built already.
const FROM_CARGO_RUN: &[&str] = &[
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_PKG_NAME",
    "CARGO_PKG_VERSION",
    "CARGO_PKG_AUTHORS",
    "CARGO_PKG_DESCRIPTION",
    "CARGO_PKG_LICENSE",
    "CARGO_PKG_RUST_VERSION",
];

/// What came of each binary, by its name, from cargo's messages: one JSON object a line.
///
/// # Errors
/// When the output cannot be read; [`Missing`], where that is what kept the compiler from building something.
async fn read_messages(
    output: impl AsyncRead + Unpin,
) -> Result<std::collections::HashMap<String, Built>> {
    let mut builds = std::collections::HashMap::new();
    let mut missing = None;
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        let Ok(message) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        let Some(name) = message["target"]["name"].as_str() else {
            continue;
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match message["reason"].as_str() {
            Some("compiler-artifact") => {
                if let Some(program) = message["executable"].as_str() {
                    builds.insert(name.to_owned(), Built::Program(program.into()));
                }
            }
            Some("compiler-message") if message["message"]["level"] == "error" => {
                missing = missing.or_else(|| missing::linker(&message["message"]));
                let Built::Refused(refusal) = builds
                    .entry(name.to_owned())
                    .or_insert_with(|| Built::Refused(Refusal::default()))
                else {
                    continue;
                };
                let place = place_of(&message["message"]);
                // The last message only counts the errors before it ("aborting due to 2 previous errors").
                if refusal.errors == 0 {
                    refusal.first = text(&message["message"]["rendered"]);
                    refusal.place = place.clone();
                }
                refusal.errors += usize::from(place.is_some() || refusal.errors == 0);
            }
            _ => {}
        }
    }
    match missing {
        Some(missing) => Err(missing.into()),
        None => Ok(builds),
    }
}

/// `path:line:column` of a compiler message's primary span.
fn place_of(message: &Value) -> Option<String> {
    let spans = message["spans"].as_array()?;
    let span = spans.iter().find(|span| span["is_primary"] == true)?;
    Some(format!(
        "{}:{}:{}",
        span["file_name"].as_str()?,
        span["line_start"],
        span["column_start"]
    ))
}

/// Collects what cargo says, and shows it from the moment that the build takes long.
async fn pass_on(output: impl AsyncRead + Unpin) -> Result<String> {
    let mut said = String::new();
    let mut quiet = true;
    let mut explained = false;
    let mut lines = BufReader::new(output).lines();
    let patience = tokio::time::sleep(PATIENCE);
    tokio::pin!(patience);
    loop {
        tokio::select! {
            line = lines.next_line() => {
                let Some(mut line) = line? else { return Ok(said) };
                if line.contains("waiting for file lock") && !explained {
                    explained = true;
                    line.push_str("\n             (another cargo, your editor's perhaps, is building; this goes on after it)");
                }
                line.push('\n');
                said.push_str(&line);
                // The compiler's error is shown in full, by whoever asked for the build.
                if !quiet && !line.contains("could not compile `") {
                    show(&line);
                }
            }
            () = &mut patience, if quiet => {
                quiet = false;
                show(&said);
            }
        }
    }
}

/// Shows a text that matters to nobody's verdict: that it cannot be shown is no error.
fn show(text: &str) {
    let _ = anstream::stderr().write_all(text.as_bytes());
}
