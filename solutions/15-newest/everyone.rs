//! What all tasks share: the channel that carries each message to everyone. Explained in step 8.

use tokio::sync::broadcast;
use tokio_tungstenite::tungstenite::Message;

/// How many messages may wait for a browser that reads slowly. After that it loses the oldest, and nobody else notices.
/// Two seconds of ten busy mice: enough for a hiccup of the network, too little to replay a minute of the past.
pub const QUEUE: usize = 1024;

/// What goes to every browser except the one that sent it. Cloning it is cheap: the clones share the message's bytes.
#[derive(Clone)]
pub struct Relayed {
    pub from: u64,
    pub message: Message,
}

/// A ring of `QUEUE` messages. Each message is in it once, and each browser has its own position in the ring, up to which it
/// has read. A sender never waits, and there is no list of browsers to keep.
pub type Everyone = broadcast::Sender<Relayed>;
