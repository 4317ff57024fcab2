//! Everything at once, at random: hostile connections that make the moves of the attacks in any order, beside the honest users.
//!
//! The seed says which moves they are, connection by connection. When they meet whom, the machine decides: so a seed brings
//! back what was sent, and not always what came of it.

use std::io;
use std::time::Duration;

use anyhow::{Result, ensure};
use fastrand::Rng;
use futures::{StreamExt, stream};
use tokio::time::{Instant, sleep, timeout};

use super::raw::{Raw, announce, frame_of, head};
use super::soon;
use super::stage::Stage;
use super::users::Meanwhile;
use crate::load::frame::{PING, PONG, TEXT};
use crate::load::server::{Place, Server};
use crate::patience;

/// How long the users are looked at before.
const QUIET: Duration = Duration::from_secs(3);
/// So many hostile connections there are at a time.
const AT_ONCE: usize = 24;
/// How often the server is interrupted in the middle of it.
const INTERRUPTS: usize = 5;
/// From what on a delivery is felt by a hand on a mouse, in milliseconds. Below, three times more says nothing.
const FELT: f64 = 50.0;
/// What a server's memory may be larger than before, when all have gone: what the allocator keeps, and a log of two megabytes.
const KEPT: u64 = 16 << 20;

/// What came of it.
#[derive(Debug)]
pub struct Found {
    /// Hostile connections that there were.
    pub connections: usize,
    /// What reached the users before.
    pub quiet: Meanwhile,
    /// What reached them during it.
    pub during: Meanwhile,
    /// The server's open files before, and when all have gone.
    pub files: Option<[usize; 2]>,
    /// Its memory, likewise, in bytes.
    pub memory: Option<[u64; 2]>,
    /// How long it took to end after Ctrl-C, each time; `None` where it did not end in two seconds.
    pub ends: Vec<Option<Duration>>,
}

impl Found {
    /// What is not as it has to be, a line each.
    pub fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let [quiet, during] = [&self.quiet, &self.during].map(|it| it.quantile(0.99));
        let bound = (3.0 * quiet.unwrap_or_default()).max(FELT * patience::asked());
        if during.is_none_or(|during| during > bound) {
            let during = during.map_or("nothing came".into(), |it| format!("{it:.1} ms"));
            wrong.push(format!(
                "p99 of the honest users: {during}, where {bound:.1} ms are allowed"
            ));
        }
        if self.during.cut > 0 {
            wrong.push(format!("{} honest users were cut off", self.during.cut));
        }
        if let Some([before, after]) = self.files
            && after > before
        {
            wrong.push(format!(
                "{after} files are open, where {before} were before"
            ));
        }
        if let Some([before, after]) = self.memory
            && after > before + KEPT
        {
            let [before, after] = [before, after].map(|bytes| bytes / 1_000_000);
            wrong.push(format!(
                "{after} MB of memory, where {before} MB were before"
            ));
        }
        let left = self.ends.iter().filter(|it| it.is_none()).count();
        if left > 0 {
            let all = self.ends.len();
            wrong.push(format!(
                "{left} of {all} times it did not end in two seconds after Ctrl-C"
            ));
        }
        wrong
    }
}

impl Stage {
    /// Lets it go on for so long.
    ///
    /// # Errors
    /// When the server falls.
    pub async fn fuzz(&mut self, lasts: Duration, seed: u64) -> Result<Found> {
        self.users.begin();
        sleep(QUIET).await;
        let quiet = self.users.end().await;
        let [files, memory] = [
            self.server.files().map(|it| it as u64),
            self.server.usage().memory,
        ];
        self.users.begin();
        let place = self.target.place.clone();
        let deadline = Instant::now() + lasts;
        let all = tokio::select! {
            all = hostile(&place, seed, deadline) => all,
            how = self.server.ended() => anyhow::bail!("the server ended: {how}"),
        };
        let during = self.users.end().await;
        let files = files.zip(self.files_afterwards(files).await);
        let memory = memory.zip(self.server.usage().memory);
        ensure!(self.server.panics() == 0, "the server panicked");
        let mut ends = Vec::new();
        for round in 0..INTERRUPTS {
            ends.push(
                self.interrupted(seed.wrapping_add(1 + round as u64))
                    .await?,
            );
        }
        Ok(Found {
            connections: all,
            quiet,
            during,
            files: files.map(|(before, after)| [before as usize, after as usize]),
            memory: memory.map(|(before, after)| [before, after]),
            ends,
        })
    }

    /// The files that are open when those have ended that were still waited for.
    async fn files_afterwards(&self, before: Option<u64>) -> Option<u64> {
        let deadline = Instant::now()
            + self
                .target
                .a_little_more_than(4 * self.target.settings.patience);
        loop {
            let now = self.server.files()? as u64;
            if now <= before? || Instant::now() > deadline {
                return Some(now);
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Starts another server, and interrupts it in the middle of it; how long it then takes to end.
    async fn interrupted(&self, seed: u64) -> Result<Option<Duration>> {
        let Some(mut server) = self.another().await? else {
            return Ok(Some(Duration::ZERO));
        };
        let place = server.place.clone();
        let mut rng = Rng::with_seed(seed);
        let until = Duration::from_millis(rng.u64(100..1_500));
        let attacking = hostile(&place, seed, Instant::now() + 4 * soon());
        let mut attacking = std::pin::pin!(attacking);
        let _ = timeout(until, &mut attacking).await;
        if !server.interrupt() {
            return Ok(Some(Duration::ZERO));
        }
        let interrupted = Instant::now();
        let within = Duration::from_secs(2).mul_f64(patience::asked());
        let ended = tokio::select! {
            ended = timeout(within, server.ended()) => ended.is_ok().then(|| interrupted.elapsed()),
            _ = attacking => None,
        };
        server.end().await;
        Ok(ended)
    }

    /// Another server of the same program, if it is ours to start.
    async fn another(&self) -> Result<Option<Server>> {
        match self.program() {
            Some(program) => {
                let environment = self.target.settings.environment();
                Ok(Some(Server::start_with(program, environment).await?))
            }
            None => Ok(None),
        }
    }
}

/// Hostile connections, one after the other, some at a time; how many there were.
async fn hostile(place: &Place, seed: u64, deadline: Instant) -> usize {
    let each = |number: u64| async move {
        if Instant::now() > deadline {
            return 0;
        }
        let mut rng = Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(number));
        let lasts = Duration::from_millis(rng.u64(20..2_500));
        let rest = deadline.saturating_duration_since(Instant::now());
        let _ = timeout(lasts.min(rest), one(place, &mut rng)).await;
        1
    };
    let all = stream::iter(0..).map(each).buffer_unordered(AT_ONCE);
    let mut count = 0;
    let mut all = std::pin::pin!(all);
    while let Some(1) = all.next().await {
        count += 1;
    }
    count
}

/// One of them, until it has had enough, or the server of it.
async fn one(place: &Place, rng: &mut Rng) -> io::Result<()> {
    let mut raw = match rng.bool() {
        true => Raw::knock(place).await?,
        false => Raw::knock_narrowly(place).await?,
    };
    if rng.u8(..4) == 0 {
        return request(raw, place, rng).await;
    }
    if raw.ask(place, "").await? != 101 {
        return Ok(());
    }
    let is_reader = rng.bool();
    for _ in 0..rng.u32(1..60) {
        let bytes = frames(rng).repeat(rng.usize(1..40));
        raw.say(&bytes).await?;
        let pause = Duration::from_millis(rng.u64(1..60));
        match is_reader {
            true => drop(timeout(pause, raw.more()).await),
            false => sleep(pause).await,
        }
        while raw.take().is_some() {}
    }
    match rng.u8(..3) {
        0 => raw.vanish(),
        1 => sleep(Duration::from_secs(5)).await,
        _ => {}
    }
    Ok(())
}

/// What is said instead of a request for the upgrade.
async fn request(mut raw: Raw, place: &Place, rng: &mut Rng) -> io::Result<()> {
    let get = format!("GET /socket.js HTTP/1.1\r\nHost: {}\r\n\r\n", place.address);
    let bytes = match rng.u8(..7) {
        0 => get.repeat(rng.usize(1..500)).into_bytes(),
        1 => get.into_bytes()[..20].to_vec(),
        2 => (head(place, "X-More: ") + &"x".repeat(rng.usize(1..200_000))).into_bytes(),
        3 => b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nhalf".to_vec(),
        4 => b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n".to_vec(),
        5 => (0..rng.usize(1..5_000)).map(|_| rng.u8(..)).collect(),
        _ => head(place, "").into_bytes(),
    };
    raw.say(&bytes).await?;
    loop {
        sleep(Duration::from_millis(rng.u64(20..400))).await;
        raw.say(b"x").await?;
    }
}

/// Some frames, right ones or not.
fn frames(rng: &mut Rng) -> Vec<u8> {
    /// A byte of a frame's beginning without its first bit, which says that the frame is the last of its message.
    const GOES_ON: u8 = 0x7f;
    let part = |opcode: u8, payload: &[u8]| {
        let mut frame = frame_of(opcode, payload);
        frame[0] &= GOES_ON;
        frame
    };
    let some: Vec<u8> = (0..rng.usize(..120)).map(|_| rng.u8(..)).collect();
    match rng.u8(..18) {
        // Its move is nobody's: it is known from the users' by its numbers.
        0..3 => frame_of(TEXT, b"[\"spy\",4294967295,0]"),
        3 => frame_of(TEXT, b"[\"online\"]"),
        4 => frame_of(
            TEXT,
            format!("[\"say\",\"{}\"]", "x".repeat(rng.usize(..4_000))).as_bytes(),
        ),
        5 => frame_of(TEXT, &vec![b'x'; rng.usize(4_000..70_000)]),
        6 => frame_of(TEXT, &some),
        7 => frame_of(PING, &some),
        8 => frame_of(PONG, &some),
        9 => frame_of(2, &some),
        10 => part(TEXT, b"["),
        11 => part(0, b"").repeat(500),
        12 => part(0, &some),
        13 => frame_of(0, b"]"),
        14 => announce(TEXT, 1 << rng.u8(..40)),
        15 => frame_of(rng.u8(3..16), &some),
        16 => frame_of(8, &some),
        _ => some,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_brings_back_what_was_sent() {
        let sent = |seed| {
            let mut rng = Rng::with_seed(seed);
            (0..50).map(|_| frames(&mut rng)).collect::<Vec<_>>()
        };
        assert_eq!(sent(7), sent(7));
        assert_ne!(sent(7), sent(8));
    }
}
