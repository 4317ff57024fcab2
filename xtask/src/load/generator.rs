//! One generator: a process with one thread, that holds many connections and does little for each.
//!
//! It is a plain loop over the sockets that are ready, with one buffer for all of them, and no task, no timer and no JSON for
//! each delivery: what it takes of the machine, the server does not have.

use std::collections::VecDeque;
use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use anyhow::{Context, Result};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token, Waker};
use serde_json::Value;
use socket2::{Domain, Protocol, Socket, Type};

use super::clock;
use super::frame::{self, Frame, Next};
use super::job::Job;
use super::part::{Part, Phase};
use super::tally::{Delivery, Tally};

/// How many connections may be on their way at once: fewer than a server's backlog holds.
const ON_THE_WAY: usize = 128;
/// Users from one address, where there is more than one: far from all the ports that an address has.
const FROM_ONE_ADDRESS: u32 = 4000;
/// How many moves are sent before the next look at what has come.
const IN_A_ROW: usize = 64;
/// How often the generator says how far it is.
const EVERY: u64 = 200_000_000;
/// How long a newcomer is waited for that does not answer its ping, in nanoseconds.
const SETTLING: u64 = 1_000_000_000;
/// How many times longer than one answer all of them together may take.
const ALL: u64 = 12;
/// One of so many deliveries is parsed in full. A prime number, so that no mover is always, or never, the one.
pub const SAMPLE: u64 = 101;
/// The longest answer to the upgrade that is read.
const LONGEST_HEAD: usize = 16 * 1024;

const WAKER: Token = Token(usize::MAX);

/// The key of every upgrade, and the answer to it: the pair that the protocol's specification gives as its example. Nobody
/// stands between us and the server who could replay an old answer.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

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
            (Phase::Moving, Some(start)) => said.min(start + self.job.asked.due(self.turn)),
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
            Phase::Moving => self.send_moves(),
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

    // Connecting.

    fn connect(&mut self) {
        let now = clock::now();
        self.give_up(now);
        while self.on_the_way.len() < ON_THE_WAY && self.next_user < self.users.len() {
            let user = self.next_user;
            self.next_user += 1;
            match self.begin(user) {
                Ok(()) => self.on_the_way.push(user),
                Err(error) => self.refuse(user, &format!("no connection: {error}")),
            }
        }
        if self.on_the_way.is_empty() && self.next_user == self.users.len() {
            self.part.connecting = now - self.began;
            self.part.phase = Phase::Ready;
            self.said = 0;
        }
    }

    fn begin(&mut self, user: usize) -> io::Result<()> {
        let socket = Socket::new(
            Domain::for_address(self.job.address),
            Type::STREAM,
            Some(Protocol::TCP),
        )?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        if let Some(source) = self.source(user) {
            socket.bind(&source.into())?;
        }
        match socket.connect(&self.job.address.into()) {
            Err(error) if !is_on_its_way(&error) => return Err(error),
            _ => {}
        }
        let mut stream = TcpStream::from_std(socket.into());
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll
            .registry()
            .register(&mut stream, Token(user), interest)?;
        let (path, address) = (&self.job.path, self.job.address);
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
        );
        let user = &mut self.users[user];
        user.state = State::Upgrading;
        user.since = clock::now();
        user.stream = Some(stream);
        user.unsent = request.into_bytes();
        Ok(())
    }

    /// The address that a user comes from. A connection is known by both its ends, and one address has only so many ports:
    /// Linux lets us come from any address of 127.0.0.0/8.
    fn source(&self, user: usize) -> Option<SocketAddr> {
        let is_spread = cfg!(target_os = "linux") && self.job.address.is_ipv4();
        let block = self.job.number(user) / FROM_ONE_ADDRESS;
        let [_, _, above, below] = (block + 1).to_be_bytes();
        let ip = Ipv4Addr::new(127, self.job.network, above, below);
        is_spread.then_some(SocketAddr::new(IpAddr::V4(ip), 0))
    }

    /// Gives up who has waited for too long, and in the end everybody.
    fn give_up(&mut self, now: u64) {
        let patience = self.job.patience.as_nanos() as u64;
        if now.saturating_sub(self.began) > patience * ALL {
            self.on_the_way.clear();
            self.next_user = self.users.len();
            for user in 0..self.users.len() {
                if !matches!(self.users[user].state, State::Open | State::Gone) {
                    self.refuse(user, "the server did not come to them in time");
                }
            }
        }
        for user in std::mem::take(&mut self.on_the_way) {
            let waited = now.saturating_sub(self.users[user].since);
            match self.users[user].state {
                State::Upgrading if waited > patience => self.refuse(
                    user,
                    &format!("no answer in {} s", self.job.patience.as_secs_f64()),
                ),
                State::Settling if waited > SETTLING || self.is_mute => {
                    self.is_mute = true;
                    self.open(user);
                }
                State::Upgrading | State::Settling => self.on_the_way.push(user),
                State::Waiting | State::Open | State::Gone => {}
            }
        }
    }

    fn refuse(&mut self, user: usize, why: &str) {
        self.users[user].state = State::Gone;
        self.users[user].stream = None;
        self.part.counts.refused += 1;
        self.part.refusal.get_or_insert_with(|| why.to_owned());
    }

    fn open(&mut self, user: usize) {
        self.users[user].state = State::Open;
        self.part.counts.connected += 1;
    }

    /// The connection has ended, whoever ended it.
    fn lose(&mut self, user: usize) {
        match self.users[user].state {
            State::Waiting | State::Gone => {}
            State::Upgrading => self.refuse(user, "the connection ended without an answer"),
            State::Settling => self.refuse(user, "the connection ended at once"),
            State::Open => {
                self.users[user].state = State::Gone;
                self.users[user].stream = None;
                self.part.counts.ended += 1;
            }
        }
    }

    // Moving.

    fn send_moves(&mut self) {
        let Some(start) = self.start else { return };
        for _ in 0..IN_A_ROW {
            let now = clock::now();
            if self.turn == self.job.asked.moves() {
                self.part.phase = Phase::Sent;
                self.said = 0;
                return;
            }
            let due = start + self.job.asked.due(self.turn);
            if now < due {
                return;
            }
            let movers = u64::from(self.job.asked.movers);
            let mover = (self.turn % movers) as u32;
            let sequence = (self.turn / movers) as u32;
            self.turn += 1;
            if let Some(user) = self.job.own(mover) {
                self.part.lag.record(clock::ticks(due, now));
                self.send_move(user, self.job.x(mover, sequence), clock::ticks(start, now));
            }
        }
    }

    fn send_move(&mut self, user: usize, x: u64, y: u64) {
        if self.users[user].state == State::Open {
            frame::write_move(&mut self.users[user].unsent, self.job.up, x, y);
            self.part.counts.sent += 1;
            self.write(user);
        }
    }

    /// Hands the system what it will take.
    fn write(&mut self, user: usize) {
        let User {
            stream: Some(stream),
            unsent,
            ..
        } = &mut self.users[user]
        else {
            return;
        };
        while !unsent.is_empty() {
            match stream.write(unsent) {
                Ok(written) => drop(unsent.drain(..written)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // It will say when it takes more, or has a connection at all.
                Err(error) if is_on_its_way(&error) || error.kind() == ErrorKind::NotConnected => {
                    return;
                }
                // Reading tells why, and what came before.
                Err(_) => return self.readable.push_back(user),
            }
        }
    }

    // Reading.

    /// Reads what has come, one buffer of it; whether there may be more.
    fn read(&mut self, user: usize, buffer: &mut [u8]) -> bool {
        let Some(stream) = &mut self.users[user].stream else {
            return false;
        };
        match stream.read(buffer) {
            Ok(0) => {
                self.lose(user);
                false
            }
            Ok(length) => {
                self.came(user, &buffer[..length]);
                // A buffer that was not filled has emptied the connection. Only Unix says when more comes after that.
                length == buffer.len() || cfg!(not(unix))
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => true,
            Err(error) if is_on_its_way(&error) || error.kind() == ErrorKind::NotConnected => false,
            Err(error) => {
                match self.users[user].state {
                    State::Upgrading => self.refuse(user, &format!("no connection: {error}")),
                    _ => self.lose(user),
                }
                false
            }
        }
    }

    fn came(&mut self, user: usize, bytes: &[u8]) {
        let now = clock::now();
        // Nearly always it is whole frames, and nothing is copied.
        if self.users[user].unread.is_empty() {
            let used = self.take(user, bytes, now);
            if used < bytes.len() && self.users[user].stream.is_some() {
                self.users[user].unread.extend_from_slice(&bytes[used..]);
            }
        } else {
            let mut all = std::mem::take(&mut self.users[user].unread);
            all.extend_from_slice(bytes);
            let used = self.take(user, &all, now);
            all.drain(..used);
            self.users[user].unread = all;
        }
    }

    /// Takes what is whole at the beginning of the bytes; how many bytes that is.
    fn take(&mut self, user: usize, bytes: &[u8], now: u64) -> usize {
        let mut used = 0;
        if self.users[user].state == State::Upgrading {
            used = self.answered(user, bytes, now);
        }
        while matches!(self.users[user].state, State::Settling | State::Open) {
            match frame::next(&bytes[used..]) {
                Next::Frame(frame, length) => {
                    used += length;
                    self.heard(user, frame, length, now);
                }
                Next::Incomplete => break,
                Next::Broken => self.lose(user),
            }
        }
        used
    }

    /// Looks at the answer to the upgrade; how many bytes it takes.
    fn answered(&mut self, user: usize, bytes: &[u8], now: u64) -> usize {
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut answer = httparse::Response::new(&mut headers);
        let length = match answer.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if bytes.len() < LONGEST_HEAD => return 0,
            _ => {
                self.refuse(user, "the answer is not HTTP");
                return bytes.len();
            }
        };
        let is_right = |header: &httparse::Header| {
            let name = header.name.eq_ignore_ascii_case("sec-websocket-accept");
            name && header.value == ACCEPT.as_bytes()
        };
        match answer.code {
            Some(101) if answer.headers.iter().any(is_right) => {
                self.users[user].state = State::Settling;
                self.users[user].since = now;
                // The 101 comes before a busy server has put the newcomer on its list. The pong comes after.
                frame::write(&mut self.users[user].unsent, frame::PING, b"");
                self.write(user);
            }
            Some(101) => self.refuse(user, "the 101 has no right Sec-WebSocket-Accept"),
            code => {
                let code = code.unwrap_or_default();
                self.refuse(user, &format!("the answer was {code}, not 101"));
            }
        }
        length
    }

    fn heard(&mut self, user: usize, frame: Frame, length: usize, now: u64) {
        match frame {
            Frame::Text(text) => self.heard_text(user, text, length, now),
            Frame::Ping(payload) => {
                frame::write(&mut self.users[user].unsent, frame::PONG, payload);
                self.write(user);
            }
            Frame::Pong if self.users[user].state == State::Settling => self.open(user),
            Frame::Pong => {}
            Frame::Close => self.lose(user),
            Frame::Other => self.part.counts.other += 1,
        }
    }

    fn heard_text(&mut self, user: usize, text: &[u8], length: usize, now: u64) {
        let scanned = frame::scanned(text);
        let found = scanned.or_else(|| frame::parsed(text));
        let ours = found.and_then(|(x, y)| Some((self.job.mover_and_sequence(x)?, y)));
        let (Some(((mover, sequence), sent)), Some(start)) = (ours, self.start) else {
            self.part.counts.other += 1;
            return;
        };
        let counts = &mut self.part.counts;
        counts.bytes += length as u64;
        if (counts.received + counts.twice + counts.echoed).is_multiple_of(SAMPLE) {
            counts.sampled += 1;
            counts.misread += u64::from(frame::parsed(text) != found);
        }
        if self.job.number(user) == mover {
            counts.echoed += 1;
            return;
        }
        match self.tally.heard(user, mover as usize, sequence) {
            Delivery::InOrder => {}
            Delivery::Late => counts.late += 1,
            Delivery::Twice => {
                counts.twice += 1;
                return;
            }
        }
        counts.received += 1;
        let now = clock::ticks(start, now);
        self.part.latency.record(now.saturating_sub(sent));
        self.part.last = now;
        let tenth = (now * clock::TICK / 100_000_000) as usize;
        let over_time = &mut self.part.over_time;
        if over_time.len() <= tenth {
            over_time.resize(tenth + 1, 0);
        }
        over_time[tenth] += 1;
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
