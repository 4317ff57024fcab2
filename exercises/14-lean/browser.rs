//! One browser, from its upgrade to its end. Explained in steps 8 and 12 to 14.

use std::sync::atomic::{AtomicU64, Ordering};

// TODO: `select_all` is not needed any more.
use futures::stream::{SelectAll, SplitSink, SplitStream, select_all};
use futures::{SinkExt, StreamExt};
use tokio::sync::broadcast::{Receiver, error::TryRecvError};
use tokio::time;
use tokio::time::Duration;
// TODO: The library's messages and errors.
use warp::ws::{Message, WebSocket};

use crate::ending;
use crate::events::received;
use crate::everyone::{Everyone, Relayed};
use crate::goodbye::{self, Goodbye, why};
use crate::pace::Pace;
use crate::settings::SETTINGS;
use crate::silence::Silence;
// TODO: Our own WebSocket.

/// What we read of a browser's socket.
// TODO: A look at the socket clears little now, so the half is enough.
pub type Incoming = SelectAll<SplitStream<WebSocket>>;

/// What we write to it.
pub type Outgoing = SplitSink<WebSocket, Message>;

/// One browser, from its upgrade to its end.
pub async fn connected(socket: WebSocket, everyone: Everyone) {
    // TODO: Here, too.
    let (mut outgoing, incoming) = socket.split();
    // A look at the socket clears 128 KiB, so `select_all` looks only when something has come.
    let mut incoming = select_all([incoming]);
    if let Some(goodbye) = talk(&mut incoming, &mut outgoing, everyone).await {
        goodbye::say(&mut incoming, &mut outgoing, goodbye).await;
    }
}

/// Reads and writes until one of the two is over. Returns what to say then, if somebody is there to hear it.
///
/// What goes out comes from several sides, and is written in one place. When the loop ends, the inbox is dropped, and the
/// channel counts one less. So there is no list of clients to tidy.
async fn talk(
    incoming: &mut Incoming,
    outgoing: &mut Outgoing,
    everyone: Everyone,
) -> Option<Goodbye> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let me = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut inbox = everyone.subscribe();
    let mut pace = Pace::new();
    let mut silence = Silence::new();
    let mut ending = std::pin::pin!(ending::begins());
    loop {
        let first = tokio::select! {
            message = next(&pace, incoming) => match message {
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
            relayed = inbox.recv() => match relayed {
                Ok(relayed) if relayed.from != me => Some(relayed.message),
                _ => None, // Our own; or it was too slow, and some are lost.
            },
            is_to_be_asked = silence.is_to_be_asked() => match is_to_be_asked {
                // TODO: The library's ping.
                true => Some(Message::ping("")),
                false => return None,
            },
            () = &mut ending => return Some((1001, "the server ends")),
        };
        let written = deliver(first, &mut inbox, me, outgoing);
        let Ok(Ok(())) = time::timeout(SETTINGS.patience, written).await else {
            return None; // Nobody is there to hear why.
        };
    }
}

/// The next message, as soon as the browser may send it. What we do not read waits in our system, then in the sender's. So
/// TCP slows down a browser that sends too fast, and nothing is thrown away.
// TODO: The library's error.
async fn next(pace: &Pace, incoming: &mut Incoming) -> Option<Result<Message, warp::Error>> {
    if let Some(until) = pace.pause() {
        time::sleep_until(until).await;
    }
    incoming.next().await
}

/// Writes everything that waits for this browser and flushes once: one write to the network, however many messages.
// TODO: The library's error, again.
async fn deliver(
    first: Option<Message>,
    inbox: &mut Receiver<Relayed>,
    me: u64,
    outgoing: &mut Outgoing,
) -> Result<(), warp::Error> {
    let mut next = first;
    let mut bytes = 0;
    loop {
        if let Some(message) = next {
            // TODO: The library's message knows its length.
            bytes += message.as_bytes().len();
            outgoing.feed(message).await?;
        }
        // What is fed is memory that this browser costs until it reads. So we flush early.
        if bytes > 16 * 1024 {
            return outgoing.flush().await;
        }
        next = match inbox.try_recv() {
            Ok(relayed) => (relayed.from != me).then_some(relayed.message),
            // This browser was too slow. It has lost its oldest messages, and goes on with the oldest that is left.
            Err(TryRecvError::Lagged(_)) => None,
            Err(TryRecvError::Empty | TryRecvError::Closed) => return outgoing.flush().await,
        };
    }
}
