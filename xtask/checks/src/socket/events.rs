//! Events: what is one, what is none, and what is answered to each.

use std::rc::Rc;

use serde_json::{Value, json};
use steps::step::Ability;
use tokio_tungstenite::tungstenite::Message;
use wire::client::{Client, Heard, quoted, short};

use crate::scene::instead::is_by_hand;
use crate::scene::unasked::ASKED;
use crate::socket::ping_and_close::{answers, is_served, silent_or};
use crate::{Diagnosis, Outcome, Scene};

/// An event for the shout of a text.
fn shout(words: &str) -> String {
    json!(["shout", words]).to_string()
}

/// The text of a shout comes back in upper case, as an event with that one argument.
///
/// Each question tries one thing more, and names the cause that is likely where only this one goes wrong.
pub async fn a_shout_is_answered_in_upper_case(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.client("left", Diagnosis::NO_WEB_SOCKET).await?;
    let (word, other) = (scene.word(), scene.word());
    let caseless = "1 + 1 = 2, 世界 🖱 \"\\\n";
    let questions = [
        // Neither case alone: an answer in lower case is no echo.
        (
            shout(&format!("Hi, {word}")),
            format!("Hi, {word}").to_uppercase(),
            None,
        ),
        (
            shout(caseless),
            caseless.into(),
            Some(Diagnosis::SHOUT_NOT_UPPER),
        ),
        (shout(""), String::new(), Some(Diagnosis::SHOUT_NOT_UPPER)),
        (
            json!(["shout", other, 5, { "x": null }]).to_string(),
            other.to_uppercase(),
            Some(Diagnosis::EXTRA_ARGUMENTS),
        ),
        (
            "[ \"shout\" ,\n  \"\\u0068i, \\\"you\\\"\" ]".into(),
            "HI, \"YOU\"".into(),
            Some(Diagnosis::JSON_BY_HAND),
        ),
    ];
    for (question, answer, cause) in questions {
        let _ = left.send(question.as_str()).await;
        let mut first = None;
        let judged = |heard: &Heard| match judged(heard, &question, &answer) {
            Some(Judged::Right) => Some(None),
            Some(Judged::Wrong(diagnosis)) => Some(Some((diagnosis, heard.in_words()))),
            Some(Judged::Doubtful(diagnosis)) => {
                first.get_or_insert((diagnosis, heard.in_words()));
                None
            }
            None => None,
        };
        let (found, came) = match (scene.hear(&mut left, judged).await, first) {
            (Ok(None), _) => continue,
            (Ok(Some(wrong)), _) | (Err(_), Some(wrong)) => wrong,
            (Err(why), None) => (Diagnosis::SHOUT_UNANSWERED, why),
        };
        let diagnosis = match found {
            Diagnosis::ANSWER_BY_HAND => found,
            _ => cause.unwrap_or(found),
        };
        return Err(scene
            .failure(diagnosis)
            .due("left", shout(&answer))
            .sent(format!("left sends {}", short(&question)))
            .expected(format!("left hears {}", short(&shout(&answer))))
            .came(came)
            .into());
    }
    Ok(())
}

/// What is to be said of a frame that follows a shout.
enum Judged {
    /// It is the answer.
    Right,
    /// It is made of the shout, and is not the answer: the likeliest cause.
    Wrong(Diagnosis),
    /// It is the answer only where no other one comes: a program may send an event that nobody has asked for.
    Doubtful(Diagnosis),
}

/// What is to be said of a frame that follows a shout; nothing of what has nothing to do with it.
fn judged(heard: &Heard, question: &str, answer: &str) -> Option<Judged> {
    let asked: Value = serde_json::from_str(question).unwrap_or_default();
    let diagnosis = match heard {
        Heard::Event(name, arguments) if name == "shout" => match arguments.as_slice() {
            [Value::String(words)] if words == answer => return Some(Judged::Right),
            arguments if asked.as_array().is_some_and(|it| it[1..] == *arguments) => {
                Diagnosis::STILL_AN_ECHO
            }
            [Value::String(words)] if words != answer => Diagnosis::SHOUT_NOT_UPPER,
            [Value::Null, ..] => Diagnosis::BECOMES_NULL,
            _ => Diagnosis::ANSWER_WRONG_SHAPE,
        },
        Heard::Event(name, _) if name == "error" => Diagnosis::SHOUT_UNANSWERED,
        // An event of another name is nobody's mistake, unless it is the answer.
        Heard::Event(..) if answer.is_empty() || !heard.in_words().contains(answer) => return None,
        Heard::Text(text) if is_by_hand(text) => Diagnosis::ANSWER_BY_HAND,
        Heard::Event(..) | Heard::Text(_) => Diagnosis::ANSWER_WRONG_SHAPE,
        Heard::Binary(_) => Diagnosis::BINARY_FRAME,
        Heard::Ping(_) | Heard::Pong(_) | Heard::Ended(_) | Heard::Silence => return None,
    };
    // An event that does not hold the text may be about something else. What is no event is no event of anybody's.
    let arguments = match heard {
        Heard::Event(_, arguments) => arguments.as_slice(),
        _ => return Some(Judged::Wrong(diagnosis)),
    };
    let text = Value::from(arguments.to_vec()).to_string().to_lowercase();
    let words = Value::from(answer.to_lowercase()).to_string();
    let is_about_it = !answer.is_empty() && text.contains(words.trim_matches('"'));
    Some(match is_about_it {
        true => Judged::Wrong(diagnosis),
        false => Judged::Doubtful(diagnosis),
    })
}

/// The answer to a shout reaches the one who shouted, and another client hears nothing of it: the next answer that it
/// hears is its own.
pub async fn a_shout_is_answered_to_its_sender_alone(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let mut words: Vec<String> = Vec::new();
    for turn in 0..3 {
        let client = if turn == 1 { &mut right } else { &mut left };
        let own = scene.shouts(client).await;
        let expected = own.to_uppercase();
        let answer = |heard: &Heard| {
            let is_own = *heard == Heard::Event("shout".into(), vec![json!(expected)]);
            let is_anothers = || words.iter().any(|word| heard.holds(word));
            match is_own {
                true => Some(None),
                false => is_anothers().then(|| Some(heard.in_words())),
            }
        };
        let (diagnosis, came) = match scene.hear(client, answer).await {
            Ok(None) => {
                words.push(own);
                continue;
            }
            Ok(Some(came)) => (Diagnosis::ANSWERED_TO_ALL, came),
            Err(why) => (Diagnosis::NOT_EACH_ITS_OWN, why),
        };
        return Err(scene
            .failure(diagnosis)
            .due(&client.name, shout(&expected))
            .sent(format!("{} sends {}", client.name, shout(&own)))
            .expected(format!("{} hears {}", client.name, shout(&expected)))
            .came(came)
            .into());
    }
    Ok(())
}

/// Frames that are not events end no connection: not the sender's, not another's.
pub async fn nonsense_ends_no_connection(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let more = [
        "",
        " ",
        "{",
        "[",
        "null",
        "{}",
        "[5]",
        "[\"spy\"",
        "spy",
        "\u{0}\u{1F5B1}",
    ];
    let without_numbers = [
        "[\"spy\"]",
        "[\"spy\",null,null]",
        "[\"spy\",\"a\",\"b\"]",
        "[\"spy\",{}]",
        "[\"spy\",[]]",
    ];
    // Before step 10 these are events that the server does not know, which is another check's matter.
    let knows_spy = scene.has(Ability::Moves);
    let more = more
        .iter()
        .chain(without_numbers.iter().filter(|_| knows_spy))
        .map(|text| Message::text(*text))
        .chain([Message::binary(Vec::new())]);
    for frame in nonsense().into_iter().chain(more) {
        let sent = format!("left sends {}, then a ping", quoted(&frame));
        let _ = left.send_frame(frame).await;
        let answered = answers(&scene, &mut left, Diagnosis::MALFORMED_CLOSES).await;
        answered.map_err(|failure| failure.sent(sent))?;
    }
    is_served(&scene, &mut left, Diagnosis::MALFORMED_CLOSES).await?;
    is_served(&scene, &mut right, Diagnosis::MALFORMED_CLOSES).await?;
    Ok(())
}

/// One frame of each kind that gets an error: it is not an event, or its event lacks what it needs.
fn nonsense() -> Vec<Message> {
    let texts = [
        "not an event",
        "[]",
        "[\"shout\"]",
        "[\"shout\",5]",
        "[5,\"shout\"]",
        "{\"shout\":\"hi\"}",
        "5",
    ];
    let binary = [vec![0xff, 0x00, 0xfe], shout("hi").into_bytes()];
    let texts = texts.into_iter().map(Message::text);
    texts.chain(binary.map(Message::binary)).collect()
}

/// An event that the server does not know ends no connection.
pub async fn an_unknown_event_ends_no_connection(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let word: String = scene.random(|r| (0..8).map(|_| r.lowercase()).collect());
    for event in [
        json!([word]),
        json!([word, 1, 2]),
        json!([word, { "x": 1 }]),
    ] {
        let _ = left.send(event.to_string()).await;
        let answered = answers(&scene, &mut left, Diagnosis::UNKNOWN_CLOSES).await;
        answered.map_err(|failure| failure.sent(format!("left sends {event}, then a ping")))?;
    }
    is_served(&scene, &mut left, Diagnosis::UNKNOWN_CLOSES).await?;
    is_served(&scene, &mut right, Diagnosis::UNKNOWN_CLOSES).await?;
    Ok(())
}

/// A frame that is not an event is answered with one error: a shout that follows shows that all has come.
pub async fn nonsense_is_answered_with_an_error(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.settled_client("left").await?;
    'each: for frame in nonsense() {
        let mut wrong = None;
        // An error that was not caused by this frame may come beside its own: once, and not again and again.
        for _ in 0..ASKED {
            let _ = left.send_frame(frame.clone()).await;
            let now = scene.transcript.count();
            wrong = Some(match scene.up_to_a_shout(&mut left).await {
                Ok(came) => {
                    let came: Vec<Heard> = came.into_iter().filter(may_be_an_answer).collect();
                    match wrong_error(&came) {
                        Some(diagnosis) => (diagnosis, in_words(&came), now),
                        None => continue 'each,
                    }
                }
                Err(why) => (
                    silent_or(&scene, &mut left, &why, Diagnosis::MALFORMED_CLOSES).await,
                    why,
                    now,
                ),
            });
        }
        let Some((diagnosis, came, now)) = wrong else {
            continue;
        };
        let (diagnosis, came) = match diagnosis {
            Diagnosis::NO_ERROR => match under_another_name(&scene, &mut left, &frame).await {
                Some(answer) => (Diagnosis::ERROR_WRONG_SHAPE, answer.in_words()),
                None => (diagnosis, came),
            },
            _ => (diagnosis, came),
        };
        let failure = scene.failure(diagnosis);
        let failure = match diagnosis {
            Diagnosis::NO_ERROR => failure.missing_after(now, "left", r#"["error","…"]"#),
            _ => failure,
        };
        return Err(failure
            .sent(format!("left sends {}", quoted(&frame)))
            .expected("left hears [\"error\",\"…\"], with a text of your own, once".into())
            .came(came)
            .into());
    }
    Ok(())
}

/// What is wrong with the answer to what is not an event; nothing, where it is one error with a text.
fn wrong_error(came: &[Heard]) -> Option<Diagnosis> {
    let is_error = |heard: &Heard| matches!(heard, Heard::Event(name, _) if name == "error");
    match came {
        [Heard::Event(_, arguments)]
            if is_error(&came[0]) && arguments.first().is_some_and(Value::is_string) =>
        {
            None
        }
        _ if came.iter().any(is_error) => Some(Diagnosis::ERROR_WRONG_SHAPE),
        // Whatever a shout without a text is answered with as a shout, it is no error.
        [] | [Heard::Event(..), ..] => Some(Diagnosis::NO_ERROR),
        _ => Some(Diagnosis::ERROR_WRONG_SHAPE),
    }
}

/// An unknown event gets no answer: what comes next is the answer to the shout that follows it.
pub async fn an_unknown_event_is_ignored(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.settled_client("left").await?;
    'each: for event in [json!(["hum"]), json!([scene.word(), "hi", 5])] {
        let mut wrong = None;
        // As above: what the event has caused comes again and again.
        for _ in 0..ASKED {
            let _ = left.send(event.to_string()).await;
            wrong = Some(match scene.up_to_a_shout(&mut left).await {
                Ok(came) => {
                    let came: Vec<Heard> = came.into_iter().filter(may_be_an_answer).collect();
                    match came.first() {
                        Some(first) => (
                            Diagnosis::UNKNOWN_ANSWERED,
                            in_words(&came),
                            first.in_words(),
                        ),
                        None => continue 'each,
                    }
                }
                Err(why) => (
                    silent_or(&scene, &mut left, &why, Diagnosis::UNKNOWN_CLOSES).await,
                    why,
                    String::new(),
                ),
            });
        }
        let Some((diagnosis, came, first)) = wrong else {
            continue;
        };
        let is_it = |text: &str| Heard::of(Message::text(text)).in_words() == first;
        let answer = scene.transcript.last_heard_of(is_it);
        return Err(scene
            .failure(diagnosis)
            .wrong(answer, None)
            .sent(format!("left sends {event}, an event of no step"))
            .expected("no answer".into())
            .came(came)
            .into());
    }
    Ok(())
}

/// Whether a message may be an answer to what is not an event, or to an unknown one. An event of another name has nothing to do
/// with either: a server may tell more than it is asked.
fn may_be_an_answer(heard: &Heard) -> bool {
    match heard {
        Heard::Event(name, _) => name == "error" || name == "shout" || name == "hum",
        _ => true,
    }
}

/// The event of another name that this frame is answered with, if there is one: it comes each time, and never without the
/// frame. What comes at other times as well is no answer.
async fn under_another_name(scene: &Scene, client: &mut Client, frame: &Message) -> Option<Heard> {
    const TURNS: usize = 3;
    let mut answers: Option<Vec<Heard>> = None;
    for turn in 0..2 * TURNS {
        let is_asked = turn % 2 == 0;
        if is_asked {
            let _ = client.send_frame(frame.clone()).await;
        }
        let came = others_before_a_shout(scene, client).await?;
        let is_of = |name: &str| came.iter().any(|it| it.is_named(name));
        let answers = answers.get_or_insert_with(|| came.clone());
        answers.retain(|it| it.name().is_some_and(|name| is_of(name) == is_asked));
    }
    answers?.into_iter().next()
}

/// The events of names of their own that come before the answer to a shout, which is sent now.
async fn others_before_a_shout(scene: &Scene, client: &mut Client) -> Option<Vec<Heard>> {
    let _ = client.send(shout(&scene.word())).await;
    let mut came = Vec::new();
    let shouted = |heard: &Heard| {
        came.extend(heard.name().map(|_| heard.clone()));
        heard.is_named("shout").then_some(())
    };
    scene.hear(client, shouted).await.ok()?;
    came.pop();
    Some(came)
}

/// Frames, one after the other; that there are none.
fn in_words(frames: &[Heard]) -> String {
    let frames: Vec<String> = frames.iter().map(Heard::in_words).collect();
    match frames.len() {
        0 => "no answer: what comes next is the answer to a shout, sent later".into(),
        _ => frames.join(", then "),
    }
}

diagnoses! {
    SHOUT_UNANSWERED "shout-unanswered":
        "The event shout gets no answer, or only an error."
        => "Follow [\"shout\",\"hi\"] through `received`: does the code parse it, match its name as a text, and return the answer?";
    STILL_AN_ECHO "still-an-echo":
        "The frame comes back unchanged: that is the echo of step 5."
        => "Look at what `received` returns: the answer is a new event, and not the message that came.";
    SHOUT_NOT_UPPER "shout-not-upper":
        "The answer's text is not the client's text in upper case."
        => "Look at the place where you make the answer's text: it has to be the client's whole text, without the quotes, in upper case. Letters without a case do not change.";
    ANSWER_WRONG_SHAPE "answer-wrong-shape":
        "There is an answer, but not the event: one array that holds the name \"shout\" and one text."
        => "Compare the answer with the contract in the README, bracket by bracket: the name first, then the text, and nothing around them.";
    EXTRA_ARGUMENTS "extra-arguments":
        "A shout with more than one argument does not get the same answer as a shout with its text alone. A newer page may send more."
        => "Look at how many arguments the program asks for: it has to take the first, and ignore the rest.";
    JSON_BY_HAND "json-by-hand":
        "The same event, written with other blanks and with escapes, gets a different answer: the program seems to take the text apart by hand."
        => "Look at the place where the frame is taken apart: that is work for serde_json.";
    ANSWER_BY_HAND "answer-by-hand":
        "The answer looks like an event but is not JSON, so the program seems to build it by hand. In JSON, names stand in quotes, and quotes, backslashes and line breaks inside a text are escaped."
        => "Look at the place where the event is built: that is work for serde_json.";
    NO_ERROR "no-error":
        "A frame that is not an event, or a shout without a text, gets no error, so its sender never learns of the mistake. A binary frame is never an event, whatever it holds."
        => "Look at what `received` does if a frame is not an event, and if `shout` comes without a text: the contract has an answer for both.";
    ERROR_WRONG_SHAPE "error-wrong-shape":
        "A message that is not an event gets an answer, but that answer is not one event `error` with a text."
        => "Compare the answer with the contract in the README: one array that holds two texts, and one answer.";
    UNKNOWN_ANSWERED "unknown-answered":
        "An event that the server does not know gets an answer. It may be meant for a newer server, so it is no mistake."
        => "Look at what happens to a name that the server does not know: it gets no answer.";
    BINARY_FRAME "binary-frame":
        "The event arrives as a binary frame. A page gets that as a Blob and cannot parse it as text."
        => "Look at how you make the message: it has to be a text message.";
    MALFORMED_CLOSES "malformed-closes":
        "A frame that is not an event ends a connection. Anybody can send anything, and it must not cost a connection."
        => "If parsing fails, skip that frame and go on reading, instead of returning or unwrapping.";
    UNKNOWN_CLOSES "unknown-closes":
        "An event that the server does not know ends a connection. A newer page may send events that an older server does not know."
        => "Look at what happens to a name that the server does not know: skip the event and go on with the loop.";
}
