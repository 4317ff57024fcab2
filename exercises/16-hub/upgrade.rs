//! The upgrade: an HTTP connection becomes a WebSocket of our own. Explained in step 14.

// The WebSocket itself is in socket.rs.
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use warp::Reply;
use warp::http::{StatusCode, header};

use crate::settings::LONGEST;

/// How many bytes the library reads at once. It reserves them for each connection from the first day to the last. Its
/// default is 128 KiB, which is right for two programs that send each other files. Ten positions of a mouse have 200 bytes.
const READ_BUFFER: usize = 256;
// Its type is there, too.

/// The answer to a handshake. The browser's key comes back hashed. Only a server that knows the protocol can do that, so no
/// page from a cache is taken for a WebSocket.
pub fn switching_protocols(key: &str) -> impl Reply + use<> {
    let accept = derive_accept_key(key.as_bytes());
    let reply = warp::reply::with_status("", StatusCode::SWITCHING_PROTOCOLS);
    let reply = warp::reply::with_header(reply, header::CONNECTION, "upgrade");
    let reply = warp::reply::with_header(reply, header::UPGRADE, "websocket");
    warp::reply::with_header(reply, header::SEC_WEBSOCKET_ACCEPT, accept)
}

// The function that makes it is there, too.
/// How the library is to treat a connection.
pub fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(LONGEST))
        .max_frame_size(Some(LONGEST))
}
