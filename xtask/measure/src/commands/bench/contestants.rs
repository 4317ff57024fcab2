//! Who is measured: our own finished servers, and the peers.

use anyhow::{Result, bail};
use compiler::built::Built;
use machine::compile::Target;
use machine::process::Launch;
use show::root;
use steps::step::{Ability, STEPS, Step, Whose, since};

use super::contestant::{Contestant, Contestants};
use super::peers;
use crate::load::wire::Wire;

/// The servers that differ in how they relay. Those of the steps between them relay as the one before does.
const DIFFERENT: [Ability; 4] = [
    Ability::Moves,
    Ability::Pace,
    Ability::Hub,
    Ability::Backplane,
];

/// The names of all, in the order of the table.
pub fn names() -> Vec<String> {
    let peers = peers::NAMES.iter().map(|name| (*name).to_owned());
    peers.chain(steps().map(|step| step.name())).collect()
}

/// Those that are measured if nobody chooses.
pub fn usual() -> Vec<String> {
    let is_different = |name: &String| {
        DIFFERENT
            .iter()
            .any(|it| Step::parse(name).is_ok_and(|step| step.number == since(*it)))
    };
    let is_peer = |name: &String| peers::NAMES.contains(&name.as_str());
    let all = names().into_iter();
    all.filter(|name| is_peer(name) || is_different(name))
        .collect()
}

fn steps() -> impl Iterator<Item = &'static Step> {
    STEPS.iter().filter(|step| step.has(Ability::Moves))
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
