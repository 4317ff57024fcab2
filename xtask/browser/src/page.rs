//! One page in a window of its own: what a person does to it, and what can be seen of it.
//!
//! It deliberately judges nothing: a script that fails is an event, not an error.

use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::event::PageEvent;
use super::protocol::{Connection, Session};
use super::{patient, remote};

/// How long a page may take to load.
pub(super) fn loaded_within() -> Duration {
    patient(10.0)
}

/// A page that the browser shows. Its window stays open until [`Page::close`], or until the browser ends.
pub struct Page {
    pub(super) session: Session,
    target: String,
}

/// Which colours the system says that its user likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColourScheme {
    /// Dark text on a light ground.
    Light,
    /// Light text on a dark ground.
    Dark,
}

impl Page {
    /// Takes the empty window `target`, and listens to it from before its page comes, so that no early error is missed.
    pub(super) async fn attach(
        connection: &Connection,
        target: &str,
        width: u32,
        height: u32,
    ) -> anyhow::Result<Page> {
        let params = json!({"targetId": target, "flatten": true});
        let answer = connection.command("Target.attachToTarget", params).await?;
        let id = answer["sessionId"]
            .as_str()
            .context("the browser gave the page no session")?;
        let session = connection.session(id);
        // One round trip for all of them: the browser takes them in order.
        tokio::try_join!(
            session.command("Page.enable", json!({})),
            session.command("Runtime.enable", json!({})),
            session.command("Runtime.setAsyncCallStackDepth", json!({"maxDepth": 8})),
            session.command("Log.enable", json!({})),
            session.command("Network.enable", json!({})),
            session.command("Inspector.enable", json!({})),
            // A page without the focus gets its frames, and so its mouse events, late.
            session.command(
                "Emulation.setFocusEmulationEnabled",
                json!({"enabled": true})
            ),
            session.command("Emulation.setDeviceMetricsOverride", metrics(width, height)),
        )?;
        Ok(Page {
            session,
            target: target.to_owned(),
        })
    }

    /// Goes to `url`, and waits until the page has loaded.
    pub(super) async fn navigate(&self, url: &str, within: Duration) -> anyhow::Result<()> {
        let from = self.event_count();
        let deadline = Instant::now() + within;
        let asked = self
            .session
            .command_within("Page.navigate", json!({"url": url}), within);
        let answer = asked.await.with_context(|| format!("cannot open {url}"))?;
        if let Some(reason) = answer["errorText"].as_str() {
            bail!("cannot open {url}: {reason}");
        }
        self.loaded(from, deadline).await
    }

    /// Loads the page again, as a person who presses F5, and waits until it is there.
    ///
    /// # Errors
    /// The server does not answer, or the page has not loaded in time.
    pub async fn reload(&self) -> anyhow::Result<()> {
        let from = self.event_count();
        let deadline = Instant::now() + loaded_within();
        self.session.command("Page.reload", json!({})).await?;
        self.loaded(from, deadline).await
    }

    async fn loaded(&self, from: usize, deadline: Instant) -> anyhow::Result<()> {
        use PageEvent::{Crashed, Loaded, Unreachable};
        let arrived = self.session.journal.next(from, |event| {
            matches!(event, Loaded | Unreachable { .. } | Crashed)
        });
        match tokio::time::timeout_at(deadline, arrived).await {
            Ok(Some(Loaded)) => Ok(()),
            Ok(Some(Unreachable { url })) => bail!("nothing answers at {url}"),
            Ok(_) => bail!("the page died before it had loaded"),
            Err(_) => bail!(
                "the page did not load in time; it still waits for {}",
                self.session.journal.unfinished().join(", ")
            ),
        }
    }

    /// The value of a JavaScript expression in the page; of a promise, the value that it comes to. `undefined` is null.
    ///
    /// # Errors
    /// The expression throws: the error is what it threw.
    pub async fn evaluate(&self, expression: &str) -> anyhow::Result<Value> {
        self.evaluate_within(expression, patient(10.0)).await
    }

    /// The value of a JavaScript expression in the page that a frame of this page shows, by the beginning of its address. The
    /// expression sees that page's document, but not what its scripts have made.
    ///
    /// # Errors
    /// There is no such frame, or the expression throws.
    pub async fn evaluate_in_frame(
        &self,
        address: &str,
        expression: &str,
    ) -> anyhow::Result<Value> {
        let tree = self.session.command("Page.getFrameTree", json!({})).await?;
        let frame = frames_in(&tree["frameTree"])
            .into_iter()
            .find(|frame| {
                frame["url"]
                    .as_str()
                    .is_some_and(|url| url.starts_with(address))
            })
            .with_context(|| format!("no frame shows {address}"))?;
        let world = json!({"frameId": frame["id"]});
        let world = self
            .session
            .command("Page.createIsolatedWorld", world)
            .await?;
        let params = json!({
            "expression": expression, "returnByValue": true, "awaitPromise": true,
            "contextId": world["executionContextId"],
        });
        let mut answer = self.session.command("Runtime.evaluate", params).await?;
        if let Some(details) = answer.get("exceptionDetails") {
            bail!("{}", remote::thrown(details));
        }
        Ok(answer["result"]["value"].take())
    }

    pub(super) async fn evaluate_within(
        &self,
        expression: &str,
        within: Duration,
    ) -> anyhow::Result<Value> {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let mut answer = self
            .session
            .command_within("Runtime.evaluate", params, within)
            .await?;
        if let Some(details) = answer.get("exceptionDetails") {
            bail!("{}", remote::thrown(details));
        }
        Ok(answer["result"]["value"].take())
    }

    /// Waits until a JavaScript expression is true in the page; false when it is not `within` that time.
    /// An expression that throws is not true yet: what it looks for may be still to come.
    ///
    /// # Errors
    /// The expression is not JavaScript, or the page does not answer.
    pub async fn wait_until(&self, expression: &str, within: Duration) -> anyhow::Result<bool> {
        let deadline = Instant::now() + within;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            // The page looks by itself: one command, however long it takes.
            let script = format!(
                "new Promise(resolve => {{
                    const holds = () => {{ try {{ return Boolean({expression}\n) }} catch {{ return false }} }};
                    const deadline = performance.now() + {};
                    const look = () => {{
                        if (holds()) resolve(true);
                        else if (performance.now() >= deadline) resolve(false);
                        else setTimeout(look, 5);
                    }};
                    look();
                }})",
                left.as_millis()
            );
            match self.evaluate_within(&script, left + patient(10.0)).await {
                Err(error) if navigated(&error) && Instant::now() < deadline => {}
                answer => return Ok(answer?.as_bool().unwrap_or(false)),
            }
        }
    }

    /// Moves the mouse there, in CSS pixels from the window's top left corner. The page has had the event on return.
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn move_mouse(&self, x: f64, y: f64) -> anyhow::Result<()> {
        let moved = json!({"type": "mouseMoved", "x": x, "y": y});
        self.session
            .command("Input.dispatchMouseEvent", moved)
            .await?;
        Ok(())
    }

    /// Clicks there, in CSS pixels from the window's top left corner. What it hits has the focus on return.
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn click(&self, x: f64, y: f64) -> anyhow::Result<()> {
        for kind in ["mousePressed", "mouseReleased"] {
            let click = json!({"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1});
            self.session
                .command("Input.dispatchMouseEvent", click)
                .await?;
        }
        Ok(())
    }

    /// Types a text into what has the focus, a key for each letter. The page has had them all on return.
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn type_text(&self, text: &str) -> anyhow::Result<()> {
        for letter in text.chars() {
            let key = letter.to_string();
            self.press(json!({"key": key, "text": key})).await?;
        }
        Ok(())
    }

    /// Presses Enter, where the focus is. The page has had the key on return.
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn press_enter(&self) -> anyhow::Result<()> {
        let enter =
            json!({"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"});
        self.press(enter).await
    }

    /// Presses the key of this name, where the focus is: `ArrowRight`, `Escape`, `Tab`, or the letter that it makes. The page
    /// has had it on return.
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn press_key(&self, key: &str) -> anyhow::Result<()> {
        let mut event = json!({"key": key});
        match key {
            // The browser itself knows these by their code: it moves the focus, or closes a dialog.
            "Tab" => event["windowsVirtualKeyCode"] = 9.into(),
            "Escape" => event["windowsVirtualKeyCode"] = 27.into(),
            "PageUp" => event["windowsVirtualKeyCode"] = 33.into(),
            "PageDown" => event["windowsVirtualKeyCode"] = 34.into(),
            letter if letter.chars().count() == 1 => event["text"] = letter.into(),
            _ => {}
        }
        self.press(event).await
    }

    /// Presses a key, and lets it go. A key that makes a text is one that has a `text`.
    async fn press(&self, key: Value) -> anyhow::Result<()> {
        for kind in ["keyDown", "keyUp"] {
            let mut event = key.clone();
            event["type"] = kind.into();
            self.session
                .command("Input.dispatchKeyEvent", event)
                .await?;
        }
        Ok(())
    }

    /// Makes the window this large, in CSS pixels.
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn resize(&self, width: u32, height: u32) -> anyhow::Result<()> {
        let metrics = metrics(width, height);
        self.session
            .command("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        Ok(())
    }

    /// What the window shows, as a PNG file.
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn screenshot(&self) -> anyhow::Result<Vec<u8>> {
        let answer = self
            .session
            .command("Page.captureScreenshot", json!({"format": "png"}))
            .await?;
        let data = answer["data"].as_str().unwrap_or_default();
        data_encoding::BASE64
            .decode(data.as_bytes())
            .context("the browser sent no picture")
    }

    /// From now on the page is told that its user likes these colours.
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn prefer_colour_scheme(&self, scheme: ColourScheme) -> anyhow::Result<()> {
        let value = match scheme {
            ColourScheme::Light => "light",
            ColourScheme::Dark => "dark",
        };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        self.session
            .command("Emulation.setEmulatedMedia", features)
            .await?;
        Ok(())
    }

    /// All that has happened so far, in order.
    #[must_use]
    pub fn events(&self) -> Vec<PageEvent> {
        self.session.journal.events()
    }

    /// How many events there are so far: what [`Page::next_event`] takes to look only at what comes from now on.
    #[must_use]
    pub fn event_count(&self) -> usize {
        self.session.journal.len()
    }

    /// The first wanted event, counted from the one numbered `from`, as soon as it is there; `None` at the deadline.
    pub async fn next_event(
        &self,
        from: usize,
        within: Duration,
        want: impl Fn(&PageEvent) -> bool,
    ) -> Option<PageEvent> {
        let next = self.session.journal.next(from, want);
        tokio::time::timeout(within, next).await.ok().flatten()
    }

    /// Closes the window, as a person who leaves. It has gone on return.
    ///
    /// # Errors
    /// The browser does not answer, or the window stays.
    pub async fn close(self) -> anyhow::Result<()> {
        let from = self.event_count();
        let target = json!({"targetId": self.target});
        self.session
            .command_to_browser("Target.closeTarget", target)
            .await?;
        // The answer only says that the browser means to.
        self.next_event(from, patient(10.0), |event| *event == PageEvent::Crashed)
            .await
            .context("the window does not close")?;
        Ok(())
    }
}

/// The frames of a page, and those in them.
fn frames_in(tree: &Value) -> Vec<&Value> {
    let children = tree["childFrames"].as_array().into_iter().flatten();
    let mut frames = Vec::new();
    for child in children {
        frames.push(&child["frame"]);
        frames.extend(frames_in(child));
    }
    frames
}

/// A window of this size, in CSS pixels.
fn metrics(width: u32, height: u32) -> Value {
    json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false})
}

/// Whether the page went elsewhere under a running script: the new page may still hold what the old one did not.
fn navigated(error: &anyhow::Error) -> bool {
    let text = error.to_string();
    [
        "navigated",
        "context was destroyed",
        "Promise was collected",
    ]
    .iter()
    .any(|reason| text.contains(reason))
}
