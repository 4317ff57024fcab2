//! `cargo xtask walk`: the live coding of a step, stage by stage, for whoever stands in front of a class.
//!
//! At a terminal it is one screen and a line of keys (`live` does what they say, `screen` says what stands there). Every part
//! of it is an option as well, for scripts and for a look: `list`, `stage`, `apply` and `check`.

pub(super) mod apply;

mod check;

mod countdown;

mod list;

mod live;

mod screen;

mod stage;

pub(super) mod times;

use std::net::IpAddr;

use anyhow::Result;
use clap::Args;
use machine::exit::Exit;
use steps::step::Step;
use terminal::Terminal;

use super::present;
use crate::walk::Walkthrough;
use crate::walk::schedule::{self, Break, Time};

/// Build a step live, stage by stage (for instructors)
///
/// One screen shows what to say, what to type, what the class should see, and the time. Without a step, it lists
/// all steps with their minutes. Without a terminal, it lists the stages of the step. It writes your files only when you
/// ask for it, and keeps a copy of what they held.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("action").args(["list", "print", "apply", "check", "present", "times"]))]
pub struct Arguments {
    /// The step: 10, 10-spy or spy; without it, the command lists all steps
    #[arg(value_parser = Step::parse)]
    step: Option<Step>,
    /// A stage of the step; without an action, the command prints it
    #[arg(
        long,
        value_name = "NUMBER",
        requires = "step",
        conflicts_with = "list"
    )]
    stage: Option<usize>,
    /// List the steps, or the stages of the step, with their minutes
    #[arg(long)]
    list: bool,
    /// Print the stage: what to say, what changes, what to see
    #[arg(long, requires = "stage")]
    print: bool,
    /// Write the files of the stage, and keep a copy of yours
    #[arg(long, requires = "stage")]
    apply: bool,
    /// Check your files as they are now: do they do what the stage announces?
    #[arg(long, requires = "stage")]
    check: bool,
    /// Present the step on a page for the projector, with the app in two live windows beside the change
    #[arg(long, requires = "step", conflicts_with_all = ["stage", "json", "poll"])]
    present: bool,
    /// Offer the speaker's page to your phone as well, at this machine's address in the room's network
    #[arg(long, value_name = "ADDRESS", requires = "present")]
    speaker_host: Option<IpAddr>,
    /// Print the day that begins at this time, or show it on the speaker's page: live coding, the learners' own minutes, breaks
    #[arg(long, value_name = "TIME", value_parser = Time::parse, conflicts_with_all = ["stage", "list"])]
    schedule: Option<Time>,
    /// A break and its minutes: 10:30/15; give the option once for each break
    #[arg(long = "break", value_name = "TIME/MINUTES", value_parser = Break::parse, requires = "schedule")]
    breaks: Vec<Break>,
    /// Print the day as Markdown
    #[arg(long, requires = "schedule", conflicts_with_all = ["present", "json"])]
    markdown: bool,
    /// Compare the planned minutes of each stage with the minutes that you took when you presented it
    #[arg(long, requires = "step", conflicts_with = "stage")]
    times: bool,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
    /// The port that serves your program
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Only look at the files every second, and do not listen for saves
    #[arg(long)]
    poll: bool,
}

impl Arguments {
    /// Whether a step is presented, and Ctrl-C is not to end it at once.
    pub fn presents(&self) -> bool {
        self.present
    }
}

/// Does what was asked for.
///
/// # Errors
/// When a walkthrough cannot be read, a file not be written, or the step is being presented already.
pub async fn run(arguments: Arguments) -> Result<Exit> {
    let day = match arguments.schedule {
        Some(from) => Some(list::schedule(arguments.step, from, &arguments.breaks)?),
        None => None,
    };
    if let Some(day) = day.as_ref().filter(|_| !arguments.present) {
        list::print_schedule(day, arguments.json, arguments.markdown);
        return Ok(Exit::Passed);
    }
    let Some(step) = arguments.step else {
        return list::day(arguments.json);
    };
    if arguments.present {
        let options = present::Options {
            port: arguments.port,
            speaker_host: arguments.speaker_host,
            schedule: day.as_deref().map(schedule::json),
        };
        return present::run(&Walkthrough::of(step)?, &options).await;
    }
    let walk = Walkthrough::of(step)?;
    if arguments.times {
        return times::run(&walk, arguments.json);
    }
    let Some(number) = arguments.stage else {
        if arguments.list || arguments.json || !Terminal::is_there() {
            return list::stages(&walk, arguments.json);
        }
        return live::run(step, arguments.port, arguments.poll).await;
    };
    if let Err(error) = walk.stage(number) {
        return Ok(no_such_stage(number, &error));
    }
    if arguments.apply {
        return apply::run(step, number, arguments.json);
    }
    if arguments.check {
        return check::run(&walk, walk.stage(number)?, arguments.json).await;
    }
    stage::print(&walk, walk.stage(number)?, arguments.json);
    Ok(Exit::Passed)
}

/// What clap says of a value that cannot be.
pub(super) fn no_such_stage(number: usize, error: &anyhow::Error) -> Exit {
    show::note(&format!(
        "error: invalid value '{number}' for '--stage <NUMBER>': {error}\n\nFor more information, try '--help'."
    ));
    Exit::Usage
}

/// Minutes, as one or many.
fn minutes(count: u32) -> String {
    match count {
        1 => "1 minute".into(),
        count => format!("{count} minutes"),
    }
}
