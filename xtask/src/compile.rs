//! Builds a program with cargo, and tells what came of it: where the program is, or the first error and its place.
//!
//! What cargo says while it works is shown only when it takes longer than a moment: the first build, or a wait for the
//! editor's own build. It never builds this tool itself: a running program cannot be replaced on Windows.

mod missing;

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;

pub use missing::Missing;

use crate::compiler::{Message, Refusal, Warning};
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

    /// The same, built for speed.
    ///
    /// With the one feature that there is, whether the program needs it or not: cargo would build the libraries once for each
    /// set of features, and with optimisation that takes minutes.
    pub fn optimised(self) -> Target {
        Target {
            feature: STEPS.iter().find_map(Step::feature),
            is_optimised: true,
            ..self
        }
    }
}

/// What came of a build.
#[derive(Debug, Clone)]
pub enum Built {
    /// The program is there.
    Program(PathBuf),
    /// The compiler refused it.
    Refused(Box<Refusal>),
}

/// How long a build may be silent, before what cargo says is shown.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Builds `target`.
///
/// # Errors
/// [`Missing`]; or when cargo cannot be started, or ends without a program and without an error of the compiler's: with what
/// cargo said.
pub async fn build(target: &Target, colour: bool) -> Result<Built> {
    Ok(build_with_warnings(target, colour).await?.0)
}

/// The same, and what the compiler warned of where it built the program.
///
/// # Errors
/// As [`build`].
pub async fn build_with_warnings(target: &Target, colour: bool) -> Result<(Built, Vec<Warning>)> {
    let mut command = command(target, colour);
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => anyhow::Error::new(missing::cargo()),
        _ => anyhow::Error::new(error).context("cargo could not be started"),
    })?;
    let stdout = child.stdout.take().context("cargo has no output")?;
    let stderr = child.stderr.take().context("cargo has no output")?;
    let (messages, printed) = tokio::join!(read_messages(stdout), pass_on(stderr));
    let status = child.wait().await.context("cargo was lost")?;
    let said = messages?.remove(&target.binary).unwrap_or_default();
    if let Some(program) = said.program {
        return Ok((
            Built::Program(program),
            Warning::all(&said.warnings, &said.source),
        ));
    }
    if !said.errors.is_empty() {
        let refusal = Refusal::of(said.errors, &said.source);
        return Ok((Built::Refused(Box::new(refusal)), Vec::new()));
    }
    let printed = printed?;
    if let Some(missing) = missing::of_cargo(&printed) {
        return Err(missing.into());
    }
    if let Some(refusal) = Refusal::of_manifest(&printed) {
        return Ok((Built::Refused(Box::new(refusal)), Vec::new()));
    }
    bail!(
        "cargo did not build {} ({status}). It said:\n{}",
        target.binary,
        printed.trim_end()
    )
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

/// What the compiler said of one binary.
#[derive(Default)]
struct Said {
    program: Option<PathBuf>,
    source: PathBuf,
    errors: Vec<Message>,
    warnings: Vec<Message>,
}

/// What was said of each binary, by its name, from cargo's messages: one JSON object a line.
///
/// # Errors
/// When the output cannot be read; [`Missing`], where that is what kept the compiler from building something.
async fn read_messages(output: impl AsyncRead + Unpin) -> Result<HashMap<String, Said>> {
    let mut said: HashMap<String, Said> = HashMap::new();
    let mut missing = None;
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        let Ok(message) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        let Some(name) = message["target"]["name"].as_str() else {
            continue;
        };
        let said = said.entry(name.to_owned()).or_default();
        match message["reason"].as_str() {
            Some("compiler-artifact") => {
                said.program = message["executable"].as_str().map(PathBuf::from);
            }
            Some("compiler-message") => {
                said.source = message["target"]["src_path"]
                    .as_str()
                    .unwrap_or_default()
                    .into();
                missing = missing.or_else(|| missing::of_compiler(&message["message"]));
                let Some(message) = Message::of(&message["message"]) else {
                    continue;
                };
                match message.level.as_str() {
                    "warning" => said.warnings.push(message),
                    level if level.starts_with("error") => said.errors.push(message),
                    // Where to read on about a code.
                    _ => {}
                }
            }
            _ => {}
        }
    }
    match missing {
        Some(missing) => Err(missing.into()),
        None => Ok(said),
    }
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
