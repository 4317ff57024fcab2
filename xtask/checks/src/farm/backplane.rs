//! Step 17: what goes from one endpoint to the others, and what does not.

use std::time::Duration;

use farm::eavesdropper::{Eavesdropper, Heard as Overheard};
use tokio::time::{interval, timeout};
use wire::client::{Client, Heard};
use wire::position::Position;

use crate::farm::Farm;
use crate::scene::Scene;
use crate::{Diagnosis, Outcome};

/// A move reaches the users of every endpoint.
pub async fn a_move_reaches_every_endpoint(farm: &mut Farm) -> Outcome {
    let [mut one, mut two, mut three] = farm.one_at_each(["at 1", "at 2", "at 3"]).await?;
    let place = farm.at(0);
    let position = place.position();
    place.send(&mut one, position).await;
    for (at, client) in [(1, &mut two), (2, &mut three)] {
        let heard = place.expect_at_last(client, position, Diagnosis::UNKNOWN);
        if let Err(mut failure) = heard.await {
            failure.diagnosis = why_not_there(farm, &place, &mut one, client, at).await?;
            let sent = format!("at 1 moves: {}", place.frame(position));
            return Err(failure.sent(sent).into());
        }
    }
    Ok(())
}

/// Why a move of the first endpoint is not heard by `deaf`, a user of the one of this index.
///
/// It is made once more, while somebody listens at NATS, and while a neighbour of `deaf` does, who has another number.
async fn why_not_there(
    farm: &Farm,
    place: &Scene,
    one: &mut Client,
    deaf: &mut Client,
    at: usize,
) -> Result<Diagnosis, super::Failure> {
    let neighbour = format!("also at {}", at + 1);
    let mut neighbour = farm.at(at).settled_client(&neighbour).await?;
    let mut all = eavesdropper(farm).await?;
    let again = place.position();
    place.send(one, again).await;
    let hears = async |client| {
        let heard = place.expect_at_last(client, again, Diagnosis::UNKNOWN);
        heard.await.is_ok()
    };
    Ok(match hears(&mut neighbour).await {
        true if hears(deaf).await => Diagnosis::UNKNOWN,
        true => Diagnosis::SAME_NUMBER,
        // An endpoint may publish that nothing has happened, too: only rarely, and then this is half of the truth.
        false if matches!(all.next(Duration::ZERO).await, Ok(Some(_))) => Diagnosis::NOT_TOLD,
        false => Diagnosis::ONE_ENDPOINT_ONLY,
    })
}

/// The sender hears nothing of it from the backplane.
///
/// Its echo, if there is one, has left NATS before the move that answers it: so what the sender hears next tells.
pub async fn the_sender_hears_no_echo(farm: &mut Farm) -> Outcome {
    let [mut one, mut two, _three] = farm.one_at_each(["at 1", "at 2", "at 3"]).await?;
    let place = farm.at(0);
    let (there, back) = (place.position(), place.position());
    place.send(&mut one, there).await;
    place
        .expect_at_last(&mut two, there, Diagnosis::UNKNOWN)
        .await?;
    place.send(&mut two, back).await;
    let came = match place.next_position(&mut one).await {
        Ok(position) if position == back => return Ok(()),
        Ok(position) => position,
        Err(why) => {
            let failure = farm.failure(Diagnosis::UNKNOWN);
            return Err(failure.missing("at 1", back.to_string()).came(why).into());
        }
    };
    let diagnosis = match came == there {
        true => why_once_more(farm, there, Diagnosis::OWN_PUBLICATIONS_RELAYED).await?,
        false => Diagnosis::UNKNOWN,
    };
    let failure = farm.failure(diagnosis).due("at 1", back.to_string());
    let failure = failure.sent("at 1 moves, and when at 2 has heard it, at 2 moves".into());
    Err(failure
        .expected(format!(
            "at 1 hears {back}, the move of at 2, and nothing before"
        ))
        .came(came.to_string())
        .into())
}

/// Nobody hears it twice, at no endpoint.
pub async fn nobody_hears_it_twice(farm: &mut Farm) -> Outcome {
    let [mut one, mut two, mut three] = farm.one_at_each(["at 1", "at 2", "at 3"]).await?;
    let mut neighbour = farm.at(0).settled_client("also at 1").await?;
    let place = farm.at(0);
    let (there, back) = (place.position(), place.position());
    place.send(&mut one, there).await;
    place
        .expect_at_last(&mut two, there, Diagnosis::UNKNOWN)
        .await?;
    place.send(&mut two, back).await;
    for (client, twice) in [
        (&mut neighbour, Diagnosis::BOTH_COPIES_DELIVERED),
        (&mut three, Diagnosis::DUPLICATED),
    ] {
        for due in [there, back] {
            let came = place.next_position(client).await;
            let diagnosis = match (&came, due == back) {
                (Ok(came), _) if *came == due => continue,
                (Ok(came), true) if *came == there => why_once_more(farm, there, twice).await?,
                _ => Diagnosis::UNKNOWN,
            };
            let failure = farm.failure(diagnosis).due(&client.name, due.to_string());
            return Err(failure
                .sent("at 1 moves, and when at 2 has heard it, at 2 moves".into())
                .expected(format!("{} hears both moves, each once", client.name))
                .came(came.map_or_else(|why| why, |came| format!("{came}, once more")))
                .into());
        }
    }
    Ok(())
}

/// Why a move comes once more: because it goes round for ever, or `otherwise`.
///
/// It has been heard, and is not made again: if it still goes through NATS, the endpoints publish what they hear. Other
/// messages say nothing, for an endpoint may publish empty windows.
async fn why_once_more(
    farm: &Farm,
    made: Position,
    otherwise: Diagnosis,
) -> Result<Diagnosis, super::Failure> {
    let mut all = eavesdropper(farm).await?;
    let comes_by = async {
        while let Ok(Some(heard)) = all.next(farm.wait()).await {
            let text = String::from_utf8_lossy(&heard.payload);
            if [made.x, made.y]
                .iter()
                .all(|it| text.contains(&it.to_string()))
            {
                return Diagnosis::PASSED_ON;
            }
        }
        otherwise
    };
    Ok(timeout(farm.wait(), comes_by).await.unwrap_or(otherwise))
}

/// So many moves of each sender, in bursts of ten, so that the last one is the end of a window and not its beginning.
/// What comes of them at another endpoint may be less, and never the last.
const MOVES: u32 = 60;

/// Each sender's order holds, and its last move arrives.
pub async fn each_senders_order_holds(farm: &mut Farm) -> Outcome {
    let [mut one, mut two, mut three] = farm.one_at_each(["at 1", "at 2", "at 3"]).await?;
    let place = farm.at(2);
    let mut pace = interval(Duration::from_millis(20));
    for n in 1..=MOVES {
        if n % 10 == 1 {
            pace.tick().await;
        }
        place.send(&mut one, place.at(f64::from(n), 1.0)).await;
        place.send(&mut two, place.at(f64::from(n), 2.0)).await;
    }
    let mut newest = [0.0, 0.0];
    while newest != [f64::from(MOVES); 2] {
        let came = place.next_position(&mut three).await.map_err(|why| {
            let last = |y: f64| place.at(f64::from(MOVES), y).to_string();
            farm.failure(Diagnosis::WINDOW_LOSES_ITS_END)
                .sent(format!(
                    "at 1 and at 2 make {MOVES} moves each, x from 1 to {MOVES}"
                ))
                .expected(format!(
                    "at 3 hears {} and {} in the end",
                    last(1.0),
                    last(2.0)
                ))
                .came(format!(
                    "{why}; the newest was x = {} and {}",
                    newest[0], newest[1]
                ))
        })?;
        let sender = usize::from(came.y > 1.5);
        if came.x <= newest[sender] {
            return Err(farm
                .failure(Diagnosis::ORDER_LOST)
                .sent(format!(
                    "at {} makes {MOVES} moves, x from 1 to {MOVES}",
                    sender + 1
                ))
                .expected("at 3 hears them with x growing".into())
                .came(format!("{came}, after x = {}", newest[sender]))
                .into());
        }
        newest[sender] = came.x;
    }
    Ok(())
}

/// What is said reaches every endpoint, whole and in order.
pub async fn what_is_said_reaches_every_endpoint(farm: &mut Farm) -> Outcome {
    const TEXTS: u32 = 40;
    let [mut one, mut two, mut three] = farm.one_at_each(["at 1", "at 2", "at 3"]).await?;
    let place = farm.at(0);
    let text = |n: u32| format!("text {n} of {TEXTS}, \"süß\" \n and <b>");
    for n in 1..=TEXTS {
        let event = serde_json::json!(["say", text(n)]);
        let _ = one.send(event.to_string()).await;
        // Moves in between are not to push it out of the window.
        place.send(&mut one, place.position()).await;
    }
    for client in [&mut two, &mut three] {
        for n in 1..=TEXTS {
            let mut strange = None;
            let said = |heard: &Heard| match heard {
                Heard::Event(name, arguments) if name == "say" => {
                    let said = arguments.first()?.as_str()?.to_owned();
                    let is_ours = (1..=TEXTS).any(|n| said == text(n));
                    strange = (!is_ours).then(|| said.clone()).or(strange.take());
                    is_ours.then_some(said)
                }
                _ => None,
            };
            let came = place.hear(client, said).await;
            let came = came.map_err(|why| strange.unwrap_or(why));
            let diagnosis = match &came {
                Ok(came) if *came == text(n) => continue,
                Ok(came) if (1..n).any(|earlier| *came == text(earlier)) => Diagnosis::DUPLICATED,
                Ok(came) if (n..=TEXTS).any(|later| *came == text(later)) => Diagnosis::ORDER_LOST,
                _ => Diagnosis::SAY_STAYS_HERE,
            };
            return Err(farm
                .failure(diagnosis)
                .sent(format!("at 1 says {TEXTS} texts, one after the other"))
                .expected(format!("{} hears text {n} of {TEXTS} next", client.name))
                .came(came.unwrap_or_else(|why| why))
                .into());
        }
    }
    Ok(())
}

/// Moves travel in windows, not one by one.
pub async fn moves_travel_in_windows(farm: &mut Farm) -> Outcome {
    const USERS: u32 = 10;
    const ROUNDS: u32 = 50;
    let mut far = farm.at(1).settled_client("at 2").await?;
    let place = farm.at(0);
    let mut movers = Vec::new();
    for n in 1..=USERS {
        movers.push(place.settled_client(&format!("mover {n} at 1")).await?);
    }
    let before = farm.nats.counts().await.unwrap_or_default();
    // Hands do not move at the same moment. If they did, one message would carry all of them, with a window or without.
    let mut next = interval(Duration::from_millis(16) / USERS);
    for x in 1..=ROUNDS {
        for (y, mover) in movers.iter_mut().enumerate() {
            next.tick().await;
            place.send(mover, place.at(f64::from(x), y as f64)).await;
        }
    }
    // When the last is there, all that was published is counted.
    let mut last: Vec<f64> = (0..USERS).map(f64::from).collect();
    let is_last = |heard: &Heard| {
        let position = heard.position().filter(|it| it.x == f64::from(ROUNDS))?;
        last.retain(|y| *y != position.y);
        last.is_empty().then_some(())
    };
    let heard = place.hear(&mut far, is_last).await;
    heard.map_err(|why| farm.failure(Diagnosis::WINDOW_LOSES_ITS_END).came(why))?;
    let Some(after) = farm.nats.counts().await else {
        return Ok(());
    };
    let (moves, messages) = (u64::from(USERS * ROUNDS), after.came - before.came);
    if messages * 2 > moves {
        return Err(farm
            .failure(Diagnosis::A_MESSAGE_A_MOVE)
            .sent(format!(
                "{USERS} users at 1 make {ROUNDS} moves each, 60 a second"
            ))
            .expected(format!("far fewer messages to NATS than {moves} moves"))
            .came(format!("{messages} messages"))
            .into());
    }
    Ok(())
}

/// No user chooses the subject.
pub async fn the_subject_is_nobodys_to_choose(farm: &mut Farm) -> Outcome {
    let mut all = eavesdropper(farm).await?;
    let [mut one, mut two, _three] = farm.one_at_each(["at 1", "at 2", "at 3"]).await?;
    let place = farm.at(0);
    let word = place.random(|random| format!("w{:08x}", random.u32(..)));
    let position = place.position();
    let sent = [
        serde_json::json!(["say", word]),
        serde_json::json!([word, word]),
        serde_json::json!(["spy", position.x, position.y, word]),
    ];
    for event in &sent {
        let _ = one.send(event.to_string()).await;
    }
    place.send(&mut one, position).await;
    place
        .expect_at_last(&mut two, position, Diagnosis::UNKNOWN)
        .await?;
    while let Ok(Some(heard)) = all.next(Duration::from_millis(100)).await {
        if heard.subject.contains(&word) {
            return Err(farm
                .failure(Diagnosis::SUBJECT_FROM_USER_INPUT)
                .sent(format!("at 1 says {word}, and sends an event of that name"))
                .expected("a subject that the program names, whatever users send".into())
                .came(format!("a message to the subject {}", heard.subject))
                .into());
        }
    }
    Ok(())
}

/// Nonsense on the backplane stops no endpoint.
pub async fn nonsense_on_it_stops_nobody(farm: &mut Farm) -> Outcome {
    let mut all = eavesdropper(farm).await?;
    let [mut one, mut two, mut three] = farm.one_at_each(["at 1", "at 2", "at 3"]).await?;
    let place = farm.at(0);
    moves(&place, &mut one, &mut two, Diagnosis::UNKNOWN).await?;
    let mut subjects = Vec::new();
    while let Ok(Some(heard)) = all.next(Duration::from_millis(100)).await {
        subjects.push(heard.subject);
    }
    subjects.dedup();
    for subject in &subjects {
        let long = "x".repeat(200_000);
        for nonsense in [
            &b"\xff\xfe"[..],
            b"",
            b"[",
            b"nonsense\n\n7",
            long.as_bytes(),
        ] {
            let published = all.publish(subject, nonsense).await;
            published
                .map_err(|error| farm.failure(Diagnosis::UNKNOWN).came(format!("{error:#}")))?;
        }
    }
    // What was published before has been heard before.
    for client in [&mut two, &mut three] {
        let position = moves(&place, &mut one, client, Diagnosis::NONSENSE_STOPS_IT).await;
        position.map_err(|failure| {
            failure.sent(
                "somebody publishes a message that is not from the farm; then at 1 moves".into(),
            )
        })?;
    }
    Ok(())
}

/// What went over the backplane when at 1 moved, as it was published.
async fn overheard(farm: &Farm, all: &mut Eavesdropper) -> Result<Vec<Overheard>, super::Failure> {
    let mut windows = Vec::new();
    while let Ok(Some(heard)) = all.next(Duration::from_millis(100)).await {
        windows.push(heard);
    }
    match windows.is_empty() {
        true => Err(farm
            .failure(Diagnosis::UNKNOWN)
            .came("nothing went over the backplane".into())),
        false => Ok(windows),
    }
}

/// What no browser can have caused is told to nobody, whoever publishes it.
///
/// It looks as much as possible like what the endpoints publish: their own windows, with another event's name, and with JSON
/// that is none.
pub async fn what_strangers_publish_is_not_told(farm: &mut Farm) -> Outcome {
    let mut all = eavesdropper(farm).await?;
    let [mut one, mut two, _three] = farm.one_at_each(["at 1", "at 2", "at 3"]).await?;
    let place = farm.at(0);
    moves(&place, &mut one, &mut two, Diagnosis::UNKNOWN).await?;
    for window in overheard(farm, &mut all).await? {
        for (old, new) in [("\"spy\"", "\"hax\""), ("}]", "})")] {
            let forged = replaced(&window.payload, old.as_bytes(), new.as_bytes());
            let published = all.publish(&window.subject, &forged).await;
            published
                .map_err(|error| farm.failure(Diagnosis::UNKNOWN).came(format!("{error:#}")))?;
        }
    }
    // What was published before has been heard before.
    let position = place.position();
    place.send(&mut one, position).await;
    loop {
        let came = match two.hear(place.wait()).await {
            heard if heard.position() == Some(position) => return Ok(()),
            Heard::Event(name, _) if name == "hax" => "the event `hax`".into(),
            Heard::Text(text) => format!("a text that is not an event: {text}"),
            Heard::Silence => {
                return Err(farm
                    .failure(Diagnosis::UNKNOWN)
                    .came(place.nothing())
                    .into());
            }
            Heard::Ended(how) => return Err(farm.failure(Diagnosis::UNKNOWN).came(how).into()),
            _ => continue,
        };
        return Err(farm
            .failure(Diagnosis::BACKPLANE_NOT_LOOKED_AT)
            .sent("somebody publishes a window of the farm's with another event in it, and one that is not JSON".into())
            .expected("at 2 hears nothing of either".into())
            .came(came)
            .into());
    }
}

/// These bytes with others in place of some, as many.
fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(old.len()).position(|it| it == old) {
        bytes[at + found..][..old.len()].copy_from_slice(new);
        at += found + old.len();
    }
    bytes
}

/// What has waited for more than five seconds is told to nobody: a NATS that hung hands over all of it at once.
pub async fn what_is_old_is_not_told(farm: &mut Farm) -> Outcome {
    const OLD: Duration = Duration::from_millis(5_500);
    let mut all = eavesdropper(farm).await?;
    let [mut one, mut two, _three] = farm.one_at_each(["at 1", "at 2", "at 3"]).await?;
    let place = farm.at(0);
    let old = moves(&place, &mut one, &mut two, Diagnosis::UNKNOWN).await?;
    let windows = overheard(farm, &mut all).await?;
    tokio::time::sleep(OLD).await;
    for window in windows {
        let published = all.publish(&window.subject, &window.payload).await;
        published.map_err(|error| farm.failure(Diagnosis::UNKNOWN).came(format!("{error:#}")))?;
    }
    let position = place.position();
    place.send(&mut one, position).await;
    loop {
        match place.next_position(&mut two).await {
            Ok(came) if came == position => return Ok(()),
            Ok(came) if came == old => {
                return Err(farm
                    .failure(Diagnosis::OLD_WINDOW_TOLD)
                    .sent("what an endpoint has published comes once more, more than five seconds later".into())
                    .expected("at 2 hears nothing of it".into())
                    .came(came.to_string())
                    .into());
            }
            Ok(_) => {}
            Err(why) => return Err(farm.failure(Diagnosis::UNKNOWN).came(why).into()),
        }
    }
}

/// One moves, and the other hears it.
async fn moves(
    place: &Scene,
    from: &mut Client,
    to: &mut Client,
    otherwise: Diagnosis,
) -> Result<Position, super::Failure> {
    let position = place.position();
    place.send(from, position).await;
    place.expect_at_last(to, position, otherwise).await?;
    Ok(position)
}

async fn eavesdropper(farm: &Farm) -> Result<Eavesdropper, super::Failure> {
    let all = Eavesdropper::at(&farm.nats.place).await;
    all.map_err(|error| farm.failure(Diagnosis::UNKNOWN).came(format!("{error:#}")))
}

diagnoses! {
    ONE_ENDPOINT_ONLY "one-endpoint-only":
        "A move reaches only users of the same endpoint, because the endpoint publishes nothing to the backplane."
        => "If NATS_URL is set, start a task that connects to it and publishes the window.";
    NOT_TOLD "not-told":
        "The endpoint publishes a move, but no user of another endpoint hears it: nothing reads from the backplane."
        => "Subscribe to the subject that you publish to, and send what comes to your own users.";
    SAME_NUMBER "same-number":
        "A move comes to the other endpoint. There a neighbour hears it, but one user does not. The endpoint leaves out the sender by its number, and this user has the same number."
        => "Each endpoint counts its users from the same number. Let yours begin somewhere else, for example at a random number.";
    SAY_STAYS_HERE "say-stays-here":
        "Moves reach the other endpoints, but what somebody says does not, or not all of it. A newer text does not replace an older one."
        => "Put every text of a window into its message; of the moves, put in only the newest of each sender.";
    OWN_PUBLICATIONS_RELAYED "own-publications-relayed":
        "The sender hears its own move. NATS sends a message to all subscribers, also to its publisher, and this endpoint relays its own message as if another endpoint had sent it."
        => "Look at how the endpoint connects, or at what it does with a message that carries its own number. It must ignore its own messages.";
    BOTH_COPIES_DELIVERED "both-copies-delivered":
        "The neighbours at the same endpoint hear a move twice: once from the endpoint itself, and again when it comes back from the backplane."
        => "Look at how the endpoint connects. Its own users have already heard what it publishes, so it must ignore its own messages.";
    PASSED_ON "passed-on":
        "An endpoint publishes what it hears from the backplane. The next endpoint does the same, so a move goes round for ever."
        => "Look at what the endpoint does with a message from the backplane: send it to its own users only. Publish only what its own users send.";
    ORDER_LOST "order-lost":
        "Another endpoint gets the messages of one sender in the wrong order. NATS keeps the order of one connection, so the order was lost before or after it."
        => "Publish from one task, one window after the other, and keep the order inside a window.";
    WINDOW_LOSES_ITS_END "window-loses-its-end":
        "A burst of moves reaches another endpoint without its last move, so the marker there stays where nobody is."
        => "In a window, a newer move of a sender has to replace the older one, never the other way round.";
    A_MESSAGE_A_MOVE "a-message-a-move":
        "The endpoint publishes a message for each move, and each message goes to every other endpoint. Ten endpoints with a thousand users each would have no time for anything else."
        => "Gather for about 10 ms, and publish the newest move of each sender in one message.";
    SUBJECT_FROM_USER_INPUT "subject-from-user-input":
        "A part of the subject comes from what a user sends. So this user chooses who hears it, and can make NATS keep any number of subjects."
        => "Publish everything to one subject that is a constant in the program.";
    NONSENSE_STOPS_IT "nonsense-stops-it":
        "After a message that no endpoint sent, this endpoint tells its users nothing more from the backplane."
        => "Skip what you cannot read, and go on to the next message.";
    BACKPLANE_NOT_LOOKED_AT "backplane-not-looked-at":
        "The endpoint passes on whatever comes from the backplane, even what no user can have sent: another event, or text that is not JSON. So anybody who reaches NATS can say anything to everybody."
        => "Check each line before you pass it on. It may hold only what one of your own users could have sent, and no more bytes than a message may have.";
    OLD_WINDOW_TOLD "old-window-told":
        "The endpoint passes on a window that is more than five seconds old. If NATS or an endpoint hangs for a while, users then get everything that waited, at once."
        => "Look at what a window holds: without a time in it, nobody can tell that it is old.";
}
