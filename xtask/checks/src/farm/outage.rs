//! Step 17: what happens when a part of the farm is away, hangs, or dies.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures::future::{join, join_all};
use machine::waiting::until_it_holds;
use tokio::time::{Instant, interval, sleep};
use wire::client::{Client, Heard};
use wire::transcript::Transcript;

use crate::farm::Farm;
use crate::scene::{Scene, seconds};
use crate::{Diagnosis, Failure, Outcome};

/// How long a farm may take to be whole again.
const WHOLE: Duration = Duration::from_secs(10);

/// How long a user may be without service.
const BREAK: Duration = Duration::from_secs(5);

/// While NATS is away, the users of one endpoint hear each other.
pub async fn without_nats_users_here_are_served(farm: &mut Farm) -> Outcome {
    let [mut one, _two, _three] = farm.one_at_each(["at 1", "at 2", "at 3"]).await?;
    let mut neighbour = farm.at(0).settled_client("also at 1").await?;
    farm.nats.stop().await;
    let place = farm.at(0);
    // Long enough for whatever waits for NATS to be full.
    let mut pace = interval(Duration::from_millis(16));
    for _ in 0..60 {
        pace.tick().await;
        served(farm, &place, &mut one, &mut neighbour).await?;
    }
    let mut late = place.settled_client("late at 1").await?;
    served(farm, &place, &mut one, &mut late).await?;
    Ok(())
}

/// One moves, and a user of the same endpoint hears it.
async fn served(
    farm: &Farm,
    place: &Scene,
    from: &mut Client,
    to: &mut Client,
) -> Result<(), Failure> {
    let position = place.position();
    place.send(from, position).await;
    let heard = place.expect_at_last(to, position, Diagnosis::WAITS_FOR_NATS);
    let what = match farm.nats.runs() {
        true => "NATS hangs, and at 1 moves",
        false => "NATS is not there, and at 1 moves",
    };
    heard.await.map_err(|failure| failure.sent(what.into()))
}

/// When NATS comes back, the farm is whole within ten seconds.
pub async fn nats_may_be_restarted(farm: &mut Farm) -> Outcome {
    let [mut one, mut two, mut three] = farm.one_at_each(["at 1", "at 2", "at 3"]).await?;
    farm.nats.stop().await;
    // A first attempt to connect again is to fail.
    sleep(Duration::from_secs(1)).await;
    comes_back(farm, "NATS is killed, and started again").await?;
    hears_again(farm, &mut one, &mut two).await?;
    hears_again(farm, &mut two, &mut three).await?;
    Ok(())
}

/// The endpoints may start before NATS does.
pub async fn nats_may_start_later(farm: &mut Farm) -> Outcome {
    for endpoint in &mut farm.endpoints {
        endpoint.kill().await;
    }
    farm.nats.stop().await;
    for at in 0..farm.endpoints.len() {
        farm.start_endpoint(at).await?;
    }
    let [mut one, mut two, _three] = farm.one_at_each(["at 1", "at 2", "at 3"]).await?;
    let mut neighbour = farm.at(0).settled_client("also at 1").await?;
    let place = farm.at(0);
    served(farm, &place, &mut one, &mut neighbour).await?;
    comes_back(farm, "the endpoints are started, and NATS after them").await?;
    hears_again(farm, &mut one, &mut two).await?;
    Ok(())
}

async fn comes_back(farm: &mut Farm, what: &str) -> Result<(), Failure> {
    if let Err(error) = farm.nats.start_again().await {
        return Err(farm.failure(Diagnosis::UNKNOWN).came(format!("{error:#}")));
    }
    let within = WHOLE.mul_f64(farm.context.patience);
    if farm.is_whole(within).await {
        return Ok(());
    }
    let listen = farm.nats.listeners().await.unwrap_or(0);
    Err(farm
        .failure(Diagnosis::NEVER_RECONNECTS)
        .sent(what.to_owned())
        .expected(format!(
            "all endpoints are connected to it again, in {}",
            seconds(within)
        ))
        .came(format!("{listen} of {} are", farm.endpoints.len())))
}

/// One moves until the other hears it: at the moment of the connection, a move may still be lost.
async fn hears_again(farm: &Farm, from: &mut Client, to: &mut Client) -> Result<(), Failure> {
    let place = farm.at(0);
    let deadline = Instant::now() + WHOLE.mul_f64(farm.context.patience);
    loop {
        let position = place.position();
        place.send(from, position).await;
        match to.hear(Duration::from_millis(200)).await {
            heard if place.own_position(&heard).is_some() => return Ok(()),
            Heard::Ended(how) => {
                return Err(farm
                    .failure(Diagnosis::UNKNOWN)
                    .came(format!("{}: {how}", to.name)));
            }
            _ if Instant::now() > deadline => {
                return Err(farm
                    .failure(Diagnosis::NEVER_RECONNECTS)
                    .sent(format!("NATS is back, and {} moves", from.name))
                    .expected(format!("{} hears it", to.name))
                    .came("nothing".into()));
            }
            _ => {}
        }
    }
}

/// So much may wait for a NATS that takes nothing, in bytes; and so much is said to it meanwhile.
const MOST: u64 = 20_000_000;
const SAID: usize = 40_000_000;

/// A NATS that hangs costs little, and delays nobody.
pub async fn a_nats_that_hangs_costs_little(farm: &mut Farm) -> Outcome {
    #[cfg(unix)]
    {
        let [mut one, _two, _three] = farm.one_at_each(["at 1", "at 2", "at 3"]).await?;
        let mut neighbour = farm.at(0).settled_client("also at 1").await?;
        if let Err(error) = farm.nats.hold(true) {
            return Err(farm
                .failure(Diagnosis::UNKNOWN)
                .came(format!("{error:#}"))
                .into());
        }
        let place = farm.at(0);
        // The transcript of 40 MB is nobody's to read.
        let text = serde_json::json!(["say", "x".repeat(4000)]).to_string();
        let batch = 100;
        served(farm, &place, &mut one, &mut neighbour).await?;
        let mut least = u64::MAX;
        let mut now = 0;
        for _ in 0..SAID / text.len() / batch {
            for _ in 0..batch {
                let _ = one.queue_unnoted(text.clone()).await;
            }
            served(farm, &place, &mut one, &mut neighbour).await?;
            now = farm.endpoints[0].usage().memory.unwrap_or(0);
            least = least.min(now);
        }
        if now > least + MOST {
            let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
            return Err(farm
                .failure(Diagnosis::UNBOUNDED_TOWARDS_NATS)
                .sent(format!(
                    "NATS hangs, and at 1 says {} in all",
                    megabytes(SAID as u64)
                ))
                .expected(format!("the endpoint keeps {} at most", megabytes(MOST)))
                .came(format!("its memory grew by {}", megabytes(now - least)))
                .into());
        }
        let _ = farm.nats.hold(false);
    }
    #[cfg(not(unix))]
    let _ = farm;
    Ok(())
}

/// An endpoint that is killed troubles no other.
pub async fn an_endpoint_that_dies_troubles_no_other(farm: &mut Farm) -> Outcome {
    let [mut one, _two, mut three] = farm.one_at_each(["at 1", "at 2", "at 3"]).await?;
    farm.endpoints[1].kill().await;
    let place = farm.at(0);
    for _ in 0..5 {
        let position = place.position();
        place.send(&mut one, position).await;
        let heard = place.expect_at_last(&mut three, position, Diagnosis::UNKNOWN);
        heard
            .await
            .map_err(|failure| failure.sent("endpoint 2 is killed, and at 1 moves".into()))?;
    }
    Ok(())
}

/// Its users are at another endpoint within five seconds, through the balancer.
pub async fn its_users_find_another_endpoint(farm: &mut Farm) -> Outcome {
    let front = farm.front().await?;
    let users = Users::of(&front, 6);
    let story = async {
        users.are_all_served(farm).await?;
        farm.endpoints[1].kill().await;
        users.notice(farm).await;
        users.are_all_served(farm).await?;
        Ok::<(), Failure>(())
    };
    let (_, told) = join(users.live(), users.until(story)).await;
    told?;
    users.broke_off_for(farm, "endpoint 2 is killed")
}

/// A rolling restart costs nobody more than five seconds.
pub async fn a_rolling_restart_is_hardly_noticed(farm: &mut Farm) -> Outcome {
    let front = farm.front().await?;
    let users = Users::of(&front, 60);
    let story = async {
        users.are_all_served(farm).await?;
        for at in 0..farm.endpoints.len() {
            farm.endpoints[at].end().await;
            farm.start_endpoint(at).await?;
            farm.is_up(at).await;
            users.are_all_served(farm).await?;
        }
        Ok::<(), Failure>(())
    };
    let (_, told) = join(users.live(), users.until(story)).await;
    told?;
    users.broke_off_for(farm, "the endpoints are restarted, one after the other")
}

/// Users who connect through the balancer, and connect again when they lose their connection, as the page does.
struct Users {
    place: Scene,
    /// Since when each is without service; `None` while it is served.
    without: RefCell<Vec<Option<Instant>>>,
    longest: Cell<Duration>,
    is_over: Cell<bool>,
}

impl Users {
    fn of(front: &Scene, count: usize) -> Users {
        Users {
            // What sixty users say while they connect is nobody's to read.
            place: Scene::elsewhere(
                "users",
                front.context.clone(),
                front.address,
                Transcript::default(),
            ),
            without: RefCell::new(vec![Some(Instant::now()); count]),
            longest: Cell::new(Duration::ZERO),
            is_over: Cell::new(false),
        }
    }

    /// They live until the story is over.
    async fn live(&self) {
        let count = self.without.borrow().len();
        join_all((0..count).map(|user| self.one(user))).await;
    }

    async fn one(&self, user: usize) {
        let name = format!("user {}", user + 1);
        let mut retry = Duration::from_millis(250);
        while !self.is_over.get() {
            let connecting = Client::connect(&name, self.place.address, &self.place.transcript);
            let connected = tokio::time::timeout(self.place.wait(), connecting).await;
            if let Ok(Ok(mut client)) = connected
                && client.settle(self.place.wait()).await
            {
                retry = Duration::from_millis(250);
                self.is_served(user);
                while !self.is_over.get() {
                    if let Heard::Ended(_) = client.hear(Duration::from_millis(100)).await {
                        break;
                    }
                }
                self.without.borrow_mut()[user] = Some(Instant::now());
            }
            sleep(retry).await;
            retry = (retry * 2).min(Duration::from_secs(4));
        }
    }

    fn is_served(&self, user: usize) {
        let since = self.without.borrow_mut()[user].take();
        let took = since.map_or(Duration::ZERO, |since| since.elapsed());
        self.longest.set(self.longest.get().max(took));
    }

    async fn until<T>(&self, story: impl Future<Output = T>) -> T {
        let told = story.await;
        self.is_over.set(true);
        told
    }

    fn unserved(&self) -> usize {
        self.without.borrow().iter().flatten().count()
    }

    /// Waits until somebody has noticed that their endpoint is gone: they do not try again at once, so it can be seen. Where
    /// nobody was at that endpoint, there is nothing to notice.
    async fn notice(&self, farm: &Farm) {
        until_it_holds(farm.wait(), || self.unserved() > 0).await;
    }

    /// Waits until all are served at the same moment.
    async fn are_all_served(&self, farm: &Farm) -> Result<(), Failure> {
        let within = BREAK.mul_f64(farm.context.patience) * 2;
        if until_it_holds(within, || self.unserved() == 0).await {
            return Ok(());
        }
        let without = self.unserved();
        Err(farm
            .failure(Diagnosis::UNKNOWN)
            .expected("every user is served, through HAProxy".into())
            .came(format!("{without} are not")))
    }

    /// Holds that nobody was without service for too long.
    fn broke_off_for(&self, farm: &Farm, what: &str) -> Outcome {
        let (longest, most) = (self.longest.get(), BREAK.mul_f64(farm.context.patience));
        if longest <= most {
            return Ok(());
        }
        Err(farm
            .failure(Diagnosis::UNKNOWN)
            .sent(what.to_owned())
            .expected(format!(
                "nobody is without service for more than {}",
                seconds(most)
            ))
            .came(format!("somebody was, for {}", seconds(longest)))
            .into())
    }
}

diagnoses! {
    WAITS_FOR_NATS "waits-for-nats":
        "While NATS is away, even users of the same endpoint do not hear each other: the endpoint waits for the backplane before it serves them."
        => "Serve your own users first. Put aside what is for the other endpoints, and let a separate task wait for NATS.";
    NEVER_RECONNECTS "never-reconnects":
        "NATS is back, but this endpoint stays alone: its users hear nobody at the other endpoints, and nobody there hears them."
        => "Look at the options of the connection: the client has to try again for ever.";
    UNBOUNDED_TOWARDS_NATS "unbounded-towards-nats":
        "While NATS takes nothing, the endpoint keeps everything for it, and its memory grows without limit."
        => "Look at everything that waits: your window, and the queue inside the NATS client. Each needs a limit. Beyond the limit, drop the oldest: nobody needs the position that a mouse had a minute ago.";
}
