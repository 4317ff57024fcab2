//! Builds a program with cargo, and tells what came of it: where the program is, or the first error and its place.
//!
//! What cargo says while it works is shown only when it takes longer than a moment: the first build, or a wait for the
//! editor's own build. It never builds this tool itself: a running program cannot be replaced on Windows.

mod missing;

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;
use show::root;
use steps::step::{STEPS, Step, Whose};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;

pub use missing::Missing;

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

/// What came of a build, in cargo's own words.
pub struct Build {
    /// Where the program is, if there is one.
    pub program: Option<PathBuf>,
    /// The file that was compiled.
    pub source: PathBuf,
    /// The compiler's messages on it, each as rustc's JSON has it.
    pub messages: Vec<Value>,
    /// What cargo itself printed.
    pub printed: String,
    /// How cargo ended.
    pub status: ExitStatus,
}

impl Build {
    /// All that cargo and the compiler said, for whoever has to mend it.
    pub fn words(&self) -> String {
        let rendered = self
            .messages
            .iter()
            .filter_map(|it| it["rendered"].as_str());
        rendered.chain([self.printed.as_str()]).collect()
    }
}

/// How long a build may be silent, before what cargo says is shown.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Builds `target`.
///
/// # Errors
/// [`Missing`]; or when cargo cannot be started or read.
pub async fn build(target: &Target, colour: bool) -> Result<Build> {
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
    let printed = printed?;
    if said.program.is_none()
        && !said.messages.iter().any(is_error)
        && let Some(missing) = missing::of_cargo(&printed)
    {
        return Err(missing.into());
    }
    Ok(Build {
        program: said.program,
        source: said.source,
        messages: said.messages,
        printed,
        status,
    })
}

fn is_error(message: &Value) -> bool {
    let level = message["level"].as_str().unwrap_or_default();
    level.starts_with("error")
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
    messages: Vec<Value>,
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
                said.messages.push(message["message"].clone());
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
