//! The request that turns a connection into a WebSocket, and the answer to it, by hand.

use std::fmt::Display;

use httparse::{EMPTY_HEADER, Header, Response, Status};

/// What every request asks to be hashed: the key of RFC 6455, 1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// What has to come back for it, as the same page of the RFC has it.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// The head of the request but for the empty line that ends it, with more headers if any: each ends its own line.
pub fn head(path: &str, host: impl Display, more: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{more}"
    )
}

/// The whole request.
pub fn request(path: &str, host: impl Display, more: &str) -> String {
    head(path, host, more) + "\r\n"
}

/// What a server has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The status of the answer.
    pub status: u16,
    /// How many bytes its head takes, the empty line and all.
    pub length: usize,
    /// Whether the key came back hashed.
    pub has_accept: bool,
    /// Whether it is that of a WebSocket's 101, as RFC 6455, 4.1, has a client look at it.
    pub is_upgrade: bool,
}

/// Reads the answer at the beginning of `bytes`; `None` where its head has not come as a whole.
///
/// # Errors
/// It is not HTTP.
pub fn answer(bytes: &[u8]) -> Result<Option<Answer>, httparse::Error> {
    let mut headers = [EMPTY_HEADER; 64];
    let mut response = Response::new(&mut headers);
    let Status::Complete(length) = response.parse(bytes)? else {
        return Ok(None);
    };
    let status = response.code.unwrap_or_default();
    let has_accept = has(response.headers, "sec-websocket-accept", ACCEPT);
    let is_upgrade = status == 101
        && has_accept
        && has(response.headers, "connection", "upgrade")
        && has(response.headers, "upgrade", "websocket");
    Ok(Some(Answer {
        status,
        length,
        has_accept,
        is_upgrade,
    }))
}

fn has(headers: &[Header], name: &str, value: &str) -> bool {
    headers.iter().any(|header| {
        let is_it = header.value.eq_ignore_ascii_case(value.as_bytes());
        header.name.eq_ignore_ascii_case(name) && is_it
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_when_its_head_has_come() {
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {ACCEPT}\r\n\r\n"
        );
        let bytes = format!("{head}\u{1}");
        let read = answer(bytes.as_bytes()).unwrap().unwrap();
        assert_eq!((read.status, read.length), (101, head.len()));
        assert!(read.is_upgrade);
        assert_eq!(answer(&head.as_bytes()[..head.len() - 1]), Ok(None));
        assert!(answer(b"SSH-2.0\r\n").is_err());
        let plain = answer(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap()
            .unwrap();
        assert!(!plain.has_accept && !plain.is_upgrade);
    }
}
