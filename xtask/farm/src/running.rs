//! A farm that runs: what somebody may do to it, and what there is to see of it. It draws nothing.

use std::collections::{HashMap, VecDeque};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures::FutureExt;
use futures::future::select_all;

use super::balancer::{Balance, Balancer, Seen};
use super::endpoint::Endpoint;
use super::folder::Folder;
use super::handshake::Place;
use super::nats::{Counts, Nats};
use super::observer::Observer;
use super::part::Part;

/// What a farm is to be.
pub struct Plan {
    /// The server, built.
    pub program: PathBuf,
    /// How many of it.
    pub endpoints: usize,
    /// The NATS that runs already, if one is to be used.
    pub nats: Option<Place>,
    /// The port of the balancer, if one is asked for.
    pub port: Option<u16>,
    /// How the balancer chooses.
    pub balance: Balance,
}

/// A farm. Dropping it ends all of it.
pub struct Farm {
    /// The backplane.
    pub nats: Nats,
    /// The balancer, or in words why there is none.
    pub balancer: Result<Balancer, String>,
    /// How the balancer chooses.
    pub balance: Balance,
    endpoints: Vec<Endpoint>,
    observers: Vec<Observer>,
    /// The endpoints that are still to be restarted, one after the other, the one at work first.
    rolling: VecDeque<usize>,
    phase: Phase,
    past: VecDeque<Mark>,
    _folder: Folder,
}

/// What is to be done next with the endpoint that is being restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The balancer is to send nobody new to it.
    Drain,
    /// It is to end, and to start again.
    Renew,
    /// It is to serve again.
    Wait,
}

/// What the farm had come to at a moment, to be subtracted from what it comes to later.
struct Mark {
    at: Instant,
    endpoints: Vec<Sum>,
    counts: Option<Counts>,
}

/// What an endpoint has come to.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    heard: u64,
    bytes_in: u64,
    bytes_out: u64,
}

/// HAProxy adds up a tunnel's bytes every five seconds: their mean over ten has two of its sums in it, always.
const BYTES_OVER: Duration = Duration::from_secs(10);
/// What is heard is known at once. It is a mean as well, because a key may be pressed a moment after the last look.
const HEARD_OVER: Duration = Duration::from_secs(2);

/// What there is to see of a farm now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    /// A row for each endpoint, in their order.
    pub rows: Vec<Row>,
    /// Messages to NATS and from it, each second; `None` where it is not ours, or does not run.
    pub backplane: Option<(f64, f64)>,
    /// How many clients NATS has cut because they did not take what was for them.
    pub slow: u64,
}

/// What there is to see of an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// 1, 2, 3 …
    pub number: usize,
    /// Where it listens.
    pub address: SocketAddr,
    /// How it is.
    pub state: State,
    /// Its users, without our own connection.
    pub users: u64,
    /// Moves that our own connection hears there in a second, and so does each user who does not move.
    pub heard: f64,
    /// Bytes from its users, and to them, each second, as HAProxy counts them: a mean over ten seconds.
    pub bytes: Option<(f64, f64)>,
    /// Its memory, in bytes.
    pub memory: Option<u64>,
    /// What HAProxy calls it: `UP`, `DOWN`, `DRAIN`.
    pub status: Option<String>,
}

/// How an endpoint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It serves.
    Serves,
    /// It runs, and does not answer yet, or not any more.
    Silent,
    /// It serves those who are there, and gets nobody new.
    Drains,
    /// It was killed.
    Killed,
    /// It ended by itself.
    Ended,
}

impl State {
    /// A word for it.
    pub fn word(self) -> &'static str {
        match self {
            State::Serves => "serves",
            State::Silent => "silent",
            State::Drains => "drains",
            State::Killed => "killed",
            State::Ended => "ended",
        }
    }
}

impl Farm {
    /// Starts all of it, NATS first, and waits until it serves.
    ///
    /// # Errors
    /// When NATS or an endpoint does not start, with what it said. Without a balancer it goes on: `balancer` says why.
    pub async fn start(plan: Plan) -> Result<Farm> {
        let folder = Folder::take()?;
        let nats = match plan.nats {
            Some(place) => Nats::at(place).await?,
            None => {
                let program = Part::Nats.find()?.context("nats-server is not here")?;
                Nats::start(program).await?
            }
        };
        let env: Vec<(OsString, OsString)> = vec![("NATS_URL".into(), (&nats.place.url).into())];
        let mut endpoints = Vec::new();
        for number in 1..=plan.endpoints {
            let mut endpoint = Endpoint::new(number, plan.program.clone(), env.clone());
            endpoint.start_anywhere().await?;
            endpoints.push(endpoint);
        }
        let addresses: Vec<SocketAddr> = endpoints.iter().map(|it| it.address).collect();
        let balancer = balancer(&folder, plan.port, &addresses, plan.balance).await;
        Ok(Farm {
            nats,
            balancer: balancer.map_err(|error| format!("{error:#}")),
            balance: plan.balance,
            observers: addresses.into_iter().map(Observer::of).collect(),
            endpoints,
            rolling: VecDeque::new(),
            phase: Phase::Drain,
            past: VecDeque::new(),
            _folder: folder,
        })
    }

    /// Two addresses to open windows at: the balancer's twice, or two endpoints' own.
    pub fn two_addresses(&self) -> [SocketAddr; 2] {
        match &self.balancer {
            Ok(balancer) if balancer.runs() => [balancer.address; 2],
            _ => [
                self.endpoints[0].address,
                self.endpoints[self.endpoints.len() - 1].address,
            ],
        }
    }

    /// Kills an endpoint that runs (`kill -9`), or brings back one that does not.
    ///
    /// # Errors
    /// That there is none of this number, or the system cannot start it.
    pub async fn toggle(&mut self, number: usize) -> Result<String> {
        let last = self.endpoints.len();
        let endpoint = number
            .checked_sub(1)
            .and_then(|at| self.endpoints.get_mut(at));
        let endpoint = endpoint.with_context(|| format!("the endpoints are 1 to {last}"))?;
        if endpoint.runs() {
            endpoint.kill().await;
            return Ok(format!("Endpoint {number} was killed (kill -9)."));
        }
        endpoint.start()?;
        Ok(format!("Endpoint {number} comes back, at the same port."))
    }

    /// Stops NATS, or starts it again.
    ///
    /// # Errors
    /// That it is not ours, or does not start.
    pub async fn toggle_nats(&mut self) -> Result<String> {
        if !self.nats.is_ours() {
            bail!("this NATS is not ours to stop");
        }
        if self.nats.runs() {
            self.nats.stop().await;
            return Ok(
                "NATS was killed: each endpoint is on its own, and serves its users.".into(),
            );
        }
        self.nats.start_again().await?;
        Ok("NATS runs again, at the same port: the endpoints find it by themselves.".into())
    }

    /// Stops HAProxy, or starts it again.
    ///
    /// # Errors
    /// That there is none, or it does not start.
    pub async fn toggle_balancer(&mut self) -> Result<String> {
        let Ok(balancer) = &mut self.balancer else {
            bail!("there is no HAProxy here");
        };
        // What it counts begins at 0 again.
        self.past.clear();
        if balancer.runs() {
            balancer.stop().await;
            return Ok(
                "HAProxy was killed: all connections through it are gone, and the endpoints have nobody to serve."
                    .into(),
            );
        }
        balancer.start_again().await?;
        Ok("HAProxy runs again, at the same port: the pages come back by themselves.".into())
    }

    /// Restarts all endpoints, one after the other, from the next look on.
    pub fn restart_all(&mut self) -> String {
        self.rolling = (1..=self.endpoints.len()).collect();
        self.phase = Phase::Drain;
        "All endpoints are restarted, one after the other.".into()
    }

    /// Whether they are being restarted.
    pub fn is_restarting(&self) -> bool {
        !self.rolling.is_empty()
    }

    /// Waits until a part ends by itself, and says which. It may be cancelled, and called again.
    pub async fn trouble(&mut self) -> String {
        let Farm {
            endpoints,
            nats,
            balancer,
            ..
        } = self;
        let endpoint = async {
            let ended = endpoints.iter_mut().map(|it| it.ended().boxed_local());
            let (_, at, _) = select_all(ended).await;
            at
        };
        let balancing = async {
            match balancer {
                Ok(balancer) => balancer.ended().await,
                Err(_) => std::future::pending().await,
            }
        };
        let ended = tokio::select! {
            at = endpoint => Err(at),
            exit = nats.ended() => Ok(format!("NATS ended by itself, with {exit}.")),
            (exit, said) = balancing => Ok(match said.as_str() {
                "" => format!("HAProxy ended by itself, with {exit}. b starts it again."),
                said => format!("HAProxy ended by itself, with {exit}. b starts it again. It said:\n{said}"),
            }),
        };
        ended.unwrap_or_else(|at| endpoints[at].trouble().unwrap_or_default().to_owned())
    }

    /// What there is to see, and the next move of a restart that is under way.
    ///
    /// # Errors
    /// When an endpoint cannot be started.
    pub async fn look(&mut self) -> Result<Look> {
        self.roll_on().await?;
        let seen = match &self.balancer {
            Ok(balancer) if balancer.runs() => balancer.seen().await.unwrap_or_default(),
            _ => HashMap::new(),
        };
        let counts = self.nats.counts().await;
        self.note(&seen, counts);
        let rows = (0..self.endpoints.len()).map(|at| self.row(at, &seen));
        let rows = rows.collect();
        let backplane = counts.map(|_| {
            let count =
                |of: fn(&Counts) -> u64| self.rate(HEARD_OVER, |mark| mark.counts.as_ref().map(of));
            (count(|it| it.came), count(|it| it.went))
        });
        Ok(Look {
            rows,
            backplane,
            slow: counts.map_or(0, |it| it.slow),
        })
    }

    /// Keeps what all have come to now, and forgets what no mean needs any more.
    fn note(&mut self, seen: &HashMap<usize, Seen>, counts: Option<Counts>) {
        let endpoints = self.endpoints.iter().zip(&self.observers);
        let sum = |(endpoint, observer): (&Endpoint, &Observer)| {
            let seen = seen.get(&endpoint.number);
            Sum {
                heard: observer.heard(),
                bytes_in: seen.map_or(0, |it| it.bytes_in),
                bytes_out: seen.map_or(0, |it| it.bytes_out),
            }
        };
        let at = Instant::now();
        self.past.push_back(Mark {
            at,
            endpoints: endpoints.map(sum).collect(),
            counts,
        });
        // The one that is older than all means is where the longest of them begins.
        while self.past.len() > 2 && at - self.past[1].at >= BYTES_OVER {
            self.past.pop_front();
        }
    }

    /// How much this number has grown in a second, as a mean over this time, or over less if less is known.
    fn rate(&self, over: Duration, number: impl Fn(&Mark) -> Option<u64>) -> f64 {
        let Some(now) = self.past.back() else {
            return 0.0;
        };
        let known = |mark: &&Mark| number(mark).is_some();
        let before = self.past.iter().filter(known);
        // The last one that is old enough, otherwise the first.
        let then = before.clone().rfind(|mark| now.at - mark.at >= over);
        let Some(then) = then.or_else(|| before.clone().next()) else {
            return 0.0;
        };
        let seconds = (now.at - then.at).as_secs_f64();
        match (number(now), number(then)) {
            (Some(now), Some(then)) if seconds > 0.0 => now.saturating_sub(then) as f64 / seconds,
            _ => 0.0,
        }
    }

    fn row(&self, at: usize, seen: &HashMap<usize, Seen>) -> Row {
        let endpoint = &self.endpoints[at];
        let seen = seen.get(&endpoint.number);
        let rate =
            |over, of: fn(&Sum) -> u64| self.rate(over, |mark| Some(of(&mark.endpoints[at])));
        Row {
            number: endpoint.number,
            address: endpoint.address,
            state: self.state(at, seen),
            users: self.observers[at].users(),
            heard: rate(HEARD_OVER, |it| it.heard),
            bytes: seen.map(|_| {
                let came = rate(BYTES_OVER, |it| it.bytes_in);
                (came, rate(BYTES_OVER, |it| it.bytes_out))
            }),
            memory: endpoint.usage().memory,
            status: seen.map(|it| it.status.clone()),
        }
    }

    fn state(&self, at: usize, seen: Option<&Seen>) -> State {
        let endpoint = &self.endpoints[at];
        let is_drained = seen.is_some_and(|it| it.status.starts_with("DRAIN"));
        match (endpoint.runs(), endpoint.trouble()) {
            (false, Some(_)) => State::Ended,
            (false, None) => State::Killed,
            (true, _) if !self.observers[at].is_served() => State::Silent,
            (true, _) if is_drained => State::Drains,
            (true, _) => State::Serves,
        }
    }

    /// The next move of a restart, one endpoint after the other: nobody new comes to it, it ends, it starts, and only when
    /// it serves again, the next one's turn comes.
    async fn roll_on(&mut self) -> Result<()> {
        let Some(&number) = self.rolling.front() else {
            return Ok(());
        };
        let at = number - 1;
        self.phase = match self.phase {
            Phase::Drain => {
                self.drain(number, true).await?;
                Phase::Renew
            }
            Phase::Renew => {
                self.endpoints[at].end().await;
                self.endpoints[at].start()?;
                Phase::Wait
            }
            Phase::Wait if !self.observers[at].is_served() => Phase::Wait,
            Phase::Wait => {
                self.drain(number, false).await?;
                self.rolling.pop_front();
                Phase::Drain
            }
        };
        Ok(())
    }

    async fn drain(&self, number: usize, is_drained: bool) -> Result<()> {
        match &self.balancer {
            Ok(balancer) if balancer.runs() => balancer.drain(number, is_drained).await,
            _ => Ok(()),
        }
    }
}

/// The balancer before these endpoints.
///
/// # Errors
/// Why there is none.
async fn balancer(
    folder: &Folder,
    port: Option<u16>,
    endpoints: &[SocketAddr],
    balance: Balance,
) -> Result<Balancer> {
    let program = Part::HaProxy.find()?.with_context(|| {
        format!(
            "There is no HAProxy here. This installs it:\n\n  {}\n",
            super::part::how_to_install(&[Part::HaProxy])
        )
    })?;
    let web = port.map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    Balancer::start(&program, &folder.path, web, endpoints, balance).await
}
