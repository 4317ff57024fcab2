//! What is done with HTTP alone: before the upgrade, and with it.

use std::time::Duration;

use fastrand::Rng;
use wire::frame::{self, TEXT};

use super::super::raw::head;
use super::frames::{bytes, event};
use super::script::{Leaving, Opening, Script};
use super::tricks::Trick::{self, *};
use crate::load::server::Place;

/// Requests that are asked before an answer is read.
const ASKED: usize = 700;
/// The longest head: somewhat more than hyper takes by default.
const HEAD: usize = 450_000;

impl Trick {
    /// What is done before there is a WebSocket.
    pub(super) fn before(self, script: &mut Script, rng: &mut Rng, place: &Place) {
        let handshake = head(place, "") + "\r\n";
        let page = request(rng, "GET", place) + "\r\n";
        script.opening = Opening::Connection;
        script.first = match self {
            HalfRequest => {
                let whole = if rng.bool() { handshake } else { page };
                whole[..rng.usize(..whole.len())].into()
            }
            LongHead => (head(place, "X-More: ") + &"x".repeat(rng.usize(1..HEAD))).into(),
            Noise => bytes(rng, 2_000),
            Pipelined => page.repeat(rng.usize(2..ASKED)).into(),
            AsksAndIsGone => page.into(),
            UpgradeAndGone => handshake.into(),
            Foreign => (head(place, "Origin: http://evil.example\r\n") + "\r\n").into(),
            WrongHandshake => wrong(&handshake, rng).into(),
            Body => {
                let length = 1_u64 << rng.u32(1..50);
                let announced = format!("Content-Length: {length}\r\n\r\n");
                (request(rng, "POST", place) + &announced).into()
            }
            OnItsHeels => {
                let heels = [frame::whole(TEXT, event(rng).as_bytes()), bytes(rng, 300)].concat();
                [handshake.as_bytes(), &heels].concat()
            }
            _ => Vec::new(),
        };
        self.lingers(script, rng);
    }

    /// Whether it goes on with it, reads, or is gone at once.
    fn lingers(self, script: &mut Script, rng: &mut Rng) {
        match self {
            HalfRequest | LongHead | Body => script.drip(rng),
            Pipelined => (script.reads, script.is_narrow) = (false, true),
            AsksAndIsGone | UpgradeAndGone => {
                script.lasts = Duration::from_millis(rng.u64(..30));
                script.leaves = Leaving::Reset;
            }
            _ => {}
        }
    }
}

/// The head of a request for any of our files, but for the line that ends it.
fn request(rng: &mut Rng, method: &str, place: &Place) -> String {
    let targets = ["/", "/socket.js", "/jquery.js", "/ws", "/nowhere"];
    let target = targets[rng.usize(..targets.len())];
    format!("{method} {target} HTTP/1.1\r\nHost: {}\r\n", place.address)
}

/// A handshake with a line left out, doubled, or changed.
fn wrong(handshake: &str, rng: &mut Rng) -> String {
    let mut lines: Vec<String> = handshake
        .split_inclusive("\r\n")
        .map(String::from)
        .collect();
    // The empty line at the end stays: a request that never ends is another trick.
    let at = rng.usize(..lines.len() - 1);
    match rng.u8(..3) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at].clone()),
        _ => {
            lines[at] = lines[at]
                .chars()
                .rev()
                .collect::<String>()
                .trim()
                .to_owned()
                + "\r\n"
        }
    }
    lines.concat()
}
