//! Frames: what comes goes back as it came, in order, to the one who sent it.

use std::rc::Rc;

use tokio_tungstenite::tungstenite::Message;
use wire::client::{Client, quoted};
use wire::transcript::Frame;

use crate::report::Failure;
use crate::scene::instead::has_ended;
use crate::socket::connect::GREETING;
use crate::{Diagnosis, Outcome, Scene};

/// The longest message that a server has to take, in bytes.
const LONGEST: usize = 64 * 1024;

impl Scene {
    /// A text that nobody else sends.
    pub(crate) fn word(&self) -> String {
        self.random(|r| (0..12).map(|_| r.lowercase()).collect())
    }

    /// That one frame was sent, and another one or nothing came.
    fn not_back(
        &self,
        diagnosis: Diagnosis,
        client: &Client,
        sent: &Message,
        came: String,
    ) -> Failure {
        self.failure(diagnosis)
            .due(&client.name, Frame::of(sent))
            .sent(format!("{} sends {}", client.name, quoted(sent)))
            .expected("the same comes back".into())
            .came(came)
    }
}

/// Text comes back as text, to the last blank, and nothing else comes.
pub async fn text_comes_back_as_it_was(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.client("left", Diagnosis::NO_WEB_SOCKET).await?;
    let texts = [
        scene.word(),
        scene.word(),
        "  blanks at both ends\t ".into(),
        String::new(),
        "Grüße, 世界 🖱".into(),
        "[\"shout\",  \"hi\"]".into(),
        "{\"hello\": 1.0}\r\n".into(),
    ];
    let mut before = None;
    for (index, text) in texts.into_iter().enumerate() {
        let sent = Message::text(text);
        let _ = left.send_frame(sent.clone()).await;
        let (diagnosis, came) = match scene.next_message(&mut left).await {
            Ok(frame) if frame == sent => {
                before = Some(sent);
                continue;
            }
            Ok(frame) => (wrong_text(&frame, before.as_ref()), quoted(&frame)),
            Err(why) if index == 1 => (Diagnosis::ONE_ANSWER_ONLY, why),
            Err(why) => (Diagnosis::NOTHING_COMES_BACK, why),
        };
        return Err(scene.not_back(diagnosis, &left, &sent, came).into());
    }
    a_ping_does_not_come_back(&scene, &mut left, before.as_ref()).await
}

/// Why another frame than the text that was sent may have come back.
fn wrong_text(came: &Message, before: Option<&Message>) -> Diagnosis {
    match before {
        Some(before) if came == before => Diagnosis::COMES_BACK_TWICE,
        None if *came == Message::text(GREETING) => Diagnosis::GREETING_STILL_SENT,
        _ if came.is_binary() => Diagnosis::KIND_CHANGED,
        _ => Diagnosis::COMES_BACK_CHANGED,
    }
}

/// After a ping and a text, it is the text that comes back.
async fn a_ping_does_not_come_back(
    scene: &Scene,
    client: &mut Client,
    before: Option<&Message>,
) -> Outcome {
    let sent = Message::text(scene.word());
    let _ = client.send_frame(Message::Ping("there?".into())).await;
    let _ = client.send_frame(sent.clone()).await;
    let (diagnosis, came) = match scene.next_message(client).await {
        Ok(frame) if frame == sent => return Ok(()),
        Ok(frame) if Some(&frame) == before => (Diagnosis::COMES_BACK_TWICE, quoted(&frame)),
        Ok(frame) => (Diagnosis::PING_ECHOED, quoted(&frame)),
        Err(why) => (Diagnosis::PING_ENDS, why),
    };
    Err(scene
        .failure(diagnosis)
        .due(&client.name, Frame::of(&sent))
        .sent(format!(
            "{} sends a ping, then {}",
            client.name,
            quoted(&sent)
        ))
        .expected("the text comes back, and of messages nothing else".into())
        .came(came)
        .into())
}

/// Binary comes back as binary, whatever the bytes are.
pub async fn binary_comes_back_as_it_was(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.client("left", Diagnosis::NO_WEB_SOCKET).await?;
    let all: Vec<u8> = (0..=255).collect();
    for bytes in [all, b"like a text".to_vec(), Vec::new()] {
        let sent = Message::binary(bytes);
        let _ = left.send_frame(sent.clone()).await;
        let (diagnosis, came) = match scene.next_message(&mut left).await {
            Ok(frame) if frame == sent => continue,
            Ok(frame) if frame.is_text() => (Diagnosis::KIND_CHANGED, quoted(&frame)),
            Ok(frame) => (Diagnosis::COMES_BACK_CHANGED, quoted(&frame)),
            Err(why) if has_ended(&why) && is_too_long(&scene, &sent).await => {
                (Diagnosis::LIMIT_TOO_SMALL, why)
            }
            Err(why) => (Diagnosis::BINARY_UNANSWERED, why),
        };
        return Err(scene.not_back(diagnosis, &left, &sent, came).into());
    }
    Ok(())
}

/// Whether a text of the same length does not come back either, though short ones do: then it is the length.
async fn is_too_long(scene: &Scene, sent: &Message) -> bool {
    let Ok(mut other) = scene.client("right", Diagnosis::UNKNOWN).await else {
        return false;
    };
    let text = Message::text("a".repeat(sent.len()));
    let _ = other.send_frame(text.clone()).await;
    scene.next_message(&mut other).await.is_err()
}

/// Many frames at once, text and binary, come back in the order in which they were sent.
pub async fn frames_come_back_in_order(scene: Rc<Scene>) -> Outcome {
    const FRAMES: usize = 200;
    let mut left = scene.client("left", Diagnosis::NO_WEB_SOCKET).await?;
    let sent: Vec<Message> = (0..FRAMES)
        .map(|number| match number % 3 {
            0 => Message::binary(format!("bytes {number}")),
            _ => Message::text(format!("text {number}")),
        })
        .collect();
    for frame in &sent {
        let _ = left.queue(frame.clone()).await;
    }
    let _ = left.flush().await;
    let mut came = Vec::new();
    let mut why = None;
    while came.len() < FRAMES && why.is_none() {
        match scene.next_message(&mut left).await {
            Ok(frame) => came.push(frame),
            Err(words) => why = Some(words),
        }
    }
    let Some(wrong) = (0..FRAMES).find(|&number| came.get(number) != Some(&sent[number])) else {
        return Ok(());
    };
    let lost = sent.iter().find(|frame| !came.contains(frame));
    let (diagnosis, expected) = match lost {
        Some(lost) => (Diagnosis::FRAMES_LOST, lost),
        None => (Diagnosis::FRAMES_REORDERED, &sent[wrong]),
    };
    let instead = match (came.get(wrong), why) {
        (Some(frame), _) => format!(
            "frame {} of those that came is {}",
            wrong + 1,
            quoted(frame)
        ),
        (None, why) => format!("{} frames, then {}", came.len(), why.unwrap_or_default()),
    };
    Err(scene
        .failure(diagnosis)
        .sent(format!(
            "left sends {FRAMES} frames, without waiting for answers"
        ))
        .expected(format!(
            "all of them in this order, {} among them",
            quoted(expected)
        ))
        .came(instead)
        .into())
}

/// The longest message that is promised comes back whole, of either kind.
pub async fn a_frame_of_64_kib_comes_back_whole(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.client("left", Diagnosis::NO_WEB_SOCKET).await?;
    let text: String = scene.random(|r| (0..LONGEST).map(|_| r.lowercase()).collect());
    for sent in [Message::text(text.clone()), Message::binary(text)] {
        let _ = left.send_frame(sent.clone()).await;
        let (diagnosis, came) = match scene.next_message(&mut left).await {
            Ok(frame) if frame == sent => continue,
            Ok(frame) => (Diagnosis::COMES_BACK_CHANGED, quoted(&frame)),
            Err(why) if has_ended(&why) => (Diagnosis::LIMIT_TOO_SMALL, why),
            Err(why) => (Diagnosis::NOTHING_COMES_BACK, why),
        };
        return Err(scene.not_back(diagnosis, &left, &sent, came).into());
    }
    Ok(())
}

/// What one client sends comes back to that one, and another hears nothing of it: the next that it hears is its own.
pub async fn an_echo_reaches_its_sender_alone(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.client("left", Diagnosis::NO_WEB_SOCKET).await?;
    let mut right = scene.client("right", Diagnosis::NO_WEB_SOCKET).await?;
    let own = Message::text(scene.word());
    let _ = left.send_frame(own.clone()).await;
    expect_own(&scene, &mut left, &own).await?;
    for client in [&mut right, &mut left] {
        let own = Message::text(scene.word());
        let _ = client.send_frame(own.clone()).await;
        expect_own(&scene, client, &own).await?;
    }
    Ok(())
}

/// Holds that the next message that a client hears is its own.
async fn expect_own(scene: &Scene, client: &mut Client, own: &Message) -> Result<(), Failure> {
    let (diagnosis, came) = match scene.next_message(client).await {
        Ok(frame) if frame == *own => return Ok(()),
        Ok(frame) => (
            Diagnosis::ANSWERED_TO_ALL,
            format!(
                "{} hears {}, which another client sent",
                client.name,
                quoted(&frame)
            ),
        ),
        Err(why) => (Diagnosis::NOT_EACH_ITS_OWN, why),
    };
    Err(scene
        .failure(diagnosis)
        .due(&client.name, Frame::of(own))
        .expected(format!("{} hears {}", client.name, quoted(own)))
        .came(came))
}

/// Fifty clients send at the same time, and each hears what it has sent.
pub async fn each_of_50_clients_hears_its_own(scene: Rc<Scene>) -> Outcome {
    const CLIENTS: usize = 50;
    let mut clients = Vec::new();
    for number in 1..=CLIENTS {
        let name = format!("client {number}");
        clients.push(scene.client(&name, Diagnosis::NOT_EACH_ITS_OWN).await?);
    }
    for client in &mut clients {
        let own = Message::text(format!("from {}", client.name));
        let _ = client.send_frame(own).await;
    }
    for client in &mut clients {
        let own = Message::text(format!("from {}", client.name));
        let came = match scene.next_message(client).await {
            Ok(frame) if frame == own => continue,
            Ok(frame) => quoted(&frame),
            Err(why) => why,
        };
        return Err(scene
            .failure(Diagnosis::NOT_EACH_ITS_OWN)
            .due(&client.name, Frame::of(&own))
            .sent(format!("{CLIENTS} clients send a text each"))
            .expected(format!("{} hears {}", client.name, quoted(&own)))
            .came(came)
            .into());
    }
    Ok(())
}

diagnoses! {
    NOTHING_COMES_BACK "nothing-comes-back":
        "A client sends a message, and nothing comes back."
        => "Follow a message from the line that reads it to the line that sends: does `received` return it, and does the loop send what it returns?";
    GREETING_STILL_SENT "greeting-still-sent":
        "The server still greets. In this step a client takes everything that comes for an answer, the greeting too."
        => "Look for the line that sends hello. In this step, the loop replaces it.";
    ONE_ANSWER_ONLY "one-answer-only":
        "The first message comes back, and the second does not: the server stops reading after one."
        => "Look at the line that reads: it has to be in a loop, which ends only when the connection ends.";
    COMES_BACK_CHANGED "comes-back-changed":
        "What comes back is not what was sent: something was added, removed or converted on the way."
        => "Send the message that came, and not a new one made from its text.";
    KIND_CHANGED "kind-changed":
        "The answer is of the other kind: text comes back as binary, or binary comes back as text."
        => "Look at what you send back. The message that came knows its kind; a new message has the kind of the function that made it.";
    COMES_BACK_TWICE "comes-back-twice":
        "One message comes back twice."
        => "Make sure that only one place answers a message.";
    BINARY_UNANSWERED "binary-unanswered":
        "Text comes back, and a binary message does not."
        => "Look at the condition that decides which messages to answer: it is true of a text only.";
    PING_ENDS "ping-ends":
        "After a ping the connection ends, or the server answers nothing any more."
        => "Leave the loop only if send fails. A ping needs no answer from you: go on with the next message.";
    FRAMES_LOST "frames-lost":
        "A client sends many messages quickly, and some do not come back."
        => "Look at a message that comes while the server answers the one before: does it wait, or does the server drop it?";
    FRAMES_REORDERED "frames-reordered":
        "Messages come back in another order than the client sent them."
        => "Answer each message in the loop that reads, before you read the next. If each answer has its own task, one can overtake another.";
    LIMIT_TOO_SMALL "limit-too-small":
        "A message of 64 KiB (65,536 bytes) or less ends the connection: the limit is lower than that."
        => "Look at the limits that the upgrade is given, for a message and for a frame: a message may fill one frame.";
    ANSWERED_TO_ALL "answered-to-all":
        "An answer that is meant for the sender alone goes to other clients as well."
        => "Send the answer on the socket that the message came from, and share nothing between clients.";
    NOT_EACH_ITS_OWN "not-each-its-own":
        "With several clients, one of them gets no answer, or the answer of another client."
        => "Keep everything that belongs to one client in `connected`. Use no static, and set no limit on how many clients run at a time.";
}
