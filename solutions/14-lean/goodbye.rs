//! The last word: why we end a connection. Explained in steps 12 and 14.

use std::io;

use futures::{SinkExt, StreamExt};
use tokio::time::{self, Duration};
// [upgrade]
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
// [end upgrade]

use crate::browser::{Incoming, Outgoing};

/// Why we end a connection, as its close frame says it: a code, and words for the person who looks for the mistake.
pub type Goodbye = (u16, &'static str);

// [upgrade]
/// What we say of a message that could not be read.
pub fn why(error: &Error) -> Option<Goodbye> {
    match error {
        // [end upgrade]
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
        // [upgrade]
        let (code, reason) = (code.into(), words.into());
        let goodbye = CloseFrame { code, reason };
        outgoing.send(Message::Close(Some(goodbye))).await?;
        // [end upgrade]
        loop {
            match incoming.next().await {
                // [upgrade]
                Some(Ok(message)) if message.is_close() => return Ok::<_, Error>(()),
                // [end upgrade]
                // Now that a flood is over, we read it no faster than before.
                Some(Ok(_)) => time::sleep(Duration::from_millis(10)).await,
                // After an error we read nothing more; but the other side may still be reading.
                Some(Err(_)) | None => std::future::pending().await,
            }
        }
    };
    let _ = time::timeout(Duration::from_secs(1), heard).await;
}
