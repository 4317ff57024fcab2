//! `cargo xtask walk` at a terminal: an instructor's keys, and what becomes of the files.

use libtest_mimic::Trial;

/// A trial for each thing that an instructor does at the terminal.
pub fn trials() -> Vec<Trial> {
    #[cfg(unix)]
    return at_a_terminal::trials();
    #[cfg(not(unix))]
    Vec::new()
}

#[cfg(unix)]
mod at_a_terminal {
    use std::fs;
    use std::net::{Ipv4Addr, TcpListener, TcpStream};

    use anyhow::{Context, Result, ensure};
    use libtest_mimic::{Failed, Trial};

    use live::walk::Walkthrough;
    use steps::step::STEPS;
    use steps::step::Step;

    use crate::bad_luck::is_running;
    use crate::scratch::Scratch;
    use crate::terminal::{AtTerminal, free_port};

    pub fn trials() -> Vec<Trial> {
        let trial = |name: &str, run: fn() -> Result<()>| {
            crate::again_alone(format!("walk-{name}"), crate::kept::workshop, move || {
                run().map_err(|error| Failed::from(format!("{error:#}")))
            })
        };
        vec![
            trial("writes-only-when-asked", writes_only_when_asked),
            trial("asks-first", asks_first),
            trial("comes-back-after-a-kill", comes_back),
            trial("leaves-alone-what-was-typed", leaves_alone_what_was_typed),
            trial("follows-who-is-ahead", follows_who_is_ahead),
            trial("times-the-class", times_the_class),
            trial("fits-small-windows", fits_small_windows),
            trial("is-for-one-presenter", is_for_one_presenter),
            trial("runs-the-program", runs_the_program),
            trial("ends-in-the-middle-of-it", ends_in_the_middle),
        ]
    }

    const SERVER: &str = "exercises/10-spy/server.rs";
    const MESS: &str = "fn main() {}\n// My own words.\n";

    fn writes_only_when_asked() -> Result<()> {
        let scratch = Scratch::take()?;
        fs::write(scratch.file(SERVER), MESS)?;
        let mut walk = walk(&scratch, &[])?;
        walk.shows("10-spy The spy stage 1 of 5, what to see")?;
        walk.press("n")?;
        walk.shows("stage 1 of 5, the verdict")?;
        // It asks once, and keeps what is there.
        walk.press("n")?;
        walk.shows("n again keeps them and goes on; a writes the stage.")?;
        walk.shows("From your files (-) to those of the stage (+)")?;
        walk.press("n")?;
        walk.shows("stage 2 of 5, the question")?;
        ensure!(server(&scratch)? == MESS, "next has written");
        walk.press("n")?;
        walk.shows("stage 2 of 5, the change")?;
        // Any other key, and it asks again.
        walk.press("n")?;
        walk.shows("n again")?;
        walk.press("p")?;
        walk.draws(|screen| !screen.contains("n again"))?;
        walk.press("n")?;
        walk.shows("n again")?;
        walk.press("a")?;
        walk.shows("wrote exercises/10-spy/server.rs")?;
        walk.shows("as .workshop/kept/")?;
        walk.shows("server.rs: as in the stage · 10.html: as in the stage")?;
        ensure!(server(&scratch)?.contains("(\"say\""), "nothing is written");
        // As in the stage, it goes on at once.
        walk.press("n")?;
        walk.shows("stage 2 of 5, what to see")?;
        walk.press("n")?;
        walk.shows("stage 2 of 5, the verdict")?;
        walk.press("n")?;
        walk.shows("stage 3 of 5, the question")?;
        let shout = server(&scratch)?.replace("(\"say\"", "(\"sing\"");
        fs::write(scratch.file(SERVER), &shout)?;
        walk.shows("server.rs: 1 line to go, 1 line to take out")?;
        // Stage 3 was not written by us: what is typed stays. Stage 2 was, and the mess comes back with its change.
        for place in ["the verdict", "what to see"] {
            walk.press("b")?;
            walk.shows(&format!("stage 2 of 5, {place}"))?;
            ensure!(server(&scratch)? == shout, "back has written");
        }
        walk.press("b")?;
        walk.shows("stage 2 of 5, the change")?;
        walk.shows("Your files are as they were. A copy of what they held is kept:")?;
        ensure!(server(&scratch)? == MESS, "the mess does not come back");
        for place in [
            "2 of 5, the question",
            "1 of 5, the verdict",
            "1 of 5, what",
        ] {
            walk.press("b")?;
            walk.shows(&format!("stage {place}"))?;
        }
        walk.press("b")?;
        walk.shows("This is the first stage.")?;
        walk.press("q")?;
        ensure!(walk.exit()? == Some(0));
        ensure!(server(&scratch)? == MESS, "quitting has written");
        let said = walk.said();
        ensure!(said.contains("planned  real  over"), "{said}");
        Ok(())
    }

    /// What comes later is not on the screen before its time, and a key shows all of it at once.
    fn asks_first() -> Result<()> {
        let scratch = Scratch::take()?;
        let mut walk = walk(&scratch, &[])?;
        walk.resize(80, 60)?;
        walk.press("3")?;
        walk.shows("stage 3 of 5, the question")?;
        walk.shows("Ask: Where does the server decide what an event does?")?;
        walk.shows("The code as it is now:")?;
        let later = [
            "send it on to all the others",
            "relay(json!([\"spy\"",
            "See:",
            "Check:",
        ];
        let screen = walk.screen();
        for words in later {
            ensure!(!screen.contains(words), "{words} is in {screen}");
        }
        walk.press("e")?;
        walk.shows("stage 3 of 5, the verdict")?;
        for words in later {
            walk.shows(words)?;
        }
        walk.press("b")?;
        walk.shows("stage 2 of 5, the verdict")?;
        walk.press("e2")?;
        walk.shows("stage 2 of 5, the question")
    }

    /// Killed in the middle: the same command asks once, and goes on there, or begins anew.
    fn comes_back() -> Result<()> {
        let scratch = Scratch::take()?;
        let mut first = walk(&scratch, &[])?;
        first.press("4n")?;
        first.shows("stage 4 of 5, the change")?;
        first.press(".")?;
        first.shows("this stage 1:0")?;
        first.signal("KILL")?;
        first.exit()?;
        let mut again = walk(&scratch, &[])?;
        again.shows("Step 10 was being presented: stage 4 of 5, the change, 1:0")?;
        again.press("\r")?;
        again.shows("stage 4 of 5, the change")?;
        again.shows("this stage 1:0")?;
        // Ctrl-C asks once.
        again.press("\x03")?;
        again.shows("Ctrl-C again ends it; the same command goes on here.")?;
        again.press("\x03")?;
        ensure!(again.exit()? == Some(130));
        let mut anew = walk(&scratch, &[])?;
        anew.shows("Go on there?")?;
        anew.press("n\r")?;
        anew.shows("stage 1 of 5, what to see")?;
        anew.shows("this stage 0:00")?;
        let times = scratch
            .xtask(["walk", "10", "--times", "--json"])
            .output()?;
        let times: serde_json::Value = serde_json::from_slice(&times.stdout)?;
        let took = times["stages"][3]["took"][0].as_u64();
        ensure!(
            took >= Some(60) && times["stages"][3]["planned"] == 120,
            "{times}"
        );
        Ok(())
    }

    fn leaves_alone_what_was_typed() -> Result<()> {
        let scratch = Scratch::take()?;
        fs::write(scratch.file(SERVER), MESS)?;
        let mut walk = walk(&scratch, &[])?;
        walk.press("g3n")?;
        walk.shows("stage 3 of 5, the change")?;
        walk.press("a")?;
        walk.shows("wrote exercises/10-spy/server.rs")?;
        for place in ["3 of 5, the question", "2 of 5, the verdict"] {
            walk.press("b")?;
            walk.shows(&format!("stage {place}"))?;
            ensure!(server(&scratch)? == MESS, "what was typed is gone");
        }
        walk.press("7")?;
        walk.shows("Which stage? 1 to 5")
    }

    /// The next stage is in the files before `n` is pressed: there is nothing to ask.
    fn follows_who_is_ahead() -> Result<()> {
        let scratch = Scratch::take()?;
        let apply = scratch
            .xtask(["walk", "10", "--stage", "2", "--apply"])
            .output()?;
        ensure!(apply.status.success(), "{apply:?}");
        let mut walk = walk(&scratch, &[])?;
        walk.shows("stage 1 of 5")?;
        walk.press("nnn")?;
        walk.shows("stage 2 of 5, the change")?;
        walk.shows("server.rs: as in the stage · 10.html: as in the stage")
    }

    fn times_the_class() -> Result<()> {
        let scratch = Scratch::take()?;
        let mut walk = walk(&scratch, &[])?;
        walk.shows("this stage 0:00 of 3:00 planned · all so far 0:00")?;
        walk.shows("from n on")?;
        walk.press("t")?;
        walk.shows("of 3:00. t ends it")?;
        // As a clicker: it goes on while another stage is shown.
        walk.press("2")?;
        walk.shows("stage 2 of 5")?;
        walk.shows("of 3:00. t ends it")?;
        walk.press("t")?;
        walk.draws(|screen| !screen.contains("t ends it"))?;
        // This prompt has a time of its own.
        walk.press("t")?;
        walk.shows("of 2:00. t ends it")?;
        walk.press("+")?;
        walk.shows("of 3:00. t ends it")?;
        walk.press("\x1b[5~")?;
        walk.shows("stage 1 of 5")?;
        walk.press("k")?;
        walk.shows(", paused")
    }

    fn fits_small_windows() -> Result<()> {
        let scratch = Scratch::take()?;
        let mut walk = walk(&scratch, &[])?;
        for (columns, rows) in [(80, 24), (60, 24), (60, 16)] {
            walk.resize(columns, rows)?;
            for stage in ["1", "2", "3", "4", "5"] {
                walk.press(stage)?;
                let title = format!("stage {stage} of 5");
                walk.draws(|screen| {
                    let fits = |line: &str| line.chars().count() <= columns;
                    let is_whole = screen.contains(&title) && screen.contains("q quit");
                    is_whole
                        && screen.contains("planned")
                        && screen.lines().count() < rows
                        && screen.lines().all(fits)
                })
                .with_context(|| format!("{columns}x{rows}, stage {stage}"))?;
            }
        }
        // What does not fit is reached.
        walk.press("e\x1b[B\x1b[B\x1b[B\x1b[B")?;
        walk.shows("every check passes.")?;
        drop(walk);
        fs::remove_file(scratch.file(".workshop/walk.json"))?;
        STEPS
            .iter()
            .try_for_each(|step| fits_narrow(&scratch, *step))
    }

    /// Each stage of a step fits a terminal of 60 columns: no row is wider, and the line of keys is there.
    fn fits_narrow(scratch: &Scratch, step: Step) -> Result<()> {
        let mut walk = walk_of(scratch, step, &[])?;
        walk.resize(60, 24)?;
        let stages = Walkthrough::of(step)?.stages.len();
        walk.press("e")?;
        for stage in 1..=stages {
            walk.press(&stage.to_string())?;
            let title = format!("stage {stage} of {stages}");
            walk.draws(|screen| {
                let rows: Vec<&str> = screen.lines().collect();
                let fits = rows.iter().all(|row| row.chars().count() <= 60);
                let is_whole = screen.contains(&title) && screen.contains("q quit");
                is_whole && fits && rows.len() < 24
            })
            .with_context(|| format!("{}, stage {stage}", step.name()))?;
        }
        Ok(())
    }

    /// Ctrl-C while the program is built, and while it is checked beside one that runs: nothing goes on.
    fn ends_in_the_middle() -> Result<()> {
        let scratch = Scratch::take()?;
        for keys in [&["r"][..], &["c"], &["r", "c"]] {
            let text = server(&scratch)?;
            fs::write(scratch.file(SERVER), format!("{text}// {keys:?}\n"))?;
            let mut walk = walk(&scratch, &["--port", &free_port()?.to_string()])?;
            walk.shows("stage 1 of 5")?;
            for key in keys {
                walk.press(key)?;
                walk.shows(match *key {
                    "r" if keys.len() == 1 => "is being built",
                    "r" => "Your program runs:",
                    _ => "Checking",
                })?;
            }
            walk.press("\x03")?;
            walk.shows("Ctrl-C again ends it")?;
            walk.press("\x03")?;
            ensure!(walk.exit()? == Some(130), "{keys:?}");
            ensure!(!is_running(&scratch), "{keys:?}: something goes on");
            ensure!(walk.waits_for_enter()?, "the terminal is not given back");
            fs::remove_file(scratch.file(".workshop/walk.json"))?;
        }
        Ok(())
    }

    fn is_for_one_presenter() -> Result<()> {
        let scratch = Scratch::take()?;
        let first = walk(&scratch, &[])?;
        first.shows("stage 1 of 5")?;
        let mut second = walk(&scratch, &[])?;
        ensure!(second.exit()? == Some(1));
        second.shows("error: step 10 is already being presented")?;
        // A class catches up all the same.
        let learner = scratch.xtask(["catch-up", "10", "--stage", "3"]).output()?;
        ensure!(learner.status.success(), "{learner:?}");
        first.shows("server.rs: 4 lines more than in the stage")
    }

    fn runs_the_program() -> Result<()> {
        let scratch = Scratch::take()?;
        let port = free_port()?;
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let mut walk = walk(&scratch, &["--port", &port.to_string()])?;
        walk.press("r")?;
        walk.shows(&format!("port {port} is in use"))?;
        drop(held);
        walk.press("r")?;
        walk.shows(&format!("Your program runs: http://127.0.0.1:{port}/"))?;
        // What does not compile is said, and the program goes on.
        let right = server(&scratch)?;
        fs::write(scratch.file(SERVER), "fn main() { mistake }\n")?;
        walk.shows("Nothing that line 1 can see is called `mistake`.")?;
        TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        let panics = "panic!(\"oh dear\");\n    #[allow(unreachable_code)]\n    let host =";
        fs::write(scratch.file(SERVER), right.replace("let host =", panics))?;
        walk.shows("Your program ended, with exit code 101.")?;
        walk.shows("oh dear")?;
        // What it prints may be what the class is to see, and has its rows beside a long stage as well.
        let prints = "eprintln!(\"oh my\");\n    let host =";
        fs::write(scratch.file(SERVER), right.replace("let host =", prints))?;
        walk.shows("Your program runs:")?;
        walk.press("e3")?;
        walk.draws(|screen| {
            let is_long = screen.contains("stage 3 of 5") && screen.contains("lines more");
            is_long && screen.contains("    oh my\n")
        })?;
        walk.press("\x03\x03")?;
        ensure!(walk.exit()? == Some(130));
        ensure!(!is_running(&scratch), "the program goes on running");
        Ok(())
    }

    fn server(scratch: &Scratch) -> Result<String> {
        Ok(fs::read_to_string(scratch.file(SERVER))?)
    }

    fn walk(scratch: &Scratch, more: &[&str]) -> Result<AtTerminal> {
        let spy = Step::parse("10").map_err(anyhow::Error::msg)?;
        walk_of(scratch, spy, more)
    }

    fn walk_of(scratch: &Scratch, step: Step, more: &[&str]) -> Result<AtTerminal> {
        let mut command = scratch.xtask(["walk", &step.name()]);
        command
            .args(more)
            .env("TERM", "xterm")
            .env_remove("NO_COLOR");
        AtTerminal::spawn(command)
    }
}
