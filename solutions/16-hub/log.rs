//! The log: what everybody has said, framed once for all. Explained in step 16.

// [hub]
use std::collections::VecDeque;

use serde_json::Value;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::newest::Newest;

/// How many bytes of the log are kept for browsers that read slowly: 30,000 positions, or 250 of the longest messages. They
/// are kept once, however many browsers read slowly.
const LOG: usize = 1024 * 1024;

/// Marks a browser that gets nothing from the log: it has not joined yet, or we have said goodbye.
pub const NOWHERE: u64 = u64::MAX;

/// The part of what was said that we still keep. A place in the log is the number of bytes that were ever before it.
#[derive(Default)]
pub struct Log {
    bytes: Vec<u8>,
    /// The frames that are in `bytes`, in order.
    frames: VecDeque<Said>,
    /// The place where `bytes` begins.
    start: u64,
    /// What is kept of the frames that are forgotten.
    newest: Newest,
}

/// A frame in the log.
struct Said {
    from: u64,
    /// The place where it ends.
    end: u64,
    is_position: bool,
}

/// A piece of the log, for one browser or for several.
pub struct Piece {
    pub bytes: Vec<u8>,
    /// Where each frame ends, in `bytes` and in the log.
    pub ends: Vec<(usize, u64)>,
    /// The place where the piece ends.
    pub end: u64,
}

impl Piece {
    fn push(&mut self, frame: &[u8], end: u64) {
        self.bytes.extend_from_slice(frame);
        self.ends.push((self.bytes.len(), end));
    }
}

impl Log {
    /// The place where the log begins. What was before it is forgotten.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The place where it ends.
    pub fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// The bytes from one place to another.
    fn between(&self, start: u64, end: u64) -> &[u8] {
        &self.bytes[(start - self.start) as usize..(end - self.start) as usize]
    }

    /// Writes a frame at the end. When the log is twice as long as it has to be, its older half goes at once.
    pub fn push(&mut self, from: u64, event: &Value) {
        if self.bytes.len() > 2 * LOG {
            self.forget(self.end() - LOG as u64);
        }
        let frame = Frame::message(event.to_string(), OpCode::Data(Data::Text), true);
        frame
            .format(&mut self.bytes)
            .expect("a Vec takes what is written to it");
        self.frames.push_back(Said {
            from,
            end: self.end(),
            is_position: event[0] == "spy",
        });
    }

    /// Forgets the frames up to a place, except the newest positions.
    fn forget(&mut self, until: u64) {
        let mut start = self.start;
        while let Some(said) = self.frames.pop_front_if(|said| said.end <= until) {
            if said.is_position {
                let frame = self.between(start, said.end).to_vec();
                self.newest.keep(said.end, said.from, frame);
            }
            start = said.end;
        }
        self.bytes.drain(..(start - self.start) as usize);
        self.start = start;
    }

    /// Takes note that everybody has got the log up to a place.
    pub fn all_have(&mut self, place: u64) {
        self.newest.all_have(place);
        if place >= self.end() {
            self.forget(place);
        }
    }

    /// What somebody at a place lacks, up to `most` bytes and the frame in which they end. Its own frames are left out.
    pub fn since(&self, place: u64, me: u64, most: usize) -> Piece {
        let mut piece = Piece {
            bytes: Vec::new(),
            ends: Vec::new(),
            end: place,
        };
        if place < self.start {
            for (end, position) in self.newest.after(place) {
                if piece.bytes.len() >= most {
                    return piece;
                }
                if position.from != me {
                    piece.push(&position.frame, end);
                }
                piece.end = end;
            }
            piece.end = self.start; // Everything else that it has missed is lost.
        }
        let next = self.frames.partition_point(|said| said.end <= piece.end);
        for said in self.frames.range(next..) {
            if piece.bytes.len() >= most {
                return piece;
            }
            if said.from != me {
                piece.push(self.between(piece.end, said.end), said.end);
            }
            piece.end = said.end;
        }
        piece
    }

    // [hear]
    /// The browsers that have said something since a place.
    pub fn speakers_since(&self, place: u64) -> impl Iterator<Item = u64> {
        let next = self.frames.partition_point(|said| said.end <= place);
        self.frames.range(next..).map(|said| said.from)
    }
    // [end hear]
}
// [end hub]
