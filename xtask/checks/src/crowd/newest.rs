//! One who falls behind and reads on later: what it has missed is outdated, and where everybody is now, it has to hear.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::{Bytes, Message};
use wire::client::{Client, Heard};
use wire::frame::text;
use wire::raw::End;
use wire::transcript::Frame;

use crate::crowd::{Member, a_while, crowd_of, while_they_read};
use crate::open::slow_readers::{FILLS, talk};
use crate::report::Failure;
use crate::scene::seconds;
use crate::{Diagnosis, Outcome, Scene};

/// So many texts, 4 KB each, are more than any queue may hold for one that does not read.
const BURIES: usize = 1_500;
/// So many move; the last half of them do not move again.
const MOVERS: usize = 10;
/// A server that reads of one who is behind has read what it said by then.
const READ_ON: Duration = Duration::from_secs(1);
/// Where the one who is behind has moved itself: nobody else is there.
const OWN: f64 = 99.0;
/// What a mover says after its last move.
const SAID_LAST: &str = "said after the last move";
/// What the one who is behind pings with.
const OWN_PING: Bytes = Bytes::from_static(b"behind");

/// Somebody who has fallen behind, and what it ought to hear: where each mover, told by its x, is now.
struct Behind {
    client: Client,
    left: Client,
    /// They stay: where somebody was who has gone, need not be remembered.
    movers: Vec<Member>,
    newest: HashMap<u64, f64>,
}

impl Scene {
    /// A settled client for which the system holds little.
    pub(crate) async fn narrow_client(&self, name: &str) -> Result<Client, Failure> {
        let connecting = Client::connect_narrow(name, self.address, &self.transcript).await;
        let mut client =
            connecting.map_err(|why| self.failure(Diagnosis::NO_WEB_SOCKET).came(why))?;
        client.settle(self.wait()).await;
        Ok(client)
    }
}

/// Lets somebody fall behind: others talk until nothing more is taken for it, move, and talk until that is buried; then half
/// of them move again, twice: the first of the two is still in any queue when the second is the newest. It has moved itself
/// meanwhile.
async fn fall_behind(scene: &Scene) -> Result<Behind, Failure> {
    let mut behind = scene.narrow_client("behind").await?;
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let mut movers = crowd_of(scene, MOVERS).await?;
    while_they_read(&mut movers, talk(scene, &mut left, &mut right, FILLS)).await?;
    let mut newest = HashMap::new();
    for (time, who) in [(1.0, 0..MOVERS), (2.0, 0..MOVERS / 2), (3.0, 0..MOVERS / 2)] {
        for number in who {
            let x = 100 + number;
            let position = scene.at(x as f64, time);
            movers[number].moves(scene, position).await;
            let hearing =
                scene.expect_at_last(&mut right, position, Diagnosis::STUCK_CLIENT_STALLS);
            while_they_read(&mut movers, hearing).await?;
            newest.insert(x as u64, time);
        }
        if time == 1.0 {
            while_they_read(&mut movers, talk(scene, &mut left, &mut right, BURIES)).await?;
        }
    }
    // What a mover says afterwards is no position, and must not take the place of one.
    movers[0].says(SAID_LAST).await;
    let hearing = scene.hear(&mut right, |heard| heard.holds(SAID_LAST).then_some(()));
    while_they_read(&mut movers, async {
        hearing.await.map_err(|came| {
            scene
                .failure(Diagnosis::STUCK_CLIENT_STALLS)
                .sent("somebody reads nothing; a mover says something".into())
                .expected("right hears it".into())
                .came(came)
        })
    })
    .await?;
    // It may be read at once, or when what is for it has been taken.
    scene.send(&mut behind, scene.at(OWN, 1.0)).await;
    Ok(Behind {
        client: behind,
        left,
        movers,
        newest,
    })
}

/// What comes next to one who is behind. The server's pings are left out: they go on coming when all has been said.
async fn next_word(behind: &mut Client, within: Duration) -> Heard {
    let deadline = Instant::now() + within;
    loop {
        let rest = deadline.saturating_duration_since(Instant::now());
        match behind.hear(rest).await {
            Heard::Ping(_) => {}
            heard => return heard,
        }
    }
}

/// What the end of its connection, or a frame that is none, means to one who is behind.
fn broken(scene: &Scene, heard: &Heard) -> Option<Failure> {
    let diagnosis = match heard {
        // Where the bytes of one frame stand in another one, nothing that follows makes sense.
        Heard::Text(_) | Heard::Binary(_) => Diagnosis::FRAMES_MIXED,
        heard if heard.is_invalid() => Diagnosis::FRAMES_MIXED,
        Heard::Ended(_) => Diagnosis::SLOW_IS_DROPPED,
        _ => return None,
    };
    Some(
        scene
            .failure(diagnosis)
            .sent("PATIENCE=60; behind reads nothing while others talk, and then reads on".into())
            .expected("what comes then are whole frames, and the connection goes on".into())
            .came(heard.in_words()),
    )
}

/// One who is behind sends what is too long, and reads on: after what was on its way, it hears why it is ended.
///
/// What it sends is so long that most of it is never read. A socket that is dropped then resets the connection, and what is
/// still on its way is lost.
pub async fn one_who_falls_behind_hears_the_last_word(scene: Rc<Scene>) -> Outcome {
    const TOO_LONG: usize = 300_000;
    let mut behind = scene.raw_narrow_client("behind").await?;
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    talk(&scene, &mut left, &mut right, FILLS).await?;
    behind.note("a text of 300,000 bytes, and then it reads on");
    let long = text(&"x".repeat(TOO_LONG));
    let end = behind.send(&long, a_while(&scene)).await;
    if end == End::Goodbye(Some(1009)) {
        return Ok(());
    }
    Err(scene
        .failure(Diagnosis::LAST_WORD_LOST)
        .due("behind", Frame::in_words("close frame, 1009"))
        .sent(
            "behind reads nothing of what left says, sends what is too long, and then reads on"
                .into(),
        )
        .expected("behind hears a close frame with 1009".into())
        .came(end.in_words())
        .into())
}

/// Where each of the others is now reaches one who fell behind; nobody goes back to where they were, and it does not hear
/// itself.
pub async fn one_who_falls_behind_hears_the_newest(scene: Rc<Scene>) -> Outcome {
    let Behind {
        client: mut behind,
        mut left,
        movers: _movers,
        mut newest,
    } = fall_behind(&scene).await?;
    let failure = |diagnosis| {
        scene
            .failure(diagnosis)
            .sent("behind reads nothing while others talk and move, and then reads on".into())
    };
    let mut at = HashMap::new();
    let mut probe = None;
    let mut texts = HashSet::new();
    loop {
        if newest.is_empty() && probe.is_none() {
            // What is older must not come after this, either.
            let last = scene.position();
            scene.send(&mut left, last).await;
            probe = Some(last);
        }
        let heard = next_word(&mut behind, a_while(&scene)).await;
        if let Some(failure) = broken(&scene, &heard) {
            return Err(failure.into());
        }
        if heard == Heard::Silence {
            let missing = newest.len();
            return Err(failure(Diagnosis::NEWEST_LOST)
                .expected(format!("it hears where each of {MOVERS} others is now"))
                .came(format!("of {missing} it does not"))
                .into());
        }
        if let Some(words) = said(&heard)
            && !texts.insert(words.clone())
        {
            return Err(failure(Diagnosis::FRAME_TWICE)
                .expected("each text comes once, or not at all".into())
                .came(format!("the text that begins with {words} comes twice"))
                .into());
        }
        let Some(position) = scene.own_position(&heard) else {
            continue;
        };
        if Some(position) == probe {
            return Ok(());
        }
        if position.x == OWN {
            return Err(failure(Diagnosis::HEARS_ITSELF)
                .expected("it does not hear of its own move".into())
                .came(format!("it hears {position}"))
                .into());
        }
        let before = at.insert(position.x as u64, position.y);
        if before.is_some_and(|before| before > position.y) {
            return Err(failure(Diagnosis::GOES_BACK)
                .expected("after a position of a mover, it hears only newer ones".into())
                .came(format!("{position} comes after a newer one"))
                .into());
        }
        let x = position.x as u64;
        if newest.get(&x) == Some(&position.y) {
            newest.remove(&x);
        }
    }
}

/// The beginning of what somebody has said, which tells one text from another.
fn said(heard: &Heard) -> Option<String> {
    match heard {
        Heard::Event(name, arguments) if name == "say" => {
            let words = arguments.first()?.as_str()?;
            Some(words.chars().take_while(|c| *c != 'a').take(20).collect())
        }
        _ => None,
    }
}

/// One who is behind asks something: the answers come, and no frame begins inside of another.
pub async fn one_who_falls_behind_gets_its_answers(scene: Rc<Scene>) -> Outcome {
    let Behind {
        client: mut behind,
        mut left,
        movers: _movers,
        ..
    } = fall_behind(&scene).await?;
    let _ = behind.send(json!(["shout", "behind"]).to_string()).await;
    let ping = Message::Ping(OWN_PING);
    let _ = behind.send_frame(ping).await;
    // When this is heard, the two before it were read as well, and their answers have met what could not be written. But a
    // server may also read no more of one who takes nothing.
    let moved = scene.at(OWN, 2.0);
    scene.send(&mut behind, moved).await;
    let heard = scene.expect_at_last(&mut left, moved, Diagnosis::NOT_EVERYONE);
    let _ = timeout(READ_ON, heard).await;
    let (mut shout, mut pong) = (false, false);
    while !(shout && pong) {
        let heard = next_word(&mut behind, a_while(&scene)).await;
        if let Some(failure) = broken(&scene, &heard) {
            return Err(failure.into());
        }
        match heard {
            Heard::Event(..) => shout |= heard.holds("behind"),
            Heard::Pong(bytes) => pong |= bytes == OWN_PING,
            Heard::Silence => {
                return Err(scene
                    .failure(Diagnosis::ANSWER_LOST)
                    .sent(
                        "behind shouts and pings while it reads nothing, and then reads on".into(),
                    )
                    .expected("it hears [\"shout\",\"BEHIND\"] and its pong".into())
                    .came(unanswered(&scene, shout, pong))
                    .into());
            }
            _ => {}
        }
    }
    Ok(())
}

/// What came of the two that one who is behind has asked for.
fn unanswered(scene: &Scene, shout: bool, pong: bool) -> String {
    let waited = seconds(a_while(scene));
    match (shout, pong) {
        (true, _) => format!("the answer to its shout, and no pong frame after {waited}"),
        (_, true) => format!("its pong frame, and no answer to its shout after {waited}"),
        _ => format!("neither, in {waited}"),
    }
}

diagnoses! {
    LAST_WORD_LOST "last-word-lost":
        "A client that had fallen behind reads on, and its connection ends without a close frame. The frame still waited behind unread messages when the server dropped the connection."
        => "Look at what follows the close frame. Give the client a second to read it before you drop the socket, and write everything that waits before it within that second.";
    NEWEST_LOST "newest-lost":
        "A client that fell behind reads again, but does not hear where everybody is now. It missed the last position of a user who has not moved since."
        => "Keep the newest position of each user beside the queue. Send these positions to a client that has missed something, and after them only newer ones.";
    GOES_BACK "goes-back":
        "A client that fell behind hears a newer position of somebody first and an older one after it, so the marker jumps back."
        => "Send positions in the order in which they came. After the newest position of everybody, send nothing that was already in the queue.";
    SLOW_IS_DROPPED "slow-is-dropped":
        "A client that fell behind for a moment is disconnected before PATIENCE is over."
        => "Let the client miss outdated moves instead, and end its connection only when it takes nothing for PATIENCE.";
    FRAMES_MIXED "frames-mixed":
        "A client does not get valid frames: the network took only the beginning of a frame, and another frame was written before the rest."
        => "Keep the rest of the partly written frame, and write it before anything else, even before answers and pongs.";
    FRAME_TWICE "frame-twice":
        "A client that fell behind hears a text twice. The network took only a part of what was written, and the server then wrote some of it again."
        => "When the network takes only a part, keep the rest of the cut frame, and move the client's place behind that frame in the same moment.";
    ANSWER_LOST "answer-lost":
        "A client that fell behind has asked something, but gets no answer when it reads again."
        => "A newer message does not replace an answer: keep answers until the network takes them.";
}
