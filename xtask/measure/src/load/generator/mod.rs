//! One generator: a process with one thread, that holds many connections and does little for each.
//!
//! It is a plain loop over the sockets that are ready, with one buffer for all of them, and no task, no timer and no JSON for
//! each delivery: what it takes of the machine, the server does not have.

mod connecting;
mod hearing;
mod moving;

use std::collections::VecDeque;
use std::io::{self, BufRead, ErrorKind, Write};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use anyhow::{Context, Result};
use mio::net::TcpStream;
use mio::{Events, Poll, Token, Waker};
use serde_json::Value;

use super::clock;
use super::job::Job;
use super::part::{Part, Phase};
use super::tally::Tally;

/// How often the generator says how far it is.
const EVERY: u64 = 200_000_000;
/// One of so many deliveries is parsed in full. A prime number, so that no mover is always, or never, the one.
pub const SAMPLE: u64 = 101;

const WAKER: Token = Token(usize::MAX);

/// What the process that started us says.
enum Command {
    Go { start: u64 },
    Stop,
}

/// How far a user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Upgrading,
    Settling,
    Open,
    Gone,
}

/// One connection.
struct User {
    state: State,
    stream: Option<TcpStream>,
    /// What came of a frame that is not whole yet.
    unread: Vec<u8>,
    /// What the system would not take yet.
    unsent: Vec<u8>,
    /// When its state began, in nanoseconds.
    since: u64,
}

/// Does what it is told on its standard input, and says on its standard output how far it is.
///
/// # Errors
/// When nobody listens any more, or the system has no more to give.
pub fn run() -> Result<()> {
    let mut first = String::new();
    io::stdin().lock().read_line(&mut first)?;
    let job = serde_json::from_str(&first).ok();
    let job = job.as_ref().and_then(Job::from_json);
    let job = job.context("a generator is started by `load`, with a job on its input")?;
    let poll = Poll::new()?;
    let commands = listen(Arc::new(Waker::new(poll.registry(), WAKER)?));
    Generator::new(job, poll, commands).run()
}

/// Reads commands, on a thread of its own. That the input ends is the command to stop: whoever started us has gone.
fn listen(waker: Arc<Waker>) -> Receiver<Command> {
    let (sender, commands) = mpsc::channel();
    std::thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            let line: Value = serde_json::from_str(&line).unwrap_or_default();
            let Some(start) = line["go"].as_u64() else {
                break;
            };
            let _ = sender.send(Command::Go { start });
            let _ = waker.wake();
        }
        let _ = sender.send(Command::Stop);
        let _ = waker.wake();
    });
    commands
}

struct Generator {
    job: Job,
    poll: Poll,
    commands: Receiver<Command>,
    users: Vec<User>,
    /// The users of which there may be more to read.
    readable: VecDeque<usize>,
    /// The first user that has not been begun with.
    next_user: usize,
    on_the_way: Vec<usize>,
    /// Whether somebody's ping went without an answer: then nobody else's is waited for.
    is_mute: bool,
    began: u64,
    /// When the run starts, once that is known, in nanoseconds.
    start: Option<u64>,
    /// The processor time at the start, in nanoseconds.
    cpu: u64,
    /// Which move of all is looked at next.
    turn: u64,
    tally: Tally,
    part: Part,
    said: u64,
}

impl Generator {
    fn new(job: Job, poll: Poll, commands: Receiver<Command>) -> Generator {
        let user = || User {
            state: State::Waiting,
            stream: None,
            unread: Vec::new(),
            unsent: Vec::new(),
            since: 0,
        };
        let count = job.users();
        Generator {
            users: std::iter::repeat_with(user).take(count).collect(),
            tally: Tally::new(count, job.asked.movers as usize),
            job,
            poll,
            commands,
            readable: VecDeque::new(),
            next_user: 0,
            on_the_way: Vec::new(),
            is_mute: false,
            began: clock::now(),
            start: None,
            cpu: 0,
            turn: 0,
            part: Part::default(),
            said: 0,
        }
    }

    fn run(mut self) -> Result<()> {
        let mut events = Events::with_capacity(1024);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            self.take_part();
            self.say(false)?;
            match self.poll.poll(&mut events, Some(self.pause())) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
                _ => {}
            }
            for command in self.commands.try_iter() {
                match command {
                    Command::Go { start } => {
                        self.start = Some(start);
                        self.cpu = processor_time();
                        self.part.phase = Phase::Moving;
                    }
                    Command::Stop => {
                        self.part.phase = Phase::Over;
                        return self.say(true);
                    }
                }
            }
            for event in &events {
                let Token(user) = event.token();
                if event.token() == WAKER {
                    continue;
                }
                if event.is_writable() {
                    self.write(user);
                }
                self.readable.push_back(user);
            }
            // One look at each: none of them can keep us from the others, however much it sends.
            for _ in 0..self.readable.len() {
                if let Some(user) = self.readable.pop_front()
                    && self.read(user, &mut buffer)
                {
                    self.readable.push_back(user);
                }
            }
        }
    }

    /// How long nothing has to be done.
    fn pause(&self) -> Duration {
        if !self.readable.is_empty() {
            return Duration::ZERO;
        }
        let now = clock::now();
        let said = self.said + EVERY;
        let due = match (self.part.phase, self.start) {
            (Phase::Moving, Some(start)) => said.min(self.next_move(start)),
            // Somebody may have to be given up.
            (Phase::Connecting, _) => said.min(now + 20_000_000),
            _ => said,
        };
        Duration::from_nanos(due.saturating_sub(now))
    }

    /// Does what is due.
    fn take_part(&mut self) {
        match self.part.phase {
            Phase::Connecting => self.connect(),
            Phase::Moving => self.move_on(),
            Phase::Ready | Phase::Sent | Phase::Over => {}
        }
    }

    /// Says how far it is, if it is time for that.
    fn say(&mut self, now_at_once: bool) -> Result<()> {
        let now = clock::now();
        if !now_at_once && now < self.said + EVERY {
            return Ok(());
        }
        self.said = now;
        if self.start.is_some() {
            self.part.counts.cpu = processor_time() - self.cpu;
            self.part.busiest = self.part.counts.cpu;
        }
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{}", self.part.json())?;
        Ok(stdout.flush()?)
    }
}

/// Whether an error only says that something takes its time.
fn is_on_its_way(error: &io::Error) -> bool {
    let kind = error.kind();
    #[cfg(unix)]
    if error.raw_os_error() == Some(nix::errno::Errno::EINPROGRESS as i32) {
        return true;
    }
    kind == ErrorKind::WouldBlock
}

/// The processor time that this process has used, in nanoseconds; 0 where the system does not tell.
fn processor_time() -> u64 {
    #[cfg(unix)]
    {
        use nix::sys::resource::{UsageWho, getrusage};
        use nix::sys::time::TimeValLike;
        getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| {
            (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as u64
                * 1000
        })
    }
    #[cfg(not(unix))]
    0
}
