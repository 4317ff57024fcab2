//! How long a message may be, what a text is, and what is said when one is neither.

use std::rc::Rc;

use wire::client::Heard;
use wire::frame::{self, text};
use wire::raw::End;
use wire::transcript::Frame;

use crate::report::Failure;
use crate::socket::ping_and_close::is_served;
use crate::{Diagnosis, Outcome, Scene};

/// The longest message that is taken, in bytes.
const LONGEST: usize = 4096;

/// A shout whose frame holds so many bytes.
fn shout_of(bytes: usize) -> String {
    let (begins, ends) = ("[\"shout\",\"", "\"]");
    let words = "a".repeat(bytes - begins.len() - ends.len());
    format!("{begins}{words}{ends}")
}

/// A message of 4096 bytes is taken and answered.
pub async fn a_message_of_4096_bytes_is_taken(scene: Rc<Scene>) -> Outcome {
    let mut left = scene.settled_client("left").await?;
    let _ = left.send(shout_of(LONGEST)).await;
    let answer = |heard: &Heard| match heard {
        Heard::Event(name, _) if name == "shout" => Some(()),
        _ => None,
    };
    let Err(came) = scene.hear(&mut left, answer).await else {
        return Ok(());
    };
    Err(scene
        .failure(Diagnosis::LIMIT_TOO_LOW)
        .missing("left", "[\"shout\",\"AAA…\"]")
        .sent(format!("left sends a shout of {LONGEST} bytes"))
        .expected("it is answered".into())
        .came(came)
        .into())
}

/// A longer one ends its sender's connection with the code 1009, in one frame or in several, and nobody else's.
pub async fn a_longer_one_ends_with_1009(scene: Rc<Scene>) -> Outcome {
    let mut right = scene.settled_client("right").await?;
    let half = vec![b'a'; LONGEST / 2 + 1];
    let fragments = [
        frame::beginning_with(0x01, &half),
        frame::beginning_with(0x80, &half),
    ]
    .concat();
    let messages = [
        (
            "a message of 4097 bytes",
            text(&shout_of(LONGEST + 1)),
            Diagnosis::TOO_LONG_TAKEN,
        ),
        (
            "a message of 4098 bytes, in two frames",
            fragments,
            Diagnosis::FRAGMENTS_NOT_COUNTED,
        ),
        (
            "a message of a megabyte",
            text(&shout_of(1 << 20)),
            Diagnosis::TOO_LONG_TAKEN,
        ),
    ];
    for (what, bytes, taken) in messages {
        ends_with(&scene, what, &bytes, 1009, taken).await?;
        is_served(&scene, &mut right, Diagnosis::LARGE_FRAME_TROUBLES_OTHERS).await?;
    }
    Ok(())
}

/// A text that is no UTF-8 ends its sender's connection with the code 1007.
pub async fn a_text_that_is_none_ends_with_1007(scene: Rc<Scene>) -> Outcome {
    let mut right = scene.settled_client("right").await?;
    let what = "a text with the byte ff, which is not UTF-8";
    let bytes = frame::beginning_with(0x81, b"[\"shout\",\"\xff\"]");
    ends_with(&scene, what, &bytes, 1007, Diagnosis::UNKNOWN).await?;
    is_served(&scene, &mut right, Diagnosis::MALFORMED_CLOSES).await?;
    Ok(())
}

/// Holds that a client that sends these bytes hears a close frame with this code. `taken` is what it means that it goes on.
async fn ends_with(
    scene: &Scene,
    what: &str,
    bytes: &[u8],
    code: u16,
    taken: Diagnosis,
) -> Result<(), Failure> {
    let mut left = scene.raw_client("left").await?;
    left.note(what);
    let end = left.send(bytes, scene.wait()).await;
    let Some(diagnosis) = not_said(&end, code, taken) else {
        return Ok(());
    };
    Err(scene
        .failure(diagnosis)
        .due("left", Frame::in_words(format!("close frame, {code}")))
        .sent(format!("left sends {what}"))
        .expected(format!("left hears a close frame with {code}"))
        .came(end.in_words()))
}

/// What is wrong with the end of a connection that should have been a close frame with this code.
pub(crate) fn not_said(end: &End, code: u16, open: Diagnosis) -> Option<Diagnosis> {
    match end {
        End::Goodbye(Some(said)) if *said == code => None,
        End::Goodbye(_) => Some(Diagnosis::WRONG_CLOSE_CODE),
        End::Gone => Some(Diagnosis::ENDS_WITHOUT_GOODBYE),
        End::Open => Some(open),
    }
}

diagnoses! {
    LIMIT_TOO_LOW "limit-too-low":
        "The server refuses a message of 4096 bytes, which is allowed."
        => "Look at the limit that you give the upgrade: a message of 4096 bytes has to fit.";
    TOO_LONG_TAKEN "too-long-taken":
        "The server takes a message of more than 4096 bytes, and holds it in memory until it is complete."
        => "Look at the limits that you give the upgrade, for a message and for a frame: both have to be 4096 bytes.";
    FRAGMENTS_NOT_COUNTED "fragments-not-counted":
        "A message in several frames may have any length: the server limits only the length of each frame."
        => "Look at the limits that you give the upgrade: it takes one for a frame, and one for all frames of a message together.";
    ENDS_WITHOUT_GOODBYE "ends-without-goodbye":
        "The connection ends without a close frame. The other side takes that for a network failure, so it connects again and repeats its mistake."
        => "Look at each way out of the loop: send a close frame first. Its code is 1009 for too long, 1007 for not UTF-8, 1008 for too many.";
}
