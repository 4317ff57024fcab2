//! What whoever reaches the backplane can do: for them no door is closed, and no seat is counted.

use std::time::Duration;

use anyhow::{Context, Result};
use farm::eavesdropper::{Eavesdropper, Heard as Message};
use farm::handshake::Place;
use tokio::time::{Instant, sleep};
use wire::frame::Frame;

use super::super::raw::Raw;
use super::super::{Saw, Target, soon};

/// A text that nobody else says.
const MARK: &str = "a-text-that-is-overheard";
/// The event that stands in place of the one that was overheard, as long as that.
const FOREIGN: [&str; 2] = ["\"say\"", "\"xyz\""];
/// Longer than anybody may say it.
const LONG: usize = 100_000;
/// From when on a window is too old: the contract of step 17 says five seconds.
const OLD: Duration = Duration::from_millis(5_500);
/// How long it is published as fast as NATS takes it.
const FLOOD: Duration = Duration::from_secs(2);

/// Nonsense, an event that no browser may send, a text that is too long, a window that is old, and then a flood.
pub async fn backplane(target: &Target) -> Saw {
    let Some(place) = &target.backplane else {
        return Saw::through("there is no backplane");
    };
    match told(target, place).await {
        Ok(told) if told.is_empty() => Saw::held(
            "nonsense, a foreign event, a text of 100 KB and an old window were told to nobody; a flood of windows was read",
        ),
        Ok(told) => Saw::through(format!("users were told {}", told.join(", "))),
        Err(error) => Saw::through(format!("{error:#}")),
    }
}

/// What of it users were told.
async fn told(target: &Target, place: &Place) -> Result<Vec<&'static str>> {
    let mut stranger = Eavesdropper::at(place).await?;
    let mut user = Raw::open(&target.place).await?;
    let window = overheard(target, &mut stranger).await?;
    let mut told = Vec::new();
    for payload in nonsense() {
        stranger.publish(&window.subject, &payload).await?;
    }
    let foreign = replaced(&window.payload, FOREIGN[0], FOREIGN[1]);
    let long = replaced(&window.payload, MARK, &"x".repeat(LONG));
    for payload in [&foreign, &long] {
        stranger.publish(&window.subject, payload).await?;
    }
    user.until(soon(), |heard| {
        note(heard, &mut told);
        false
    })
    .await;
    sleep(OLD.saturating_sub(soon())).await;
    stranger.publish(&window.subject, &window.payload).await?;
    user.until(soon(), |heard| is_said_again(heard, &mut told))
        .await;
    flood(target, &mut stranger).await?;
    Ok(told)
}

/// The window in which a user says something.
async fn overheard(target: &Target, stranger: &mut Eavesdropper) -> Result<Message> {
    let mut speaker = Raw::open(&target.place).await?;
    speaker.say_text(&format!("[\"say\",\"{MARK}\"]")).await?;
    let deadline = Instant::now() + soon();
    while let Some(message) = stranger.next(deadline - Instant::now()).await? {
        if String::from_utf8_lossy(&message.payload).contains(MARK) {
            return Ok(message);
        }
    }
    None.context("what users say does not reach the backplane, so nobody can forge it")
}

/// What is no window at all.
fn nonsense() -> [Vec<u8>; 5] {
    let bytes = vec![0, 159, 146, 150];
    let [brackets, megabyte] = [("[", 1_000), ("x", 1_000_000)].map(|(it, n)| it.repeat(n).into());
    [
        bytes,
        Vec::new(),
        b"{}\n[]\nnull".into(),
        brackets,
        megabyte,
    ]
}

fn replaced(window: &[u8], old: &str, new: &str) -> Vec<u8> {
    String::from_utf8_lossy(window)
        .replace(old, new)
        .into_bytes()
}

fn note(heard: &Frame, told: &mut Vec<&'static str>) {
    let Frame::Text(text) = heard else { return };
    let what = match () {
        () if text.len() > LONG => "a text of 100 KB",
        () if text.windows(5).any(|it| it == FOREIGN[1].as_bytes()) => "a foreign event",
        () => return,
    };
    if !told.contains(&what) {
        told.push(what);
    }
}

fn is_said_again(heard: &Frame, told: &mut Vec<&'static str>) -> bool {
    let Frame::Text(text) = heard else {
        return false;
    };
    let is_it = String::from_utf8_lossy(text).contains(MARK);
    if is_it {
        told.push("an old window");
    }
    is_it
}

/// A window of now, again and again, as fast as NATS takes it.
async fn flood(target: &Target, stranger: &mut Eavesdropper) -> Result<()> {
    let end = Instant::now() + FLOOD;
    while Instant::now() < end {
        // The last one is soon too old.
        let window = overheard(target, stranger).await?;
        let turn = (Instant::now() + Duration::from_secs(1)).min(end);
        while Instant::now() < turn {
            stranger.publish(&window.subject, &window.payload).await?;
            // The other attackers are on this thread, too.
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}
