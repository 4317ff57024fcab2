//! One that never reads: it may keep what fits into a little memory, for a little while.

use std::rc::Rc;
use std::time::Duration;

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use wire::client::{Client, Heard};

use crate::report::Failure;
use crate::{Diagnosis, Outcome, Scene, Stop};

/// So long is what is said: near to the longest that may be.
const BYTES: usize = 4000;
/// So many fill what the system keeps for one that does not read.
pub(crate) const FILLS: usize = if cfg!(unix) { 200 } else { 2_000 };
/// So many are on their way at a time.
const BATCH: usize = 50;

/// One says a lot, and another one who reads hears it all. Each text begins with numbers of its own, as long as two talks of a
/// check are not equally long.
pub(crate) async fn talk(
    scene: &Scene,
    left: &mut Client,
    right: &mut Client,
    texts: usize,
) -> Result<(), Failure> {
    for batch in 0..texts / BATCH {
        for text in 0..BATCH {
            let words = format!("{texts}.{batch}.{text}.{}", "a".repeat(BYTES));
            let _ = left
                .queue(Message::text(json!(["say", words]).to_string()))
                .await;
        }
        let last = format!("{texts}.{batch}.{}.", BATCH - 1);
        let is_last = |heard: &Heard| match heard {
            Heard::Event(name, arguments) if name == "say" => {
                let words = arguments.first().and_then(|words| words.as_str());
                words.filter(|words| words.starts_with(&last)).map(|_| ())
            }
            _ => None,
        };
        let (_, heard) = tokio::join!(left.flush(), scene.look_for(right, is_last));
        let Err(instead) = heard else { continue };
        let diagnosis = match instead.is_invalid {
            true => Diagnosis::FRAMES_MIXED,
            false => scene.why_silent(left).await,
        };
        return Err(scene
            .failure(diagnosis)
            .sent("somebody reads nothing; left says a lot".into())
            .expected("right hears it".into())
            .came(instead.to_string()));
    }
    Ok(())
}

async fn stuck(scene: &Scene, name: &str) -> Result<Client, Failure> {
    let connecting = Client::connect_narrow(name, scene.address, &scene.transcript).await;
    connecting.map_err(|why| scene.failure(Diagnosis::NO_WEB_SOCKET).came(why))
}

/// One that does not take what is sent to it is gone after PATIENCE, and no longer counted.
pub async fn one_that_never_reads_is_gone(scene: Rc<Scene>) -> Outcome {
    let _stuck = stuck(&scene, "stuck").await?;
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    talk(&scene, &mut left, &mut right, FILLS).await?;
    let done = "PATIENCE=1; stuck reads nothing of what left says";
    // PATIENCE is a second.
    let within = Duration::from_secs(1) + scene.wait();
    let wrong = |number| match number < 2.0 {
        true => Diagnosis::ONLINE_LOSES_COUNT,
        false => Diagnosis::UNREAD_STAYS,
    };
    scene
        .counts_soon(&mut right, 2, within, done, wrong)
        .await?;
    Ok(())
}

/// Each that does not read costs no more than 256 KiB of the program's memory, however much is said.
pub async fn one_that_never_reads_costs_little(scene: Rc<Scene>) -> Outcome {
    /// So many that they can be told from the noise.
    const MANY: usize = 16;
    const EACH: u64 = 256 * 1024;
    /// What a program's memory may differ by from one moment to another.
    const NOISE: u64 = 2 << 20;
    let memory = || {
        scene.memory().ok_or_else(|| {
            Stop::Missing("the memory of another program can be measured on Linux only".into())
        })
    };
    memory()?;
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    // What all who do not read share, a ring of messages say, is there when the first has not read for a while.
    let _first = stuck(&scene, "stuck").await?;
    talk(&scene, &mut left, &mut right, 1_200).await?;
    let before = memory()?;
    let mut all = Vec::new();
    for number in 0..MANY {
        all.push(stuck(&scene, &format!("stuck {number}")).await?);
    }
    talk(&scene, &mut left, &mut right, 3_000).await?;
    let more = memory()?.saturating_sub(before);
    if more <= MANY as u64 * EACH + NOISE {
        return Ok(());
    }
    Err(scene
        .failure(Diagnosis::UNREAD_GROWS)
        .sent(format!("{MANY} clients read nothing; left says 12 MB"))
        .expected("each of them costs 256 KiB of memory at most".into())
        .came(format!("{} KiB for each", more / 1024 / MANY as u64))
        .into())
}

diagnoses! {
    UNREAD_STAYS "unread-stays":
        "A client that does not read stays connected, and everything that waits for it stays in memory."
        => "Look at everything that writes to one client. Each write needs a time limit, SETTINGS.patience; when it is over, end the connection.";
    UNREAD_GROWS "unread-grows":
        "Messages for a client that does not read pile up in memory without limit."
        => "Limit how many messages may wait for one client, and feed no more than a few KiB before you flush.";
}
