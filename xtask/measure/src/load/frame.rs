//! As much of the WebSocket protocol as a reader needs that only counts: where a frame ends, and which move it carries.

use serde_json::Value;
use wire::position::Position;

/// A frame longer than this carries no move: whoever announces one is not followed any further.
const LONGEST: u64 = 1 << 20;

/// A frame from a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A text, whole.
    Text(&'a [u8]),
    /// A ping, and what its pong has to hold.
    Ping(&'a [u8]),
    /// A pong.
    Pong,
    /// The end.
    Close,
    /// A binary frame, or a part of a message.
    Other,
}

/// What stands at the beginning of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next<'a> {
    /// A frame, and how many bytes it takes, header and all.
    Frame(Frame<'a>, usize),
    /// The beginning of one.
    Incomplete,
    /// Nothing that a server may send.
    Broken,
}

/// Reads the frame at the beginning of `bytes`, by its header alone.
pub fn next(bytes: &[u8]) -> Next<'_> {
    let [first, second, rest @ ..] = bytes else {
        return Next::Incomplete;
    };
    let (length, header) = match (second, rest) {
        (128.., _) => return Next::Broken, // Only what a client sends is masked.
        (126, [a, b, ..]) => (u64::from(u16::from_be_bytes([*a, *b])), 4),
        (127, _) if rest.len() >= 8 => {
            let length = rest[..8].try_into().expect("eight bytes");
            (u64::from_be_bytes(length), 10)
        }
        (126 | 127, _) => return Next::Incomplete,
        (length, _) => (u64::from(*length), 2),
    };
    if length > LONGEST {
        return Next::Broken;
    }
    let end = header + length as usize;
    let Some(payload) = bytes.get(header..end) else {
        return Next::Incomplete;
    };
    // The highest bit says that the message ends with this frame; the lowest four, what it is.
    let frame = match first {
        0x81 => Frame::Text(payload),
        0x89 => Frame::Ping(payload),
        0x8a => Frame::Pong,
        0x88 => Frame::Close,
        _ => Frame::Other,
    };
    Next::Frame(frame, end)
}

/// Adds a frame from a client to `out`. Its mask is zero, so that masking changes nothing.
pub fn write(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    out.push(0x80 | opcode);
    match payload.len() {
        length @ 0..126 => out.push(0x80 | length as u8),
        length => {
            out.push(0x80 | 126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
}

/// The opcode of a text.
pub const TEXT: u8 = 1;
/// The opcode of a ping.
pub const PING: u8 = 9;
/// The opcode of a pong.
pub const PONG: u8 = 10;

/// x and y of a move that arrives, looked for and not parsed: this is what every delivery costs. `None` where it is written
/// in another way than servers do; then [`parsed`] finds out.
pub fn scanned(payload: &[u8]) -> Option<(u64, u64)> {
    let arguments = payload.strip_prefix(b"[\"spy\",")?;
    Some((value_of(arguments, b'x')?, value_of(arguments, b'y')?))
}

/// The whole number behind `"name":`.
fn value_of(bytes: &[u8], name: u8) -> Option<u64> {
    let key = [b'"', name, b'"', b':'];
    let start = bytes.windows(4).position(|window| window == key)? + 4;
    let mut value: u64 = 0;
    for (digits, byte) in bytes[start..].iter().enumerate() {
        match byte {
            b'0'..=b'9' if digits < 16 => value = value * 10 + u64::from(byte - b'0'),
            b',' | b'}' if digits > 0 => return Some(value),
            _ => return None,
        }
    }
    None
}

/// x and y of a move that arrives, by the whole of its JSON.
pub fn parsed(payload: &[u8]) -> Option<(u64, u64)> {
    let event: Value = serde_json::from_slice(payload).ok()?;
    let [Value::String(name), arguments @ ..] = event.as_array()?.as_slice() else {
        return None;
    };
    let Position { x, y, .. } = Position::of(name, arguments).filter(|_| name == "spy")?;
    let is_ours = |value: f64| value >= 0.0 && value.fract() == 0.0;
    (is_ours(x) && is_ours(y)).then_some((x as u64, y as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_wherever_the_bytes_are_cut() {
        let mut bytes = vec![0x81, 2, b'h', b'i', 0x89, 1, b'!', 0x8a, 0, 0x82, 1, 7];
        bytes.extend([0x81, 126, 0, 200]);
        bytes.extend([b'x'; 200]);
        bytes.extend([0x88, 0]);
        let long = [b'x'; 200];
        let expected = [
            Frame::Text(b"hi"),
            Frame::Ping(b"!"),
            Frame::Pong,
            Frame::Other,
            Frame::Text(&long),
            Frame::Close,
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
    fn a_move_is_found_however_it_is_written() {
        for text in [
            r#"["spy",{"x":12,"y":34}]"#,
            r#"["spy",{"y":34,"x":12}]"#,
            r#"["spy",{"id":7,"x":12,"y":34,"z":"x"}]"#,
            r#"[ "spy", { "x": 12.0, "y" : 34 } ]"#,
        ] {
            let text = text.as_bytes();
            assert_eq!(scanned(text).or_else(|| parsed(text)), Some((12, 34)));
            assert_eq!(parsed(text), Some((12, 34)));
        }
        for text in [
            r#"["spy",12,34]"#,
            r#"["say","12,34"]"#,
            r#"["spy",{"x":-1,"y":0}]"#,
            "[",
        ] {
            let text = text.as_bytes();
            assert_eq!(scanned(text).or_else(|| parsed(text)), None);
        }
    }
}
