//! How many messages one client may send, and what becomes of one that sends more. All but the burst with
//! PATIENCE at one second.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::{Instant, interval};
use wire::client::{Client, Heard};
use wire::frame;
use wire::position::Position;
use wire::raw::{End, Raw};
use wire::transcript::Frame;

use crate::open::limits::not_said;
use crate::report::Failure;
use crate::scene::seconds;
use crate::socket::ping_and_close::is_served;
use crate::{Diagnosis, Outcome, Scene, Stop};

/// Messages a second, and so many at once.
const RATE: f64 = 120.0;
/// PATIENCE, in the checks of a flood.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a flood is quiet before it begins.
const QUIET: Duration = Duration::from_secs(3);

/// More moves than anybody reads in the time of a check.
const MANY: u32 = 20_000;

/// The move with this number, which is its x.
fn numbered(scene: &Scene, number: u32) -> Position {
    scene.at(f64::from(number), f64::from(number) + 0.5)
}

/// So many moves, as the bytes of their frames. They take a moment to make, and a server may count from the connection on.
fn moves(scene: &Scene, many: u32) -> Vec<u8> {
    let frames = (0..many).map(|number| frame::text(&scene.frame(numbered(scene, number))));
    frames.collect::<Vec<_>>().concat()
}

/// One that sends a hundred a second, for longer than PATIENCE, is neither slowed down nor ended.
///
/// No clock says so. When the last move is sent, somebody else moves a few times, one move after the other has arrived: by
/// then the last has arrived as well, unless it still waits to be read.
pub async fn a_hundred_a_second_are_fine(scene: Rc<Scene>) -> Outcome {
    const EACH: Duration = Duration::from_millis(10);
    const MOVES: u32 = 260;
    const OTHERS: usize = 5;
    let [mut left, mut other, mut right] = scene.clients(["left", "other", "right"]).await?;
    // What a busy machine misses is made up for: a small burst, of what has been saved.
    let mut clock = interval(EACH);
    let move_of_left = |number: u32| scene.at(f64::from(number), f64::from(number) + 10_000.0);
    for number in 0..MOVES {
        clock.tick().await;
        scene.send(&mut left, move_of_left(number)).await;
    }
    let last = move_of_left(MOVES - 1);
    let mut has_come = false;
    for _ in 0..OTHERS {
        let position = scene.position();
        scene.send(&mut other, position).await;
        let arrived = |heard: &Heard| {
            has_come |= heard.position() == Some(last);
            (heard.position() == Some(position)).then_some(())
        };
        let heard = scene.hear(&mut right, arrived).await;
        heard.map_err(|came| scene.failure(Diagnosis::NOT_EVERYONE).came(came))?;
    }
    if has_come {
        return Ok(());
    }
    let ended = |heard: &Heard| match heard {
        Heard::Ended(how) => Some(how.clone()),
        _ => None,
    };
    let came = match scene.hear(&mut left, ended).await {
        Ok(how) => format!("left hears {how}"),
        Err(_) => format!("{OTHERS} later moves of somebody else come before it"),
    };
    Err(scene
        .failure(Diagnosis::RATE_TOO_LOW)
        .missing("right", last.to_string())
        .sent(format!(
            "left moves {MOVES} times, a hundred times a second"
        ))
        .expected("right hears the last of them at once".into())
        .came(came)
        .into())
}

/// Several send at the same time, each as much as one may send at once, and all of it arrives at once.
///
/// If they had one rate together, it would take them seconds.
pub async fn each_has_a_rate_of_its_own(scene: Rc<Scene>) -> Outcome {
    const SENDERS: usize = 8;
    let mut right = scene.settled_client("right").await?;
    let mut senders = Vec::new();
    for number in 1..=SENDERS {
        senders.push(scene.settled_client(&format!("sender {number}")).await?);
    }
    let many = scene.burst(u32::MAX);
    let move_of = |sender: usize, number: u32| scene.at(f64::from(number), sender as f64);
    for (index, sender) in senders.iter_mut().enumerate() {
        for number in 1..=many {
            let frame = scene.frame(move_of(index, number));
            let _ = sender.queue(frame.into()).await;
        }
        let _ = sender.flush().await;
    }
    let mut last: Vec<Position> = (0..SENDERS).map(|index| move_of(index, many)).collect();
    let all_are_there = |heard: &Heard| {
        last.retain(|last| heard.position() != Some(*last));
        last.is_empty().then_some(())
    };
    let heard = scene.hear(&mut right, all_are_there).await;
    heard.map_err(|came| {
        let failure = scene.failure(Diagnosis::RATE_IS_SHARED);
        failure
            .sent(format!(
                "{SENDERS} clients move {many} times each, all at the same time"
            ))
            .expected("right hears the last move of each of them at once".into())
            .came(came)
    })?;
    Ok(())
}

/// What may have been heard of a flood after this time: a second's worth at once, then the rate.
fn allowed(elapsed: Duration) -> f64 {
    RATE * (1.0 + elapsed.as_secs_f64())
}

/// A flood is read no faster than it is allowed to be.
///
/// Silence is no proof of it: where nothing arrives, the machine may be too busy for a flood. So what is heard has to be about
/// what is allowed, and much more has to have been written; unless the server has ended the flood, which says enough. And
/// where very much could be written, the server has taken it: a flood may leave it no time to pass anything on.
pub async fn a_flood_is_slowed_down(scene: Rc<Scene>) -> Outcome {
    let mut right = scene.settled_client("right").await?;
    let bytes = moves(&scene, MANY);
    let mut flooder = scene.raw_client("flooder").await?;
    // A client that was quiet may send a second's worth at once, and has not saved up more.
    tokio::time::sleep(QUIET).await;
    // Where that cannot be had, what is heard has to do.
    let _ = flooder.keep_little();
    flooder.note("moves, as fast as they are taken");
    let started = Instant::now();
    let heard = Cell::new(0.0);
    let too_fast = async {
        while scene.next_position(&mut right).await.is_ok() {
            heard.set(heard.get() + 1.0);
            // A good quarter more, for a clock is no metronome.
            let elapsed = started.elapsed();
            if heard.get() > allowed(elapsed) * 1.25 + 20.0 {
                return format!("{} of them in {:.1} s", heard.get(), elapsed.as_secs_f64());
            }
        }
        std::future::pending().await
    };
    let flooding = flooder.flood(&bytes, PATIENCE + scene.wait());
    let came = tokio::select! {
        came = too_fast => came,
        end = flooding => {
            let elapsed = started.elapsed();
            let written = MANY as f64 * flooder.written as f64 / bytes.len() as f64;
            match end {
                End::Open if written > TAKEN * allowed(elapsed) => format!(
                    "{written:.0} of them were taken in {}, and {} arrived",
                    seconds(elapsed),
                    heard.get()
                ),
                End::Open if !is_evidence(heard.get(), written, elapsed) => {
                    return Err(too_busy(heard.get(), written));
                }
                _ => return Ok(()),
            }
        }
    };
    Err(scene
        .failure(Diagnosis::FLOOD_NOT_SLOWED)
        .sent("flooder moves as fast as its moves are taken".into())
        .expected("right hears 120 of them at once, then 120 a second".into())
        .came(came)
        .into())
}

/// So many times what may be read in its time is more than lies between a client that keeps little and a server that is slow
/// to read.
const TAKEN: f64 = 50.0;

/// Whether so many moves, heard of so many written, show that somebody was slowed down.
fn is_evidence(heard: f64, written: f64, elapsed: Duration) -> bool {
    heard >= 0.5 * allowed(elapsed) && written >= 2.0 * allowed(elapsed)
}

fn too_busy(heard: f64, written: f64) -> Stop {
    Stop::Missing(format!(
        "this machine is too busy for a flood: {written:.0} moves could be written, and {heard:.0} were heard. Try again when it has less to do"
    ))
}

/// Of a burst that is half as long again as what may come at once, nothing is thrown away, and nobody is ended for it. Here
/// PATIENCE is long: half a second too fast is far from it, however the seconds are counted.
pub async fn a_burst_arrives_whole(scene: Rc<Scene>) -> Outcome {
    const BURST: u32 = 180;
    let mut right = scene.settled_client("right").await?;
    let mut flooder = scene.raw_client("flooder").await?;
    flooder.note(&format!("{BURST} moves at once"));
    // That it could not all be written is a matter of the end, which is looked at below.
    let _ = flooder.write(&moves(&scene, BURST)).await;
    for number in 0..BURST {
        let expected = numbered(&scene, number);
        let came = match scene.next_position(&mut right).await {
            Ok(position) if position == expected => continue,
            Ok(position) => position.to_string(),
            Err(came) => came,
        };
        let end = flooder.end(Duration::ZERO).await;
        let diagnosis = match end {
            End::Open => Diagnosis::FLOOD_THROWN_AWAY,
            _ => Diagnosis::FLOOD_CUT_AT_ONCE,
        };
        return Err(scene
            .failure(diagnosis)
            .missing("right", expected.to_string())
            .sent(format!("flooder moves {BURST} times at once"))
            .expected("right hears each of them, none left out".into())
            .came(format!(
                "{number} of them, then {came}; for flooder, {}",
                end.in_words()
            ))
            .into());
    }
    Ok(())
}

/// A flood that goes on for PATIENCE is ended with 1008; and not before.
pub async fn a_flood_ends_with_1008(scene: Rc<Scene>) -> Outcome {
    let bytes = moves(&scene, MANY);
    let mut flooder = scene.raw_client("flooder").await?;
    flooder.note("moves, as fast as they are taken");
    let started = Instant::now();
    let end = flooder.flood(&bytes, PATIENCE + scene.wait() * 2).await;
    let took = started.elapsed();
    let said = not_said(&end, 1008, Diagnosis::FLOOD_NOT_CUT);
    let diagnosis = match said {
        _ if end != End::Open && took < PATIENCE.mul_f64(0.7) => Diagnosis::FLOOD_CUT_AT_ONCE,
        Some(diagnosis) => diagnosis,
        None => return Ok(()),
    };
    Err(scene
        .failure(diagnosis)
        .due("flooder", Frame::in_words("close frame, 1008"))
        .sent("PATIENCE=1; flooder moves as fast as its moves are taken".into())
        .expected("flooder hears a close frame with 1008, after a second".into())
        .came(format!(
            "{}, after {:.1} s",
            end.in_words(),
            took.as_secs_f64()
        ))
        .into())
}

/// A message that begins and never ends is not waited for: what comes is counted before it is a message.
pub async fn a_message_without_end_ends_with_1008(scene: Rc<Scene>) -> Outcome {
    const PIECES: usize = 2_000;
    let mut right = scene.settled_client("right").await?;
    let mut flooder = scene.raw_client("flooder").await?;
    flooder.note("the beginning of a text, and then empty pieces of it without end");
    let _ = flooder.write(&frame::beginning_with(0x01, b"[")).await;
    let nothing = frame::beginning_with(0x00, b"").repeat(PIECES);
    let end = flooder.flood(&nothing, PATIENCE + scene.wait() * 2).await;
    let Some(mut diagnosis) = not_said(&end, 1008, Diagnosis::BYTES_NOT_COUNTED) else {
        return Ok(());
    };
    let mut came = end.in_words();
    if end == End::Open && !is_served_beside(&scene, &nothing, &mut right).await? {
        diagnosis = Diagnosis::READS_WITHOUT_END;
        came += "; and while some do it, nobody else is answered";
    }
    Err(scene
        .failure(diagnosis)
        .due("flooder", Frame::in_words("close frame, 1008"))
        .sent("PATIENCE=1; flooder begins a text, and sends empty pieces of it without end".into())
        .expected("flooder hears a close frame with 1008, after a second".into())
        .came(came)
        .into())
}

/// Whether somebody is answered while others send such messages, more of them than there are cores: a task that does not give
/// its core away keeps one.
async fn is_served_beside(
    scene: &Scene,
    nothing: &[u8],
    right: &mut Client,
) -> Result<bool, Failure> {
    const TRIES: usize = 3;
    /// What they have to get every core busy, before somebody asks.
    const A_START: Duration = Duration::from_millis(500);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut flooders = Vec::new();
    for _ in 0..=cores {
        // One that is not let in any more says as much.
        let Ok(mut raw) = scene.raw_client("one more flooder").await else {
            return Ok(false);
        };
        let _ = raw.write(&frame::beginning_with(0x01, b"[")).await;
        flooders.push(raw);
    }
    let floods = flooders
        .iter_mut()
        .map(|raw| raw.flood(nothing, Duration::MAX));
    let asking = async {
        tokio::time::sleep(A_START).await;
        for _ in 0..TRIES {
            let served = is_served(scene, right, Diagnosis::READS_WITHOUT_END);
            if served.await.is_ok() {
                return true;
            }
        }
        false
    };
    Ok(tokio::select! {
        is_served = asking => is_served,
        _ = join_all(floods) => true,
    })
}

/// While one floods, and when it is ended, the others go on as if it were not there.
pub async fn a_flood_troubles_nobody_else(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let bytes = moves(&scene, MANY);
    let mut flooder = scene.raw_client("flooder").await?;
    flooder.note("moves, as fast as they are taken");
    let flooding = async {
        flood_again(&mut flooder, &bytes).await;
        std::future::pending().await
    };
    tokio::select! {
        outcome = the_others(&scene, &mut left, &mut right) => outcome,
        never = flooding => never,
    }
}

async fn flood_again(flooder: &mut Raw, bytes: &[u8]) {
    flooder.flood(bytes, Duration::MAX).await;
}

/// One moves twenty times a second, until the flood is long over, and each move reaches the other.
async fn the_others(scene: &Scene, left: &mut Client, right: &mut Client) -> Outcome {
    let started = Instant::now();
    let mut clock = interval(Duration::from_millis(50));
    while started.elapsed() < PATIENCE * 2 {
        clock.tick().await;
        let moved = scene.still_relays(left, right, Diagnosis::FLOOD_TROUBLES_OTHERS);
        moved.await.map_err(|failure| {
            failure.sent("flooder floods; meanwhile left moves twenty times a second".into())
        })?;
    }
    Ok(())
}

diagnoses! {
    RATE_TOO_LOW "rate-too-low":
        "A client that sends a hundred messages a second is slowed down or ended, although 120 are allowed."
        => "Count for a second at least, and let 120 pass in it; the number is EVENTS_PER_SECOND.";
    RATE_IS_SHARED "rate-is-shared":
        "Each of several clients keeps to its rate, but the server slows them down as if they were one. So a full room is slower than an empty one."
        => "Give each connection a count of its own, in its own task: not a static one, and none that all tasks share.";
    FLOOD_NOT_SLOWED "flood-not-slowed":
        "The server reads one client's messages as fast as it sends them. Each message costs work here and at every receiver."
        => "Do not read the next message before it is due: allow 120 a second, and up to 120 at once.";
    FLOOD_THROWN_AWAY "flood-thrown-away":
        "The server reads messages that come too fast and throws them away. Reading them is work, too, and the sender never learns that it is too fast."
        => "Stop reading for a while instead: then TCP makes the sender wait, and nothing is lost.";
    FLOOD_CUT_AT_ONCE "flood-cut-at-once":
        "The server ends a client at once when it is too fast. A network may deliver the messages of a whole second in one moment, so an honest client can be hit."
        => "Slow the client down first. End it when it has been too fast for SETTINGS.patience without a break.";
    FLOOD_NOT_CUT "flood-not-cut":
        "If a client is too fast for longer than PATIENCE, the server slows it down but lets it stay. What it sends fills the memory on both sides."
        => "Remember when the client last kept to its rate. End it with 1008 when SETTINGS.patience has passed since then.";
    BYTES_NOT_COUNTED "bytes-not-counted":
        "If a message never ends, the server reads it for ever. The library hands over complete messages only, so a count of messages sees nothing here."
        => "Count the bytes where they come in: below the library, where something reads the connection.";
    READS_WITHOUT_END "reads-without-end":
        "While one client sends a message that never ends, nobody else gets an answer. The library reads on until it has a whole message, and for that long the task keeps its core."
        => "Look at what the library calls to read the socket. Nothing in it awaits, so limit how much it reads in one turn, and then let the other tasks run.";
    FLOOD_TROUBLES_OTHERS "flood-troubles-others":
        "While one client floods, or when the server ends it, the moves of other clients no longer arrive, or their connections end as well."
        => "Count for each client separately, and wait in the task of that client only. Hold nothing that all clients share while you wait.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_no_evidence() {
        let three = Duration::from_secs(3);
        assert_eq!(allowed(three), 480.0);
        assert!(is_evidence(470.0, 20_000.0, three));
        assert!(!is_evidence(0.0, 20_000.0, three));
        assert!(!is_evidence(470.0, 500.0, three));
    }
}
