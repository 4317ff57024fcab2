//! Who is still there: pings come, and one that answers none is gone.

use std::rc::Rc;
use std::time::Duration;

use tokio::time::Instant;
use wire::client::{Client, Heard, QUESTION};
use wire::transcript::Frame;

use crate::report::Failure;
use crate::socket::ping_and_close::is_served;
use crate::{Diagnosis, Outcome, Scene};

/// PING_EVERY. Whoever answers has as much time for it: a busy machine is a second late now and then.
const EVERY: Duration = Duration::from_secs(2);

/// A client that has read, and has said nothing for longer than PATIENCE, is there, and heard when it speaks.
pub async fn a_quiet_client_may_speak(scene: Rc<Scene>) -> Outcome {
    /// PATIENCE is a second.
    const QUIET: Duration = Duration::from_millis(1_400);
    let mut left = scene.settled_client("left").await?;
    let sent = |failure: Failure, then: &str| {
        failure.sent(format!("PATIENCE=1; left says nothing for longer{then}"))
    };
    if let Some(how) = ends_within(&mut left, QUIET).await {
        let failure = scene.failure(Diagnosis::QUIET_IS_CUT);
        let failure = failure.expected("left stays".into()).came(how);
        return Err(sent(failure, "").into());
    }
    let _ = left.send(QUESTION).await;
    let answer = |heard: &Heard| matches!(heard, Heard::Event(..)).then_some(());
    let Err(came) = scene.hear(&mut left, answer).await else {
        return Ok(());
    };
    // Whoever takes it for a flood says so, with this code.
    let diagnosis = match came.contains("1008") {
        true => Diagnosis::QUIET_TAKEN_FOR_A_FLOOD,
        false => Diagnosis::QUIET_IS_CUT,
    };
    let failure = scene
        .failure(diagnosis)
        .missing("left", Frame::in_words("an answer"));
    let failure = failure.expected("left is answered".into()).came(came);
    Err(sent(failure, ", and then something").into())
}

/// How the connection ends, if it does before this time is over.
async fn ends_within(client: &mut Client, time: Duration) -> Option<String> {
    let deadline = Instant::now() + time;
    loop {
        let rest = deadline.saturating_duration_since(Instant::now());
        match client.hear_frame(rest).await {
            Ok(_) => {}
            Err(Heard::Ended(how)) => return Some(how),
            Err(_) => return None,
        }
    }
}

/// What came in place of a ping.
enum Instead {
    Nothing,
    TheEnd(String),
}

/// A client that says nothing is asked whether it is there, and stays as long as it answers.
pub async fn a_quiet_client_is_pinged(scene: Rc<Scene>) -> Outcome {
    /// One that is gone after two unanswered ones would be by then.
    const PINGS: u32 = 3;
    let mut left = scene.settled_client("left").await?;
    for ping in 0..PINGS {
        let (diagnosis, came) = match next_ping(&scene, &mut left).await {
            Ok(()) => continue,
            Err(Instead::Nothing) => (Diagnosis::NO_PINGS, scene.nothing()),
            Err(Instead::TheEnd(how)) => (Diagnosis::PONG_NOT_HEARD, how),
        };
        return Err(scene
            .failure(diagnosis)
            .missing("left", Frame::in_words("ping frame"))
            .sent(format!(
                "PING_EVERY=2; left says nothing, and has answered {ping} pings"
            ))
            .expected("left hears a ping".into())
            .came(came)
            .into());
    }
    is_served(&scene, &mut left, Diagnosis::PONG_NOT_HEARD).await?;
    Ok(())
}

/// The next ping; the client answers it by itself when it is read again.
async fn next_ping(scene: &Scene, client: &mut Client) -> Result<(), Instead> {
    let deadline = Instant::now() + EVERY + scene.wait();
    loop {
        let rest = deadline.saturating_duration_since(Instant::now());
        match client.hear_frame(rest).await {
            Ok(frame) if frame.is_ping() => return Ok(()),
            Ok(_) => {}
            Err(Heard::Ended(how)) => return Err(Instead::TheEnd(how)),
            Err(_) => return Err(Instead::Nothing),
        }
    }
}

/// One that has not been heard of for two pings is gone, and no longer counted.
pub async fn a_silent_client_is_gone(scene: Rc<Scene>) -> Outcome {
    let [mut silent, mut left, mut right] = scene.clients(["silent", "left", "right"]).await?;
    let done = "PING_EVERY=2; silent answers no ping, and right speaks";
    // Two of them, and what it takes to notice.
    let within = EVERY * 3 + scene.wait();
    // What is written to a client is no sign of life of it.
    let speaking = async {
        loop {
            let _ = right.send(r#"["say","still here"]"#.to_owned()).await;
            tokio::time::sleep(EVERY / 4).await;
        }
    };
    let wrong = |number| match number < 2.0 {
        true => Diagnosis::SPEAKER_IS_CUT,
        false => Diagnosis::SILENT_PEER_STAYS,
    };
    let counted = tokio::select! {
        counted = scene.counts_soon(&mut left, 2, within, done, wrong) => counted,
        () = speaking => Ok(()),
    };
    let Err(mut failure) = counted else {
        return Ok(());
    };
    // Without pings nothing was left unanswered: what was written to it has put them off.
    if failure.diagnosis == Diagnosis::SILENT_PEER_STAYS && pings_of(&mut silent).await < 2 {
        failure.diagnosis = Diagnosis::OTHERS_PUT_OFF_THE_PING;
    }
    Err(failure.into())
}

/// How many pings wait to be read by a client.
async fn pings_of(client: &mut Client) -> usize {
    let mut pings = 0;
    while let Ok(frame) = client.hear_frame(Duration::from_millis(100)).await {
        pings += usize::from(frame.is_ping());
    }
    pings
}

diagnoses! {
    QUIET_TAKEN_FOR_A_FLOOD "quiet-taken-for-a-flood":
        "The server ends a client with 1008 at its first message after a silence longer than PATIENCE, as if the client had been too fast all that time."
        => "Check the rate when a message has come. You began to wait for it earlier, maybe much earlier.";
    QUIET_IS_CUT "quiet-is-cut":
        "The server ends a client that reads everything but has nothing to say, as soon as PATIENCE is over."
        => "Set no deadline for reading: a ping finds out whether a silent client is still there. SETTINGS.patience is for writing.";
    NO_PINGS "no-pings":
        "The server never asks a silent client whether it is still there. If somebody shuts a laptop, it says no goodbye, and TCP alone notices that only after hours."
        => "Look at what happens while a client is silent: it has to get a ping after SETTINGS.ping_every.";
    PONG_NOT_HEARD "pong-not-heard":
        "The server ends a client although it answers each ping. In warp, a pong is a message like any other: the stream yields it."
        => "Take every message as a sign of life, before you look at its kind.";
    OTHERS_PUT_OFF_THE_PING "others-put-off-the-ping":
        "While others talk, a silent client gets no ping: what the server sends to it counts as if the client had said it. So it stays for as long as somebody talks."
        => "Look at what restarts the clock of the silence. Only a message that comes from this client may do that.";
    SPEAKER_IS_CUT "speaker-is-cut":
        "The server ends a client that speaks all the time, because it has not answered a ping yet."
        => "Take every message as a sign of life, not only a pong.";
    SILENT_PEER_STAYS "silent-peer-stays":
        "After two pings without an answer, the server still counts the client."
        => "When it is time for the next ping and the last is unanswered, end the connection.";
}
