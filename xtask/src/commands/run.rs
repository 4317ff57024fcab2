//! `cargo xtask run`: builds a step and runs it until Ctrl-C.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use tokio::net::TcpStream;

use super::{Which, restart};
use crate::browser::Browser;
use crate::compile::{self, Built, Target};
use crate::exit::Exit;
use crate::process::{self, Launch, OutputMode, Program};
use crate::step::{Step, Whose, root};
use crate::{jquery, newest, open, show};

/// Build a step and run it, until Ctrl-C
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Open two windows on it, once it answers
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
    /// A page needs no restart: refresh it. While a program does not compile, the last one that did goes on running.
    #[arg(long)]
    watch: bool,
}

impl Arguments {
    /// The learner's program of a step, to be served on this machine alone.
    pub fn of(step: Step, port: u16) -> Arguments {
        Arguments {
            which: Which {
                step,
                solution: false,
            },
            open: false,
            port,
            host: Ipv4Addr::LOCALHOST.into(),
            watch: false,
        }
    }

    /// What to build.
    pub fn target(&self) -> Target {
        Target::workshop(self.which.step.binary(self.which.whose()))
    }

    /// The folder of the step's files.
    pub fn folder(&self) -> PathBuf {
        root().join(self.which.step.folder(self.which.whose()))
    }

    /// Starts the built program.
    ///
    /// # Errors
    /// When the system cannot start it.
    pub fn start(&self, program: PathBuf, output: OutputMode) -> Result<Program> {
        newest::make_page(self.which.step, self.which.whose());
        Program::start(&Launch {
            env: vec![
                ("PORT".into(), self.port.to_string().into()),
                ("HOST".into(), self.host.to_string().into()),
            ],
            output,
            ..Launch::new(program, root())
        })
    }

    /// Where it is served.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }
}

/// Builds the step and runs it.
///
/// # Errors
/// When the port is in use, or the tool itself cannot go on.
pub async fn run(arguments: Arguments) -> Result<Exit> {
    is_free(&arguments)?;
    if let Err(error) = jquery::fetch().await {
        show::note(&format!("{error:#}"));
    }
    if let Err(missing) = jquery::is_there() {
        show::note(&format!("{missing:#}"));
        show::note("The server starts all the same.\n");
    }
    // The windows are there for as long as the program is.
    let windows = async {
        let _windows = open_when_it_answers(&arguments).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        exit = serve(&arguments) => exit,
        () = windows, if arguments.open => unreachable!("it is pending for ever"),
    }
}

/// Runs the program until it ends, or again and again where saves are watched.
async fn serve(arguments: &Arguments) -> Result<Exit> {
    if arguments.watch {
        return restart::run(arguments).await;
    }
    let Some(program) = build(arguments).await? else {
        return Ok(Exit::Failed);
    };
    let exit = arguments.start(program, OutputMode::Shown)?.exited().await;
    anstream::eprintln!("{} ended, with {exit}", arguments.target().binary);
    Ok(if exit.code == Some(0) {
        Exit::Passed
    } else {
        Exit::Failed
    })
}

/// Builds the step; `None` when the compiler refuses it, and has said why.
///
/// # Errors
/// When cargo itself fails.
pub async fn build(arguments: &Arguments) -> Result<Option<PathBuf>> {
    build_step(arguments.which.step, arguments.which.whose()).await
}

/// The same, of a step and a tree.
///
/// # Errors
/// As [`build`].
pub async fn build_step(step: Step, whose: Whose) -> Result<Option<PathBuf>> {
    files_are_there(step, whose)?;
    let target = Target::workshop(step.binary(whose));
    match compile::build(&target, show::colour()).await? {
        Built::Program(program) => Ok(Some(program)),
        Built::Refused(refusal) => {
            show::refused(&target.binary, &refusal);
            Ok(None)
        }
    }
}

/// Looks whether the files of a step are there.
///
/// # Errors
/// When one is not, with what brings it back.
pub fn files_are_there(step: Step, whose: Whose) -> Result<()> {
    let folder = root().join(step.folder(whose));
    for name in step.files() {
        let file = folder.join(name);
        if !file.is_file() {
            bail!(
                "{} is not there: it was renamed, moved or deleted. \
                 This brings back the one that came with the workshop:\n\n  git checkout -- {0}\n",
                show::path(&file)
            );
        }
    }
    Ok(())
}

/// Looks whether the port is free, and if not, who has it.
///
/// # Errors
/// When it is not, or nothing can be served at the address at all.
pub fn is_free(arguments: &Arguments) -> Result<()> {
    let address = arguments.address();
    let Err(error) = TcpListener::bind(address) else {
        return Ok(());
    };
    if error.kind() != std::io::ErrorKind::AddrInUse {
        return Err(error).with_context(|| format!("nothing can be served at {address}"));
    }
    let who = process::who_has(address.port());
    let next = address.port().checked_add(1).unwrap_or(8080);
    bail!(
        "port {} is in use: {who}. End it, or take another port: --port {next}",
        address.port()
    )
}

/// Opens two windows as soon as the program accepts. That there is no browser is no error: the address is printed.
async fn open_when_it_answers(arguments: &Arguments) -> Option<Browser> {
    let mut address = arguments.address();
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::from([127, 0, 0, 1]));
    }
    while TcpStream::connect(address).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let url = format!("http://{address}/");
    match open::two_windows(&url).await {
        Ok(windows) => {
            anstream::eprintln!("{url} is open in two windows, side by side");
            windows
        }
        Err(error) => {
            anstream::eprintln!(
                "no browser could be opened ({error:#})\nOpen {url} in two windows yourself."
            );
            None
        }
    }
}
