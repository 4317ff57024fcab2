//! A client that speaks the protocol by hand, and so can speak it wrongly.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use wire::frame::{self, Frame, Next};
use wire::upgrade;

use super::soon;
use crate::load::server::Place;

/// How much is read at once.
const AT_ONCE: usize = 16 * 1024;

/// A connection.
pub struct Raw {
    /// As the system has it.
    pub stream: TcpStream,
    came: Vec<u8>,
    /// What of it is taken.
    taken: usize,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With a close frame that holds a code.
    Code(u16),
    /// With a close frame that holds none.
    Close,
    /// Without a word.
    Cut,
}

impl End {
    /// In words.
    pub fn in_words(self) -> String {
        match self {
            End::Code(code) => format!("closed with {code}"),
            End::Close => "closed without a code".into(),
            End::Cut => "cut without a word".into(),
        }
    }
}

impl Raw {
    /// Connects, and says nothing yet.
    ///
    /// # Errors
    /// As the system has it.
    pub async fn knock(place: &Place) -> io::Result<Raw> {
        let stream = TcpStream::connect(place.address).await?;
        Raw::on(stream)
    }

    /// The same, on a connection that holds little: who does not read there soon makes itself felt.
    ///
    /// # Errors
    /// As the system has it.
    pub async fn knock_narrowly(place: &Place) -> io::Result<Raw> {
        let socket = match place.address.is_ipv4() {
            true => TcpSocket::new_v4()?,
            false => TcpSocket::new_v6()?,
        };
        socket.set_recv_buffer_size(2048)?;
        #[cfg(unix)]
        socket2::SockRef::from(&socket).set_tcp_mss(536)?;
        Raw::on(socket.connect(place.address).await?)
    }

    fn on(stream: TcpStream) -> io::Result<Raw> {
        stream.set_nodelay(true)?;
        Ok(Raw {
            stream,
            came: Vec::new(),
            taken: 0,
        })
    }

    /// Asks for the upgrade, with these headers beside the necessary ones (each ends its line), and returns the status.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn ask(&mut self, place: &Place, headers: &str) -> io::Result<u16> {
        let request = head(place, headers) + "\r\n";
        self.stream.write_all(request.as_bytes()).await?;
        timeout(2 * soon(), self.status()).await?
    }

    async fn status(&mut self) -> io::Result<u16> {
        loop {
            if let Ok(Some(answer)) = upgrade::answer(&self.came) {
                self.taken = answer.length;
                return Ok(answer.status);
            }
            if self.more().await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// A WebSocket.
    ///
    /// # Errors
    /// When there is none to be had.
    pub async fn open(place: &Place) -> io::Result<Raw> {
        Raw::knock(place).await?.upgraded(place).await
    }

    /// A WebSocket on this connection.
    ///
    /// # Errors
    /// When there is none to be had.
    pub async fn upgraded(mut self, place: &Place) -> io::Result<Raw> {
        match self.ask(place, "").await? {
            101 => Ok(self),
            status => Err(io::Error::other(format!("the answer was {status}"))),
        }
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Sends a text of at most 64 KiB.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn say_text(&mut self, text: &str) -> io::Result<()> {
        self.say(&frame::whole(frame::TEXT, text.as_bytes())).await
    }

    /// Waits until more has come; how many bytes that is, 0 at the end. It may be cancelled.
    ///
    /// # Errors
    /// When the connection was reset.
    pub async fn more(&mut self) -> io::Result<usize> {
        self.came.drain(..std::mem::take(&mut self.taken));
        self.came.reserve(AT_ONCE);
        self.stream.read_buf(&mut self.came).await
    }

    /// Sends as much of these bytes as is taken at once, and reads what has come at once, as soon as one of both is possible;
    /// how many bytes were sent.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn trade(&mut self, out: &[u8]) -> io::Result<usize> {
        let either = Interest::READABLE | Interest::WRITABLE;
        let ready = self.stream.ready(either).await?;
        if ready.is_readable() {
            self.came.drain(..std::mem::take(&mut self.taken));
            self.came.reserve(AT_ONCE);
            match self.stream.try_read_buf(&mut self.came) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                _ => {}
            }
        }
        match self.stream.try_write(out) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            sent => sent,
        }
    }

    /// The next frame of what has come, if it is whole.
    pub fn take(&mut self) -> Option<Frame<'_>> {
        let rest = &self.came[self.taken..];
        let Next::Frame(frame, length) = frame::next(rest) else {
            return None;
        };
        self.taken += length;
        Some(frame)
    }

    /// Reads until the connection ends, and says how; `None` if it has not within this time. Whatever else comes is left
    /// without an answer.
    pub async fn end(&mut self, within: Duration) -> Option<End> {
        self.until(within, |_| false).await
    }

    /// Reads until the connection ends, or something is heard.
    pub async fn until(
        &mut self,
        within: Duration,
        mut is_it: impl FnMut(&Frame) -> bool,
    ) -> Option<End> {
        let reading = async {
            loop {
                while let Some(heard) = self.take() {
                    match heard {
                        Frame::Close(Some(code)) => return Some(End::Code(code)),
                        Frame::Close(None) => return Some(End::Close),
                        heard if is_it(&heard) => return None,
                        _ => {}
                    }
                }
                if !matches!(self.more().await, Ok(1..)) {
                    return Some(End::Cut);
                }
            }
        };
        timeout(within, reading).await.unwrap_or_default()
    }

    /// Whether a ping is answered within this time.
    pub async fn is_answered(&mut self, within: Duration) -> bool {
        let mut is_answered = false;
        let ping = frame::whole(frame::PING, b"");
        if self.say(&ping).await.is_ok() {
            let is_pong = |heard: &Frame| {
                is_answered |= *heard == Frame::Pong;
                is_answered
            };
            self.until(within, is_pong).await;
        }
        is_answered
    }

    /// Ends the connection as a pulled cable does.
    pub fn vanish(self) {
        let _ = self.stream.set_zero_linger();
    }
}

/// The head of a request for the upgrade but for the line that ends it.
pub fn head(place: &Place, headers: &str) -> String {
    upgrade::head(&place.path, place.address, headers)
}
