//! What is on the wire: the frames in a copy of the bytes that pass.
//!
//! The first request of a connection is looked at: browsers make a connection of its own for each WebSocket. Where it is
//! answered with an upgrade, what follows are frames. What cannot be read ends the noting and never the connection.

use std::collections::VecDeque;
use std::io::Cursor;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// So many frames are kept, for a view that comes later.
pub const KEPT: usize = 200;

/// A text that is longer is cut, in characters.
const LONGEST_TEXT: usize = 200;

/// Of a longer message the rest is counted and not looked at, in bytes.
const LONGEST_MESSAGE: usize = 64 * 1024;

/// A head that is longer is not read, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;

/// Which window a connection belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The left pane.
    Left,
    /// The right pane.
    Right,
    /// Whoever else has opened the app on this machine.
    Other,
}

impl Window {
    fn word(self) -> &'static str {
        match self {
            Window::Left => "left",
            Window::Right => "right",
            Window::Other => "other",
        }
    }
}

/// Which way something goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the server.
    Up,
    /// From it.
    Down,
}

impl Direction {
    fn word(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
        }
    }
}

/// What was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noted {
    /// A connection was upgraded: its path.
    Open(String),
    /// A text message, as much of it as was looked at.
    Text(String),
    /// A binary message.
    Binary,
    /// A close frame: its code and reason.
    Close(String),
    /// The connection is gone.
    End,
}

/// The last frames of all connections.
pub struct Log {
    started: Instant,
    lines: Mutex<Lines>,
    is_new: Notify,
}

#[derive(Default)]
struct Lines {
    /// The last of them, oldest first, each with its number.
    kept: VecDeque<(u64, Value)>,
    /// How many there were.
    noted: u64,
    /// How many of them were taken.
    taken: u64,
}

impl Log {
    /// An empty one, whose time starts now.
    pub fn new() -> Log {
        Log {
            started: Instant::now(),
            lines: Mutex::default(),
            is_new: Notify::new(),
        }
    }

    fn note(&self, window: Window, direction: Direction, noted: &Noted, bytes: u64) {
        let at = self.started.elapsed().as_secs_f64();
        let mut lines = self.lines();
        lines.noted += 1;
        let id = lines.noted;
        let line = json!({
            "id": id,
            "window": window.word(),
            "direction": direction.word(),
            "kind": noted.kind(),
            "text": noted.text(),
            "bytes": bytes,
            "shape": noted.shape(),
            "at": (at * 1000.0).round() / 1000.0,
        });
        lines.kept.push_back((id, line));
        if lines.kept.len() > KEPT {
            lines.kept.pop_front();
        }
        drop(lines);
        self.is_new.notify_one();
    }

    /// Waits until there is a frame that was not taken yet. It may be cancelled, and called again.
    pub async fn has_new(&self) {
        while {
            let lines = self.lines();
            lines.taken == lines.noted
        } {
            self.is_new.notified().await;
        }
    }

    /// The frames that were not taken before; where there were more than are kept, the last of them.
    pub fn take_new(&self) -> Vec<Value> {
        let mut lines = self.lines();
        let taken = lines.taken;
        lines.taken = lines.noted;
        let new = lines.kept.iter().filter(|(id, _)| *id > taken);
        new.map(|(_, line)| line.clone()).collect()
    }

    /// The frames that were taken before, as far as they are kept.
    pub fn taken(&self) -> Vec<Value> {
        let lines = self.lines();
        let taken = lines.kept.iter().filter(|(id, _)| *id <= lines.taken);
        taken.map(|(_, line)| line.clone()).collect()
    }

    /// Forgets all.
    pub fn clear(&self) {
        let mut lines = self.lines();
        lines.kept.clear();
        lines.taken = lines.noted;
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Noted {
    fn kind(&self) -> &'static str {
        match self {
            Noted::Open(_) => "open",
            Noted::Text(_) => "text",
            Noted::Binary => "binary",
            Noted::Close(_) => "close",
            Noted::End => "end",
        }
    }

    fn text(&self) -> String {
        match self {
            Noted::Open(text) | Noted::Text(text) | Noted::Close(text) => cut(text),
            Noted::Binary | Noted::End => String::new(),
        }
    }

    /// What an event's arguments are, in words; `None` where it is no event.
    fn shape(&self) -> Option<String> {
        let Noted::Text(text) = self else { return None };
        let event: Vec<Value> = serde_json::from_str(text).ok()?;
        let [Value::String(_), arguments @ ..] = event.as_slice() else {
            return None;
        };
        Some(match arguments {
            [] => "no value".into(),
            [one] => format!("one {}", type_of(one)),
            several => format!("{} values", in_words(several.len())),
        })
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn in_words(number: usize) -> String {
    match number {
        2 => "two".into(),
        3 => "three".into(),
        4 => "four".into(),
        number => number.to_string(),
    }
}

/// One connection, as its bytes pass.
pub struct Wire {
    window: Window,
    log: Arc<Log>,
    stage: Stage,
    up: Frames,
    down: Frames,
    ended_by: Option<Direction>,
}

/// How far a connection has come.
enum Stage {
    /// Both heads are collected: the request's and the answer's.
    Heads { request: Vec<u8>, answer: Vec<u8> },
    /// It is a WebSocket.
    Frames,
    /// It is none, or cannot be read.
    Unread,
}

impl Wire {
    /// A connection of this window.
    pub fn new(window: Window, log: Arc<Log>) -> Wire {
        Wire {
            window,
            log,
            stage: Stage::Heads {
                request: Vec::new(),
                answer: Vec::new(),
            },
            up: Frames::default(),
            down: Frames::default(),
            ended_by: None,
        }
    }

    /// Whose connection it is.
    pub fn window(&self) -> Window {
        self.window
    }

    /// Sees bytes that pass.
    pub fn passed(&mut self, direction: Direction, bytes: &[u8]) {
        match &mut self.stage {
            Stage::Unread => {}
            Stage::Frames => self.frames(direction, bytes),
            Stage::Heads { request, answer } => {
                match direction {
                    Direction::Up => request.extend_from_slice(bytes),
                    Direction::Down => answer.extend_from_slice(bytes),
                }
                if let Some(next) = heads(request, answer) {
                    self.goes_on(next);
                }
            }
        }
    }

    fn goes_on(&mut self, next: Next) {
        let Next::Upgraded { path, up, down } = next else {
            self.stage = Stage::Unread;
            return;
        };
        self.stage = Stage::Frames;
        self.note(Direction::Up, &Noted::Open(path), 0);
        self.frames(Direction::Up, &up);
        self.frames(Direction::Down, &down);
    }

    fn frames(&mut self, direction: Direction, bytes: &[u8]) {
        let frames = match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        };
        let mut noted = Vec::new();
        let is_readable = frames.read(bytes, &mut noted);
        for (noted, bytes) in noted {
            self.note(direction, &noted, bytes);
        }
        if !is_readable {
            self.stage = Stage::Unread;
        }
    }

    /// One side will send nothing more.
    pub fn ended_by(&mut self, direction: Direction) {
        self.ended_by.get_or_insert(direction);
    }

    /// The connection is gone. Where nobody ended it, it was cut for the next program, which is the server's end.
    pub fn end(self) {
        if matches!(self.stage, Stage::Frames) {
            let by = self.ended_by.unwrap_or(Direction::Down);
            self.note(by, &Noted::End, 0);
        }
    }

    fn note(&self, direction: Direction, noted: &Noted, bytes: u64) {
        self.log.note(self.window, direction, noted, bytes);
    }
}

/// What follows the heads.
enum Next {
    /// Frames, of which these bytes have come already.
    Upgraded {
        path: String,
        up: Vec<u8>,
        down: Vec<u8>,
    },
    /// Nothing that we read.
    Other,
}

/// Reads the two heads; `None` as long as one of them is not whole.
fn heads(request: &[u8], answer: &[u8]) -> Option<Next> {
    if request.len().max(answer.len()) > LONGEST_HEAD {
        return Some(Next::Other);
    }
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut head = httparse::Response::new(&mut headers);
    let down = match head.parse(answer) {
        Ok(httparse::Status::Complete(length)) => answer[length..].to_vec(),
        Ok(httparse::Status::Partial) => return None,
        Err(_) => return Some(Next::Other),
    };
    if head.code != Some(101) {
        return Some(Next::Other);
    }
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut head = httparse::Request::new(&mut headers);
    match head.parse(request) {
        Ok(httparse::Status::Complete(length)) => Some(Next::Upgraded {
            path: head.path.unwrap_or_default().to_owned(),
            up: request[length..].to_vec(),
            down,
        }),
        _ => Some(Next::Other),
    }
}

/// The frames of one direction.
#[derive(Default)]
struct Frames {
    /// The beginning of a header that is not whole yet.
    header: Vec<u8>,
    /// The frame whose payload is coming.
    frame: Option<Frame>,
    /// The message that it belongs to, and whether it is a text.
    message: Option<(bool, Payload)>,
}

/// A frame whose payload is coming.
struct Frame {
    header: FrameHeader,
    left: u64,
    /// How many bytes of it have come, for the mask.
    come: usize,
    /// A control frame's own payload; it may stand between the fragments of a message.
    control: Payload,
}

/// The payload of a message, its beginning in memory.
#[derive(Default)]
struct Payload {
    bytes: Vec<u8>,
    length: u64,
}

impl Payload {
    fn push(&mut self, bytes: impl ExactSizeIterator<Item = u8>) {
        self.length += bytes.len() as u64;
        let room = LONGEST_MESSAGE - self.bytes.len();
        self.bytes.extend(bytes.take(room));
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl Frames {
    /// Reads on; `false` where these are no frames, or compressed ones.
    fn read(&mut self, mut bytes: &[u8], noted: &mut Vec<(Noted, u64)>) -> bool {
        while !bytes.is_empty() || self.frame.as_ref().is_some_and(|frame| frame.left == 0) {
            let Some(frame) = &mut self.frame else {
                self.header.push(bytes[0]);
                bytes = &bytes[1..];
                if !self.begin_frame() {
                    return false;
                }
                continue;
            };
            let here = bytes
                .len()
                .min(usize::try_from(frame.left).unwrap_or(usize::MAX));
            let (payload, rest) = bytes.split_at(here);
            bytes = rest;
            let from = frame.come;
            let mask = frame.header.mask.unwrap_or_default();
            let unmasked = payload.iter().enumerate();
            let unmasked = unmasked.map(|(at, byte)| byte ^ mask[(from + at) % 4]);
            match (&frame.header.opcode, &mut self.message) {
                (OpCode::Data(_), Some((_, message))) => message.push(unmasked),
                _ => frame.control.push(unmasked),
            }
            frame.left -= here as u64;
            frame.come = (from + here) % 4;
            if frame.left == 0 {
                noted.extend(self.end_frame());
            }
        }
        true
    }

    /// Looks whether the header is whole, and begins its frame.
    fn begin_frame(&mut self) -> bool {
        let (header, left) = match FrameHeader::parse(&mut Cursor::new(&self.header)) {
            Ok(Some(parsed)) => parsed,
            Ok(None) => return true,
            Err(_) => return false,
        };
        self.header.clear();
        match header.opcode {
            // A message that begins before the last one has ended is a mistake, and so is one that goes on from nothing.
            OpCode::Data(Data::Continue) if self.message.is_none() => return false,
            OpCode::Data(Data::Text | Data::Binary) if self.message.is_some() => return false,
            OpCode::Data(Data::Text) => self.message = Some((true, Payload::default())),
            OpCode::Data(Data::Binary) => self.message = Some((false, Payload::default())),
            _ => {}
        }
        let is_plain = !(header.rsv1 || header.rsv2 || header.rsv3);
        self.frame = Some(Frame {
            header,
            left,
            come: 0,
            control: Payload::default(),
        });
        is_plain
    }

    fn end_frame(&mut self) -> Option<(Noted, u64)> {
        let frame = self.frame.take()?;
        match frame.header.opcode {
            OpCode::Control(Control::Close) => {
                let length = frame.control.length;
                Some((Noted::Close(close(&frame.control.bytes)), length))
            }
            OpCode::Data(_) if frame.header.is_final => {
                let (is_text, message) = self.message.take()?;
                let noted = match is_text {
                    true => Noted::Text(message.text()),
                    false => Noted::Binary,
                };
                Some((noted, message.length))
            }
            _ => None,
        }
    }
}

/// A close frame in words: its code, and its reason where it has one.
fn close(payload: &[u8]) -> String {
    match payload {
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            let reason = String::from_utf8_lossy(reason);
            format!("{code} {reason}").trim_end().to_owned()
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::Direction::{Down, Up};
    use super::*;

    const REQUEST: &[u8] = b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n";
    const ANSWER: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

    /// What is noted of these bytes, when they pass in pieces of this size: `up text 11 [...] two values`.
    fn noted(passing: &[(Direction, &[u8])], size: usize) -> Vec<String> {
        let log = Arc::new(Log::new());
        let mut wire = Wire::new(Window::Left, log.clone());
        for (direction, bytes) in passing {
            let mut pieces = bytes.chunks(size);
            pieces.all(|piece| {
                wire.passed(*direction, piece);
                true
            });
        }
        wire.end();
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let line = |line: &Value| {
            let words = ["direction", "kind", "text", "shape"].map(|name| word(&line[name]));
            format!("{} {}", words.join(" "), line["bytes"])
        };
        log.take_new().iter().map(line).collect()
    }

    /// A frame with this first byte; what goes up is masked.
    fn frame(first: u8, payload: &[u8], is_masked: bool) -> Vec<u8> {
        let mut frame = vec![first];
        let mask_bit = if is_masked { 0x80 } else { 0 };
        match u8::try_from(payload.len()) {
            Ok(short @ ..126) => frame.push(mask_bit | short),
            _ => {
                frame.push(mask_bit | 126);
                let length = u16::try_from(payload.len()).expect("it is short enough");
                frame.extend(length.to_be_bytes());
            }
        }
        let mask = if is_masked { [7, 70, 200, 3] } else { [0; 4] };
        if is_masked {
            frame.extend(mask);
        }
        frame.extend(
            payload
                .iter()
                .enumerate()
                .map(|(at, byte)| byte ^ mask[at % 4]),
        );
        frame
    }

    #[test]
    fn frames_are_read_however_the_bytes_are_cut() {
        let up = [
            frame(0x81, br#"["spy",1,2]"#, true),
            // A message in three fragments, with a ping between them.
            frame(0x01, b"[\"say\",", true),
            frame(0x89, b"are you there", true),
            frame(0x00, b"\"h\xc3", true),
            frame(0x80, b"\xa9\"]", true),
            frame(0x82, &[0; 300], true),
            frame(0x88, b"\x03\xe8bye", true),
        ]
        .concat();
        let down = [
            frame(0x81, br#"["spy",{"x":1,"y":2}]"#, false),
            frame(0x81, b"", false),
            frame(0x81, b"[\"left\"]", false),
        ]
        .concat();
        let passing: [(Direction, &[u8]); 4] =
            [(Up, REQUEST), (Down, ANSWER), (Up, &up), (Down, &down)];
        for size in [1, 2, 3, 7, 64, 4096] {
            assert_eq!(
                noted(&passing, size),
                [
                    "up open /ws - 0",
                    r#"up text ["spy",1,2] two values 11"#,
                    r#"up text ["say","hé"] one text 13"#,
                    "up binary  - 300",
                    "up close 1000 bye - 5",
                    r#"down text ["spy",{"x":1,"y":2}] one object 21"#,
                    "down text  - 0",
                    r#"down text ["left"] no value 8"#,
                    "down end  - 0",
                ],
                "in pieces of {size}"
            );
        }
    }

    #[test]
    fn frames_that_come_with_the_answer_are_not_lost() {
        let together = [ANSWER, &frame(0x81, b"hello", false)].concat();
        let noted = noted(&[(Up, REQUEST), (Down, &together)], 4096);
        assert_eq!(noted[1], "down text hello - 5");
    }

    #[test]
    fn what_is_no_websocket_is_not_noted() {
        let page: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
        assert!(noted(&[(Up, REQUEST), (Down, page)], 5).is_empty());
        assert!(noted(&[(Up, b"\0\x01nonsense"), (Down, b"\xff\xff")], 5).is_empty());
        // A frame that cannot be is the end of the noting.
        let odd = [frame(0x83, b"x", false), frame(0x81, b"after", false)].concat();
        let noted = noted(&[(Up, REQUEST), (Down, ANSWER), (Down, &odd)], 4096);
        assert_eq!(noted, ["up open /ws - 0"]);
    }

    #[test]
    fn a_long_message_is_cut_and_counted_whole() {
        let mut payload = Payload::default();
        payload.push(std::iter::repeat_n(b'x', 3 * LONGEST_MESSAGE));
        assert_eq!(payload.bytes.len(), LONGEST_MESSAGE);
        assert_eq!(payload.length, 3 * LONGEST_MESSAGE as u64);
        let text = Noted::Text(payload.text()).text();
        assert_eq!(text.chars().count(), LONGEST_TEXT + 1);
    }
}
