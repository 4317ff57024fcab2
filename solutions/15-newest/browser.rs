//! One browser, from its upgrade to its end. Explained in steps 8 and 12 to 15.

use std::sync::atomic::{AtomicU64, Ordering};

use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
// [outbox] [end outbox]
use tokio::time;
use tokio::time::Duration;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::ending;
use crate::events::received;
// [outbox]
use crate::everyone::Everyone;
use crate::goodbye::{self, Goodbye, why};
use crate::outbox::Outbox;
// [end outbox]
use crate::pace::Pace;
use crate::settings::SETTINGS;
use crate::silence::Silence;
use crate::upgrade::WebSocket;

/// What we read of a browser's socket.
pub type Incoming = SplitStream<WebSocket>;

/// What we write to it.
pub type Outgoing = SplitSink<WebSocket, Message>;

/// One browser, from its upgrade to its end.
pub async fn connected(socket: WebSocket, everyone: Everyone) {
    let (mut outgoing, mut incoming) = socket.split();
    if let Some(goodbye) = talk(&mut incoming, &mut outgoing, everyone).await {
        goodbye::say(&mut incoming, &mut outgoing, goodbye).await;
    }
}

/// Reads and writes until one of the two is over. Returns what to say then, if somebody is there to hear it.
///
/// What goes out comes from several sides, and is written in one place. When the loop ends, its outbox is dropped, and the
/// channel counts one less. So there is no list of clients to tidy.
async fn talk(
    incoming: &mut Incoming,
    outgoing: &mut Outgoing,
    everyone: Everyone,
) -> Option<Goodbye> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let me = NEXT.fetch_add(1, Ordering::Relaxed);
    // [outbox]
    let mut outbox = Outbox::of(me, &everyone);
    // [end outbox]
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
            // [outbox]
            message = outbox.next() => Some(message),
            // [end outbox]
            is_to_be_asked = silence.is_to_be_asked() => match is_to_be_asked {
                true => Some(Message::Ping("".into())),
                false => return None,
            },
            () = &mut ending => return Some((1001, "the server ends")),
        };
        // [outbox]
        let written = deliver(first, &mut outbox, outgoing);
        // [end outbox]
        let Ok(Ok(())) = time::timeout(SETTINGS.patience, written).await else {
            return None; // Nobody is there to hear why.
        };
    }
}

/// The next message, as soon as the browser may send it. What we do not read waits in our system, then in the sender's. So
/// TCP slows down a browser that sends too fast, and nothing is thrown away.
async fn next(pace: &Pace, incoming: &mut Incoming) -> Option<Result<Message, Error>> {
    if let Some(until) = pace.pause() {
        time::sleep_until(until).await;
    }
    incoming.next().await
}

/// Writes everything that waits for this browser and flushes once: one write to the network, however many messages.
async fn deliver(
    first: Option<Message>,
    // [outbox]
    outbox: &mut Outbox,
    // [end outbox]
    outgoing: &mut Outgoing,
) -> Result<(), Error> {
    let mut next = first;
    let mut bytes = 0;
    loop {
        if let Some(message) = next {
            bytes += message.len();
            outgoing.feed(message).await?;
        }
        // What is fed is memory that this browser costs until it reads. So we flush early.
        if bytes > 16 * 1024 {
            return outgoing.flush().await;
        }
        // [outbox]
        next = outbox.at_once();
        if next.is_none() {
            return outgoing.flush().await;
        }
        // [end outbox]
    }
}
