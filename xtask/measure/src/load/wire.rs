//! How a server lays out events on its WebSocket: as the workshop does, or as Socket.IO does.

use wire::frame;
use wire::position::Up;

/// The layout of events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wire {
    /// A text frame is an event, and nothing else: `["spy",12,34]`. The workshop's own.
    #[default]
    Events,
    /// A text frame is a packet of Engine.IO 4, whose first digit says of what kind. A message, 4, is a packet of Socket.IO,
    /// with a digit of its own: an event, 2, is `42["spy",12,34]`.
    SocketIo,
}

/// What a text frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packet<'a> {
    /// An event, as JSON.
    Event(&'a [u8]),
    /// A question that has this answer.
    Answer(&'static str),
    /// The server has taken this client among those to whom it sends events.
    Connected,
    /// Something that concerns nobody here.
    Other,
}

impl Wire {
    /// The path of the WebSocket.
    pub fn path(self) -> &'static str {
        match self {
            Wire::Events => "/ws",
            Wire::SocketIo => "/socket.io/?EIO=4&transport=websocket",
        }
    }

    /// What a text frame from the server is.
    pub fn packet(self, text: &[u8]) -> Packet<'_> {
        match (self, text) {
            (Wire::Events, event) => Packet::Event(event),
            (_, [b'4', b'2', event @ ..]) => Packet::Event(event),
            // The connection is open: now the client asks for its part in Socket.IO.
            (_, [b'0', ..]) => Packet::Answer("40"),
            (_, [b'4', b'0', ..]) => Packet::Connected,
            // A ping, as a text of its own.
            (_, b"2") => Packet::Answer("3"),
            _ => Packet::Other,
        }
    }

    /// Adds the frame of a move to `out`.
    pub fn write_move(self, out: &mut Vec<u8>, up: Up, x: u64, y: u64) {
        let packet = match self {
            Wire::Events => "",
            Wire::SocketIo => "42",
        };
        let text = match up {
            Up::TwoValues => format!("{packet}[\"spy\",{x},{y}]"),
            Up::Object => format!("{packet}[\"spy\",{{\"x\":{x},\"y\":{y}}}]"),
        };
        frame::push(out, frame::TEXT, text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_is_written_as_a_page_writes_it() {
        let mut out = Vec::new();
        Wire::Events.write_move(&mut out, Up::TwoValues, 1, 23);
        assert_eq!(out, b"\x81\x8c\0\0\0\0[\"spy\",1,23]");
        out.clear();
        Wire::SocketIo.write_move(&mut out, Up::Object, 1, 23);
        assert_eq!(&out[6..], br#"42["spy",{"x":1,"y":23}]"#);
    }

    #[test]
    fn the_workshop_s_wire_is_events_and_nothing_else() {
        assert_eq!(Wire::Events.packet(b"2"), Packet::Event(b"2"));
    }

    #[test]
    fn socket_io_is_answered_as_its_own_client_does() {
        for (text, packet) in [
            (
                &br#"0{"sid":"x","pingInterval":25000}"#[..],
                Packet::Answer("40"),
            ),
            (br#"40{"sid":"y"}"#, Packet::Connected),
            (
                br#"42["spy",{"x":1,"y":2}]"#,
                Packet::Event(br#"["spy",{"x":1,"y":2}]"#),
            ),
            (b"2", Packet::Answer("3")),
            (b"44{}", Packet::Other),
            (b"", Packet::Other),
        ] {
            assert_eq!(Wire::SocketIo.packet(text), packet);
        }
    }
}
