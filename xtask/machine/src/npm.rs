//! npm, for what is fetched with it: packages that a lock of ours names, and nothing else.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::process::Command;

/// What npm is called here.
pub const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// Fetches what the `package-lock.json` in `folder` names into `node_modules` there. No script of a package is run.
///
/// # Errors
/// Why it is not fetched: no npm, no network (without one, npm tries for minutes, and so there is a limit), or what npm says.
pub async fn ci(folder: &Path, within: Duration) -> Result<()> {
    let ended = Command::new(NPM)
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--fetch-retries=1",
            "--fetch-retry-mintimeout=1000",
        ])
        // What is for developers is for us, whatever the surroundings say.
        .arg("--include=dev")
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match tokio::time::timeout(within, ended).await {
        Ok(Ok(output)) => output,
        Ok(Err(_)) => bail!("npm was not found"),
        Err(_) => bail!(
            "npm did not finish in {} seconds: is there a network?",
            within.as_secs()
        ),
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said
            .lines()
            .find(|line| line.contains("ERR!") || line.contains("error"))
            .unwrap_or("npm said nothing");
        bail!("npm failed: {}", line.trim());
    }
    Ok(())
}
