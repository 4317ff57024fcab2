//! What is done on a WebSocket: within the rules of the protocol, against them, and as fast as the server lets it.

use std::time::Duration;

use fastrand::Rng;
use wire::frame::{self, BINARY, CLOSE, CONTINUED, LAST, PING, PONG, TEXT};

use super::script::{Leaving, Opening, Script};
use super::tricks::Trick::{self, *};
use crate::load::server::Place;

/// So many bytes a loud one hands over at once. A client that is slower than the server says nothing of a server that reads on
/// as long as there is something.
const AT_ONCE: usize = 64 * 1024;

impl Trick {
    /// What no rule of the protocol forbids.
    pub(super) fn after(self, script: &mut Script, rng: &mut Rng) {
        script.first = match self {
            Idle => {
                script.reads = false;
                Vec::new()
            }
            Deaf => {
                (script.reads, script.is_narrow) = (false, true);
                (script.again, script.every) =
                    (frame::whole(PONG, b""), Duration::from_millis(250));
                Vec::new()
            }
            Drip => {
                script.drip(rng);
                frame::announcing(TEXT, 4096)
            }
            HalfFrame => {
                let whole = frame::whole(TEXT, event(rng).as_bytes());
                whole[..rng.usize(..whole.len())].into()
            }
            Nonsense => (0..rng.usize(1..20))
                .flat_map(|_| frame::whole(TEXT, &nonsense(rng)))
                .collect(),
            _ => {
                script.leaves = Leaving::Reset;
                (script.reads, script.every) = (true, Duration::from_millis(rng.u64(50..1000)));
                script.again = frame::whole(TEXT, event(rng).as_bytes());
                Vec::new()
            }
        };
    }

    /// What the protocol forbids, or the limits of a server.
    pub(super) fn against_the_rules(self, script: &mut Script, rng: &mut Rng) {
        let some = bytes(rng, 125);
        script.first = match self {
            TooLong => {
                let said = [4_097, 1 << 20, 64 << 20, u64::MAX >> 1, u64::MAX];
                let mut frame = frame::announcing(TEXT, said[rng.usize(..said.len())]);
                frame.resize(rng.usize(14..10_000), b'x');
                frame
            }
            NoText => {
                let wrong: [&[u8]; 4] = [b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80"];
                let wrong = wrong[rng.usize(..wrong.len())];
                match rng.bool() {
                    true => frame::whole(TEXT, wrong),
                    false => [
                        frame::beginning_with(TEXT, b"[\"say\",\""),
                        frame::beginning_with(LAST, wrong),
                    ]
                    .concat(),
                }
            }
            Reserved => frame::beginning_with(rng.u8(..), &some),
            Unmasked => {
                let mut frame = frame::whole(TEXT, &some);
                frame[1] &= 0x7f;
                frame
            }
            WrongPing => match rng.bool() {
                true => frame::whole(PING, &[b'x'; 126]),
                false => frame::beginning_with(PING, &some),
            },
            WrongClose => {
                let code = rng.u16(..).to_be_bytes();
                let close = frame::whole(
                    CLOSE,
                    &[&code[..rng.usize(..=2)], &some[some.len() / 2..]].concat(),
                );
                [close, frame::whole(TEXT, event(rng).as_bytes())].concat()
            }
            WrongOrder => match rng.bool() {
                true => frame::whole(CONTINUED, &some),
                false => [frame::beginning_with(TEXT, b"["), frame::whole(TEXT, b"[]")].concat(),
            },
            _ => (0..rng.usize(1..10))
                .flat_map(|_| frame::beginning_with(rng.u8(..), &bytes(rng, 200)))
                .collect(),
        };
    }

    /// What is done as fast as the server lets it.
    pub(super) fn loudly(self, script: &mut Script, rng: &mut Rng, place: &Place) {
        script.reads = !matches!(self, UnreadPings | UnreadShouts);
        let once = match self {
            EmptyPieces => frame::beginning_with(CONTINUED, b""),
            SmallPieces => frame::beginning_with(CONTINUED, b"x"),
            Pings => frame::whole(PING, b""),
            Pongs => frame::whole(PONG, b""),
            UnreadPings => frame::whole(PING, &[b'x'; 125]),
            Words => frame::whole(
                TEXT,
                format!("[\"say\",\"{}\"]", "x".repeat(4000)).as_bytes(),
            ),
            Shouts | UnreadShouts => frame::whole(TEXT, b"[\"shout\",\"hello\"]"),
            Requests => {
                script.opening = Opening::Connection;
                format!("GET /socket.js HTTP/1.1\r\nHost: {}\r\n\r\n", place.address).into_bytes()
            }
            _ => frame::whole(TEXT, event(rng).as_bytes()),
        };
        script.again = once.repeat(AT_ONCE / once.len());
        match self {
            EmptyPieces => script.first = frame::beginning_with(TEXT, b"["),
            SmallPieces => {
                script.first = frame::beginning_with(BINARY, b"");
                script.again.extend(frame::whole(PONG, b""));
            }
            _ => {}
        }
    }
}

impl Script {
    /// Half of them say another byte now and then, to look alive.
    pub(super) fn drip(&mut self, rng: &mut Rng) {
        if rng.bool() {
            self.again = vec![b'x'];
            self.every = Duration::from_millis(rng.u64(20..400));
        }
    }
}

/// At least one byte, and fewer than this.
pub(super) fn bytes(rng: &mut Rng, most: usize) -> Vec<u8> {
    (0..rng.usize(1..most)).map(|_| rng.u8(..)).collect()
}

/// An event that a page could send. Its move is nobody's: the users' own are known by their numbers.
pub(super) fn event(rng: &mut Rng) -> String {
    let events = [
        "[\"spy\",4294967295,0]",
        "[\"say\",\"hello\"]",
        "[\"shout\",\"hello\"]",
        "[\"online\"]",
    ];
    events[rng.usize(..events.len())].into()
}

/// What is no event, or hardly.
fn nonsense(rng: &mut Rng) -> Vec<u8> {
    let texts = [
        "[".repeat(rng.usize(1..4_000)),
        "[\"spy\",1e400,1]".into(),
        "[\"spy\",null,[]]".into(),
        "[\"say\",\"\\ud800\"]".into(),
        "[null]".into(),
        String::new(),
        format!(
            "[\"say\",\"{}\"]",
            "\u{0}\u{feff}é".repeat(rng.usize(1..500))
        ),
    ];
    texts[rng.usize(..texts.len())].clone().into_bytes()
}
