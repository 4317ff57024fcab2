//! The fuzz: a few hundred hostile connections at a time, at random out of all tricks that we know, beside honest users.
//!
//! The attacks of the show are one thing each, and say what a server does about it. Here they come all at once, again and
//! again, and it is asked only what the others notice, and what is left when it is over. What the connections do is drawn
//! from a seed ([`script`], [`tricks`]): the same seed makes the same moves, and a failure prints it. How the moves meet is the
//! machine's doing, so a fault that one run finds, another one with the same seed may miss.

pub mod claims;
pub mod frames;
pub mod hostile;
pub mod http;
pub mod report;
pub mod script;
pub mod tricks;
pub mod witness;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use hostile::Connections;
use machine::interrupt::Stopped;
use machine::waiting::until_it_holds;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use wire::http::request;
use witness::Witness;

use super::settings::Settings;
use super::sheet::Meanwhile;
use super::soon;
use super::users::Users;
use crate::load::server::Server;

pub use hostile::PLACES;

/// How long the users are looked at for one figure.
const WINDOW: Duration = Duration::from_secs(1);
/// So many of these while it is quiet, before and after each round.
const QUIET: u32 = 3;
/// How often there is fuzz and then quiet. What a server keeps after the first round, it may keep: see [`claims`].
pub const ROUNDS: u32 = 2;
/// How often the server is told to end in the middle of it.
const INTERRUPTED: u32 = 3;
/// The last moment of these.
const LAST_MOMENT: Duration = Duration::from_secs(4);
/// Two seconds are what a person waits after Ctrl-C.
const ENDING: Duration = Duration::from_secs(2);
/// How often is looked whether the server is at rest.
const LOOK: Duration = Duration::from_millis(50);

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The server's program.
    pub program: PathBuf,
    /// How long the fuzz lasts, in seconds.
    pub seconds: u32,
    /// What all moves are made from.
    pub seed: u64,
}

/// What was seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// What reached the users while it was quiet, a window each.
    pub quiet: Vec<Window>,
    /// And in each round.
    pub rounds: Vec<Round>,
    /// The server's files and memory before there was anything.
    pub before: Holds,
    /// How long the server took to end after Ctrl-C, each time; where it did not, what it did instead.
    pub ends: Vec<Result<Duration, String>>,
    /// How often the server panicked.
    pub panics: usize,
    /// How it ended of itself, if it did.
    pub fell: Option<String>,
}

/// What reached the users in a window.
#[derive(Debug, Default, Clone)]
pub struct Window {
    /// What came, and how late.
    pub came: Meanwhile,
    /// How late the machine itself made somebody in it, 1 of 100, in milliseconds.
    pub machine: f64,
    /// Pairs of users of which the one has not heard where the other is, long after the window.
    pub behind: usize,
    /// Moves that came after newer ones, since the server was started.
    pub backwards: u64,
    /// Whether somebody who came in it got a file.
    pub is_served: bool,
}

/// A round of fuzz, and the quiet after it.
#[derive(Debug, Default)]
pub struct Round {
    /// What reached the users.
    pub windows: Vec<Window>,
    /// How many hostile connections there were.
    pub connections: u64,
    /// The most that the server held.
    pub most: Holds,
    /// What it holds afterwards.
    pub after: Holds,
}

/// What a server holds of the machine, where that is known.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Holds {
    /// Files, connections among them.
    pub files: Option<usize>,
    /// Memory in bytes.
    pub memory: Option<u64>,
}

impl Holds {
    fn of(server: &Server) -> Holds {
        Holds {
            files: server.files(),
            memory: server.usage().memory,
        }
    }

    fn or_more(self, other: Holds) -> Holds {
        Holds {
            files: self.files.max(other.files),
            memory: self.memory.max(other.memory),
        }
    }
}

/// A server with honest users.
struct Course {
    server: Server,
    users: Users,
    witness: Witness,
}

impl Course {
    async fn begin(plan: &Plan) -> Result<Course> {
        let environment = Settings::ROOMY.environment();
        let server = Server::start_with(plan.program.clone(), environment).await?;
        let up = server.how_it_takes_a_move().await;
        let up = up
            .map_err(anyhow::Error::msg)
            .context("it relays no moves")?;
        let users = Users::arrive(&server.place, Some(up)).await?;
        let witness = Witness::begin()?;
        Ok(Course {
            server,
            users,
            witness,
        })
    }

    /// Looks at the users for a while, and at whether a newcomer is served.
    async fn window(&mut self) -> Window {
        self.users.begin();
        self.witness.p99(); // Of the time before.
        let until = Instant::now() + WINDOW;
        let asked = request(self.server.place.address, "GET", "/socket.js", &[]);
        let answer = timeout(soon(), asked).await;
        let is_served = matches!(answer, Ok(Ok(answer)) if answer.status == 200);
        sleep_until(until).await;
        let machine = self.witness.p99();
        let came = self.users.end().await;
        let (behind, backwards) = self.users.catch_up(soon()).await;
        Window {
            came,
            machine,
            behind,
            backwards,
            is_served,
        }
    }

    /// Waits until the server has no more files open than it had, if it knows how to; then looks what it holds.
    async fn rest(&self, before: Holds) -> Holds {
        // What a connection is still told has an end when the server's patience is over; a second more is for the goodbye.
        let longest = Duration::from_secs(u64::from(3 * Settings::ROOMY.patience + 1));
        until_it_holds(longest, || self.server.files() <= before.files).await;
        Holds::of(&self.server)
    }

    /// One round: so many seconds of it, and then quiet.
    async fn round(&mut self, plan: &Plan, number: u32, seen: &mut Seen) -> Result<()> {
        let hostile = Connections::go(&self.server.place, plan.seed, u64::from(number))?;
        let until = Instant::now() + Duration::from_secs(plan.seconds.into()) / ROUNDS;
        let mut round = Round::default();
        while Instant::now() < until && seen.fell.is_none() {
            round.windows.push(self.window().await);
            round.most = round.most.or_more(Holds::of(&self.server));
            seen.fell = timeout(LOOK, self.server.ended()).await.ok();
        }
        round.connections = hostile.begun();
        drop(hostile);
        if seen.fell.is_none() {
            round.after = self.rest(seen.before).await;
            self.quiet(seen).await?;
        }
        seen.rounds.push(round);
        Ok(())
    }

    /// Nobody is hostile, and some only listen.
    async fn quiet(&mut self, seen: &mut Seen) -> Result<()> {
        let _audience = Connections::audience(&self.server.place)?;
        self.window().await; // In which they come.
        for _ in 0..QUIET {
            let window = self.window().await;
            seen.quiet.push(window);
        }
        Ok(())
    }

    /// Tells the server to end, and sees how long that takes.
    async fn end(mut self) -> Result<Duration, String> {
        let started = Instant::now();
        let ended = self.server.interrupt(soon() + ENDING).await;
        let took = started.elapsed();
        drop(self.users);
        self.server.end().await;
        match ended {
            Some(exit) if exit.is_success() => Ok(took),
            Some(exit) => Err(format!("it ended with {exit}")),
            None => Err(format!("it goes on after {:.1} s", took.as_secs_f64())),
        }
    }
}

/// Fuzzes a server; `None` where somebody does not want to wait for the end.
///
/// # Errors
/// When there is no server that relays moves.
pub async fn run(plan: &Plan, stopped: &mut Stopped) -> Result<Option<Seen>> {
    tokio::select! {
        seen = all(plan) => seen.map(Some),
        () = stopped.wait() => Ok(None),
    }
}

async fn all(plan: &Plan) -> Result<Seen> {
    let mut course = Course::begin(plan).await?;
    let mut seen = Seen {
        before: Holds::of(&course.server),
        ..Seen::default()
    };
    course.quiet(&mut seen).await?;
    for number in 1..=ROUNDS {
        anstream::eprintln!("round {number} of {ROUNDS}");
        course.round(plan, number, &mut seen).await?;
        if seen.fell.is_some() {
            return Ok(seen);
        }
    }
    seen.panics = course.server.panics();
    seen.ends.push(course.end().await);
    let mut rng = fastrand::Rng::with_seed(plan.seed);
    for number in 1..=INTERRUPTED {
        anstream::eprintln!("Ctrl-C in the middle of it, {number} of {INTERRUPTED}");
        let course = Course::begin(plan).await?;
        let _hostile =
            Connections::go(&course.server.place, plan.seed, u64::from(ROUNDS + number))?;
        sleep(LAST_MOMENT.mul_f64(rng.f64())).await;
        seen.ends.push(course.end().await);
    }
    Ok(seen)
}
