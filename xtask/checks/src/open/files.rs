//! Step 11: a connection is an open file, and a system lends a program only so many.

use std::rc::Rc;

use machine::process::Files;
use tokio::time::timeout;
use wire::raw::Raw;
use wire::transcript::Transcript;

use crate::report::Failure;
use crate::{Diagnosis, Outcome, Scene};

/// Where there are few files, the next one gets 503 before the last file is gone.
pub async fn seats_end_before_the_files_do(scene: Rc<Scene>) -> Outcome {
    const FEW: Files = Files {
        soft: 400,
        hard: 400,
    };
    let narrow = started(&scene, "with 400 files", FEW).await?;
    let came = let_in(&narrow, FEW.hard).await;
    let outcome = match came.last {
        Some(503) => Ok(()),
        last => Err(narrow
            .failure(Diagnosis::FILES_RUN_OUT)
            .sent(format!(
                "ulimit -n {}; one after the other connects to /ws",
                FEW.hard
            ))
            .expected("the server answers 503 to a client when no file is left".into())
            .came(match last {
                Some(status) => format!(
                    "{} were let in, and then the answer was {status}",
                    came.count
                ),
                None => format!("{} were let in, and the next one got no answer", came.count),
            })
            .into()),
    };
    narrow.end().await;
    outcome
}

/// A program that may have more files than it was started with asks for them.
pub async fn it_asks_for_all_its_files(scene: Rc<Scene>) -> Outcome {
    const SOME: Files = Files {
        soft: 256,
        hard: 1024,
    };
    let roomy = started(&scene, "with 256 files that may be 1024", SOME).await?;
    let came = let_in(&roomy, SOME.soft).await;
    let outcome = match came.count > SOME.soft {
        true => Ok(()),
        false => Err(roomy
            .failure(Diagnosis::FILES_NOT_ASKED_FOR)
            .sent(format!(
                "ulimit -Sn {}; ulimit -Hn {}; one after the other connects to /ws",
                SOME.soft, SOME.hard
            ))
            .expected(format!("more than {} are let in", SOME.soft))
            .came(format!("{} are", came.count))
            .into()),
    };
    roomy.end().await;
    outcome
}

async fn started(scene: &Scene, id: &str, files: Files) -> Result<Scene, Failure> {
    Scene::start_with_files(id, &[], Some(files), scene.context.clone()).await
}

/// How many were let in, and what the one after them got.
struct Came {
    count: u64,
    last: Option<u16>,
}

/// Lets them come one after the other, until one is not let in, or there is one more than `most`.
async fn let_in(scene: &Scene, most: u64) -> Came {
    // What hundreds say while they connect is nobody's to read.
    let unread = Transcript::default();
    let mut all = Vec::new();
    while all.len() as u64 <= most {
        let coming = async {
            let mut raw = Raw::open("one more", scene.address, &unread).await?;
            let status = raw.upgrade(None).await?;
            std::io::Result::Ok((raw, status))
        };
        let last = match timeout(scene.wait(), coming).await {
            Ok(Ok((raw, 101))) => {
                all.push(raw);
                continue;
            }
            Ok(Ok((_, status))) => Some(status),
            _ => None,
        };
        let count = all.len() as u64;
        return Came { count, last };
    }
    let (count, last) = (all.len() as u64, Some(101));
    Came { count, last }
}

diagnoses! {
    FILES_RUN_OUT "files-run-out":
        "There are more seats than files, and each connection takes a file. When all files are taken, the server cannot even refuse a client, so the next client waits for an answer for ever."
        => "Look at what MAX_CONNECTIONS becomes at the start. Offer no more seats than there are files, minus the files that the program needs for itself and for HTTP.";
    FILES_NOT_ASKED_FOR "files-not-asked-for":
        "The program keeps the file limit that it started with. A shell gives a small limit, often 1,024, but a program may ask for a larger one."
        => "Look at where the program asks how many files it may open. There it has to raise its own limit as far as the system allows.";
}
