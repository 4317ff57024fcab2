//! `cargo xtask farm`: what its keys do, what it says when something is wrong, and that nothing of it stays.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::bad_luck::{PATIENCE, is_running};
use crate::scratch::Scratch;

/// A trial for each kind of trouble.
pub fn trials() -> Vec<Trial> {
    let trial = |name: &str, run: fn() -> Result<()>| {
        crate::kept::trial(format!("farm-{name}"), move || {
            run().map_err(|error| Failed::from(format!("{error:#}")))
        })
    };
    let mut trials = vec![
        trial("says-what-is-wrong-with-a-command-line", bad_input),
        trial("says-how-to-install-nats", no_nats),
    ];
    if cfg!(unix) {
        trials.extend([
            trial("kills-and-brings-back", kills_and_brings_back),
            trial("goes-on-without-a-balancer", no_balancer),
            trial("ends-whole-at-ctrl-c", ctrl_c),
            trial("does-not-start-half", an_endpoint_that_dies),
            trial("is-put-under-load", under_load),
        ]);
    }
    trials
}

/// A farm that tells a program what it sees, an object a second.
struct Farm {
    child: Child,
    keys: ChildStdin,
    looks: BufReader<ChildStdout>,
}

impl Farm {
    fn start(mut command: Command) -> Result<Farm> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let keys = child.stdin.take().context("it has an input")?;
        let looks = BufReader::new(child.stdout.take().context("it has an output")?);
        Ok(Farm { child, keys, looks })
    }

    fn press(&mut self, key: &str) -> Result<()> {
        Ok(writeln!(self.keys, "{key}")?)
    }

    /// The first look of which this is true.
    fn until(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Result<Value> {
        let deadline = Instant::now() + PATIENCE;
        let mut line = String::new();
        while Instant::now() < deadline {
            line.clear();
            ensure!(
                self.looks.read_line(&mut line)? > 0,
                "it ended before {what}"
            );
            let look: Value = serde_json::from_str(&line)?;
            if is_it(&look) {
                return Ok(look);
            }
        }
        anyhow::bail!("it never came to this: {what}; the last look was {line}")
    }

    fn until_all_serve(&mut self) -> Result<Value> {
        self.until("all serve", |look| {
            let mut all = look["endpoints"].as_array().into_iter().flatten();
            all.all(|it| it["state"] == "serves")
        })
    }

    fn exit(mut self) -> Result<Option<i32>> {
        Ok(self.child.wait()?.code())
    }
}

fn solution(scratch: &Scratch) -> Command {
    scratch.xtask(["farm", "--solution", "--json"])
}

fn under_load() -> Result<()> {
    let scratch = Scratch::take()?;
    let mut load = scratch.xtask(["load", "17", "--solution", "--json"]);
    load.args("--endpoints 3 --users 30 --movers 3 --seconds 1 --plan 1000".split(' '));
    let output = load.output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let report: Value =
        serde_json::from_str(&said).with_context(|| format!("it printed {said}"))?;
    ensure!(output.status.code() == Some(0), "{report:#}");
    ensure!(report["endpoints"] == 3, "{report:#}");
    ensure!(report["connected"] == 30, "{report:#}");
    // Two thirds of the deliveries come from another endpoint. There a move may be left out, and never all of them.
    let received = report["deliveries"]["received"].as_u64().unwrap_or(0);
    let expected = report["deliveries"]["expected"].as_u64().unwrap_or(0);
    ensure!(expected > 0 && received > expected / 2, "{report:#}");
    ensure!(report["deliveries"]["echoed"] == 0 && report["deliveries"]["twice"] == 0);
    let came = report["backplane_a_second"]["came"].as_f64();
    ensure!(came.is_some_and(|came| came > 0.0), "{report:#}");
    ensure!(report["plan"]["connected_a_second"].as_f64().is_some());
    ensure!(!is_running(&scratch), "an endpoint goes on running");
    Ok(())
}

fn kills_and_brings_back() -> Result<()> {
    let scratch = Scratch::take()?;
    let mut farm = Farm::start(solution(&scratch))?;
    let look = farm.until_all_serve()?;
    ensure!(look["endpoints"].as_array().map(Vec::len) == Some(3));
    let address = look["balancer"].as_str().context("it has a balancer")?;
    let port: u16 = address
        .trim_matches('/')
        .rsplit(':')
        .next()
        .unwrap_or("")
        .parse()?;
    ensure!(scratch.file(".workshop/farm/haproxy.cfg").is_file());
    farm.press("2")?;
    let look = farm.until("2 is killed", |look| {
        look["endpoints"][1]["state"] == "killed"
    })?;
    ensure!(look["endpoints"][0]["state"] == "serves");
    farm.press("2")?;
    farm.until_all_serve()?;
    farm.press("n")?;
    farm.until("NATS is stopped", |look| look["nats"]["runs"] == false)?;
    farm.press("n")?;
    farm.until("NATS runs", |look| look["nats"]["runs"] == true)?;
    farm.press("b")?;
    farm.until("HAProxy is stopped", |look| look["balancer"].is_null())?;
    farm.press("b")?;
    let look = farm.until("HAProxy runs", |look| !look["balancer"].is_null())?;
    ensure!(look["balancer"] == address, "{address}, and now {look}");
    farm.press("q")?;
    ensure!(farm.exit()? == Some(0));
    ensure!(!is_running(&scratch), "an endpoint goes on running");
    let left = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
    ensure!(left.is_err(), "HAProxy goes on running");
    Ok(())
}

fn no_balancer() -> Result<()> {
    let scratch = Scratch::take()?;
    let mut command = solution(&scratch);
    command.env("WORKSHOP_HAPROXY", "none");
    let mut farm = Farm::start(command)?;
    let look = farm.until_all_serve()?;
    ensure!(look["balancer"].is_null());
    farm.press("q")?;
    ensure!(farm.exit()? == Some(0));
    Ok(())
}

/// Whatever was killed before, and before it all runs.
fn ctrl_c() -> Result<()> {
    let scratch = Scratch::take()?;
    for moment in [Duration::ZERO, Duration::from_millis(700)] {
        let mut farm = Farm::start(solution(&scratch))?;
        if moment.is_zero() {
            farm.until_all_serve()?;
            farm.press("1n")?;
            farm.until("NATS is stopped", |look| look["nats"]["runs"] == false)?;
        } else {
            std::thread::sleep(moment);
        }
        let interrupted = Command::new("kill")
            .args(["-s", "INT", &farm.child.id().to_string()])
            .status()?;
        ensure!(interrupted.success());
        ensure!(farm.exit()? == Some(130));
        ensure!(!is_running(&scratch), "an endpoint goes on running");
    }
    Ok(())
}

fn an_endpoint_that_dies() -> Result<()> {
    let scratch = Scratch::take()?;
    scratch.finish_step(
        "17",
        "async fn main() -> ExitCode {\n",
        "async fn main() -> ExitCode {\n    eprintln!(\"no more\");\n    std::process::exit(7);\n    #[allow(unreachable_code)]\n",
    )?;
    let output = scratch.xtask(["farm"]).stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.code() == Some(1), "{said}");
    ensure!(
        said.contains("endpoint 1 ended by itself") && said.contains("no more"),
        "{said}"
    );
    Ok(())
}

fn no_nats() -> Result<()> {
    let scratch = Scratch::take()?;
    let mut command = scratch.xtask(["farm", "--solution"]);
    let output = command.env("WORKSHOP_NATS_SERVER", "none").output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.code() == Some(3), "{said}");
    ensure!(said.contains("nats-server, and none was found"), "{said}");
    Ok(())
}

fn bad_input() -> Result<()> {
    let scratch = Scratch::take()?;
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port();
    let nowhere = format!("nats://127.0.0.1:{free}");
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = taken.local_addr()?.port().to_string();
    let cases = [
        (["--endpoints", "0"], 2, "0 is not in 1..=50"),
        (["--endpoints", "1000"], 2, "1000 is not in 1..=50"),
        (
            ["--nats", "127.0.0.1:4222"],
            2,
            "is like nats://127.0.0.1:4222",
        ),
        (["--nats", &nowhere], 1, "there is no NATS server at"),
        (["--step", "9"], 2, "relays no moves"),
        (["--port", &port], 1, "is in use"),
    ];
    for (more, code, words) in cases {
        let mut command = scratch.xtask(["farm", "--solution"]);
        let output = command.args(more).stdin(Stdio::null()).output()?;
        let said = String::from_utf8_lossy(&output.stderr).replace('\n', " ");
        ensure!(
            output.status.code() == Some(code),
            "{more:?}: {:?} {said}",
            output.status
        );
        ensure!(said.contains(words), "{more:?}: {said}");
    }
    Ok(())
}
