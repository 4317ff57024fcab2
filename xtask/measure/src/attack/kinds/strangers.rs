//! Who knocks at the door and should not be let in, or does not come in at all.

use std::io::ErrorKind;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::{Instant, interval, timeout};
use wire::frame::{self, Frame};

use super::super::raw::{Raw, head};
use super::super::{Saw, Target, soon};
use super::counted;

/// Of each kind of those who never finish.
const HALF: usize = 60;
/// How often those who are not silent say another byte.
const DRIP: Duration = Duration::from_millis(300);

/// Pages of other sites. Somebody who is logged in here visits one, and the browser brings the cookies along.
pub async fn origin(target: &Target) -> Saw {
    let address = target.place.address;
    let port = address.port();
    let foreign = [
        "http://evil.example".into(),
        format!("http://{}:{}", address.ip(), port.wrapping_add(1)),
        "null".into(),
        format!("http://{address}.evil.example"),
        format!("http://evil-{address}"),
        format!("http://evil.example/http://{address}"),
    ];
    let (mut let_in, mut answers) = (Vec::new(), Vec::new());
    for origin in &foreign {
        let headers = format!("Origin: {origin}\r\n");
        let asked = async {
            let mut raw = Raw::knock(&target.place).await?;
            let status = raw.ask(&target.place, &headers).await?;
            std::io::Result::Ok((raw, status))
        };
        match asked.await {
            Ok((raw, 101)) => let_in.push(raw),
            Ok((_, status)) => answers.push(format!("got {status}")),
            Err(_) => answers.push("got no answer".into()),
        }
    }
    let all = foreign.len();
    let Some(first) = let_in.first_mut() else {
        return Saw::held(format!("of {all} foreign pages, {}", counted(answers)));
    };
    let mut text = format!("{} of {all} foreign pages were let in", all - answers.len());
    if target.up.is_some() {
        let mut has_heard = false;
        let is_text = |heard: &Frame| {
            has_heard |= matches!(heard, Frame::Text(_));
            has_heard
        };
        first.until(soon(), is_text).await;
        if has_heard {
            text += ", and heard what the users do";
        }
    }
    Saw::through(text)
}

/// Half a request line, half a handshake, and nothing at all; the first two say another byte now and then, to look alive.
pub async fn half(target: &Target) -> Saw {
    let line = b"GET /ws?".to_vec();
    let handshake = head(&target.place, "X-More: ").into_bytes();
    let kinds = [line, handshake, Vec::new()];
    let all = kinds
        .iter()
        .flat_map(|start| std::iter::repeat_n(start, HALF));
    let within = target.a_little_more_than(target.settings.patience);
    let ended = join_all(all.map(|start| never_finish(target, start, within))).await;
    let count = ended.len();
    let mut times: Vec<Duration> = ended.into_iter().flatten().collect();
    times.sort();
    let left = count - times.len();
    match times.last() {
        Some(last) if left == 0 => {
            let last = last.as_secs_f64();
            Saw::held(format!(
                "all {count} were ended, the last after {last:.1} s"
            ))
        }
        _ => Saw::through(format!(
            "{left} of {count} are still waited for after {:.1} s, each a file of the server's",
            within.as_secs_f64()
        )),
    }
}

/// How long the server put up with it; `None` if it still does.
async fn never_finish(target: &Target, start: &[u8], within: Duration) -> Option<Duration> {
    let Ok(mut raw) = Raw::knock(&target.place).await else {
        return Some(Duration::ZERO);
    };
    let started = Instant::now();
    let _ = raw.say(start).await;
    let dripping = async {
        let mut drip = interval(DRIP);
        loop {
            tokio::select! {
                more = raw.more() => if !matches!(more, Ok(1..)) { return },
                _ = drip.tick() => if !start.is_empty() && raw.say(b"x").await.is_err() { return },
            }
        }
    };
    timeout(within, dripping).await.ok()?;
    Some(started.elapsed())
}

/// Everything that ends a connection and is no polite end: a server that unwraps one of these falls, and one that does so
/// under a lock takes the lock with it.
pub async fn rude(target: &Target) -> Saw {
    let mut unmasked = frame::announcing(frame::TEXT, 2);
    unmasked.truncate(2);
    unmasked[1] &= 0x7f;
    unmasked.extend(b"hi");
    let rude = [
        frame::whole(8, b"\x03\xe8I have seen enough"),
        frame::whole(8, b"\x03"),
        frame::whole(8, &[0; 125]),
        unmasked,
        frame::whole(3, b"a kind of frame that does not exist"),
        frame::whole(0, b"the rest of nothing"),
        frame::whole(9, &[b'x'; 120]).repeat(200),
        // The next two end in the middle of a frame, and with the connection.
        frame::announcing(frame::TEXT, 100),
        Vec::new(),
    ];
    let mut ends = Vec::new();
    for (at, bytes) in rude.iter().enumerate() {
        let Ok(mut raw) = Raw::open(&target.place).await else {
            return Saw::through(format!("after {at} of them nobody else is let in"));
        };
        let is_written = raw.say(bytes).await;
        if at >= rude.len() - 3 {
            raw.vanish();
        } else if is_written.is_err_and(|it| it.kind() == ErrorKind::ConnectionReset) {
            ends.push("cut without a word".into());
        } else {
            let end = raw.end(soon()).await;
            ends.push(end.map_or("still open".into(), |end| end.in_words()));
        }
    }
    // What becomes of the others is to be seen at the others.
    Saw::held(format!("{}, 3 vanished", counted(ends)))
}
