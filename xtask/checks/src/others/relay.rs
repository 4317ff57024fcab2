//! The spy's way: one move, from a client through the server to all the others.

use std::rc::Rc;

use futures::future::join_all;
use serde_json::Value;
use wire::client::{Client, Heard};
use wire::position::{Position, Up};

use crate::report::Failure;
use crate::scene::instead::{Instead, described, holds_null, is_by_hand};
use crate::socket::ping_and_close::is_served;
use crate::{Diagnosis, Outcome, Scene};

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
    let (mut echoed, mut ended, mut error) = (false, false, None);
    while let Some(heard) = left.heard_already() {
        echoed |= about(&heard, two) || about(&heard, one);
        ended = matches!(heard, Heard::Ended(_));
        error = error.or(refusal(&heard));
        if ended {
            break;
        }
    }
    if found.is_err() && ended {
        // It may be the form that this program does not take that ended the connection: the other one alone, then.
        left = scene.settled_client("left").await?;
        let _ = left.send(one.frame(Up::Object)).await;
        found = reached(&scene, &mut right, two, one).await;
    }
    let came = match found {
        Ok(up) => {
            let _ = scene.context.up.set(up);
            return Ok(());
        }
        Err(instead) => instead,
    };
    if came.stand_in("spy").is_some() {
        let _ = scene
            .context
            .up
            .set(form_taken(&scene, &mut left, &mut right).await);
        return Ok(());
    }
    let mut failure = scene
        .failure(Diagnosis::NOTHING_RELAYED)
        .missing("right", two.to_string())
        .sent(format!("left moves: {}", two.frame(Up::TwoValues)))
        .expected(format!("right hears {two}"))
        .came(with_refusal(format!("right hears {came}"), "left", error));
    failure.diagnosis = match (echoed, scene.context.mentions("\"spy\"")) {
        (true, _) => Diagnosis::ECHO_ONLY,
        (false, false) => Diagnosis::EVENT_NOT_HANDLED,
        _ if scene.relays_at_last(&mut left, &mut right).await => Diagnosis::MOVES_LOST,
        _ => Diagnosis::NOTHING_RELAYED,
    };
    Err(failure.into())
}

/// Which form leads to a frame at the other, where no frame that came holds the numbers that were sent.
async fn form_taken(scene: &Scene, left: &mut Client, right: &mut Client) -> Up {
    let _ = left.send(scene.position().frame(Up::TwoValues)).await;
    let nothing = |_: &Heard| None::<()>;
    match scene.look_for(right, nothing).await {
        Err(instead) if instead.stand_in("spy").is_some() => Up::TwoValues,
        _ => Up::Object,
    }
}

/// The event `error` that a server answers with what it does not take.
pub fn refusal(heard: &Heard) -> Option<String> {
    let is_error = matches!(heard, Heard::Event(name, _) if name == "error");
    is_error.then(|| heard.in_words())
}

/// What came to one client, and the error that the sender has got for what it sent.
pub fn with_refusal(came: String, sender: &str, error: Option<String>) -> String {
    match error {
        Some(error) => format!("{came}; and {sender} hears {error}"),
        None => came,
    }
}

/// Which of the two positions something comes of in time, and so which form this program takes.
async fn reached(
    scene: &Scene,
    client: &mut Client,
    two: Position,
    one: Position,
) -> Result<Up, Instead> {
    let form = |heard: &Heard| match heard {
        heard if about(heard, two) => Some(Up::TwoValues),
        heard if about(heard, one) => Some(Up::Object),
        _ => None,
    };
    scene.look_for(client, form).await
}

/// Whether a frame holds both numbers of the position, in whatever form.
pub fn about(heard: &Heard, position: Position) -> bool {
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
    let mut nearest = None;
    let arrived = |heard: &Heard| {
        if about(heard, position) && nearest.is_none() {
            nearest = Some((heard.clone(), scene.transcript.last_heard("right")));
        }
        (heard.position() == Some(position)).then_some(())
    };
    let Err(came) = scene.look_for(&mut right, arrived).await else {
        return Ok(());
    };
    let stand_in = || {
        let heard = came.stand_in("spy")?.clone();
        Some((heard, scene.transcript.last_heard("right")))
    };
    let failure = match nearest.or_else(stand_in) {
        Some((heard, entry)) => scene
            .failure(wrong_form(&heard, position))
            .wrong(entry, Some(position.to_string().into()))
            .came(format!("right hears {}", described(&heard))),
        None => scene
            .failure(Diagnosis::UNKNOWN)
            .missing("right", position.to_string())
            .came(format!("right hears {came}")),
    };
    Err(failure
        .sent(format!("left moves: {}", scene.frame(position)))
        .expected(format!("right hears {position}"))
        .into())
}

/// What is wrong with a frame that came for a position, and is not as it should be.
fn wrong_form(heard: &Heard, position: Position) -> Diagnosis {
    let (name, arguments) = match heard {
        Heard::Event(name, arguments) => (name, arguments.as_slice()),
        Heard::Binary(_) => return Diagnosis::BINARY_FRAME,
        Heard::Text(text) if is_by_hand(text) => return Diagnosis::ANSWER_BY_HAND,
        _ => return Diagnosis::WRONG_SHAPE,
    };
    let swapped = Position {
        x: position.y,
        y: position.x,
        ..position
    };
    let as_text = |key: &str, value: f64| {
        let found = arguments
            .first()
            .and_then(|object| object.get(key))
            .and_then(Value::as_str);
        found.is_some_and(|text| text.parse() == Ok(value))
    };
    if name != "spy" {
        Diagnosis::WRONG_EVENT_NAME
    } else if holds_null(heard) {
        Diagnosis::BECOMES_NULL
    } else if Position::of(name, arguments) == Some(swapped) {
        Diagnosis::XY_SWAPPED
    } else if matches!(arguments, [x, y, ..] if x.is_number() && y.is_number()) {
        Diagnosis::TWO_VALUES
    } else if as_text("x", position.x) && as_text("y", position.y)
        || Position::of(name, arguments).is_some()
    {
        Diagnosis::VALUES_CHANGED
    } else {
        Diagnosis::WRONG_SHAPE
    }
}

/// Zero, negative, fractional and large numbers arrive as they were sent.
pub async fn the_numbers_arrive_unchanged(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let drawn = scene.position();
    let positions = [
        scene.at(0.0, 0.0),
        scene.at(-drawn.x, drawn.y),
        // Sums of powers of two, and few digits: numbers that every reader of JSON reads the same.
        scene.at(drawn.x + 0.5, drawn.y + 0.125),
        scene.at(4_294_967_296.0 + drawn.x, -8_796_093_022_208.0),
    ];
    for position in positions {
        scene.send(&mut left, position).await;
        let is_it = |heard: &Heard| (heard.position() == Some(position)).then_some(());
        let Err(instead) = scene.look_for(&mut right, is_it).await else {
            continue;
        };
        let diagnosis = match instead.stand_in("spy") {
            Some(heard) if holds_null(heard) => Diagnosis::BECOMES_NULL,
            Some(_) => Diagnosis::VALUES_CHANGED,
            None => Diagnosis::NOTHING_RELAYED,
        };
        let mut heard = std::iter::from_fn(|| left.heard_already()).take(10);
        let error = heard.find_map(|heard| refusal(&heard));
        let came = with_refusal(format!("right hears {instead}"), "left", error);
        return Err(scene
            .failure(diagnosis)
            .due("right", position.to_string())
            .sent(format!("left moves: {}", scene.frame(position)))
            .expected(format!("right hears {position}"))
            .came(came)
            .into());
    }
    Ok(())
}

/// The sender hears nothing of its own move: what it hears first is the other's.
pub async fn the_sender_hears_nothing(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let (own, others) = (scene.position(), scene.position());
    let does = scene.event.get().verb();
    scene.send(&mut left, own).await;
    scene.expect(&mut right, own, Diagnosis::UNKNOWN).await?;
    scene.send(&mut right, others).await;
    match scene.next_position(&mut left).await {
        Ok(position) if position == others => Ok(()),
        Ok(position) if position == own => Err(scene
            .failure(Diagnosis::HEARS_ITSELF)
            .wrong(scene.transcript.last_heard("left"), None)
            .sent(format!("left {does} {own}, then right {does} {others}"))
            .expected(format!("the first that left hears is {others}"))
            .came(format!("{position}, which it sent itself"))
            .into()),
        heard => Err(scene
            .failure(Diagnosis::NOT_EVERYONE)
            .due("left", others.to_string())
            .sent(format!("left {does}, then right {does} {others}"))
            .expected(format!("left hears {others}"))
            .came(heard.map_or_else(|why| why, |position| position.to_string()))
            .into()),
    }
}

/// Of three and of fifty clients, each of the others hears a move.
pub async fn every_other_client_hears_it(scene: Rc<Scene>) -> Outcome {
    /// So many of those that hear nothing are named.
    const MARKED: usize = 5;
    let mut mover = scene.settled_client("client 1").await?;
    let mut others: Vec<Client> = Vec::new();
    for size in [3, 50] {
        while others.len() < size - 1 {
            let name = format!("client {}", others.len() + 2);
            others.push(scene.settled_client(&name).await?);
        }
        let position = scene.position();
        scene.send(&mut mover, position).await;
        let hear = |other| scene.expect_at_last(other, position, Diagnosis::NOT_EVERYONE);
        let heard = join_all(others.iter_mut().map(hear)).await;
        let deaf: Vec<&str> = others
            .iter()
            .zip(&heard)
            .filter(|(_, heard)| heard.is_err())
            .map(|(other, _)| other.name.as_str())
            .collect();
        if !deaf.is_empty() {
            let some = deaf
                .iter()
                .take(MARKED)
                .copied()
                .collect::<Vec<_>>()
                .join(", ");
            let more = if deaf.len() > MARKED { ", …" } else { "" };
            let missing =
                |failure: Failure, name: &&str| failure.missing(name, position.to_string());
            let failure = scene.failure(Diagnosis::NOT_EVERYONE);
            return Err(deaf
                .iter()
                .take(MARKED)
                .fold(failure, missing)
                .sent(format!(
                    "{size} clients are connected, client 1 {}: {position}",
                    scene.event.get().verb()
                ))
                .expected(format!("all {} others hear it", size - 1))
                .came(format!(
                    "it does not come to {} of them: {some}{more}",
                    deaf.len()
                ))
                .into());
        }
    }
    Ok(())
}

/// A client that connects when another one has moved already hears the next move.
///
/// There are no more than the two: whether a move reaches more than one other is the next check's question.
pub async fn a_late_joiner_hears_it(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.settled_client("left").await?;
    let (first, second) = (scene.position(), scene.position());
    let does = scene.event.get().verb();
    scene.send(&mut left, first).await;
    // An answer to what comes after the move shows that the move was taken.
    is_served(&scene, &mut left, Diagnosis::UNKNOWN).await?;
    let mut late = scene.client("late", Diagnosis::LATE_JOINER_MISSED).await?;
    is_served(&scene, &mut late, Diagnosis::LATE_JOINER_MISSED).await?;
    scene.send(&mut left, second).await;
    // A program may greet a newcomer with the last position that it knows.
    let heard = match scene.next_position(&mut late).await {
        Ok(position) if position == first => scene.next_position(&mut late).await,
        heard => heard,
    };
    if heard == Ok(second) {
        return Ok(());
    }
    let failure = scene.failure(Diagnosis::LATE_JOINER_MISSED);
    let failure = match heard {
        Ok(_) => failure.due("late", second.to_string()),
        Err(_) => failure.missing("late", second.to_string()),
    };
    Err(failure
        .sent(format!(
            "left {does}, then late connects, then left {does} {second}"
        ))
        .expected(format!("late hears {second}"))
        .came(heard.map_or_else(|why| why, |position| position.to_string()))
        .into())
}

diagnoses! {
    EVENT_NOT_HANDLED "event-not-handled":
        "The server does not know the event: no line of the program mentions \"spy\", so the server ignores it like any unknown event."
        => "Add an arm for \"spy\" to the match on the event's name, next to the arm for \"say\".";
    NOTHING_RELAYED "nothing-relayed":
        "The event reaches the server, and nothing goes out to the other client."
        => "Follow the event from where \"spy\" is matched: does its arm match any two numbers, and does it send to the others?";
    ECHO_ONLY "echo-only":
        "The event goes back to its sender, and to nobody else: that is an echo, not a broadcast."
        => "Send it to every client except the sender. Do not return it as the answer.";
    HEARS_ITSELF "hears-itself":
        "The event goes to everyone, also to the sender. The sender knows what it sent; its page shows what the others send."
        => "Leave the sender out: compare each client's id with the sender's.";
    NOT_EVERYONE "not-everyone":
        "Some of the other clients get the event, and some do not."
        => "Send the event to all the other clients, not only to the first or the last one, and make sure that the list loses none.";
    LATE_JOINER_MISSED "late-joiner-missed":
        "A client that connects after the first event hears nothing: the program seems to make its list of clients only once."
        => "Look the clients up when an event comes, and add each client when it connects.";
    TWO_VALUES "two-values":
        "x and y arrive as two values. The page's function takes one object with both, so it finds no x in the number that it gets."
        => "Compare what the server sends to the pages with the contract in the README. How many values come after the name?";
    WRONG_SHAPE "wrong-shape":
        "The position arrives, but not as one object with the properties x and y."
        => "Compare what the server sends to the pages with the contract in the README, bracket by bracket.";
    WRONG_EVENT_NAME "wrong-event-name":
        "The event arrives under another name than it was sent under, and the page listens for the old name."
        => "Look at the name under which the event is sent on: it must be the name under which it came.";
    XY_SWAPPED "x-y-swapped":
        "x arrives as y, and y as x."
        => "Compare the order in two places: where you take the event's arguments, and where you build the object.";
    VALUES_CHANGED "values-changed":
        "The position arrives changed: something rounds the numbers, cuts them, or makes them text on the way."
        => "Look at the type of the numbers on the way: they have to go on unchanged, with their fractions.";
    BECOMES_NULL "becomes-null":
        "A value changes on the way: null arrives in its place. A conversion has failed, because serde_json writes null for None and for NaN. as_i64() gives None for a fraction, as_u64() for a negative number, and as_str() for a number."
        => "Find the conversion between the event that comes and the event that you send: the value must not change.";
    MOVES_LOST "moves-lost":
        "Moves get lost: some of a person's moves, or the last one of a burst, and then the marker stays where the mouse no longer is."
        => "See what happens to a move that comes right after another: is there room for it to wait, and is the newest one kept?";
}
