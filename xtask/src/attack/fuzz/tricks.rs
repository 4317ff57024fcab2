//! The tricks of the fuzz: before the upgrade, during it, after it, and those that are as loud as they can.

use std::time::Duration;

use fastrand::Rng;

use super::super::raw::{announce, frame_of, head};
use super::script::{Leaving, Opening, Script};
use crate::load::frame::{PING, PONG, TEXT};
use crate::load::server::Place;

/// The opcodes that the reader needs no name for.
const CONTINUED: u8 = 0;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
/// The highest bit of a frame: it is the last one of its message.
const LAST: u8 = 0x80;
/// So many bytes a loud one hands over at once. A client that is slower than the server says nothing of a server that reads on
/// as long as there is something.
const AT_ONCE: usize = 64 * 1024;
/// Requests that are asked before an answer is read.
const ASKED: usize = 700;
/// The longest head: somewhat more than hyper takes by default.
const HEAD: usize = 450_000;

/// What a connection is up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trick {
    /// Connects, and says nothing.
    Nothing,
    /// A request that is cut anywhere, and then perhaps goes on byte by byte.
    HalfRequest,
    /// A head that goes on and on.
    LongHead,
    /// Bytes that are no request.
    Noise,
    /// Many requests, and no answer is read.
    Pipelined,
    /// A request, and the connection is gone before the answer.
    AsksAndIsGone,
    /// A page of another site.
    Foreign,
    /// A handshake with something wrong.
    WrongHandshake,
    /// A body that is announced and does not come.
    Body,
    /// A handshake, and the connection is gone before the answer.
    UpgradeAndGone,
    /// Frames on the heels of the handshake, in the same packet.
    OnItsHeels,
    /// Never answers and never says anything.
    Idle,
    /// Never reads, and says now and then that it is alive.
    Deaf,
    /// A frame, byte by byte.
    Drip,
    /// A part of a frame.
    HalfFrame,
    /// A frame that is too long, or says so.
    TooLong,
    /// A text that is no UTF-8, in one piece or in two.
    NoText,
    /// Bits and kinds of frames that have no meaning.
    Reserved,
    /// A frame without a mask.
    Unmasked,
    /// A ping that is too long, or in pieces.
    WrongPing,
    /// A close frame of any sort, and then more.
    WrongClose,
    /// The rest of nothing, or a beginning in the middle of a message.
    WrongOrder,
    /// Texts that are no events, or hardly.
    Nonsense,
    /// Bytes after the handshake that may be anything.
    AnyFrames,
    /// Events as a page sends them, and then the cable is pulled.
    AsAPage,
    /// A message that begins, and empty pieces of it without end.
    EmptyPieces,
    /// The same with a byte in each piece, and a pong now and then.
    SmallPieces,
    /// Pings.
    Pings,
    /// Pongs that nobody has asked for.
    Pongs,
    /// Long pings, whose pongs are not read.
    UnreadPings,
    /// Moves, within all rules but the rate.
    Moves,
    /// The longest texts, for everybody.
    Words,
    /// Events that are answered.
    Shouts,
    /// The same, and the answers are not read.
    UnreadShouts,
    /// Requests, each of them right.
    Requests,
}

use Trick::*;

/// The tricks of most places.
pub const QUIET: &[Trick] = &[
    Nothing,
    HalfRequest,
    LongHead,
    Noise,
    Pipelined,
    AsksAndIsGone,
    Foreign,
    WrongHandshake,
    Body,
    UpgradeAndGone,
    OnItsHeels,
    Idle,
    Deaf,
    Drip,
    HalfFrame,
    TooLong,
    NoText,
    Reserved,
    Unmasked,
    WrongPing,
    WrongClose,
    WrongOrder,
    Nonsense,
    AnyFrames,
    AsAPage,
];

/// The tricks of the few places that are loud.
pub const LOUD: &[Trick] = &[
    EmptyPieces,
    SmallPieces,
    Pings,
    Pongs,
    UnreadPings,
    Moves,
    Words,
    Shouts,
    UnreadShouts,
    Requests,
];

impl Trick {
    /// Fills in what is particular about it.
    pub fn fill(self, script: &mut Script, rng: &mut Rng, place: &Place) {
        if self <= UpgradeAndGone {
            self.before(script, rng, place);
        } else if self <= AsAPage {
            self.after(script, rng, place);
        } else {
            self.loudly(script, rng, place);
        }
    }

    /// What is done with HTTP alone.
    fn before(self, script: &mut Script, rng: &mut Rng, place: &Place) {
        let handshake = head(place, "") + "\r\n";
        let targets = ["/", "/socket.js", "/jquery.js", "/ws", "/nowhere"];
        let target = targets[rng.usize(..targets.len())];
        let page = format!("GET {target} HTTP/1.1\r\nHost: {}\r\n\r\n", place.address);
        script.opening = Opening::Connection;
        let first = match self {
            HalfRequest => {
                script.drip(rng);
                let whole = if rng.bool() { handshake } else { page };
                whole[..rng.usize(..whole.len())].into()
            }
            LongHead => {
                script.drip(rng);
                head(place, "X-More: ") + &"x".repeat(rng.usize(1..HEAD))
            }
            Noise => {
                script.first = bytes(rng, 2_000);
                return;
            }
            Pipelined => {
                script.reads = false;
                script.is_narrow = true;
                page.repeat(rng.usize(2..ASKED))
            }
            AsksAndIsGone | UpgradeAndGone => {
                script.lasts = Duration::from_millis(rng.u64(..30));
                script.leaves = Leaving::Reset;
                if self == AsksAndIsGone {
                    page
                } else {
                    handshake
                }
            }
            Foreign => head(place, "Origin: http://evil.example\r\n") + "\r\n",
            WrongHandshake => wrong(&handshake, rng),
            Body => {
                script.drip(rng);
                let length = 1_u64 << rng.u32(1..50);
                let at = place.address;
                format!("POST {target} HTTP/1.1\r\nHost: {at}\r\nContent-Length: {length}\r\n\r\n")
            }
            _ => String::new(),
        };
        script.first = first.into_bytes();
    }

    /// What is done on a WebSocket.
    fn after(self, script: &mut Script, rng: &mut Rng, place: &Place) {
        let some = bytes(rng, 125);
        script.first = match self {
            OnItsHeels => {
                script.opening = Opening::Connection;
                let handshake = head(place, "") + "\r\n";
                let heels = [frame_of(TEXT, event(rng).as_bytes()), bytes(rng, 300)].concat();
                [handshake.as_bytes(), &heels].concat()
            }
            Idle => {
                script.reads = false;
                Vec::new()
            }
            Deaf => {
                (script.reads, script.is_narrow) = (false, true);
                (script.again, script.every) = (frame_of(PONG, b""), Duration::from_millis(250));
                Vec::new()
            }
            Drip => {
                script.drip(rng);
                announce(TEXT, 4096)
            }
            HalfFrame => {
                let whole = frame_of(TEXT, event(rng).as_bytes());
                whole[..rng.usize(..whole.len())].into()
            }
            TooLong => {
                let said = [4_097, 1 << 20, 64 << 20, u64::MAX >> 1, u64::MAX];
                let mut frame = announce(TEXT, said[rng.usize(..said.len())]);
                frame.resize(rng.usize(14..10_000), b'x');
                frame
            }
            NoText => {
                let wrong: [&[u8]; 4] = [b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80"];
                let wrong = wrong[rng.usize(..wrong.len())];
                match rng.bool() {
                    true => frame_of(TEXT, wrong),
                    false => [with(TEXT, b"[\"say\",\""), with(LAST, wrong)].concat(),
                }
            }
            Reserved => with(rng.u8(..), &some),
            Unmasked => {
                let mut frame = frame_of(TEXT, &some);
                frame[1] &= 0x7f;
                frame
            }
            WrongPing => match rng.bool() {
                true => frame_of(PING, &[b'x'; 126]),
                false => with(PING, &some),
            },
            WrongClose => {
                let code = rng.u16(..).to_be_bytes();
                let close = frame_of(
                    CLOSE,
                    &[&code[..rng.usize(..=2)], &some[some.len() / 2..]].concat(),
                );
                [close, frame_of(TEXT, event(rng).as_bytes())].concat()
            }
            WrongOrder => match rng.bool() {
                true => frame_of(CONTINUED, &some),
                false => [with(TEXT, b"["), frame_of(TEXT, b"[]")].concat(),
            },
            Nonsense => (0..rng.usize(1..20))
                .flat_map(|_| frame_of(TEXT, &nonsense(rng)))
                .collect(),
            AnyFrames => (0..rng.usize(1..10))
                .flat_map(|_| with(rng.u8(..), &bytes(rng, 200)))
                .collect(),
            _ => {
                script.leaves = Leaving::Reset;
                (script.reads, script.every) = (true, Duration::from_millis(rng.u64(50..1000)));
                script.again = frame_of(TEXT, event(rng).as_bytes());
                Vec::new()
            }
        };
    }

    /// What is done as fast as the server lets it.
    fn loudly(self, script: &mut Script, rng: &mut Rng, place: &Place) {
        script.reads = !matches!(self, UnreadPings | UnreadShouts);
        let nobody = event(rng);
        let once = match self {
            EmptyPieces => with(CONTINUED, b""),
            SmallPieces => with(CONTINUED, b"x"),
            Pings => frame_of(PING, b""),
            Pongs => frame_of(PONG, b""),
            UnreadPings => frame_of(PING, &[b'x'; 125]),
            Words => frame_of(
                TEXT,
                format!("[\"say\",\"{}\"]", "x".repeat(4000)).as_bytes(),
            ),
            Shouts | UnreadShouts => frame_of(TEXT, b"[\"shout\",\"hello\"]"),
            Requests => {
                script.opening = Opening::Connection;
                format!("GET /socket.js HTTP/1.1\r\nHost: {}\r\n\r\n", place.address).into_bytes()
            }
            _ => frame_of(TEXT, nobody.as_bytes()),
        };
        script.again = once.repeat(AT_ONCE / once.len());
        match self {
            EmptyPieces => script.first = with(TEXT, b"["),
            SmallPieces => {
                script.first = with(BINARY, b"");
                script.again.extend(frame_of(PONG, b""));
            }
            _ => {}
        }
    }
}

impl Script {
    /// Half of them say another byte now and then, to look alive.
    fn drip(&mut self, rng: &mut Rng) {
        if rng.bool() {
            self.again = vec![b'x'];
            self.every = Duration::from_millis(rng.u64(20..400));
        }
    }
}

/// A frame with this as its first byte: the flags, and the kind.
fn with(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = frame_of(CONTINUED, payload);
    frame[0] = first;
    frame
}

/// At least one byte, and fewer than this.
fn bytes(rng: &mut Rng, most: usize) -> Vec<u8> {
    (0..rng.usize(1..most)).map(|_| rng.u8(..)).collect()
}

/// An event that a page could send. Its move is nobody's: the users' own are known by their numbers.
fn event(rng: &mut Rng) -> String {
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
