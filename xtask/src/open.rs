//! Opens a page in two windows, side by side. Only ever done when it was asked for.

use anyhow::{Context, Result, bail};

use crate::browser::{self, Browser};

/// The size of a window: two of them fill a projector's 1280 by 720.
const WIDTH: u32 = 640;
const HEIGHT: u32 = 720;

/// Opens a file in the system's own browser, which belongs to the person.
///
/// # Errors
/// When there is no screen, or no browser.
pub fn file(path: &std::path::Path) -> Result<()> {
    has_screen()?;
    open::that_detached(path).context("the system knows no browser")
}

fn has_screen() -> Result<()> {
    let is_set = |name: &&str| std::env::var_os(name).is_some();
    if cfg!(target_os = "linux") && !["DISPLAY", "WAYLAND_DISPLAY"].iter().any(is_set) {
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
    has_screen()?;
    let Some(path) = browser::find()? else {
        (0..2)
            .try_for_each(|_| open::that_detached(url))
            .context("the system knows no browser")?;
        return Ok(None);
    };
    let browser = Browser::launch_on_screen(&path).await?;
    browser.show(url, [0, 0, WIDTH, HEIGHT]).await?;
    browser.show(url, [WIDTH, 0, WIDTH, HEIGHT]).await?;
    Ok(Some(browser))
}
