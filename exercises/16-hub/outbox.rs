//! The outbox of one browser: what the others say, and it has not got yet. Explained in steps 8, 15 and 16.

// The outbox is a place in the log, and what comes first.
use std::{io, mem};

use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::client::Client;
use crate::everyone::lock;
use crate::log::{NOWHERE, Piece};

/// How many bytes we write to one browser before the next browser has its turn.
const TURN: usize = 64 * 1024;

/// What is still to be written to one browser. It is no queue: what everybody has said is in the log, and this is a place in
/// the log.
pub struct Outbox {
    /// Whose it is.
    pub me: u64,
    /// How much of the log the browser has got, or need not get.
    pub place: u64,
    /// What comes before anything else: answers, and the unsent rest of a partly written frame.
    pub first: Vec<u8>,
    /// When the network last took something, if it does not take everything.
    pub behind: Option<Instant>,
}

impl Default for Outbox {
    fn default() -> Outbox {
        Outbox {
            me: NOWHERE,
            place: NOWHERE,
            first: Vec::new(),
            behind: None,
        }
    }
}

impl Outbox {
    /// Begins to hear the log, from this place on.
    pub fn begin(&mut self, me: u64, place: u64) {
        self.me = me;
        self.place = place;
    }

    /// Writes what is for this browser alone, after what comes first. After the last answer it hears the log no more.
    pub fn answer(&mut self, socket: &TcpStream, bytes: &[u8], is_last: bool) -> io::Result<()> {
        self.first.extend_from_slice(bytes);
        if is_last {
            self.place = NOWHERE;
        }
        if !self.finish(socket)? {
            self.behind.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    /// Writes a turn's worth of what it lacks, and returns whether that was all.
    pub fn go_on(&mut self, client: &Client) -> io::Result<bool> {
        if !self.finish(&client.socket)? {
            return Ok(false);
        }
        let (piece, end) = {
            let log = lock(&client.everyone.log);
            (log.since(self.place, self.me, TURN), log.end())
        };
        Ok(self.take(&client.socket, &piece)? && self.place >= end)
    }

    /// Writes what comes first, and returns whether all of it is out.
    fn finish(&mut self, socket: &TcpStream) -> io::Result<bool> {
        let first = mem::take(&mut self.first);
        let taken = self.write(socket, &first)?;
        self.first = first[taken..].to_vec();
        Ok(self.first.is_empty())
    }

    /// Writes a piece of the log, and returns whether the network took all of it.
    pub fn take(&mut self, socket: &TcpStream, piece: &Piece) -> io::Result<bool> {
        let taken = self.write(socket, &piece.bytes)?;
        if taken == piece.bytes.len() {
            self.place = piece.end;
            return Ok(true);
        }
        // TODO: Wait for nobody: keep the unsent rest of the cut frame in `first`, and move the place behind that frame.
        // The network took only a part, so we wait until it takes the rest.
        let mut rest = &piece.bytes[taken..];
        while !rest.is_empty() {
            let room = || tokio::runtime::Handle::current().block_on(socket.writable());
            tokio::task::block_in_place(room)?;
            rest = &rest[self.write(socket, rest)?..];
        }
        self.place = piece.end;
        Ok(false)
    }

    /// Writes as many of the bytes as the network takes at once, and returns how many it took.
    fn write(&mut self, socket: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        match socket.try_write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            taken => {
                self.behind = self.behind.map(|_| Instant::now());
                taken
            }
        }
    }
}
