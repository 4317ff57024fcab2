//! What the world sends, and how it leaves: nothing that one client does may cost another one anything.

use std::rc::Rc;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::client::{Client, Heard};
use super::position::Position;
use super::relay::{answers, is_served};
use super::report::Failure;
use super::{Diagnosis, Outcome, Scene};

impl Scene {
    /// Holds that a move of `from` still reaches `to`.
    async fn still_relays(
        &self,
        from: &mut Client,
        to: &mut Client,
        otherwise: Diagnosis,
    ) -> Result<(), Failure> {
        let position = self.position();
        self.send(from, position).await;
        self.expect_at_last(to, position, otherwise).await
    }
}

/// A ping gets its pong, and a close its close.
pub async fn a_ping_gets_its_pong(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.client("left", Diagnosis::NoWebSocket).await?;
    answers(&scene, &mut left, Diagnosis::PingUnanswered).await?;
    Ok(())
}

/// A close frame is answered with one.
pub async fn a_close_gets_its_close(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.client("left", Diagnosis::NoWebSocket).await?;
    let _ = left.send_frame(Message::Close(None)).await;
    let close = |heard: &Heard| match heard {
        Heard::Ended(how) => Some(how.clone()),
        _ => None,
    };
    let came = match scene.hear(&mut left, close).await {
        Ok(how) if how.starts_with("a close frame") => return Ok(()),
        Ok(how) | Err(how) => how,
    };
    Err(scene
        .failure(Diagnosis::CloseUnanswered)
        .expected("a close frame comes back".into())
        .came(came)
        .into())
}

/// Frames that are not events end no connection: not the sender's, not another's.
pub async fn nonsense_ends_no_connection(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let nonsense: Vec<Message> = [
        "",
        " ",
        "{",
        "[",
        "null",
        "5",
        "{}",
        "[]",
        "[5]",
        "[\"spy\"",
        "[\"spy\"]",
        "[\"spy\",null,null]",
        "[\"spy\",\"a\",\"b\"]",
        "[\"spy\",{}]",
        "[\"spy\",[]]",
        "spy",
        "\u{0}\u{1F5B1}",
    ]
    .into_iter()
    .map(Message::text)
    .chain([
        Message::binary(Vec::new()),
        Message::binary(vec![0xff, 0x00, 0xfe]),
    ])
    .collect();
    for frame in nonsense {
        let _ = left.send_frame(frame).await;
        answers(&scene, &mut left, Diagnosis::MalformedCloses).await?;
    }
    scene
        .still_relays(&mut left, &mut right, Diagnosis::MalformedCloses)
        .await?;
    scene
        .still_relays(&mut right, &mut left, Diagnosis::MalformedCloses)
        .await?;
    Ok(())
}

/// An event that the server does not know ends no connection.
pub async fn an_unknown_event_ends_no_connection(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let word: String = scene.random(|r| (0..8).map(|_| r.lowercase()).collect());
    for event in [
        json!([word]),
        json!([word, 1, 2]),
        json!([word, { "x": 1 }]),
    ] {
        let _ = left.send(event.to_string()).await;
        answers(&scene, &mut left, Diagnosis::UnknownCloses).await?;
    }
    scene
        .still_relays(&mut left, &mut right, Diagnosis::UnknownCloses)
        .await?;
    Ok(())
}

/// A frame that is far too long may end its sender's connection, and nobody else's.
pub async fn a_huge_frame_troubles_nobody_else(scene: Rc<Scene>) -> Outcome {
    const BYTES: usize = 1 << 20;
    let [mut left, mut middle, mut right] = scene.clients(["left", "middle", "right"]).await?;
    let huge = format!("[\"spy\",1,2,\"{}\"]", "a".repeat(BYTES));
    // It may be refused while it is being written, and it need not be read at all.
    let _ = tokio::time::timeout(scene.wait(), left.send(huge)).await;
    scene
        .still_relays(&mut middle, &mut right, Diagnosis::LargeFrameTroublesOthers)
        .await?;
    scene
        .still_relays(&mut right, &mut middle, Diagnosis::LargeFrameTroublesOthers)
        .await?;
    Ok(())
}

/// After a client has left with a close frame, the others go on.
pub async fn a_client_that_leaves_troubles_nobody(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut middle, mut right] = scene.clients(["left", "middle", "right"]).await?;
    a_first_move(&scene, &mut middle, &mut left, &mut right).await?;
    let _ = middle.send_frame(Message::Close(None)).await;
    drop(middle);
    the_others_go_on(&scene, &mut left, &mut right).await
}

/// After a client has vanished without a close frame, the others go on.
pub async fn a_client_that_vanishes_troubles_nobody(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut middle, mut right] = scene.clients(["left", "middle", "right"]).await?;
    a_first_move(&scene, &mut middle, &mut left, &mut right).await?;
    middle.vanish();
    the_others_go_on(&scene, &mut left, &mut right).await
}

/// The one who is about to go moves, and both others hear it: it was there.
async fn a_first_move(
    scene: &Scene,
    from: &mut Client,
    left: &mut Client,
    right: &mut Client,
) -> Outcome {
    let position = scene.position();
    scene.send(from, position).await;
    scene.expect(left, position, Diagnosis::NotEveryone).await?;
    scene
        .expect(right, position, Diagnosis::NotEveryone)
        .await?;
    Ok(())
}

/// Several moves each way: the first after a loss is often the one that finds it, and the second the one that suffers.
async fn the_others_go_on(scene: &Scene, left: &mut Client, right: &mut Client) -> Outcome {
    for _ in 0..3 {
        scene
            .still_relays(left, right, Diagnosis::LeaverBreaksOthers)
            .await?;
        scene
            .still_relays(right, left, Diagnosis::LeaverBreaksOthers)
            .await?;
    }
    let mut new = scene.client("new", Diagnosis::LeaverBreaksOthers).await?;
    is_served(scene, &mut new, Diagnosis::LeaverBreaksOthers).await?;
    scene
        .still_relays(left, &mut new, Diagnosis::LeaverBreaksOthers)
        .await?;
    Ok(())
}

/// While one client reads nothing, a flood passes between the others.
pub async fn a_client_that_never_reads_delays_nobody(scene: Rc<Scene>) -> Outcome {
    /// So many moves fill what the system holds for a client that does not read, and a queue of a thousand besides.
    const MOVES: u32 = if cfg!(unix) { 4_000 } else { 80_000 };
    const BATCH: u32 = 200;
    /// A number as long as a number gets: the longer the frames, the sooner they fill what the system holds.
    const LONG: f64 = 1_234_567_890_123_456.0;
    let connecting = Client::connect_narrow("stuck", scene.address, &scene.transcript).await;
    let _stuck = connecting.map_err(|why| scene.failure(Diagnosis::NoWebSocket).came(why))?;
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    // No more than a batch is on its way at a time: a burst may be thinned out, and this is not about that.
    for batch in 0..MOVES / BATCH {
        for step in 0..BATCH {
            let x = f64::from(batch * BATCH + step);
            let _ = left
                .queue(Message::text(scene.frame(Position { x, y: LONG })))
                .await;
        }
        let last = f64::from((batch + 1) * BATCH - 1);
        let listening = async {
            loop {
                match scene.next_spy(&mut right).await {
                    Ok(position) if position.x == last => return true,
                    Ok(_) => {}
                    Err(_) => return false,
                }
            }
        };
        let (_, arrived) = tokio::join!(left.flush(), listening);
        if !arrived {
            return Err(scene
                .failure(Diagnosis::StuckClientStalls)
                .sent(format!(
                    "a client that reads nothing is connected; left moves {} times",
                    last + 1.0
                ))
                .expected("right hears the last of them".into())
                .came(scene.nothing())
                .into());
        }
    }
    Ok(())
}

/// What the steps before built is still there: `shout`, `online` and `say`.
pub async fn the_earlier_events_still_work(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let word: String = scene.random(|r| (0..8).map(|_| r.lowercase()).collect());
    is_served(&scene, &mut right, Diagnosis::NoWebSocket).await?;
    expect_event(
        &scene,
        &mut left,
        None,
        json!(["shout", word]),
        json!(["shout", word.to_uppercase()]),
    )
    .await?;
    expect_event(
        &scene,
        &mut left,
        None,
        json!(["online"]),
        json!(["online", 2]),
    )
    .await?;
    expect_event(
        &scene,
        &mut left,
        Some(&mut right),
        json!(["say", word]),
        json!(["say", word]),
    )
    .await
}

/// Holds that `sent` by one client leads to `expected` at the other, or at the sender where there is no other.
async fn expect_event(
    scene: &Scene,
    sender: &mut Client,
    receiver: Option<&mut Client>,
    sent: Value,
    expected: Value,
) -> Outcome {
    let _ = sender.send(sent.to_string()).await;
    let name = sender.name.clone();
    let receiver = receiver.unwrap_or(sender);
    let wanted = expected[0].as_str().unwrap_or_default();
    let arguments = &expected.as_array().map(Vec::as_slice).unwrap_or_default()[1..];
    let came = next_event(scene, receiver, wanted).await;
    match came {
        Ok(came) if came == arguments => Ok(()),
        came => Err(scene
            .failure(Diagnosis::EarlierEventBroken)
            .sent(format!("{name} sends {sent}"))
            .expected(format!("{} hears {expected}", receiver.name))
            .came(came.map_or_else(|why| why, |arguments| Value::from(arguments).to_string()))
            .into()),
    }
}

/// A frame that is not an event is answered with an error.
pub async fn nonsense_is_answered_with_an_error(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.settled_client("left").await?;
    let _ = left.send("not an event").await;
    match next_event(&scene, &mut left, "error").await {
        Ok(arguments) if arguments.first().is_some_and(Value::is_string) => Ok(()),
        came => Err(scene
            .failure(Diagnosis::EarlierEventBroken)
            .sent("left sends a frame that is not an event".into())
            .expected("left hears [\"error\", and a text]".into())
            .came(came.map_or_else(|why| why, |arguments| Value::from(arguments).to_string()))
            .into()),
    }
}

/// The arguments of the next event of this name, or what came instead, in words.
async fn next_event(scene: &Scene, client: &mut Client, name: &str) -> Result<Vec<Value>, String> {
    let event = |heard: &Heard| match heard {
        Heard::Event(event, arguments) if event == name => Some(arguments.clone()),
        _ => None,
    };
    scene.hear(client, event).await
}
