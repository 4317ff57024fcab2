//! `cargo xtask watch`: save, and see the check again.
//!
//! On a terminal it is one screen and a line of keys; `screen` says what stands on it, and `commands/server.rs` is the
//! program that `r` runs. Elsewhere it prints what `check` prints, again and again. Whatever a key asks for that is a command
//! of its own is run as one, and its output shown.

mod room;

mod screen;

use std::path::Path;
use std::process::Stdio;

use anstream::println;
use anyhow::Result;
use checks::{Finding, Options, Report, Status, Verdict};
use clap::Args;
use futures::FutureExt;
use machine::exit::Exit;
use machine::jquery;
use machine::process::OutputMode;
use machine::saves::Saves;
use show::root;
use steps::progress;
use steps::sources;
use steps::step::{STEPS, Step, Whose};
use terminal::server::Server;
use terminal::slot::{Slot, done};
use terminal::{Key, Terminal};
use tokio::sync::mpsc;

use self::room::Room;
use self::screen::Shown;
use crate::checked::check_learner;
use crate::room::line::FromRoom;

/// Check your program again whenever you save it
///
/// One screen shows what is not right yet. Keys: h a hint, r run your program (and again after each save, until r is
/// pressed again), n the next step, d your program beside the solution, l all steps, c check again, space the rest of
/// what a key shows, q quit. In the room of a class: ? raises your hand, - asks for a slower lesson, + for a faster one, = says that
/// the pace is fine. Without a terminal it prints what `check` prints, again and again.
#[derive(Args)]
pub struct Arguments {
    /// The step: 10, 10-spy or spy; without it, the step that you are at
    #[arg(value_parser = Step::parse)]
    step: Option<Step>,
    /// The port that the key r serves your program at
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Only look at the files every second, and do not listen for saves
    ///
    /// Without this option, watch does both. So it also notices a save on a network disk or in a container, a second later.
    #[arg(long)]
    poll: bool,
}

/// Checks a step, and again after every save, until the learner has enough.
///
/// # Errors
/// When the tool itself cannot go on.
pub async fn run(arguments: Arguments) -> Result<Exit> {
    // What to do where there is none, or an old one, is for the checks to report.
    if let Err(error) = jquery::fetch().await {
        show::note(&format!("{error:#}"));
    }
    let step = arguments.step.unwrap_or_else(|| progress::here().step);
    let mut watch = Watch::new(step, arguments);
    watch.begin(&[]);
    loop {
        watch.draw();
        let event = watch.next().await;
        if let Some(exit) = watch.on(event) {
            return Ok(exit);
        }
    }
}

/// What is going on. Dropping it ends all that it has started, and gives the terminal back.
struct Watch {
    arguments: Arguments,
    step: Step,
    /// What the data of every check is made from: what failed is tried again, until all is passed.
    seed: u64,
    saves: Saves,
    /// What the learner may save by mistake: the files of all other steps.
    elsewhere: Saves,
    keys: mpsc::UnboundedReceiver<Key>,
    checking: Slot<Report>,
    found: mpsc::UnboundedReceiver<Finding>,
    /// Whether the program that runs is older than the one that is checked, also where that one has not compiled yet.
    is_to_restart: bool,
    server: Server,
    /// The output of a command that a key has asked for.
    asking: Slot<String>,
    /// The command that was asked for last.
    asked: Option<&'static str>,
    shown: Shown,
    /// The room of the class, if the learner has joined one.
    room: Room,
    /// The findings as lines, where there is no screen to draw.
    lines: checks::findings::Findings,
    /// Not there where the screen or the keyboard is not a terminal.
    terminal: Option<Terminal>,
}

/// What happens while somebody watches.
enum Event {
    Pressed(Key),
    Found(Finding),
    Checked(Report),
    Said(String),
    /// The program that runs has been built, or has ended.
    Server,
    /// These files hold something else than before.
    Saved(Vec<String>),
    /// The room of the class says something.
    Room(FromRoom),
    /// Files of another step do.
    SavedElsewhere(Vec<String>),
}

impl Watch {
    fn new(step: Step, arguments: Arguments) -> Watch {
        let terminal = Terminal::take();
        let keys = match &terminal {
            Some(_) => terminal::keys(),
            None => mpsc::unbounded_channel().1,
        };
        Watch {
            saves: saves(step, &arguments),
            elsewhere: elsewhere(step),
            server: Server::new(step, arguments.port, OutputMode::Shown),
            step,
            arguments,
            seed: new_seed(),
            keys,
            checking: None,
            found: mpsc::unbounded_channel().1,
            is_to_restart: false,
            asking: None,
            asked: None,
            shown: Shown::default(),
            room: Room::default(),
            lines: checks::findings::Findings::of(step),
            terminal,
        }
    }

    /// Waits for what happens next.
    async fn next(&mut self) -> Event {
        tokio::select! {
            biased;
            Some(key) = self.keys.recv() => Event::Pressed(key),
            Some(finding) = self.found.recv() => Event::Found(finding),
            report = done(&mut self.checking) => Event::Checked(report),
            said = done(&mut self.asking) => Event::Said(said),
            () = self.server.changes() => Event::Server,
            said = self.room.next() => Event::Room(said),
            names = self.saves.changed() => Event::Saved(names),
            names = self.elsewhere.changed() => Event::SavedElsewhere(names),
        }
    }

    fn on(&mut self, event: Event) -> Option<Exit> {
        match event {
            Event::Pressed(key) => return self.pressed(key),
            Event::Found(finding) => self.found(finding),
            Event::Checked(report) => self.checked(report),
            Event::Said(said) => self.shown.says(said),
            Event::Server => {}
            Event::Room(said) => self.room_says(&said),
            Event::Saved(names) => self.saved(&names),
            Event::SavedElsewhere(names) => self.saved_elsewhere(&names),
        }
        None
    }

    /// Begins a check; one that is under way is of an older program, and dropped.
    fn begin(&mut self, saved: &[String]) {
        self.checking = None;
        self.room.look();
        self.is_to_restart |= saved.iter().any(|name| sources::is_source(name));
        if cfg!(windows) {
            // A program that runs cannot be built anew there.
            self.is_to_restart |= self.server.pause();
        }
        self.shown = Shown::default();
        if self.terminal.is_none() {
            checks::findings::title(self.step, Whose::Learner);
            self.lines = checks::findings::Findings::of(self.step);
        }
        let (send, found) = mpsc::unbounded_channel();
        self.found = found;
        let options = Options {
            seed: self.seed,
            page: true,
            colour: show::has_colour(),
            ..Options::default()
        };
        let found = move |finding: &Finding| {
            let (check, status) = (finding.check, finding.status.clone());
            // It fails only when nobody waits for the report any more.
            let _ = send.send(Finding { check, status });
        };
        let step = self.step;
        let check = async move { check_learner(step, options, found).await };
        self.checking = Some(check.boxed_local());
    }

    fn saved(&mut self, names: &[String]) {
        if self.terminal.is_none() {
            println!("\nsaved: {}\n", names.join(", "));
        }
        self.begin(names);
    }

    /// Whoever saves another step waits for a check that does not come: says why.
    fn saved_elsewhere(&mut self, names: &[String]) {
        let of = |step: &&Step| {
            names
                .iter()
                .any(|name| Path::new(name).starts_with(step.name()))
        };
        let Some(other) = STEPS.iter().find(of) else {
            return;
        };
        let notice = screen::watches_another(other, self.step);
        if self.terminal.is_none() {
            println!();
            show::text(&notice);
        }
        self.shown.notice = Some(notice);
    }

    fn found(&mut self, finding: Finding) {
        if self.terminal.is_none() {
            self.lines.show(&finding);
        }
        let compiles = finding.check.id == checks::COMPILES;
        if compiles && matches!(finding.status, Status::Passed) && self.is_to_restart {
            self.server.restart();
            self.is_to_restart = false;
        }
        self.shown.found.push(finding);
    }

    fn checked(&mut self, report: Report) {
        // The last of the findings came in the same moment as the report.
        while let Ok(finding) = self.found.try_recv() {
            self.found(finding);
        }
        if self.terminal.is_none() {
            checks::findings::summary(&report, Whose::Learner, self.lines.ends_blank());
            println!("\nSave a file of the step to check it again; Ctrl-C ends this.");
        }
        if self.shown.notice.as_deref() == Some(screen::UNDER_WAY) {
            self.shown.notice = None;
        }
        if report.verdict() == Verdict::Passed {
            self.seed = new_seed();
        }
        self.shown.report = Some(report);
        self.room.send();
    }

    fn room_says(&mut self, said: &FromRoom) {
        if let Some(text) = self.room.on(said)
            && self.terminal.is_none()
        {
            println!();
            show::text(&text);
        }
    }

    fn pressed(&mut self, key: Key) -> Option<Exit> {
        if key != Key::Resized {
            self.shown.notice = None;
        }
        if !matches!(key, Key::Letter('d' | ' ') | Key::Forth | Key::Resized) {
            self.asked = None;
        }
        if let Some(answer) = self.room.pressed(key, self.shown.said.is_some()) {
            self.shown.notice = Some(answer).filter(|it| !it.is_empty());
            return None;
        }
        match key {
            Key::Interrupt => return Some(Exit::Interrupted),
            Key::Letter('q') => return Some(Exit::Passed),
            Key::Letter('c') | Key::Enter => self.begin(&[]),
            Key::Escape => self.shown.said = None,
            Key::Letter(' ') | Key::Forth => self.shown.page_on(),
            Key::Letter('h') => self.ask("hint", &[]),
            // It refuses before a pass, and is asked again by somebody who wants to see it all the same.
            Key::Letter('d') if self.asked == Some("diff") => self.ask("diff", &["--anyway"]),
            Key::Letter('d') => self.ask("diff", &[]),
            Key::Letter('l') => self.ask("list", &[]),
            Key::Letter('n') => self.go_on(),
            Key::Letter('r') => self.shown.notice = self.server.toggle().err(),
            _ => {}
        }
        None
    }

    /// Asks another command of ours.
    fn ask(&mut self, command: &'static str, more: &'static [&'static str]) {
        let step = (command != "list").then(|| self.step.number.to_string());
        self.asked = Some(command);
        self.asking = Some(said_by(command, step, more).boxed_local());
    }

    /// Goes to the next step, or says why not.
    fn go_on(&mut self) {
        match screen::next(self.step, self.shown.report.as_ref()) {
            Ok(next) => {
                self.step = next;
                self.saves = saves(next, &self.arguments);
                self.elsewhere = elsewhere(next);
                self.server = Server::new(next, self.arguments.port, OutputMode::Shown);
                self.is_to_restart = false;
                self.asking = None;
                self.seed = new_seed();
                self.begin(&[]);
                self.shown.notice = Some(screen::task(next));
            }
            Err(why_not) => self.shown.notice = Some(why_not),
        }
    }

    fn draw(&self) {
        if let Some(terminal) = &self.terminal {
            let (server, room) = (&self.server, self.room.told());
            let text = self.shown.text(self.step, server, &room, terminal.size());
            terminal.draw(&text);
        }
    }
}

/// What the learner may save: the step's files.
fn saves(step: Step, arguments: &Arguments) -> Saves {
    let folder = root().join(step.folder(Whose::Learner));
    Saves::of(&folder, step.files(), !arguments.poll)
}

/// The files of the other steps. A look every second is enough: nobody waits for what comes of it.
fn elsewhere(step: Step) -> Saves {
    let others = STEPS.iter().filter(|other| **other != step);
    let name = |other: &Step, file: String| format!("{}/{file}", other.name());
    let names =
        others.flat_map(|other| other.files().into_iter().map(move |file| name(other, file)));
    Saves::of(&root().join(Whose::Learner.tree()), names.collect(), false)
}

fn new_seed() -> u64 {
    fastrand::u64(..1_000_000)
}

/// What another command of ours prints, at the width and with the colours of this terminal.
async fn said_by(command: &str, step: Option<String>, more: &[&str]) -> String {
    // The command may be the front's, which stands beside this tool.
    let front = format!("xtask{}", std::env::consts::EXE_SUFFIX);
    let tool = match std::env::current_exe() {
        Ok(tool) => tool.with_file_name(front),
        Err(error) => return format!("`cargo xtask {command}` could not be started: {error}\n"),
    };
    let mut process = tokio::process::Command::new(tool);
    process
        .arg(command)
        .args(step)
        .args(more)
        .env(show::KEYS, "1")
        .env(show::WIDTH, show::width().to_string())
        .env("CLICOLOR_FORCE", if show::has_colour() { "1" } else { "0" })
        .stdin(Stdio::null())
        .kill_on_drop(true);
    match process.output().await {
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            String::from_utf8_lossy(&said).into_owned()
        }
        Err(error) => format!("`cargo xtask {command}` could not be started: {error}\n"),
    }
}
