//! The upgrade: an HTTP connection becomes a WebSocket of our own. Explained in step 14.

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use warp::Reply;
use warp::http::{StatusCode, header};

use crate::settings::LONGEST;

/// How many bytes the library reads at once. It reserves them for each connection from the first day to the last. Its
/// default is 128 KiB, which is right for two programs that send each other files. Ten positions of a mouse have 200 bytes.
const READ_BUFFER: usize = 256;

/// One browser's WebSocket: the library's, over the connection that hyper hands over.
pub type WebSocket = WebSocketStream<TokioIo<Upgraded>>;

/// The answer to a handshake. The browser's key comes back hashed. Only a server that knows the protocol can do that, so no
/// page from a cache is taken for a WebSocket.
pub fn switching_protocols(key: &str) -> impl Reply + use<> {
    let accept = derive_accept_key(key.as_bytes());
    let reply = warp::reply::with_status("", StatusCode::SWITCHING_PROTOCOLS);
    let reply = warp::reply::with_header(reply, header::CONNECTION, "upgrade");
    let reply = warp::reply::with_header(reply, header::UPGRADE, "websocket");
    warp::reply::with_header(reply, header::SEC_WEBSOCKET_ACCEPT, accept)
}

/// The WebSocket over a connection. The request is answered already, so no handshake is left to do.
pub async fn web_socket(upgraded: Upgraded) -> WebSocket {
    let connection = TokioIo::new(upgraded);
    WebSocketStream::from_raw_socket(connection, Role::Server, Some(config())).await
}

/// How the library is to treat a connection.
fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(LONGEST))
        .max_frame_size(Some(LONGEST))
}
