//! A window of a page of ours: its WebSocket, which passes messages both ways.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::timeout;
use warp::ws::{Message, WebSocket};

/// A window that takes longer for one message does not read.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Passes messages both ways until either side has enough: what is in `inbox` to the window, and what the window asks for,
/// read by `asked`, to `events`. Returns `false` if the window asked for something that it may not.
pub async fn talk<E>(
    socket: &mut WebSocket,
    mut inbox: mpsc::Receiver<Message>,
    events: &mpsc::Sender<E>,
    asked: impl Fn(&Message) -> Option<E>,
) -> bool {
    loop {
        tokio::select! {
            message = inbox.recv() => {
                let Some(message) = message else { return true };
                if !matches!(timeout(PATIENCE, socket.send(message)).await, Ok(Ok(()))) {
                    return true;
                }
            }
            message = socket.next() => {
                let Some(Ok(message)) = message else { return true };
                if message.is_ping() || message.is_pong() || message.is_close() {
                    continue;
                }
                let Some(event) = asked(&message) else { return false };
                if events.send(event).await.is_err() {
                    return true;
                }
            }
        }
    }
}

/// Says why, and waits a moment for the window to have read it.
pub async fn close(mut socket: WebSocket, code: u16, why: impl Into<String>) {
    let goodbye = async {
        let _ = socket.send(Message::close_with(code, why.into())).await;
        while let Some(Ok(_)) = socket.next().await {}
    };
    let _ = timeout(PATIENCE, goodbye).await;
}
