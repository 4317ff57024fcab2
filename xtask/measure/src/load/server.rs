//! The server under load: one that we start, or one that runs already, on this machine.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use machine::patience;
use machine::process::{self, Exit, Launch, Program, Usage};
use machine::waiting::until;
use show::root;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use wire::client::Client;
use wire::position::{Position, Up};
use wire::transcript::Transcript;

use super::wire::Wire;

/// Where a server is: an address of this machine, and the path of its WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its address.
    pub address: SocketAddr,
    /// The path.
    pub path: String,
}

impl Place {
    /// Reads `http://127.0.0.1:8080`, `ws://localhost:8080/ws`, `127.0.0.1:8080` and the like. Without a path it is `/ws`.
    ///
    /// # Errors
    /// A sentence that says what is wrong: above all, an address of another machine.
    pub fn parse(text: &str) -> Result<Place, String> {
        let rest = match text.split_once("://") {
            None => text,
            Some(("http" | "ws", rest)) => rest,
            Some((scheme, _)) => {
                return Err(format!(
                    "{scheme}:// does not work here: use http:// or ws://"
                ));
            }
        };
        let (host, path) = match rest.split_once('/') {
            Some((host, path)) if !path.is_empty() => (host, format!("/{path}")),
            Some((host, _)) => (host, "/ws".into()),
            None => (rest, "/ws".into()),
        };
        if path.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err("a path has no blanks".into());
        }
        let address = address(host).ok_or_else(|| {
            format!(
                "`{host}` is not an address with a port, such as 127.0.0.1:8080 or localhost:8080"
            )
        })?;
        match address.ip().is_loopback() {
            true => Ok(Place { address, path }),
            false => Err(format!(
                "{} is not this machine's own\nThese commands load and attack only loopback, for example 127.0.0.1. \
                 To try another machine, run them there, if it is yours.",
                address.ip()
            )),
        }
    }
}

/// `localhost` is this machine; any other name may be somebody else's, and is not looked up.
fn address(host: &str) -> Option<SocketAddr> {
    match host.rsplit_once(':') {
        Some(("localhost", port)) => Some((Ipv4Addr::LOCALHOST, port.parse().ok()?).into()),
        None if host == "localhost" => Some((Ipv4Addr::LOCALHOST, 80).into()),
        _ => {
            let with_port = host.parse().ok();
            let bare = || Some(SocketAddr::new(host.parse::<IpAddr>().ok()?, 80));
            with_port.or_else(bare)
        }
    }
}

/// A server that takes connections.
pub struct Server {
    /// Where it is.
    pub place: Place,
    /// The program, where we have started it.
    program: Option<Program>,
    /// Its process, where it is known.
    process: Option<u32>,
}

impl Server {
    /// Starts a program on a free port, which the environment names to it, and waits until it accepts connections there.
    ///
    /// # Errors
    /// Why it does not, with the last that it said.
    pub async fn start(program: PathBuf) -> Result<Server> {
        Server::start_with(program, Vec::new()).await
    }

    /// The same, with more in its environment.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn start_with(
        program: PathBuf,
        environment: Vec<(OsString, OsString)>,
    ) -> Result<Server> {
        let launch = Launch {
            env: environment,
            ..Launch::new(program, root())
        };
        Server::launch(launch, Wire::Events).await
    }

    /// The same of any program that lays out events in this way.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn launch(mut launch: Launch, wire: Wire) -> Result<Server> {
        let address = process::free_port();
        launch.env.extend([
            ("PORT".into(), address.port().to_string().into()),
            ("HOST".into(), "127.0.0.1".into()),
        ]);
        let program = Program::start(&launch)?;
        let mut server = Server {
            process: Some(program.id()),
            program: Some(program),
            place: Place {
                address,
                path: wire.path().into(),
            },
        };
        server.accepts().await?;
        Ok(server)
    }

    /// A server that runs already.
    ///
    /// # Errors
    /// When nobody accepts connections there.
    pub async fn running(place: Place) -> Result<Server> {
        let address = place.address;
        let connecting = timeout(Duration::from_secs(5), TcpStream::connect(address)).await;
        connecting
            .map_err(anyhow::Error::from)
            .and_then(|connected| Ok(connected?))
            .with_context(|| {
                format!(
                    "no server accepts connections at {address}. Start it first: cargo xtask run 10"
                )
            })?;
        Ok(Server {
            place,
            program: None,
            process: process::owner_of_port(address.port()).map(|owner| owner.pid),
        })
    }

    async fn accepts(&mut self) -> Result<()> {
        let within = Duration::from_secs(10).mul_f64(patience::measured());
        let address = self.place.address;
        let accepts = until(within, async || match TcpStream::connect(address).await {
            Ok(_) => Some(true),
            Err(_) => self.has_ended().then_some(false),
        });
        match accepts.await {
            Some(true) => Ok(()),
            Some(false) => bail!(
                "the server ended before it accepted connections, with {}",
                self.ended().await
            ),
            None => bail!(
                "the server accepted no connection at {address} within {} s (PORT={}, HOST=127.0.0.1). \
                 `cargo xtask check` says more",
                within.as_secs(),
                address.port()
            ),
        }
    }

    /// Whether we have started it.
    pub fn is_ours(&self) -> bool {
        self.program.is_some()
    }

    fn has_ended(&mut self) -> bool {
        let program = self.program.as_mut();
        program.is_some_and(|program| program.try_exited().is_some())
    }

    /// Waits until the program ends, and says how, with the last that it printed. One that is not ours is waited for for ever.
    pub async fn ended(&mut self) -> String {
        let Some(program) = &mut self.program else {
            return std::future::pending().await;
        };
        let exit = program.exited().await;
        match program.last_lines() {
            Some(lines) => format!("{exit}. It said last:\n\n{}", indented(&lines)),
            None => exit.to_string(),
        }
    }

    /// How often it has panicked so far, where we have started it.
    pub fn panics(&self) -> usize {
        let program = self.program.as_ref();
        program.map_or(0, |program| program.panics().len())
    }

    /// What it has taken of the machine so far.
    pub fn usage(&self) -> Usage {
        self.process.map(process::usage).unwrap_or_default()
    }

    /// How many files it has open, connections among them, where that is known.
    pub fn files(&self) -> Option<usize> {
        process::files(self.process?)
    }

    /// Tells it what Ctrl-C would, and waits for its end; `None` where it goes on all that time, or cannot be told.
    pub async fn interrupt(&mut self, within: Duration) -> Option<Exit> {
        let program = self.program.as_mut()?;
        match program.interrupt() {
            true => timeout(within, program.exited()).await.ok(),
            false => None,
        }
    }

    /// Finds out how it takes a move, with two clients of which one moves: as two values, or as one object.
    ///
    /// # Errors
    /// A text that says what came instead at the other client.
    pub async fn how_it_takes_a_move(&self) -> Result<Up, String> {
        let wait = Duration::from_secs(2).mul_f64(patience::measured());
        let transcript = Transcript::default();
        let path = &self.place.path;
        let connect = async |name| {
            let connecting = Client::connect_at(name, self.place.address, path, &transcript);
            let mut client = timeout(wait, connecting)
                .await
                .unwrap_or_else(|_| Err("no answer to the upgrade".into()))?;
            client.settle(wait).await;
            Ok::<_, String>(client)
        };
        let mut came = None;
        for up in [Up::TwoValues, Up::Object] {
            // Each has clients of its own: what a server does not understand may end the connection.
            let (mut mover, mut other) = (connect("the mover").await?, connect("another").await?);
            let position = Position::spy(1843.0, 7512.0);
            let _ = mover.send(position.frame(up)).await;
            let deadline = Instant::now() + wait;
            loop {
                let rest = deadline.saturating_duration_since(Instant::now());
                let heard = other.hear(rest).await;
                if heard.position() == Some(position) {
                    return Ok(up);
                }
                let is_over = matches!(
                    heard,
                    wire::client::Heard::Silence | wire::client::Heard::Ended(_)
                );
                came.get_or_insert(heard.in_words());
                if is_over {
                    break;
                }
            }
        }
        Err(format!(
            "one client moved, and this reached another client: {}",
            came.unwrap_or_default()
        ))
    }

    /// Ends it, if it is ours.
    pub async fn end(self) {
        if let Some(program) = self.program {
            program.end().await;
        }
    }
}

/// As lines that are not broken where they are shown.
fn indented(lines: &str) -> String {
    let lines: Vec<String> = lines.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_in_many_ways() {
        let place = |address: &str, path: &str| Place {
            address: address.parse().unwrap(),
            path: path.into(),
        };
        for (text, expected) in [
            ("http://127.0.0.1:8080", place("127.0.0.1:8080", "/ws")),
            ("http://127.0.0.1:8080/", place("127.0.0.1:8080", "/ws")),
            ("ws://localhost:3000/chat", place("127.0.0.1:3000", "/chat")),
            ("localhost", place("127.0.0.1:80", "/ws")),
            ("127.9.8.7:99", place("127.9.8.7:99", "/ws")),
            ("[::1]:8080", place("[::1]:8080", "/ws")),
        ] {
            assert_eq!(Place::parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn another_machine_is_refused() {
        for text in [
            "http://192.168.0.1:8080",
            "0.0.0.0:8080",
            "example.com:80",
            "http://localhost.example.com:80",
            "http://127.0.0.1:8080@example.com:80",
            "[::]:8080",
            "https://127.0.0.1",
            "127.0.0.1:99999",
            "127.0.0.1:80/a b",
            "",
        ] {
            assert!(Place::parse(text).is_err(), "{text}");
        }
    }
}
