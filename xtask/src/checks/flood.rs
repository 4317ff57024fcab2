//! How many messages one client may send, and what becomes of one that sends more. All of it with PATIENCE at one second.

use std::rc::Rc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use super::client::{Client, Heard};
use super::limits::not_said;
use super::raw::{self, End, Raw};
use super::{Diagnosis, Outcome, Scene};

/// Messages a second, and so many at once.
const RATE: f64 = 120.0;
/// PATIENCE, in these checks.
const PATIENCE: Duration = Duration::from_secs(1);

/// More moves than anybody reads in the time of a check, each with its number as x.
fn moves(scene: &Scene) -> Vec<u8> {
    const MANY: u32 = 20_000;
    let numbered = (0..MANY).map(|number| scene.at(f64::from(number), f64::from(number) + 0.5));
    let frames = numbered.map(|position| raw::text(&scene.frame(position)));
    frames.collect::<Vec<_>>().concat()
}

/// One that sends a hundred a second, for longer than PATIENCE, is neither slowed down nor ended.
///
/// No clock says so. When the last move is sent, somebody else moves a few times, one move after the other has arrived: by
/// then the last has arrived as well, unless it still waits to be read.
pub async fn a_hundred_a_second_are_fine(scene: Rc<Scene>) -> Outcome {
    const EACH: Duration = Duration::from_millis(10);
    const MOVES: u32 = 220;
    const OTHERS: usize = 5;
    let [mut left, mut other, mut right] = scene.clients(["left", "other", "right"]).await?;
    let mut clock = interval(EACH);
    // Not made up for: a machine that was busy would make a burst of it.
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
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
        heard.map_err(|came| scene.failure(Diagnosis::NotEveryone).came(came))?;
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
        .failure(Diagnosis::RateTooLow)
        .missing("right", last.to_string())
        .sent(format!(
            "left moves {MOVES} times, a hundred times a second"
        ))
        .expected("right hears the last of them at once".into())
        .came(came)
        .into())
}

/// A flood is read no faster than it is allowed to be, and nothing of what is read is thrown away.
pub async fn a_flood_is_slowed_down(scene: Rc<Scene>) -> Outcome {
    let mut right = scene.settled_client("right").await?;
    let mut flooder = scene.raw_client("flooder").await?;
    let bytes = moves(&scene);
    flooder.note("moves, as fast as they are taken");
    let started = Instant::now();
    let listening = async {
        let mut heard = 0.0;
        loop {
            let Ok(position) = scene.next_position(&mut right).await else {
                return Ok(());
            };
            // A second's worth at once, then the rate; and a good quarter more, for a clock is no metronome.
            let allowed = RATE * (1.0 + started.elapsed().as_secs_f64()) * 1.25 + 20.0;
            if heard > allowed {
                let came = format!(
                    "{heard} of them in {:.1} s",
                    started.elapsed().as_secs_f64()
                );
                return Err((Diagnosis::FloodNotSlowed, came));
            }
            if position.x != heard {
                let came = format!(
                    "after {} of them, the move number {}",
                    heard,
                    position.x + 1.0
                );
                return Err((Diagnosis::FloodThrownAway, came));
            }
            heard += 1.0;
        }
    };
    let flooding = flooder.flood(&bytes, PATIENCE + scene.wait());
    let (diagnosis, came) = tokio::select! {
        wrong = listening => match wrong {
            Ok(()) => return Ok(()),
            Err(wrong) => wrong,
        },
        _ = flooding => return Ok(()),
    };
    Err(scene
        .failure(diagnosis)
        .sent("flooder moves as fast as its moves are taken".into())
        .expected("right hears 120 of them at once, then 120 a second, none left out".into())
        .came(came)
        .into())
}

/// A flood that goes on for PATIENCE is ended with 1008; and not before.
pub async fn a_flood_ends_with_1008(scene: Rc<Scene>) -> Outcome {
    let mut flooder = scene.raw_client("flooder").await?;
    let bytes = moves(&scene);
    flooder.note("moves, as fast as they are taken");
    let started = Instant::now();
    let end = flooder.flood(&bytes, PATIENCE + scene.wait()).await;
    let took = started.elapsed();
    let said = not_said(&end, 1008, Diagnosis::FloodNotCut);
    let diagnosis = match said {
        _ if end != End::Open && took < PATIENCE.mul_f64(0.7) => Diagnosis::FloodCutAtOnce,
        Some(diagnosis) => diagnosis,
        None => return Ok(()),
    };
    Err(scene
        .failure(diagnosis)
        .due("flooder", "a close frame with 1008")
        .sent("PATIENCE=1; flooder moves as fast as its moves are taken".into())
        .expected("flooder hears a close frame with 1008, after a second".into())
        .came(format!(
            "{}, after {:.1} s",
            end.in_words(),
            took.as_secs_f64()
        ))
        .into())
}

/// While one floods, and when it is ended, the others go on as if it were not there.
pub async fn a_flood_troubles_nobody_else(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let mut flooder = scene.raw_client("flooder").await?;
    let bytes = moves(&scene);
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
        let moved = scene.still_relays(left, right, Diagnosis::FloodTroublesOthers);
        moved.await.map_err(|failure| {
            failure.sent("flooder floods; meanwhile left moves twenty times a second".into())
        })?;
    }
    Ok(())
}
