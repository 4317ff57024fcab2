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
    let mut left = scene.client("left", Diagnosis::NO_WEB_SOCKET).await?;
    let (diagnosis, came) = match scene.next_message(&mut left).await {
        Ok(frame) if is_greeting(&frame) => return Ok(()),
        Ok(frame) if frame.is_binary() => (Diagnosis::BINARY_GREETING, quoted(&frame)),
        Ok(frame) => (Diagnosis::OTHER_GREETING, quoted(&frame)),
        Err(why) if greets_whoever_speaks(&scene, &mut left).await => {
            (Diagnosis::GREETING_WAITS, why)
        }
        Err(why) => (Diagnosis::NO_GREETING, why),
    };
    let failure = scene.failure(diagnosis);
    let failure = match diagnosis {
        // It has come since: too late.
        Diagnosis::GREETING_WAITS => failure,
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
        clients.push(scene.client(name, Diagnosis::ONE_AT_A_TIME).await?);
    }
    for client in &mut clients {
        let came = match scene.next_message(client).await {
            Ok(frame) if is_greeting(&frame) => continue,
            Ok(frame) => quoted(&frame),
            Err(why) => why,
        };
        return Err(scene
            .failure(Diagnosis::NOT_EACH_GREETED)
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
            .failure(Diagnosis::GREETED_AGAIN)
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
        .ask("GET", "/ws", Diagnosis::PLAIN_GET_NOT_REFUSED)
        .await?;
    if (400..500).contains(&answer.status) {
        return Ok(());
    }
    Err(Failure::new(Diagnosis::PLAIN_GET_NOT_REFUSED)
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
            return Err(Failure::new(Diagnosis::UPGRADES_ELSEWHERE)
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

diagnoses! {
    NO_WEB_SOCKET "no-websocket":
        "A request for a WebSocket at /ws does not get one: no rule takes it, or another rule answers it first."
        => "Look at the rules that routes combines: one of them has to take /ws and upgrade the request, and it has to come before .recover.";
    NO_GREETING "no-greeting":
        "A client connects, but the server sends nothing to it."
        => "Look at the beginning of `connected`: it has to send the greeting and to await that. A send without an await sends nothing.";
    GREETING_WAITS "greeting-waits":
        "The greeting comes only after the client has sent something. The server has to speak first."
        => "Send the greeting before the loop that reads, not in it.";
    OTHER_GREETING "other-greeting":
        "The server greets with other words. Programs talk to each other here, and to a program Hello is not hello."
        => "Look at the text that you send: it has to be these five letters and nothing else.";
    BINARY_GREETING "binary-greeting":
        "The greeting comes as a binary frame. A page gets that as a Blob, a box of bytes, and not as text."
        => "Look at how you make the message: it has to be a text message.";
    GREETED_AGAIN "greeted-again":
        "The server greets a client more than once: twice at the beginning, or again when the client sends something, or when somebody else connects."
        => "Send the greeting once, before the loop that reads, to the client that has connected.";
    NOT_EACH_GREETED "not-each-greeted":
        "The first client is greeted, and a second one that connects meanwhile is not."
        => "See that `connected` greets each time it is called, and depends on nothing that only the first client can have.";
    PLAIN_GET_NOT_REFUSED "plain-get-not-refused":
        "The server does not refuse a plain GET of /ws, which asks for no WebSocket: some rule takes it."
        => "Look at the rules for /ws. The rule that asks for a WebSocket refuses a plain GET by itself; no other rule may take the path.";
    UPGRADES_ELSEWHERE "upgrades-elsewhere":
        "Another path than /ws becomes a WebSocket, too. warp::path(\"ws\") takes every path that begins with /ws/, and a rule without a path takes any request."
        => "Look at the path of the rule: it has to take /ws, and no path that goes on after it.";
    ONE_AT_A_TIME "one-at-a-time":
        "While one client is connected, the server does not serve the next. It waits until the first has left, or it holds a lock for as long as a client stays."
        => "Give each client a task of its own, and hold no lock across an .await.";
}
