//! How many are online: one number that all connections share. It goes up when a client comes, and down however it goes.
//!
//! The number may lag by two seconds, so a client asks until it is told the right one. A right program is asked once. That
//! a program tells its count unasked, to whomever it likes, is nobody's business here: the newest number counts.

use std::rc::Rc;
use std::time::Duration;

use futures::future::{join_all, try_join_all};
use serde_json::Value;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use wire::client::{Client, Heard};

use crate::report::Failure;
use crate::scene::instead::{Instead, is_by_hand};
use crate::scene::unasked::ASKED;
use crate::{Diagnosis, Outcome, Scene};

/// The frame that asks.
const ASK: &str = r#"["online"]"#;

/// No count is as large: what a number without a sign is below zero, is.
const MOST: f64 = 4_000_000_000.0;

/// What a client is told that asks.
#[derive(Debug, Clone, PartialEq)]
enum Told {
    Number(f64),
    /// An event without a number, or an error, as its text.
    Event(String),
    /// Nothing in time, or the end of the connection, in words.
    Else(String),
    /// The answer in another form: what is wrong with it, and all that came, in words.
    Another(Diagnosis, String),
    /// A number that no count is: one below zero, or what a number without a sign is then. As it came.
    BelowZero(String),
}

impl Told {
    /// What an event tells of who is online. Where parsing or matching fails the answer is an error, and nothing else comes.
    fn of(heard: &Heard) -> Option<Told> {
        let Heard::Event(name, arguments) = heard else {
            return None;
        };
        let number = arguments.first().and_then(Value::as_f64);
        match (name.as_str(), number) {
            ("online", Some(number)) if !(0.0..MOST).contains(&number) => {
                Some(Told::BelowZero(heard.in_words()))
            }
            ("online", Some(number)) => Some(Told::Number(number)),
            ("online" | "error", _) => Some(Told::Event(heard.in_words())),
            _ => None,
        }
    }
}

impl Scene {
    /// Asks once. What it was told before may still be on its way, so the newest number counts that comes before the answer
    /// to a shout.
    async fn ask_online(&self, client: &mut Client) -> Told {
        let _ = client.send(ASK).await;
        let mut has_shouted = self.context.answers_no_shout.get();
        let word = match has_shouted {
            true => None,
            false => Some(self.shouts(client).await),
        };
        let mut newest = None;
        let told = |heard: &Heard| {
            has_shouted |= word.as_ref().is_some_and(|word| heard.holds(word));
            newest = match (Told::of(heard), newest.take()) {
                (Some(Told::Event(_)) | None, Some(before)) => Some(before),
                (told, _) => told,
            };
            (has_shouted && newest.is_some()).then_some(())
        };
        let heard = self.look_for(client, told).await;
        match (heard, newest) {
            (heard, Some(newest)) => {
                // Another check asks for the answer to a shout: from here on this one does without.
                let context = &self.context;
                context
                    .answers_no_shout
                    .set(heard.is_err() || word.is_none());
                newest
            }
            (Err(mut instead), None) => {
                let is_shout = |heard: &Heard| word.as_ref().is_some_and(|it| heard.holds(it));
                instead.came.retain(|heard| !is_shout(heard));
                match another_form(&instead) {
                    Some(diagnosis) => Told::Another(diagnosis, instead.to_string()),
                    None => Told::Else(instead.to_string()),
                }
            }
            (Ok(()), None) => unreachable!("it was told something"),
        }
    }

    /// Asks until the number is `expected`, for a little longer than the number may lag.
    async fn counts(&self, client: &mut Client, expected: usize) -> Result<(), Told> {
        let within = self.wait().mul_f64(1.25);
        self.counts_within(client, expected, within).await
    }

    async fn counts_within(
        &self,
        client: &mut Client,
        expected: usize,
        within: Duration,
    ) -> Result<(), Told> {
        let deadline = Instant::now() + within;
        let mut pause = Duration::from_millis(10);
        loop {
            match self.ask_online(client).await {
                Told::Number(number) if number == expected as f64 => return Ok(()),
                // An error may be about something else.
                Told::Number(_) | Told::BelowZero(_) | Told::Event(_)
                    if Instant::now() < deadline => {}
                told => return Err(told),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }

    /// Holds that the number is `expected`; where it is another one, `wrong` names the cause.
    async fn expect_online(
        &self,
        client: &mut Client,
        expected: usize,
        done: &str,
        wrong: impl Fn(f64) -> Diagnosis,
    ) -> Result<(), Failure> {
        match self.counts(client, expected).await {
            Ok(()) => Ok(()),
            Err(told) => Err(self.miscounted(client, expected, done, told, wrong)),
        }
    }

    /// Holds that the number is `expected` before `within` has passed; where it is another one, `wrong` names the cause.
    pub(crate) async fn counts_soon(
        &self,
        client: &mut Client,
        expected: usize,
        within: Duration,
        done: &str,
        wrong: impl Fn(f64) -> Diagnosis,
    ) -> Result<(), Failure> {
        let counted = self.counts_within(client, expected, within).await;
        counted.map_err(|told| self.miscounted(client, expected, done, told, wrong))
    }

    fn miscounted(
        &self,
        client: &Client,
        expected: usize,
        done: &str,
        told: Told,
        wrong: impl Fn(f64) -> Diagnosis,
    ) -> Failure {
        let (diagnosis, came) = match told {
            Told::Number(number) => (wrong(number), format!("[\"online\",{number}]")),
            Told::Event(came) | Told::Else(came) => (Diagnosis::UNKNOWN, came),
            Told::Another(diagnosis, came) => (diagnosis, came),
            Told::BelowZero(came) => (Diagnosis::BELOW_ZERO, came),
        };
        self.failure(diagnosis)
            .due(&client.name, format!("[\"online\",{expected}]"))
            .sent(format!("{done}; {} asks: {ASK}", client.name))
            .expected(format!("{} is told [\"online\",{expected}]", client.name))
            .came(came)
    }
}

/// What is wrong with what came in place of the answer, where it is one. An event of another name is one only where it says
/// nothing but a number, and comes once: a server may tell more than it is asked.
fn another_form(instead: &Instead) -> Option<Diagnosis> {
    match instead.stand_in("online") {
        Some(Heard::Binary(_)) => return Some(Diagnosis::BINARY_FRAME),
        Some(Heard::Text(text)) if is_by_hand(text) => return Some(Diagnosis::ANSWER_BY_HAND),
        Some(_) => return Some(Diagnosis::ONLINE_ANOTHER_FORM),
        None => {}
    }
    match instead.came.as_slice() {
        [Heard::Event(_, arguments)] if matches!(arguments.as_slice(), [Value::Number(_)]) => {
            Some(Diagnosis::ONLINE_ANOTHER_FORM)
        }
        _ => None,
    }
}

/// One client alone is told 1, however often it asks.
pub async fn one_alone_is_told_one(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.settled_client("left").await?;
    for _ in 0..2 {
        let Err(told) = scene.counts(&mut left, 1).await else {
            continue;
        };
        let handled = scene.context.mentions("\"online\"");
        let (diagnosis, came) = match told {
            Told::Number(alone) => {
                let mut right = scene.settled_client("right").await?;
                let together = scene.ask_online(&mut right).await;
                let diagnosis = match (alone, together) {
                    (0.0, Told::Number(0.0)) => Diagnosis::ONLINE_NOT_COUNTED,
                    (0.0, _) => Diagnosis::ONLINE_WITHOUT_THE_ASKER,
                    _ => Diagnosis::ONLINE_STARTS_WRONG,
                };
                (diagnosis, format!("[\"online\",{alone}]"))
            }
            Told::Another(diagnosis, came) => (diagnosis, came),
            Told::BelowZero(came) => (Diagnosis::BELOW_ZERO, came),
            Told::Event(came) if came.starts_with("[\"online\"") => {
                (Diagnosis::ONLINE_NOT_A_NUMBER, came)
            }
            Told::Event(came) | Told::Else(came) => match handled {
                true => (Diagnosis::ONLINE_UNANSWERED, came),
                false => (Diagnosis::ONLINE_NOT_HANDLED, came),
            },
        };
        return Err(scene
            .failure(diagnosis)
            .due("left", r#"["online",1]"#)
            .sent(format!("left, alone, asks: {ASK}"))
            .expected("left is told [\"online\",1]".into())
            .came(came)
            .into());
    }
    Ok(())
}

/// With three connected, each of them is told 3.
pub async fn each_of_three_is_told_three(scene: Rc<Scene>) -> Outcome {
    let mut clients = scene.clients(["left", "middle", "right"]).await?;
    let mut asking = clients.each_mut().into_iter();
    let first_wrong = loop {
        let Some(client) = asking.next() else {
            return Ok(());
        };
        if let Err(told) = scene.counts(client, 3).await {
            break (client, told);
        }
    };
    let (client, told) = first_wrong;
    // The others' answers tell a number for each connection from one that was copied when the client came.
    let mut all = vec![told.clone()];
    for other in asking {
        all.push(scene.ask_online(other).await);
    }
    let numbers: Vec<f64> = all
        .iter()
        .filter_map(|told| match told {
            Told::Number(number) => Some(*number),
            _ => None,
        })
        .collect();
    let diagnosis = |_: f64| match numbers.as_slice() {
        [1.0, 1.0, 1.0] => Diagnosis::ONLINE_PER_CONNECTION,
        [first, second, third] if first < second && second < third => Diagnosis::ONLINE_COPIED,
        _ => Diagnosis::ONLINE_LOSES_COUNT,
    };
    let failure = scene.miscounted(client, 3, "three are connected", told, diagnosis);
    Err(failure.into())
}

/// A client that leaves with a close frame is no longer counted.
pub async fn one_that_leaves_is_not_counted(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut middle, mut right] = scene.clients(["left", "middle", "right"]).await?;
    let _ = middle.send_frame(Message::Close(None)).await;
    drop(middle);
    let wrong = gone_wrong(&scene, Diagnosis::ONLINE_COUNTS_THE_GONE);
    for client in [&mut left, &mut right] {
        scene
            .expect_online(client, 2, "of three, middle leaves", &wrong)
            .await?;
    }
    let mut new = scene.settled_client("new").await?;
    let Err(told) = scene.counts(&mut left, 3).await else {
        return Ok(());
    };
    let is_short = told == Told::Number(2.0);
    let done = "middle has left, and new comes";
    let mut failure = scene.miscounted(&left, 3, done, told, wrong);
    // One that came, and was not counted, goes: where it is taken away, it was counted in the place of another one.
    let _ = new.send_frame(Message::Close(None)).await;
    drop(new);
    if is_short && scene.counts(&mut left, 1).await.is_ok() {
        failure.diagnosis = Diagnosis::NUMBER_GIVEN_TWICE;
    }
    Err(failure.into())
}

/// What a wrong number means when one of three has gone.
fn gone_wrong(scene: &Scene, still_there: Diagnosis) -> impl Fn(f64) -> Diagnosis {
    let is_in_a_list = scene.context.counts_a_list();
    move |number| match number {
        3.0 if is_in_a_list => Diagnosis::LIST_KEEPS_THE_GONE,
        3.0 => still_there,
        1.0 => Diagnosis::ONLINE_COUNTED_DOWN_TWICE,
        _ => Diagnosis::ONLINE_LOSES_COUNT,
    }
}

/// A client whose connection ends without a close frame is no longer counted: a cable pulled, or a frame refused.
pub async fn one_that_vanishes_is_not_counted(scene: Rc<Scene>) -> Outcome {
    const BYTES: usize = 1 << 20;
    let [mut left, middle, mut right] = scene.clients(["left", "middle", "right"]).await?;
    middle.vanish();
    let wrong = gone_wrong(&scene, Diagnosis::ONLINE_COUNTS_THE_VANISHED);
    scene
        .expect_online(&mut left, 2, "of three, middle vanishes", &wrong)
        .await?;
    let mut huge = scene.settled_client("huge").await?;
    let frame = format!("[\"shout\",\"{}\"]", "a".repeat(BYTES));
    // A server that takes frames of any length answers. One that refuses this one ends the connection.
    let _ = tokio::time::timeout(scene.wait(), huge.send(frame)).await;
    let answered = |heard: &Heard| match heard {
        Heard::Event(name, _) if name == "shout" || name == "error" => Some(()),
        _ => None,
    };
    let stays = scene.hear(&mut huge, answered).await.is_ok();
    if stays {
        huge.vanish();
    }
    scene
        .expect_online(
            &mut right,
            2,
            "of three, huge sends a frame of a megabyte, and is gone",
            &wrong,
        )
        .await?;
    Ok(())
}

/// Twenty clients come in the same moment, and go in the same moment, and none of them is forgotten.
pub async fn twenty_come_and_go_at_once(scene: Rc<Scene>) -> Outcome {
    const MANY: usize = 20;
    let mut left = scene.settled_client("left").await?;
    let names: Vec<String> = (1..=MANY)
        .map(|number| format!("client {number}"))
        .collect();
    let coming = names.iter().map(|name| scene.settled_client(name));
    let clients = try_join_all(coming).await?;
    let lost = |_| Diagnosis::ONLINE_LOSES_COUNT;
    scene
        .expect_online(&mut left, MANY + 1, "twenty more come at once", lost)
        .await?;
    let going = clients
        .into_iter()
        .enumerate()
        .map(|(index, mut client)| async move {
            match index % 2 {
                0 => client.vanish(),
                _ => drop(client.send_frame(Message::Close(None)).await),
            }
        });
    join_all(going).await;
    scene
        .expect_online(&mut left, 1, "twenty come, and go at once", lost)
        .await?;
    Ok(())
}

/// The answer goes to the one who asks, and to nobody else.
///
/// Another client may be told the number unasked, now and then, or by a clock. It is told once more for each question of
/// somebody else, and again and again, only where every answer goes to everybody.
pub async fn the_asker_alone_is_told(scene: Rc<Scene>) -> Outcome {
    const OFTEN: usize = 20;
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let mut heard = 0;
    for _ in 0..ASKED {
        told_unasked(&scene, &mut right).await;
        for _ in 0..OFTEN {
            scene.ask_online(&mut left).await;
        }
        heard = told_unasked(&scene, &mut right).await;
        // As much is done once more, and nothing asked.
        for _ in 0..OFTEN {
            let _ = scene.up_to_a_shout(&mut left).await;
        }
        if heard < OFTEN + told_unasked(&scene, &mut right).await {
            return Ok(());
        }
    }
    Err(scene
        .failure(Diagnosis::ONLINE_TO_EVERYONE)
        .sent(format!("left asks {OFTEN} times: {ASK}"))
        .expected("right, who asks nothing, is told nothing for it".into())
        .came(format!("{heard} events `online` at right"))
        .into())
}

/// How often `client` was told the number before a few shouts of its own are answered: what others have asked for was on its
/// way.
async fn told_unasked(scene: &Scene, client: &mut Client) -> usize {
    let is_told = |heard: &&Heard| matches!(heard, Heard::Event(name, _) if name == "online");
    let mut told = 0;
    for _ in 0..ASKED {
        // That a shout is not answered is for another check to find.
        if scene.context.answers_no_shout.get() {
            break;
        }
        let came = scene.up_to_a_shout(client).await.unwrap_or_default();
        told += came.iter().filter(is_told).count();
    }
    told
}

diagnoses! {
    ONLINE_NOT_HANDLED "online-not-handled":
        "The server does not know the event: no line of the program mentions \"online\", so the server ignores it like any unknown event."
        => "Add an arm for \"online\" to the match on the event's name, next to the arm for \"shout\".";
    ONLINE_UNANSWERED "online-unanswered":
        "The program mentions \"online\", but [\"online\"] does not get that answer. The event has no arguments, so an arm that wants one does not match."
        => "Look at the arm: is its name spelled \"online\", does its pattern take no arguments, does it stand before the arm _, and does it return the answer?";
    ONLINE_NOT_A_NUMBER "online-not-a-number":
        "The answer comes, but its first argument is not a number."
        => "Look at the place where you build the answer: the number has to stay a number, and must not become a text.";
    ONLINE_ANOTHER_FORM "online-another-form":
        "An answer to [\"online\"] comes, but it is not the event: one array with the name \"online\" and one number. A page's socket.js looks for the name at the start of an array, and ignores everything else."
        => "Compare what came with the contract in the README, bracket by bracket: the name first, then the number, and nothing around them.";
    ONLINE_NOT_COUNTED "online-not-counted":
        "The number stays at 0: the server never counts up."
        => "Look at the place where a client connects: the number has to go up there, before the client's messages are read.";
    ONLINE_WITHOUT_THE_ASKER "online-without-the-asker":
        "The count leaves out the client that asks: a client that is alone is told 0, and one of two is told 1."
        => "Count every client that is connected, also the one that asks.";
    ONLINE_STARTS_WRONG "online-starts-wrong":
        "A client that is alone gets another number than 1: the count does not begin at 0, or the server counts one client twice."
        => "Begin with 0, and add 1 in one place: where a client connects.";
    ONLINE_PER_CONNECTION "online-per-connection":
        "Each client is told 1: each connection has a number of its own and counts only itself."
        => "Look at the place where the number is made: it has to be made once, outside of what runs for each connection.";
    ONLINE_COPIED "online-copied":
        "Each client is told the number from the moment when it came. Reading a number copies it, and the copy does not change."
        => "Look at what each connection is given: it has to be the handle, and the number is read when the question comes.";
    ONLINE_TO_EVERYONE "online-to-everyone":
        "The answer goes to everybody, although only one client has asked."
        => "Return it as the answer to the one who asks, as with \"shout\".";
    ONLINE_COUNTS_THE_GONE "online-counts-the-gone":
        "The server still counts a client that has left."
        => "Make sure that a client's task ends when its stream of messages ends. Take 1 away after the loop, or let the loop's end drop the client's receiver.";
    ONLINE_COUNTS_THE_VANISHED "online-counts-the-vanished":
        "A client that left without a close frame is still counted: the number goes down only after a close frame. If somebody pulls a cable, or a message is refused, the stream just ends."
        => "Let every way out of the loop lead to the one line that takes 1 away: no return, no ? before it, and no counting in the arm for a close.";
    ONLINE_COUNTED_DOWN_TWICE "online-counted-down-twice":
        "One client has gone, and the number went down by more than one: it is subtracted in two places, for example at the close frame and at the end."
        => "Subtract 1 in one place: after the loop, where all ways out meet.";
    LIST_KEEPS_THE_GONE "list-keeps-the-gone":
        "A client that has gone is still in the list whose length is told: nothing removes it on the way that it left. A goodbye is one way; a pulled cable, after which the stream just ends, is another."
        => "Look for the line that removes a client from the list, and ask which ways out of the loop lead to it: all of them have to.";
    NUMBER_GIVEN_TWICE "number-given-twice":
        "Two clients have the same number, so one is taken for the other: a new client got the number of one that is still there. A number made from the length of a list, or from a place in it, comes again after somebody has gone; a small counter comes again when it wraps around."
        => "Look at the line that gives a new client its number: it must never give a number that somebody still has.";
    ONLINE_LOSES_COUNT "online-loses-count":
        "The number is wrong. When many come or go at once, some are not counted: one step reads the number, another writes it, and another task changed it in between."
        => "Look at the lines that change the number: read and write it under one lock, and do not unlock in between.";
}
