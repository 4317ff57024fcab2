//! What no transcript can show: signals, saves while a program runs, a port that somebody else has. Nothing is left running.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use libtest_mimic::{Failed, Trial};
use steps::step::STEPS;

use crate::scratch::Scratch;

/// How long anything may take on a machine that has other things to do.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A trial for each stroke of bad luck.
pub fn trials() -> Vec<Trial> {
    let trial = |name: &str, run: fn() -> Result<()>| {
        crate::kept::trial(name, move || {
            run().map_err(|error| Failed::from(format!("{error:#}")))
        })
    };
    let mut trials = vec![
        trial("a-port-in-use-is-said", a_port_in_use_is_said),
        trial("where-you-are-fits-a-screen", where_you_are_fits_a_screen),
        trial("the-day-fits-a-narrow-screen", the_day_fits_a_narrow_screen),
        trial(
            "a-reader-who-stops-is-no-error",
            a_reader_who_stops_is_no_error,
        ),
        trial(
            "a-folder-that-is-gone-comes-back",
            a_folder_that_is_gone_comes_back,
        ),
    ];
    if cfg!(unix) {
        trials.push(trial("ctrl-c-ends-a-run", ctrl_c_ends_a_run));
        trials.push(trial("ctrl-c-ends-a-check", ctrl_c_ends_a_check));
        trials.push(trial(
            "a-refresh-shows-the-step-that-runs",
            a_refresh_shows_the_step_that_runs,
        ));
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

/// A table whose lines are broken is none.
fn the_day_fits_a_narrow_screen() -> Result<()> {
    let scratch = Scratch::take()?;
    let output = scratch
        .xtask(["walk"])
        .env("WORKSHOP_WIDTH", "60")
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let widest = text.lines().map(|line| line.chars().count()).max();
    ensure!(output.status.success() && widest <= Some(60), "{text}");
    Ok(())
}

/// As in `cargo xtask walk --json | head`.
fn a_reader_who_stops_is_no_error() -> Result<()> {
    let scratch = Scratch::take()?;
    for arguments in [["walk", "--json"], ["list", "--json"], ["walk", "--list"]] {
        let (reader, writer) = std::io::pipe()?;
        drop(reader);
        let output = scratch.xtask(arguments).stdout(writer).output()?;
        ensure!(output.status.success(), "{arguments:?}: {output:?}");
        ensure!(output.stderr.is_empty(), "{arguments:?}: {output:?}");
    }
    Ok(())
}

/// With the two lines that cargo prints before it and the next prompt, on a terminal of 80 by 24.
fn where_you_are_fits_a_screen() -> Result<()> {
    let scratch = Scratch::take()?;
    let fits = || {
        let output = scratch.xtask([]).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let widest = text.lines().map(|line| line.chars().count()).max();
        let lines = text.lines().count();
        ensure!(output.status.success(), "{output:?}");
        ensure!(lines <= 21 && widest <= Some(80), "{lines} lines:\n{text}");
        anyhow::Ok(())
    };
    fits()?;
    for step in STEPS {
        // Whatever was written last, this is the step that was begun.
        scratch.finish_step(&step.name(), "//", "//!")?;
        fits().with_context(|| step.name())?;
        let passed: Vec<String> = STEPS
            .iter()
            .filter(|other| other.number <= step.number)
            .map(|step| format!("\"{}\": 4000000000", step.name()))
            .collect();
        scratch.note(&format!("{{\"passed\": {{{}}}}}", passed.join(",")))?;
        fits().with_context(|| step.name())?;
    }
    Ok(())
}

/// The README is cut from nothing: git has it.
fn a_folder_that_is_gone_comes_back() -> Result<()> {
    let scratch = Scratch::take()?;
    let folder = scratch.file("exercises/10-spy");
    let readme = fs::read_to_string(folder.join("README.md"))?;
    let starter = fs::read_to_string(folder.join("server.rs"))?;
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=A learner", "-c", "user.email="]);
        command.args(arguments).current_dir(scratch.file("."));
        let output = command.output()?;
        ensure!(output.status.success(), "{output:?}");
        Ok(())
    };
    git(&["init", "--quiet"])?;
    git(&["add", "exercises"])?;
    git(&["commit", "--quiet", "--message", "as it came"])?;
    fs::remove_dir_all(&folder)?;

    let reset = scratch.xtask(["reset", "10"]).output()?;
    let back = fs::read_to_string(folder.join("README.md"));
    fs::remove_dir_all(scratch.file(".git"))?;
    ensure!(reset.status.success(), "{reset:?}");
    ensure!(back? == readme, "another README came back");
    ensure!(
        fs::read_to_string(folder.join("server.rs"))? == starter,
        "another server came back"
    );
    ensure!(
        !scratch.file(".workshop/kept").exists(),
        "nothing was there to keep"
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

/// The browser has the page of another step, from the same address, and asks whether it has changed since. In a clone all
/// pages are of one second, and the one of the other step may have been saved later.
fn a_refresh_shows_the_step_that_runs() -> Result<()> {
    let scratch = Scratch::take()?;
    let cloned = SystemTime::now() - Duration::from_secs(7 * 24 * 3600);
    for (step, days) in [("05-echo/5", 1), ("06-events/6", 0)] {
        let page = scratch.file(&format!("exercises/{step}.html"));
        let saved = cloned + Duration::from_secs(days * 24 * 3600);
        File::options()
            .append(true)
            .open(page)?
            .set_modified(saved)?;
    }
    let port = free_port()?;
    let mut kept = None;
    for (step, title) in [("5", "<title>5 "), ("6", "<title>6 "), ("5", "<title>5 ")] {
        let run = scratch.xtask(["run", step, "--port", &port.to_string()]);
        let mut run = Running::spawn(run, port)?;
        run.listens()?;
        let answer = run.page(kept.as_deref())?;
        ensure!(answer.contains(title), "in step {step}: {answer}");
        let lines = answer.lines();
        let modified = |line: &str| Some(line.strip_prefix("last-modified: ")?.to_owned());
        kept = lines.filter_map(modified).next();
        run.signal("INT")?;
        run.exit()?;
        run.is_gone()?;
    }
    Ok(())
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

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
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
        let port = free_port()?;
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

    /// The whole answer to a request for the page, if it has changed since a time.
    fn page(&self, since: Option<&str>) -> Result<String> {
        let since = since.map(|since| format!("If-Modified-Since: {since}\r\n"));
        let since = since.unwrap_or_default();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        let host = format!("Host: 127.0.0.1:{}", self.port);
        let head = format!("GET / HTTP/1.1\r\n{host}\r\nConnection: close\r\n{since}\r\n");
        stream.write_all(head.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
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
