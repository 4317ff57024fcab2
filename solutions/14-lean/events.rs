//! The events: what a browser may send, and what becomes of it. Explained in steps 6 to 8 and 10.

use serde_json::{Value, json};
// [upgrade]
use tokio_tungstenite::tungstenite::Message;
// [end upgrade]

use crate::everyone::{Everyone, Relayed};

/// The answer to a message, if it gets one. What is for the others goes to `everyone`.
pub fn received(message: &Message, me: u64, everyone: &Everyone) -> Option<Message> {
    // [upgrade] [end upgrade]
    let text = |event: Value| Message::text(event.to_string());
    let error = |why: &str| Some(text(json!(["error", why])));
    let relay = |event: Value| -> Option<Message> {
        let message = text(event); // Serialised here, once for everyone.
        // An error says that nobody listens. But we do, and skip our own.
        let _ = everyone.send(Relayed { from: me, message });
        None
    };
    // [upgrade]
    let frame = match message {
        Message::Text(text) => text.as_bytes(),
        Message::Binary(_) => b"",
        _ => return None, // A ping or a close: the library has answered it.
                          // [end upgrade]
    };
    let event: Vec<Value> = serde_json::from_slice(frame).unwrap_or_default();
    let [Value::String(name), arguments @ ..] = event.as_slice() else {
        return error("an event is a JSON array that starts with its name");
    };
    match (name.as_str(), arguments) {
        ("shout", [Value::String(words), ..]) => Some(text(json!(["shout", words.to_uppercase()]))),
        ("online", _) => Some(text(json!(["online", everyone.receiver_count()]))),
        ("say", [words @ Value::String(_), ..]) => relay(json!(["say", words])),
        ("shout" | "say", _) => error("this event takes a text"),
        ("spy", [x @ Value::Number(_), y @ Value::Number(_), ..]) => {
            relay(json!(["spy", { "x": x, "y": y }]))
        }
        ("spy", _) => error("`spy` takes two numbers, x and y"),
        _ => None, // A newer page may know events that we do not.
    }
}
