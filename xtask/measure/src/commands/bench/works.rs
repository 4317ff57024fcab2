//! What each server is given to do, and what is read off it.

use std::time::Duration;

use anyhow::Result;
use machine::interrupt::Stopped;
use wire::position::Up;

use super::contestant::Contestant;
use super::figures::Figure;
use super::requests;
use crate::load::clock::TICK;
use crate::load::job::Asked;
use crate::load::pool::Pool;
use crate::load::progress::Progress;
use crate::load::run::{self, Ending, Measured, Setting};
use crate::load::server::Server;

/// How many moves of the one mover are on their way to somebody, all the time, where a server is saturated.
const IN_FLIGHT: u32 = 64;
/// How often a mouse moves in a second.
const RATE: u32 = 60;
/// The users who all move.
const MOVERS: u32 = 100;
/// How long is waited at the end for what is on its way: what comes later, nobody waits for.
const DRAINING: Duration = Duration::from_secs(1);

/// The size of it all.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// How many users watch the one mover.
    pub users: u32,
    /// How long each work takes, in seconds.
    pub seconds: u32,
    /// The core that the server has to itself.
    pub core: Option<usize>,
    /// How many files a process may have open.
    pub files: Option<u64>,
    /// Whether there is a jQuery to be served.
    pub has_jquery: bool,
}

/// A work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A second of everything at once, of which only the memory counts: after it, a program that compiles while it runs has
    /// compiled what the others need.
    RunIn,
    /// Equal work: one moves as a mouse does; there is nothing to be put together, and each delivery is a `send` of its own.
    OneMouse,
    /// One moves as fast as the slowest of the others hears of it.
    Saturated,
    /// A hundred users all move as a mouse does.
    Movers,
}

impl Work {
    const ALL: [Work; 4] = [Work::RunIn, Work::OneMouse, Work::Saturated, Work::Movers];

    /// The load that it is.
    pub fn asked(self, scale: &Scale) -> Asked {
        let one = Asked {
            users: scale.users,
            movers: 1,
            rate: RATE,
            seconds: scale.seconds,
            in_flight: None,
        };
        match self {
            Work::RunIn => Asked {
                seconds: 1,
                in_flight: Some(IN_FLIGHT),
                ..one
            },
            Work::OneMouse => one,
            Work::Saturated => Asked {
                in_flight: Some(IN_FLIGHT),
                ..one
            },
            Work::Movers => Asked {
                users: MOVERS,
                movers: MOVERS,
                ..one
            },
        }
    }

    /// What a run of it says.
    fn figures(self, measured: &Measured) -> Vec<(Figure, Option<f64>)> {
        let latency = |share| {
            let ticks = measured.part.latency.quantile(share);
            Some((ticks * TICK) as f64 / 1e6)
        };
        let a_cpu_second = measured.deliveries_a_cpu_second();
        let kept = measured.part.counts.received as f64 / measured.expected.max(1) as f64;
        match self {
            Work::RunIn => vec![(Figure::Memory, measured.memory_each())],
            Work::OneMouse => vec![(Figure::EqualWork, a_cpu_second)],
            Work::Saturated => vec![(Figure::Saturated, a_cpu_second)],
            Work::Movers => vec![
                (Figure::Kept, Some(kept)),
                (Figure::P50, latency(0.5)),
                (Figure::P99, latency(0.99)),
            ],
        }
    }
}

/// What came of a server's turn.
pub struct Turn {
    /// What was read off it.
    pub figures: Vec<(Figure, f64)>,
    /// How many cores other programs kept busy, at most.
    pub others: f64,
    /// How much of its core the load used while the server was saturated.
    pub load: f64,
    /// Why it did not come to its end.
    pub trouble: Option<String>,
    /// Whether somebody wants us to end.
    pub is_interrupted: bool,
}

/// Starts a server, gives it one work after the other, and ends it.
///
/// # Errors
/// When it does not start, or the load cannot be made.
pub async fn turn(
    contestant: &Contestant,
    label: &str,
    scale: &Scale,
    stopped: &mut Stopped,
) -> Result<Turn> {
    let mut launch = contestant.launch.clone();
    launch.core = scale.core;
    let mut pool = Pool::of(Server::launch(launch, contestant.wire).await?);
    let mut turn = Turn {
        figures: Vec::new(),
        others: 0.0,
        load: 0.0,
        trouble: None,
        is_interrupted: false,
    };
    let ended = all_works(contestant, label, scale, stopped, &mut pool, &mut turn).await;
    pool.end().await;
    ended.map(|()| turn)
}

async fn all_works(
    contestant: &Contestant,
    label: &str,
    scale: &Scale,
    stopped: &mut Stopped,
    pool: &mut Pool,
    turn: &mut Turn,
) -> Result<()> {
    let mut progress = Progress::labelled(label);
    let at_rest = pool.usage().memory;
    for work in Work::ALL {
        let mut setting = Setting {
            pool,
            up: Up::TwoValues,
            wire: contestant.wire,
            at_rest,
            files: scale.files,
            draining: DRAINING,
            stopped,
            progress: &mut progress,
        };
        let measured = run::measure(work.asked(scale), &mut setting).await?;
        turn.note(work, &measured);
        if turn.trouble.is_some() || turn.is_interrupted {
            return Ok(());
        }
    }
    if scale.has_jquery {
        let within = Duration::from_secs(scale.seconds.into());
        let asking = requests::a_cpu_second(pool.first(), "/jquery.js", within);
        tokio::select! {
            each = asking => turn.figures.extend(each?.map(|each| (Figure::Requests, each))),
            () = stopped.wait() => turn.is_interrupted = true,
        }
    }
    Ok(())
}

impl Turn {
    fn note(&mut self, work: Work, measured: &Measured) {
        let counts = &measured.part.counts;
        self.others = self.others.max(measured.others.unwrap_or(0.0));
        if work == Work::Saturated {
            self.load = measured.busiest_generator();
        }
        self.is_interrupted = measured.ending == Ending::Interrupted;
        if self.is_interrupted {
            return;
        }
        self.trouble = match &measured.ending {
            Ending::Whole if counts.refused > 0 => Some(format!(
                "{} of {} users were refused: {}",
                counts.refused,
                measured.asked.users,
                measured.part.refusal.as_deref().unwrap_or_default()
            )),
            Ending::ServerEnded(how) => Some(format!("it ended, with {how}")),
            Ending::Whole if counts.received > 0 => None,
            _ => Some("nothing arrived".into()),
        };
        if self.trouble.is_none() {
            let figures = work.figures(measured).into_iter();
            self.figures
                .extend(figures.filter_map(|(figure, value)| Some((figure, value?))));
        }
    }
}
