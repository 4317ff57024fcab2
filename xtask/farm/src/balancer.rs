//! The balancer: HAProxy before the endpoints, its configuration, and what it says of them.
//!
//! The configuration is part of the lesson, a file with the reason at each decision; `haproxy.cfg` beside this file is its
//! only source.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use machine::patience;
use machine::process::{Exit, Launch, OutputMode, Program, free_port};
use tempfile::TempDir;
use tokio::net::TcpStream;

use super::nats::indented;
use machine::waiting::until;

/// The text of the configuration, with names in double braces.
const TEMPLATE: &str = include_str!("haproxy.cfg");

/// How long HAProxy may take until it accepts connections. It takes 50 ms.
const START: Duration = Duration::from_secs(10);

/// How the next user's endpoint is chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Balance {
    /// Each endpoint in its turn
    #[default]
    Roundrobin,
    /// Whoever has the fewest users
    Leastconn,
}

impl Balance {
    /// As HAProxy calls it.
    pub fn name(self) -> &'static str {
        match self {
            Balance::Roundrobin => "roundrobin",
            Balance::Leastconn => "leastconn",
        }
    }
}

/// What HAProxy says of one endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// `UP`, `DOWN`, `DRAIN`, or on the way to one of them: `UP 1/2`.
    pub status: String,
    /// Tunnels that stand.
    pub sessions: u64,
    /// Bytes from users to the endpoint, of all tunnels so far that have told.
    pub bytes_in: u64,
    /// Bytes from the endpoint to its users.
    pub bytes_out: u64,
}

/// HAProxy, running or stopped. Dropping it ends it.
pub struct Balancer {
    /// Where users connect.
    pub address: SocketAddr,
    /// Where it shows a page about itself.
    pub about: SocketAddr,
    /// Its configuration, for a person to read.
    pub file: PathBuf,
    socket: PathBuf,
    program: PathBuf,
    process: Option<Program>,
    /// The folder of the socket: a socket's path may be no longer than 107 bytes, and the workshop's may be long.
    _folder: TempDir,
}

impl Balancer {
    /// Writes the configuration into `folder`, and starts HAProxy with it before these endpoints.
    ///
    /// # Errors
    /// When the file cannot be written; when HAProxy refuses it, or does not start, with its own words.
    pub async fn start(
        program: &Path,
        folder: &Path,
        web: Option<SocketAddr>,
        endpoints: &[SocketAddr],
        balance: Balance,
    ) -> Result<Balancer> {
        let (address, about) = (web.unwrap_or_else(free_port), free_port());
        let short = tempfile::tempdir().context("no folder could be made for HAProxy's socket")?;
        let socket = short.path().join("haproxy.sock");
        let file = folder.join("haproxy.cfg");
        let text = configuration(&socket, address, about, endpoints, balance);
        std::fs::write(&file, text)
            .with_context(|| format!("{} could not be written", file.display()))?;
        let mut balancer = Balancer {
            address,
            about,
            file,
            socket,
            program: program.to_owned(),
            process: None,
            _folder: short,
        };
        balancer.start_again().await?;
        Ok(balancer)
    }

    /// Starts it again, at the same port and with the same configuration, and waits until it accepts connections.
    ///
    /// # Errors
    /// When it does not start, with its own words.
    pub async fn start_again(&mut self) -> Result<()> {
        let folder = self.file.parent().context("the file is in a folder")?;
        let mut launch = Launch::new(&self.program, folder);
        // In the foreground, as one process: it is to end with us.
        launch.args = vec!["-db".into(), "-f".into(), self.file.clone().into()];
        launch.output = OutputMode::Captured;
        let mut process = Program::start(&launch)?;
        let within = START.mul_f64(patience::asked());
        let accepts = until(within, async || {
            if process.try_exited().is_some() {
                return Some(false);
            }
            TcpStream::connect(self.address).await.ok().map(|_| true)
        });
        match accepts.await {
            Some(true) => {
                self.process = Some(process);
                Ok(())
            }
            Some(false) => {
                process.exited().await;
                bail!("HAProxy does not start; it said:\n{}", said(&process))
            }
            None => bail!("HAProxy accepts no connection in {within:?}"),
        }
    }

    /// Ends it at once, and all connections through it.
    pub async fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }

    /// Whether it runs, as far as is known.
    pub fn runs(&self) -> bool {
        self.process.is_some()
    }

    /// Waits until it ends by itself, and says what it printed; for ever where it does not run. It may be cancelled, and
    /// called again.
    pub async fn ended(&mut self) -> (Exit, String) {
        let Some(process) = &mut self.process else {
            return std::future::pending().await;
        };
        let exit = process.exited().await;
        let said = said(process);
        self.process = None;
        (exit, said)
    }

    /// What it says of each endpoint, by the endpoint's number.
    pub async fn seen(&self) -> Option<HashMap<usize, Seen>> {
        Some(parse(&self.command("show stat users 4 -1").await.ok()?))
    }

    /// Sends an endpoint nobody new, or lets it have users again; those who are there stay.
    ///
    /// # Errors
    /// When HAProxy does not answer.
    pub async fn drain(&self, endpoint: usize, is_drained: bool) -> Result<()> {
        let state = if is_drained { "drain" } else { "ready" };
        for backend in ["users", "pages"] {
            let command = format!("set server {backend}/e{endpoint} state {state}");
            self.command(&command).await?;
        }
        Ok(())
    }

    /// A command to HAProxy, and its answer.
    #[cfg(unix)]
    async fn command(&self, command: &str) -> Result<String> {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let asked = async {
            let mut stream = tokio::net::UnixStream::connect(&self.socket).await?;
            stream.write_all(format!("{command}\n").as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            std::io::Result::Ok(answer)
        };
        let answer = tokio::time::timeout(Duration::from_millis(500), asked).await;
        answer
            .context("HAProxy does not answer")?
            .context("HAProxy does not answer")
    }

    /// There is no HAProxy for this system.
    #[cfg(not(unix))]
    async fn command(&self, _command: &str) -> Result<String> {
        bail!("{} is nobody's here", self.socket.display())
    }
}

fn said(process: &Program) -> String {
    indented(&process.output().stderr.to_string())
}

/// The configuration's text.
fn configuration(
    socket: &Path,
    web: SocketAddr,
    about: SocketAddr,
    endpoints: &[SocketAddr],
    balance: Balance,
) -> String {
    let servers: Vec<String> = endpoints
        .iter()
        .enumerate()
        .map(|(at, address)| format!("    server e{} {address}", at + 1))
        .collect();
    TEMPLATE
        .replace("{{socket}}", &socket.display().to_string())
        .replace("{{web}}", &web.to_string())
        .replace("{{about}}", &about.to_string())
        .replace("{{balance}}", balance.name())
        .replace("{{servers}}", &servers.join("\n"))
}

/// Reads the answer to `show stat`: a line of names, then a line for each server, all separated by commas.
fn parse(answer: &str) -> HashMap<usize, Seen> {
    let mut lines = answer.lines();
    let names = lines.next().unwrap_or_default().trim_start_matches("# ");
    let names: Vec<&str> = names.split(',').collect();
    let mut all = HashMap::new();
    for line in lines {
        let values: HashMap<&str, &str> = names.iter().copied().zip(line.split(',')).collect();
        let value = |name| values.get(name).copied().unwrap_or_default();
        let number = |name| value(name).parse().unwrap_or(0);
        if value("pxname") != "users" {
            continue;
        }
        let endpoint = value("svname").strip_prefix('e');
        if let Some(endpoint) = endpoint.and_then(|it| it.parse().ok()) {
            let seen = Seen {
                status: value("status").to_owned(),
                sessions: number("scur"),
                bytes_in: number("bin"),
                bytes_out: number("bout"),
            };
            all.insert(endpoint, seen);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_template_is_filled_in() {
        let address = SocketAddr::from(([127, 0, 0, 1], 20_001));
        let text = configuration(
            Path::new("/tmp/x/haproxy.sock"),
            address,
            address,
            &[address, address],
            Balance::Leastconn,
        );
        assert!(!text.contains("{{"), "{text}");
        assert_eq!(text.matches("    server e2 127.0.0.1:20001").count(), 2);
        assert!(text.contains("balance leastconn"));
    }

    #[test]
    fn what_haproxy_says_is_read_by_its_names() {
        let said = "# pxname,svname,scur,status,bin,bout,\nweb,FRONTEND,9,OPEN,1,1,\n\
                    users,e2,3,UP 1/2,100,2000,\nusers,BACKEND,3,UP,1,1,\n";
        let seen = parse(said);
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[&2].sessions, 3);
        assert_eq!(seen[&2].status, "UP 1/2");
        assert_eq!(seen[&2].bytes_out, 2000);
    }
}
