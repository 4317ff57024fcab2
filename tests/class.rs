//! The room of a class: who may come in, what is no message, that nothing is lost whatever happens, and what everybody sees.

mod pages;
mod refusals;
mod room;

#[cfg(unix)]
mod learning;

use std::future::Future;

use anyhow::Result;
use libtest_mimic::{Failed, Trial};

/// Those that need no copy of the workshop.
pub fn trials() -> Vec<Trial> {
    refusals::trials()
}

/// Those in which a learner checks a program, and those that look at the pages.
pub fn trials_in_the_copy() -> Vec<Trial> {
    let mut trials = pages::trials();
    #[cfg(unix)]
    trials.extend(learning::trials());
    trials
}

/// A trial, told by its name what it holds.
fn trial(name: &str, run: fn() -> Result<()>) -> Trial {
    crate::again_alone(format!("class-{name}"), crate::kept::workshop, move || {
        run().map_err(|error| Failed::from(format!("{error:#}")))
    })
}

fn in_runtime(test: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(test)
}
