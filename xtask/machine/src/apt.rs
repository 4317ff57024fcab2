//! Debian's and Ubuntu's package manager, where it may be used without a question: as root, or by CI.
//!
//! A person's `sudo` is not ours to use, even where it does not ask for a password.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Whether packages can be installed here without asking anybody. `WORKSHOP_INSTALL=never` forbids it.
pub fn may_install() -> bool {
    let forbidden = std::env::var_os("WORKSHOP_INSTALL").is_some_and(|value| value == "never");
    !forbidden && Path::new("/usr/bin/apt-get").exists() && as_root().is_some()
}

/// Brings the list of packages up to date.
///
/// # Errors
/// What apt printed.
pub fn update() -> Result<()> {
    run(&["apt-get", "-o", LOCK, "update"])
}

/// Installs a package, or a package's file.
///
/// # Errors
/// What apt printed.
pub fn install(package: &str) -> Result<()> {
    let quiet = ["env", "DEBIAN_FRONTEND=noninteractive"];
    let apt = [
        "apt-get",
        "-o",
        LOCK,
        "install",
        "-y",
        "--no-install-recommends",
        package,
    ];
    run(&[&quiet[..], &apt[..]].concat())
}

/// Downloads a file with apt's own downloader: it is there on every Debian, and curl is not.
///
/// # Errors
/// What apt printed.
pub fn download(url: &str, file: &str) -> Result<()> {
    run(&["/usr/lib/apt/apt-helper", "download-file", url, file])
}

/// Another apt may be at work, as in the first minute of a cloud machine: wait for its lock, so many seconds.
const LOCK: &str = "DPkg::Lock::Timeout=120";

/// What to run to become root without being asked: nothing when we are, `sudo` on a CI machine; `None` when we may not.
fn as_root() -> Option<&'static [&'static str]> {
    if is_root() {
        return Some(&[]);
    }
    let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    let silent = || {
        let sudo = Command::new("sudo").args(["-n", "true"]).output();
        sudo.is_ok_and(|output| output.status.success())
    };
    (in_ci && silent()).then_some(&["sudo", "-n"])
}

/// Whether we are root, on Linux. Our own entry in `/proc` belongs to the user that we are.
pub fn is_root() -> bool {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
    }
    #[cfg(not(target_os = "linux"))]
    false
}

/// Runs a command as root, says so on stderr, and shows what it prints only when it fails.
fn run(command: &[&str]) -> Result<()> {
    let as_root = as_root().context("this needs root")?;
    let command = [as_root, command].concat();
    let line = command.join(" ");
    anstream::eprintln!("installing what is missing: {line}");
    let output = Command::new(command[0])
        .args(&command[1..])
        .output()
        .with_context(|| format!("cannot run {line}"))?;
    if output.status.success() {
        return Ok(());
    }
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = said.lines().collect();
    let last = lines[lines.len().saturating_sub(20)..].join("\n    ");
    bail!("{line} failed ({}); it printed:\n    {last}", output.status)
}
