//! `cargo xtask bench relay`: our relays beside those of other libraries, the same work for all on this machine, in turns.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use machine::exit::Exit;
use machine::interrupt::Stopped;
use machine::jquery;
use machine::process::cores;
use serde_json::json;
use show::root;

use super::contestant::Contestants;
use super::contestants;
use super::figures::{self, Row};
use super::works::{self, Scale, Work};
use crate::load::limits;
use crate::load::report::BUSY;

/// The share of a core from which other programs are worth a word.
const OTHERS: f64 = 0.3;

/// Compare our relays with socket.io, ws and Bun: the same work for all, on this machine, in turns
///
/// npm fetches the peers once, from the lock in xtask/measure/peers; without npm or Node they are left out. Each server starts
/// again for each round. If the system lets us choose, it has one core to itself.
#[derive(Args)]
pub struct Arguments {
    /// How many users watch the one who moves
    #[arg(long, value_name = "NUMBER", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    users: u32,
    /// How long each measurement takes
    #[arg(long, value_name = "NUMBER", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// How often each server has its turn; the medians count
    #[arg(long, value_name = "NUMBER", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Measure only these: socket.io, ws, bun, 10-spy, …
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', value_parser = known)]
    only: Vec<String>,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

/// The name of a server that can be measured.
fn known(name: &str) -> Result<String, String> {
    let names = contestants::names();
    match names.iter().any(|it| it == name) {
        true => Ok(name.into()),
        false => Err(format!("there are {}", names.join(", "))),
    }
}

impl Arguments {
    fn wanted(&self) -> Vec<String> {
        match self.only.is_empty() {
            true => contestants::usual(),
            false => self.only.clone(),
        }
    }
}

/// Measures, prints the table and the ratios, and writes them as JSON, too.
///
/// # Errors
/// When one of ours does not build or start, or the load cannot be made.
pub async fn run(arguments: &Arguments) -> Result<Exit> {
    let mut stopped = Stopped::listen();
    let files = machine::limits::raise_files();
    let (contestants, has_jquery) = tokio::select! {
        got = get(arguments) => got?,
        () = stopped.wait() => return Ok(Exit::Interrupted),
    };
    for (name, why) in &contestants.left_out {
        show::note(&format!("{name} is left out: {why}"));
    }
    if contestants.there.is_empty() {
        return Ok(Exit::Missing);
    }
    let cores = cores::two_apart();
    let scale = Scale {
        users: arguments.users,
        seconds: arguments.seconds,
        core: cores.map(|[server, _]| server),
        files,
        has_jquery,
    };
    if let Some(limit) = limits::is_too_much(&Work::Saturated.asked(&scale), files, true, 1) {
        show::note(&limit);
        return Ok(Exit::Missing);
    }
    if let Some([_, load]) = cores {
        cores::keep_us_on(load).context("the load cannot be kept on one core")?;
    }
    let mut result = Outcome::new(contestants, scale);
    result.go_through(arguments.rounds, &mut stopped).await?;
    result.tell(arguments)?;
    Ok(match result.is_interrupted {
        true => Exit::Interrupted,
        false if result.troubles.is_empty() => Exit::Passed,
        false => Exit::Failed,
    })
}

/// What is measured, and whether there is a jQuery for the servers to serve.
async fn get(arguments: &Arguments) -> Result<(Contestants, bool)> {
    // Before ours are built, for it is built into them.
    let jquery = jquery::fetch().await;
    if let Err(error) = &jquery {
        show::note(&format!("`/jquery.js` is left out: {error:#}"));
    }
    let contestants = contestants::get(&arguments.wanted(), arguments.users).await?;
    Ok((contestants, jquery.is_ok()))
}

struct Outcome {
    contestants: Contestants,
    scale: Scale,
    rows: Vec<Row>,
    rounds: u32,
    others: f64,
    /// Whose saturated run was as fast as the load could make it.
    limited: BTreeSet<String>,
    troubles: Vec<String>,
    is_interrupted: bool,
}

impl Outcome {
    fn new(contestants: Contestants, scale: Scale) -> Outcome {
        let there = contestants.there.iter();
        let rows = there.map(|it| Row::new(&it.name, it.is_ours)).collect();
        Outcome {
            contestants,
            scale,
            rows,
            rounds: 0,
            others: 0.0,
            limited: BTreeSet::new(),
            troubles: Vec::new(),
            is_interrupted: false,
        }
    }

    /// Everybody's turn, in each of the rounds: what else happens on the machine happens to all.
    async fn go_through(&mut self, rounds: u32, stopped: &mut Stopped) -> Result<()> {
        for round in 1..=rounds {
            for (contestant, row) in self.contestants.there.iter().zip(&mut self.rows) {
                let label = format!("round {round} of {rounds}, {}", contestant.name);
                let turn = works::turn(contestant, &label, &self.scale, stopped)
                    .await
                    .with_context(|| contestant.name.clone())?;
                row.add(turn.figures);
                self.others = self.others.max(turn.others);
                if turn.load > BUSY {
                    self.limited.insert(contestant.name.clone());
                }
                let troubles = turn.trouble.map(|it| format!("{}: {it}", contestant.name));
                self.troubles.extend(troubles);
                if turn.is_interrupted {
                    self.is_interrupted = true;
                    return Ok(());
                }
            }
            self.rounds = round;
        }
        Ok(())
    }

    fn tell(&self, arguments: &Arguments) -> Result<()> {
        let path = self.write()?;
        if arguments.json {
            show::json(&self.json());
            return Ok(());
        }
        anstream::println!("{}", figures::table(&self.rows));
        for line in figures::ratio_lines(&self.rows) {
            anstream::println!("{}", show::wrapped("  ", &line));
        }
        anstream::println!();
        show::text(&self.explanation());
        for warning in self.warnings() {
            anstream::println!("{}", show::wrapped("  warning: ", &warning));
        }
        show::note(&format!("All runs are in {}.", show::path(&path)));
        Ok(())
    }

    /// What the table shows, in words.
    fn explanation(&self) -> String {
        let Scale {
            users,
            seconds,
            core,
            ..
        } = self.scale;
        let cores = match core {
            Some(_) => "server on one core, load on another",
            None => "server and load on the same cores, because this system offers no choice",
        };
        format!(
            "Medians of {} rounds of {seconds} s for each figure; {cores}.\n\
             Saturated, equal work, `/jquery.js`: deliveries, or answers, for each second of the server's CPU. \
             Saturated: one of {users} users always has 64 moves on their way to the others. \
             Equal work: the same one moves 60 times a second. \
             100 movers: 100 users all move 60 times a second; the figure is the share that came until a second after the end.\n\
             With one `send` for each delivery, every server stops at 200,000 to 250,000 a second, because the system takes that \
             long for each. A server that does more writes several frames at once; at equal work there is only one to write.",
            self.rounds
        )
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings = self.troubles.clone();
        if self.others > OTHERS {
            warnings.push(format!(
                "other programs used up to {:.0} % of a core meanwhile: measure again while this machine does nothing else.",
                100.0 * self.others
            ));
        }
        if !self.limited.is_empty() {
            let names: Vec<&str> = self.limited.iter().map(String::as_str).collect();
            warnings.push(format!(
                "saturated, the load reached its own limit before the server did: {}.",
                names.join(", ")
            ));
        }
        if self.is_interrupted {
            warnings.push("interrupted: these are the figures up to then.".into());
        }
        warnings
    }

    fn json(&self) -> serde_json::Value {
        let mut json = figures::json(&self.rows);
        json["users"] = json!(self.scale.users);
        json["seconds"] = json!(self.scale.seconds);
        json["rounds"] = json!(self.rounds);
        json["cores_apart"] = json!(self.scale.core.is_some());
        json["other_programs_cores"] = json!(self.others);
        json["left_out"] = self
            .contestants
            .left_out
            .iter()
            .map(|(name, why)| json!({ "name": name, "why": why }))
            .collect();
        json["limited_by_the_load"] = json!(self.limited);
        json["troubles"] = json!(self.troubles);
        json["interrupted"] = json!(self.is_interrupted);
        json
    }

    /// Beside the notes of the workshop, in place of the last one.
    fn write(&self) -> Result<PathBuf> {
        let path = root().join(".workshop").join("bench-relay.json");
        let folder = path.parent().expect("the file is in a folder");
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, format!("{:#}\n", self.json())))
            .with_context(|| format!("{} could not be written", show::path(&path)))?;
        Ok(path)
    }
}
