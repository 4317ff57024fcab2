//! A connection on which a check writes the bytes itself: half a request, another site's `Origin`, a frame that no library
//! would write, more than anybody should.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::frame::{self, Frame, Next};
use super::transcript::{self, Transcript, What};
use super::upgrade;

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
        let head = upgrade::request("/ws", self.stream.peer_addr()?, &origin.unwrap_or_default());
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
            if let Some(answer) = upgrade::answer(&self.unread).map_err(io::Error::other)? {
                self.is_upgraded = answer.is_upgrade;
                self.unread.drain(..answer.length);
                return Ok(answer.status);
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
        let up = What::Up(transcript::Frame::in_words(what));
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
            let down = What::Down(transcript::Frame::end(end.in_words()));
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

/// Reads frames, whose content is nobody's business here, until one of them is a close frame or the connection ends.
async fn until_the_end(unread: &mut Vec<u8>, stream: &mut (impl AsyncReadExt + Unpin)) -> End {
    loop {
        loop {
            let length = match frame::next(unread) {
                Next::Frame(Frame::Close(code), _) => return End::Goodbye(code),
                Next::Frame(_, length) => length,
                Next::Broken => return End::Gone,
                Next::Incomplete => break,
            };
            unread.drain(..length);
        }
        if !matches!(stream.read_buf(unread).await, Ok(1..)) {
            return End::Gone;
        }
    }
}
