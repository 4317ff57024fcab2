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
//! | `guard` | who may come in: Host, Origin and token, and how often somebody may be wrong |
//! | `page` | the files, their headers, and the ways to the views |
//! | `rooms` | where all of it is served, at the ports and with the tokens of before |
//! | `views`, `ask` | the windows that look, and the few things that each kind of them may ask for |
//! | `presenter`, `lesson` | what is shown, built and checked now; the one place that decides |
//! | `state`, `code`, `check`, `countdown` | all of it as JSON, for each kind of view what is for it |
//! | `app`, `trouble` | the app: built, started beside the old one, exchanged; and why not |
//! | `relay`, `wire` | the bytes to and from it, and the frames in a copy of them |
//! | `edge` | the page around each pane, which passes on a clicker's keys |
//! | `colour` | which word of a change is a keyword |
//!
//! What a stage is, its phases, and which files are written, is `live::walk`'s business: the terminal has the same. The pages
//! lie in `page/` and are a part of the program.

mod app;
mod ask;
mod check;
mod code;
mod colour;
mod countdown;
mod edge;
mod guard;
mod lesson;
mod page;
mod presenter;
mod relay;
mod rooms;
mod state;
mod trouble;
mod views;
mod wire;

use std::net::IpAddr;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use machine::exit::{self, Exit};
use serde_json::Value;
use steps::step::Step;

use crate::presenter::Presenter;

/// Present a step on the projector
#[derive(Parser)]
pub struct Arguments {
    /// The step: 10, 10-spy or spy
    #[arg(value_parser = Step::parse)]
    step: Step,
    /// The port that the app is served at for everybody else on this machine
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Begin anew, and not where it was left
    #[arg(long)]
    anew: bool,
    /// The address of this machine at which a telephone gets the speaker's page
    #[arg(long, value_name = "ADDRESS")]
    speaker_host: Option<IpAddr>,
    /// The day, as the live coding's `--schedule` has made it, for the speaker's page
    #[arg(long, value_name = "JSON", default_value = "null", value_parser = json)]
    schedule: Value,
}

/// By itself, clap would take any text as a JSON text.
fn json(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text)
}

fn main() -> ExitCode {
    exit::of(run(Arguments::parse()))
}

async fn run(arguments: Arguments) -> Result<Exit> {
    let mut presenter = Presenter::at(&arguments).await?;
    presenter.run().await
}
