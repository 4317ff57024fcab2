//! `cargo xtask bench loop`: how long a learner waits, as ratios against a reference measured in the same run.
//!
//! All of it happens in a copy of the workshop: nothing of the learner's is touched.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use machine::exit::Exit;
use machine::jquery;
use show::root;
use steps::copy;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// What of it is measured.
#[derive(Args)]
pub struct Arguments {
    /// How often to measure each; the median counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Leave out the first build, which takes minutes
    #[arg(long)]
    no_first_build: bool,
}

/// Measures and prints the ratios.
///
/// # Errors
/// When something that is to be measured does not work.
pub async fn run(arguments: &Arguments) -> Result<Exit> {
    let rounds = arguments.rounds;
    jquery::fetch().await?;
    let bench = Bench::new()?;
    anstream::println!("measured in a copy of the workshop; medians of {rounds}\n");
    if arguments.no_first_build {
        bench
            .workshop(&["xtask", "check", "10", "--solution", "--server"])
            .await?;
    } else {
        bench.first_build().await?;
    }
    bench.edit_and_check(rounds).await?;
    bench.own_start(rounds).await?;
    Ok(Exit::Passed)
}

/// A copy of the workshop, and a program with the same dependencies and nothing else.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Result<Bench> {
        let folder = tempfile::Builder::new()
            .prefix("workshop-bench")
            .tempdir()?;
        let bench = Bench { folder };
        copy::of_the_workshop(&bench.root())?;
        let empty = bench.empty();
        std::fs::create_dir_all(empty.join("src"))?;
        std::fs::copy(root().join("Cargo.lock"), empty.join("Cargo.lock"))?;
        std::fs::write(empty.join("src/main.rs"), "fn main() {}\n")?;
        std::fs::write(
            empty.join("Cargo.toml"),
            empty_manifest(&root().join("Cargo.toml"))?,
        )?;
        Ok(bench)
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("workshop")
    }

    fn empty(&self) -> PathBuf {
        self.folder.path().join("empty")
    }

    /// Runs cargo in the copy, and returns how long it took.
    async fn workshop(&self, arguments: &[&str]) -> Result<Duration> {
        timed(cargo(&self.root()).args(arguments)).await
    }

    /// The first command in a fresh clone, and then the first check: what they take, and what the processors do for it.
    async fn first_build(&self) -> Result<()> {
        let reference = measured(async || timed(cargo(&self.empty()).arg("build")).await).await?;
        let run = measured(async || self.until_it_listens().await).await?;
        let what = "first build: run 10 --solution / empty program with warp and tokio";
        row(what, run.time, reference.time);
        cpu_row("the same, by the processors' time", run.cpu, reference.cpu);
        let check: &[&str] = &["xtask", "check", "10", "--solution", "--server"];
        let check = measured(async || self.workshop(check).await).await?;
        let what = "then the first check 10 --server / empty program";
        row(what, check.time, reference.time);
        cpu_row(
            "the same, by the processors' time",
            check.cpu,
            reference.cpu,
        );
        Ok(())
    }

    /// Runs the finished step 10 until it listens, and ends it.
    async fn until_it_listens(&self) -> Result<Duration> {
        let started = Instant::now();
        let mut run = cargo(&self.root())
            .args(["xtask", "run", "10", "--solution", "--port", "18080"])
            .stdout(Stdio::piped())
            .spawn()?;
        let output = run.stdout.take().context("the program has an output")?;
        let mut lines = BufReader::new(output).lines();
        while let Some(line) = lines.next_line().await? {
            if line.contains("listening on") {
                let took = started.elapsed();
                end(&mut run).await?;
                return Ok(took);
            }
        }
        bail!("the program ended before it listened");
    }

    async fn edit_and_check(&self, rounds: usize) -> Result<()> {
        let build: &[&str] = &[
            "build",
            "--quiet",
            "--package",
            "workshop",
            "--bin",
            "10-spy-solution",
        ];
        let server: &[&str] = &["xtask", "check", "10", "--solution", "--server"];
        let all: &[&str] = &["xtask", "check", "10", "--solution"];
        let mut took = [Vec::new(), Vec::new(), Vec::new()];
        for round in 0..rounds {
            for (index, command) in [build, server, all].into_iter().enumerate() {
                self.edit(round * 3 + index)?;
                took[index].push(self.workshop(command).await?);
            }
        }
        let [build, server, all] = took.map(median);
        row(
            "edit, then check 10 --server / edit, then cargo build",
            server,
            build,
        );
        row("edit, then check 10 / edit, then cargo build", all, build);
        row("check 10 / check 10 --server", all, server);
        Ok(())
    }

    /// A one-line edit of the server, another one each time.
    fn edit(&self, count: usize) -> Result<()> {
        let file = self.root().join("solutions/10-spy/server.rs");
        let text = std::fs::read_to_string(&file)?;
        let kept = text
            .lines()
            .filter(|line| !line.starts_with("const EDIT"))
            .collect::<Vec<_>>()
            .join("\n");
        Ok(std::fs::write(
            file,
            format!("{kept}\nconst EDIT: usize = {count};\n"),
        )?)
    }

    async fn own_start(&self, rounds: usize) -> Result<()> {
        let mut help = Vec::new();
        let mut cargo_alone = Vec::new();
        for _ in 0..rounds {
            help.push(self.workshop(&["xtask", "--help"]).await?);
            cargo_alone.push(
                timed(cargo(&self.root()).args(["metadata", "--no-deps", "--format-version=1"]))
                    .await?,
            );
        }
        row(
            "cargo xtask --help / cargo metadata --no-deps",
            median(help),
            median(cargo_alone),
        );
        Ok(())
    }
}

/// The dependencies of the learners' package, as the root's manifest has them.
fn empty_manifest(manifest: &Path) -> Result<String> {
    let text = std::fs::read_to_string(manifest)?;
    let start = text
        .find("[workspace.dependencies]")
        .context("the manifest has dependencies")?;
    let dependencies = text[start..].split("\n\n").next().unwrap_or_default();
    let profile = text
        .find("[profile.dev]")
        .map_or("", |start| &text[start..]);
    Ok(format!(
        "[package]\nname = \"empty\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\ntokio.workspace = true\nwarp.workspace = true\n\n\
         [workspace]\n\n{dependencies}\n\n{profile}"
    ))
}

fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO") && name != "CARGO_HOME" {
            cargo.env_remove(name);
        }
    }
    cargo
}

async fn timed(command: &mut Command) -> Result<Duration> {
    let started = Instant::now();
    let status = command.status().await?;
    // 3 is a check without its page.
    match status.code() {
        Some(0 | 3) => Ok(started.elapsed()),
        _ => bail!("{:?} failed, {status}", command.as_std()),
    }
}

/// What something took.
struct Took {
    time: Duration,
    /// The processors' time of all that was started for it and has ended; `None` where the system does not tell.
    cpu: Option<Duration>,
}

async fn measured(work: impl AsyncFnOnce() -> Result<Duration>) -> Result<Took> {
    let before = cpu_of_children();
    let time = work().await?;
    let cpu = cpu_of_children().zip(before).map(|(now, then)| now - then);
    Ok(Took { time, cpu })
}

/// The processors' time of all children of ours that have ended, and of theirs.
#[cfg(unix)]
fn cpu_of_children() -> Option<Duration> {
    use nix::sys::resource::{UsageWho, getrusage};
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    let micros = |time: nix::sys::time::TimeVal| time.tv_sec() * 1_000_000 + time.tv_usec();
    let all = micros(usage.user_time()) + micros(usage.system_time());
    Some(Duration::from_micros(all.try_into().ok()?))
}

#[cfg(not(unix))]
fn cpu_of_children() -> Option<Duration> {
    None
}

fn cpu_row(what: &str, ours: Option<Duration>, reference: Option<Duration>) {
    if let Some((ours, reference)) = ours.zip(reference) {
        row(what, ours, reference);
    }
}

/// Ends the tool as Ctrl-C would, so that it ends its program.
async fn end(run: &mut tokio::process::Child) -> Result<()> {
    #[cfg(unix)]
    if let Some(id) = run.id() {
        use nix::sys::signal::{Signal, kill};
        kill(nix::unistd::Pid::from_raw(id.try_into()?), Signal::SIGTERM)?;
        run.wait().await?;
        return Ok(());
    }
    Ok(run.kill().await?)
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

fn row(what: &str, ours: Duration, reference: Duration) {
    let (ours, reference) = (ours.as_secs_f64(), reference.as_secs_f64());
    let more = ours - reference;
    anstream::println!(
        "{what}\n    {:.2} times  ({ours:.2} s / {reference:.2} s, {more:+.2} s)",
        ours / reference
    );
}
