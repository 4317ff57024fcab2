//! A learner's connection, from its upgrade to its end: the first word is a hello, and every wait has an end.

use std::net::IpAddr;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use room::{Down, GONE_AFTER, LONGEST, PING_EVERY, Refusal, Up};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout, timeout_at};
use warp::ws::{Message, WebSocket};

use crate::crowd::Crowd;
use crate::hall::{Event, Refused};
use crate::seats::QUEUE;

/// What is held in memory of a message that is too long, before its connection is ended without a word.
pub const LONGEST_HELD: usize = 4 * LONGEST;

/// How long somebody may take for the hello, and for reading one message.
const PATIENCE: Duration = Duration::from_secs(5);

/// So many messages are read of somebody who was told to go.
const UNREAD: usize = 32;

/// So many may be here who have not said hello yet, and so many of them from one address.
const STRANGERS: usize = 512;
const STRANGERS_EACH: usize = 64;

/// The way in.
#[derive(Clone)]
pub struct Door {
    hall: mpsc::Sender<Event>,
    strangers: Crowd,
}

/// How a conversation ends.
enum End {
    /// The other side is gone, or does not read.
    Gone,
    /// The room ends it, and says why.
    Refused(Refused),
}

impl Door {
    /// The way into this hall.
    pub fn to(hall: mpsc::Sender<Event>) -> Door {
        let strangers = Crowd::of(STRANGERS, STRANGERS_EACH);
        Door { hall, strangers }
    }

    /// One learner's connection.
    pub async fn attend(self, mut socket: WebSocket, from: IpAddr) {
        let end = self.talk(&mut socket, from).await;
        if let End::Refused(Refused { why, text, hold }) = end {
            sleep(hold).await;
            let goodbye = async {
                let refused = Down::Refused { why, text }.text();
                let _ = socket.send(Message::text(refused)).await;
                let _ = socket.send(Message::close_with(1008u16, "")).await;
                // Once the other end has read it, it closes as well. A flood is not read to its end.
                let mut rest = socket.take(UNREAD);
                while let Some(Ok(_)) = rest.next().await {}
            };
            let _ = timeout(PATIENCE, goodbye).await;
        }
    }

    async fn talk(&self, socket: &mut WebSocket, from: IpAddr) -> End {
        let (queue, inbox) = mpsc::channel(QUEUE);
        let seat = match self.come_in(socket, from, queue).await {
            Ok(seat) => seat,
            Err(end) => return end,
        };
        let end = self.stay(socket, seat, inbox).await;
        self.tell(Event::Gone(seat)).await;
        end
    }

    /// Takes the hello, and asks the hall.
    async fn come_in(
        &self,
        socket: &mut WebSocket,
        from: IpAddr,
        queue: mpsc::Sender<Message>,
    ) -> Result<u64, End> {
        let Some(_stranger) = self.strangers.enter(from) else {
            return refused(Refusal::Full, "too many are at the door: try again");
        };
        let deadline = Instant::now() + PATIENCE;
        let hello = loop {
            match timeout_at(deadline, socket.next()).await {
                Ok(Some(Ok(message))) if message.is_ping() || message.is_pong() => {}
                Ok(Some(Ok(message))) => break read(&message)?,
                _ => return Err(End::Gone),
            }
        };
        let Up::Hello(hello) = hello else {
            return refused(Refusal::Message, "the first message is a hello");
        };
        let (answer, answered) = oneshot::channel();
        self.tell(Event::Hello {
            hello,
            from,
            queue,
            answer,
        })
        .await;
        match answered.await {
            Ok(seat) => seat.map_err(End::Refused),
            Err(_) => Err(End::Gone),
        }
    }

    /// Passes messages both ways until either side has enough.
    async fn stay(
        &self,
        socket: &mut WebSocket,
        seat: u64,
        mut inbox: mpsc::Receiver<Message>,
    ) -> End {
        let mut pings = interval(Duration::from_secs(PING_EVERY));
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let gone_after = Duration::from_secs(GONE_AFTER);
        let mut gone = Instant::now() + gone_after;
        loop {
            let message = tokio::select! {
                message = inbox.recv() => match message {
                    Some(message) => Some(message),
                    // The hall has dropped us.
                    None => return End::Gone,
                },
                _ = pings.tick() => Some(Message::ping(Vec::new())),
                message = timeout_at(gone, socket.next()) => {
                    let Ok(Some(Ok(message))) = message else { return End::Gone };
                    gone = Instant::now() + gone_after;
                    if let Err(end) = self.heard(seat, &message).await {
                        return end;
                    }
                    None
                }
            };
            if let Some(message) = message
                && !matches!(timeout(PATIENCE, socket.send(message)).await, Ok(Ok(())))
            {
                return End::Gone;
            }
        }
    }

    async fn heard(&self, seat: u64, message: &Message) -> Result<(), End> {
        if message.is_ping() || message.is_pong() || message.is_close() {
            return Ok(());
        }
        let up = read(message)?;
        let is_last = up == Up::Leave;
        let (answer, answered) = oneshot::channel();
        self.tell(Event::Up(seat, up, answer)).await;
        match answered.await {
            Ok(None) if is_last => Err(End::Gone),
            Ok(None) => Ok(()),
            Ok(Some(refused)) => Err(End::Refused(refused)),
            Err(_) => Err(End::Gone),
        }
    }

    async fn tell(&self, event: Event) {
        // It fails only when the hall is gone, and then so are we.
        let _ = self.hall.send(event).await;
    }
}

fn refused<T>(why: Refusal, text: &str) -> Result<T, End> {
    Err(End::Refused(Refused {
        why,
        text: text.into(),
        hold: Duration::ZERO,
    }))
}

fn read(message: &Message) -> Result<Up, End> {
    let Ok(text) = message.to_str() else {
        return refused(Refusal::Message, "a message is a text");
    };
    Up::read(text)
        .or_else(|bad| refused(Refusal::Message, &format!("this is not a message: {bad}")))
}
