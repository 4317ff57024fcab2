//! Too much: sent, or not read.

use std::time::Duration;

use futures::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, interval, sleep_until, timeout};
use wire::frame::{self, Frame, PONG, TEXT};
use wire::position::Up;

use super::super::raw::{End, Raw};
use super::super::{Saw, Target};
use super::counted;

/// The opcode of a frame that goes on with a message.
const CONTINUED: u8 = 0;
/// Frames that are handed over at once.
const AT_ONCE: usize = 500;
/// How long a last word is waited for.
const A_MOMENT: Duration = Duration::from_millis(100);
const DEAF: usize = 20;
/// What is said a second while the deaf are there: messages of 4,000 bytes, within the rate that everybody has.
const SAID: u32 = 100;
/// How often a deaf one says a byte, to find out whether the connection is still there.
const FEEL: Duration = Duration::from_millis(250);

/// An event as this server knows one. Its move is nobody's: it is known from the users' by its numbers.
fn event(target: &Target) -> &'static str {
    match (target.step, target.up) {
        (_, Some(Up::TwoValues)) => "[\"spy\",4294967295,0]",
        (_, Some(Up::Object)) => "[\"spy\",{\"x\":4294967295,\"y\":0}]",
        (8.., None) => "[\"say\",\"\"]",
        (6..8, None) => "[\"shout\",\"x\"]",
        _ => "x",
    }
}

/// As much as the server takes. It is read as well what comes back: who does not read is another attack.
pub async fn flood(target: &Target) -> Saw {
    let events = frame::whole(TEXT, event(target).as_bytes()).repeat(AT_ONCE);
    until_stopped(target, &[], [&events, &events]).await
}

/// A text that begins, and goes on with empty pieces, and never ends: no library hands over what is not whole. One of the two
/// sends a pong now and then, so that it looks alive.
pub async fn fragments(target: &Target) -> Saw {
    let begun = unfinished(TEXT, b"[");
    let nothing = unfinished(CONTINUED, b"").repeat(AT_ONCE);
    let and_a_pong = [nothing.clone(), frame::whole(PONG, b"")].concat();
    until_stopped(target, &begun, [&nothing, &and_a_pong]).await
}

/// A frame that is not the last one of its message.
fn unfinished(opcode: u8, payload: &[u8]) -> Vec<u8> {
    const IS_LAST: u8 = 0x80;
    let mut frame = frame::whole(opcode, payload);
    frame[0] &= !IS_LAST;
    frame
}

/// Two clients, each with this at first, and then with the same again and again, as fast as it is taken.
async fn until_stopped(target: &Target, first: &[u8], again: [&[u8]; 2]) -> Saw {
    let within = target.a_little_more_than(target.settings.patience);
    let ends = again.map(|again| flooder(target, first, again, within));
    let ends = join_all(ends).await;
    let is_held = ends.iter().all(Option::is_some);
    let last = ends.iter().flatten().map(|(_, after)| *after).max();
    let words = ends.iter().map(|end| match end {
        Some((end, _)) => end.in_words(),
        None => "not stopped".into(),
    });
    let words = counted(words);
    Saw::of(
        is_held,
        match last {
            Some(last) => format!("{words}, after {:.1} s", last.as_secs_f64()),
            None => format!("{words} in {:.1} s", within.as_secs_f64()),
        },
    )
}

/// How a flooder was stopped, and after what time.
async fn flooder(
    target: &Target,
    first: &[u8],
    events: &[u8],
    within: Duration,
) -> Option<(End, Duration)> {
    let mut raw = Raw::open(&target.place).await.ok()?;
    raw.say(first).await.ok()?;
    let started = Instant::now();
    let mut ahead = 0;
    let flooding = async {
        loop {
            match raw.trade(&events[ahead..]).await {
                Ok(sent) => ahead = (ahead + sent) % events.len(),
                // What the server has said of it may still be there to be read.
                Err(_) => return raw.end(A_MOMENT).await.unwrap_or(End::Cut),
            }
            while let Some(heard) = raw.take() {
                if let Frame::Close(code) = heard {
                    return code.map_or(End::Close, End::Code);
                }
            }
            // The other attackers are on this thread, too.
            tokio::task::yield_now().await;
        }
    };
    let end = timeout(within, flooding).await.ok()?;
    Some((end, started.elapsed()))
}

/// Clients that never read, while another one says much to everybody.
pub async fn deaf(target: &Target) -> Saw {
    let within = target.a_little_more_than(target.settings.patience) + Duration::from_secs(2);
    let deadline = Instant::now() + within;
    let deaf = join_all((0..DEAF).map(|_| deaf_one(target, deadline)));
    let ended = tokio::select! {
        ended = deaf => ended,
        () = speaker(target) => unreachable!("it speaks for ever"),
    };
    let mut times: Vec<Duration> = ended.into_iter().flatten().collect();
    times.sort();
    let left = DEAF - times.len();
    match times.last() {
        Some(last) if left == 0 => Saw::held(format!(
            "all {DEAF} were cut, the last after {:.1} s",
            last.as_secs_f64()
        )),
        _ => Saw::through(format!(
            "{left} of {DEAF} are still written to after {:.1} s",
            within.as_secs_f64()
        )),
    }
}

/// After what time a deaf client was cut; `None` if it was not.
async fn deaf_one(target: &Target, deadline: Instant) -> Option<Duration> {
    let raw = Raw::knock_narrowly(&target.place).await.ok()?;
    let mut raw = raw.upgraded(&target.place).await.ok()?;
    let started = Instant::now();
    let mut feel = interval(FEEL);
    // A pong that nobody asked for is allowed, and costs nobody anything. A connection that is not there any more says so.
    let pong = frame::whole(PONG, b"");
    loop {
        tokio::select! {
            _ = feel.tick() => if raw.say(&pong).await.is_err() {
                return Some(started.elapsed());
            },
            () = sleep_until(deadline) => return None,
        }
    }
}

/// Says much, and reads what the others say.
async fn speaker(target: &Target) {
    let text = format!("[\"say\",\"{}\"]", "x".repeat(4000));
    let message = frame::whole(TEXT, text.as_bytes());
    loop {
        if let Ok(raw) = Raw::open(&target.place).await {
            let (mut reader, mut writer) = raw.stream.into_split();
            let reading = async {
                let mut buffer = vec![0; 64 * 1024];
                while matches!(reader.read(&mut buffer).await, Ok(1..)) {}
            };
            let mut turn = interval(Duration::from_secs(1) / SAID);
            let speaking = async {
                loop {
                    turn.tick().await;
                    if writer.write_all(&message).await.is_err() {
                        break;
                    }
                }
            };
            tokio::select! {
                () = reading => {}
                () = speaking => {}
            }
        }
        // It was cut off: it comes again.
        tokio::time::sleep(FEEL).await;
    }
}
