//! A page's connection: it says first what it shows, and is told the rest.

use std::net::IpAddr;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};
use warp::ws::{Message, WebSocket};

use crate::ask::Ask;
use crate::gate::HOLD;
use crate::hall::Event;
use crate::views::QUEUE;

/// The longest message of a page: it may name every learner.
pub const LONGEST: usize = 64 * 1024;

/// A page that takes longer for one message does not read; one that takes longer to say what it shows is none.
const PATIENCE: Duration = Duration::from_secs(5);

/// The way in for pages.
#[derive(Clone)]
pub struct Desk(pub mpsc::Sender<Event>);

impl Desk {
    /// One window, from its upgrade to its end.
    pub async fn attend(self, mut socket: WebSocket, from: IpAddr) {
        let (queue, inbox) = mpsc::channel(QUEUE);
        let view = match self.enter(&mut socket, from, queue).await {
            Ok(view) => view,
            Err(None) => return,
            Err(Some(why)) => {
                sleep(HOLD).await;
                let _ = timeout(PATIENCE, refuse(socket, why)).await;
                return;
            }
        };
        let is_polite = self.talk(&mut socket, view, inbox).await;
        let _ = self.0.send(Event::Closed(view)).await;
        if !is_polite {
            let why = "A page may not ask for this.";
            let _ = timeout(PATIENCE, refuse(socket, why)).await;
        }
    }

    async fn enter(
        &self,
        socket: &mut WebSocket,
        from: IpAddr,
        queue: mpsc::Sender<Message>,
    ) -> Result<u64, Option<&'static str>> {
        let first = timeout(PATIENCE, socket.next()).await;
        let Ok(Some(Ok(message))) = first else {
            return Err(None);
        };
        let ask = message.to_str().ok().and_then(Ask::parse);
        let ask = ask.ok_or(Some("A page says first what it shows."))?;
        let (answer, answered) = oneshot::channel();
        let enter = Event::Enter {
            ask,
            from,
            queue,
            answer,
        };
        self.0.send(enter).await.map_err(|_| None)?;
        answered.await.map_err(|_| None)?.map_err(Some)
    }

    /// Passes messages both ways; `false` where the page asked for what there is not.
    async fn talk(
        &self,
        socket: &mut WebSocket,
        view: u64,
        mut inbox: mpsc::Receiver<Message>,
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
                    let Some(ask) = message.to_str().ok().and_then(Ask::parse) else { return false };
                    if self.0.send(Event::Asked(view, ask)).await.is_err() {
                        return true;
                    }
                }
            }
        }
    }
}

async fn refuse(mut socket: WebSocket, why: &str) {
    let refused = json!(["refused", why]).to_string();
    let _ = socket.send(Message::text(refused)).await;
    let _ = socket.send(Message::close_with(1008u16, "")).await;
    while let Some(Ok(_)) = socket.next().await {}
}
