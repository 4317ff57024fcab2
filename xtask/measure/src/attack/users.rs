//! The honest users: they move sixty times a second, all the time, and measure what reaches them of each other.
//!
//! They have a thread of their own, so that an attack that keeps us busy does not make them late. A server that relays no
//! moves they ping instead, as often. A move carries when it was made, so each delivery tells how long it took, and whether
//! it belongs to the time that is looked at.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::future::join_all;
use machine::waiting::until_it_holds;
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, interval};
use wire::frame::{self, Frame};
use wire::position::Up;

use super::raw::Raw;
use super::sheet::{Meanwhile, Sheet};
use super::soon;
use crate::load::clock::{self, TICK};
use crate::load::moves;
use crate::load::server::Place;
use crate::load::wire::Wire;

/// How many they are.
pub const USERS: u64 = 8;
/// How often each moves in a second.
pub const RATE: u64 = 60;
/// How long is waited for what is still on its way.
const DRAINING: Duration = Duration::from_secs(1);

/// What the users share.
struct Common {
    place: Place,
    up: Option<Up>,
    /// When their clock began, in nanoseconds.
    start: u64,
    sheet: Mutex<Sheet>,
}

impl Common {
    fn sheet(&self) -> MutexGuard<'_, Sheet> {
        self.sheet.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        clock::ticks(self.start, clock::now())
    }

    /// Somebody moves; returns when that is.
    fn moves(&self) -> u64 {
        let mut sheet = self.sheet();
        // The time is taken under the lock: a move belongs to the time in which it was counted.
        let now = self.now();
        if sheet.to.is_none() {
            sheet.seen.expected += match self.up {
                Some(_) => USERS - 1,
                None => 1,
            };
        }
        now
    }

    /// What was sent then has come now.
    fn came(&self, sent: u64) {
        let now = self.now();
        self.sheet().came(sent, now);
    }

    /// A move of that user's has come to this one.
    fn move_came(&self, to: u64, of: u64, sent: u64) {
        let now = self.now();
        let mut sheet = self.sheet();
        sheet.came(sent, now);
        sheet.pairs.came(to, of, sent);
    }
}

/// The users. They leave when this is dropped.
pub struct Users {
    common: Arc<Common>,
    thread: Option<JoinHandle<()>>,
    leave: Option<oneshot::Sender<()>>,
}

impl Users {
    /// Connects them; from then on they move.
    ///
    /// # Errors
    /// When the server does not take them.
    pub async fn arrive(place: &Place, up: Option<Up>) -> Result<Users> {
        let common = Arc::new(Common {
            place: place.clone(),
            up,
            start: clock::now(),
            sheet: Mutex::default(),
        });
        let (leave, left) = oneshot::channel();
        let (say, arrived) = oneshot::channel();
        let theirs = common.clone();
        let thread = std::thread::spawn(move || live(theirs, say, left));
        let users = Users {
            common,
            thread: Some(thread),
            leave: Some(leave),
        };
        let arrived = arrived.await.context("the users' thread has ended")?;
        arrived.context(
            "the server does not let in the honest users; `cargo xtask check` says what is wrong",
        )?;
        Ok(users)
    }

    /// From now on it is counted what reaches them.
    pub fn begin(&self) {
        let mut sheet = self.common.sheet();
        *sheet = Sheet {
            from: self.common.now(),
            seen: Meanwhile {
                cut: sheet.seen.cut,
                ..Meanwhile::default()
            },
            to: None,
            pairs: sheet.pairs,
        };
    }

    /// Up to now. What is still on its way is waited for, but not for ever.
    pub async fn end(&self) -> Meanwhile {
        let now = {
            let mut sheet = self.common.sheet();
            *sheet.to.insert(self.common.now())
        };
        until_it_holds(DRAINING, || self.common.sheet().seen.lost() == 0).await;
        let sheet = self.common.sheet();
        let seconds = (now.saturating_sub(sheet.from) * TICK) as f64 / 1e9;
        let seen = sheet.seen.clone();
        Meanwhile { seconds, ..seen }
    }

    /// Waits until each has heard of each other what was made after this moment: then every earlier move has come, or a newer
    /// one of the same user has made it worthless. How many pairs have not after that time, and how often a move has come
    /// after a newer one so far.
    pub async fn catch_up(&self, within: Duration) -> (usize, u64) {
        let now = self.common.now();
        let behind = || self.common.sheet().pairs.behind(now);
        until_it_holds(within, || behind() == 0).await;
        let pairs = self.common.sheet().pairs;
        (pairs.behind(now), pairs.backwards)
    }
}

impl Drop for Users {
    fn drop(&mut self) {
        drop(self.leave.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread.
fn live(common: Arc<Common>, say: oneshot::Sender<Result<()>>, left: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return drop(say.send(Err(error.into()))),
    };
    runtime.block_on(async {
        let users = (0..USERS).map(|number| User::arrive(number, &common));
        let users: Result<Vec<User>> = join_all(users).await.into_iter().collect();
        match users {
            Ok(users) => {
                let _ = say.send(Ok(()));
                let lives = users.into_iter().map(User::live);
                tokio::select! {
                    _ = join_all(lives) => {}
                    _ = left => {}
                }
            }
            Err(error) => drop(say.send(Err(error))),
        }
    });
}

struct User {
    number: u64,
    common: Arc<Common>,
    raw: Raw,
    /// When the pings were sent that have no pong yet: pongs come in their order.
    pinged: VecDeque<u64>,
}

impl User {
    async fn arrive(number: u64, common: &Arc<Common>) -> Result<User> {
        let mut raw = Raw::open(&common.place).await?;
        // The 101 comes before a busy server has put the newcomer on its list.
        ensure!(raw.is_answered(2 * soon()).await, "a ping got no answer");
        Ok(User {
            number,
            common: common.clone(),
            raw,
            pinged: VecDeque::new(),
        })
    }

    /// Moves and listens, until the connection ends.
    async fn live(mut self) {
        // People know nothing of each other: each has a moment of their own.
        let own = Duration::from_secs(1) / (RATE * USERS) as u32 * self.number as u32;
        let mut clock = interval(Duration::from_secs(1) / RATE as u32);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        clock.reset_after(own);
        let mut count = 0;
        loop {
            let is_over = tokio::select! {
                _ = clock.tick() => {
                    count += 1;
                    self.act(count).await
                }
                more = self.raw.more() => self.listen(more.unwrap_or_default()).await,
            };
            if is_over {
                break;
            }
        }
        self.common.sheet().seen.cut += 1;
    }

    /// Makes a move; whether the connection is over.
    async fn act(&mut self, count: u64) -> bool {
        let (x, now) = (count * USERS + self.number, self.common.moves());
        let mut out = Vec::new();
        match self.common.up {
            Some(up) => Wire::Events.write_move(&mut out, up, x, now),
            None => {
                out = frame::whole(frame::PING, b"");
                self.pinged.push_back(now);
            }
        }
        // A server that does not read us any more keeps us waiting: then nothing is heard either, and that is seen.
        self.raw.say(&out).await.is_err()
    }

    /// Takes what has come; whether the connection is over.
    async fn listen(&mut self, more: usize) -> bool {
        let mut answers = Vec::new();
        let mut noise = 0;
        let mut is_over = more == 0;
        while let Some(heard) = self.raw.take() {
            match heard {
                Frame::Text(text) => match moves::scanned(text).or_else(|| moves::parsed(text)) {
                    // Nobody else's move says that it was made at such a time.
                    Some((x, sent)) if sent > 0 && x < u64::from(u32::MAX) => {
                        self.common.move_came(self.number, x % USERS, sent)
                    }
                    _ => noise += 1,
                },
                Frame::Ping(payload) => frame::push(&mut answers, frame::PONG, payload),
                Frame::Pong => {
                    if let Some(sent) = self.pinged.pop_front() {
                        self.common.came(sent);
                    }
                }
                Frame::Close(_) => is_over = true,
                Frame::Other => noise += 1,
            }
        }
        if noise > 0 {
            self.common.sheet().seen.noise += noise;
        }
        is_over || (!answers.is_empty() && self.raw.say(&answers).await.is_err())
    }
}
