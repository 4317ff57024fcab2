//! The moves, and the way to the system for whatever is sent.

use std::io::{ErrorKind, Write};

use super::{Generator, State, User, is_on_its_way};
use crate::load::clock;
use crate::load::part::Phase;

/// How many moves are sent before the next look at what has come.
const IN_A_ROW: usize = 64;

/// The one who moves where moves are kept in flight: see [`Asked::in_flight`](crate::load::job::Asked::in_flight).
const MOVER: usize = 0;

impl Generator {
    /// Sends the moves that are due.
    pub(super) fn move_on(&mut self) {
        match (self.start, self.job.asked.in_flight) {
            (None, _) => {}
            (Some(start), None) => self.send_moves(start),
            (Some(start), Some(most)) => self.keep_in_flight(start, u64::from(most)),
        }
    }

    /// When there is a move to be sent, if nothing comes before.
    pub(super) fn next_move(&self, start: u64) -> u64 {
        match self.job.asked.in_flight {
            None => start + self.job.asked.due(self.turn),
            Some(_) if clock::now() < start => start,
            Some(_) => self.end(start),
        }
    }

    /// When the time for moves is over.
    fn end(&self, start: u64) -> u64 {
        start + u64::from(self.job.asked.seconds) * 1_000_000_000
    }

    /// Sends as many moves as keep `most` in flight. A move is in flight until everybody else has it.
    fn keep_in_flight(&mut self, start: u64, most: u64) {
        let now = clock::now();
        if now < start {
            return;
        }
        if now >= self.end(start) {
            self.part.phase = Phase::Sent;
            self.said = 0;
            return;
        }
        while self.turn < self.landed() + most {
            let sequence = self.turn as u32;
            self.turn += 1;
            self.send_move(
                MOVER,
                self.job.x(MOVER as u32, sequence),
                clock::ticks(start, clock::now()),
            );
        }
    }

    /// How many moves everybody has, or has lost: they are behind whoever is the last.
    fn landed(&self) -> u64 {
        let others = self
            .users
            .iter()
            .enumerate()
            .filter(|(user, it)| *user != MOVER && it.state == State::Open);
        let landed = others.map(|(user, _)| self.tally.landed(user, MOVER)).min();
        landed.map_or(self.turn, u64::from)
    }

    fn send_moves(&mut self, start: u64) {
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
            self.job
                .wire
                .write_move(&mut self.users[user].unsent, self.job.up, x, y);
            self.part.counts.sent += 1;
            self.write(user);
        }
    }

    /// Hands the system what it will take.
    pub(super) fn write(&mut self, user: usize) {
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
}
