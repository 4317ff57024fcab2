//! Messages that no page sends.

use wire::frame::{self, Frame, TEXT};

use super::super::raw::Raw;
use super::super::{Saw, Target, soon};

/// What becomes of a connection on which these bytes are sent: how it ended, or that it goes on.
async fn ended(target: &Target, bytes: &[u8]) -> String {
    let Ok(mut raw) = Raw::open(&target.place).await else {
        return "not even connected".into();
    };
    // A server that has had enough of it does not take the rest; what it says about it may still be heard.
    let _ = raw.say(bytes).await;
    // One that takes it answers what comes after it.
    let _ = raw.say(&frame::whole(frame::PING, b"")).await;
    let mut is_taken = false;
    let is_pong = |heard: &Frame| {
        is_taken |= *heard == Frame::Pong;
        is_taken
    };
    match raw.until(soon(), is_pong).await {
        Some(end) => end.in_words(),
        None if is_taken => "taken".into(),
        None => "waited for".into(),
    }
}

/// Too long, in three ways. What is announced costs its sender nothing.
pub async fn long(target: &Target) -> Saw {
    let above = frame::whole(TEXT, text_of(4097, target).as_bytes());
    let megabyte = frame::whole(TEXT, text_of(1 << 20, target).as_bytes());
    let announced = frame::announcing(TEXT, 64 << 20);
    let mut words = Vec::new();
    for (name, bytes) in [("4,097 B", above), ("1 MB", megabyte), ("64 MB", announced)] {
        words.push((name, ended(target, &bytes).await));
    }
    let is_held = words
        .iter()
        .all(|(_, it)| it != "taken" && it != "waited for");
    let words: Vec<String> = words
        .iter()
        .map(|(name, it)| format!("{name} {it}"))
        .collect();
    Saw::of(is_held, words.join(", "))
}

/// An event of so many bytes, if the server knows one that carries a text.
fn text_of(bytes: usize, target: &Target) -> String {
    let (start, end) = match target.step {
        6.. => ("[\"shout\",\"", "\"]"),
        _ => ("", ""),
    };
    let filling = "x".repeat(bytes - start.len() - end.len());
    format!("{start}{filling}{end}")
}

/// A byte that occurs nowhere in UTF-8, one half of a letter, a letter that is written in a way that is not allowed.
pub async fn utf8(target: &Target) -> Saw {
    let texts: [&[u8]; 3] = [
        b"[\"shout\",\"\xff\"]",
        b"[\"shout\",\"\xc3",
        b"[\"shout\",\"\xc0\xaf\"]",
    ];
    let mut words = Vec::new();
    for text in texts {
        words.push(ended(target, &frame::whole(TEXT, text)).await);
    }
    let is_held = words.iter().all(|it| it != "taken" && it != "waited for");
    Saw::of(is_held, super::counted(words))
}

/// Events that are none, or hardly. A server that expects what its own page sends panics at one of them.
pub async fn nonsense(target: &Target) -> Saw {
    let texts = [
        "[".repeat(1000),
        "[\"spy\",1e400,1]".into(),
        "[\"spy\",null,[]]".into(),
        "[\"say\",\"\\ud800\"]".into(),
        "[null]".into(),
        "[]".into(),
        "{\"length\":2}".into(),
        String::new(),
        "\u{0}\u{feff}".into(),
        format!("[\"{}\"]", "x".repeat(3000)),
    ];
    let mut out: Vec<u8> = Vec::new();
    for text in &texts {
        out.extend(frame::whole(TEXT, text.as_bytes()));
    }
    out.extend(frame::whole(2, &[0, 159, 146, 150]));
    let count = texts.len() + 1;
    let Ok(mut raw) = Raw::open(&target.place).await else {
        return Saw::through("not even connected");
    };
    let _ = raw.say(&out).await;
    let _ = raw.say(&frame::whole(frame::PING, b"")).await;
    let (mut errors, mut is_alive) = (0, false);
    let listen = |heard: &Frame| {
        if let Frame::Text(text) = heard {
            errors += usize::from(text.starts_with(b"[\"error\""));
        }
        is_alive |= *heard == Frame::Pong;
        is_alive
    };
    let end = raw.until(soon(), listen).await;
    let answered = match count - errors {
        0 => format!("all {count} were read and got an error"),
        // An event that it does not know may come from a newer page: no error is due.
        unknown => format!(
            "all {count} were read: {errors} got an error, {unknown} {} ignored as unknown",
            if unknown == 1 { "was" } else { "were" }
        ),
    };
    match (end, is_alive) {
        (Some(end), _) => Saw::held(format!(
            "{errors} got an error; then the connection was {}",
            end.in_words()
        )),
        (None, true) => Saw::held(format!("{answered}; the connection lives")),
        (None, false) => Saw::through(format!(
            "{errors} of {count} got an error, and then nothing more is answered"
        )),
    }
}
