//! The generators, as the process that started them sees them.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::job::Job;
use super::part::{Part, Phase};

/// How long a generator may take for its last word.
const LAST_WORD: Duration = Duration::from_secs(5);

/// The generators of a run. They end when this is dropped, or when we end ourselves: their input ends then.
pub struct Crew {
    generators: Vec<Generator>,
    news: mpsc::UnboundedReceiver<(usize, Option<Part>)>,
}

struct Generator {
    _child: Child,
    input: ChildStdin,
    /// What it said last.
    part: Part,
}

impl Crew {
    /// Starts a generator for each job; they begin to connect at once.
    ///
    /// # Errors
    /// When the system does not start them.
    pub async fn start(jobs: impl IntoIterator<Item = Job>) -> Result<Crew> {
        let (sender, news) = mpsc::unbounded_channel();
        let mut generators = Vec::new();
        for job in jobs {
            let (child, mut input, output) = spawn()?;
            tokio::spawn(listen(generators.len(), output, sender.clone()));
            say(&mut input, &job.json()).await?;
            let part = Part::default();
            generators.push(Generator {
                _child: child,
                input,
                part,
            });
        }
        Ok(Crew { generators, news })
    }

    /// How many there are.
    pub fn size(&self) -> usize {
        self.generators.len()
    }

    /// Waits until one of them says something new.
    ///
    /// # Errors
    /// When one has ended before it was told to.
    pub async fn news(&mut self) -> Result<()> {
        match self.news.recv().await {
            Some((index, Some(part))) => self.generators[index].part = part,
            _ => bail!("a process that makes the load has ended; the system may be out of memory"),
        }
        Ok(())
    }

    /// Tells all when the run starts, on the [clock](super::clock), in nanoseconds.
    ///
    /// # Errors
    /// When one has ended.
    pub async fn go(&mut self, start: u64) -> Result<()> {
        for generator in &mut self.generators {
            say(&mut generator.input, &json!({ "go": start })).await?;
        }
        Ok(())
    }

    /// Tells all to stop, and waits for their last words; one that has ended has said all it will.
    pub async fn stop(&mut self) {
        for generator in &mut self.generators {
            let _ = say(&mut generator.input, &json!("stop")).await;
        }
        let last_words =
            async { while self.sum().phase < Phase::Over && self.news().await.is_ok() {} };
        let _ = timeout(LAST_WORD, last_words).await;
    }

    /// What they have seen together.
    pub fn sum(&self) -> Part {
        Part::sum(self.generators.iter().map(|it| &it.part))
    }
}

/// A generator is this same program, with a sub-command that nobody else types.
fn spawn() -> Result<(Child, ChildStdin, BufReader<ChildStdout>)> {
    let program = std::env::current_exe().context("the tool does not find itself")?;
    let mut child = Command::new(program)
        .arg("load-generator")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("the process that makes the load could not be started")?;
    let input = child.stdin.take().context("it has an input")?;
    let output = child.stdout.take().context("it has an output")?;
    Ok((child, input, BufReader::new(output)))
}

async fn say(input: &mut ChildStdin, line: &Value) -> Result<()> {
    let line = format!("{line}\n");
    input
        .write_all(line.as_bytes())
        .await
        .context("a process that makes the load has ended")
}

async fn listen(
    index: usize,
    output: BufReader<ChildStdout>,
    sender: mpsc::UnboundedSender<(usize, Option<Part>)>,
) {
    let mut lines = output.lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let line = serde_json::from_str(&line).unwrap_or_default();
        let _ = sender.send((index, Part::from_json(&line)));
    }
    let _ = sender.send((index, None));
}
