//! One browser, from its upgrade to its end. Explained in steps 8 and 12.

use std::sync::atomic::{AtomicU64, Ordering};

// [talk]
use futures::stream::{SelectAll, SplitSink, SplitStream, select_all};
// [end talk]
use futures::{SinkExt, StreamExt};
use tokio::sync::broadcast::{Receiver, error::TryRecvError};
// [patience]
use tokio::time;
// [end patience]
use warp::ws::{Message, WebSocket};

// [ending]
use crate::ending;
// [end ending]
use crate::events::received;
use crate::everyone::{Everyone, Relayed};
// [talk]
// [goodbye]
use crate::goodbye::{self, Goodbye, why};
// [end goodbye]
// [end talk]
// [patience]
use crate::settings::SETTINGS;
// [end patience]
// [ping]
use crate::silence::Silence;
// [end ping]

// [talk]
/// What we read of a browser's socket.
pub type Incoming = SelectAll<SplitStream<WebSocket>>;

/// What we write to it.
pub type Outgoing = SplitSink<WebSocket, Message>;

/// One browser, from its upgrade to its end.
pub async fn connected(socket: WebSocket, everyone: Everyone) {
    let (mut outgoing, incoming) = socket.split();
    // A look at the socket clears 128 KiB, so `select_all` looks only when something has come.
    let mut incoming = select_all([incoming]);
    // [goodbye]
    if let Some(goodbye) = talk(&mut incoming, &mut outgoing, everyone).await {
        goodbye::say(&mut incoming, &mut outgoing, goodbye).await;
    }
    // [end goodbye]
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
    // [ping]
    let mut silence = Silence::new();
    // [end ping]
    // [ending]
    let mut ending = std::pin::pin!(ending::begins());
    // [end ending]
    loop {
        let first = tokio::select! {
            message = incoming.next() => match message {
                Some(Ok(message)) => {
                    // [ping]
                    silence.heard();
                    // [end ping]
                    received(&message, me, &everyone)
                }
                // [goodbye]
                Some(Err(error)) => return why(&error),
                None => return None,
                // [end goodbye]
            },
            relayed = inbox.recv() => match relayed {
                Ok(relayed) if relayed.from != me => Some(relayed.message),
                _ => None, // Our own; or it was too slow, and some are lost.
            },
            // [ping]
            is_to_be_asked = silence.is_to_be_asked() => match is_to_be_asked {
                true => Some(Message::ping("")),
                false => return None,
            },
            // [end ping]
            // [ending]
            () = &mut ending => return Some((1001, "the server ends")),
            // [end ending]
        };
        // [patience]
        let written = deliver(first, &mut inbox, me, outgoing);
        let Ok(Ok(())) = time::timeout(SETTINGS.patience, written).await else {
            return None; // Nobody is there to hear why.
        };
        // [end patience]
    }
}

/// Writes everything that waits for this browser and flushes once: one write to the network, however many messages.
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
// [end talk]
