//! Many moves: all of them arrive, once, and in the order in which they were sent.

use std::rc::Rc;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_tungstenite::tungstenite::Message;
use wire::client::{Client, Heard};
use wire::position::Position;

use crate::report::Failure;
use crate::scene::slow::LEAST;
use crate::{Diagnosis, Outcome, Scene, Stop};

/// Positions that count up: the place in the sequence is x.
fn sequence(scene: &Scene, length: u32) -> Vec<Position> {
    let start = scene.random(|r| r.u32(1..1_000));
    (start..start + length)
        .map(|x| scene.at(f64::from(x), f64::from(x) + 10_000.0))
        .collect()
}

/// Every move of a person, sixty a second, arrives: once, and in order.
pub async fn every_move_of_a_person_arrives(scene: Rc<Scene>) -> Outcome {
    const MOVES: u32 = 12;
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let moves = sequence(&scene, MOVES);
    let mut frame = tokio::time::interval(Duration::from_secs(1) / 60);
    frame.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for position in &moves {
        frame.tick().await;
        scene.send(&mut left, *position).await;
    }
    let heard = until(&scene, &mut right, moves[moves.len() - 1]).await?;
    in_order(&scene, &moves, &heard)?;
    match heard.len() == moves.len() {
        true => Ok(()),
        false => Err(lost(&scene, "right", &moves, &heard)
            .sent(format!("left moves {MOVES} times, 60 times a second"))
            .expected(format!("right hears all {MOVES}"))
            .came(so_many(&scene, &heard))
            .into()),
    }
}

/// Through a burst of 500, or as many as a client may send at once, order holds, nothing comes twice, and the last position arrives.
pub async fn a_burst_keeps_its_order_and_its_end(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let moves = sequence(&scene, scene.burst(500));
    for position in &moves {
        let _ = left.queue(Message::text(scene.frame(*position))).await;
    }
    let (_, heard) = tokio::join!(
        left.flush(),
        until(&scene, &mut right, moves[moves.len() - 1])
    );
    let heard = heard?;
    in_order(&scene, &moves, &heard)?;
    the_last_arrived(&scene, "right", &moves, &heard)
}

/// A hundred texts in a row arrive whole and in order at one who reads.
pub async fn a_hundred_in_a_row_arrive(scene: Rc<Scene>) -> Outcome {
    const MANY: u32 = 100;
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let texts = sequence(&scene, MANY);
    for text in &texts {
        let _ = left.queue(Message::text(scene.frame(*text))).await;
    }
    let (_, heard) = tokio::join!(left.flush(), until(&scene, &mut right, texts[99]));
    let heard = heard?;
    in_order(&scene, &texts, &heard)?;
    match heard.len() == texts.len() {
        true => Ok(()),
        false => Err(lost(&scene, "right", &texts, &heard)
            .sent(format!("left speaks {MANY} times in a row"))
            .expected(format!("right hears all {MANY}"))
            .came(so_many(&scene, &heard))
            .into()),
    }
}

/// Several clients move at once, and the order of each of them holds at a client that only listens.
pub async fn several_move_at_once(scene: Rc<Scene>) -> Outcome {
    const MOVES: u32 = 50;
    let mut movers = scene
        .clients(["client 1", "client 2", "client 3", "client 4"])
        .await?;
    let mut listener = scene.settled_client("listener").await?;
    // The whole part of x is the place in the sequence, y tells the mover.
    let moves: Vec<Vec<Position>> = (0..movers.len())
        .map(|mover| {
            (1..=MOVES)
                .map(|x| scene.at(f64::from(x), 10_000.0 + mover as f64))
                .collect()
        })
        .collect();
    let scene_ = &scene;
    let sending = join_all(
        movers
            .iter_mut()
            .zip(&moves)
            .map(|(mover, moves)| async move {
                for position in moves {
                    scene_.send(mover, *position).await;
                    tokio::task::yield_now().await;
                }
            }),
    );
    let listening = async {
        let since = Instant::now();
        let mut heard = Vec::new();
        let mut ends = 0;
        while ends < moves.len() {
            let Ok(position) = scene.next_position(&mut listener).await else {
                break;
            };
            ends += usize::from(position.x == f64::from(MOVES));
            heard.push(position);
            not_slow(scene_, heard.len(), since)?;
        }
        Ok::<_, Stop>(heard)
    };
    let (_, heard) = tokio::join!(sending, listening);
    let heard = heard?;
    for moves in &moves {
        let of_mover: Vec<Position> = heard
            .iter()
            .filter(|position| position.y == moves[0].y)
            .copied()
            .collect();
        in_order(&scene, moves, &of_mover)?;
        the_last_arrived(&scene, "listener", moves, &of_mover)?;
    }
    Ok(())
}

/// What `client` hears, up to `last`, or until nothing more comes.
///
/// # Errors
/// That it comes slowly.
async fn until(scene: &Scene, client: &mut Client, last: Position) -> Result<Vec<Position>, Stop> {
    let since = Instant::now();
    let mut heard = Vec::new();
    while let Ok(position) = scene.next_position(client).await {
        heard.push(position);
        if position == last {
            // A second copy of the last one would come right after it; a pong shows that all has come.
            heard.extend(up_to_a_pong(scene, client).await);
            break;
        }
        not_slow(scene, heard.len(), since)?;
    }
    Ok(heard)
}

/// Holds that so many since then are not few.
fn not_slow(scene: &Scene, heard: usize, since: Instant) -> Outcome {
    match scene.is_slow(heard, since) {
        true => {
            let noun = scene.event.get().noun();
            let failure = scene.too_slow(noun, heard, since.elapsed());
            let failure = failure.expected(format!("at least {LEAST} {noun} a second"));
            Err(failure.into())
        }
        false => Ok(()),
    }
}

/// The positions that come before the answer to a ping.
async fn up_to_a_pong(scene: &Scene, client: &mut Client) -> Vec<Position> {
    let mut heard = Vec::new();
    let _ = client.send_frame(Message::Ping("the end".into())).await;
    // That the connection has ended is as good: nothing more comes.
    let _ = scene
        .hear(client, |next| {
            heard.extend(scene.own_position(next));
            (*next == Heard::Pong("the end".into())).then_some(())
        })
        .await;
    heard
}

/// Holds that `heard` is a part of `sent`, in its order and without repeats.
fn in_order(scene: &Scene, sent: &[Position], heard: &[Position]) -> Outcome {
    let mut last: Option<usize> = None;
    for position in heard {
        let index = sent.iter().position(|sent| sent == position);
        let diagnosis = match (index, last) {
            (None, _) => Diagnosis::changed(scene.event.get()),
            (Some(index), Some(last)) if index == last => Diagnosis::DUPLICATED,
            (Some(index), Some(last)) if index < last => match repeats(heard) {
                true => Diagnosis::DUPLICATED,
                false => Diagnosis::REORDERED,
            },
            (Some(index), _) => {
                last = Some(index);
                continue;
            }
        };
        let before = last.map_or("nothing".into(), |last| sent[last].to_string());
        return Err(scene
            .failure(diagnosis)
            .wrong(entry_of(scene, position), None)
            .sent(format!(
                "{} {}, one after the other",
                sent.len(),
                scene.event.get().noun()
            ))
            .expected("they arrive in the order in which they were sent, each once".into())
            .came(format!("{position} after {before}"))
            .into());
    }
    Ok(())
}

fn repeats(heard: &[Position]) -> bool {
    heard
        .iter()
        .enumerate()
        .any(|(index, position)| heard[..index].contains(position))
}

/// Where in the transcript this position was heard last.
fn entry_of(scene: &Scene, position: &Position) -> Option<usize> {
    let is_it = |text: &str| Position::in_frame(text) == Some(*position);
    scene.transcript.last_heard_of(is_it)
}

/// That some did not arrive. The first of them is missing after the last one before it.
fn lost(scene: &Scene, client: &str, sent: &[Position], heard: &[Position]) -> Failure {
    let event = scene.event.get();
    let diagnosis = match scene.strange_position() {
        Some(_) if heard.is_empty() => Diagnosis::changed(event),
        _ => Diagnosis::lost(event),
    };
    let failure = scene.failure(diagnosis);
    let Some(index) = sent.iter().position(|sent| !heard.contains(sent)) else {
        return failure;
    };
    let before = sent[..index].last();
    match before.and_then(|before| entry_of(scene, before)) {
        Some(entry) => failure.missing_after(entry + 1, client, sent[index].to_string()),
        None => failure.missing(client, sent[index].to_string()),
    }
}

/// How many of many arrived, and what came that nobody has sent.
fn so_many(scene: &Scene, heard: &[Position]) -> String {
    let strange = scene.strange_position();
    let strange = strange.map(|position| format!(", and {position}, which nobody has sent"));
    format!("{} of them{}", heard.len(), strange.unwrap_or_default())
}

fn the_last_arrived(scene: &Scene, client: &str, sent: &[Position], heard: &[Position]) -> Outcome {
    let last = sent[sent.len() - 1];
    match heard.last() {
        Some(position) if *position == last => Ok(()),
        other => Err(scene
            .failure(Diagnosis::lost(scene.event.get()))
            .missing(client, last.to_string())
            .sent(format!(
                "{} {}, as fast as they can be written",
                sent.len(),
                scene.event.get().noun()
            ))
            .expected(format!(
                "the last one arrives, {last}, whatever is dropped before it"
            ))
            .came(other.map_or("none of them".into(), |position| {
                format!("{} of them, up to {position}", heard.len())
            }))
            .into()),
    }
}

diagnoses! {
    DUPLICATED "duplicated":
        "An event that a client sent once arrives more than once."
        => "Make sure that a client is in the list once, and that only one place sends.";
    REORDERED "reordered":
        "Events arrive in another order than they were sent in, so the words of a talk are mixed up and a marker jumps back."
        => "Keep one path from a sender to a receiver: no task for each event, and first in, first out.";
}
