//! `cargo xtask watch`, at a terminal and without one.

use libtest_mimic::Trial;

/// A trial for each thing that a learner does while watching.
pub fn trials() -> Vec<Trial> {
    #[cfg(unix)]
    return at_a_terminal::trials();
    #[cfg(not(unix))]
    Vec::new()
}

#[cfg(unix)]
mod at_a_terminal {
    use std::fs::{self, File};
    use std::net::{Ipv4Addr, TcpListener, TcpStream};
    use std::process::Command;
    use std::time::{Instant, SystemTime};

    use anyhow::{Result, ensure};
    use libtest_mimic::{Failed, Trial};

    use crate::bad_luck::{PATIENCE, Running, is_running};
    use crate::scratch::Scratch;
    use crate::terminal::{AtTerminal, free_port};

    pub fn trials() -> Vec<Trial> {
        let trial = |name: &str, run: fn() -> Result<()>| {
            crate::again_alone(format!("watch-{name}"), crate::kept::workshop, move || {
                run().map_err(|error| Failed::from(format!("{error:#}")))
            })
        };
        let mut trials = vec![
            trial("shows-what-a-save-has-done", shows_what_a_save_has_done),
            trial("has-a-line-of-keys", has_a_line_of_keys),
            trial("fits-a-narrow-window", fits_a_narrow_window),
            trial("shows-a-long-hint-in-parts", shows_a_long_hint_in_parts),
            trial("names-the-step-that-it-watches", names_its_step),
            trial(
                "keeps-the-sentence-on-the-screen",
                keeps_the_sentence_on_the_screen,
            ),
            trial("shows-no-colour-that-nobody-wants", shows_no_colour),
            trial("says-that-a-pass-is-not-noted", says_what_is_not_noted),
            trial("runs-the-program", runs_the_program),
            trial("drops-the-check-of-an-older-save", drops_an_older_check),
            trial("outlives-its-folder", || outlives_its_folder(&[])),
            trial("outlives-its-folder-by-polling", || {
                outlives_its_folder(&["--poll"])
            }),
            trial("shares-a-step-with-another", shares_a_step),
            trial("gives-the-terminal-back", gives_the_terminal_back),
            trial("without-a-terminal-prints-lines", without_a_terminal),
            trial("is-not-deceived-by-a-touch", is_not_deceived_by_a_touch),
        ];
        if cfg!(target_os = "linux") {
            trials.push(trial("leaves-nothing-when-killed", leaves_nothing));
        }
        trials
    }

    const SERVER: &str = "exercises/04-connect/server.rs";
    const PAGE: &str = "exercises/04-connect/4.html";
    const NOT_YET: &str = "not yet: A WebSocket connects at /ws.";
    const PASSED: &str = "All passed:";

    fn shows_what_a_save_has_done() -> Result<()> {
        let scratch = Scratch::take()?;
        let mut watch = watch(&scratch, &[])?;
        watch.shows("04-connect A connection that stays")?;
        watch.shows(NOT_YET)?;
        watch.shows("Not there yet:")?;
        watch.press("n")?;
        watch.shows("Not yet true: A WebSocket connects at /ws.")?;
        save(&scratch, &solution(&scratch)?)?;
        watch.shows(PASSED)?;
        watch.shows("n goes on to 05-echo")?;
        ensure!(scratch.file(".workshop/progress.json").is_file());
        watch.press("n")?;
        watch.shows("05-echo What comes goes back")?;
        watch.shows("Its task is in exercises/05-echo/README.md")?;
        watch.press("q")?;
        ensure!(watch.exit()? == Some(0));
        // The last screen is still there to read.
        watch.shows("05-echo What comes goes back")
    }

    fn says_what_is_not_noted() -> Result<()> {
        let scratch = Scratch::take()?;
        fs::write(scratch.file(".workshop"), "a file where a folder belongs")?;
        save(&scratch, &solution(&scratch)?)?;
        let mut watch = watch(&scratch, &[])?;
        watch.shows(PASSED)?;
        watch.shows("warning: what you passed could not be noted in")?;
        watch.press("n")?;
        watch.shows("05-echo What comes goes back")
    }

    fn has_a_line_of_keys() -> Result<()> {
        let scratch = Scratch::take()?;
        let mut watch = watch(&scratch, &[])?;
        watch.shows("h hint r run n next d diff l list c check q quit")?;
        watch.shows("Not there yet:")?;
        // Keys that mean nothing: arrows, a function key, Ctrl-Q, letters. The answer to the last one shows that they are read.
        watch.press("xyz\x1b[A\x1b[15~\x11\x1a")?;
        let list = scratch.xtask(["list"]).output()?;
        let said = [list.stdout, list.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        watch.press("l")?;
        watch.shows(said.lines().next().unwrap_or("nothing"))?;
        watch.shows("Esc back")?;
        ensure!(!watch.screen().contains(NOT_YET), "{}", watch.screen());
        watch.press("\x1b")?;
        watch.shows(NOT_YET)?;
        for key in ["h", "d"] {
            watch.press(key)?;
            watch.shows("Esc back")?;
            // A check goes on to another screen.
            watch.press("\r")?;
            watch.shows(NOT_YET)?;
        }
        watch.press("Q")?;
        ensure!(watch.exit()? == Some(0));
        Ok(())
    }

    fn shows_a_long_hint_in_parts() -> Result<()> {
        let scratch = Scratch::take()?;
        let mut watch = watch(&scratch, &[])?;
        watch.resize(80, 40)?;
        watch.shows("Not there yet:")?;
        for degree in ["1", "2", "3"] {
            watch.press("h")?;
            watch.shows(&format!("Hint {degree} of 3"))?;
            let more = if degree == "3" {
                "press d twice."
            } else {
                "The next hint says more: press h again."
            };
            watch.shows(more)?;
        }
        // The keys take two of the lines.
        watch.resize(80, 14)?;
        watch.draws(|screen| {
            let begins =
                screen.contains("Hint 3 of 3") && screen.contains("lines more: space goes on");
            begins && screen.contains("q quit") && screen.lines().count() <= 14
        })?;
        let mut parts = 1;
        while !watch.screen().contains("press d twice.") {
            let before = watch.screen();
            watch.press(" ")?;
            watch.draws(|screen| *screen != before && screen.contains("q quit"))?;
            parts += 1;
        }
        ensure!(
            parts > 1 && !watch.screen().contains("Hint 3 of 3"),
            "{}",
            watch.screen()
        );
        watch.press(" ")?;
        watch.shows("Hint 3 of 3")?;
        // The solution is shown to somebody who asks for it again.
        watch.press("d")?;
        watch.shows("To see it anyway: press d again.")?;
        watch.press("d")?;
        watch.shows("- is yours, + the solution's.")
    }

    fn names_its_step() -> Result<()> {
        let scratch = Scratch::take()?;
        let mut watch = watch(&scratch, &[])?;
        watch.shows("Not there yet:")?;
        fs::write(
            scratch.file("exercises/05-echo/server.rs"),
            "fn main() {}\n",
        )?;
        watch.shows("You saved step 5; this watches step 4.")?;
        watch.shows("cargo xtask watch 5")?;
        save(&scratch, &solution(&scratch)?)?;
        watch.shows(PASSED)?;
        ensure!(
            !watch.screen().contains("You saved step 5"),
            "{}",
            watch.screen()
        );
        watch.press("q")?;

        let mut lines = Running::spawn(scratch.xtask(["watch", "4"]), 0)?;
        lines.line("Save a file of the step")?;
        fs::write(scratch.file("exercises/06-events/6.html"), "<p>mine</p>\n")?;
        lines.line("You saved step 6; this watches step 4.")?;
        lines.signal("INT")?;
        ensure!(lines.exit()? == Some(130));
        Ok(())
    }

    fn fits_a_narrow_window() -> Result<()> {
        let scratch = Scratch::take()?;
        let watch = watch(&scratch, &[])?;
        watch.shows("Not there yet:")?;
        ensure!(watch.screen().contains("✓ The program compiles."));
        for (columns, rows) in [(40, 20), (60, 20)] {
            watch.resize(columns, rows)?;
            // A key and its word stay together, and so does each other word, be it longer than a line.
            watch.draws(|screen| {
                let fits = |line: &str| {
                    line.chars().count() <= columns || line.split_whitespace().count() == 1
                };
                let last_on_its_line = if columns == 40 {
                    "l list\n"
                } else {
                    "q quit\n"
                };
                screen.lines().all(fits) && screen.contains(last_on_its_line)
            })?;
            // What has passed is left out where there is no room for it.
            ensure!(!watch.screen().contains('✓'), "{}", watch.screen());
        }
        Ok(())
    }

    fn shows_no_colour() -> Result<()> {
        let scratch = Scratch::take()?;
        for (no_colour, is_coloured) in [("", true), ("1", false)] {
            let mut command = watch_4(&scratch, &[]);
            command.env("NO_COLOR", no_colour);
            let watch = AtTerminal::spawn(command)?;
            watch.shows("Not there yet:")?;
            let bold = watch.bytes().windows(4).any(|bytes| bytes == b"\x1b[1m");
            ensure!(bold == is_coloured, "{}", watch.screen());
        }
        Ok(())
    }

    fn keeps_the_sentence_on_the_screen() -> Result<()> {
        // What is asked last is wrong; a handle is missing, of which the compiler has much to say.
        let no_error = ("        b\"\"\n", "        return None\n");
        let no_handle = ("        let online = online.clone();", "        //");
        for (step, (right, wrong), first, more) in [
            (
                "06-events",
                no_error,
                "that is not an event",
                "what was said last",
            ),
            ("07-clients", no_handle, "error[E0525]", "(moved-out)"),
        ] {
            let scratch = Scratch::take()?;
            let server = |whose: &str| scratch.file(&format!("{whose}/{step}/server.rs"));
            let solution = fs::read_to_string(server("solutions"))?;
            ensure!(solution.contains(right), "the solution reads otherwise");
            fs::write(server("exercises"), solution.replace(right, wrong))?;
            let mut command = scratch.xtask(["watch", &step[1..2]]);
            command.env("TERM", "xterm").env_remove("NO_COLOR");
            let watch = AtTerminal::spawn(command)?;
            watch.draws(|screen| {
                let has = |text: &str| screen.contains(text);
                let is_over = has("Not there yet:") && has("Next:");
                screen.lines().count() <= 24
                    && is_over
                    && has("not yet: ")
                    && has(first)
                    && has(more)
            })?;
        }
        Ok(())
    }

    fn runs_the_program() -> Result<()> {
        let scratch = Scratch::take()?;
        let port = free_port()?;
        let mut watch = watch(&scratch, &["--port", &port.to_string()])?;
        watch.shows("Not there yet:")?;
        watch.press("r")?;
        watch.shows(&format!("Your program runs: http://127.0.0.1:{port}/"))?;
        watch.shows("r stop")?;
        watch.shows("listening on")?;
        answers(port)?;

        // While a save does not compile, the last program that did goes on running.
        save(&scratch, "fn main() { mistake }\n")?;
        watch.shows("(unknown-name)")?;
        answers(port)?;
        let another =
            solution(&scratch)?.replace("println!(\"listening", "println!(\"now listening");
        save(&scratch, &another)?;
        watch.shows(PASSED)?;
        watch.shows("now listening on")?;
        answers(port)?;
        // A page that is saved while that goes on takes nothing from it.
        let before = watch.bytes().len();
        save(&scratch, &another.replace("now", "still"))?;
        watch.has_shown("building", before)?;
        fs::write(scratch.file(PAGE), "<p>another one</p>\n")?;
        watch.shows("still listening on")?;

        watch.press("r")?;
        watch.shows("r run")?;
        ensure!(answers(port).is_err(), "it goes on running");
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        watch.press("r")?;
        watch.shows(&format!("port {port} is in use"))?;
        drop(held);

        // A program that ends says how, and what it said last.
        let mistaken = another.replace(
            "let host =",
            "panic!(\"oh dear\");\n    #[allow(unreachable_code)]\n    let host =",
        );
        save(&scratch, &mistaken)?;
        watch.shows("(panicked)")?;
        watch.press("r")?;
        watch.shows("Your program ended, with exit code 101.")?;
        watch.shows("oh dear")?;
        save(&scratch, &another)?;
        watch.shows("Your program runs:")?;
        watch.press("q")?;
        watch.exit()?;
        ensure!(answers(port).is_err(), "it goes on running");
        Ok(())
    }

    fn drops_an_older_check() -> Result<()> {
        let scratch = Scratch::take()?;
        let watch = watch(&scratch, &[])?;
        watch.shows("Not there yet:")?;
        // It is asked for connections all the time that it does not listen.
        let waits = solution(&scratch)?.replace(
            "let host =",
            "std::future::pending::<()>().await;\n    let host =",
        );
        save(&scratch, &waits)?;
        watch.shows("checking: 1 of")?;
        save(&scratch, &solution(&scratch)?)?;
        watch.shows(PASSED)?;
        ensure!(!is_running(&scratch), "the older program goes on running");
        let said = watch.said();
        ensure!(!said.contains("(never-listens)"), "{said}");
        Ok(())
    }

    fn outlives_its_folder(more: &[&str]) -> Result<()> {
        let scratch = Scratch::take()?;
        let watch = watch(&scratch, more)?;
        watch.shows(NOT_YET)?;
        let folder = scratch.file("exercises/04-connect");
        let away = scratch.file("exercises/away");
        fs::rename(&folder, &away)?;
        let is_missed = watch.shows("(file-missing)");
        // Whatever came of it, the next test finds the folder in its place.
        fs::rename(&away, &folder)?;
        is_missed?;
        watch.shows(NOT_YET)?;
        let text = fs::read_to_string(scratch.file(SERVER))?;
        fs::remove_file(scratch.file(SERVER))?;
        watch.shows("(file-missing)")?;
        fs::write(scratch.file(SERVER), text)?;
        watch.shows(NOT_YET)?;
        // As editors that replace the file, and as those that write into it.
        save(&scratch, &solution(&scratch)?)?;
        watch.shows(PASSED)?;
        fs::write(scratch.file(SERVER), "fn main() { mistake }\n")?;
        watch.shows("(unknown-name)")
    }

    fn shares_a_step() -> Result<()> {
        let scratch = Scratch::take()?;
        let port = free_port()?.to_string();
        let mut first = watch(&scratch, &["--port", &port])?;
        let mut second = watch(&scratch, &["--port", &port])?;
        first.shows("Not there yet:")?;
        second.shows("Not there yet:")?;
        save(&scratch, &solution(&scratch)?)?;
        first.shows(PASSED)?;
        second.shows(PASSED)?;
        first.press("r")?;
        first.shows("listening on")?;
        second.press("r")?;
        second.shows(&format!("port {port} is in use: 04-connect (process"))
    }

    fn gives_the_terminal_back() -> Result<()> {
        let scratch = Scratch::take()?;
        let waits = solution(&scratch)?.replace(
            "let host =",
            "std::future::pending::<()>().await;\n    let host =",
        );
        save(&scratch, &waits)?;
        for end in ["\x03", "TERM", "HUP", "INT"] {
            let mut watch = watch(&scratch, &[])?;
            // In the middle of a check.
            watch.shows("checking: 1 of")?;
            ensure!(!watch.waits_for_enter()?, "it does not have the terminal");
            match end {
                "\x03" => watch.press(end)?,
                signal => watch.signal(signal)?,
            }
            ensure!(watch.exit()? == Some(130), "{end:?}: {:?}", watch.screen());
            ensure!(watch.waits_for_enter()?, "{end:?}: it keeps the terminal");
            let shows_cursor = |bytes: &[u8]| bytes.ends_with(b"\x1b[?25h");
            watch.until("the cursor is shown", |bytes, _| shows_cursor(bytes))?;
            ensure!(!is_running(&scratch), "{end:?}: a program goes on running");
        }
        Ok(())
    }

    fn without_a_terminal() -> Result<()> {
        let scratch = Scratch::take()?;
        let mut watch = Running::spawn(watch_4(&scratch, &[]), 0)?;
        watch.line(NOT_YET)?;
        watch.line("Save a file of the step to check it again")?;
        save(&scratch, &solution(&scratch)?)?;
        watch.line("saved: server.rs")?;
        let said = watch.line("Save a file of the step")?;
        ensure!(said.contains(PASSED) && !said.contains('\x1b'), "{said}");
        watch.signal("INT")?;
        ensure!(watch.exit()? == Some(130));
        Ok(())
    }

    /// That nothing comes of a touch shows in what comes of the save after it.
    fn is_not_deceived_by_a_touch() -> Result<()> {
        let scratch = Scratch::take()?;
        let mut watch = Running::spawn(watch_4(&scratch, &[]), 0)?;
        watch.line("Save a file of the step")?;
        let text = fs::read_to_string(scratch.file(SERVER))?;
        save(&scratch, &text)?;
        File::open(scratch.file(SERVER))?.set_modified(SystemTime::now())?;
        // As a check does with a page for a moment.
        let page = fs::read_to_string(scratch.file(PAGE))?;
        fs::write(scratch.file(PAGE), format!("{page}<!-- a mark -->\n"))?;
        fs::write(scratch.file(PAGE), page)?;
        fs::write(scratch.file(PAGE), "<p>another one</p>\n")?;
        let said = watch.line("saved: ")?;
        ensure!(said.trim() == "saved: 4.html", "{said}");
        Ok(())
    }

    fn leaves_nothing() -> Result<()> {
        let scratch = Scratch::take()?;
        let port = free_port()?;
        let mut watch = watch(&scratch, &["--port", &port.to_string()])?;
        watch.shows("Not there yet:")?;
        watch.press("r")?;
        watch.shows("listening on")?;
        watch.signal("KILL")?;
        watch.exit()?;
        let deadline = Instant::now() + PATIENCE;
        while is_running(&scratch) {
            ensure!(Instant::now() < deadline, "a program goes on running");
            std::thread::yield_now();
        }
        Ok(())
    }

    fn solution(scratch: &Scratch) -> Result<String> {
        Ok(fs::read_to_string(
            scratch.file("solutions/04-connect/server.rs"),
        )?)
    }

    /// As most editors save: a new file takes the old one's place.
    fn save(scratch: &Scratch, text: &str) -> Result<()> {
        let new = scratch.file("exercises/04-connect/server.rs~");
        fs::write(&new, text)?;
        Ok(fs::rename(new, scratch.file(SERVER))?)
    }

    fn answers(port: u16) -> Result<()> {
        TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        Ok(())
    }

    fn watch(scratch: &Scratch, more: &[&str]) -> Result<AtTerminal> {
        AtTerminal::spawn(watch_4(scratch, more))
    }

    fn watch_4(scratch: &Scratch, more: &[&str]) -> Command {
        let mut command = scratch.xtask(["watch", "4"]);
        command
            .args(more)
            .env("TERM", "xterm")
            .env_remove("NO_COLOR");
        command
    }
}
