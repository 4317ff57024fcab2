//! A connection of our own to each endpoint: a user who never moves, asks how many are there, and counts what it hears.
//!
//! So what a farm shows is what its users get, and not what a server says of itself.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{interval, sleep};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// How often it asks, and how soon it tries again.
const EVERY: Duration = Duration::from_millis(500);

/// A user who watches. Dropping it ends the connection.
pub struct Observer {
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    is_connected: AtomicBool,
    heard: AtomicU64,
    online: AtomicU64,
}

impl Observer {
    /// Watches the endpoint at this address from now on, whenever it is there.
    pub fn of(address: SocketAddr) -> Observer {
        let seen = Arc::new(Seen::default());
        let task = tokio::spawn(watch(address, seen.clone()));
        Observer { seen, task }
    }

    /// Whether the endpoint serves us now.
    pub fn is_served(&self) -> bool {
        self.seen.is_connected.load(Ordering::Relaxed)
    }

    /// How many moves it has heard so far.
    pub fn heard(&self) -> u64 {
        self.seen.heard.load(Ordering::Relaxed)
    }

    /// How many users the endpoint says that it has, besides us.
    pub fn users(&self) -> u64 {
        let online = self.seen.online.load(Ordering::Relaxed);
        online.saturating_sub(1)
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn watch(address: SocketAddr, seen: Arc<Seen>) {
    loop {
        let _ = connected(address, &seen).await;
        seen.is_connected.store(false, Ordering::Relaxed);
        seen.online.store(0, Ordering::Relaxed);
        sleep(EVERY / 2).await;
    }
}

/// One connection, from its beginning to its end.
async fn connected(
    address: SocketAddr,
    seen: &Seen,
) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    let stream = TcpStream::connect(address).await?;
    let config = WebSocketConfig::default().read_buffer_size(4096);
    let url = format!("ws://{address}/ws");
    let (mut socket, _) =
        tokio_tungstenite::client_async_with_config(url, stream, Some(config)).await?;
    seen.is_connected.store(true, Ordering::Relaxed);
    let mut ask = interval(EVERY);
    loop {
        tokio::select! {
            _ = ask.tick() => socket.send(Message::text(r#"["online"]"#)).await?,
            message = socket.next() => match message {
                Some(message) => note(&message?, seen),
                None => return Ok(()),
            },
        }
    }
}

fn note(message: &Message, seen: &Seen) {
    let Message::Text(text) = message else {
        return;
    };
    if text.starts_with("[\"spy\"") {
        seen.heard.fetch_add(1, Ordering::Relaxed);
    } else if let Ok(Value::Array(event)) = serde_json::from_str(text)
        && event.first().is_some_and(|name| name == "online")
    {
        let online = event.get(1).and_then(Value::as_u64).unwrap_or(0);
        seen.online.store(online, Ordering::Relaxed);
    }
}
