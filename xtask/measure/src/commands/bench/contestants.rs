//! Who is measured: our own finished servers, and the peers.

use anyhow::{Result, bail};
use compiler::built::Built;
use machine::compile::Target;
use machine::process::Launch;
use show::root;
use steps::step::{STEPS, Step, Whose};

use super::contestant::{Contestant, Contestants};
use super::peers;
use crate::load::wire::Wire;

/// The first step whose server relays moves.
const FIRST: u32 = 10;

/// The names of all, in the order of the table.
pub fn names() -> Vec<String> {
    let peers = peers::NAMES.iter().map(|name| (*name).to_owned());
    peers.chain(steps().map(|step| step.name())).collect()
}

fn steps() -> impl Iterator<Item = &'static Step> {
    STEPS.iter().filter(|step| step.number >= FIRST)
}

/// Fetches and builds those that have one of these names. `users` is how many each has to take.
///
/// # Errors
/// When one of ours does not build. A peer that is not there is no error.
pub async fn get(wanted: &[String], users: u32) -> Result<Contestants> {
    let mut contestants = peers::get(wanted).await?;
    for step in steps().filter(|step| wanted.contains(&step.name())) {
        contestants.there.push(ours(step, users).await?);
    }
    Ok(contestants)
}

async fn ours(step: &Step, users: u32) -> Result<Contestant> {
    let target = Target::workshop(step.binary(Whose::Solution)).optimised();
    let program = match compiler::built::build(&target, show::colour()).await? {
        Built::Program(program) => program,
        Built::Refused(refusal) => {
            bail!("{} does not compile:\n{}", target.binary, refusal.whole)
        }
    };
    let mut launch = Launch::new(program, root());
    // From step 13 on a server slows down a user who moves as often as it can.
    launch.env = vec![
        ("EVENTS_PER_SECOND".into(), "1000000000".into()),
        ("MAX_CONNECTIONS".into(), (users * 2).to_string().into()),
    ];
    Ok(Contestant {
        name: step.name(),
        is_ours: true,
        wire: Wire::Events,
        launch,
    })
}
