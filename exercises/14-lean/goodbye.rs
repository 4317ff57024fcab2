//! The last word: why we end a connection. Explained in steps 12 and 14.

use std::io;

use futures::{SinkExt, StreamExt};
use tokio::time::{self, Duration};
// TODO: The library's messages and errors, and its close frame.
use warp::ws::Message;

use crate::browser::{Incoming, Outgoing};

/// Why we end a connection, as its close frame says it: a code, and words for the person who looks for the mistake.
pub type Goodbye = (u16, &'static str);

// TODO: The error is the library's own now, with no other around it.
/// What we say of a message that could not be read. warp keeps the library's error inside its own.
pub fn why(error: &warp::Error) -> Option<Goodbye> {
    use tokio_tungstenite::tungstenite::Error;
    match std::error::Error::source(error)?.downcast_ref()? {
        Error::Capacity(_) => Some((1009, "a message has at most 4096 bytes")),
        Error::Utf8(_) => Some((1007, "a text is UTF-8")),
        Error::Protocol(_) => Some((1002, "this is no WebSocket frame")),
        Error::Io(error) if error.kind() == io::ErrorKind::QuotaExceeded => {
            Some((1008, "too many bytes"))
        }
        _ => None, // The network's own error: nobody is there any more.
    }
}

/// Says why, and gives the browser a second to hear it.
///
/// Dropping the socket would end the connection at once. If bytes of the browser are unread at that moment, TCP resets the
/// connection instead of closing it, and a reset overtakes the close frame. A message that is too long leaves such bytes.
pub async fn say(incoming: &mut Incoming, outgoing: &mut Outgoing, (code, words): Goodbye) {
    let heard = async {
        // TODO: The close frame is the library's, too.
        outgoing.send(Message::close_with(code, words)).await?;
        loop {
            match incoming.next().await {
                // TODO: The library's error, once more.
                Some(Ok(message)) if message.is_close() => return Ok::<_, warp::Error>(()),
                // Now that a flood is over, we read it no faster than before.
                Some(Ok(_)) => time::sleep(Duration::from_millis(10)).await,
                // After an error we read nothing more; but the other side may still be reading.
                Some(Err(_)) | None => std::future::pending().await,
            }
        }
    };
    let _ = time::timeout(Duration::from_secs(1), heard).await;
}
