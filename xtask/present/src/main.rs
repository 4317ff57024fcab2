//! `cargo xtask walk 10 --present`: a walkthrough on the projector.

mod app;
mod ask;
mod colour;
mod guard;
mod page;
mod presenter;
mod relay;
mod state;
mod trouble;
mod views;
mod wire;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use xtask::exit::{self, Exit};
use xtask::step::Step;

use crate::presenter::Presenter;

/// Present a step on the projector
#[derive(Parser)]
struct Arguments {
    /// The step: 10, 10-spy or spy
    #[arg(value_parser = Step::parse)]
    step: Step,
    /// The port that the app is served at for everybody else on this machine
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

fn main() -> ExitCode {
    exit::of(run(Arguments::parse()))
}

async fn run(arguments: Arguments) -> Result<Exit> {
    let mut presenter = Presenter::at(arguments.step, arguments.port).await?;
    presenter.run().await
}
