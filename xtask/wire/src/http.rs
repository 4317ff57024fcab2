//! A request as its bytes, and the answer to it: nothing between a check and the program under test.
//!
//! Not a client for general use. It speaks HTTP/1.0, so that an answer ends where its connection ends, and it sends a
//! target as it is given: `/../Cargo.toml` stays what it is, where a polite client would tidy it up.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// 200, 404, …
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// All that came after the headers.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of the first header of this name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The media type without its parameters, in lower case; empty where there is none.
    pub fn media_type(&self) -> String {
        let value = self.header("content-type").unwrap_or_default();
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    }

    /// What it was, for a person: `200, text/html, 3 412 bytes`.
    pub fn summary(&self) -> String {
        let kind = match self.media_type() {
            kind if kind.is_empty() => "no content type".to_owned(),
            kind => kind,
        };
        format!("{}, {kind}, {} bytes", self.status, self.body.len())
    }
}

/// Sends one request without a body, and reads the answer to its end.
///
/// # Errors
/// When the connection cannot be made or breaks, or what comes is not HTTP: `UnexpectedEof` where nothing came at all.
pub async fn request(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address).await?;
    let mut head = format!("{method} {target} HTTP/1.0\r\nHost: {address}\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes).await {
        // A server may reset a connection that it has answered on; what came is what counts.
        Err(error) if bytes.is_empty() => Err(error),
        _ => parse(&bytes),
    }
}

fn parse(bytes: &[u8]) -> io::Result<Answer> {
    if bytes.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the connection ended without an answer",
        ));
    }
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let length = match response.parse(bytes).map_err(io::Error::other)? {
        httparse::Status::Complete(length) => length,
        httparse::Status::Partial => {
            return Err(io::Error::other("the answer ended within its headers"));
        }
    };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    Ok(Answer {
        status: response.code.unwrap_or_default(),
        headers: response
            .headers
            .iter()
            .map(|h| (h.name.to_ascii_lowercase(), text(h.value)))
            .collect(),
        body: bytes[length..].to_vec(),
    })
}
