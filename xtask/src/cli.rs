//! The command line: every command there is, and who runs it.

use std::ffi::{OsStr, OsString};

use anyhow::Result;
use clap::{Arg, ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand};
use machine::exit::Exit;

use crate::commands::{list, reset, run, status};
use crate::tools::{self, Tool};

/// Learn the real-time web in Rust, a step at a time.
///
/// Without a command, it shows where you are and what to do next.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 80, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Option<Own>,
}

const EXIT_CODES: &str = "\
Exit codes: 0 all is well · 1 a check failed or the program did not build · 2 the \
command line is wrong · 3 something is missing on this machine, and nothing failed";

/// The commands that run here.
#[derive(Subcommand)]
enum Own {
    #[command(display_order = 1)]
    Run(run::Arguments),
    #[command(display_order = 7)]
    List(list::Arguments),
    #[command(display_order = 8)]
    Reset(reset::Arguments),
}

/// A command that another tool runs.
pub struct Other {
    /// Its name.
    pub name: &'static str,
    /// Its place in `--help`.
    order: usize,
    /// What `--help` says of it. The tool says the same, and a trial holds it.
    pub about: &'static str,
    /// Who runs it.
    tool: Tool,
}

const fn other(name: &'static str, order: usize, tool: Tool, about: &'static str) -> Other {
    Other {
        name,
        order,
        about,
        tool,
    }
}

/// All of them.
pub const OTHERS: &[Other] = &[
    other(
        "watch",
        2,
        Tool::Learn,
        "Check your program again whenever you save it",
    ),
    other(
        "check",
        3,
        Tool::Learn,
        "Check your program: is it right, and if not, why",
    ),
    other(
        "hint",
        4,
        Tool::Learn,
        "Get a hint: first where to look, then what to use, then the code",
    ),
    other(
        "diff",
        5,
        Tool::Learn,
        "See your program beside the solution, task by task",
    ),
    other(
        "save-as",
        6,
        Tool::Learn,
        "Go on with your own server: save it as the server of the next step",
    ),
    other(
        "catch-up",
        9,
        Tool::Live,
        "Catch up with the live coding: get the files of a stage; yours are kept in .workshop/kept",
    ),
    other(
        "doctor",
        10,
        Tool::Learn,
        "Look at this machine: does it have everything that the workshop needs?",
    ),
    other(
        "join",
        11,
        Tool::Learn,
        "Join the room of a class: your checks tell it the step, the verdict and the causes, never your code",
    ),
    other(
        "help-me",
        12,
        Tool::Learn,
        "Raise your hand in the room of the class, or say that the lesson is too fast",
    ),
    other(
        "leave",
        13,
        Tool::Learn,
        "Leave the room of the class: your checks tell it nothing more",
    ),
    other(
        "load",
        14,
        Tool::Measure,
        "Measure how many users your server holds, on this machine",
    ),
    other(
        "farm",
        15,
        Tool::Measure,
        "Run several endpoints behind a balancer, with NATS between them, and kill one",
    ),
    other(
        "attack",
        16,
        Tool::Measure,
        "Attack your server, and see what the other users notice",
    ),
    other(
        "walk",
        17,
        Tool::Live,
        "Build a step live, stage by stage (for instructors)",
    ),
    other(
        "class",
        18,
        Tool::Class,
        "Open the room of a class: who is at which step, who is stuck on what (for instructors)",
    ),
    other(
        "prepare",
        19,
        Tool::Upkeep,
        "Build and fetch everything that any command needs, for a room without a network (for instructors)",
    ),
    other(
        "test",
        20,
        Tool::Upkeep,
        "Run the workshop's own tests: does the workshop work on this machine?",
    ),
    other(
        "generate",
        21,
        Tool::Upkeep,
        "Write the starters again, from the solutions (for authors of steps)",
    ),
    other(
        "bench",
        22,
        Tool::Measure,
        "Measure how long you wait, and compare our servers with others (for authors of steps)",
    ),
];

impl Other {
    /// The command as the command line knows it. All that follows its name is the tool's to read, `--help` as well.
    fn command(&self) -> clap::Command {
        let rest = Arg::new("rest")
            .action(ArgAction::Append)
            .trailing_var_arg(true)
            .allow_hyphen_values(true)
            .value_parser(clap::value_parser!(OsString));
        clap::Command::new(self.name)
            .about(self.about)
            .display_order(self.order)
            .disable_help_flag(true)
            .arg(rest)
    }

    fn named(name: &OsStr) -> Option<&'static Other> {
        OTHERS.iter().find(|other| name == other.name)
    }
}

/// Runs the command.
///
/// # Errors
/// What the tool could not do, with the reason. That a learner's program is wrong is no error of the tool's.
pub async fn run() -> Result<Exit> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    // `help check` asks for the same as `check --help`.
    if let [help, name, ..] = arguments.as_slice()
        && help == "help"
        && let Some(other) = Other::named(name)
    {
        return tools::hand_over(other.tool, &[name.clone(), "--help".into()]).await;
    }
    let command = Cli::command().subcommands(OTHERS.iter().map(Other::command));
    let matches = command.get_matches();
    let name = matches.subcommand_name().unwrap_or_default();
    if let Some(other) = Other::named(OsStr::new(name)) {
        return tools::hand_over(other.tool, &arguments).await;
    }
    match Cli::from_arg_matches(&matches)?.command {
        None => status::show(),
        Some(Own::Run(arguments)) => run::run(arguments).await,
        Some(Own::List(arguments)) => list::run(&arguments),
        Some(Own::Reset(arguments)) => reset::run(&arguments),
    }
}
