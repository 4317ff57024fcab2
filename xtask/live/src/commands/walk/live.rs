//! The live coding at a terminal: what the keys do. What stands on the screen is `screen`'s business.

use std::time::Duration;

use anyhow::Result;
use checks::{Options, Report, Subject};
use futures::FutureExt;
use machine::exit::Exit;
use machine::jquery;
use machine::process::OutputMode;
use machine::saves::Saves;
use show::root;
use steps::sources;
use steps::step::{Step, Whose};
use terminal::server::Server;
use terminal::slot::{Slot, done};
use terminal::{Key, Terminal};
use tokio::sync::mpsc;
use tokio::time::{Interval, interval};

use super::countdown::Countdown;
use super::screen::{Checked, Shown};
use super::{apply, times};
use crate::commands::resume;
use crate::walk::{self, Clock, Desk, Kept, Memory, Walkthrough};

/// The screen is drawn anew so often, for the clock and for what the program prints.
const TICK: Duration = Duration::from_secs(1);

/// By so much a time is set.
const MINUTE: Duration = Duration::from_secs(60);

/// What the class gets where no prompt says how long it has, in minutes.
const MINUTES: u32 = 3;

/// The time is written down so often, for a crash takes what was not.
const REMEMBERED: u32 = 5;

/// Presents a step, until somebody has enough. Leaving it writes nothing.
///
/// # Errors
/// When the walkthrough cannot be read, or somebody presents this step already.
pub async fn run(step: Step, port: u16, poll: bool) -> Result<Exit> {
    let desk = Desk::at(step)?;
    // What to do where there is none is for the checks to report.
    if let Err(error) = jquery::fetch().await {
        show::note(&format!("{error:#}"));
    }
    let mut memory = Memory::of(step);
    if !resume::goes_on(step)? {
        memory.begin_anew();
    }
    let mut live = Live::new(desk, memory, port, poll);
    let exit = loop {
        live.draw();
        let event = live.next().await;
        if let Some(exit) = live.on(event) {
            break exit;
        }
    };
    live.remember();
    let walk = live.end();
    times::at_the_end(&walk);
    Ok(exit)
}

/// What is going on. Dropping it ends all that it has started, and gives the terminal back.
struct Live {
    desk: Desk,
    clock: Clock,
    memory: Memory,
    /// How many ticks have passed since the time was written down.
    unwritten: u32,
    /// Whether the next Ctrl-C ends it, though something is under way.
    is_leaving: bool,
    saves: Saves,
    keys: mpsc::UnboundedReceiver<Key>,
    checking: Slot<Report>,
    /// Whether the program made way for a check, where one that runs cannot be built anew.
    has_made_way: bool,
    server: Server,
    shown: Shown,
    tick: Interval,
    /// Not there where somebody took it away in the meantime.
    terminal: Option<Terminal>,
}

/// What happens while somebody presents.
enum Event {
    Pressed(Key),
    Checked(Box<Report>),
    /// The program that runs has been built, or has ended.
    Server,
    /// These files hold something else than before.
    Saved(Vec<String>),
    Tick,
}

impl Live {
    fn new(mut desk: Desk, memory: Memory, port: u16, poll: bool) -> Live {
        let step = desk.walk.step;
        let mut clock = Clock::of(&desk.walk);
        memory.go_on(&mut desk, &mut clock);
        let folder = root().join(step.folder(Whose::Learner));
        let terminal = Terminal::take();
        Live {
            shown: Shown::of(&desk),
            clock,
            memory,
            unwritten: 0,
            is_leaving: false,
            saves: Saves::of(&folder, step.files(), !poll),
            keys: terminal::keys(),
            checking: None,
            has_made_way: false,
            server: Server::new(step, port, OutputMode::Captured),
            tick: interval(TICK),
            terminal,
            desk,
        }
    }

    /// Waits for what happens next.
    async fn next(&mut self) -> Event {
        tokio::select! {
            biased;
            Some(key) = self.keys.recv() => Event::Pressed(key),
            report = done(&mut self.checking) => Event::Checked(Box::new(report)),
            () = self.server.changes() => Event::Server,
            names = self.saves.changed() => Event::Saved(names),
            _ = self.tick.tick() => Event::Tick,
        }
    }

    fn on(&mut self, event: Event) -> Option<Exit> {
        match event {
            Event::Pressed(key) => return self.pressed(key),
            Event::Checked(report) => self.checked(*report),
            Event::Saved(names) => self.saved(&names),
            Event::Server => {}
            Event::Tick => self.ticks(),
        }
        self.clock.builds(self.server.is_building());
        None
    }

    fn ticks(&mut self) {
        self.unwritten += 1;
        if self.clock.runs() && self.unwritten >= REMEMBERED {
            self.remember();
        }
    }

    /// Writes down where we are. That it cannot be written is said once by the next key's notice, and no reason to stop.
    fn remember(&mut self) {
        self.unwritten = 0;
        if let Err(error) = self.memory.save(&self.desk, &self.clock) {
            let why = sentence(&error);
            self.shown.notice = Some(format!("The position cannot be saved for a crash. {why}"));
        }
    }

    /// Gives the terminal back, and ends all that was started.
    fn end(self) -> Walkthrough {
        let Live {
            desk,
            terminal,
            server,
            ..
        } = self;
        drop((terminal, server));
        desk.walk
    }

    /// Ctrl-C ends it: at once where nothing is under way, or else the second time.
    fn interrupted(&mut self, was_leaving: bool) -> Option<Exit> {
        let is_under_way =
            self.clock.has_started() || self.server.is_on() || self.checking.is_some();
        if was_leaving || !is_under_way {
            return Some(Exit::Interrupted);
        }
        self.is_leaving = true;
        let words = "The lesson is under way. Ctrl-C again ends it; the same command goes on here.";
        self.shown.notice = Some(words.into());
        None
    }

    fn pressed(&mut self, key: Key) -> Option<Exit> {
        if key == Key::Resized {
            return None;
        }
        let has_asked = std::mem::take(&mut self.shown.has_asked);
        let was_leaving = std::mem::take(&mut self.is_leaving);
        self.shown.notice = None;
        match key {
            Key::Interrupt => return self.interrupted(was_leaving),
            Key::Letter('q') => return Some(Exit::Passed),
            Key::Letter(' ') if self.scroll(1) => {}
            Key::Up => _ = self.scroll(-1),
            Key::Down => _ = self.scroll(1),
            Key::Escape => self.shown.show_stage(),
            Key::Letter('r') => self.shown.notice = self.server.run().err(),
            Key::Letter('x') => self.server.end(),
            Key::Letter('d') => self.shown.show_difference(&self.desk),
            Key::Letter('p') => self.shown.has_prompts = !self.shown.has_prompts,
            Key::Letter('g') => self.shown.notice = Some(self.which()),
            key => {
                self.teach(key, has_asked);
                self.remember();
            }
        }
        None
    }

    /// The keys of the lesson itself: with the first of them, the clock starts.
    fn teach(&mut self, key: Key, has_asked: bool) {
        match key {
            Key::Letter('n' | ' ') | Key::Forth => self.go_on(has_asked),
            Key::Letter('b') | Key::Back => self.go_back(),
            Key::Letter('e') => self.all_at_once(),
            Key::Letter('a') => self.apply(),
            Key::Letter('c') => self.check(),
            Key::Letter('t') => self.time(),
            Key::Letter('+') => self.more_time(Countdown::more),
            Key::Letter('-') => self.more_time(Countdown::less),
            Key::Letter('k') => return self.clock.pause(),
            Key::Letter('.') => self.clock.set(self.clock.in_stage() + MINUTE),
            Key::Letter(',') => self.clock.set(self.clock.in_stage().saturating_sub(MINUTE)),
            Key::Letter(digit @ '0'..='9') => self.jump(digit),
            _ => return,
        }
        self.clock.start();
    }

    /// Goes one place further and writes nothing. Where the files should be those of the stage then and are not, the difference
    /// is shown first, once.
    fn go_on(&mut self, has_asked: bool) {
        self.shown.look(&self.desk);
        // Who types faster than they press keys has the next stage in the files already.
        let is_typed = self.shown.is_as_in_the_stage() || self.desk.is_as_in_the_next();
        if self.desk.has_to_be_typed() && !is_typed && !has_asked {
            self.shown.show_difference(&self.desk);
            self.shown.has_asked = true;
            let words = "Your files are not those of this stage. n again keeps them and goes on; a writes the stage.";
            self.shown.notice = Some(words.into());
            return;
        }
        match self.desk.forth() {
            Ok(()) => self.enter(),
            Err(_) => {
                self.shown.show_stage();
                self.shown.notice = Some("This is the last stage.".into());
            }
        }
    }

    /// Has all of a stage shown at once from now on, or phase by phase again.
    fn all_at_once(&mut self) {
        self.desk.set_at_once(!self.desk.is_at_once());
        self.enter();
        let words = match self.desk.is_at_once() {
            true => "Each stage comes whole from now on; e shows them phase by phase again.",
            false => "From now on each stage asks its question first, and shows the code after it.",
        };
        self.shown.notice = Some(words.into());
    }

    fn go_back(&mut self) {
        match self.desk.back() {
            Ok(kept) => {
                self.enter();
                self.shown.notice = said(&kept);
            }
            Err(error) => self.shown.notice = Some(sentence(&error)),
        }
    }

    fn which(&self) -> String {
        format!("Which stage? 1 to {}", self.desk.walk.stages.len())
    }

    /// Shows the stage of this number and writes nothing.
    fn jump(&mut self, digit: char) {
        let number = digit.to_digit(10).unwrap_or(0) as usize;
        match self.desk.show(number) {
            Ok(()) => self.enter(),
            Err(_) => self.shown.notice = Some(self.which()),
        }
    }

    /// Another place is shown from now on.
    fn enter(&mut self) {
        self.clock.enter(self.desk.place().stage);
        self.checking = None;
        self.give_way_back();
        self.shown.enter(&self.desk);
    }

    fn apply(&mut self) {
        let unlike = walk::unlike(self.desk.walk.step, self.desk.stage());
        self.shown.notice = match self.desk.apply() {
            Ok(_) if unlike.is_empty() => Some("Your files are those of the stage already.".into()),
            Ok(kept) => Some(apply::said(&unlike, &kept).join("\n")),
            Err(error) => Some(sentence(&error)),
        };
        self.shown.show_stage();
        self.shown.look(&self.desk);
    }

    /// Begins a check; one that is under way is of older files, and dropped. What it says is the verdict, so that is shown.
    fn check(&mut self) {
        self.desk.show_all();
        self.checking = None;
        if cfg!(windows) {
            self.has_made_way |= self.server.pause();
        }
        let subject = Subject::of(self.desk.walk.step, Whose::Learner);
        let options = Options {
            seed: fastrand::u64(..1_000_000),
            page: true,
            colour: show::has_colour(),
            ..Options::default()
        };
        let check = async move { checks::run(subject, options, |_| {}).await };
        self.checking = Some(check.boxed_local());
        self.shown.checked = Checked::UnderWay;
    }

    fn checked(&mut self, report: Report) {
        self.give_way_back();
        self.shown.show_stage();
        self.shown.checked = Checked::Done(Box::new(report));
    }

    fn give_way_back(&mut self) {
        if std::mem::take(&mut self.has_made_way) {
            self.server.restart();
        }
    }

    fn saved(&mut self, names: &[String]) {
        self.shown.look(&self.desk);
        if names.iter().any(|name| sources::is_source(name)) {
            self.server.restart();
        }
        match self.checking {
            Some(_) => self.check(),
            None => self.shown.checked = Checked::Not,
        }
    }

    /// Gives the class its minutes, or ends them.
    fn time(&mut self) {
        if self.shown.countdown.take().is_some() {
            return;
        }
        let prompts = self.desk.stage().prompts.iter();
        let minutes = prompts.filter_map(|prompt| prompt.minutes).next();
        self.shown.countdown = Some(Countdown::of(minutes.unwrap_or(MINUTES) * MINUTE));
    }

    fn more_time(&mut self, set: fn(&mut Countdown)) {
        match &mut self.shown.countdown {
            Some(countdown) => set(countdown),
            None => self.time(),
        }
    }

    /// Goes up or down where not all fits; whether there was anything more.
    fn scroll(&mut self, pages: i32) -> bool {
        let size = self.size();
        self.shown
            .scroll(pages, &self.desk, &self.clock, &self.server, size)
    }

    fn size(&self) -> (usize, usize) {
        let terminal = self.terminal.as_ref();
        terminal.map_or((80, 24), Terminal::size)
    }

    fn draw(&self) {
        if let Some(terminal) = &self.terminal {
            let screen = self
                .shown
                .text(&self.desk, &self.clock, &self.server, terminal.size());
            terminal.draw(&screen);
        }
    }
}

/// Where copies were kept, for a screen.
fn said(kept: &[Kept]) -> Option<String> {
    if kept.is_empty() {
        return None;
    }
    let line = |kept: &Kept| format!("\n    {}", show::path(&kept.copy));
    let copies: String = kept.iter().map(line).collect();
    Some(format!(
        "Your files are as they were. A copy of what they held is kept:{copies}"
    ))
}

/// An error as a sentence of a screen.
fn sentence(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}
