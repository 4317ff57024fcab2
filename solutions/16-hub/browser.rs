//! One browser, from its upgrade to its end. Explained in steps 8 and 12 to 16.

use std::sync::atomic::{AtomicU64, Ordering};

// [hub] [end hub]
use tokio::time;
use tokio::time::Duration;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::ending;
use crate::events::received;
use crate::everyone::Everyone;
use crate::goodbye::{self, Goodbye, why};
// [hub] [end hub]
use crate::pace::Pace;
use crate::settings::SETTINGS;
use crate::silence::Silence;
// [hub]
use crate::socket::WebSocket;
// [end hub]

/// One browser, from its upgrade to its end.
// [hub]
pub async fn connected(mut socket: WebSocket, everyone: Everyone) {
    if let Some(goodbye) = talk(&mut socket, everyone).await {
        goodbye::say(&mut socket, goodbye).await;
        // [end hub]
    }
}

/// Reads and writes until one of the two is over. Returns what to say then, if somebody is there to hear it.
///
// [hub]
/// The hub writes what the others say, and this task writes everything else. When the loop ends, the socket is dropped, and
/// the hub finds nobody there. So there is no list of clients to tidy.
async fn talk(socket: &mut WebSocket, everyone: Everyone) -> Option<Goodbye> {
    // [end hub]
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let me = NEXT.fetch_add(1, Ordering::Relaxed);
    // [hub]
    everyone.join(me, &socket.client);
    // [end hub]
    let mut pace = Pace::new();
    let mut silence = Silence::new();
    let mut ending = std::pin::pin!(ending::begins());
    loop {
        let first = tokio::select! {
            // [hub]
            message = next(&pace, socket) => match message {
            // [end hub]
                Some(Ok(message)) => {
                    silence.heard();
                    if pace.counts_a_flood(Duration::from_secs(1) / SETTINGS.events_per_second) {
                        return Some((1008, "too many messages"));
                    }
                    received(&message, me, &everyone)
                }
                Some(Err(error)) => return why(&error),
                None => return None,
            },
            // [hub] [end hub]
            is_to_be_asked = silence.is_to_be_asked() => match is_to_be_asked {
                true => Some(Message::Ping("".into())),
                false => return None,
            },
            () = &mut ending => return Some((1001, "the server ends")),
        };
        // [hub]
        if socket.send(first).await.is_err() {
            return None; // Nobody is there to hear why.
        }
        // [end hub]
    }
}

/// The next message, as soon as the browser may send it. What we do not read waits in our system, then in the sender's. So
/// TCP slows down a browser that sends too fast, and nothing is thrown away.
// [hub]
async fn next(pace: &Pace, socket: &mut WebSocket) -> Option<Result<Message, Error>> {
    // [end hub]
    if let Some(until) = pace.pause() {
        time::sleep_until(until).await;
    }
    // [hub]
    socket.next().await
}
// [end hub]
