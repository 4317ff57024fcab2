//! Events: what is one, what is none, and what is answered to each.

use std::rc::Rc;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::alive::{answers, is_served};
use super::client::{Client, Heard};
use super::{Diagnosis, Outcome, Scene};

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
    is_served(&scene, &mut left, Diagnosis::MalformedCloses).await?;
    is_served(&scene, &mut right, Diagnosis::MalformedCloses).await?;
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
    is_served(&scene, &mut left, Diagnosis::UnknownCloses).await?;
    is_served(&scene, &mut right, Diagnosis::UnknownCloses).await?;
    Ok(())
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
