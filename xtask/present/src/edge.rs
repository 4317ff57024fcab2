//! The edge of a pane: a page of ours around the app's, at the app's own address.
//!
//! Whoever clicks into a pane takes the keyboard there, and the presenter's page, which is of another origin, hears no key any
//! more. The edge is of the app's origin: it hears the keys of the page inside, and passes on those of a clicker. The colours
//! that the presenter has chosen go the other way. The app knows nothing of it, and its bytes stay as they are.
//!
//! Each connection of a pane carries one request, so that the next one is looked at, too.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Where the edge is. No app of the workshop has anything there.
pub const PATH: &str = "/walk-pane";

const PAGE: &str = include_str!("../page/edge.html");

/// A head that is longer is not looked at any further, in bytes.
const LONGEST: usize = 64 * 1024;

/// A browser sends its request at once.
const PATIENCE: Duration = Duration::from_secs(10);

/// The first bytes of a connection, for the app; `None` where there is nothing for it: the edge was asked for and answered, or
/// the client is gone.
pub async fn first_of(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") && head.len() < LONGEST {
        match timeout(PATIENCE, client.read(&mut piece)).await {
            Ok(Ok(read @ 1..)) => head.extend(&piece[..read]),
            _ => return None,
        }
    }
    match is_for_the_edge(&head) {
        true => {
            answer(client).await;
            None
        }
        false => Some(closing(head)),
    }
}

fn is_for_the_edge(head: &[u8]) -> bool {
    let rest = head.strip_prefix(b"GET ").unwrap_or_default();
    let rest = rest.strip_prefix(PATH.as_bytes()).unwrap_or_default();
    rest.starts_with(b" ")
}

async fn answer(client: &mut TcpStream) {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Connection: close\r\n\r\n",
        PAGE.len()
    );
    let _ = client.write_all(head.as_bytes()).await;
    let _ = client.write_all(PAGE.as_bytes()).await;
    let _ = client.shutdown().await;
}

/// Has a request that leaves its connection open end it. A WebSocket's stays as it is.
fn closing(head: Vec<u8>) -> Vec<u8> {
    const KEEP: &[u8] = b"\r\nconnection: keep-alive\r\n";
    let is_keep = |piece: &[u8]| piece.eq_ignore_ascii_case(KEEP);
    match head.windows(KEEP.len()).position(is_keep) {
        Some(at) => [
            &head[..at],
            b"\r\nConnection: close\r\n",
            &head[at + KEEP.len()..],
        ]
        .concat(),
        None => head,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_its_connection_and_a_websocket_does_not() {
        let page = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\nA: b\r\n\r\n";
        let closed = closing(page.to_vec());
        assert_eq!(
            String::from_utf8_lossy(&closed),
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nA: b\r\n\r\n"
        );
        let upgrade = b"GET /ws HTTP/1.1\r\nConnection: Upgrade\r\n\r\n".to_vec();
        assert_eq!(closing(upgrade.clone()), upgrade);
        assert!(is_for_the_edge(b"GET /walk-pane HTTP/1.1\r\n"));
        assert!(!is_for_the_edge(b"GET /walk-panes HTTP/1.1\r\n"));
    }
}
