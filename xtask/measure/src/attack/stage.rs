//! The show: one attack after the other, honest users beside it, and what became of both.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use farm::handshake;
use farm::nats::Nats;
use farm::part::Part;
use machine::interrupt::Stopped;
use machine::process::Usage;
use steps::step::{Ability, since};
use tokio::time::{Instant, sleep_until, timeout};

use super::raw::Raw;
use super::settings::Settings;
use super::sheet::Meanwhile;
use super::users::Users;
use super::{Attack, Saw, Target, soon};
use crate::load::server::{Place, Server};

/// How long the users are looked at before an attack, and at least during one.
const A_LOOK: Duration = Duration::from_secs(1);
/// How often is looked at the server's memory during an attack.
const EVERY: Duration = Duration::from_millis(100);
/// From what on a delivery is felt by a hand on a mouse, in milliseconds.
const FELT: f64 = 50.0;

/// Where the server is from.
pub enum Source {
    /// A program that we start, of the step with this number.
    Program(PathBuf, u32),
    /// Somebody else's, which runs already.
    Running(Place),
}

/// An attack, and what came of it.
#[derive(Debug, Clone)]
pub struct Act {
    /// The attack.
    pub attack: &'static Attack,
    /// What the server did about it.
    pub outcome: Outcome,
    /// What reached the users in the second before.
    pub before: Meanwhile,
    /// What reached them during the attack.
    pub during: Meanwhile,
    /// The server's memory before, and the most during the attack, in bytes.
    pub memory: Option<[u64; 2]>,
    /// The server's share of a core.
    pub cpu: Option<f64>,
}

/// What the server did about an attack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// What was seen, while it went on.
    Saw(Saw),
    /// It ended, or takes nobody any more: how, in words.
    Fell(String),
    /// There is no such thing as this attack needs.
    NotRun(String),
}

impl Act {
    fn without(attack: &'static Attack, why: String) -> Act {
        Act {
            attack,
            outcome: Outcome::NotRun(why),
            before: Meanwhile::default(),
            during: Meanwhile::default(),
            memory: None,
            cpu: None,
        }
    }

    /// Whether the other users noticed: something did not come, somebody was cut off, or one of a hundred came so late that
    /// a hand feels it.
    pub fn is_felt(&self) -> bool {
        let (before, during) = (&self.before, &self.during);
        let is_late = match (before.quantile(0.99), during.quantile(0.99)) {
            (Some(usual), Some(late)) => late > FELT && late > 2.0 * usual,
            (usual, late) => usual.is_some() && late.is_none(),
        };
        during.lost() > 0 || during.cut > before.cut || is_late
    }

    /// Whether it came to nothing.
    pub fn is_held(&self) -> bool {
        matches!(&self.outcome, Outcome::Saw(saw) if saw.is_held)
    }
}

/// The server, its users, and what is to be known of both.
pub struct Stage {
    source: Source,
    server: Server,
    /// What is attacked.
    pub target: Target,
    users: Users,
    /// The backplane, for a server that has one.
    _nats: Option<Nats>,
}

/// A backplane for the server of this step, if it has one and NATS is here.
async fn backplane(source: &Source) -> Result<Option<Nats>> {
    match (source, Part::Nats.find()?) {
        (Source::Program(_, step), Some(program)) if *step >= since(Ability::Backplane) => {
            Nats::start(program).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// What the server is started with.
fn environment(
    settings: Settings,
    backplane: Option<&handshake::Place>,
) -> Vec<(OsString, OsString)> {
    let mut environment = settings.environment();
    environment.extend(backplane.map(|place| ("NATS_URL".into(), (&place.url).into())));
    environment
}

impl Stage {
    /// Starts the server, if it does not run already, and lets the users in.
    ///
    /// # Errors
    /// When it does not start, or does not take them.
    pub async fn set(source: Source) -> Result<Stage> {
        let nats = backplane(&source).await?;
        let backplane = nats.as_ref().map(|nats| nats.place.clone());
        let (server, step, settings) = match &source {
            Source::Program(program, step) => {
                let settings = Settings::SHORT;
                let environment = environment(settings, backplane.as_ref());
                let server = Server::start_with(program.clone(), environment).await?;
                (server, *step, settings)
            }
            Source::Running(place) => {
                let server = Server::running(place.clone()).await?;
                (server, u32::MAX, Settings::of_environment())
            }
        };
        let up = match step >= since(Ability::Moves) {
            true => server.how_it_takes_a_move().await.ok(),
            false => None,
        };
        let step = match (step, up) {
            // Nobody says which step it is. By what it can do, it is one before there were events, or after the last of them.
            (u32::MAX, None) => since(Ability::Upgrade),
            (step, _) => step,
        };
        let target = Target {
            place: server.place.clone(),
            step,
            up,
            settings,
            backplane,
        };
        let users = Users::arrive(&target.place, up).await?;
        Ok(Stage {
            source,
            server,
            target,
            users,
            _nats: nats,
        })
    }

    /// Everything anew, after the server fell or has cut users off; whether there is a server.
    async fn set_again(&mut self, has_fallen: bool) -> Result<()> {
        match &self.source {
            Source::Program(program, _) if has_fallen => {
                let environment = environment(self.target.settings, self.target.backplane.as_ref());
                self.server = Server::start_with(program.clone(), environment).await?;
                self.target.place = self.server.place.clone();
            }
            _ => {}
        }
        self.users = Users::arrive(&self.target.place, self.target.up).await?;
        Ok(())
    }

    /// Lets one attack go ahead; `None` when somebody wants us to stop.
    ///
    /// # Errors
    /// When the server is gone, and cannot be started again.
    pub async fn play(
        &mut self,
        attack: &'static Attack,
        stopped: &mut Stopped,
    ) -> Result<Option<Act>> {
        if let Some(why) = attack.is_pointless(&self.target) {
            return Ok(Some(Act::without(attack, why)));
        }
        self.users.begin();
        let calm = Instant::now() + A_LOOK;
        tokio::select! {
            () = sleep_until(calm) => {}
            () = stopped.wait() => return Ok(None),
        }
        let before = self.users.end().await;
        let usage = self.server.usage();
        let panics = self.server.panics();
        self.users.begin();
        let started = Instant::now();
        let mut most = usage.memory;
        let Some(outcome) = self.during(attack, &mut most, stopped).await else {
            return Ok(None);
        };
        let took = started.elapsed();
        let now = self.server.usage();
        let during = self.users.end().await;
        let outcome = self.afterwards(outcome, panics).await;
        let has_fallen = matches!(outcome, Outcome::Fell(_));
        let act = Act {
            attack,
            outcome,
            before,
            memory: usage.memory.zip(most).map(|(before, most)| [before, most]),
            cpu: share(usage, now, took),
            during,
        };
        if has_fallen || act.during.cut > 0 {
            self.set_again(has_fallen).await?;
        }
        Ok(Some(act))
    }

    /// While the attack goes on, and for as long as the users are to be looked at.
    async fn during(
        &mut self,
        attack: &'static Attack,
        most: &mut Option<u64>,
        stopped: &mut Stopped,
    ) -> Option<Outcome> {
        let target = self.target.clone();
        let at_least = Instant::now() + A_LOOK;
        let show = async {
            let saw = attack.strike(&target).await;
            sleep_until(at_least).await;
            saw
        };
        let mut show = std::pin::pin!(show);
        let mut look = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                saw = &mut show => return Some(Outcome::Saw(saw)),
                _ = look.tick() => {}
                how = self.server.ended() => return Some(Outcome::Fell(how)),
                () = stopped.wait() => return None,
            }
            *most = (*most).max(self.server.usage().memory);
        }
    }

    /// Whether the server is still there for somebody who comes now, and whether it has panicked.
    async fn afterwards(&mut self, outcome: Outcome, panics: usize) -> Outcome {
        let Outcome::Saw(saw) = outcome else {
            return outcome;
        };
        if let Ok(how) = timeout(EVERY, self.server.ended()).await {
            return Outcome::Fell(how);
        }
        let within = 2 * soon();
        let deadline = Instant::now() + within;
        let mut is_there = false;
        while !is_there && Instant::now() < deadline {
            is_there = match timeout(within, Raw::open(&self.target.place)).await {
                Ok(Ok(mut raw)) => raw.is_answered(within).await,
                _ => false,
            };
        }
        if !is_there {
            let seconds = within.as_secs_f64();
            return Outcome::Fell(format!(
                "whoever came in the {seconds:.0} s after it got no answer"
            ));
        }
        let text = match self.server.panics() - panics {
            0 => return Outcome::Saw(saw),
            1 => format!("{}; it panicked", saw.text),
            panics => format!("{}; it panicked {panics} times", saw.text),
        };
        let is_held = false;
        Outcome::Saw(Saw { is_held, text })
    }

    /// Ends the server, if it is ours.
    pub async fn end(self) {
        drop(self.users);
        self.server.end().await;
    }
}

fn share(before: Usage, after: Usage, took: Duration) -> Option<f64> {
    let cpu = after.cpu?.checked_sub(before.cpu?)?;
    Some(cpu.as_secs_f64() / took.as_secs_f64())
}
