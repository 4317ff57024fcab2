//! `cargo xtask class`: the room of a class. Who is at which step, who is stuck on what, and who would like help.
//!
//! ```text
//!  a learner's check, watch ──WebSocket──▶ site ▶ door ──Event──┐
//!                                                              ▼
//!                                             seats, gate ◀── hall ──▶ log ──▶ register
//!                                                              ▲ │
//!  the board, the instructor's page ──WebSocket──▶ site ▶ desk ─┘ └──▶ views
//! ```
//!
//! | file | what it knows |
//! | --- | --- |
//! | `serve`, `site` | connections and requests: which there may be, and what is answered |
//! | `door`, `desk` | the WebSocket of a learner, and that of a page |
//! | `hall` | the one loop that decides: in `learners` for them, in `pages` for the pages |
//! | `seats`, `views` | who is connected and how much they may send; which windows look |
//! | `gate`, `crowd` | who guesses; how many come from one address |
//! | `log`, `entry` | the file that lines are only ever added to, and what a line says |
//! | `register`, `learner` | what is known after all lines |
//! | `stages` | which stage of the live coding a check belongs to |
//! | `board`, `words`, `export` | the numbers for everybody, mistakes in plain words, the marks as a file |
//! | `papers`, `picture` | what a learner sent of a failing check, as a page |
//! | `rehearse` | a room with simulated learners, for authors |
//! | `open`, `networks`, `time` | how a room begins, and where |
//!
//! What learners and the room say to each other is in the library `room`, and described in `.github/CLASS.md`.

mod ask;
mod board;
mod crowd;
mod desk;
mod door;
mod entry;
mod export;
mod gate;
mod hall;
mod learner;
mod log;
mod networks;
mod open;
mod papers;
mod picture;
mod register;
mod rehearse;
mod seats;
mod serve;
mod site;
mod stages;
mod time;
mod views;
mod words;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use machine::exit::{self, Exit};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 80)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Class(open::Arguments),
    #[command(hide = true)]
    Rehearse(rehearse::Arguments),
}

fn main() -> ExitCode {
    exit::of(run(Cli::parse().command))
}

async fn run(command: Command) -> Result<Exit> {
    match command {
        Command::Class(arguments) => open::run(&arguments).await,
        Command::Rehearse(arguments) => rehearse::run(&arguments).await,
    }
}
