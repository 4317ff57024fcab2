//! Ctrl-C: everybody hears that the server ends, and it does.

use std::rc::Rc;
use std::time::Duration;

use tokio::time::Instant;
use wire::client::Heard;
use wire::transcript::Frame;

use crate::scene::seconds;
use crate::{Diagnosis, Outcome, Scene, Stop};

/// How many listen.
const LISTENERS: usize = 30;

/// Ctrl-C says 1001 to everybody, and the program ends within two seconds, and without an error.
pub async fn ctrl_c_says_goodbye(scene: Rc<Scene>) -> Outcome {
    // One of them does not read, and so does not say goodbye in its turn.
    let [_silent] = scene.clients(["silent"]).await?;
    // A program that ends without waiting for its tasks is often fast enough for two, but not for all of these.
    let mut all = Vec::new();
    for number in 1..=LISTENERS {
        all.extend(scene.clients([&*format!("user {number}")]).await?);
    }
    if !scene.interrupt() {
        let what = "Ctrl-C can be sent to another program on Linux and macOS only";
        return Err(Stop::Missing(what.into()));
    }
    let within = Duration::from_secs(2).mul_f64(scene.context.patience);
    let started = Instant::now();
    let sent = format!("{LISTENERS} listen, one does not read; Ctrl-C");
    for client in &mut all {
        let ended = |heard: &Heard| match heard {
            Heard::Ended(how) => Some(how.clone()),
            _ => None,
        };
        let (diagnosis, came) = match scene.hear(client, ended).await {
            Ok(how) if how == "a close frame, code 1001" => continue,
            Ok(how) if how.starts_with("a close frame") => (Diagnosis::WRONG_CLOSE_CODE, how),
            Ok(how) => (
                Diagnosis::NO_GOODBYE_AT_THE_END,
                format!("{how}, without a close frame"),
            ),
            Err(why) => (Diagnosis::NO_GOODBYE_AT_THE_END, why),
        };
        let failure = scene
            .failure(diagnosis)
            .due(&client.name, Frame::in_words("close frame, 1001"))
            .sent(sent)
            .expected(format!("{} hears a close frame with 1001", client.name))
            .came(came);
        // That it has ended is what was asked for, and explains nothing.
        scene.drop_program();
        return Err(failure.into());
    }
    let exit = scene.exited(within.saturating_sub(started.elapsed())).await;
    let (diagnosis, came) = match exit {
        Some(exit) if exit.is_success() => return Ok(()),
        Some(exit) => (
            Diagnosis::ENDS_AS_A_FAILURE,
            format!("it ends, with {}", exit.text),
        ),
        None => (
            Diagnosis::ENDS_TOO_LATE,
            format!("it still runs after {}", seconds(within)),
        ),
    };
    scene.drop_program();
    Err(scene
        .failure(diagnosis)
        .sent(sent)
        .expected("the program ends within two seconds, with exit code 0".into())
        .came(came)
        .into())
}

diagnoses! {
    WRONG_CLOSE_CODE "wrong-close-code":
        "The close frame has the wrong code. 1009 means too long, 1007 not UTF-8, 1008 too many messages, and 1001 that the server ends."
        => "Look at which error came, or which line ended the loop, and send the code for it.";
    NO_GOODBYE_AT_THE_END "no-goodbye-at-the-end":
        "At Ctrl-C, the clients get no close frame, so they have to believe that the network failed."
        => "Look at what main waits for: it has to wait for Ctrl-C, too. Then tell all tasks, let each send a close frame with 1001, and return from main after that.";
    ENDS_TOO_LATE "ends-too-late":
        "Two seconds after Ctrl-C the program still runs. It waits for a client that does not answer, or it never learns that all have left."
        => "Give all goodbyes together one and a half seconds, then return from main.";
    ENDS_AS_A_FAILURE "ends-as-a-failure":
        "The program ends at Ctrl-C with the exit code of a failure. A supervisor that restarts failed programs would restart it now."
        => "Look at what main returns after Ctrl-C.";
}
