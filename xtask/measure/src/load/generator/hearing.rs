//! What comes: from the bytes of a connection to a delivery that is counted.

use std::io::{ErrorKind, Read};
use wire::frame::{self, Frame, Next};

use super::{Generator, SAMPLE, State, is_on_its_way};
use crate::load::clock;
use crate::load::moves;
use crate::load::tally::Delivery;
use crate::load::wire::Packet;

impl Generator {
    /// Reads what has come, one buffer of it; whether there may be more.
    pub(super) fn read(&mut self, user: usize, buffer: &mut [u8]) -> bool {
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

    fn heard(&mut self, user: usize, frame: Frame, length: usize, now: u64) {
        match frame {
            Frame::Text(text) => match self.job.wire.packet(text) {
                Packet::Event(event) => self.heard_event(user, event, length, now),
                Packet::Answer(answer) => self.send_text(user, answer),
                Packet::Connected if self.users[user].state == State::Settling => self.open(user),
                Packet::Connected | Packet::Other => self.part.counts.other += 1,
            },
            Frame::Ping(payload) => {
                frame::push(&mut self.users[user].unsent, frame::PONG, payload);
                self.write(user);
            }
            Frame::Pong if self.users[user].state == State::Settling => self.open(user),
            Frame::Pong => {}
            Frame::Close(_) => self.lose(user),
            Frame::Other => self.part.counts.other += 1,
        }
    }

    fn send_text(&mut self, user: usize, text: &str) {
        frame::push(&mut self.users[user].unsent, frame::TEXT, text.as_bytes());
        self.write(user);
    }

    fn heard_event(&mut self, user: usize, text: &[u8], length: usize, now: u64) {
        let scanned = moves::scanned(text);
        let found = scanned.or_else(|| moves::parsed(text));
        let ours = found.and_then(|(x, y)| Some((self.job.mover_and_sequence(x)?, y)));
        let (Some(((mover, sequence), sent)), Some(start)) = (ours, self.start) else {
            self.part.counts.other += 1;
            return;
        };
        let counts = &mut self.part.counts;
        counts.bytes += length as u64;
        if (counts.received + counts.twice + counts.echoed).is_multiple_of(SAMPLE) {
            counts.sampled += 1;
            counts.misread += u64::from(moves::parsed(text) != found);
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
