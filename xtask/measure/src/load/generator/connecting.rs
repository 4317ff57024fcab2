//! From the first packet of a connection to a user who takes part, or is refused.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use mio::net::TcpStream;
use mio::{Interest, Token};
use socket2::{Domain, Protocol, Socket, Type};
use wire::frame;

use super::{Generator, State, is_on_its_way};
use crate::load::clock;
use crate::load::part::Phase;
use crate::load::wire::Wire;
use wire::upgrade;

/// How many connections may be on their way at once: fewer than a server's backlog holds.
const ON_THE_WAY: usize = 128;
/// Users from one address, where there is more than one: far from all the ports that an address has.
const FROM_ONE_ADDRESS: u32 = 4000;
/// How long a newcomer is waited for that does not answer its ping, in nanoseconds.
const SETTLING: u64 = 1_000_000_000;
/// How many times longer than one answer all of them together may take.
const ALL: u64 = 12;
/// And so much more for each of them, in nanoseconds: a million users are no matter of a minute.
const EACH: u64 = 10_000_000;
/// The longest answer to the upgrade that is read.
const LONGEST_HEAD: usize = 16 * 1024;

impl Generator {
    pub(super) fn connect(&mut self) {
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
        let address = self.job.address(user);
        let domain = Domain::for_address(address);
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        if let Some(source) = self.source(user) {
            socket.bind(&source.into())?;
        }
        match socket.connect(&address.into()) {
            Err(error) if !is_on_its_way(&error) => return Err(error),
            _ => {}
        }
        let mut stream = TcpStream::from_std(socket.into());
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll
            .registry()
            .register(&mut stream, Token(user), interest)?;
        let request = upgrade::request(&self.job.path, address, "");
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
        let is_spread = cfg!(target_os = "linux") && self.job.address(user).is_ipv4();
        let block = self.job.number(user) / FROM_ONE_ADDRESS;
        let [_, _, above, below] = (block + 1).to_be_bytes();
        let ip = Ipv4Addr::new(127, self.job.network, above, below);
        is_spread.then_some(SocketAddr::new(IpAddr::V4(ip), 0))
    }

    /// Gives up who has waited for too long, and in the end everybody.
    fn give_up(&mut self, now: u64) {
        let patience = self.job.patience.as_nanos() as u64;
        if now.saturating_sub(self.began) > patience * ALL + self.users.len() as u64 * EACH {
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
                State::Settling if self.job.wire == Wire::SocketIo && waited > patience => {
                    self.refuse(user, "it does not answer as Socket.IO does");
                }
                State::Settling
                    if self.job.wire == Wire::Events && (waited > SETTLING || self.is_mute) =>
                {
                    self.is_mute = true;
                    self.open(user);
                }
                State::Upgrading | State::Settling => self.on_the_way.push(user),
                State::Waiting | State::Open | State::Gone => {}
            }
        }
    }

    pub(super) fn refuse(&mut self, user: usize, why: &str) {
        self.users[user].state = State::Gone;
        self.users[user].stream = None;
        self.part.counts.refused += 1;
        self.part.refusal.get_or_insert_with(|| why.to_owned());
    }

    pub(super) fn open(&mut self, user: usize) {
        self.users[user].state = State::Open;
        self.part.counts.connected += 1;
    }

    /// The connection has ended, whoever ended it.
    pub(super) fn lose(&mut self, user: usize) {
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

    /// Looks at the answer to the upgrade; how many bytes it takes.
    pub(super) fn answered(&mut self, user: usize, bytes: &[u8], now: u64) -> usize {
        let answer = match upgrade::answer(bytes) {
            Ok(Some(answer)) => answer,
            Ok(None) if bytes.len() < LONGEST_HEAD => return 0,
            _ => {
                self.refuse(user, "the answer is not HTTP");
                return bytes.len();
            }
        };
        match answer.status {
            101 if answer.has_accept => {
                self.users[user].state = State::Settling;
                self.users[user].since = now;
                // The 101 comes before a busy server has put the newcomer on its list. The pong comes after. Socket.IO has an
                // exchange of its own for that, and the server begins it.
                if self.job.wire == Wire::Events {
                    frame::push(&mut self.users[user].unsent, frame::PING, b"");
                    self.write(user);
                }
            }
            101 => self.refuse(user, "the 101 has no right Sec-WebSocket-Accept"),
            status => self.refuse(user, &format!("the answer was {status}, not 101")),
        }
        answer.length
    }
}
