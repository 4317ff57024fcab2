//! A connection on which a check writes the bytes itself: half a request, another site's `Origin`, a frame that no library
//! would write, more than anybody should.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::transcript::{Frame, Transcript, What};

/// The connection.
pub struct Raw {
    name: String,
    stream: TcpStream,
    transcript: Transcript,
    /// What has come and is not taken apart yet.
    unread: Vec<u8>,
    /// How many bytes [`Raw::send`] and [`Raw::flood`] could hand over.
    pub written: usize,
    /// Whether the last head that came is that of a WebSocket's 101, as RFC 6455, 4.1, has a client look at it.
    pub is_upgraded: bool,
}

/// What a request for a WebSocket asks to be hashed.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// How a connection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// A close frame came, with this code if it had one.
    Goodbye(Option<u16>),
    /// The connection ended without one.
    Gone,
    /// It is still there.
    Open,
}

impl End {
    /// In words, to stand after "came".
    pub fn in_words(&self) -> String {
        match self {
            End::Goodbye(Some(code)) => format!("a close frame with {code}"),
            End::Goodbye(None) => "a close frame without a code".into(),
            End::Gone => "the end of the connection, without a close frame".into(),
            End::Open => "the connection is still there".into(),
        }
    }
}

impl Raw {
    /// A connection on which nothing is said yet.
    ///
    /// # Errors
    /// When there is none.
    pub async fn open(name: &str, address: SocketAddr, transcript: &Transcript) -> io::Result<Raw> {
        Raw::over(name, TcpStream::connect(address).await?, transcript)
    }

    /// The same, but the system keeps little of what comes: who does not read there soon makes itself felt.
    ///
    /// # Errors
    /// When there is none.
    pub async fn open_narrow(
        name: &str,
        address: SocketAddr,
        transcript: &Transcript,
    ) -> io::Result<Raw> {
        let socket = narrow()?;
        Raw::over(name, socket.connect(address).await?, transcript)
    }

    fn over(name: &str, stream: TcpStream, transcript: &Transcript) -> io::Result<Raw> {
        stream.set_nodelay(true)?;
        Ok(Raw {
            name: name.to_owned(),
            stream,
            transcript: transcript.clone(),
            unread: Vec::new(),
            written: 0,
            is_upgraded: false,
        })
    }

    /// Asks for a WebSocket, and returns the status of the answer.
    ///
    /// # Errors
    /// When the connection ends before there is one.
    pub async fn upgrade(&mut self, origin: Option<&str>) -> io::Result<u16> {
        let origin = origin.map(|origin| format!("Origin: {origin}\r\n"));
        let head = request_head(self.stream.peer_addr()?, &origin.unwrap_or_default());
        self.write(head.as_bytes()).await?;
        let status = self.status().await?;
        if status == 101 {
            self.transcript.note(&self.name, What::Connects);
        }
        Ok(status)
    }

    /// The status of the answer, which is read up to the end of its head.
    async fn status(&mut self) -> io::Result<u16> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; 64];
            let mut response = httparse::Response::new(&mut headers);
            let parsed = response.parse(&self.unread).map_err(io::Error::other)?;
            if let httparse::Status::Complete(length) = parsed {
                let status = response.code.unwrap_or_default();
                self.is_upgraded = status == 101 && is_upgrade(response.headers);
                self.unread.drain(..length);
                return Ok(status);
            }
            if self.stream.read_buf(&mut self.unread).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Writes these bytes.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Notes what was sent, for a person.
    pub fn note(&self, what: &str) {
        let up = What::Up(Frame::in_words(what));
        self.transcript.note(&self.name, up);
    }

    /// Has the system keep little of what is written: so much as can be written, about as much the server has taken.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn keep_little(&self) -> io::Result<()> {
        socket2::SockRef::from(&self.stream).set_send_buffer_size(16 * 1024)
    }

    /// Writes these bytes and reads meanwhile: a server may end the connection long before it has them all.
    pub async fn send(&mut self, bytes: &[u8], within: Duration) -> End {
        self.exchange(bytes, 1, within).await
    }

    /// Writes these bytes again and again, as fast as they are taken, until the connection ends or `within` has passed.
    pub async fn flood(&mut self, bytes: &[u8], within: Duration) -> End {
        self.exchange(bytes, usize::MAX, within).await
    }

    async fn exchange(&mut self, bytes: &[u8], times: usize, within: Duration) -> End {
        let (mut reading, mut writing) = self.stream.split();
        let written = &mut self.written;
        let write = async {
            'all: for _ in 0..times {
                let mut rest = bytes;
                while !rest.is_empty() {
                    match writing.write(rest).await {
                        Ok(taken @ 1..) => {
                            *written += taken;
                            rest = &rest[taken..];
                        }
                        _ => break 'all,
                    }
                }
            }
            // Whether and how it ended is for the reader to say.
            std::future::pending::<Infallible>().await
        };
        let read = until_the_end(&mut self.unread, &mut reading);
        let end = timeout(within, async {
            tokio::select! {
                end = read => end,
                never = write => match never {},
            }
        });
        let end = end.await.unwrap_or(End::Open);
        self.noted(end)
    }

    /// Whether these bytes get an answer, or the end of the connection, before `within` has passed.
    pub async fn is_answered(&mut self, bytes: &[u8], within: Duration) -> bool {
        let (mut reading, mut writing) = self.stream.split();
        let mut answer = Vec::new();
        timeout(within, async {
            let write = async {
                let _ = writing.write_all(bytes).await;
                std::future::pending::<Infallible>().await
            };
            tokio::select! {
                _ = reading.read_buf(&mut answer) => {}
                never = write => match never {},
            }
        })
        .await
        .is_ok()
    }

    /// Reads until the connection ends, or until `within` has passed.
    pub async fn end(&mut self, within: Duration) -> End {
        let reading = until_the_end(&mut self.unread, &mut self.stream);
        let end = timeout(within, reading).await.unwrap_or(End::Open);
        self.noted(end)
    }

    /// Whether the connection ends before `within` has passed, whatever is said before it does.
    pub async fn is_closed(&mut self, within: Duration) -> bool {
        let mut ignored = Vec::new();
        timeout(within, self.stream.read_to_end(&mut ignored))
            .await
            .is_ok()
    }

    fn noted(&self, end: End) -> End {
        if end != End::Open {
            let down = What::Down(Frame::end(end.in_words()));
            self.transcript.note(&self.name, down);
        }
        end
    }
}

/// A socket for which the system keeps little.
pub(super) fn narrow() -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(2048)?;
    #[cfg(unix)]
    socket2::SockRef::from(&socket).set_tcp_mss(536)?;
    Ok(socket)
}

/// Whether a client takes these headers for those of a WebSocket.
fn is_upgrade(headers: &[httparse::Header]) -> bool {
    let accept = derive_accept_key(KEY.as_bytes());
    let expected = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-accept", &accept),
    ];
    expected.iter().all(|(name, value)| {
        headers.iter().any(|header| {
            let is_it = header.value.eq_ignore_ascii_case(value.as_bytes());
            header.name.eq_ignore_ascii_case(name) && is_it
        })
    })
}

/// The head of a request for a WebSocket, with more headers if any.
pub fn request_head(address: SocketAddr, more: &str) -> String {
    format!(
        "GET /ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{more}\r\n"
    )
}

/// Reads frames, whose content is nobody's business here, until one of them is a close frame or the connection ends.
async fn until_the_end(unread: &mut Vec<u8>, stream: &mut (impl AsyncReadExt + Unpin)) -> End {
    loop {
        while let Some((opcode, payload)) = next_frame(unread) {
            if opcode == 8 {
                let code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                return End::Goodbye(code);
            }
        }
        if !matches!(stream.read_buf(unread).await, Ok(1..)) {
            return End::Gone;
        }
    }
}

/// Takes the first whole frame out of what has come from a server: its opcode, and what it holds.
pub fn next_frame(unread: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let [first, second, rest @ ..] = unread.as_slice() else {
        return None;
    };
    let (length, head) = match second & 0x7f {
        126 => (u64::from(u16::from_be_bytes(*rest.first_chunk()?)), 4),
        127 => (u64::from_be_bytes(*rest.first_chunk()?), 10),
        length => (u64::from(length), 2),
    };
    let end = usize::try_from(length).ok()?.checked_add(head)?;
    let payload = unread.get(head..end)?.to_vec();
    let opcode = first & 0x0f;
    unread.drain(..end);
    Some((opcode, payload))
}

/// A text frame.
pub fn text(text: &str) -> Vec<u8> {
    frame(0x81, text.as_bytes())
}

/// A frame that begins with this byte, the flags and the opcode, masked with zeros: so it holds what it is given.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASKED: u8 = 0x80;
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..126 => frame.push(MASKED | length as u8),
        length @ 126..65_536 => {
            frame.push(MASKED | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(MASKED | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_taken_out_when_it_is_whole() {
        let mut unread = vec![0x88, 2, 0x03];
        assert_eq!(next_frame(&mut unread), None);
        unread.extend([0xf0, 0x81]);
        assert_eq!(next_frame(&mut unread), Some((8, vec![0x03, 0xf0])));
        assert_eq!(unread, [0x81]);
    }

    #[test]
    fn a_frame_says_how_long_it_is() {
        assert_eq!(text("hi"), [0x81, 0x82, 0, 0, 0, 0, b'h', b'i']);
        assert_eq!(frame(0x82, &[0; 4096])[..4], [0x82, 0xfe, 0x10, 0x00]);
        assert_eq!(frame(0x82, &[0; 65_536])[..3], [0x82, 0xff, 0]);
    }
}
