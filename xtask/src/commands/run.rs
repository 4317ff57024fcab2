//! `cargo xtask run`: builds a step and runs it until Ctrl-C.

use std::net::IpAddr;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use machine::exit::Exit;
use machine::jquery;
use machine::process::{OutputMode, Program};
use machine::serve::Served;
use steps::step::{Step, Whose};
use tokio::net::TcpStream;

use super::build::{self, build};
use super::restart;
use crate::tools::Tool;

/// Build a step and run it, until Ctrl-C
#[derive(Args)]
pub struct Arguments {
    /// The step: 10, 10-spy or spy
    #[arg(value_parser = Step::parse)]
    step: Step,
    /// Run the finished program instead of yours
    #[arg(long)]
    solution: bool,
    /// Open two windows on it when it answers
    #[arg(long)]
    open: bool,
    /// The port to serve at
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The address to serve at; 0.0.0.0 lets the whole network in
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Build and restart when a file of the step is saved
    ///
    /// A page needs no restart: refresh it. While your program does not compile, the last one that did goes on running.
    #[arg(long)]
    watch: bool,
}

impl Arguments {
    fn served(&self) -> Served {
        let whose = match self.solution {
            true => Whose::Solution,
            false => Whose::Learner,
        };
        Served {
            step: self.step,
            whose,
            host: self.host,
            port: self.port,
        }
    }
}

/// Builds the step and runs it.
///
/// # Errors
/// When the port is in use, or the tool itself cannot go on.
pub async fn run(arguments: Arguments) -> Result<Exit> {
    let served = arguments.served();
    served.is_free()?;
    if let Err(error) = jquery::fetch().await {
        show::note(&format!("{error:#}"));
    }
    if let Err(missing) = jquery::is_there() {
        show::note(&format!("{missing:#}"));
        show::note("The server starts anyway.\n");
    }
    // The windows are there for as long as the program is.
    let windows = async {
        let _windows = open_when_it_answers(&served).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        exit = serve(&served, arguments.watch) => exit,
        () = windows, if arguments.open => unreachable!("it is pending for ever"),
    }
}

/// Runs the program until it ends, or again and again where saves are watched.
async fn serve(served: &Served, is_watched: bool) -> Result<Exit> {
    if is_watched {
        return restart::run(served).await;
    }
    let Some(program) = build(served).await? else {
        return Ok(Exit::Failed);
    };
    let mut program = served.start(program, OutputMode::Shown)?;
    let _building = Tool::Learn.build_meanwhile();
    let exit = program.exited().await;
    anstream::eprintln!("{} ended, with {exit}", served.target().binary);
    Ok(if exit.code == Some(0) {
        Exit::Passed
    } else {
        Exit::Failed
    })
}

/// Opens two windows as soon as the program accepts. That there is no browser is no error: the address is printed.
async fn open_when_it_answers(served: &Served) -> Option<Program> {
    let mut address = served.address();
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::from([127, 0, 0, 1]));
    }
    while TcpStream::connect(address).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let windows = build::tool(&["windows", &format!("http://{address}/")]).await;
    windows
        .inspect_err(|error| show::note(&format!("error: {error:#}")))
        .ok()
}
