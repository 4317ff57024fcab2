//! A page's connection: it says first what it shows, and is told the rest.

use std::net::IpAddr;

use futures::{SinkExt, StreamExt};
use guard::window::{self, PATIENCE};
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
                return refuse(socket, why).await;
            }
        };
        let asked = |message: &Message| Some(Event::Asked(view, ask_in(message)?));
        let is_polite = window::talk(&mut socket, inbox, &self.0, asked).await;
        let _ = self.0.send(Event::Closed(view)).await;
        if !is_polite {
            refuse(socket, "A page may not ask for this.").await;
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
        let ask = ask_in(&message).ok_or(Some("A page says first what it shows."))?;
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
}

fn ask_in(message: &Message) -> Option<Ask> {
    message.to_str().ok().and_then(Ask::parse)
}

/// Says why, to whoever reads what is in the page, and ends the connection.
async fn refuse(mut socket: WebSocket, why: &str) {
    let refused = json!(["refused", why]).to_string();
    let _ = timeout(PATIENCE, socket.send(Message::text(refused))).await;
    window::close(socket, 1008, "").await;
}
