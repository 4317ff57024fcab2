//! A WebSocket client with a name, that notes every frame in the transcript of its check.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures::{FutureExt, SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Bytes, Message};

use super::position::Position;
use super::raw::narrow;
use super::transcript::{Frame, Transcript, What};

/// A message that the server answers from step 5 on: with itself there, and as an event from step 6 on.
pub const QUESTION: &str = "[\"shout\",\"anybody there?\"]";

/// The longest text of a frame that is printed whole, in characters.
const LONGEST: usize = 90;

/// A text on one line: control characters shown as escapes, a long one cut.
pub fn short(text: &str) -> String {
    let line: String = text
        .chars()
        .take(LONGEST)
        .flat_map(|c| {
            if c.is_control() {
                c.escape_default().collect()
            } else {
                vec![c]
            }
        })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        format!("{line}… ({} bytes)", text.len())
    } else {
        line
    }
}

/// A client of the program under test.
pub struct Client {
    /// What the transcript calls it: `left`, `right`, `client 7`.
    pub name: String,
    stream: WebSocketStream<TcpStream>,
    transcript: Transcript,
}

/// What a client sees next.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// A text frame that holds an event: its name and its arguments.
    Event(String, Vec<Value>),
    /// A text frame that holds something else.
    Text(String),
    /// A binary frame.
    Binary(Bytes),
    /// A pong, with what the ping held.
    Pong(Bytes),
    /// A ping of the server's own.
    Ping(Bytes),
    /// A close frame, or the end of the connection: why, in words.
    Ended(String),
    /// Nothing, until the deadline.
    Silence,
}

impl Heard {
    /// What this frame is.
    pub fn of(message: Message) -> Heard {
        match message {
            Message::Text(text) => match serde_json::from_str(&text) {
                Ok(Value::Array(mut event)) if event.first().is_some_and(Value::is_string) => {
                    let arguments = event.split_off(1);
                    Heard::Event(event[0].as_str().unwrap_or_default().to_owned(), arguments)
                }
                _ => Heard::Text(text.to_string()),
            },
            Message::Binary(bytes) => Heard::Binary(bytes),
            Message::Ping(bytes) => Heard::Ping(bytes),
            Message::Pong(bytes) => Heard::Pong(bytes),
            Message::Close(frame) => Heard::Ended(match frame {
                Some(frame) => format!("a close frame, code {}", u16::from(frame.code)),
                None => "a close frame".into(),
            }),
            Message::Frame(_) => unreachable!("only a writer makes raw frames"),
        }
    }
}

impl Heard {
    /// What it is, for a person: a text frame as it was, but for blanks, anything else in words.
    pub fn in_words(&self) -> String {
        match self {
            Heard::Event(name, arguments) => short(&event(name, arguments)),
            Heard::Text(text) => quoted(&Message::text(text.as_str())),
            Heard::Binary(bytes) => quoted(&Message::Binary(bytes.clone())),
            Heard::Ping(_) => "a ping frame".into(),
            Heard::Pong(_) => "a pong frame".into(),
            Heard::Ended(how) => how.clone(),
            Heard::Silence => "nothing".into(),
        }
    }

    /// Whether the connection ended because the bytes that came are not valid frames.
    pub fn is_invalid(&self) -> bool {
        match self {
            // A broken handshake, or a connection that ends without one, is called a protocol error, too.
            Heard::Ended(how) if how.contains("handshake") => false,
            Heard::Ended(how) => how.contains("protocol error") || how.contains("UTF-8"),
            _ => false,
        }
    }

    /// The name of an event.
    pub fn name(&self) -> Option<&str> {
        match self {
            Heard::Event(name, _) => Some(name),
            _ => None,
        }
    }

    /// Whether it is an event of this name.
    pub fn is_named(&self, name: &str) -> bool {
        self.name() == Some(name)
    }

    /// The position in an event that carries one.
    pub fn position(&self) -> Option<Position> {
        match self {
            Heard::Event(name, arguments) => Position::of(name, arguments),
            _ => None,
        }
    }
}

impl Heard {
    /// Whether a message holds this word, in capitals or not.
    pub fn holds(&self, word: &str) -> bool {
        let text = match self {
            Heard::Event(name, arguments) => event(name, arguments),
            Heard::Text(text) => text.clone(),
            Heard::Binary(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            _ => return false,
        };
        text.to_lowercase().contains(&word.to_lowercase())
    }
}

/// An event as the text of its frame, without blanks.
pub fn event(name: &str, arguments: &[Value]) -> String {
    let name = [Value::from(name)];
    let event: Vec<Value> = name.into_iter().chain(arguments.iter().cloned()).collect();
    Value::from(event).to_string()
}

impl Client {
    /// Opens `/ws`.
    ///
    /// # Errors
    /// Why the connection or the upgrade failed, in words.
    pub async fn connect(
        name: &str,
        address: SocketAddr,
        transcript: &Transcript,
    ) -> Result<Client, String> {
        Client::connect_at(name, address, "/ws", transcript).await
    }

    /// Opens another path.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub async fn connect_at(
        name: &str,
        address: SocketAddr,
        path: &str,
        transcript: &Transcript,
    ) -> Result<Client, String> {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4(),
            SocketAddr::V6(_) => TcpSocket::new_v6(),
        };
        Client::upgrade(name, socket, address, path, transcript).await
    }

    /// Opens `/ws` on a connection that holds little: a client that does not read soon makes itself felt.
    ///
    /// Usually the system takes megabytes for a client that does not read. How much it takes grows with the size of the
    /// segments, so where it can be said, this client asks for small ones: then some 25 KB are enough.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub async fn connect_narrow(
        name: &str,
        address: SocketAddr,
        transcript: &Transcript,
    ) -> Result<Client, String> {
        Client::upgrade(name, narrow(), address, "/ws", transcript).await
    }

    async fn upgrade(
        name: &str,
        socket: io::Result<TcpSocket>,
        address: SocketAddr,
        path: &str,
        transcript: &Transcript,
    ) -> Result<Client, String> {
        let connect = async {
            let stream = socket?.connect(address).await?;
            stream.set_nodelay(true)?;
            io::Result::Ok(stream)
        };
        let stream = connect
            .await
            .map_err(|error| format!("no connection: {error}"))?;
        let config = WebSocketConfig::default().read_buffer_size(4096);
        let url = format!("ws://{address}{path}");
        let upgrade = tokio_tungstenite::client_async_with_config(url, stream, Some(config)).await;
        let (stream, _) = upgrade.map_err(|error| match error {
            tungstenite::Error::Http(response) => {
                format!("the answer was {}, not 101", response.status().as_u16())
            }
            error => error.to_string(),
        })?;
        transcript.note(name, What::Connects);
        Ok(Client {
            name: name.to_owned(),
            stream,
            transcript: transcript.clone(),
        })
    }

    /// Sends a text frame.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn send(&mut self, text: impl Into<String>) -> Result<(), tungstenite::Error> {
        self.send_frame(Message::text(text.into())).await
    }

    /// Sends a frame of any kind.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn send_frame(&mut self, frame: Message) -> Result<(), tungstenite::Error> {
        self.queue(frame).await?;
        self.stream.flush().await
    }

    /// Hands a frame to the connection, to be sent with those that follow it.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn queue(&mut self, frame: Message) -> Result<(), tungstenite::Error> {
        self.transcript
            .note(&self.name, What::Up(Frame::of(&frame)));
        self.stream.feed(frame).await
    }

    /// The same, of a frame that is not worth a line of the transcript.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn queue_unnoted(&mut self, text: String) -> Result<(), tungstenite::Error> {
        self.stream.feed(Message::text(text)).await
    }

    /// Sends what was queued.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn flush(&mut self) -> Result<(), tungstenite::Error> {
        self.stream.flush().await
    }

    /// What comes next, until `within` has passed.
    pub async fn hear(&mut self, within: Duration) -> Heard {
        match timeout(within, self.stream.next()).await {
            Ok(next) => self.note(next),
            Err(_) => Heard::Silence,
        }
    }

    /// The next frame as it came, until `within` has passed.
    ///
    /// # Errors
    /// That the connection has ended, or that nothing came.
    pub async fn hear_frame(&mut self, within: Duration) -> Result<Message, Heard> {
        match timeout(within, self.stream.next()).await {
            Ok(Some(Ok(frame))) if !frame.is_close() => {
                self.transcript
                    .note(&self.name, What::Down(Frame::of(&frame)));
                Ok(frame)
            }
            Ok(next) => Err(self.note(next)),
            Err(_) => Err(Heard::Silence),
        }
    }

    /// Waits until the server's own code reads this client: a ping gets its pong. Whether it did in time is returned.
    ///
    /// The 101 comes before a busy server has put the newcomer on its list, and what is sent in between is lost to it: no
    /// mistake of the program's. The transcript leaves this out.
    pub async fn settle(&mut self, within: Duration) -> bool {
        let pong = async {
            self.stream.send(Message::Ping(Bytes::new())).await.ok()?;
            while !self.stream.next().await?.ok()?.is_pong() {}
            Some(())
        };
        matches!(timeout(within, pong).await, Ok(Some(())))
    }

    /// Waits as [`Client::settle`] does, for a server that answers no ping: a question gets its answer, whatever it is.
    pub async fn settle_by_event(&mut self, within: Duration) {
        let answer = async {
            self.stream.send(Message::text(QUESTION)).await.ok()?;
            while !self.stream.next().await?.ok()?.is_text() {}
            Some(())
        };
        let _ = timeout(within, answer).await;
    }

    /// What has come already, if anything has.
    pub fn heard_already(&mut self) -> Option<Heard> {
        self.stream
            .next()
            .now_or_never()
            .map(|next| self.note(next))
    }

    fn note(&self, next: Option<Result<Message, tungstenite::Error>>) -> Heard {
        let (frame, heard) = match next {
            Some(Ok(message)) => (Frame::of(&message), Heard::of(message)),
            Some(Err(error)) => (
                Frame::end(format!("the connection ends: {error}")),
                Heard::Ended(error.to_string()),
            ),
            None => (
                Frame::end("the connection ends"),
                Heard::Ended("the end of the connection".into()),
            ),
        };
        self.transcript.note(&self.name, What::Down(frame));
        heard
    }

    /// Ends the TCP connection without a close frame: a cable pulled, a laptop shut.
    pub fn vanish(self) {
        self.transcript.note(&self.name, What::Vanishes);
        // With no time to linger the connection is reset at once.
        let _ = self.stream.get_ref().set_zero_linger();
    }
}

/// A text or binary frame with its kind, every character to be seen: blanks at the ends, and what is no letter.
pub fn quoted(frame: &Message) -> String {
    const BYTES: usize = 12;
    match frame {
        Message::Text(text) => {
            let start: String = text.chars().take(LONGEST).collect();
            let quoted = Value::from(start.as_str()).to_string();
            match text.len() - start.len() {
                0 => format!("the text {quoted}"),
                _ => format!("a text of {} bytes that starts with {quoted}", text.len()),
            }
        }
        Message::Binary(bytes) => {
            let start: Vec<String> = bytes
                .iter()
                .take(BYTES)
                .map(|b| format!("{b:02x}"))
                .collect();
            let more = if bytes.len() > BYTES { " …" } else { "" };
            match bytes.len() {
                0 => "a binary frame of 0 bytes".into(),
                1 => format!("a binary frame of 1 byte: {}", start.join(" ")),
                count => format!("a binary frame of {count} bytes: {}{more}", start.join(" ")),
            }
        }
        frame => Frame::of(frame).shown(),
    }
}
