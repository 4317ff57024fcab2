//! What the world sends, and how it leaves: nothing that one client does may cost another one anything.

use std::rc::Rc;

use steps::step::Ability;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use wire::client::{Client, Heard};

use crate::report::Failure;
use crate::scene::seconds;
use crate::socket::ping_and_close::is_served;
use crate::{Diagnosis, Outcome, Scene};

impl Scene {
    /// Holds that a move of `from` still reaches `to`.
    pub(crate) async fn still_relays(
        &self,
        from: &mut Client,
        to: &mut Client,
        otherwise: Diagnosis,
    ) -> Result<(), Failure> {
        let position = self.position();
        self.send(from, position).await;
        self.expect_at_last(to, position, otherwise).await
    }

    /// Why a client that reads hears no more of what `left` says: everybody is held up, or that client alone is forgotten.
    /// A client that comes now tells the one from the other.
    pub(crate) async fn why_silent(&self, left: &mut Client) -> Diagnosis {
        let newcomer = self.settled_client("newcomer").await;
        let Ok(mut newcomer) = newcomer else {
            return Diagnosis::STUCK_CLIENT_STALLS;
        };
        match self.relays_at_last(left, &mut newcomer).await {
            true => Diagnosis::LEFT_BEHIND,
            false => Diagnosis::STUCK_CLIENT_STALLS,
        }
    }

    /// Whether a move of `from` reaches `to` when a while has passed since the last one: so that one was dropped, and the way
    /// is open.
    pub(crate) async fn relays_at_last(&self, from: &mut Client, to: &mut Client) -> bool {
        const TRIES: u32 = 3;
        for _ in 0..TRIES {
            let position = self.position();
            self.send(from, position).await;
            let is_it = |heard: &Heard| (heard.position() == Some(position)).then_some(());
            let heard = timeout(self.wait() / TRIES, self.hear(to, is_it)).await;
            if matches!(heard, Ok(Ok(()))) {
                return true;
            }
        }
        false
    }
}

/// A frame that is far too long may end its sender's connection, and nobody else's.
pub async fn a_huge_frame_troubles_nobody_else(scene: Rc<Scene>) -> Outcome {
    const BYTES: usize = 1 << 20;
    let [mut left, mut middle, mut right] = scene.clients(["left", "middle", "right"]).await?;
    let huge = format!("[\"spy\",1,2,\"{}\"]", "a".repeat(BYTES));
    // It may be refused while it is being written, and it need not be read at all.
    let _ = tokio::time::timeout(scene.wait(), left.send(huge)).await;
    for other in [&mut middle, &mut right] {
        is_served(&scene, other, Diagnosis::LARGE_FRAME_TROUBLES_OTHERS).await?;
    }
    if !scene.has(Ability::Moves) {
        return Ok(());
    }
    scene
        .still_relays(
            &mut middle,
            &mut right,
            Diagnosis::LARGE_FRAME_TROUBLES_OTHERS,
        )
        .await?;
    scene
        .still_relays(
            &mut right,
            &mut middle,
            Diagnosis::LARGE_FRAME_TROUBLES_OTHERS,
        )
        .await?;
    Ok(())
}

/// After a client has left with a close frame, the others go on.
pub async fn a_client_that_leaves_troubles_nobody(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut middle, mut right] = scene.clients(["left", "middle", "right"]).await?;
    a_first_move(&scene, &mut middle, &mut left, &mut right).await?;
    let _ = middle.send_frame(Message::Close(None)).await;
    drop(middle);
    the_others_go_on(&scene, &mut left, &mut right).await
}

/// After a client has vanished without a close frame, the others go on.
pub async fn a_client_that_vanishes_troubles_nobody(scene: Rc<Scene>) -> Outcome {
    let [mut left, mut middle, mut right] = scene.clients(["left", "middle", "right"]).await?;
    a_first_move(&scene, &mut middle, &mut left, &mut right).await?;
    middle.vanish();
    the_others_go_on(&scene, &mut left, &mut right).await?;
    // A guarded server has seats, and whoever goes without a word may keep one for a while.
    match scene.is_guarded() {
        true => Ok(()),
        false => the_next_are_told_apart(&scene, &mut left).await,
    }
}

/// The one who is about to go moves, and both others hear it: it was there.
async fn a_first_move(
    scene: &Scene,
    from: &mut Client,
    left: &mut Client,
    right: &mut Client,
) -> Outcome {
    let position = scene.position();
    scene.send(from, position).await;
    for other in [left, right] {
        scene
            .expect_at_last(other, position, Diagnosis::NOT_EVERYONE)
            .await?;
    }
    Ok(())
}

/// Several moves each way: the first after a loss is often the one that finds it, and the second the one that suffers.
async fn the_others_go_on(scene: &Scene, left: &mut Client, right: &mut Client) -> Outcome {
    for _ in 0..3 {
        scene
            .still_relays(left, right, Diagnosis::LEAVER_BREAKS_OTHERS)
            .await?;
        scene
            .still_relays(right, left, Diagnosis::LEAVER_BREAKS_OTHERS)
            .await?;
    }
    let mut new = scene.client("new", Diagnosis::LEAVER_BREAKS_OTHERS).await?;
    is_served(scene, &mut new, Diagnosis::LEAVER_BREAKS_OTHERS).await?;
    scene
        .still_relays(left, &mut new, Diagnosis::LEAVER_BREAKS_OTHERS)
        .await?;
    // It hears one of them. That it does not hear the other, or that one does not hear it, is because it is taken for it.
    scene
        .still_relays(right, &mut new, Diagnosis::NUMBER_GIVEN_TWICE)
        .await?;
    for other in [left, right] {
        scene
            .still_relays(&mut new, other, Diagnosis::NUMBER_GIVEN_TWICE)
            .await?;
    }
    Ok(())
}

/// When so many have come and gone that a small number begins anew, those who come then are told from those who are there.
async fn the_next_are_told_apart(scene: &Scene, left: &mut Client) -> Outcome {
    /// With the newcomers, as many as a byte has values.
    const GONE: usize = 250;
    const NEW: usize = 12;
    for number in 1..=GONE {
        let name = format!("visitor {number}");
        let visitor = scene.client(&name, Diagnosis::LEAVER_BREAKS_OTHERS).await?;
        visitor.vanish();
    }
    let mut newcomers = Vec::new();
    for number in 1..=NEW {
        newcomers.push(scene.settled_client(&format!("new {number}")).await?);
    }
    let position = scene.position();
    scene.send(left, position).await;
    for new in &mut newcomers {
        scene
            .expect_at_last(new, position, Diagnosis::NUMBER_GIVEN_TWICE)
            .await?;
    }
    Ok(())
}

/// While one client reads nothing, a flood passes between the others.
pub async fn a_client_that_never_reads_delays_nobody(scene: Rc<Scene>) -> Outcome {
    /// So many moves fill what the system holds for a client that does not read, and a queue of a thousand besides.
    const MOVES: u32 = if cfg!(unix) { 4_000 } else { 80_000 };
    const BATCH: u32 = 200;
    /// A number as long as a number gets: the longer the frames, the sooner they fill what the system holds.
    const LONG: f64 = 1_234_567_890_123_456.0;
    let connecting = Client::connect_narrow("stuck", scene.address, &scene.transcript).await;
    let _stuck = connecting.map_err(|why| scene.failure(Diagnosis::NO_WEB_SOCKET).came(why))?;
    let [mut left, mut right] = scene.clients(["left", "right"]).await?;
    let size = scene.burst(BATCH);
    let event = scene.event.get();
    let since = Instant::now();
    // No more than a batch is on its way at a time: a burst may be thinned out, and this is not about that.
    for batch in 0..MOVES / size {
        if scene.is_guarded() {
            // Each sends what one may send at once.
            left = scene.settled_client("left").await?;
        } else if since.elapsed() > scene.wait() * 3 {
            // A program that takes its time for each is another check's find. Nobody was held up so far.
            break;
        }
        for step in 0..size {
            let x = f64::from(batch * size + step);
            let _ = left
                .queue(Message::text(scene.frame(scene.at(x, LONG))))
                .await;
        }
        let last = f64::from((batch + 1) * size - 1);
        let mut heard = batch * size;
        let listening = async {
            loop {
                let next = |heard: &Heard| scene.own_position(heard);
                match scene.look_for(&mut right, next).await {
                    Ok(position) if position.x == last => return Ok(()),
                    Ok(_) => heard += 1,
                    Err(instead) if instead.has_ended() => {
                        return Err((Some(Diagnosis::lost(event)), instead.to_string()));
                    }
                    Err(instead) => return Err((None, instead.to_string())),
                }
                if scene.is_slow(heard as usize, since) {
                    let came = format!("{heard} of them, in {}", seconds(since.elapsed()));
                    return Err((Some(Diagnosis::STUCK_CLIENT_STALLS), came));
                }
            }
        };
        let (_, arrived) = tokio::join!(left.flush(), listening);
        // One that reads all the time and is dropped all the same does not wait for the stuck one.
        if let Err((known, came)) = arrived {
            let diagnosis = match known {
                Some(diagnosis) => diagnosis,
                None => scene.why_silent(&mut left).await,
            };
            return Err(scene
                .failure(diagnosis)
                .missing("right", scene.at(last, LONG).to_string())
                .sent(format!(
                    "a client that reads nothing is connected; left {} {} times",
                    scene.event.get().verb(),
                    last + 1.0
                ))
                .expected("right hears the last of them".into())
                .came(came)
                .into());
        }
    }
    Ok(())
}

diagnoses! {
    LARGE_FRAME_TROUBLES_OTHERS "large-frame-troubles-others":
        "After one client sends a very large frame, the server no longer serves the others."
        => "Look at the limits that you set on the upgrade. The server has to refuse a message that is too long, and to end only its sender's connection.";
    STUCK_CLIENT_STALLS "stuck-client-stalls":
        "A client that reads nothing holds up all the others: a task waits until that client takes its frames."
        => "Give each client a queue with a limit and a task that empties it; a sender must never wait.";
    LEFT_BEHIND "left-behind":
        "A client that reads gets nothing more, while a client that came later hears everything. It was slow for a moment, and after that nobody writes to it."
        => "Look at the code that writes to one client. After messages were lost, or the network took only a part, this code has to go on.";
}
