//! `cargo xtask watch`, at a terminal and without one. The terminal is a pair of the system's: a test presses the keys of one
//! end, and reads the screen there as a learner does.

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
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, TcpListener, TcpStream};
    use std::os::fd::OwnedFd;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command, Stdio};
    use std::sync::{Arc, Condvar, Mutex, PoisonError};
    use std::time::{Instant, SystemTime};

    use anyhow::{Result, bail, ensure};
    use libtest_mimic::{Failed, Trial};
    use nix::pty::{Winsize, openpty};
    use nix::sys::termios::{LocalFlags, tcgetattr};

    use crate::bad_luck::{PATIENCE, Running, is_running};
    use crate::scratch::Scratch;

    pub fn trials() -> Vec<Trial> {
        let trial = |name: &str, run: fn() -> Result<()>| {
            Trial::test(format!("watch-{name}"), move || {
                run().map_err(|error| Failed::from(format!("{error:#}")))
            })
        };
        let mut trials = vec![
            trial("shows-what-a-save-has-done", shows_what_a_save_has_done),
            trial("has-a-line-of-keys", has_a_line_of_keys),
            trial("fits-a-narrow-window", fits_a_narrow_window),
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
        let mut watch = Watch::start(&scratch, &[])?;
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
        let mut watch = Watch::start(&scratch, &[])?;
        watch.shows(PASSED)?;
        watch.shows("warning: what you passed could not be noted in")?;
        watch.press("n")?;
        watch.shows("05-echo What comes goes back")
    }

    fn has_a_line_of_keys() -> Result<()> {
        let scratch = Scratch::take()?;
        let mut watch = Watch::start(&scratch, &[])?;
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

    fn fits_a_narrow_window() -> Result<()> {
        let scratch = Scratch::take()?;
        let watch = Watch::start(&scratch, &[])?;
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
            let watch = Watch::spawn(command)?;
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
            ("07-clients", no_handle, "error[E0525]", "lines more:"),
        ] {
            let scratch = Scratch::take()?;
            let server = |whose: &str| scratch.file(&format!("{whose}/{step}/server.rs"));
            let solution = fs::read_to_string(server("solutions"))?;
            ensure!(solution.contains(right), "the solution reads otherwise");
            fs::write(server("exercises"), solution.replace(right, wrong))?;
            let mut command = scratch.xtask(["watch", &step[1..2]]);
            command.env("TERM", "xterm").env_remove("NO_COLOR");
            let watch = Watch::spawn(command)?;
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
        let mut watch = Watch::start(&scratch, &["--port", &port.to_string()])?;
        watch.shows("Not there yet:")?;
        watch.press("r")?;
        watch.shows(&format!("Your program runs: http://127.0.0.1:{port}/"))?;
        watch.shows("r stop")?;
        watch.shows("listening on")?;
        answers(port)?;

        // While a save does not compile, the last program that did goes on running.
        save(&scratch, "fn main() { mistake }\n")?;
        watch.shows("(does-not-compile)")?;
        answers(port)?;
        let another =
            solution(&scratch)?.replace("println!(\"listening", "println!(\"now listening");
        save(&scratch, &another)?;
        watch.shows(PASSED)?;
        watch.shows("now listening on")?;
        answers(port)?;
        // A page that is saved while that goes on takes nothing from it.
        save(&scratch, &another.replace("now", "still"))?;
        watch.shows("building")?;
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
        let watch = Watch::start(&scratch, &[])?;
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
        let watch = Watch::start(&scratch, more)?;
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
        watch.shows("(does-not-compile)")
    }

    fn shares_a_step() -> Result<()> {
        let scratch = Scratch::take()?;
        let port = free_port()?.to_string();
        let mut first = Watch::start(&scratch, &["--port", &port])?;
        let mut second = Watch::start(&scratch, &["--port", &port])?;
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
            let mut watch = Watch::start(&scratch, &[])?;
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
        let mut watch = Watch::start(&scratch, &["--port", &port.to_string()])?;
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

    fn free_port() -> Result<u16> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        Ok(listener.local_addr()?.port())
    }

    fn answers(port: u16) -> Result<()> {
        TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        Ok(())
    }

    fn watch_4(scratch: &Scratch, more: &[&str]) -> Command {
        let mut command = scratch.xtask(["watch", "4"]);
        command
            .args(more)
            .env("TERM", "xterm")
            .env_remove("NO_COLOR");
        command
    }

    /// A watch at a terminal of 80 columns and 24 rows.
    struct Watch {
        child: Child,
        /// The learner's end: what is written to it is typed.
        keyboard: File,
        /// The tool's end.
        terminal: OwnedFd,
        /// All that was written to the terminal, and whoever waits for more of it.
        written: Arc<(Mutex<Vec<u8>>, Condvar)>,
    }

    impl Watch {
        fn start(scratch: &Scratch, more: &[&str]) -> Result<Watch> {
            Watch::spawn(watch_4(scratch, more))
        }

        fn spawn(mut command: Command) -> Result<Watch> {
            let size = Winsize {
                ws_row: 24,
                ws_col: 80,
                ws_xpixel: 0,
                ws_ypixel: 0,
            };
            let pair = openpty(&size, None)?;
            let end = || pair.slave.try_clone().map(Stdio::from);
            command.stdin(end()?).stdout(end()?).stderr(end()?);
            let child = command.process_group(0).spawn()?;
            let keyboard = File::from(pair.master);
            let written = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
            read_on(keyboard.try_clone()?, written.clone());
            Ok(Watch {
                child,
                keyboard,
                terminal: pair.slave,
                written,
            })
        }

        fn press(&mut self, keys: &str) -> Result<()> {
            Ok(self.keyboard.write_all(keys.as_bytes())?)
        }

        /// Waits until the screen holds this text, however it is broken into lines.
        fn shows(&self, text: &str) -> Result<()> {
            let text = in_one_line(text);
            self.until(&text, |_, screen| in_one_line(screen).contains(&text))
        }

        /// Waits until the screen is such a one.
        fn draws(&self, such: impl Fn(&str) -> bool) -> Result<()> {
            self.until("another screen", |_, screen| such(screen))
        }

        fn until(&self, what: &str, such: impl Fn(&[u8], &str) -> bool) -> Result<()> {
            let deadline = Instant::now() + PATIENCE;
            let (written, more) = &*self.written;
            let mut bytes = written.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                let screen = screen(&bytes);
                if such(&bytes, &screen) {
                    return Ok(());
                }
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    bail!("it never shows `{what}`, but:\n{screen}");
                }
                bytes = match more.wait_timeout(bytes, left) {
                    Ok((bytes, _)) => bytes,
                    Err(error) => error.into_inner().0,
                };
            }
        }

        fn bytes(&self) -> Vec<u8> {
            let written = self.written.0.lock();
            written.unwrap_or_else(PoisonError::into_inner).clone()
        }

        /// What stands on the screen.
        fn screen(&self) -> String {
            screen(&self.bytes())
        }

        /// What ever stood there.
        fn said(&self) -> String {
            anstream::adapter::strip_str(&String::from_utf8_lossy(&self.bytes())).to_string()
        }

        /// Gives the terminal another size, and says so, as the window of a terminal does.
        fn resize(&self, columns: usize, rows: usize) -> Result<()> {
            let (columns, rows) = (columns.to_string(), rows.to_string());
            let resized = Command::new("stty")
                .args(["cols", &columns, "rows", &rows])
                .stdin(self.terminal.try_clone()?)
                .status()?;
            ensure!(resized.success(), "the terminal keeps its size");
            self.signal("WINCH")
        }

        /// Whether the terminal is as a shell needs it.
        fn waits_for_enter(&self) -> Result<bool> {
            let settings = tcgetattr(&self.terminal)?;
            let normal = LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG;
            Ok(settings.local_flags.contains(normal))
        }

        fn signal(&self, name: &str) -> Result<()> {
            let sent = Command::new("kill")
                .args(["-s", name, &self.child.id().to_string()])
                .status()?;
            ensure!(sent.success(), "no signal could be sent");
            Ok(())
        }

        fn exit(&mut self) -> Result<Option<i32>> {
            let deadline = Instant::now() + PATIENCE;
            loop {
                match self.child.try_wait()? {
                    Some(status) => return Ok(status.code()),
                    None if Instant::now() > deadline => bail!("it does not end"),
                    None => std::thread::sleep(std::time::Duration::from_millis(10)),
                }
            }
        }
    }

    impl Drop for Watch {
        /// Ends it as a closed window does, so that it ends what it has started; at the worst, at once.
        fn drop(&mut self) {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            let _ = self.signal("HUP");
            if self.exit().is_err() {
                let _ = self.child.kill();
                let _ = self.child.wait();
            }
        }
    }

    /// Takes what is written to the terminal, until nobody has it any more.
    fn read_on(mut terminal: File, written: Arc<(Mutex<Vec<u8>>, Condvar)>) {
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = terminal.read(&mut piece) {
                let (all, more) = &*written;
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                all.extend_from_slice(&piece[..length]);
                more.notify_all();
            }
        });
    }

    /// The screen that was drawn last: it begins in the corner.
    fn screen(bytes: &[u8]) -> String {
        let all = String::from_utf8_lossy(bytes);
        let last = all.rsplit("\x1b[1;1H").next().unwrap_or_default();
        let plain = anstream::adapter::strip_str(last).to_string();
        plain.replace('\r', "").replace('\u{a0}', " ")
    }

    fn in_one_line(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
