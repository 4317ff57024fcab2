//! A farm on one machine: several endpoints of a step, NATS between them, and HAProxy before them.
//!
//! `cargo xtask farm` shows it and lets somebody break it, and the checks of step 13 do the same without a screen. It talks
//! to what a person would run, the real `nats-server` and the real HAProxy, and ends all that it has started.

pub mod part;

pub mod nats;

pub mod handshake;

pub mod eavesdropper;

pub mod balancer;

pub mod endpoint;

pub mod observer;

pub mod folder;

pub mod running;

use std::time::Duration;

use tokio::time::Instant;

/// Asks again and again, after pauses that grow, until there is an answer or the time is over.
pub async fn until<T>(within: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + within;
    let mut pause = Duration::from_millis(2);
    loop {
        if let Some(answer) = ask().await {
            return Some(answer);
        }
        if Instant::now() > deadline {
            return None;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}
