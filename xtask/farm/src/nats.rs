//! The backplane: a `nats-server` of our own, on loopback, or one that runs already.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use machine::patience;
use machine::process::{Exit, Launch, OutputMode, Program, free_port};
use serde_json::Value;
use show::root;
use tokio::time::timeout;
use wire::http::request;

use super::handshake::{self, Place};
use machine::waiting::until;

/// How long a server may take until it says hello. It takes 20 ms.
const START: Duration = Duration::from_secs(10);

/// Another program may take a port between our look and the start; three times in a row it is no accident.
const ATTEMPTS: usize = 3;

/// The backplane of a farm.
pub struct Nats {
    /// Where it is.
    pub place: Place,
    /// What it says that it is.
    pub version: String,
    own: Option<Own>,
}

/// A server of ours.
struct Own {
    program: PathBuf,
    port: u16,
    monitor: SocketAddr,
    process: Option<Program>,
}

/// What the server has counted since it started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that came in.
    pub came: u64,
    /// Messages that went out: one that three others get is three.
    pub went: u64,
    /// Connections, now.
    pub connections: u64,
    /// Clients that it has cut because they did not take what was for them.
    pub slow: u64,
}

impl Nats {
    /// One that runs already.
    ///
    /// # Errors
    /// Why the farm cannot use it.
    pub async fn at(place: Place) -> Result<Nats> {
        let version = handshake::greet(&place).await?;
        Ok(Nats {
            place,
            version,
            own: None,
        })
    }

    /// Starts the program at a free port of loopback, and waits until it says hello.
    ///
    /// # Errors
    /// That it does not, with what it printed.
    pub async fn start(program: PathBuf) -> Result<Nats> {
        let mut attempt = 1;
        loop {
            let (port, monitor) = (free_port().port(), free_port());
            let place = Place::parse(&format!("nats://127.0.0.1:{port}"));
            let mut nats = Nats {
                place: place.map_err(anyhow::Error::msg)?,
                version: String::new(),
                own: Some(Own {
                    program: program.clone(),
                    port,
                    monitor,
                    process: None,
                }),
            };
            match nats.start_again().await {
                Err(_) if attempt < ATTEMPTS => attempt += 1,
                started => return started.map(|()| nats),
            }
        }
    }

    /// Starts it again, at the same port, and waits until it says hello.
    ///
    /// # Errors
    /// As [`Nats::start`]; or that it is not ours to start.
    pub async fn start_again(&mut self) -> Result<()> {
        let own = self.own.as_mut().context("it is not ours to start")?;
        let mut process = Program::start(&own.launch())?;
        let within = START.mul_f64(patience::asked());
        let greeted = until(within, async || {
            // Who ends has said why.
            if process.try_exited().is_some() {
                return Some(Err(anyhow::anyhow!("it ended")));
            }
            handshake::greet(&self.place).await.ok().map(Ok)
        });
        match greeted.await {
            Some(Ok(version)) => {
                self.version = version;
                own.process = Some(process);
                Ok(())
            }
            _ => {
                process.exited().await;
                bail!(
                    "nats-server does not start; it said:\n{}",
                    indented(&process.output().stderr.to_string())
                )
            }
        }
    }

    /// Whether it is ours, to be stopped and started.
    pub fn is_ours(&self) -> bool {
        self.own.is_some()
    }

    /// Whether it runs; of one that is not ours, nothing else is known.
    pub fn runs(&self) -> bool {
        self.own.as_ref().is_none_or(|own| own.process.is_some())
    }

    /// Ends it at once, if it is ours.
    pub async fn stop(&mut self) {
        if let Some(process) = self.own.as_mut().and_then(|own| own.process.take()) {
            process.kill().await;
        }
    }

    /// Holds it where it is, or lets it go on: the system takes what is sent to it, and it reads nothing.
    ///
    /// # Errors
    /// That it is not ours, or does not run.
    #[cfg(unix)]
    pub fn hold(&self, is_held: bool) -> Result<()> {
        use nix::sys::signal::{Signal, kill};
        let own = self.own.as_ref().and_then(|own| own.process.as_ref());
        let process = own.context("it does not run")?;
        let signal = match is_held {
            true => Signal::SIGSTOP,
            false => Signal::SIGCONT,
        };
        kill(nix::unistd::Pid::from_raw(process.id() as i32), signal)?;
        Ok(())
    }

    /// Waits until it ends by itself; for ever where it is not ours, or does not run. It may be cancelled.
    pub async fn ended(&mut self) -> Exit {
        match self.own.as_mut().and_then(|own| own.process.as_mut()) {
            Some(process) => {
                let exit = process.exited().await;
                if let Some(own) = &mut self.own {
                    own.process = None;
                }
                exit
            }
            None => std::future::pending().await,
        }
    }

    /// How many of its clients have asked to hear something, where it is ours and runs.
    pub async fn listeners(&self) -> Option<usize> {
        let said = self.said("/connz").await?;
        let clients = said["connections"].as_array()?;
        let listens = |client: &&Value| client["subscriptions"].as_u64() > Some(0);
        Some(clients.iter().filter(listens).count())
    }

    /// The processor time that it has taken, where it is ours and runs, and that is known.
    pub fn cpu(&self) -> Option<Duration> {
        let own = self.own.as_ref()?;
        machine::process::usage(own.process.as_ref()?.id()).cpu
    }

    /// What it has counted, where it is ours and runs.
    pub async fn counts(&self) -> Option<Counts> {
        let own = self.own.as_ref().filter(|own| own.process.is_some())?;
        let asked = request(own.monitor, "GET", "/varz", &[]);
        let answer = timeout(Duration::from_millis(500), asked)
            .await
            .ok()?
            .ok()?;
        let said: Value = serde_json::from_slice(&answer.body).ok()?;
        Some(Counts {
            came: said["in_msgs"].as_u64()?,
            went: said["out_msgs"].as_u64()?,
            connections: said["connections"].as_u64()?,
            slow: said["slow_consumers"].as_u64().unwrap_or(0),
        })
    }
}

impl Nats {
    /// What it says of itself at this path of its monitor.
    async fn said(&self, path: &str) -> Option<Value> {
        let own = self.own.as_ref().filter(|own| own.process.is_some())?;
        let asked = request(own.monitor, "GET", path, &[]);
        let answer = timeout(Duration::from_millis(500), asked)
            .await
            .ok()?
            .ok()?;
        serde_json::from_slice(&answer.body).ok()
    }
}

impl Own {
    fn launch(&self) -> Launch {
        let mut launch = Launch::new(&self.program, root());
        let port = self.port.to_string();
        let monitor = self.monitor.port().to_string();
        let args = ["-a", "127.0.0.1", "-p", &port, "-m", &monitor];
        launch.args = args.map(OsString::from).to_vec();
        launch.output = OutputMode::Captured;
        launch
    }
}

/// The last lines of what a program printed, to be shown under a sentence.
pub(super) fn indented(said: &str) -> String {
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let last = &lines[lines.len().saturating_sub(8)..];
    last.iter().map(|line| format!("    {line}\n")).collect()
}
