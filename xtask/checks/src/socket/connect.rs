//! The upgrade: `/ws` becomes a WebSocket and nothing else does, and whoever connects is greeted.

use std::rc::Rc;

use futures::future::join_all;
use tokio::net::TcpStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::{Error, Message};
use wire::client::{Client, Heard, quoted};
use wire::transcript::What;

use crate::report::Failure;
use crate::{Diagnosis, Outcome, Scene};

/// What the server says to each that connects, in step 4.
pub const GREETING: &str = "hello";

/// The first that a client hears is the text `hello`, and it need not say anything first.
pub async fn it_greets_with_hello(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.client("left", Diagnosis::NoWebSocket).await?;
    let (diagnosis, came) = match scene.next_message(&mut left).await {
        Ok(frame) if is_greeting(&frame) => return Ok(()),
        Ok(frame) if frame.is_binary() => (Diagnosis::BinaryGreeting, quoted(&frame)),
        Ok(frame) => (Diagnosis::OtherGreeting, quoted(&frame)),
        Err(why) if greets_whoever_speaks(&scene, &mut left).await => {
            (Diagnosis::GreetingWaits, why)
        }
        Err(why) => (Diagnosis::NoGreeting, why),
    };
    let failure = scene.failure(diagnosis);
    let failure = match diagnosis {
        // It has come since: too late.
        Diagnosis::GreetingWaits => failure,
        _ => failure.due("left", GREETING),
    };
    Err(failure
        .sent("left connects, and sends nothing".into())
        .expected(format!("the text \"{GREETING}\""))
        .came(came)
        .into())
}

fn is_greeting(frame: &Message) -> bool {
    *frame == Message::text(GREETING)
}

/// Whether a message gets the greeting that connecting did not get.
async fn greets_whoever_speaks(scene: &Scene, client: &mut Client) -> bool {
    scene.transcript.note(&client.name, What::SpeaksFirst);
    let _ = client.send("anybody there?").await;
    let frame = scene.next_message(client).await;
    frame.is_ok_and(|frame| is_greeting(&frame))
}

/// Of three clients each is greeted, and none of them again.
pub async fn each_client_is_greeted_once(scene: Rc<Scene>) -> Outcome {
    let mut clients = Vec::new();
    for name in ["left", "middle", "right"] {
        clients.push(scene.client(name, Diagnosis::OneAtATime).await?);
    }
    for client in &mut clients {
        let came = match scene.next_message(client).await {
            Ok(frame) if is_greeting(&frame) => continue,
            Ok(frame) => quoted(&frame),
            Err(why) => why,
        };
        return Err(scene
            .failure(Diagnosis::NotEachGreeted)
            .due(&client.name, GREETING)
            .sent("three clients connect, and stay".into())
            .expected(format!("{} hears \"{GREETING}\"", client.name))
            .came(came)
            .into());
    }
    let again = clients
        .iter_mut()
        .map(|client| greeted_again(&scene, client));
    let failed = join_all(again).await.into_iter().find_map(Result::err);
    failed.map_or(Ok(()), |failure| Err(failure.into()))
}

/// Holds that no second greeting comes: not by itself, and not to what the client sends. Of a server that reads, its pong
/// shows that all has come; one that has ended the connection has nothing more to say.
async fn greeted_again(scene: &Scene, client: &mut Client) -> Result<(), Failure> {
    let _ = client.send("anybody there?").await;
    let _ = client.send_frame(Message::Ping("there?".into())).await;
    let again = |heard: &Heard| match heard {
        Heard::Text(text) if text == GREETING => Some(true),
        Heard::Pong(_) | Heard::Ended(_) => Some(false),
        _ => None,
    };
    match scene.hear(client, again).await {
        Ok(true) => Err(scene
            .failure(Diagnosis::GreetedAgain)
            .wrong(scene.transcript.last_heard(&client.name), None)
            .sent(format!("{} is greeted, and sends a text", client.name))
            .expected(format!("no second \"{GREETING}\""))
            .came(format!("\"{GREETING}\" once more"))),
        _ => Ok(()),
    }
}

/// A GET of `/ws` that asks for no WebSocket gets a 4xx.
pub async fn a_plain_get_of_ws_is_refused(scene: Rc<Scene>) -> Outcome {
    let answer = scene
        .ask("GET", "/ws", Diagnosis::PlainGetNotRefused)
        .await?;
    if (400..500).contains(&answer.status) {
        return Ok(());
    }
    Err(Failure::new(Diagnosis::PlainGetNotRefused)
        .sent("GET /ws, without asking for a WebSocket".into())
        .expected("a status that starts with 4".into())
        .came(answer.summary())
        .into())
}

/// No other path becomes a WebSocket.
pub async fn nothing_else_upgrades(scene: Rc<Scene>) -> Outcome {
    let word: String = scene.random(|r| (0..8).map(|_| r.lowercase()).collect());
    for path in [
        "/".into(),
        format!("/{word}"),
        format!("/ws/{word}"),
        format!("/{word}/ws"),
    ] {
        if asked_to_upgrade(&scene, &path).await == Some(101) {
            return Err(Failure::new(Diagnosis::UpgradesElsewhere)
                .sent(format!("GET {path}, as a WebSocket"))
                .expected("any other answer than 101".into())
                .came("101, and a connection".into())
                .into());
        }
    }
    Ok(())
}

/// The status that a request for a WebSocket at `path` gets, where it gets one in time.
pub async fn asked_to_upgrade(scene: &Scene, path: &str) -> Option<u16> {
    let asked = async {
        let stream = TcpStream::connect(scene.address).await.ok()?;
        let url = format!("ws://{}{path}", scene.address);
        match client_async(url, stream).await {
            Ok(_) => Some(101),
            Err(Error::Http(response)) => Some(response.status().as_u16()),
            Err(_) => None,
        }
    };
    tokio::time::timeout(scene.wait(), asked).await.ok()?
}
