//! What the server of step 1 answers: a greeting, as plain text, to whoever asks for `/`, again and again.
//!
//! Other paths and methods are nobody's business yet. From step 2 on a page stands in place of the greeting.

use std::io;
use std::rc::Rc;

use futures::future::join_all;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use wire::http::Answer;

use crate::report::Failure;
use crate::{Diagnosis, Outcome, Scene};

/// `GET /` is answered with 200.
pub async fn the_root_is_answered(scene: Rc<Scene>) -> Outcome {
    let answer = greeting(&scene, Diagnosis::NOBODY_ANSWERS).await?;
    let diagnosis = match answer.status {
        200 => return Ok(()),
        404 => Diagnosis::ROOT_NOT_FOUND,
        _ => Diagnosis::ROOT_NOT_OK,
    };
    Err(failure(diagnosis, "status 200", answer.summary()).into())
}

/// What comes is declared to be plain text.
pub async fn it_is_plain_text(scene: Rc<Scene>) -> Outcome {
    let answer = greeting(&scene, Diagnosis::NOBODY_ANSWERS).await?;
    if is_plain(&answer) {
        return Ok(());
    }
    let kind = answer.header("content-type").unwrap_or("no content-type");
    let expected = "content-type: text/plain";
    Err(failure(Diagnosis::GREETING_WRONG_TYPE, expected, kind.into()).into())
}

/// The text says hello, in whatever case and words.
pub async fn it_says_hello(scene: Rc<Scene>) -> Outcome {
    let answer = greeting(&scene, Diagnosis::NOBODY_ANSWERS).await?;
    if says_hello(&answer) {
        return Ok(());
    }
    let expected = "a text in which the word hello stands";
    Err(failure(
        Diagnosis::GREETING_WITHOUT_HELLO,
        expected,
        text_of(&answer),
    )
    .into())
}

/// One request is no more than the next: all are greeted, whoever else is connected.
pub async fn it_keeps_answering(scene: Rc<Scene>) -> Outcome {
    const IN_A_ROW: usize = 3;
    for _ in 0..IN_A_ROW {
        is_greeted(&scene, "GET /, once more", Diagnosis::NOBODY_ANSWERS).await?;
    }
    // More than twice as many as the program has threads.
    let many = 2 * std::thread::available_parallelism().map_or(1, usize::from) + 4;
    let sent = format!("GET /, {many} times at once");
    let at_once = || is_greeted(&scene, &sent, Diagnosis::ONE_AT_A_TIME);
    let greeted = join_all((0..many).map(|_| at_once())).await;
    greeted.into_iter().collect::<Result<(), _>>()?;
    // The system queues connections for a server that serves one after the other. So others are kept open while we ask.
    let _unfinished = unfinished(&scene).await;
    let sent =
        "GET /, while two other connections are open and have not asked yet, as a browser's may be";
    is_greeted(&scene, sent, Diagnosis::ONE_AT_A_TIME).await?;
    Ok(())
}

/// Connections on which a request has begun, and does not go on.
async fn unfinished(scene: &Scene) -> io::Result<[TcpStream; 2]> {
    let mut streams = [
        TcpStream::connect(scene.address).await?,
        TcpStream::connect(scene.address).await?,
    ];
    for stream in &mut streams {
        stream.write_all(b"GET / HTTP/1.1\r\n").await?;
    }
    Ok(streams)
}

/// Holds that a request, `sent` in words, gets the greeting that the checks before have seen.
async fn is_greeted(scene: &Scene, sent: &str, no_answer: Diagnosis) -> Result<(), Failure> {
    let answer = greeting(scene, no_answer).await;
    let answer = answer.map_err(|failure| failure.sent(sent.into()))?;
    if answer.status == 200 && is_plain(&answer) && says_hello(&answer) {
        return Ok(());
    }
    let came = format!("{}: {}", answer.summary(), text_of(&answer));
    let expected = "200, and a plain text that says hello, as before";
    Err(failure(Diagnosis::LATER_ANSWER_DIFFERS, expected, came).sent(sent.into()))
}

async fn greeting(scene: &Scene, no_answer: Diagnosis) -> Result<Answer, Failure> {
    scene.ask("GET", "/", no_answer).await
}

fn is_plain(answer: &Answer) -> bool {
    answer.media_type() == "text/plain"
}

fn says_hello(answer: &Answer) -> bool {
    String::from_utf8_lossy(&answer.body)
        .to_ascii_lowercase()
        .contains("hello")
}

/// The beginning of what came, for a person.
fn text_of(answer: &Answer) -> String {
    const LONGEST: usize = 60;
    let text = String::from_utf8_lossy(&answer.body);
    match text.trim() {
        "" => "an empty text".into(),
        text if text.chars().count() > LONGEST => {
            let start: String = text.chars().take(LONGEST).collect();
            format!("{start:?} …")
        }
        text => format!("{text:?}"),
    }
}

fn failure(diagnosis: Diagnosis, expected: &str, came: String) -> Failure {
    Failure::new(diagnosis)
        .sent("GET /".into())
        .expected(expected.into())
        .came(came)
}

diagnoses! {
    NOBODY_ANSWERS "nobody-answers":
        "The port is open, but a request gets no answer: the program listens, and no server takes the connections."
        => "Look at the end of main: it has to give the listener to the server, and wait for the server.";
    ROOT_NOT_FOUND "root-not-found":
        "The server answers, but it has no rule for the path /: the request gets a 404."
        => "Look at the path with which the rule begins. Which filter takes / alone?";
    ROOT_NOT_OK "root-not-ok":
        "The server answers /, but not with the status 200, which says: here is what you asked for."
        => "Look at what the rule replies: a text alone gets the status 200. If the status is 405, the rule takes another method than GET.";
    GREETING_WRONG_TYPE "greeting-wrong-type":
        "The answer is not declared as plain text, so a browser may show it as something else."
        => "Look at how the answer is made. A text alone is declared as plain text; warp's replies for HTML and for JSON declare other types.";
    GREETING_WITHOUT_HELLO "greeting-without-hello":
        "The answer comes, but it does not contain the word hello."
        => "Look at the place where the answer to / is made: the text there has to say hello.";
    LATER_ANSWER_DIFFERS "later-answer-differs":
        "The first request gets the greeting, and a later one does not: the answer is used up, or a value that lasts from one request to the next changes it."
        => "Look at the closure that makes the answer. It has to make a new answer for each request, and nothing that an earlier request has changed may go into it.";
}
