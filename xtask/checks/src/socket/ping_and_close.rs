//! That there is a connection, and somebody at its other end: clients connect, and are answered.

use std::rc::Rc;
use std::time::Duration;

use steps::step::Ability;
use tokio_tungstenite::tungstenite::Message;
use wire::client::{Client, Heard, QUESTION};
use wire::transcript::Frame;

use crate::report::Failure;
use crate::scene::instead::has_ended;
use crate::scene::seconds;
use crate::scene::unasked::ASKED;
use crate::{Diagnosis, Outcome, Scene};

/// `/ws` becomes a WebSocket.
pub async fn a_websocket_connects(scene: Rc<Scene>) -> Outcome {
    let Err(mut failure) = scene.client("left", Diagnosis::NO_WEB_SOCKET).await else {
        return Ok(());
    };
    if scene.has(Ability::Seats) {
        failure.diagnosis = why_none(&scene).await?;
    }
    Err(failure.into())
}

/// Why a guarded server gives no WebSocket, by what it answers to others.
async fn why_none(scene: &Scene) -> Result<Diagnosis, Failure> {
    if let (raw, Ok(101)) = scene.knock("left, once more", None).await? {
        return Ok(match raw.is_upgraded {
            true => Diagnosis::UNKNOWN, // So why did the first get none?
            false => Diagnosis::WRONG_ACCEPT,
        });
    }
    // A guard that refuses whoever says no Origin lets a page in.
    let own = format!("http://{}", scene.address);
    Ok(match scene.knock("page", Some(&own)).await? {
        (_, Ok(101)) => Diagnosis::NO_ORIGIN_REFUSED,
        (_, Ok(400)) if scene.owns_its_upgrades() => Diagnosis::UPGRADE_NOT_FOUND,
        (_, Ok(200..300)) if scene.owns_its_upgrades() => Diagnosis::HANDSHAKE_STATUS,
        _ => Diagnosis::NO_WEB_SOCKET,
    })
}

/// Three clients are connected, and the last of them is served.
pub async fn clients_are_served_at_the_same_time(scene: Rc<Scene>) -> Outcome {
    let _left = scene.client("left", Diagnosis::NO_WEB_SOCKET).await?;
    let _middle = scene.client("middle", Diagnosis::ONE_AT_A_TIME).await?;
    let mut right = scene.client("right", Diagnosis::ONE_AT_A_TIME).await?;
    // That a connection was accepted proves little: the system does that, too. An answer proves that it is served.
    is_served(&scene, &mut right, Diagnosis::ONE_AT_A_TIME).await?;
    scene.holds_no_thread().await?;
    Ok(())
}

/// Clients come one after the other, each is served and leaves, and the server has time for the next.
///
/// A task that goes on reading what has ended holds its thread for ever, so it takes more visits than there are threads.
pub async fn the_next_is_served_when_many_have_gone(scene: Rc<Scene>) -> Outcome {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for visit in 0..2 * threads + 10 {
        let name = format!("client {}", visit + 1);
        let worked = scene.cpu_time();
        let served = async {
            let mut client = scene.client(&name, Diagnosis::LEAVER_BREAKS_OTHERS).await?;
            is_served(&scene, &mut client, Diagnosis::LEAVER_BREAKS_OTHERS).await?;
            Ok(client)
        };
        match (served.await, visit % 2) {
            (Ok(mut client), 0) => drop(client.send_frame(Message::Close(None)).await),
            (Ok(client), _) => client.vanish(),
            (Err(failure), _) => return Err(or_spins(&scene, worked, failure).into()),
        }
    }
    Ok(())
}

/// The same failure, and its cause where the program has worked all the time that it answered nothing.
fn or_spins(scene: &Scene, before: Option<Duration>, mut failure: Failure) -> Failure {
    let worked = scene.cpu_time().zip(before);
    let busy = worked.map_or(Duration::ZERO, |(now, before)| now.saturating_sub(before));
    if busy > scene.wait() / 10 {
        failure.diagnosis = Diagnosis::READS_ON_AFTER_THE_END;
        let came = failure.came.take().unwrap_or_default();
        failure.came = Some(format!(
            "{came}; the program worked for {} meanwhile",
            seconds(busy)
        ));
    }
    failure
}

/// Holds that the server reads what `client` sends, and answers anything at all.
///
/// It is sent what the step at hand answers. A ping is sent only where that gets no answer: whether pings get theirs is
/// another check's question. Up to step 6 it is sent at once, because there it is the last that the client sends, and many
/// clients are asked, one after the other.
pub async fn is_served(
    scene: &Scene,
    client: &mut Client,
    otherwise: Diagnosis,
) -> Result<(), Failure> {
    let anything = |heard: &Heard| match heard {
        Heard::Ended(_) | Heard::Silence | Heard::Ping(_) => None,
        // Of an event that nobody has asked for, we cannot tell when it was written.
        Heard::Event(name, _) if name != "shout" && name != "error" => {
            heard.holds("anybody there?").then_some(())
        }
        _ => Some(()),
    };
    let ping = || Message::Ping("there?".into());
    let _ = client.send(QUESTION).await;
    if scene.context.subject.step.number <= 6 {
        let _ = client.send_frame(ping()).await;
    }
    let Err(came) = scene.hear(client, anything).await else {
        return Ok(());
    };
    // Whoever answers what is no WebSocket frame does serve: `otherwise` is not why.
    if came.contains("protocol error") && !came.contains("handshake") {
        return Err(scene
            .failure(Diagnosis::UNKNOWN)
            .expected(format!("{} is answered, with a frame", client.name))
            .came(came));
    }
    let _ = client.send_frame(ping()).await;
    let Err(came) = scene.hear(client, anything).await else {
        return Ok(());
    };
    let diagnosis = silent_or(scene, client, &came, otherwise).await;
    Err(scene
        .failure(diagnosis)
        .missing(&client.name, Frame::in_words("an answer"))
        .expected(format!("{} is answered", client.name))
        .came(came))
}

/// What it means that a client waited for an answer like this: that a frame ends connections is said only where one has ended,
/// and that nothing more is read, only where nothing comes after all.
pub async fn silent_or(
    scene: &Scene,
    client: &mut Client,
    why: &str,
    otherwise: Diagnosis,
) -> Diagnosis {
    match otherwise {
        Diagnosis::MALFORMED_CLOSES | Diagnosis::UNKNOWN_CLOSES if !has_ended(why) => {
            let late = |heard: &Heard| match heard {
                Heard::Pong(_) => Some(()),
                heard => heard.is_named("shout").then_some(()),
            };
            match scene.hear(client, late).await {
                Ok(()) => Diagnosis::TOO_SLOW,
                Err(_) => Diagnosis::STOPS_READING,
            }
        }
        _ => otherwise,
    }
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
    let pong = |heard: &Heard| (*heard == Heard::Pong(payload.clone().into())).then_some(());
    let Err(came) = scene.hear(client, pong).await else {
        return Ok(());
    };
    let diagnosis = silent_or(scene, client, &came, otherwise).await;
    Err(scene
        .failure(diagnosis)
        .missing(&client.name, Frame::in_words("pong frame"))
        .expected(format!("a ping of {} gets its pong", client.name))
        .came(came))
}

/// A ping gets its pong, and no message besides. What an echo makes of a ping is asked where its texts are.
pub async fn a_ping_gets_its_pong(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.client("left", Diagnosis::NO_WEB_SOCKET).await?;
    answers(&scene, &mut left, Diagnosis::PING_UNANSWERED).await?;
    if !scene.speaks_events() {
        return Ok(());
    }
    let pings = async |client: &mut Client| {
        let _ = client.send_frame(Message::Ping("there?".into())).await;
    };
    // That a shout is not answered is for another check to find.
    let Ok(Some(heard)) = scene.caused_by(&mut left, pings).await else {
        return Ok(());
    };
    let answer = scene
        .transcript
        .last_heard_of(|text| text == heard.in_words());
    Err(scene
        .failure(Diagnosis::PING_ECHOED)
        .wrong(answer, None)
        .sent(format!("left sends a ping, {ASKED} times"))
        .expected("a pong each time, and no message".into())
        .came(format!("beside the pongs, {} each time", heard.in_words()))
        .into())
}

/// A close frame is answered with one.
pub async fn a_close_gets_its_close(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.client("left", Diagnosis::NO_WEB_SOCKET).await?;
    let _ = left.send_frame(Message::Close(None)).await;
    let close = |heard: &Heard| match heard {
        Heard::Ended(how) => Some(how.clone()),
        _ => None,
    };
    let came = match scene.hear(&mut left, close).await {
        Ok(how) if how.starts_with("a close frame") => return Ok(()),
        Ok(how) | Err(how) => how,
    };
    let diagnosis = match scene.owns_its_upgrades() {
        true => Diagnosis::CLOSE_NOT_WRITTEN,
        false => Diagnosis::CLOSE_UNANSWERED,
    };
    Err(scene
        .failure(diagnosis)
        .missing("left", Frame::in_words("close frame"))
        .expected("a close frame comes back".into())
        .came(came)
        .into())
}

diagnoses! {
    READS_ON_AFTER_THE_END "reads-on-after-the-end":
        "After a few clients have left, nobody is served any more, and the program works without a pause. After the end of a connection, next() gives None at once, again and again: a loop that goes on then never waits, and keeps the other tasks from their turn."
        => "Look at the loop that reads: it has to end when next() gives no message.";
    PING_ECHOED "ping-echoed":
        "A ping is also answered with a message. warp hands pings to the program, but has answered them already."
        => "Look at which messages are answered: a ping is neither a text nor a binary message.";
    PING_UNANSWERED "ping-unanswered":
        "A ping gets no pong. warp answers pings by itself, but only while the program goes on reading the socket."
        => "Make sure that the loop that reads a client's messages keeps running.";
    CLOSE_UNANSWERED "close-unanswered":
        "A client sends a close frame, and gets none back. warp answers it if the program reads on to the end of the stream."
        => "Send nothing in answer to the close frame and do not leave the loop there: read until the stream ends.";
    CLOSE_NOT_WRITTEN "close-not-written":
        "A client that says goodbye with a close frame gets none back. The library has made the answer, but the socket is dropped before the answer is written."
        => "When a close has been read, flush what the library has to say, and drop the socket only when the network has taken it.";
    STOPS_READING "stops-reading":
        "The connection is open, and the server no longer reads from it: after this frame it does not even answer a ping. The code that serves this client waits for something that does not come, or it has left its loop and keeps the socket."
        => "Follow the frame from the line that reads it. At each .await, ask what it waits for, and who makes that happen.";
    NO_ORIGIN_REFUSED "no-origin-refused":
        "A request without an Origin is refused. Browsers always send one with a WebSocket, but somebody's own program has no page and sends none."
        => "Look at the filter that reads the header: a request without it has to be let in.";
    UPGRADE_NOT_FOUND "upgrade-not-found":
        "A correct request for a WebSocket is answered with 400: one of the filters needs something that is not in the request, or no longer. warp::ws() removes the upgrade from the request."
        => "Look at the order of the filters: a filter that reads the upgrade comes before the one that removes it.";
    HANDSHAKE_STATUS "handshake-status":
        "The request is answered, but not with 101, Switching Protocols. A client goes on with frames only after that status."
        => "Look at the status of your answer to the handshake: it is 101, Switching Protocols.";
    WRONG_ACCEPT "wrong-accept":
        "The answer is 101, but not that of a WebSocket. A client checks three headers, and compares one of them, Sec-WebSocket-Accept, with the hash of the key that it sent; if one is wrong, it gives up."
        => "Look at the answer's three headers. Sec-WebSocket-Accept is made from the key in this request, and from no other.";
}
