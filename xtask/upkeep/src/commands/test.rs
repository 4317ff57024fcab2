//! `cargo xtask test`: the workshop's own tests, after what they need is there.

use std::io::{IsTerminal, Write};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use compiler::built::Built;
use farm::part;
use machine::exit::Exit;
use machine::{jquery, process};
use measure::load::server::Server;
use show::root;
use steps::step::Whose;
use tokio::process::Command;

use crate::autobahn;
use crate::autobahn::echoes::{ECHOES, Echo};

/// Run the workshop's own tests: does the workshop work on this machine?
///
/// They need jQuery, a browser of Chrome's family, nats-server and HAProxy. If some are missing, this installs them: jQuery
/// from its npm package, the others as root on Debian and Ubuntu. Elsewhere it asks you, or tells you the command.
#[derive(Args)]
pub struct Arguments {
    /// Run only the tests whose name contains this text
    filter: Option<String>,
    /// Run only the Kth of N parts of the trials, for several machines: 1/2 here, 2/2 there
    #[arg(long, value_name = "K/N", value_parser = shard, conflicts_with = "autobahn")]
    shard: Option<String>,
    /// Run all of them, even those that passed before with the same programs, tools and compiler
    #[arg(long, conflicts_with = "autobahn")]
    anew: bool,
    /// Instead, run the Autobahn cases 1 to 7 and 10: do the servers of steps 5, 16 and 17 speak the WebSocket protocol to the
    /// letter?
    ///
    /// The servers of 16 and 17 do not echo; a few edits make them echo. The cases need Python 3.10 or later; they
    /// are installed once, in target/autobahn.
    #[arg(long)]
    autobahn: bool,
    /// Run the cases against your own echo of step 5 instead of the finished servers
    #[arg(long, requires = "autobahn", conflicts_with = "filter")]
    mine: bool,
}

/// One of several parts: `1/2`.
fn shard(text: &str) -> Result<String, String> {
    let numbers = text.split_once('/');
    let numbers = numbers.and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    match numbers {
        Some((k, n)) if (1..=n).contains(&k) => Ok(format!("{k}/{n}")),
        Some::<(u32, u32)>(_) | None => Err("it is a part and their number: 1/2 or 2/2".into()),
    }
}

/// Installs what is missing and runs the tests.
///
/// # Errors
/// When the tests cannot be started.
pub async fn run(arguments: Arguments) -> Result<Exit> {
    if arguments.autobahn {
        return autobahn_cases(&arguments).await;
    }
    if let Err(error) = jquery::fetch().await {
        show::note(&format!("{error:#}"));
    }
    if let Err(missing) = jquery::is_there() {
        show::note(&format!("{missing:#}"));
        return Ok(Exit::Missing);
    }
    // There is no HAProxy for Windows: there the programs of step 17 are not tried.
    if !has_browser().await? || !(cfg!(windows) || has_farm().await?) {
        return Ok(Exit::Missing);
    }
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        // One run names everything that has broken, in whichever package.
        .args(["test", "--workspace", "--exclude", "workshop"])
        .arg("--no-fail-fast")
        .current_dir(root())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    if let Some(filter) = arguments.filter {
        cargo.arg(filter);
    }
    if let Some(shard) = arguments.shard {
        cargo.env("WORKSHOP_SHARD", shard);
    }
    if arguments.anew {
        cargo.env("WORKSHOP_ANEW", "1");
    }
    if cfg!(windows) {
        // The tests build this tool with features of their own, and a program that runs cannot be replaced there.
        cargo.env("CARGO_TARGET_DIR", root().join("target").join("test"));
    }
    // The browsers of the tests leave processes behind, which become ours.
    let burying = async {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            process::bury_orphans();
        }
    };
    let status = tokio::select! {
        status = cargo.status() => status.context("cargo could not be started")?,
        () = burying => unreachable!("it goes on for ever"),
    };
    Ok(if status.success() {
        Exit::Passed
    } else {
        Exit::Failed
    })
}

/// Plays the Autobahn cases against one echo after the other.
async fn autobahn_cases(arguments: &Arguments) -> Result<Exit> {
    let (whose, filter) = match (arguments.mine, &arguments.filter) {
        (true, _) => (Whose::Learner, "05-echo"),
        (false, filter) => (Whose::Solution, filter.as_deref().unwrap_or_default()),
    };
    let mut all = Exit::Passed;
    let mut chosen = ECHOES
        .iter()
        .filter(|echo| echo.name.contains(filter))
        .peekable();
    ensure!(
        chosen.peek().is_some(),
        "no echo has `{filter}` in its name. There are: {}",
        ECHOES
            .iter()
            .map(|echo| echo.name)
            .collect::<Vec<_>>()
            .join(", ")
    );
    for echo in chosen {
        match cases_against(echo, whose).await? {
            Exit::Passed => {}
            Exit::Failed => all = Exit::Failed,
            exit => return Ok(exit),
        }
    }
    Ok(all)
}

async fn cases_against(echo: &Echo, whose: Whose) -> Result<Exit> {
    machine::serve::files_are_there(echo.step(), whose)?;
    let target = echo.target(whose)?;
    let program = match compiler::built::build(&target, show::colour()).await? {
        Built::Program(program) => program,
        Built::Refused(refusal) => {
            compiler::told::refused(&target.binary, &refusal);
            return Ok(Exit::Failed);
        }
    };
    let mut server = Server::start(program).await?;
    let exit = autobahn::run(&target.binary, &mut server).await;
    server.end().await;
    exit
}

/// Sees to it that there is a browser, or says how to get one.
async fn has_browser() -> Result<bool> {
    if browser::find()?.is_some() {
        return Ok(true);
    }
    let command = browser::how_to_install();
    anstream::eprintln!(
        "The pages are tested in a browser of Chrome's family, and none was found."
    );
    if browser::can_install_here() {
        browser::install()?;
    } else if asked(&command)? {
        typed(&command).await?;
    } else {
        anstream::eprintln!("This installs one:\n\n  {command}\n");
    }
    Ok(browser::find()?.is_some())
}

/// Sees to it that there is what a farm is made of, or says how to get it.
async fn has_farm() -> Result<bool> {
    let missing = part::missing()?;
    if missing.is_empty() {
        return Ok(true);
    }
    let command = part::how_to_install(&missing);
    anstream::eprintln!(
        "The trials start the real farm of step 13, and it needs programs that are missing here."
    );
    if part::can_install_here() {
        part::install(&missing)?;
    } else if asked(&command)? {
        typed(&command).await?;
    } else {
        anstream::eprintln!("This installs it:\n\n  {command}\n");
    }
    Ok(part::missing()?.is_empty())
}

/// Asks the person at the terminal, if there is one, whether to run the command.
fn asked(command: &str) -> Result<bool> {
    if !std::io::stdin().is_terminal() || std::env::var_os("CI").is_some() {
        return Ok(false);
    }
    anstream::eprint!("Run this now?\n\n  {command}\n\n[y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().eq_ignore_ascii_case("y"))
}

/// Runs a command as if it had been typed.
async fn typed(command: &str) -> Result<()> {
    let (shell, flag) = if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("sh", "-c")
    };
    let status = Command::new(shell).args([flag, command]).status().await;
    status.with_context(|| format!("{shell} could not be started"))?;
    Ok(())
}
