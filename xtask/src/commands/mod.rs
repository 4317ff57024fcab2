//! The commands of `cargo xtask`, a file each.

mod status;

mod run;

mod restart;

mod list;

pub mod check;

mod check_all;

mod reset;

mod doctor;

mod watch;

mod server;

mod slot;

mod hint;

mod diff;

mod save_as;

mod walk;

mod catch_up;

mod test;

pub mod generate;

mod load;

mod attack;

mod farm;

mod bench;

mod present;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::exit::Exit;
use crate::step::{Step, Whose};

/// Learn the real-time web in Rust, a step at a time.
///
/// Without a command: where you are, and what to do next.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 80, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

const EXIT_CODES: &str = "\
Exit codes: 0 all is well · 1 a check failed or the program did not build · 2 the \
command line is wrong · 3 something is missing on this machine, and nothing failed";

#[derive(Subcommand)]
enum Command {
    Run(run::Arguments),
    Watch(watch::Arguments),
    Check(check::Arguments),
    Hint(hint::Arguments),
    Diff(diff::Arguments),
    SaveAs(save_as::Arguments),
    List(list::Arguments),
    Reset(reset::Arguments),
    CatchUp(catch_up::Arguments),
    Doctor(doctor::Arguments),
    Load(load::Arguments),
    Farm(farm::Arguments),
    #[command(hide = true)]
    LoadGenerator,
    Attack(attack::Arguments),
    Walk(walk::Arguments),
    Test(test::Arguments),
    Generate(generate::Arguments),
    Bench(bench::Arguments),
}

impl Cli {
    /// Whether the command listens for Ctrl-C itself, to say what it has found so far.
    pub fn has_last_words(&self) -> bool {
        match &self.command {
            Some(Command::Load(_) | Command::LoadGenerator | Command::Attack(_)) => true,
            Some(Command::Bench(arguments)) => arguments.has_last_words(),
            _ => false,
        }
    }

    /// Runs the command.
    ///
    /// # Errors
    /// What the tool could not do, with the reason. That a learner's program is wrong is no error of the tool's.
    pub async fn run(self) -> Result<Exit> {
        match self.command {
            None => status::show(),
            Some(Command::Run(arguments)) => run::run(arguments).await,
            Some(Command::Check(arguments)) => check::run(arguments).await,
            Some(Command::Hint(arguments)) => hint::run(&arguments),
            Some(Command::Diff(arguments)) => diff::run(&arguments),
            Some(Command::SaveAs(arguments)) => save_as::run(&arguments),
            Some(Command::List(arguments)) => list::run(&arguments),
            Some(Command::Reset(arguments)) => reset::run(&arguments),
            Some(Command::Doctor(arguments)) => doctor::run(&arguments).await,
            Some(Command::CatchUp(arguments)) => catch_up::run(&arguments),
            Some(Command::Walk(arguments)) => walk::run(arguments).await,
            Some(Command::Watch(arguments)) => watch::run(arguments).await,
            Some(Command::Load(arguments)) => load::run(arguments).await,
            Some(Command::Farm(arguments)) => farm::run(arguments).await,
            Some(Command::LoadGenerator) => load::generate(),
            Some(Command::Attack(arguments)) => attack::run(arguments).await,
            Some(Command::Test(arguments)) => test::run(arguments).await,
            Some(Command::Generate(arguments)) => generate::run(&arguments),
            Some(Command::Bench(arguments)) => bench::run(arguments).await,
        }
    }
}

/// Which program of which step.
#[derive(Args)]
struct Which {
    /// The step: 10, 10-spy or spy
    #[arg(value_parser = Step::parse)]
    step: Step,
    /// The finished program instead of yours
    #[arg(long)]
    solution: bool,
}

impl Which {
    fn whose(&self) -> Whose {
        if self.solution {
            Whose::Solution
        } else {
            Whose::Learner
        }
    }
}
