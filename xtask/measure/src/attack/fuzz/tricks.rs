//! The tricks of the fuzz, by name: before the upgrade, during it, after it, and those that are as loud as they can. What each
//! sends, [`http`](super::http) and [`frames`](super::frames) say.

use fastrand::Rng;

use super::script::Script;
use crate::load::server::Place;

/// What a connection is up to. The order is that of the functions that fill it in.
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
    /// Events as a page sends them, and then the cable is pulled.
    AsAPage,
    /// Texts that are no events, or hardly.
    Nonsense,
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
    /// Bytes after the handshake that may be anything.
    AnyFrames,
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
    /// Events of one kind, within all rules but the rate.
    Events,
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
    AsAPage,
    Nonsense,
    TooLong,
    NoText,
    Reserved,
    Unmasked,
    WrongPing,
    WrongClose,
    WrongOrder,
    AnyFrames,
];

/// A message that never ends is what a library reads on for, so there is always somebody who sends one.
pub const ENDLESS: &[Trick] = &[EmptyPieces, SmallPieces];

/// The tricks of the other few places that are loud.
pub const LOUD: &[Trick] = &[
    Pings,
    Pongs,
    UnreadPings,
    Events,
    Words,
    Shouts,
    UnreadShouts,
    Requests,
];

impl Trick {
    /// Fills in what is particular about it.
    pub fn fill(self, script: &mut Script, rng: &mut Rng, place: &Place) {
        if self <= OnItsHeels {
            self.before(script, rng, place);
        } else if self <= Nonsense {
            self.after(script, rng);
        } else if self <= AnyFrames {
            self.against_the_rules(script, rng);
        } else {
            self.loudly(script, rng, place);
        }
    }
}
