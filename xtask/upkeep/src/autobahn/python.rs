//! Python, and the program of its world that plays the cases, in an environment of its own: nothing of the system's changes.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use machine::apt;
use show::root;
use tokio::process::Command;
use tokio::time::timeout;

/// The version of `kosoku` that is installed: what passes is to depend on our programs alone.
pub const VERSION: &str = "0.1.0";
/// The oldest Python that it runs on.
const OLDEST: (u32, u32) = (3, 10);
/// The variable that names another Python; `none` stands for a machine without one.
const CHOSEN: &str = "WORKSHOP_PYTHON";
/// How long an installation may take. Without a network it is tried for minutes.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where all of it is, beside what cargo builds: `cargo clean` takes it away.
pub fn folder() -> PathBuf {
    root().join("target").join("autobahn")
}

/// The program, installed where it was not.
///
/// # Errors
/// What is missing on this machine, and how to get it.
pub async fn kosoku() -> Result<PathBuf> {
    ensure!(chosen() != Some("none".into()), how_to_get());
    let environment = Environment(folder().join(format!("kosoku-{VERSION}")));
    if !environment.is_whole().await {
        environment.make(&python().await?).await?;
    }
    Ok(environment.program("kosoku"))
}

/// A Python that is new enough.
async fn python() -> Result<PathBuf> {
    let chosen = chosen();
    if let Some(python) = look(chosen.as_deref()).await {
        return Ok(python);
    }
    if chosen.is_none() && apt::may_install() {
        apt::update().and_then(|()| apt::install("python3-venv"))?;
        if let Some(python) = look(None).await {
            return Ok(python);
        }
    }
    bail!(how_to_get())
}

/// The Python that somebody has named.
fn chosen() -> Option<PathBuf> {
    let name = std::env::var_os(CHOSEN).filter(|name| !name.is_empty());
    name.map(PathBuf::from)
}

fn how_to_get() -> String {
    let (major, minor) = OLDEST;
    format!(
        "The Autobahn cases are played by a Python program, and no Python {major}.{minor} or later was found.\n\
         - on Debian and Ubuntu: sudo apt-get install python3-venv\n\
         - on macOS: brew install python\n\
         - elsewhere: an installer is at https://www.python.org/downloads/\n\
         The variable {CHOSEN} names one that is in another place."
    )
}

/// The chosen one, or the first that is found, if it is new enough.
async fn look(chosen: Option<&Path>) -> Option<PathBuf> {
    let usual = ["python3", "python"].map(Path::new);
    let names = chosen.map_or(usual.to_vec(), |chosen| vec![chosen]);
    for name in names {
        let question = ["-c", "import sys; print(*sys.version_info[:2])"];
        let answer = output(name, &question.map(Path::new)).await;
        let answer = answer.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        if answer.ok().and_then(|answer| version(&answer)) >= Some(OLDEST) {
            return Some(name.to_owned());
        }
    }
    None
}

/// `3 11` as Python prints it.
fn version(answer: &str) -> Option<(u32, u32)> {
    let (major, minor) = answer.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// What Python calls a virtual environment: a folder with a Python of its own, and packages that nobody else sees.
struct Environment(PathBuf);

impl Environment {
    fn program(&self, name: &str) -> PathBuf {
        match cfg!(windows) {
            true => self.0.join("Scripts").join(format!("{name}.exe")),
            false => self.0.join("bin").join(name),
        }
    }

    /// Whether the program is there, and works: its Python may have been removed since.
    async fn is_whole(&self) -> bool {
        let help = output(&self.program("kosoku"), &[Path::new("--help")]).await;
        help.is_ok()
    }

    async fn make(&self, python: &Path) -> Result<()> {
        show::note(&format!(
            "installing kosoku {VERSION} in {}",
            show::path(&self.0)
        ));
        let venv = ["-m", "venv", "--clear"].map(Path::new);
        let arguments = [&venv[..], &[&self.0]].concat();
        let mut made = output(python, &arguments).await;
        if made.is_err() && chosen().is_none() && apt::may_install() {
            // Debian's Python comes without what it takes for that.
            apt::update().and_then(|()| apt::install("python3-venv"))?;
            made = output(python, &arguments).await;
        }
        made.context(
            "Python cannot make an environment of its own. On Debian and Ubuntu that is a package: sudo apt-get install python3-venv",
        )?;
        let package = format!("kosoku=={VERSION}");
        let install = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
            // Built for this machine already, or not at all: nothing is compiled here.
            "--only-binary=:all:",
            &package,
        ];
        let installed = output(&self.program("python"), &install.map(Path::new)).await;
        installed
            .with_context(|| format!("{package} could not be installed: is there a network?"))?;
        Ok(())
    }
}

/// Runs a program to its end.
///
/// # Errors
/// That it could not be started, took too long, or failed; with the last that it said.
async fn output(program: &Path, arguments: &[&Path]) -> Result<Output> {
    let running = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let name = show::path(program);
    let output = timeout(PATIENCE, running)
        .await
        .with_context(|| format!("{name} did not end in {} s", PATIENCE.as_secs()))?
        .with_context(|| format!("{name} could not be started"))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = [&output.stderr[..], &output.stdout].concat();
    let said = String::from_utf8_lossy(&said);
    let last = said.lines().find(|line| line.contains("ERROR"));
    let last = last.or_else(|| said.lines().rfind(|line| !line.trim().is_empty()));
    bail!(
        "{name} failed: {}",
        last.unwrap_or("it said nothing").trim()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_two_numbers() {
        assert!(version("3 9\n") < Some(OLDEST));
        assert!(version("3 10\n") >= Some(OLDEST));
        assert!(version("Python was not found") < Some(OLDEST));
    }
}
