//! The Autobahn cases, the WebSocket protocol's own test suite: does a server speak the protocol to the letter?
//!
//! The cases and who plays them are `kosoku`, a program of the Python world (`python` gets it). Here it is said what to play,
//! and what came of it. The groups 9, 12 and 13 are left out: how fast a server is with megabytes, and compression, which
//! `warp` does not offer.

mod cases;
pub mod echoes;
mod python;

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use cases::{Case, GROUPS, Results};
use machine::exit::Exit;
use machine::patience;
use measure::load::server::Server;
use owo_colors::OwoColorize;
use tokio::process::Command;
use tokio::time::timeout;

/// Cases that are played at the same time. Most of a case's time is spent waiting.
const AT_ONCE: &str = "8";
/// How long all of them may take together: some seconds, if the machine has nothing else to do.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long a server that is about to end may take for it.
const ENDING: Duration = Duration::from_millis(200);
/// So many of the failed cases of a group are named.
const NAMED: usize = 20;

/// Plays the cases against a server that is an echo, and prints what came of it. `title` is the server's name.
///
/// # Errors
/// When the cases cannot be played.
pub async fn run(title: &str, server: &mut Server) -> Result<Exit> {
    let kosoku = match python::kosoku().await {
        Ok(kosoku) => kosoku,
        Err(missing) => {
            show::note(&format!("{missing:#}"));
            return Ok(Exit::Missing);
        }
    };
    let started = Instant::now();
    let mut suite = Suite {
        kosoku,
        url: format!("ws://{}{}", server.place.address, server.place.path),
        folder: python::folder().join("report"),
    };
    anstream::eprintln!("playing {} cases against {title}", cases::all());
    let mut results = suite.play(&[]).await?;
    let ended = timeout(ENDING, server.ended()).await.ok();
    if ended.is_none() && !results.failed().is_empty() {
        // On a busy machine a case may have come too late beside the others. Alone it has another chance.
        let names: Vec<String> = results.failed().iter().map(|it| it.name()).collect();
        suite.folder = python::folder().join("report-again");
        results.replace(suite.play(&names).await?);
    }
    print(title, &results, started.elapsed(), &suite.folder);
    if let Some(how) = &ended {
        show::note(&format!("The server ended in the middle of it, with {how}"));
    }
    Ok(match results.are_all_passed() && ended.is_none() {
        true => Exit::Passed,
        false => Exit::Failed,
    })
}

struct Suite {
    kosoku: PathBuf,
    url: String,
    folder: PathBuf,
}

impl Suite {
    /// Plays the cases of these names one after the other, or all that there are.
    async fn play(&self, names: &[String]) -> Result<Results> {
        if self.folder.exists() {
            std::fs::remove_dir_all(&self.folder).context("the last report is in the way")?;
        }
        let mut command = Command::new(&self.kosoku);
        command
            .args(["-m", "fuzzingclient", "-o"])
            .arg(&self.folder);
        match names {
            [] => command
                .args(["-p", AT_ONCE])
                .args(["-x", "9.*", "-x", "12.*", "-x", "13.*"]),
            names => command.args(names.iter().flat_map(|name| ["-i", name])),
        };
        command
            .arg(&self.url)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let within = PATIENCE.mul_f64(patience::asked());
        let output = match timeout(within, command.output()).await {
            Ok(output) => output.context("the cases could not be played")?,
            Err(_) => bail!(
                "the cases have not come to an end in {} s",
                within.as_secs()
            ),
        };
        Results::read(&self.folder).with_context(|| last_words(&output))
    }
}

fn last_words(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rfind(|line| !line.trim().is_empty());
    format!(
        "the cases left no report; their last output was: {}",
        last.unwrap_or("nothing")
    )
}

fn print(title: &str, results: &Results, took: Duration, folder: &Path) {
    anstream::println!(
        "{}  the Autobahn cases, as of kosoku {}\n",
        title.bold(),
        python::VERSION
    );
    for group in GROUPS {
        let passed = results.passed_of(group);
        let mark = match passed == group.cases {
            true => "✓".green().to_string(),
            false => "✗".red().to_string(),
        };
        let count = format!("{passed:>3} of {}", group.cases);
        let remarks = results.remarks_on(group);
        let line = format!(
            "{:>2}  {:<28}{count:<12}{remarks}",
            group.number, group.name
        );
        anstream::println!("  {mark} {}", line.trim_end());
    }
    anstream::println!();
    for group in GROUPS {
        explain(&results.failed_of(group));
    }
    let report = show::path(&folder.join("index.html"));
    let (passed, all) = (results.passed(), cases::all());
    let seconds = took.as_secs_f64();
    match results.are_all_passed() {
        true => show::text(&format!("All {all} cases passed, in {seconds:.1} s.")),
        false => show::text(&format!(
            "{passed} of {all} cases passed, in {seconds:.1} s. Every frame of those that failed: {report}"
        )),
    }
}

/// Explains the first of the failed cases of a group. The others most often fail for the same reason.
fn explain(failed: &[&Case]) {
    let [first, others @ ..] = failed else {
        return;
    };
    anstream::println!("  {} {}", "✗".red(), first.name().bold());
    for (name, text) in first.details() {
        anstream::println!("{}", show::wrapped(&format!("    {name:<10}"), &text));
    }
    if !others.is_empty() {
        let mut names: Vec<String> = others.iter().take(NAMED).map(|it| it.name()).collect();
        if others.len() > NAMED {
            names.push(format!("and {} more", others.len() - NAMED));
        }
        let names = names.join(", ");
        anstream::println!("{}", show::wrapped("    also      ", &names));
    }
    anstream::println!();
}
