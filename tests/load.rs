//! `load` says of a server what it does, exactly: here are servers that lose, repeat, echo, refuse, flood and end.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::{SinkExt, StreamExt};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::broadcast;
use tokio_tungstenite::tungstenite::Message;

use crate::bad_luck::{PATIENCE, Running, is_running};
use crate::doctor::without;
use crate::scratch::{Scratch, XTASK};

/// A trial for each kind of server.
pub fn trials() -> Vec<Trial> {
    let trial = |name: &str, run: fn() -> Result<()>| {
        let run = move || run().map_err(|error| Failed::from(format!("{error:#}")));
        crate::again_alone(format!("load-{name}"), crate::kept::workshop, run)
    };
    let mut trials = vec![
        trial("counts-what-a-right-server-delivers", a_right_server),
        trial("counts-what-is-lost", a_server_that_loses),
        trial("counts-what-comes-twice", a_server_that_repeats),
        trial("counts-what-comes-late", a_server_that_swaps),
        trial("counts-what-is-echoed", a_server_that_echoes),
        trial("is-not-led-astray-by-a-flood", a_server_that_floods),
        trial("counts-who-is-refused", a_server_that_refuses_half),
        trial("says-that-a-server-dropped-all", a_server_that_drops_all),
        trial(
            "measures-nothing-of-a-server-that-relays-nothing",
            a_silent_server,
        ),
        trial("finds-how-far-a-server-goes", a_ramp_comes_to_an_end),
        trial("beside-peers-says-which-are-left-out", peers_without_npm),
    ];
    if cfg!(unix) {
        trials.push(trial("ctrl-c-leaves-a-result-and-nobody", ctrl_c));
        trials.push(trial("says-how-a-server-ended", a_server_that_ends));
    }
    trials
}

/// A benchmark without npm has no peers, says so of each, and fetches nothing.
fn peers_without_npm() -> Result<()> {
    let scratch = Scratch::take()?;
    let mut bench = scratch.xtask(["bench", "relay", "--only", "socket.io,ws,bun"]);
    without("npm", &mut bench)?;
    let output = bench.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    for peer in ["socket.io", "ws", "bun"] {
        let line = format!("{peer} is left out: npm was not found");
        ensure!(said.contains(&line), "{said}");
    }
    ensure!(output.status.code() == Some(3), "{}", output.status);
    Ok(())
}

/// What a server makes of its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Right,
    /// Every tenth move of each reaches nobody.
    Loses,
    /// Every tenth move of each is sent twice.
    Repeats,
    /// Every tenth move of each comes after the next.
    Swaps,
    /// The sender gets it, too.
    Echoes,
    /// Other events, all the time.
    Floods,
    /// Every second upgrade is answered with a 503.
    RefusesHalf,
    /// After the thirtieth move of somebody nobody is connected any more.
    DropsAll,
    /// Nobody hears anything.
    Silent,
    /// Nobody beyond the sixtieth is taken.
    Small,
}

/// A server of its own for each trial, for as long as this lives.
struct Server {
    address: SocketAddr,
    _runtime: Runtime,
}

impl Server {
    fn start(kind: Kind) -> Result<Server> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        runtime.spawn(serve(kind, listener));
        Ok(Server {
            address,
            _runtime: runtime,
        })
    }

    /// Puts it under the load of 12 users, of whom 3 move 40 times a second, for a second.
    fn load(&self, more: &[&str]) -> Result<(Option<i32>, Value)> {
        let url = format!("http://{}", self.address);
        let output = Command::new(XTASK)
            .args(["load", "--json", "--url", &url])
            .args([
                "--users",
                "12",
                "--movers",
                "3",
                "--rate",
                "40",
                "--seconds",
                "1",
            ])
            .args(more)
            .env("WORKSHOP_PATIENCE", "3")
            .output()?;
        Ok((output.status.code(), report(&output)?))
    }
}

fn report(output: &Output) -> Result<Value> {
    serde_json::from_slice(&output.stdout).with_context(|| format!("{output:?}"))
}

/// What goes to all: who moved, which of their moves it was, and the frame.
type Relayed = (u64, u64, String);

async fn serve(kind: Kind, listener: TcpListener) {
    let (everyone, _) = broadcast::channel::<Relayed>(4096);
    let mut me = 0;
    while let Ok((stream, _)) = listener.accept().await {
        me += 1;
        // The first look at a server takes one or two connections, and they are not to be refused.
        let is_refused = (kind == Kind::RefusesHalf && me > 3 && me % 2 == 0)
            || (kind == Kind::Small && me > 60);
        let client = Client {
            kind,
            me,
            everyone: everyone.clone(),
        };
        match is_refused {
            true => drop(tokio::spawn(refuse(stream))),
            false => drop(tokio::spawn(client.serve(stream))),
        }
    }
}

async fn refuse(mut stream: TcpStream) {
    use tokio::io::AsyncReadExt;
    let _ = stream.read(&mut [0; 1024]).await;
    let _ = stream
        .write_all(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        .await;
}

struct Client {
    kind: Kind,
    me: u64,
    everyone: broadcast::Sender<Relayed>,
}

impl Client {
    async fn serve(self, stream: TcpStream) -> Option<()> {
        let mut inbox = self.everyone.subscribe();
        let mut socket = tokio_tungstenite::accept_async(stream).await.ok()?;
        let (mut count, mut held) = (0, HashMap::new());
        loop {
            tokio::select! {
                message = socket.next() => {
                    let message = message?.ok()?;
                    if let Some(event) = message.to_text().ok().and_then(moved) {
                        let _ = self.everyone.send((self.me, count, event));
                        count += 1;
                    }
                }
                relayed = inbox.recv() => {
                    let (from, count, event) = relayed.ok()?;
                    for event in self.delivered(from, count, event, &mut held)? {
                        socket.send(Message::text(event)).await.ok()?;
                    }
                }
            }
        }
    }

    /// What this client gets of a move; `None` where it is dropped instead.
    fn delivered(
        &self,
        from: u64,
        count: u64,
        event: String,
        held: &mut HashMap<u64, String>,
    ) -> Option<Vec<String>> {
        let is_tenth = count % 10 == 5;
        let is_own = from == self.me;
        let noise = || json!(["noise", "x".repeat(2_000)]).to_string();
        Some(match self.kind {
            Kind::DropsAll if count > 30 => return None,
            Kind::Echoes => vec![event],
            _ if is_own => Vec::new(),
            Kind::Silent => Vec::new(),
            Kind::Loses if is_tenth => Vec::new(),
            Kind::Repeats if is_tenth => vec![event.clone(), event],
            Kind::Swaps if is_tenth => {
                held.insert(from, event);
                Vec::new()
            }
            Kind::Swaps if count % 10 == 6 => [Some(event), held.remove(&from)]
                .into_iter()
                .flatten()
                .collect(),
            Kind::Floods => [vec![event], (0..5).map(|_| noise()).collect()].concat(),
            _ => vec![event],
        })
    }
}

/// The event for the others, of one that came.
fn moved(text: &str) -> Option<String> {
    let event: Value = serde_json::from_str(text).ok()?;
    let [Value::String(name), x, y] = event.as_array()?.as_slice() else {
        return None;
    };
    (name == "spy").then(|| json!(["spy", { "x": x, "y": y }]).to_string())
}

/// The moves of [`Server::load`], and their deliveries.
const MOVES: u64 = 3 * 40;
const DELIVERIES: u64 = MOVES * 11;

/// Holds that this many deliveries were counted, and everything else is as it should be.
fn counts(kind: Kind, name: &str, expected: u64) -> Result<()> {
    let (code, report) = Server::start(kind)?.load(&[])?;
    ensure!(code == Some(0), "exit code {code:?}: {report}");
    let deliveries = &report["deliveries"];
    ensure!(deliveries["expected"] == DELIVERIES, "{report}");
    for other in ["lost", "twice", "out_of_order", "echoed"] {
        let expected = if other == name { expected } else { 0 };
        ensure!(deliveries[other] == expected, "{other}: {report}");
    }
    ensure!(report["generator"]["misread"] == 0, "{report}");
    ensure!(
        report["generator"]["sampled"].as_u64() >= Some(10),
        "{report}"
    );
    Ok(())
}

fn a_right_server() -> Result<()> {
    counts(Kind::Right, "", 0)
}

fn a_server_that_loses() -> Result<()> {
    counts(Kind::Loses, "lost", 12 * 11)
}

fn a_server_that_repeats() -> Result<()> {
    counts(Kind::Repeats, "twice", 12 * 11)
}

fn a_server_that_swaps() -> Result<()> {
    counts(Kind::Swaps, "out_of_order", 12 * 11)
}

fn a_server_that_echoes() -> Result<()> {
    counts(Kind::Echoes, "echoed", MOVES)
}

fn a_server_that_floods() -> Result<()> {
    let (code, report) = Server::start(Kind::Floods)?.load(&[])?;
    ensure!(code == Some(0), "exit code {code:?}: {report}");
    ensure!(report["deliveries"]["lost"] == 0, "{report}");
    ensure!(
        report["deliveries"]["other_frames"].as_u64() > Some(DELIVERIES),
        "{report}"
    );
    Ok(())
}

fn a_server_that_refuses_half() -> Result<()> {
    let (code, report) = Server::start(Kind::RefusesHalf)?.load(&[])?;
    ensure!(code == Some(1), "exit code {code:?}: {report}");
    ensure!(
        report["connected"] == 6 && report["refused"] == 6,
        "{report}"
    );
    ensure!(
        report["refusal"] == "the answer was 503, not 101",
        "{report}"
    );
    ensure!(report["deliveries"]["lost"] == 0, "{report}");
    Ok(())
}

fn a_server_that_drops_all() -> Result<()> {
    let (code, report) = Server::start(Kind::DropsAll)?.load(&[])?;
    ensure!(code == Some(1), "exit code {code:?}: {report}");
    ensure!(
        report["ending"] == "nobody-left" && report["ended"] == 12,
        "{report}"
    );
    Ok(())
}

fn a_silent_server() -> Result<()> {
    let server = Server::start(Kind::Silent)?;
    let url = format!("ws://{}/ws", server.address);
    let output = Command::new(XTASK).args(["load", "--url", &url]).output()?;
    let said = String::from_utf8_lossy(&output.stderr).replace('\n', " ");
    ensure!(output.status.code() == Some(1), "{output:?}");
    ensure!(
        said.contains("relays no moves") && said.contains("cargo xtask check 10"),
        "{said}"
    );
    Ok(())
}

/// 12 users, 24, and 48, of which some are refused.
fn a_ramp_comes_to_an_end() -> Result<()> {
    let (code, report) = Server::start(Kind::Small)?.load(&["--ramp", "--plan", "100000"])?;
    let runs = report["runs"].as_array().context("there are runs")?;
    // On a busy machine one of a hundred may be late before anybody is refused.
    ensure!(runs.len() <= 3, "{report}");
    if report["held"] == 24 {
        ensure!(
            code == Some(0) && runs[2]["refused"].as_u64() > Some(0),
            "{report}"
        );
    }
    Ok(())
}

/// The partial result is printed, and neither the server nor a generator goes on.
fn ctrl_c() -> Result<()> {
    let scratch = Scratch::take()?;
    scratch.finish("", "")?;
    let load = [
        "load",
        "10",
        "--users",
        "20",
        "--movers",
        "2",
        "--seconds",
        "600",
    ];
    let mut load = Running::spawn(scratch.xtask(load), 0)?;
    load.line("of them move")?;
    load.signal("INT")?;
    load.line("Interrupted: these are the figures up to then.")?;
    ensure!(
        load.exit()? == Some(130),
        "it does not say that it was interrupted"
    );
    ensure!(!is_running(&scratch), "the server goes on running");
    // All that it started is in its process group. The dead may be in it for a moment.
    let deadline = Instant::now() + PATIENCE;
    while load.signal("CONT").is_ok() {
        ensure!(Instant::now() < deadline, "a generator goes on running");
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn a_server_that_ends() -> Result<()> {
    let scratch = Scratch::take()?;
    // x of a move says which it is; those of the first look are not in the way.
    scratch.finish(
        "            relay(json!([\"spy\", {",
        "            assert!(x != 21, \"I had enough\");\n            if x == 30 { std::process::exit(7) }\n            relay(json!([\"spy\", {",
    )?;
    let load = [
        "load",
        "10",
        "--users",
        "6",
        "--movers",
        "2",
        "--seconds",
        "60",
        "--json",
    ];
    let output = scratch.xtask(load).output()?;
    let report = report(&output)?;
    ensure!(output.status.code() == Some(1), "{output:?}");
    ensure!(report["ending"] == "server-ended", "{report}");
    let how = report["how"].as_str().unwrap_or_default();
    ensure!(
        how.starts_with("exit code 7") && how.contains("I had enough"),
        "{how}"
    );
    ensure!(!is_running(&scratch), "the server goes on running");
    Ok(())
}
