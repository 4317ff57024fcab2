//! One endpoint of a farm: a server of the step, at its own port, that can be killed and brought back.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use machine::patience;
use machine::process::{self, Exit, Launch, OutputMode, Program, free_port};
use show::root;
use tokio::net::TcpStream;

use super::nats::indented;
use machine::waiting::until;

/// How long an endpoint may take until it accepts connections.
const START: Duration = Duration::from_secs(10);

/// How long an endpoint may take for its goodbyes.
const END: Duration = Duration::from_secs(3);

/// A server among several.
pub struct Endpoint {
    /// 1, 2, 3 …
    pub number: usize,
    /// Where it listens.
    pub address: SocketAddr,
    program: PathBuf,
    env: Vec<(OsString, OsString)>,
    process: Option<Program>,
    /// Why it does not run, if it was not we who ended it.
    trouble: Option<String>,
}

impl Endpoint {
    /// The one of this number: `program`, at a free port, with these variables besides `PORT` and `HOST`; not running yet.
    pub fn new(number: usize, program: PathBuf, env: Vec<(OsString, OsString)>) -> Endpoint {
        Endpoint {
            number,
            address: free_port(),
            program,
            env,
            process: None,
            trouble: None,
        }
    }

    /// Starts it for the first time, and waits until it accepts connections. Where another program takes its port in the
    /// meantime, it gets another one.
    ///
    /// # Errors
    /// As [`Endpoint::accepts`].
    pub async fn start_anywhere(&mut self) -> Result<()> {
        /// Three times in a row it is no accident.
        const ATTEMPTS: usize = 3;
        let mut attempt = 1;
        loop {
            self.start()?;
            let id = self.process.as_ref().map(Program::id);
            let accepts = self.accepts().await;
            let owner = process::owner_of_port(self.address.port());
            let is_ours = owner.is_none_or(|owner| Some(owner.pid) == id);
            if is_ours || attempt == ATTEMPTS {
                return accepts;
            }
            self.kill().await;
            self.address = free_port();
            attempt += 1;
        }
    }

    /// Starts it, at the port that it had before.
    ///
    /// # Errors
    /// When the system cannot start it.
    pub fn start(&mut self) -> Result<()> {
        self.trouble = None;
        let mut launch = Launch::new(&self.program, root());
        launch.env = vec![
            ("PORT".into(), self.address.port().to_string().into()),
            ("HOST".into(), "127.0.0.1".into()),
        ];
        launch.env.extend(self.env.iter().cloned());
        // Somebody's own setting would connect endpoints that should be alone.
        if !self.env.iter().any(|(name, _)| name == "NATS_URL") {
            launch.unset.push("NATS_URL".into());
        }
        launch.output = OutputMode::Captured;
        self.process = Some(Program::start(&launch)?);
        Ok(())
    }

    /// Waits until it accepts connections.
    ///
    /// # Errors
    /// That it has ended, or does not accept in time, with what it printed.
    pub async fn accepts(&mut self) -> Result<()> {
        let within = START.mul_f64(patience::asked());
        let address = self.address;
        let accepts = until(within, async || {
            if self.has_ended() {
                return Some(false);
            }
            TcpStream::connect(address).await.ok().map(|_| true)
        });
        match accepts.await {
            Some(true) => Ok(()),
            Some(false) => {
                self.ended().await;
                bail!("{}", self.trouble.clone().unwrap_or_default())
            }
            None => bail!(
                "endpoint {} accepts no connection in {within:?}",
                self.number
            ),
        }
    }

    /// Kills it at once, as a power cut would (`kill -9`). What it held is gone without a word to anybody.
    pub async fn kill(&mut self) {
        self.trouble = None;
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }

    /// Asks it to end, as a person would who is about to start a newer one, and kills it if it does not.
    pub async fn end(&mut self) {
        self.trouble = None;
        if let Some(mut process) = self.process.take() {
            // As Ctrl-C would: it says goodbye to its users then.
            process.interrupt();
            let _ = tokio::time::timeout(END, process.exited()).await;
            process.kill().await;
        }
    }

    /// Whether it runs, as far as is known.
    pub fn runs(&self) -> bool {
        self.process.is_some()
    }

    /// The program, while it runs.
    pub fn program(&mut self) -> Option<&mut Program> {
        self.process.as_mut()
    }

    /// Why it does not run, if it was not we who ended it: a sentence, and perhaps lines of what it said.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// What it takes of the machine.
    pub fn usage(&self) -> process::Usage {
        let process = self.process.as_ref();
        process.map_or_else(process::Usage::default, |it| process::usage(it.id()))
    }

    fn has_ended(&mut self) -> bool {
        let process = self.process.as_mut();
        process.is_none_or(|process| process.try_exited().is_some())
    }

    /// Waits until it ends by itself; for ever where it does not run. It may be cancelled, and called again.
    pub async fn ended(&mut self) -> Exit {
        let Some(process) = &mut self.process else {
            return std::future::pending().await;
        };
        let exit = process.exited().await;
        let said = process.output();
        let said = indented(&format!("{}\n{}", said.stdout, said.stderr));
        self.process = None;
        self.trouble = Some(format!(
            "endpoint {} ended by itself, with {exit}; it said:\n{said}",
            self.number
        ));
        exit
    }
}
