//! `cargo run --package class -- rehearse 200`: a room with simulated learners, for authors. It says whether every state is
//! true at the end, how late the board is, and what it costs; `--ramp` goes on with more learners until that is too late.
//!
//! The room is a process of its own, as in class. The learners are tasks in this one: each checks once a second, half of
//! them are cut off without a close again and again, some come late and some leave, one floods, and one never reads.

mod learner;
mod report;
mod room;
mod views;

use std::time::Duration;

use anstream::println;
use anyhow::{Result, ensure};
use clap::Args;
use futures::future::join_all;
use machine::exit::Exit;
use tokio::time::{Instant, sleep_until};

use self::learner::{Kind, Truth};
use self::report::Figures;
use self::room::Room;
use self::views::{Board, Rows};

/// Rehearse a class: simulated learners in a real room (for authors)
#[derive(Args)]
pub struct Arguments {
    /// How many learners
    #[arg(default_value_t = 200)]
    learners: usize,
    /// For how many seconds they check
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Go on with twice as many, up to 2,000, until the board is later than 250 ms
    #[arg(long)]
    ramp: bool,
    /// What all of it is made from
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Print one JSON object for each rehearsal and nothing else
    #[arg(long)]
    json: bool,
}

/// The ramp ends here: a lecture hall.
const MOST: usize = 2000;

/// Rehearses, and fails where a state is not true at the end.
///
/// # Errors
/// When the room does not open, or what it says makes no sense.
pub async fn run(arguments: &Arguments) -> Result<Exit> {
    machine::limits::raise_files();
    let mut learners = arguments.learners;
    loop {
        let figures = rehearse(learners, arguments).await?;
        match arguments.json {
            true => show::json(&figures.json()),
            false => println!("{}", figures.words()),
        }
        if !figures.untrue.is_empty() {
            return Ok(Exit::Failed);
        }
        if !arguments.ramp || learners >= MOST || figures.is_late() {
            return Ok(Exit::Passed);
        }
        learners = (2 * learners).min(MOST);
    }
}

async fn rehearse(count: usize, arguments: &Arguments) -> Result<Figures> {
    ensure!(count > 0, "a rehearsal needs at least one learner");
    let mut room = Room::open().await?;
    let board = Board::watch(&room).await?;
    let rows = Rows::watch(&room).await?;
    let end = Instant::now() + Duration::from_secs(arguments.seconds);
    let learner = |number| {
        let random = fastrand::Rng::with_seed(arguments.seed ^ (number as u64) << 32);
        learner::attend(room.door(), Kind::of(number), number, random, end)
    };
    let all: Vec<_> = (0..count)
        .map(|number| tokio::spawn(learner(number)))
        .collect();
    let flood = tokio::spawn(learner::flood(room.door(), end));
    let mute = tokio::spawn(learner::never_read(room.door()));
    let before = room.usage();
    sleep_until(end).await;
    let used = room.usage_since(before, arguments.seconds);
    let told: Vec<Truth> = join_all(all)
        .await
        .into_iter()
        .collect::<Result<Result<_, _>, _>>()??;
    let refused = flood.await??;
    let untrue = rows.differ_from(&told).await;
    let _still_there = mute.await??;
    let late = board.latencies(&told);
    room.end().await;
    Ok(Figures {
        learners: count,
        checks: told.iter().map(|it| it.sent.len()).sum(),
        cuts: told.iter().map(|it| it.cuts).sum(),
        refused,
        late,
        used,
        untrue,
    })
}
