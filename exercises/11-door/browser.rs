//! One browser, from its upgrade to its end. Explained in step 8.

use std::sync::atomic::{AtomicU64, Ordering};

use futures::{SinkExt, StreamExt};
use tokio::sync::broadcast::{Receiver, error::TryRecvError};
use warp::ws::{Message, WebSocket};

use crate::events::received;
use crate::everyone::{Everyone, Relayed};

/// One browser, from its upgrade to its end. All ends are one: a close, a pulled cable, a message that is too long.
/// When the loop ends, the inbox is dropped, and the channel counts one less. So there is no list of clients to tidy.
pub async fn connected(socket: WebSocket, everyone: Everyone) {
    let (mut outgoing, incoming) = socket.split();
    // A look at the socket clears 128 KiB, so `select_all` looks only when something has come.
    let mut incoming = futures::stream::select_all([incoming]);
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let me = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut inbox = everyone.subscribe();
    loop {
        let sent = tokio::select! {
            message = incoming.next() => match message {
                Some(Ok(message)) => match received(&message, me, &everyone) {
                    Some(answer) => outgoing.send(answer).await,
                    None => Ok(()),
                },
                Some(Err(_)) | None => break,
            },
            relayed = inbox.recv() => deliver(relayed.ok(), &mut inbox, me, &mut outgoing).await,
        };
        if sent.is_err() {
            break;
        }
    }
}

/// Writes everything that waits for this browser and flushes once: one write to the network, however many messages.
async fn deliver(
    first: Option<Relayed>,
    inbox: &mut Receiver<Relayed>,
    me: u64,
    outgoing: &mut futures::stream::SplitSink<WebSocket, Message>,
) -> Result<(), warp::Error> {
    let mut next = first;
    loop {
        if let Some(relayed) = next.filter(|relayed| relayed.from != me) {
            outgoing.feed(relayed.message).await?;
        }
        next = match inbox.try_recv() {
            Ok(relayed) => Some(relayed),
            // This browser was too slow. It has lost its oldest messages, and goes on with the oldest that is left.
            Err(TryRecvError::Lagged(_)) => None,
            Err(TryRecvError::Empty | TryRecvError::Closed) => return outgoing.flush().await,
        };
    }
}
