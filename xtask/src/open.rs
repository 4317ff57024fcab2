//! Opens a page in two windows of the learner's own browser. Only ever done when it was asked for.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::browser;

/// Opens `url` in two windows.
///
/// The windows belong to the learner: they stay when the tool ends.
///
/// # Errors
/// When there is no screen, or no browser can be started.
pub fn two_windows(url: &str) -> Result<()> {
    if cfg!(target_os = "linux")
        && ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .all(|name| std::env::var_os(name).is_none())
    {
        bail!("there is no screen here");
    }
    match browser::find()? {
        Some(path) => (0..2).try_for_each(|place| window(&path, url, place)),
        // Another browser may be the learner's choice; what it makes of two requests, tabs or windows, is its own.
        None => (0..2)
            .try_for_each(|_| open::that_detached(url))
            .context("the system knows no browser"),
    }
}

/// Opens one window of a browser of Chrome's family: the left half of a laptop's screen, or the right.
fn window(browser: &Path, url: &str, place: u32) -> Result<()> {
    const WIDTH: u32 = 700;
    const HEIGHT: u32 = 800;
    let mut command = Command::new(browser);
    command
        .arg("--new-window")
        .arg(format!("--window-position={},0", place * WIDTH))
        .arg(format!("--window-size={WIDTH},{HEIGHT}"))
        .args(browser::needed_flags())
        .arg(url);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
        .spawn()
        .with_context(|| format!("{} could not be started", browser.display()))?;
    Ok(())
}
