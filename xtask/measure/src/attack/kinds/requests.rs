//! What can be done with HTTP alone, before there is a WebSocket.

use std::time::Duration;

use futures::future::join_all;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, interval, timeout};

use super::super::raw::{Raw, head};
use super::super::{Saw, Target, soon};
use super::counted;

/// Of each kind.
const MANY: usize = 40;
/// The bytes of a head that is too long. Many libraries take 400 KB.
const HEAD: usize = 380_000;
/// How often each asks before it has read an answer.
const ASKED: usize = 700;
/// How often one that does not read says something, to find out whether the connection is still there.
const FEEL: Duration = Duration::from_millis(250);

/// Heads that are far too long, and not finished: a server keeps a head until it is whole.
pub async fn heads(target: &Target) -> Saw {
    let words = join_all((0..MANY).map(|_| long_head(target))).await;
    let is_held = words.iter().all(|word| !word.starts_with("were taken"));
    Saw::of(is_held, counted(words))
}

/// What a server does about one of them.
async fn long_head(target: &Target) -> String {
    let Ok(mut raw) = Raw::knock(&target.place).await else {
        return "were not even connected".into();
    };
    let mut bytes = head(&target.place, "X-More: ").into_bytes();
    bytes.resize(HEAD, b'x');
    let (mut reader, mut writer) = raw.stream.split();
    let mut answer = [0; 12];
    let answered = async { tokio::io::AsyncReadExt::read_exact(&mut reader, &mut answer).await };
    let said = async {
        let _ = writer.write_all(&bytes).await;
        std::future::pending::<()>().await;
    };
    let answered = timeout(soon(), async {
        tokio::select! {
            answered = answered => answered.is_ok(),
            () = said => unreachable!("it waits for ever"),
        }
    });
    match answered.await {
        Ok(true) => format!("got {}", String::from_utf8_lossy(&answer[9..])),
        Ok(false) => "were cut".into(),
        Err(_) => format!("were taken, {} KB of each", HEAD / 1000),
    }
}

/// Clients that ask again and again, and read none of the answers: one that is written waits, and the connection with it.
pub async fn pipelined(target: &Target) -> Saw {
    // Whatever a server says on a connection before the upgrade, it has three times its patience for it.
    let within = target.a_little_more_than(3 * target.settings.patience);
    let ended = join_all((0..MANY).map(|_| asks_and_never_reads(target, within))).await;
    let mut times: Vec<Duration> = ended.into_iter().flatten().collect();
    times.sort();
    let left = MANY - times.len();
    match times.last() {
        Some(last) if left == 0 => Saw::held(format!(
            "all {MANY} were ended, the last after {:.1} s",
            last.as_secs_f64()
        )),
        _ => Saw::through(format!(
            "{left} of {MANY} are still there after {:.1} s, each a file of the server's",
            within.as_secs_f64()
        )),
    }
}

/// After what time the server has ended it; `None` if it has not.
async fn asks_and_never_reads(target: &Target, within: Duration) -> Option<Duration> {
    let mut raw = Raw::knock_narrowly(&target.place).await.ok()?;
    let started = Instant::now();
    let asked = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", target.place.address);
    let asking = async {
        if raw.say(asked.repeat(ASKED).as_bytes()).await.is_err() {
            return;
        }
        let mut feel = interval(FEEL);
        loop {
            feel.tick().await;
            if raw.say(asked.as_bytes()).await.is_err() {
                return;
            }
        }
    };
    timeout(within, asking).await.ok()?;
    Some(started.elapsed())
}
