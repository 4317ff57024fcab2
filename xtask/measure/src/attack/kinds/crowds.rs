//! Too many, or too many who are not there any more.

use futures::{StreamExt, stream};
use machine::waiting::until;
use serde_json::Value;
use tokio::time::Instant;
use wire::frame::Frame;

use super::super::raw::Raw;
use super::super::{Saw, Target, soon};
use super::counted;

const SILENT: usize = 20;
/// How many want to come in: more than the seats of a server that we start, and few enough for a machine that lets all in.
pub const CROWD: u32 = 400;
/// How many of the crowd are on their way at once.
const AT_ONCE: usize = 32;

/// Clients that do not answer any more, and whose connections nobody has ended: so it is with a laptop whose lid is shut.
pub async fn silent(target: &Target) -> Saw {
    let mut silent = Vec::new();
    for _ in 0..SILENT {
        if let Ok(raw) = Raw::open(&target.place).await {
            silent.push(raw);
        }
    }
    let count = silent.len();
    // A ping, another one, and then it is known.
    let within = target.a_little_more_than(2 * target.settings.ping_every);
    let started = Instant::now();
    let ends = silent.iter_mut().map(|raw| async move {
        let end = raw.end(within).await;
        end.map(|_| started.elapsed())
    });
    let ends = futures::future::join_all(ends).await;
    let left = ends.iter().filter(|end| end.is_none()).count();
    match ends.into_iter().flatten().max() {
        Some(last) if left == 0 => Saw::held(format!(
            "all {count} were found out and dropped, the last after {:.1} s",
            last.as_secs_f64()
        )),
        _ => {
            let online = match target.step {
                7.. => online(target).await,
                _ => None,
            };
            let still = format!(
                "{left} of {count} are still there after {:.1} s",
                within.as_secs_f64()
            );
            Saw::through(match online {
                Some(online) => format!("{still}, and `online` says {online}"),
                None => still,
            })
        }
    }
}

/// How many the server says are there.
async fn online(target: &Target) -> Option<u64> {
    let mut raw = Raw::open(&target.place).await.ok()?;
    raw.say_text("[\"online\"]").await.ok()?;
    let mut online = None;
    let listen = |heard: &Frame| {
        if let Frame::Text(text) = heard {
            let event: Value = serde_json::from_slice(text).unwrap_or_default();
            if event[0] == "online" {
                online = event[1].as_u64();
            }
        }
        online.is_some()
    };
    raw.until(soon(), listen).await;
    online
}

/// More than there are seats, all at once; and who comes when they have left.
pub async fn crowd(target: &Target) -> Saw {
    let come = |_| async {
        let mut raw = Raw::knock(&target.place).await.map_err(|_| refusal(None))?;
        match raw.ask(&target.place, "").await {
            Ok(101) => Ok(raw),
            Ok(status) => Err(refusal(Some(status))),
            Err(_) => Err(refusal(None)),
        }
    };
    let came: Vec<_> = stream::iter(0..CROWD)
        .map(come)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let (mut let_in, mut refused) = (Vec::new(), Vec::new());
    for one in came {
        match one {
            Ok(raw) => let_in.push(raw),
            Err(why) => refused.push(why),
        }
    }
    if refused.is_empty() {
        return Saw::through(format!(
            "all {CROWD} were let in: if there is a limit, it is above that"
        ));
    }
    let text = format!("{} were let in, {}", let_in.len(), counted(refused));
    drop(let_in);
    let let_in_again = until(soon(), async || Raw::open(&target.place).await.ok());
    match let_in_again.await {
        Some(_) => Saw::held(format!(
            "{text}; when a client leaves, its seat is free again"
        )),
        None => Saw::through(format!("{text}; but no seat became free again")),
    }
}

fn refusal(status: Option<u16>) -> String {
    match status {
        Some(status) => format!("got {status}"),
        None => "got no answer".into(),
    }
}
