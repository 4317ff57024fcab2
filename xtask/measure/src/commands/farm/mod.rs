//! `cargo xtask farm`: several endpoints behind a balancer, with NATS between them, to be looked at and to be broken.
//!
//! On a terminal it is one screen and a line of keys; elsewhere it prints a line when something changes, and takes the same
//! keys from its standard input, a line each.

mod live;

mod screen;

use anyhow::Result;
use clap::Args;
use compiler::told::build_step;
use farm::balancer::Balance;
use farm::handshake::Place;
use farm::part::{self, Part};
use farm::running::{Farm, Plan};
use machine::exit::Exit;
use machine::jquery;
use machine::serve::Served;
use steps::newest;
use steps::step::{STEPS, Step, Whose};

/// Run several endpoints behind a balancer, with NATS between them, and kill one
///
/// Starts nats-server, HAProxy and the endpoints of step 17 on free ports of this machine, and shows each endpoint's users,
/// what they hear, and its state. Keys: 1, 2, 3 … kill an endpoint or bring it back, n stops NATS or starts it, b does the same to
/// HAProxy, r restarts all endpoints one after the other, o opens two windows, q ends everything.
#[derive(Args)]
pub struct Arguments {
    /// How many endpoints
    #[arg(long, value_name = "NUMBER", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=50))]
    endpoints: u32,
    /// Start the finished program instead of yours
    #[arg(long)]
    solution: bool,
    /// Start another step's server; those before step 13 do not know of each other
    #[arg(long, value_name = "STEP", value_parser = relays)]
    step: Option<Step>,
    /// Use a NATS server that already runs, nats://user:password@host:port, instead of starting one
    #[arg(long, value_name = "URL", value_parser = Place::parse)]
    nats: Option<Place>,
    /// How HAProxy chooses the endpoint of the next user
    #[arg(long, value_enum, default_value_t)]
    balance: Balance,
    /// The port of HAProxy; without it, a free one
    #[arg(long)]
    port: Option<u16>,
    /// Open two windows on it when it answers
    #[arg(long, conflicts_with = "json")]
    open: bool,
    /// Print one JSON object a second and nothing else
    #[arg(long)]
    json: bool,
}

/// The first step whose server relays moves.
const FIRST: u32 = 10;

fn relays(text: &str) -> Result<Step, String> {
    let step = Step::parse(text)?;
    match step.number {
        FIRST.. => Ok(step),
        _ => Err(format!("a server before step {FIRST} relays no moves")),
    }
}

/// Builds the step, starts the farm, and lets somebody at it.
///
/// # Errors
/// When a part does not start, or the tool itself cannot go on.
pub async fn run(arguments: Arguments) -> Result<Exit> {
    if let Some(port) = arguments.port {
        Served::of(STEPS[0], port).is_free()?;
    }
    if arguments.nats.is_none() && Part::Nats.find()?.is_none() {
        show::note(&missing()?);
        return Ok(Exit::Missing);
    }
    if let Err(error) = jquery::fetch().await {
        show::note(&format!("{error:#}"));
    }
    let step = arguments.step.unwrap_or(STEPS[STEPS.len() - 1]);
    let whose = match arguments.solution {
        true => Whose::Solution,
        false => Whose::Learner,
    };
    let Some(program) = build_step(step, whose).await? else {
        return Ok(Exit::Failed);
    };
    newest::make_page(step, whose);
    let farm = Farm::start(Plan {
        program,
        endpoints: arguments.endpoints as usize,
        nats: arguments.nats,
        port: arguments.port,
        balance: arguments.balance,
    });
    let title = match whose {
        Whose::Solution => format!("{} (the solution)", step.name()),
        Whose::Learner => step.name(),
    };
    live::run(farm.await?, title, arguments.json, arguments.open).await
}

/// What to install, in words.
fn missing() -> Result<String> {
    let command = part::how_to_install(&part::missing()?);
    Ok(format!(
        "A farm needs nats-server, and none was found. This installs what is missing:\n\n  {command}\n\n\
         Or name one that already runs: --nats nats://127.0.0.1:4222"
    ))
}
