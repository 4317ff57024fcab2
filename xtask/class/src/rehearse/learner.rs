//! A simulated learner, who speaks the same wire as a real one, and knows what the room ought to know at the end.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fastrand::Rng;
use futures::{SinkExt, StreamExt};
use room::{Check, Down, Hello, NOTES, Note, PATH, Up, VERSION, Verdict, What};
use tokio::net::TcpStream;
use tokio::time::{Instant, interval_at, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::room::Door;

/// How long a learner goes on trying.
const PATIENCE: Duration = Duration::from_secs(30);

/// The causes that learners are stuck on.
const CAUSES: [&str; 5] = [
    "two-values",
    "event-not-handled",
    "page-never-sends",
    "does-not-compile",
    "page-never-listens",
];

/// What a learner does besides checking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Steady,
    /// The connection breaks without a close, again and again.
    CutOff,
    /// Joins when others have been there for a while.
    Late,
    /// Leaves for good before the end.
    Leaves,
}

impl Kind {
    /// The kind of the learner of this number: half are cut off.
    pub fn of(number: usize) -> Kind {
        match number % 10 {
            0..5 => Kind::CutOff,
            5 => Kind::Late,
            6 => Kind::Leaves,
            _ => Kind::Steady,
        }
    }
}

/// What is true of a learner at the end.
#[derive(Default)]
pub struct Truth {
    /// The name that the room gave.
    pub name: String,
    /// The last check.
    pub check: Option<Check>,
    /// Whether the hand is up.
    pub hand: bool,
    /// Whether they have left.
    pub has_left: bool,
    /// When each check was sent, and the line of the log that it stands in, by its number.
    pub sent: BTreeMap<u64, (Instant, Option<u64>)>,
    /// How often the connection broke.
    pub cuts: usize,
}

/// A learner with what the room does not have yet.
struct Learner {
    door: Door,
    key: String,
    wanted: String,
    seq: u64,
    waiting: Vec<Note>,
    truth: Truth,
    random: Rng,
}

type Socket = WebSocketStream<TcpStream>;

/// Attends until the end, and until the room has all.
pub async fn attend(
    door: Door,
    kind: Kind,
    number: usize,
    mut random: Rng,
    end: Instant,
) -> Result<Truth> {
    let late = if kind == Kind::Late { 4000 } else { 1500 };
    sleep(Duration::from_millis(random.u64(..late))).await;
    let mut learner = Learner {
        door,
        key: room::key()?,
        wanted: format!("learner {number}"),
        seq: 0,
        waiting: Vec::new(),
        truth: Truth::default(),
        random,
    };
    let left = end.saturating_duration_since(Instant::now());
    let leaves = (kind == Kind::Leaves).then(|| Instant::now() + left / 2);
    let until = leaves.unwrap_or(end);
    while Instant::now() < until {
        let cut = match kind {
            Kind::CutOff => Instant::now() + Duration::from_millis(learner.random.u64(800..4000)),
            _ => until,
        };
        learner.stay(cut.min(until)).await?;
    }
    learner.last_words(leaves.is_some()).await?;
    Ok(learner.truth)
}

impl Learner {
    /// Says hello, and sends what waits; then checks once a second until the connection is to break.
    async fn stay(&mut self, until: Instant) -> Result<()> {
        let mut socket = self.come_in().await?;
        let phase = Duration::from_millis(self.random.u64(..1000));
        let mut checks = interval_at(Instant::now() + phase, Duration::from_secs(1));
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(until) => break,
                _ = checks.tick() => {
                    self.check();
                    self.send(&mut socket).await?;
                }
                message = socket.next() => {
                    let message = message.context("the room has ended the connection")??;
                    self.hear(&message)?;
                }
            }
        }
        // Dropped as it is: no close frame is sent.
        self.truth.cuts += 1;
        Ok(())
    }

    async fn come_in(&mut self) -> Result<Socket> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let name = match self.truth.name.as_str() {
                "" => &self.wanted,
                given => given,
            };
            match hello(&self.door, &self.key, name).await {
                Ok((mut socket, Down::Welcome { name, have, .. })) => {
                    self.truth.name = name;
                    self.waiting.retain(|it| it.seq > have);
                    self.send(&mut socket).await?;
                    return Ok(socket);
                }
                Ok((_, down)) if Instant::now() > deadline => bail!("{down:?}"),
                Err(error) if Instant::now() > deadline => return Err(error),
                _ => sleep(Duration::from_millis(self.random.u64(100..600))).await,
            }
        }
    }

    /// Checks the program, with whatever comes of it; now and then the hand goes up or down.
    fn check(&mut self) {
        let causes = self.random.usize(..3);
        let mut diagnoses: Vec<String> = (0..causes).map(|_| self.cause()).collect();
        diagnoses.dedup();
        let check = Check {
            step: self.random.u32(8..11),
            verdict: if diagnoses.is_empty() {
                Verdict::Passed
            } else {
                Verdict::Failed
            },
            diagnoses,
            passed: self.random.u32(..20),
            of: 20,
            since: self.random.u64(..600),
        };
        self.truth.check = Some(check.clone());
        self.note(What::Check(check));
        self.truth.sent.insert(self.seq, (Instant::now(), None));
        if self.random.u8(..10) == 0 {
            self.truth.hand = !self.truth.hand;
            self.note(What::Hand(self.truth.hand));
        }
    }

    fn cause(&mut self) -> String {
        self.random.choice(CAUSES).unwrap_or(CAUSES[0]).into()
    }

    fn note(&mut self, what: What) {
        self.seq += 1;
        self.waiting.push(Note {
            seq: self.seq,
            ago: 0,
            what,
        });
    }

    async fn send(&self, socket: &mut Socket) -> Result<()> {
        let notes: Vec<Note> = self.waiting.iter().take(NOTES).cloned().collect();
        if !notes.is_empty() {
            socket.send(Message::text(Up::Notes(notes).text())).await?;
        }
        Ok(())
    }

    fn hear(&mut self, message: &Message) -> Result<()> {
        let Message::Text(text) = message else {
            return Ok(());
        };
        if let Down::Have { seq, line } = Down::read(text)? {
            self.waiting.retain(|it| it.seq > seq);
            for (_, (_, at)) in self.truth.sent.range_mut(..=seq) {
                at.get_or_insert(line);
            }
        }
        Ok(())
    }

    /// Comes back until the room has all, and leaves for good where that is meant.
    async fn last_words(&mut self, leaves: bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut socket = self.come_in().await?;
            while !self.waiting.is_empty() {
                let message = timeout(PATIENCE, socket.next()).await?;
                let Some(Ok(message)) = message else { break };
                self.hear(&message)?;
                self.send(&mut socket).await?;
            }
            if self.waiting.is_empty() {
                if leaves {
                    socket.send(Message::text(Up::Leave.text())).await?;
                    while let Ok(Some(Ok(_))) = timeout(PATIENCE, socket.next()).await {}
                    (self.truth.has_left, self.truth.hand) = (true, false);
                }
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("the room does not take what {} has to say", self.wanted);
            }
        }
    }
}

/// Connects, and says hello.
pub async fn hello(door: &Door, key: &str, name: &str) -> Result<(Socket, Down)> {
    let stream = TcpStream::connect(door.address).await?;
    stream.set_nodelay(true)?;
    let (mut socket, _) = client_async(format!("ws://{}{PATH}", door.address), stream).await?;
    let hello = Up::Hello(Hello {
        version: VERSION,
        code: door.code.clone(),
        key: key.into(),
        name: name.into(),
    });
    socket.send(Message::text(hello.text())).await?;
    loop {
        let message = timeout(PATIENCE, socket.next()).await?;
        if let Message::Text(text) = message.context("the room has ended the connection")?? {
            return Ok((socket, Down::read(&text)?));
        }
    }
}

/// Sends as fast as it can, and comes back whenever it is thrown out; returns how often that was.
pub async fn flood(door: Door, end: Instant) -> Result<usize> {
    let key = room::key()?;
    let mut refused = 0;
    let mut seq = 0;
    while Instant::now() < end {
        let Ok((mut socket, Down::Welcome { .. })) = hello(&door, &key, "flood").await else {
            refused += 1;
            sleep(Duration::from_millis(20)).await;
            continue;
        };
        loop {
            seq += 1;
            let (ago, what) = (0, What::Hand(seq % 2 == 0));
            let note = Up::Notes(vec![Note { seq, ago, what }]).text();
            if socket.send(Message::text(note)).await.is_err() || Instant::now() > end {
                break;
            }
            tokio::task::yield_now().await;
        }
        refused += 1;
    }
    Ok(refused)
}

/// Joins, and never reads a word; the connection stays until what is returned is dropped.
pub async fn never_read(door: Door) -> Result<Socket> {
    let (socket, _) = hello(&door, &room::key()?, "never reads").await?;
    Ok(socket)
}
