//! One browser, from its upgrade to its end. Explained in steps 8 and 12.

use std::sync::atomic::{AtomicU64, Ordering};

// For the two names below.
use futures::stream::{SelectAll, SplitSink, SplitStream, select_all};
use futures::{SinkExt, StreamExt};
use tokio::sync::broadcast::{Receiver, error::TryRecvError};
// TODO: For a time limit.
use warp::ws::{Message, WebSocket};

// TODO: For the end of the server.
use crate::events::received;
use crate::everyone::{Everyone, Relayed};
// For the reason of an end.
// TODO: For the last word.
use crate::goodbye::Goodbye;
// TODO: For the time limit, too.
// TODO: For the silence.

// Everything that goes out is written in one place, at the end of the loop; and whatever ends the loop, there is one place for what comes after it.
/// What we read of a browser's socket.
pub type Incoming = SelectAll<SplitStream<WebSocket>>;

/// What we write to it.
pub type Outgoing = SplitSink<WebSocket, Message>;

/// One browser, from its upgrade to its end.
pub async fn connected(socket: WebSocket, everyone: Everyone) {
    let (mut outgoing, incoming) = socket.split();
    // A look at the socket clears 128 KiB, so `select_all` looks only when something has come.
    let mut incoming = select_all([incoming]);
    // TODO: If there is something to say at the end, say it.
    let _ = talk(&mut incoming, &mut outgoing, everyone).await;
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
    // TODO: Watch its silence.
    // TODO: Wait for the end of the server as well: once, and not again in each round.
    loop {
        let first = tokio::select! {
            message = incoming.next() => match message {
                Some(Ok(message)) => {
                    // TODO: Whatever comes is a sign of life.
                    received(&message, me, &everyone)
                }
                // TODO: If a message cannot be read, return what to say of it.
                Some(Err(_)) | None => return None,
            },
            relayed = inbox.recv() => match relayed {
                Ok(relayed) if relayed.from != me => Some(relayed.message),
                _ => None, // Our own; or it was too slow, and some are lost.
            },
            // TODO: If it has been silent for too long, send a ping. If the last ping is unanswered, nobody is there.
            // TODO: When the server ends, say so: 1001.
        };
        // TODO: Give what you write SETTINGS.patience to leave: a browser that does not read is cut off.
        let written = deliver(first, &mut inbox, me, outgoing).await;
        if written.is_err() {
            return None;
        }
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
