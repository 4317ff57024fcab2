//! The spy's way: from one client through the server to all the others, whole, once, and in order.

use std::rc::Rc;
use std::time::Duration;

use futures::future::join_all;
use serde_json::Value;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_tungstenite::tungstenite::Message;

use super::client::{Client, Heard, short};
use super::report::Failure;
use super::scene::{Position, Up};
use super::{Diagnosis, Outcome, Scene};

/// `/ws` becomes a WebSocket.
pub async fn a_websocket_connects(scene: Rc<Scene>) -> Outcome {
    scene.client("left", Diagnosis::NoWebSocket).await?;
    Ok(())
}

/// Three clients are connected, and the last of them is served.
pub async fn clients_are_served_at_the_same_time(scene: Rc<Scene>) -> Outcome {
    let _left = scene.client("left", Diagnosis::NoWebSocket).await?;
    let _middle = scene.client("middle", Diagnosis::OneAtATime).await?;
    let mut right = scene.client("right", Diagnosis::OneAtATime).await?;
    // That a connection was accepted proves little: the system does that, too. An answer proves that it is served.
    is_served(&scene, &mut right, Diagnosis::OneAtATime).await?;
    Ok(())
}

/// Holds that the server reads what `client` sends, and answers anything at all.
pub async fn is_served(
    scene: &Scene,
    client: &mut Client,
    otherwise: Diagnosis,
) -> Result<(), Failure> {
    let _ = client.send("[\"online\"]").await;
    let _ = client.send_frame(Message::Ping("there?".into())).await;
    let came = match client.hear(scene.wait()).await {
        Heard::Ended(how) => how,
        Heard::Silence => scene.nothing(),
        _ => return Ok(()),
    };
    Err(scene
        .failure(otherwise)
        .expected(format!("{} is answered", client.name))
        .came(came))
}

/// Holds that the server reads what `client` sends: a ping gets its pong.
pub async fn answers(
    scene: &Scene,
    client: &mut Client,
    otherwise: Diagnosis,
) -> Result<(), Failure> {
    let payload = format!("ping {}", scene.random(|r| r.u32(..)));
    let _ = client
        .send_frame(Message::Ping(payload.clone().into()))
        .await;
    let deadline = Instant::now() + scene.wait();
    let came = loop {
        match client
            .hear(deadline.saturating_duration_since(Instant::now()))
            .await
        {
            Heard::Pong(bytes) if bytes == payload => return Ok(()),
            Heard::Ended(how) => break format!("{how}, the connection is gone"),
            Heard::Silence => break scene.nothing(),
            _ => {}
        }
    };
    Err(scene
        .failure(otherwise)
        .expected(format!("a ping of {} gets its pong", client.name))
        .came(came))
}

/// A move of one client leads to something at the other. What exactly is for the next check.
///
/// A program takes two values or one object. Both are sent, each with a position of its own, and what leads to something
/// is used from then on: two values, where both do.
pub async fn a_move_reaches_the_other_client(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let (two, one) = (scene.position(), scene.position());
    let _ = left.send(two.frame(Up::TwoValues)).await;
    let _ = left.send(one.frame(Up::Object)).await;
    let mut found = reached(&scene, &mut right, two, one).await;
    let mut echoed = false;
    let mut ended = false;
    while let Some(heard) = left.heard_already() {
        echoed |= about(&heard, two) || about(&heard, one);
        ended = matches!(heard, Heard::Ended(_));
        if ended {
            break;
        }
    }
    if found.is_none() && ended {
        // It may be the form that this program does not take that ended the connection: the other one alone, then.
        left = scene.client("left", Diagnosis::NoWebSocket).await?;
        let _ = left.send(one.frame(Up::Object)).await;
        found = reached(&scene, &mut right, two, one).await;
    }
    if let Some(up) = found {
        let _ = scene.context.up.set(up);
        return Ok(());
    }
    let diagnosis = match (echoed, scene.context.mentions("\"spy\"")) {
        (true, _) => Diagnosis::EchoOnly,
        (false, true) => Diagnosis::NothingRelayed,
        (false, false) => Diagnosis::EventNotHandled,
    };
    Err(scene
        .failure(diagnosis)
        .sent(format!("left moves: {}", two.frame(Up::TwoValues)))
        .expected(format!("right hears {two}"))
        .came(format!("right hears {}", scene.nothing()))
        .into())
}

/// Which of the two positions something comes of in time, and so which form this program takes.
async fn reached(scene: &Scene, client: &mut Client, two: Position, one: Position) -> Option<Up> {
    let deadline = Instant::now() + scene.wait();
    loop {
        match client
            .hear(deadline.saturating_duration_since(Instant::now()))
            .await
        {
            Heard::Silence | Heard::Ended(_) => return None,
            heard if about(&heard, two) => return Some(Up::TwoValues),
            heard if about(&heard, one) => return Some(Up::Object),
            _ => {}
        }
    }
}

/// Whether a frame holds both numbers of the position, in whatever form.
fn about(heard: &Heard, position: Position) -> bool {
    let text = match heard {
        Heard::Event(name, arguments) => format!("{name} {}", Value::from(arguments.clone())),
        Heard::Text(text) => text.clone(),
        Heard::Binary(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => return false,
    };
    text.contains(&position.x.to_string()) && text.contains(&position.y.to_string())
}

/// What arrives is the event `spy` with one object that has x and y.
pub async fn it_arrives_as_one_object(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let position = scene.position();
    scene.send(&mut left, position).await;
    let deadline = Instant::now() + scene.wait();
    let mut nearest = None;
    loop {
        match right
            .hear(deadline.saturating_duration_since(Instant::now()))
            .await
        {
            Heard::Event(name, arguments)
                if name == "spy" && Position::of(&arguments) == Some(position) =>
            {
                return Ok(());
            }
            Heard::Silence | Heard::Ended(_) => break,
            heard if about(&heard, position) && nearest.is_none() => nearest = Some(heard),
            _ => {}
        }
    }
    let failure = match nearest {
        Some(heard) => scene
            .failure(wrong_form(&heard, position))
            .came(format!("right hears {}", described(&heard))),
        None => scene.failure(Diagnosis::Unknown).came(scene.nothing()),
    };
    Err(failure
        .sent(format!("left moves: {}", scene.frame(position)))
        .expected(format!("right hears {position}"))
        .into())
}

fn described(heard: &Heard) -> String {
    match heard {
        Heard::Event(name, arguments) => {
            let mut event = vec![Value::from(name.as_str())];
            event.extend(arguments.iter().cloned());
            short(&Value::from(event).to_string())
        }
        Heard::Text(text) => format!("{}, which is not an event", short(text)),
        Heard::Binary(bytes) => {
            format!("a binary frame: {}", short(&String::from_utf8_lossy(bytes)))
        }
        other => format!("{other:?}"),
    }
}

/// What is wrong with a frame that holds the right numbers in the wrong form.
fn wrong_form(heard: &Heard, position: Position) -> Diagnosis {
    let (name, arguments) = match heard {
        Heard::Event(name, arguments) => (name, arguments.as_slice()),
        Heard::Binary(_) => return Diagnosis::BinaryFrame,
        _ => return Diagnosis::WrongShape,
    };
    let swapped = Position {
        x: position.y,
        y: position.x,
    };
    let as_text = |key: &str, value: f64| {
        let found = arguments
            .first()
            .and_then(|object| object.get(key))
            .and_then(Value::as_str);
        found.is_some_and(|text| text.parse() == Ok(value))
    };
    if name != "spy" {
        Diagnosis::WrongEventName
    } else if Position::of(arguments) == Some(swapped) {
        Diagnosis::XYSwapped
    } else if matches!(arguments, [x, y, ..] if x.is_number() && y.is_number()) {
        Diagnosis::TwoValues
    } else if as_text("x", position.x) && as_text("y", position.y) {
        Diagnosis::ValuesChanged
    } else {
        Diagnosis::WrongShape
    }
}

/// Zero, negative, fractional and large numbers arrive as they were sent.
pub async fn the_numbers_arrive_unchanged(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let drawn = scene.position();
    let positions = [
        Position { x: 0.0, y: 0.0 },
        Position {
            x: -drawn.x,
            y: drawn.y,
        },
        // Sums of powers of two: a number that every careful reader of JSON reads the same.
        Position {
            x: drawn.x + 0.5,
            y: drawn.y + 0.125,
        },
        Position {
            x: 4_294_967_296.0 + drawn.x,
            y: -9_007_199_254_740_991.0,
        },
    ];
    for position in positions {
        scene.send(&mut left, position).await;
        scene
            .expect(&mut right, position, Diagnosis::ValuesChanged)
            .await?;
    }
    Ok(())
}

/// The sender hears nothing of its own move: what it hears first is the other's.
pub async fn the_sender_hears_nothing(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let (own, others) = (scene.position(), scene.position());
    scene.send(&mut left, own).await;
    scene.expect(&mut right, own, Diagnosis::Unknown).await?;
    scene.send(&mut right, others).await;
    match scene.next_spy(&mut left).await {
        Ok(position) if position == others => Ok(()),
        Ok(position) if position == own => Err(scene
            .failure(Diagnosis::HearsItself)
            .sent(format!("left moves to {own}, then right moves to {others}"))
            .expected(format!("the first that left hears is {others}"))
            .came(format!("{position}, its own move"))
            .into()),
        heard => Err(scene
            .failure(Diagnosis::NotEveryone)
            .sent(format!("left moves, then right moves to {others}"))
            .expected(format!("left hears {others}"))
            .came(heard.map_or_else(|_| scene.nothing(), |position| position.to_string()))
            .into()),
    }
}

/// Of three and of fifty clients, each of the others hears a move.
pub async fn every_other_client_hears_it(scene: Rc<Scene>) -> Outcome {
    let mut mover = scene.client("client 1", Diagnosis::NoWebSocket).await?;
    let mut others: Vec<Client> = Vec::new();
    for size in [3, 50] {
        while others.len() < size - 1 {
            let name = format!("client {}", others.len() + 2);
            let mut other = scene.client(&name, Diagnosis::NoWebSocket).await?;
            other.settle(scene.wait()).await;
            others.push(other);
        }
        let position = scene.position();
        scene.send(&mut mover, position).await;
        let heard = join_all(others.iter_mut().map(|other| scene.next_spy(other))).await;
        let deaf: Vec<&str> = others
            .iter()
            .zip(&heard)
            .filter(|(_, heard)| **heard != Ok(position))
            .map(|(other, _)| other.name.as_str())
            .collect();
        if !deaf.is_empty() {
            let some = deaf.iter().take(5).copied().collect::<Vec<_>>().join(", ");
            let more = if deaf.len() > 5 { ", …" } else { "" };
            return Err(scene
                .failure(Diagnosis::NotEveryone)
                .sent(format!(
                    "{size} clients are connected, client 1 moves to {position}"
                ))
                .expected(format!("all {} others hear it", size - 1))
                .came(format!("{} of them do not: {some}{more}", deaf.len()))
                .into());
        }
    }
    Ok(())
}

/// A client that connects when others have moved already hears the next move.
pub async fn a_late_joiner_hears_it(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let (first, second) = (scene.position(), scene.position());
    scene.send(&mut left, first).await;
    scene.expect(&mut right, first, Diagnosis::Unknown).await?;
    let mut late = scene.client("late", Diagnosis::LateJoinerMissed).await?;
    is_served(&scene, &mut late, Diagnosis::LateJoinerMissed).await?;
    scene.send(&mut left, second).await;
    // A program may greet a newcomer with the last position that it knows.
    let heard = match scene.next_spy(&mut late).await {
        Ok(position) if position == first => scene.next_spy(&mut late).await,
        heard => heard,
    };
    if heard == Ok(second) {
        return Ok(());
    }
    Err(scene
        .failure(Diagnosis::LateJoinerMissed)
        .sent(format!(
            "left moves, then late connects, then left moves to {second}"
        ))
        .expected(format!("late hears {second}"))
        .came(heard.map_or_else(|_| scene.nothing(), |position| position.to_string()))
        .into())
}

/// Positions that count up: the place in the sequence is x.
fn sequence(scene: &Scene, length: u32) -> Vec<Position> {
    let start = scene.random(|r| r.u32(1..1_000));
    (start..start + length)
        .map(|x| Position {
            x: f64::from(x),
            y: f64::from(x) + 0.5,
        })
        .collect()
}

/// Every move of a person, sixty a second, arrives: once, and in order.
pub async fn every_move_of_a_person_arrives(scene: Rc<Scene>) -> Outcome {
    const MOVES: u32 = 18;
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let moves = sequence(&scene, MOVES);
    let mut frame = tokio::time::interval(Duration::from_secs(1) / 60);
    frame.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for position in &moves {
        frame.tick().await;
        scene.send(&mut left, *position).await;
    }
    let heard = until(&scene, &mut right, moves[moves.len() - 1]).await;
    in_order(&scene, &moves, &heard)?;
    match heard.len() == moves.len() {
        true => Ok(()),
        false => Err(scene
            .failure(Diagnosis::MovesLost)
            .sent(format!("left moves {MOVES} times, 60 times a second"))
            .expected(format!("right hears all {MOVES}"))
            .came(format!("{} of them", heard.len()))
            .into()),
    }
}

/// Through a burst of 500 order holds, nothing comes twice, and the last position arrives.
pub async fn a_burst_keeps_its_order_and_its_end(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let moves = sequence(&scene, 500);
    for position in &moves {
        let _ = left.queue(Message::text(scene.frame(*position))).await;
    }
    let (_, heard) = tokio::join!(left.flush(), until(&scene, &mut right, moves[499]));
    in_order(&scene, &moves, &heard)?;
    the_last_arrived(&scene, &moves, &heard)?;
    Ok(())
}

/// Several clients move at once, and the order of each of them holds at a client that only listens.
pub async fn several_move_at_once(scene: Rc<Scene>) -> Outcome {
    const MOVES: u32 = 50;
    let mut movers = scene
        .clients(["client 1", "client 2", "client 3", "client 4"])
        .await?;
    let mut listener = scene.client("listener", Diagnosis::NoWebSocket).await?;
    // The whole part of x is the place in the sequence, y tells the mover.
    let moves: Vec<Vec<Position>> = (0..movers.len())
        .map(|mover| {
            (1..=MOVES)
                .map(|x| Position {
                    x: f64::from(x),
                    y: 10_000.0 + mover as f64,
                })
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
        let mut heard = Vec::new();
        let mut ends = 0;
        while ends < moves.len() {
            let Ok(position) = scene.next_spy(&mut listener).await else {
                break;
            };
            ends += usize::from(position.x == f64::from(MOVES));
            heard.push(position);
        }
        heard
    };
    let (_, heard) = tokio::join!(sending, listening);
    for moves in &moves {
        let of_mover: Vec<Position> = heard
            .iter()
            .filter(|position| position.y == moves[0].y)
            .copied()
            .collect();
        in_order(&scene, moves, &of_mover)?;
        the_last_arrived(&scene, moves, &of_mover)?;
    }
    Ok(())
}

/// What `client` hears, up to `last`, or until nothing more comes.
async fn until(scene: &Scene, client: &mut Client, last: Position) -> Vec<Position> {
    let mut heard = Vec::new();
    while let Ok(position) = scene.next_spy(client).await {
        heard.push(position);
        if position == last {
            // A second copy of the last one would come right after it; a pong shows that all has come.
            heard.extend(up_to_a_pong(scene, client).await);
            break;
        }
    }
    heard
}

/// The positions that come before the answer to a ping.
async fn up_to_a_pong(scene: &Scene, client: &mut Client) -> Vec<Position> {
    let mut heard = Vec::new();
    let _ = client.send_frame(Message::Ping("the end".into())).await;
    let deadline = Instant::now() + scene.wait();
    loop {
        match client
            .hear(deadline.saturating_duration_since(Instant::now()))
            .await
        {
            Heard::Event(name, arguments) if name == "spy" => {
                heard.extend(Position::of(&arguments))
            }
            Heard::Pong(_) | Heard::Ended(_) | Heard::Silence => return heard,
            _ => {}
        }
    }
}

/// Holds that `heard` is a part of `sent`, in its order and without repeats.
fn in_order(scene: &Scene, sent: &[Position], heard: &[Position]) -> Outcome {
    let mut last: Option<usize> = None;
    for position in heard {
        let index = sent.iter().position(|sent| sent == position);
        let diagnosis = match (index, last) {
            (None, _) => Diagnosis::ValuesChanged,
            (Some(index), Some(last)) if index == last => Diagnosis::Duplicated,
            (Some(index), Some(last)) if index < last => match repeats(heard) {
                true => Diagnosis::Duplicated,
                false => Diagnosis::Reordered,
            },
            (Some(index), _) => {
                last = Some(index);
                continue;
            }
        };
        let before = last.map_or("nothing".into(), |last| sent[last].to_string());
        return Err(scene
            .failure(diagnosis)
            .sent(format!("{} moves, one after the other", sent.len()))
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

fn the_last_arrived(scene: &Scene, sent: &[Position], heard: &[Position]) -> Outcome {
    let last = sent[sent.len() - 1];
    match heard.last() {
        Some(position) if *position == last => Ok(()),
        other => Err(scene
            .failure(Diagnosis::MovesLost)
            .sent(format!(
                "{} moves, as fast as they can be written",
                sent.len()
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
