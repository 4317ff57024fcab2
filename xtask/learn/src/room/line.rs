//! The line to the room: a task beside a check or a watch that connects, comes back by itself, sends what waits, and passes on
//! what the room says. Nobody ever waits for it but for the end of a check, and then only where the room has just answered.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures::{SinkExt, StreamExt};
use room::{Down, GONE_AFTER, Hello, PATH, Up, VERSION};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::member::Member;
use super::outbox;

/// How long a room may take to answer before it is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// A check that is over waits so long for a room that has answered, and not at all for one that has not.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// The first pause before the next try, and the longest. A room that comes back is noticed within ten seconds, whatever the
/// network does meanwhile.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// Two messages are so far apart at least: the room takes five a second.
const APART: Duration = Duration::from_millis(250);

/// What comes from the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FromRoom {
    /// It answers; this is the learner's name there, and whether the hand is up.
    Welcome(String, bool),
    /// It does not answer any more, or not yet.
    Away,
    /// It has all that there was to send.
    HasAll,
    /// It says something.
    Says(Down),
    /// It does not want us: why, in words.
    Refuses(String),
}

/// What is asked of the task.
enum Ask {
    /// Something new waits.
    Send,
    /// What the room said, up to this number, was shown.
    Heard(u64),
    /// Answer when everything that was asked before this is sent.
    Done(oneshot::Sender<()>),
}

/// The line. Dropping it ends the connection.
pub struct Line {
    ask: mpsc::UnboundedSender<Ask>,
    said: mpsc::UnboundedReceiver<FromRoom>,
    task: AbortHandle,
    is_there: bool,
    /// What was taken from the channel, and not passed on yet.
    first: Option<FromRoom>,
}

impl Line {
    /// The line to the room that the learner has joined; `None` where there is none.
    pub fn open() -> Option<Line> {
        let member = Member::read()?;
        let (ask, asked) = mpsc::unbounded_channel();
        let (say, said) = mpsc::unbounded_channel();
        let task = tokio::spawn(hold(member, asked, say)).abort_handle();
        Some(Line {
            ask,
            said,
            task,
            is_there: false,
            first: None,
        })
    }

    /// Has what waits sent.
    pub fn send(&self) {
        let _ = self.ask.send(Ask::Send);
    }

    /// Says that something was shown.
    pub fn heard(&self, id: u64) {
        let _ = self.ask.send(Ask::Heard(id));
    }

    /// Waits for what comes from the room. It may be cancelled, and called again.
    pub async fn next(&mut self) -> FromRoom {
        match self.said.recv().await {
            Some(said) => {
                self.note(&said);
                said
            }
            // The room does not want us, and has said so.
            None => std::future::pending().await,
        }
    }

    fn note(&mut self, said: &FromRoom) {
        match said {
            FromRoom::Welcome(..) => self.is_there = true,
            FromRoom::Away | FromRoom::Refuses(_) => self.is_there = false,
            FromRoom::HasAll | FromRoom::Says(_) => {}
        }
    }

    /// Gives the room the time to answer: for a command that has nothing to do meanwhile.
    pub async fn until_it_answers(&mut self) {
        // What comes first is a welcome, that it is away, or that it does not want us.
        if let Some(said) = self.said.recv().await {
            self.note(&said);
            self.first = Some(said);
        }
    }

    /// What the room had to say so far, and, where it is there, a moment for it to take what waits; whether it has all.
    pub async fn finish(&mut self) -> (Vec<FromRoom>, bool) {
        let mut all: Vec<FromRoom> = self.first.take().into_iter().collect();
        let deadline = Instant::now() + LAST_WORDS;
        // What has come stands in the channel: it costs no wait.
        while let Ok(said) = self.said.try_recv() {
            self.note(&said);
            all.push(said);
        }
        self.send();
        while self.is_there && !outbox::is_empty() {
            tokio::select! {
                said = self.next() => all.push(said),
                () = sleep_until(deadline) => break,
            }
        }
        (all, outbox::is_empty())
    }

    /// Waits until what was said last has left, that something was shown: for a moment, and only if the room is there.
    pub async fn last_words(&mut self) {
        if self.is_there {
            let (done, is_done) = oneshot::channel();
            let _ = self.ask.send(Ask::Done(done));
            let _ = timeout(LAST_WORDS, is_done).await;
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Socket = WebSocketStream<TcpStream>;
type Asked = mpsc::UnboundedReceiver<Ask>;
type Say = mpsc::UnboundedSender<FromRoom>;

/// Says hello to a room: the connection, and the welcome.
///
/// # Errors
/// When it does not answer, does not want us, or speaks another version.
pub async fn hello(member: &Member) -> Result<(Socket, Down)> {
    let connect = async {
        let stream = TcpStream::connect(member.address).await?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{}{PATH}", member.address);
        // What a room says is short.
        let limits = WebSocketConfig::default()
            .max_message_size(Some(room::LONGEST))
            .max_frame_size(Some(room::LONGEST));
        let (mut socket, _) = client_async_with_config(url, stream, Some(limits)).await?;
        let hello = Up::Hello(Hello {
            version: VERSION,
            code: member.code.clone(),
            key: member.key.clone(),
            name: member.name.clone(),
        });
        socket.send(Message::text(hello.text())).await?;
        while let Some(message) = socket.next().await {
            if let Message::Text(text) = message? {
                let down = Down::read(&text).context(
                    "it speaks another version of the wire: use the instructor's version of the workshop",
                )?;
                return Ok((socket, down));
            }
        }
        bail!("it ended the connection")
    };
    // A wrong code is answered after a second.
    let answered = timeout(PATIENCE, connect).await;
    answered.unwrap_or_else(|_| bail!("it does not answer"))
}

/// Keeps the line for as long as the room wants us.
async fn hold(member: Member, mut asked: Asked, say: Say) {
    let mut pause = FIRST_PAUSE;
    loop {
        match hello(&member).await {
            Ok((socket, Down::Welcome { name, have, hand })) => {
                outbox::has(have);
                // What the room is still to hear of the hand is truer than what it knows.
                let hand = outbox::hand().unwrap_or(hand);
                Member::change(|it| {
                    it.seq = it.seq.max(have);
                    it.name.clone_from(&name);
                });
                let _ = say.send(FromRoom::Welcome(name, hand));
                pause = FIRST_PAUSE;
                if let Some(why) = talk(socket, &mut asked, &say).await {
                    let _ = say.send(FromRoom::Refuses(why));
                    return;
                }
            }
            Ok((_, Down::Refused { why, text })) if why.is_final() => {
                let _ = say.send(FromRoom::Refuses(text));
                return;
            }
            _ => {}
        }
        let _ = say.send(FromRoom::Away);
        // A little at random, so that forty learners do not all come back in the same instant.
        sleep(pause.mul_f64(0.75 + fastrand::f64() / 2.0)).await;
        pause = (2 * pause).min(LONGEST_PAUSE);
    }
}

/// Talks until the connection ends, and says why where the room does not want to be asked again.
async fn talk(mut socket: Socket, asked: &mut Asked, say: &Say) -> Option<String> {
    let mut gone = Instant::now() + Duration::from_secs(GONE_AFTER);
    // When the next message may be sent; none is under way that the room has not taken.
    let mut next = Instant::now();
    let mut has_new = true;
    loop {
        tokio::select! {
            ask = asked.recv() => match ask? {
                Ask::Send => has_new = true,
                Ask::Heard(id) => {
                    Member::change(|it| it.heard = it.heard.max(id));
                    socket.send(Message::text(Up::Heard(id).text())).await.ok()?;
                }
                Ask::Done(done) => {
                    let _ = done.send(());
                }
            },
            () = sleep_until(next), if has_new => {
                has_new = false;
                next = Instant::now() + APART;
                let notes = outbox::first();
                if notes.is_empty() {
                    let _ = say.send(FromRoom::HasAll);
                } else {
                    socket.send(Message::text(Up::Notes(notes).text())).await.ok()?;
                }
            }
            message = socket.next() => {
                gone = Instant::now() + Duration::from_secs(GONE_AFTER);
                let Message::Text(text) = message?.ok()? else { continue };
                match Down::read(&text).ok()? {
                    Down::Have { seq, .. } => {
                        outbox::has(seq);
                        has_new = !outbox::is_empty();
                        if !has_new {
                            let _ = say.send(FromRoom::HasAll);
                        }
                    }
                    Down::Refused { why, text } if why.is_final() => return Some(text),
                    Down::Refused { .. } => return None,
                    said => pass_on(said, say),
                }
            }
            () = sleep_until(gone) => return None,
        }
    }
}

/// Passes on what the room says, once: another command of the learner's may have shown it already.
fn pass_on(said: Down, say: &Say) {
    let id = match said {
        Down::Answer { id, .. } | Down::Offer { id, .. } | Down::Lowered { id } => id,
        _ => return,
    };
    if Member::read().is_some_and(|it| it.heard < id) {
        let _ = say.send(FromRoom::Says(said));
    }
}

/// Waits until the room ends a connection, and says whether it did.
pub async fn ends(mut socket: Socket) -> bool {
    let ended = async { while let Some(Ok(_)) = socket.next().await {} };
    timeout(PATIENCE, ended).await.is_ok()
}
