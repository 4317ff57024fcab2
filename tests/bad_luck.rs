//! What no transcript can show: signals, saves while a program runs, a port that somebody else has. Nothing is left running.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use libtest_mimic::{Failed, Trial};

use crate::scratch::Scratch;

/// How long anything may take on a machine that has other things to do.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A trial for each stroke of bad luck.
pub fn trials() -> Vec<Trial> {
    let trial = |name: &str, run: fn() -> Result<()>| {
        Trial::test(name, move || {
            run().map_err(|error| Failed::from(format!("{error:#}")))
        })
    };
    let mut trials = vec![trial("a-port-in-use-is-said", a_port_in_use_is_said)];
    if cfg!(unix) {
        trials.push(trial("ctrl-c-ends-a-run", ctrl_c_ends_a_run));
        trials.push(trial("ctrl-c-ends-a-check", ctrl_c_ends_a_check));
        trials.push(trial(
            "a-watch-outlives-mistakes",
            a_watch_outlives_mistakes,
        ));
    }
    if cfg!(target_os = "linux") {
        trials.push(trial(
            "a-killed-run-leaves-no-server",
            a_killed_run_leaves_no_server,
        ));
    }
    trials
}

fn a_port_in_use_is_said() -> Result<()> {
    let scratch = Scratch::take()?;
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = held.local_addr()?.port();
    let run = scratch
        .xtask(["run", "10", "--port", &port.to_string()])
        .output()?;
    let said = String::from_utf8_lossy(&run.stderr).replace('\n', " ");
    let whose = format!("(process {})", std::process::id());
    ensure!(run.status.code() == Some(1), "{:?}", run.status);
    ensure!(
        said.contains(&format!("port {port} is in use")) && said.contains(&whose),
        "{said}"
    );
    Ok(())
}

fn ctrl_c_ends_a_run() -> Result<()> {
    let scratch = Scratch::take()?;
    let mut run = Running::start(&scratch, &[])?;
    run.listens()?;
    run.signal("INT")?;
    ensure!(
        run.exit()? == Some(130),
        "it does not say that it was interrupted"
    );
    run.is_gone()
}

fn a_killed_run_leaves_no_server() -> Result<()> {
    let scratch = Scratch::take()?;
    let mut run = Running::start(&scratch, &[])?;
    run.listens()?;
    run.signal("KILL")?;
    run.exit()?;
    run.is_gone()
}

fn ctrl_c_ends_a_check() -> Result<()> {
    let scratch = Scratch::take()?;
    // It is asked for connections all the time that it does not listen.
    scratch.finish(
        "let host =",
        "println!(\"I wait\");\n    std::future::pending::<()>().await;\n    let host =",
    )?;
    let mut check = Running::spawn(scratch.xtask(["check", "10", "--server"]), 0)?;
    check.line("The program compiles.")?;
    check.signal("INT")?;
    ensure!(
        check.exit()? == Some(130),
        "it does not say that it was interrupted"
    );
    ensure!(
        !is_running(&scratch),
        "the program under test goes on running"
    );
    Ok(())
}

/// Editors replace the file; a save may not compile; git takes a file away and brings it back. Then all is well again.
fn a_watch_outlives_mistakes() -> Result<()> {
    let scratch = Scratch::take()?;
    scratch.finish("", "")?;
    let server = scratch.file("exercises/10-spy/server.rs");
    let right = fs::read_to_string(&server)?;
    let mut run = Running::start(&scratch, &["--watch"])?;
    run.listens()?;

    fs::write(&server, "fn main() { mistake }\n")?;
    run.line("The last program that compiled goes on running.")?;
    run.answers()?;
    fs::remove_file(&server)?;
    run.line("The last program that compiled goes on running.")?;
    run.answers()?;
    let saved = server.with_extension("new");
    fs::write(&saved, right)?;
    fs::rename(&saved, &server)?;
    run.listens()?;

    run.signal("INT")?;
    run.exit()?;
    run.is_gone()
}

/// A command of the tool that goes on until it is ended, both outputs in one.
pub struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
    port: u16,
}

impl Running {
    /// `run 10` at a free port.
    fn start(scratch: &Scratch, more: &[&str]) -> Result<Running> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let mut run = scratch.xtask(["run", "10", "--port", &port.to_string()]);
        run.args(more);
        Running::spawn(run, port)
    }

    /// In a process group of its own, as a shell starts it: a signal from the terminal goes to all of the group.
    pub fn spawn(command: Command, port: u16) -> Result<Running> {
        let mut both = Command::new("sh");
        both.args(["-c", "exec \"$0\" \"$@\" 2>&1"]);
        both.arg(command.get_program()).args(command.get_args());
        both.envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut both, 0);
        let mut child = both.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let lines = BufReader::new(child.stdout.take().context("it has an output")?);
        Ok(Running { child, lines, port })
    }

    /// Waits for a line that holds this text, and returns all up to it.
    pub fn line(&mut self, text: &str) -> Result<String> {
        let mut all = String::new();
        while self.lines.read_line(&mut all)? > 0 {
            if all.lines().last().is_some_and(|line| line.contains(text)) {
                return Ok(all);
            }
        }
        bail!("it never said `{text}`, but:\n{all}")
    }

    fn listens(&mut self) -> Result<()> {
        self.line("listening on")?;
        self.answers()
    }

    fn answers(&self) -> Result<()> {
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).context("it answers nobody")?;
        Ok(())
    }

    /// Sends a signal to the whole group.
    pub fn signal(&self, name: &str) -> Result<()> {
        let group = format!("-{}", self.child.id());
        let sent = Command::new("kill")
            .args(["-s", name, "--", &group])
            .status()?;
        ensure!(sent.success(), "no signal could be sent");
        Ok(())
    }

    pub fn exit(&mut self) -> Result<Option<i32>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.child.try_wait()? {
                Some(status) => return Ok(status.code()),
                None if Instant::now() > deadline => bail!("it does not end"),
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    /// Holds that nobody answers at the port, after the moment that the system takes to end a process.
    fn is_gone(&self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while self.answers().is_ok() {
            ensure!(Instant::now() < deadline, "the server goes on running");
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.signal("KILL");
            let _ = self.child.wait();
        }
    }
}

/// Whether a program of the copy runs. Only Linux tells.
pub fn is_running(scratch: &Scratch) -> bool {
    let of_copy = scratch.file("target");
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut programs =
        processes.filter_map(|process| fs::read_link(process.path().join("exe")).ok());
    programs.any(|program| program.starts_with(&of_copy))
}
