//! The outbox of one browser: what the others say, and it has not got yet. Explained in steps 8 and 15.

// The outbox: what is still to be written to one browser.
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio_tungstenite::tungstenite::Message;

use crate::everyone::{Everyone, Relayed};
// TODO: For the newest positions.

/// What is still to be written to one browser. When it is dropped, the channel counts one less.
pub struct Outbox {
    me: u64,
    channel: Receiver<Relayed>,
    /// Where the others are, if this browser has fallen behind. This goes out before anything from the channel.
    missed: Vec<Message>,
}

impl Outbox {
    /// The outbox of a browser that joins now.
    pub fn of(me: u64, everyone: &Everyone) -> Outbox {
        Outbox {
            me,
            channel: everyone.subscribe(),
            missed: Vec::new(),
        }
    }

    /// Waits for the next message. If the wait is cancelled, nothing is lost.
    pub async fn next(&mut self) -> Message {
        loop {
            if let Some(message) = self.missed.pop() {
                return message;
            }
            match self.channel.recv().await {
                Ok(relayed) if relayed.from != self.me => return relayed.message,
                Ok(_) => {} // Our own.
                Err(RecvError::Lagged(_)) => self.catch_up(),
                Err(RecvError::Closed) => std::future::pending().await, // We hold a sender, so this never comes.
            }
        }
    }

    /// A message that is there already, if there is one.
    pub fn at_once(&mut self) -> Option<Message> {
        loop {
            if let Some(message) = self.missed.pop() {
                return Some(message);
            }
            match self.channel.try_recv() {
                Ok(relayed) if relayed.from != self.me => return Some(relayed.message),
                Ok(_) => {} // Our own.
                Err(TryRecvError::Lagged(_)) => self.catch_up(),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return None,
            }
        }
    }

    /// This browser was too slow, and has lost its oldest messages. It goes on with where the others are now. What is still in
    /// the channel is older, so it is left out.
    fn catch_up(&mut self) {
        // TODO: Go on with where the others are now.
    }
}

// TODO: When this browser leaves, forget its position.
