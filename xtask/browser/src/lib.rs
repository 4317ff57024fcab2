//! A real browser: found or installed, started without a window on the screen, and driven over the DevTools protocol.
//!
//! The checks of a step with a page call this: two windows, a real mouse, and what the browser itself says about scripts,
//! requests and WebSocket frames.
//! Deliberately absent: a client for the whole protocol. These are the dozen commands that the checks need, over
//! `tokio-tungstenite` and `serde_json`, and a message that we do not know is ignored, so a new Chrome breaks nothing.
//! Absent too: workers, and more than one tab in a window. Of a frame in a page, only what it shows can be asked for.
//!
//! In reading order: [`Browser`] starts the program (`launch.rs`, with a `profile.rs` of its own), talks to it (`protocol.rs`),
//! and opens a [`Page`] (`page.rs`), whose [`PageEvent`]s are what the browser said, in our words (`journal.rs`).

mod event;
mod find;
mod install;
mod journal;
mod launch;
pub mod open;

mod page;
mod profile;
mod protocol;
mod remote;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use launch::{Launched, Screen};
use protocol::Connection;
use serde_json::json;

pub use event::{PageEvent, Place};
pub use find::find;
pub use install::{can_install_here, how_to_install, install};
pub use launch::Endpoint;
pub use page::{ColourScheme, Page};

/// A browser that runs for us alone: its own profile, no window on the screen.
///
/// Dropping it ends the browser and removes its profile; [`Browser::close`] does the same without blocking the runtime.
pub struct Browser {
    connection: Connection,
    is: Is,
}

/// Whose the browser is.
enum Is {
    /// Ours: it ends with us.
    Launched(Box<Launched>),
    /// Somebody else's, in which we have a context of our own, by its id: it shares nothing with others, and goes with us.
    Shared(String),
}

impl Browser {
    /// Starts the browser at `path`, with no window on the screen, and connects to it.
    ///
    /// # Errors
    /// The browser ended at once, or did not open its DevTools port in time; the error holds what it printed last.
    pub async fn launch(path: &Path) -> anyhow::Result<Browser> {
        Browser::launch_on(path, Screen::None).await
    }

    /// Starts the browser at `path` for a person to look at: its windows, from [`Browser::show`], are on the screen.
    ///
    /// # Errors
    /// As [`Browser::launch`]; where there is no screen, too.
    pub async fn launch_on_screen(path: &Path) -> anyhow::Result<Browser> {
        Browser::launch_on(path, Screen::Real).await
    }

    async fn launch_on(path: &Path, screen: Screen) -> anyhow::Result<Browser> {
        let launched = launch::launch(path, screen).await?;
        let connection = Connection::open(&launched.endpoint)
            .await
            .with_context(|| format!("cannot talk to the browser {}", path.display()))?;
        Ok(Browser {
            connection,
            is: Is::Launched(Box::new(launched)),
        })
    }

    /// Where others reach a browser that was launched: [`Browser::share`] takes it. `None` of one that is somebody else's.
    pub fn endpoint(&self) -> Option<&Endpoint> {
        match &self.is {
            Is::Launched(launched) => Some(&launched.endpoint),
            Is::Shared(_) => None,
        }
    }

    /// A browser within one that runs already, as new as one that was just launched: with storage, cookies and a cache of its
    /// own. It is gone when it is dropped; the one around it stays.
    ///
    /// # Errors
    /// Nobody answers at the endpoint.
    pub async fn share(endpoint: &Endpoint) -> anyhow::Result<Browser> {
        let connection = Connection::open(endpoint)
            .await
            .context("cannot talk to the browser that runs")?;
        let answer = connection
            .command(
                "Target.createBrowserContext",
                json!({"disposeOnDetach": true}),
            )
            .await?;
        let id = answer["browserContextId"]
            .as_str()
            .context("the browser made a context without an id")?;
        Ok(Browser {
            is: Is::Shared(id.to_owned()),
            connection,
        })
    }

    /// Shows `url` in a window of its own, at this place of the screen: left, top, width and height, in pixels.
    ///
    /// # Errors
    /// The browser has gone.
    pub async fn show(
        &self,
        url: &str,
        [left, top, width, height]: [u32; 4],
    ) -> anyhow::Result<()> {
        let window = json!({
            "url": url, "newWindow": true,
            "left": left, "top": top, "width": width, "height": height,
        });
        self.connection
            .command("Target.createTarget", window)
            .await?;
        Ok(())
    }

    /// Opens a window of its own for `url`, `width` by `height` CSS pixels, and waits until the page has loaded.
    ///
    /// A page whose scripts fail is still a page: the failures are among its [`Page::events`], the first one included.
    ///
    /// # Errors
    /// Nothing answers at `url`, or the page has not loaded in time; the error names what it still waited for.
    pub async fn window(&self, url: &str, width: u32, height: u32) -> anyhow::Result<Page> {
        let page = self.empty_window(width, height).await?;
        page.navigate(url, page::loaded_within()).await?;
        Ok(page)
    }

    async fn empty_window(&self, width: u32, height: u32) -> anyhow::Result<Page> {
        // A tab behind another is hidden, and a mouse event takes seconds to reach it: each page is its own window.
        let mut window =
            json!({"url": "about:blank", "newWindow": true, "width": width, "height": height});
        if let Is::Shared(id) = &self.is {
            window["browserContextId"] = id.as_str().into();
        }
        let answer = self
            .connection
            .command("Target.createTarget", window)
            .await?;
        let target = answer["targetId"]
            .as_str()
            .context("the browser opened a window without an id")?;
        Page::attach(&self.connection, target, width, height).await
    }

    /// What it calls itself: `HeadlessChrome/141.0.7390.37`.
    ///
    /// # Errors
    /// The browser has gone, or does not answer in time.
    pub async fn version(&self) -> anyhow::Result<String> {
        let answer = self
            .connection
            .command("Browser.getVersion", json!({}))
            .await?;
        Ok(answer["product"].as_str().unwrap_or("a browser").to_owned())
    }

    /// Ends the browser with all its windows, and removes its profile; of a shared one, what was ours.
    pub async fn close(self) {
        match self.is {
            Is::Launched(launched) => {
                launched.program.kill().await;
                launched.profile.remove().await;
            }
            Is::Shared(id) => {
                let context = json!({"browserContextId": id});
                // One that has gone has taken it along.
                let _ = self
                    .connection
                    .command("Target.disposeBrowserContext", context)
                    .await;
            }
        }
    }
}

/// A deadline of so many seconds on an idle machine.
fn patient(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds * machine::patience::asked())
}
