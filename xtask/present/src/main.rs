//! `cargo xtask walk 10 --present`: a walkthrough on the projector.
//!
//! A page shows the stage, its change and its notes beside two live windows of the app, and what is on the wire between them.
//! The page only draws and asks; everything is done here, by one loop on one thread:
//!
//! ```text
//!  the page ──WebSocket──▶ guard ▶ page ▶ views ──Ask──┐
//!                                                      ▼
//!  the step's files ──────────saves──────────────▶ presenter ──state──▶ all views
//!                                                  │   ▲
//!                                       build, run ▼   │ what became of it
//!                                                  app ┘
//!                                                   │ where it answers
//!  a pane, another window ──bytes──▶ relay ◀────────┘
//!                                      └──copy──▶ wire ──frames──▶ presenter
//! ```
//!
//! | file | what it knows |
//! | --- | --- |
//! | `guard` | who may come in: Host, Origin and token, and why |
//! | `page` | the three files, their headers, and the way to the views |
//! | `views`, `ask` | the windows that look, and the few things that they may ask for |
//! | `presenter` | what is shown, built and checked now; the one place that decides |
//! | `state` | all of it as JSON, for the page |
//! | `app`, `trouble` | the app: built, started beside the old one, exchanged; and why not |
//! | `relay`, `wire` | the bytes to and from it, and the frames in a copy of them |
//! | `colour` | which word of a change is a keyword |
//!
//! What a stage is, and which files are written, is `live::walk`'s business: the terminal has the same. The page lies in
//! `page/` and is a part of the program.

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
use machine::exit::{self, Exit};
use steps::step::Step;

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
