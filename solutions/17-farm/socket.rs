//! A WebSocket that two tasks write to: the library reads it, and we write. Explained in step 16.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::{io, mem};

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::client::Client;
use crate::connection::Connection;
use crate::everyone::{Everyone, lock};
use crate::pace::{Pace, time_for};
use crate::settings::LONGEST;
use crate::upgrade::config;

/// How often we ask the network for one browser before the next browser has its turn.
const READS: usize = 64;

/// One browser's WebSocket: the library's, and beside it the socket that we write to.
pub struct WebSocket {
    /// In a box of its own, because a future that is handed something large keeps room for it twice.
    library: Box<tungstenite::WebSocket<Wire>>,
    /// Whether it could not read a message. After that it does not know where the next one begins, so it is not asked again.
    has_failed: bool,
    pub client: Arc<Client>,
}

/// What the library takes for the network. It reads the socket, but what it writes is put aside. The hub writes to the
/// socket, too, and neither may begin in the middle of the other's frame.
struct Wire {
    client: Arc<Client>,
    written: Vec<u8>,
    /// How fast its bytes come.
    pace: Pace,
    /// How often the network may still be asked in this turn.
    reads: usize,
}

impl io::Read for Wire {
    /// The library asks again and again until it has a whole message. A client that sends the beginning of one, and then empty
    /// fragments, keeps it asking for ever. Nothing in here awaits, so the task would never give its core away. Therefore a
    /// turn has an end, and at its end we say that nothing is there.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.reads == 0 || self.pace.pause().is_some() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.reads -= 1;
        let bytes = self.client.socket.try_read(into)?;
        match self.pace.counts_a_flood(time_for(bytes)) {
            true => Err(io::ErrorKind::QuotaExceeded.into()),
            false => Ok(bytes),
        }
    }
}

impl io::Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WebSocket {
    /// The WebSocket over a connection that hyper hands over. Below hyper's own types lies the socket that we have accepted.
    pub fn over(upgraded: Upgraded, everyone: &Everyone) -> Option<WebSocket> {
        let parts = upgraded.downcast::<TokioIo<Connection>>().ok()?;
        let connection = parts.io.into_inner();
        let client = Arc::new(Client {
            socket: connection.stream,
            _place: connection._place,
            everyone: everyone.clone(),
            outbox: Mutex::default(),
            left_behind: Notify::new(),
        });
        let wire = Wire {
            client: client.clone(),
            written: Vec::new(),
            pace: connection.pace,
            reads: 0,
        };
        // What came right after the request is read already. We copy it, because hyper's buffer has 8 KiB, and goes with `parts`.
        let read = parts.read_buf.to_vec();
        let library =
            tungstenite::WebSocket::from_partially_read(wire, read, Role::Server, Some(config()));
        Some(WebSocket {
            library: Box::new(library),
            has_failed: false,
            client,
        })
    }

    /// The next message. Until it comes, we write what this browser was too slow for, whenever the network takes more.
    pub async fn next(&mut self) -> Option<Result<Message, Error>> {
        loop {
            // A browser that does not take our answers may ask no more questions. One frame may wait, so that a browser that
            // is a little late is not silenced.
            let may_read = !self.has_failed && lock(&self.client.outbox).first.len() <= 2 * LONGEST;
            let pause = self.library.get_ref().pace.pause();
            if may_read && pause.is_none() {
                match self.read() {
                    Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(Error::ConnectionClosed) => return None,
                    message => return Some(message),
                }
                if self.library.get_ref().reads == 0 {
                    yield_now().await; // There may be more: at its next turn.
                    continue;
                }
            }
            if let Err(error) = self.waits(may_read, pause).await {
                return Some(Err(error.into()));
            }
        }
    }

    /// Reads a message in one turn.
    fn read(&mut self) -> Result<Message, Error> {
        self.library.get_mut().reads = READS;
        let message = self.library.read();
        self.has_failed = match &message {
            Err(Error::Io(error)) => error.kind() != io::ErrorKind::WouldBlock,
            other => other.is_err(),
        };
        message
    }

    /// Waits until there is something to read, or until the network takes more of what is to be written.
    async fn waits(&self, may_read: bool, pause: Option<time::Instant>) -> io::Result<()> {
        let readable = async {
            if let Some(until) = pause {
                // In a box, so that only the browsers that are too fast pay for this wait.
                Box::pin(time::sleep_until(until)).await;
                return Ok(());
            }
            // The socket's own `readable` says the same, in a future of 150 bytes. This one has 8.
            poll_fn(|task| self.client.socket.poll_read_ready(task)).await
        };
        tokio::select! {
            readable = readable, if may_read => readable,
            room = self.client.room() => room.and_then(|()| self.client.catch_up()),
        }
    }

    /// Sends a message, and before it what the library itself has to say: a pong, the answer to a close.
    pub async fn send(&mut self, message: impl Into<Option<Message>>) -> Result<(), Error> {
        if let Some(message) = message.into() {
            self.library.write(message)?;
        }
        match self.library.flush() {
            Ok(()) | Err(Error::ConnectionClosed) => {} // It is closed with this: its answer to a close is the last word.
            Err(error) => return Err(error),
        }
        let is_last = !self.library.can_write();
        let bytes = mem::take(&mut self.library.get_mut().written);
        Ok(self.client.answer(&bytes, is_last)?)
    }
}
