//! Opens a page in two windows, side by side, or a file in one. Only ever done when it was asked for.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::Browser;

/// The size of a window: two of them fill a projector's 1280 by 720.
const WIDTH: u32 = 640;
const HEIGHT: u32 = 720;

/// Shows a file in the system's own browser, which goes on when we end.
///
/// # Errors
/// When there is no screen, or the system knows no browser.
pub fn file(file: &Path) -> Result<()> {
    needs_a_screen()?;
    open::that_detached(file).context("the system knows no browser")
}

/// The command that does the same.
pub fn command(file: &Path) -> String {
    let program = match std::env::consts::OS {
        "windows" => "start",
        "macos" => "open",
        _ => "xdg-open",
    };
    format!("{program} {}", show::path(file))
}

fn needs_a_screen() -> Result<()> {
    let has_screen = |name: &&str| std::env::var_os(name).is_some_and(|name| !name.is_empty());
    if cfg!(target_os = "linux") && !["DISPLAY", "WAYLAND_DISPLAY"].iter().any(has_screen) {
        bail!("there is no screen here");
    }
    Ok(())
}

/// Opens `url` in two windows of a browser that is started for this, with a profile of its own, and ends when it is
/// dropped. Where there is none of Chrome's family, the system's own browser is asked twice, and `None` comes back: its
/// windows belong to the person.
///
/// # Errors
/// When there is no screen, or no browser can be started.
pub async fn two_windows(url: &str) -> Result<Option<Browser>> {
    windows([url, url]).await
}

/// The same, a window for each of two addresses.
///
/// # Errors
/// As [`two_windows`].
pub async fn windows([left, right]: [&str; 2]) -> Result<Option<Browser>> {
    needs_a_screen()?;
    let Some(path) = crate::find()? else {
        [left, right]
            .iter()
            .try_for_each(open::that_detached)
            .context("the system knows no browser")?;
        return Ok(None);
    };
    let browser = Browser::launch_on_screen(&path).await?;
    browser.show(left, [0, 0, WIDTH, HEIGHT]).await?;
    browser.show(right, [WIDTH, 0, WIDTH, HEIGHT]).await?;
    Ok(Some(browser))
}
