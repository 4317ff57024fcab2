//! What one says reaches all the others, as it is: the spy's way, a few steps earlier.
//!
//! What is asked of a relay is the same for both. So most of these are the spy's checks, in a scene where positions travel as
//! texts that somebody says. In step 10 each rests on the spy's own: where that one fails, this one is no news.

use std::rc::Rc;

use serde_json::{Value, json};
use wire::client::{Heard, short};

use crate::others::order;
use crate::others::relay::{self, about, refusal, with_refusal};
use crate::scene::instead::{described, holds_null, is_by_hand};
use crate::socket::malformed;
use crate::{Diagnosis, Outcome, Scene};

/// What one client says leads to something at the other. What exactly is for the next check.
pub async fn what_one_says_reaches_the_other(scene: Rc<Scene>) -> Outcome {
    let scene = scene.saying();
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let text = scene.position();
    scene.send(&mut left, text).await;
    let something = |heard: &Heard| about(heard, text).then_some(());
    let came = match scene.look_for(&mut right, something).await {
        Err(instead) if instead.stand_in("say").is_none() => instead,
        _ => return Ok(()),
    };
    let (mut echoed, mut error) = (false, None);
    while let Some(heard) = left.heard_already() {
        echoed |= about(&heard, text);
        error = error.or(refusal(&heard));
        if matches!(heard, Heard::Ended(_)) {
            break;
        }
    }
    let diagnosis = match (echoed, scene.context.mentions("\"say\"")) {
        (true, _) => Diagnosis::ECHO_ONLY,
        (false, true) => Diagnosis::SAY_NOT_RELAYED,
        (false, false) => Diagnosis::SAY_NOT_HANDLED,
    };
    Err(scene
        .failure(diagnosis)
        .missing("right", text.to_string())
        .sent(format!("left says {text}"))
        .expected(format!("right hears {text}"))
        .came(with_refusal(format!("right hears {came}"), "left", error))
        .into())
}

/// What arrives is the event `say` with the same text: letters of any kind, quotes, what looks like HTML, kilobytes.
pub async fn it_arrives_as_it_was_said(scene: Rc<Scene>) -> Outcome {
    let scene = scene.saying();
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let words: [String; 6] =
        std::array::from_fn(|_| scene.random(|r| (0..8).map(|_| r.lowercase()).collect()));
    let [a, b, c, d, e, f] = &words;
    let texts = [
        format!("Hello {a}"),
        format!("{b}: Grüße, 世界, 🖱"),
        format!(" \"{c}\" \\ 'blanks' around "),
        format!("<b>{d}</b> & <script>"),
        format!("{e}\na second line\ta tab"),
        format!(
            "{f}{}",
            " and so on".repeat(if scene.is_guarded() { 400 } else { 1024 })
        ),
    ];
    for (text, word) in texts.iter().zip(&words) {
        let event = json!(["say", text]).to_string();
        let _ = left.send(event.clone()).await;
        // A program may send events that nobody has asked for: of all that comes, this is what holds the word.
        let holds = |heard: &Heard| {
            let is_it = match heard {
                Heard::Event(_, arguments) => Value::from(arguments.clone()).to_string(),
                Heard::Text(text) => text.clone(),
                Heard::Binary(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                _ => return None,
            };
            let is_it = is_it.to_lowercase().contains(word);
            is_it.then(|| heard.clone())
        };
        let (diagnosis, came) = match scene.look_for(&mut right, holds).await {
            Ok(heard) if is_said(&heard, text) => continue,
            Ok(heard) => (changed(&heard, text), described(&heard)),
            Err(instead) => {
                let heard = instead.stand_in("say");
                let diagnosis = heard.map_or(Diagnosis::SAY_LOST, |heard| changed(heard, text));
                (diagnosis, instead.to_string())
            }
        };
        return Err(scene
            .failure(diagnosis)
            .due("right", event.as_str())
            .sent(format!("left says {}", short(&event)))
            .expected(format!("right hears {}", short(&event)))
            .came(format!("right hears {came}"))
            .into());
    }
    Ok(())
}

fn is_said(heard: &Heard, text: &str) -> bool {
    matches!(heard, Heard::Event(name, arguments)
        if name == "say" && arguments.first().and_then(Value::as_str) == Some(text))
}

/// What is wrong with a frame that holds what was said, in another form.
fn changed(heard: &Heard, text: &str) -> Diagnosis {
    match heard {
        Heard::Binary(_) => Diagnosis::BINARY_FRAME,
        Heard::Event(name, arguments)
            if name != "say" && arguments.first().and_then(Value::as_str) == Some(text) =>
        {
            Diagnosis::WRONG_EVENT_NAME
        }
        Heard::Text(text) if is_by_hand(text) => Diagnosis::ANSWER_BY_HAND,
        heard if holds_null(heard) => Diagnosis::BECOMES_NULL,
        _ => Diagnosis::SAY_CHANGED,
    }
}

/// A hundred in a row arrive, whole and in order.
pub async fn a_hundred_in_a_row_arrive(scene: Rc<Scene>) -> Outcome {
    order::a_hundred_in_a_row_arrive(scene.saying()).await
}

/// Who speaks hears nothing of it.
pub async fn the_speaker_hears_nothing(scene: Rc<Scene>) -> Outcome {
    relay::the_sender_hears_nothing(scene.saying()).await
}

/// Who joins late hears what is said from then on.
pub async fn a_late_listener_hears_it(scene: Rc<Scene>) -> Outcome {
    relay::a_late_joiner_hears_it(scene.saying()).await
}

/// Of three and of fifty, each of the others hears it.
pub async fn everybody_else_hears_it(scene: Rc<Scene>) -> Outcome {
    relay::every_other_client_hears_it(scene.saying()).await
}

/// Several speak at once, each in its order.
pub async fn several_speak_at_once(scene: Rc<Scene>) -> Outcome {
    order::several_move_at_once(scene.saying()).await
}

/// `say` without a text is answered with an error.
pub async fn a_missing_text_is_an_error(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.settled_client("left").await?;
    let _ = left.send(r#"["say"]"#).await;
    // One without a text may be about something else, unless no other comes.
    let mut first = None;
    let error = |heard: &Heard| match heard {
        Heard::Event(name, arguments) if name == "error" => {
            let has_text = arguments.first().is_some_and(Value::is_string);
            first.get_or_insert_with(|| heard.in_words());
            has_text.then_some(())
        }
        _ => None,
    };
    let Err(why) = scene.hear(&mut left, error).await else {
        return Ok(());
    };
    let came = first.unwrap_or(why);
    Err(scene
        .failure(Diagnosis::SAY_WITHOUT_TEXT)
        .due("left", r#"["error", and a text]"#)
        .sent(r#"left sends ["say"]"#.into())
        .expected(r#"left hears ["error", and a text]"#.into())
        .came(came)
        .into())
}

/// After one has left with a close frame, the others go on.
pub async fn one_that_leaves_silences_nobody(scene: Rc<Scene>) -> Outcome {
    malformed::a_client_that_leaves_troubles_nobody(scene.saying()).await
}

/// After one has vanished without a close frame, the others go on.
pub async fn one_that_vanishes_silences_nobody(scene: Rc<Scene>) -> Outcome {
    malformed::a_client_that_vanishes_troubles_nobody(scene.saying()).await
}

/// A text that is far too long may end its speaker's connection, and nobody else's.
pub async fn a_huge_text_silences_nobody_else(scene: Rc<Scene>) -> Outcome {
    const BYTES: usize = 1 << 20;
    let scene = scene.saying();
    let [mut left, mut middle, mut right] = scene.clients(["left", "middle", "right"]).await?;
    let huge = format!("[\"say\",\"{}\"]", "a".repeat(BYTES));
    // It may be refused while it is being written, and it need not be read at all.
    let _ = tokio::time::timeout(scene.wait(), left.send(huge)).await;
    let otherwise = Diagnosis::LARGE_FRAME_TROUBLES_OTHERS;
    scene
        .still_relays(&mut middle, &mut right, otherwise)
        .await?;
    scene
        .still_relays(&mut right, &mut middle, otherwise)
        .await?;
    Ok(())
}

/// While one reads nothing, much is said between the others.
pub async fn one_that_never_reads_holds_nobody_up(scene: Rc<Scene>) -> Outcome {
    malformed::a_client_that_never_reads_delays_nobody(scene.saying()).await
}

diagnoses! {
    SAY_NOT_HANDLED "say-not-handled":
        "The server does not know the event: no line of the program mentions \"say\", so the server ignores it like any unknown event."
        => "Add an arm for \"say\" to the match on the event's name, and send the event on to all the others.";
    SAY_NOT_RELAYED "say-not-relayed":
        "The program mentions \"say\", but nothing that one client says reaches the others."
        => "Follow the event: does its arm match a text, does it send to the channel, and does each client's task receive from the channel and write to its socket? And does each client have its own number?";
    SAY_CHANGED "say-changed":
        "What a client says arrives changed: with another text, or in another form than [\"say\", text]."
        => "Look at the place where you send the event on: its name, its form and its text must not change.";
    SAY_LOST "say-lost":
        "Some of what is said does not arrive at a client that reads all the time."
        => "Make sure that each client subscribes once, before its loop, and that the channel has room for more than a few messages. A client that has fallen behind has to go on with the messages that are left.";
    SAY_WITHOUT_TEXT "say-without-text":
        "A `say` without a text gets no error."
        => "Add an arm for every other `say`, and answer it like a `shout` without a text.";
}
