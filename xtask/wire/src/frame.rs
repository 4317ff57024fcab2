//! The frames of a WebSocket, written and read by hand: what no library would write, and how much one of thousands of
//! connections costs to read.
//!
//! RFC 6455, 5.2: a byte of flags and the opcode, the mask's flag and the length, the mask of a client's frame, and the
//! payload. The masks here are zero, so masking changes nothing.

/// The opcode of a further part of a message.
pub const CONTINUED: u8 = 0;
/// The opcode of a text.
pub const TEXT: u8 = 1;
/// The opcode of a binary message.
pub const BINARY: u8 = 2;
/// The opcode of a close frame.
pub const CLOSE: u8 = 8;
/// The opcode of a ping.
pub const PING: u8 = 9;
/// The opcode of a pong.
pub const PONG: u8 = 10;

/// The flag of a first byte: its message ends with this frame.
pub const LAST: u8 = 0x80;
/// The flag of a second byte: the payload is masked.
const MASKED: u8 = 0x80;

/// A longer frame is read by nobody here: it carries no event of the lesson.
const LONGEST: u64 = 1 << 24;

/// A frame from a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A text, whole.
    Text(&'a [u8]),
    /// A ping, and what its pong has to hold.
    Ping(&'a [u8]),
    /// A pong.
    Pong,
    /// The end, and the code that says why.
    Close(Option<u16>),
    /// A binary frame, or a part of a message.
    Other,
}

/// What stands at the beginning of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next<'a> {
    /// A frame, and how many bytes it takes, header and all.
    Frame(Frame<'a>, usize),
    /// The beginning of one.
    Incomplete,
    /// Nothing that a server may send.
    Broken,
}

/// The bit of the first byte that all control frames have.
const CONTROL: u8 = 0x08;

/// Reads the frame at the beginning of `bytes`, by its header alone.
pub fn next(bytes: &[u8]) -> Next<'_> {
    let [first, second, rest @ ..] = bytes else {
        return Next::Incomplete;
    };
    let (length, header) = match (second, rest) {
        (MASKED.., _) => return Next::Broken, // A server masks nothing.
        (126, [a, b, ..]) => (u64::from(u16::from_be_bytes([*a, *b])), 4),
        (127, [a, b, c, d, e, f, g, h, ..]) => {
            (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), 10)
        }
        (126 | 127, _) => return Next::Incomplete,
        (length, _) => (u64::from(*length), 2),
    };
    if length > LONGEST || (first & CONTROL != 0 && length > 125) {
        return Next::Broken; // A control frame, a close or a ping, has 125 bytes at most.
    }
    let end = header + length as usize;
    match bytes.get(header..end) {
        Some(payload) => Next::Frame(frame_of(*first, payload), end),
        None => Next::Incomplete,
    }
}

fn frame_of(first: u8, payload: &[u8]) -> Frame<'_> {
    const WHOLE_TEXT: u8 = LAST | TEXT;
    const WHOLE_PING: u8 = LAST | PING;
    const WHOLE_PONG: u8 = LAST | PONG;
    const WHOLE_CLOSE: u8 = LAST | CLOSE;
    match first {
        WHOLE_TEXT => Frame::Text(payload),
        WHOLE_PING => Frame::Ping(payload),
        WHOLE_PONG => Frame::Pong,
        WHOLE_CLOSE => Frame::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code))),
        _ => Frame::Other,
    }
}

/// Adds the head of a client's frame to `out`: its first byte, and that so many bytes follow.
fn push_head(out: &mut Vec<u8>, first: u8, length: u64) {
    out.push(first);
    match length {
        0..126 => out.push(MASKED | length as u8),
        126..=0xffff => {
            out.push(MASKED | 126);
            out.extend((length as u16).to_be_bytes());
        }
        _ => {
            out.push(MASKED | 127);
            out.extend(length.to_be_bytes());
        }
    }
    out.extend([0; 4]);
}

/// Adds a client's frame, a whole message, to `out`.
pub fn push(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    push_head(out, LAST | opcode, payload.len() as u64);
    out.extend_from_slice(payload);
}

/// A client's frame that is a whole message.
pub fn whole(opcode: u8, payload: &[u8]) -> Vec<u8> {
    beginning_with(LAST | opcode, payload)
}

/// A client's text.
pub fn text(text: &str) -> Vec<u8> {
    whole(TEXT, text.as_bytes())
}

/// A client's frame with this as its first byte, the flags and the opcode, whatever they are.
pub fn beginning_with(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(14 + payload.len());
    push_head(&mut frame, first, payload.len() as u64);
    frame.extend_from_slice(payload);
    frame
}

/// The head of a client's frame that announces so many bytes, and none of them.
pub fn announcing(opcode: u8, bytes: u64) -> Vec<u8> {
    let mut head = Vec::new();
    push_head(&mut head, LAST | opcode, bytes);
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_wherever_the_bytes_are_cut() {
        let mut bytes = vec![0x81, 2, b'h', b'i', 0x89, 1, b'!', 0x8a, 0, 0x82, 1, 7];
        bytes.extend([0x81, 126, 0, 200]);
        bytes.extend([b'x'; 200]);
        bytes.extend([0x88, 2, 0x03, 0xf0, 0x88, 0]);
        let long = [b'x'; 200];
        let expected = [
            Frame::Text(b"hi"),
            Frame::Ping(b"!"),
            Frame::Pong,
            Frame::Other,
            Frame::Text(&long),
            Frame::Close(Some(1008)),
            Frame::Close(None),
        ];
        let (mut at, mut found) = (0, Vec::new());
        for end in 0..=bytes.len() {
            if let Next::Frame(frame, length) = next(&bytes[at..end]) {
                found.push(frame);
                at += length;
            }
        }
        assert_eq!(found, expected);
        assert_eq!(at, bytes.len());
    }

    #[test]
    fn what_no_server_may_send_is_broken() {
        assert_eq!(next(&[0x81, 0x81, 0]), Next::Broken);
        let huge = [0x81, 127, 1, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(next(&huge), Next::Broken);
        assert_eq!(next(&huge[..5]), Next::Incomplete);
    }

    #[test]
    fn a_frame_says_how_long_it_is_in_three_ways() {
        assert_eq!(text("hi"), [0x81, 0x82, 0, 0, 0, 0, b'h', b'i']);
        assert_eq!(
            announcing(BINARY, 4097),
            [0x82, 0xfe, 0x10, 0x01, 0, 0, 0, 0]
        );
        let long = [0x81, 0xff, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(announcing(TEXT, 64 << 20), long);
        assert_eq!(beginning_with(TEXT, b"")[..2], [0x01, 0x80]);
    }
}
