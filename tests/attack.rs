//! `attack` shows what goes through, what is held, and what the others notice. What it says is held by what a server did,
//! never by how fast anything was.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::bad_luck::{PATIENCE, Running, is_running};
use crate::scratch::{Scratch, XTASK};

type Run = fn() -> Result<()>;

fn trial((name, run): (&str, Run)) -> Trial {
    crate::kept::trial(format!("attack-{name}"), move || {
        run().map_err(|error| Failed::from(format!("{error:#}")))
    })
}

/// The trials of the finished programs.
pub fn trials() -> Vec<Trial> {
    let trials: [(&str, Run); 5] = [
        ("goes-through-step-10", step_10_lets_them_through),
        ("is-held-by-step-13", step_13_holds),
        (
            "is-held-by-the-endpoint-of-17",
            step_17_looks_at_its_backplane,
        ),
        ("asks-for-what-a-step-has", step_4_has_no_events),
        ("is-a-fuzz-with-a-seed", the_fuzz),
    ];
    trials.map(trial).into()
}

/// The trials of a learner's program.
pub fn trials_in_the_copy() -> Vec<Trial> {
    let mut trials: Vec<(&str, Run)> = vec![("goes-on-after-a-server-fell", a_server_that_falls)];
    if cfg!(unix) {
        trials.push(("ctrl-c-leaves-a-result-and-nobody", ctrl_c));
    }
    trials.into_iter().map(trial).collect()
}

fn attack(arguments: &[&str]) -> Result<Value> {
    let output = Command::new(XTASK)
        .args(["attack", "--json"])
        .args(arguments)
        .env("WORKSHOP_PATIENCE", "3")
        .output()?;
    report(&output)
}

fn report(output: &Output) -> Result<Value> {
    // Whatever was seen: a show that ran to its end is no failure.
    ensure!(output.status.code() == Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).with_context(|| format!("{output:?}"))
}

/// Each attack, and what came of it.
fn states(report: &Value) -> Vec<(&str, &str)> {
    let attacks = report["attacks"].as_array().into_iter().flatten();
    attacks
        .map(|act| (text(act, "name"), text(act, "state")))
        .collect()
}

fn text<'a>(act: &'a Value, name: &str) -> &'a str {
    act[name].as_str().unwrap_or_default()
}

fn step_10_lets_them_through() -> Result<()> {
    let chosen = ["origin", "long", "flood", "half", "crowd"];
    let only = chosen.iter().flat_map(|name| ["--only", name]);
    let arguments: Vec<&str> = ["10", "--solution"].into_iter().chain(only).collect();
    let report = attack(&arguments)?;
    let expected = chosen.map(|name| (name, "through"));
    ensure!(states(&report) == expected, "{report}");
    ensure!(report["relays"] == true, "{report}");
    for act in report["attacks"].as_array().into_iter().flatten() {
        ensure!(act["before"]["expected"].as_u64() > Some(100), "{act}");
    }
    ensure!(
        report["attacks"][2]["during"]["noise"].as_u64() > Some(1000),
        "the others hear nothing of the flood: {report}"
    );
    Ok(())
}

fn step_13_holds() -> Result<()> {
    let report = attack(&["13", "--solution"])?;
    let states = states(&report);
    ensure!(states.len() >= 10, "{report}");
    for (name, state) in states {
        ensure!(state == "held", "{name} is {state}: {report}");
    }
    Ok(())
}

fn step_17_looks_at_its_backplane() -> Result<()> {
    let report = attack(&["17", "--solution", "--only", "backplane"])?;
    ensure!(states(&report) == [("backplane", "held")], "{report}");
    let noise = report["attacks"][0]["during"]["noise"].as_u64();
    ensure!(
        noise > Some(100),
        "users hear nothing of the flood: {report}"
    );
    Ok(())
}

fn step_4_has_no_events() -> Result<()> {
    let report = attack(&["4", "--solution", "--only", "nonsense", "--only", "utf8"])?;
    let expected = [("utf8", "held"), ("nonsense", "not-run")];
    ensure!(states(&report) == expected, "{report}");
    // Its users ping.
    ensure!(report["relays"] == false, "{report}");
    let pongs = &report["attacks"][0]["during"];
    ensure!(pongs["expected"].as_u64() > Some(100), "{report}");
    Ok(())
}

/// How late anything was is nothing to ask beside other trials; all else has to hold.
fn the_fuzz() -> Result<()> {
    let output = Command::new(XTASK)
        .args(["attack", "13", "--solution", "--json"])
        .args(["--fuzz", "4", "--seed", "7"])
        .env("WORKSHOP_PATIENCE", "3")
        .output()?;
    let report: Value =
        serde_json::from_slice(&output.stdout).with_context(|| format!("{output:?}"))?;
    ensure!(report["seed"] == 7, "{report}");
    let claims = report["claims"].as_array().into_iter().flatten();
    let claims: Vec<(&str, bool)> = claims
        .map(|claim| (text(claim, "name"), claim["held"] == true))
        .collect();
    for name in ["stands", "arrives", "serves", "ends"] {
        ensure!(claims.contains(&(name, true)), "{name}: {report}");
    }
    let is_held = claims.iter().all(|(_, is_held)| *is_held);
    let code = output.status.code();
    ensure!(code == Some(i32::from(!is_held)), "{code:?}: {report}");
    for connections in report["connections"].as_array().into_iter().flatten() {
        ensure!(connections.as_u64() > Some(100), "{report}");
    }
    Ok(())
}

/// After the nonsense it relays nothing any more, and a goodbye ends it. What comes then meets a new one.
fn a_server_that_falls() -> Result<()> {
    let scratch = Scratch::take()?;
    scratch.finish(
        "    let text = |event: Value| Message::text(event.to_string());",
        "    static IS_OFFENDED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);\n    \
         if IS_OFFENDED.load(Ordering::Relaxed) { return None; }\n    \
         if message.as_bytes() == b\"[null]\" { IS_OFFENDED.store(true, Ordering::Relaxed); }\n    \
         let text = |event: Value| Message::text(event.to_string());",
    )?;
    let server = scratch.file("exercises/10-spy/server.rs");
    let program = std::fs::read_to_string(&server)?;
    let old = "        return None; // A ping or a close";
    ensure!(program.contains(old), "{program}");
    let new = format!("        if message.is_close() {{ std::process::exit(7) }}\n{old}");
    std::fs::write(&server, program.replacen(old, &new, 1))?;
    let output = scratch
        .xtask([
            "attack", "10", "--json", "--only", "nonsense", "--only", "rude", "--only", "crowd",
        ])
        .env("WORKSHOP_PATIENCE", "3")
        .output()?;
    let report = report(&output)?;
    let [nonsense, rude, crowd] = [0, 1, 2].map(|at| &report["attacks"][at]);
    ensure!(nonsense["felt"] == true, "{report}");
    ensure!(nonsense["during"]["lost"].as_u64() > Some(0), "{report}");
    ensure!(rude["state"] == "fell", "{report}");
    let how = text(rude, "text");
    ensure!(how.starts_with("exit code 7"), "{how}");
    ensure!(crowd["state"] == "through", "{report}");
    ensure!(!is_running(&scratch), "the server goes on running");
    Ok(())
}

/// What was seen so far is printed, and the server does not go on.
fn ctrl_c() -> Result<()> {
    let scratch = Scratch::take()?;
    scratch.finish("", "")?;
    let show = ["attack", "10", "--only", "origin", "--only", "half"];
    let mut show = Running::spawn(scratch.xtask(show), 0)?;
    show.line("2 of 2")?;
    show.signal("INT")?;
    let said = show.line("Interrupted: these are the figures up to then.")?;
    ensure!(said.contains("6 of 6 foreign pages were let in"), "{said}");
    ensure!(
        show.exit()? == Some(130),
        "it does not say that it was interrupted"
    );
    ensure!(!is_running(&scratch), "the server goes on running");
    let deadline = Instant::now() + PATIENCE;
    // The dead may be in the group for a moment.
    while show.signal("CONT").is_ok() {
        ensure!(Instant::now() < deadline, "somebody goes on running");
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
