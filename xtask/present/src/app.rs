//! The app that is presented: built, started beside the one that answers, and exchanged for it when it answers, too.
//!
//! What runs is a copy of the built program, so that a program that runs is never in the way of the next build. A build
//! that fails takes nothing away: the last good app goes on.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use compiler::built::Built;
use futures::FutureExt;
use machine::compile::Target;
use machine::patience;
use machine::process::{self, Exit, Launch, Panic, Program};
use show::root;
use steps::step::{Step, Whose};
use terminal::slot::{Slot, done};
use tokio::net::TcpStream;
use tokio::time::{Instant, Interval};

use crate::relay::Relay;
use crate::trouble::Trouble;

/// How long a program may take until it accepts connections, on an idle machine.
const STARTS_WITHIN: Duration = Duration::from_secs(10);

/// How often the program that runs is asked whether it has panicked: a task that panics does not end it.
const LOOK: Duration = Duration::from_millis(300);

/// How it is with the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The compiler is at work.
    Building,
    /// The program was started, and does not accept yet.
    Starting,
    /// It answers.
    Running,
    /// The files do not make a program that answers.
    Failed,
    /// It answered, and has ended.
    Crashed,
    /// It was never started.
    Stopped,
}

impl State {
    /// The word, as the page has it.
    pub fn word(self) -> &'static str {
        match self {
            State::Building => "building",
            State::Starting => "starting",
            State::Running => "running",
            State::Failed => "failed",
            State::Crashed => "crashed",
            State::Stopped => "stopped",
        }
    }
}

/// The app of a step. Dropping it ends the program.
pub struct App {
    step: Step,
    relay: Relay,
    building: Slot<Result<Built>>,
    starting: Slot<Result<Running, Trouble>>,
    running: Option<Running>,
    state: State,
    trouble: Option<Trouble>,
    /// The server's source that the last build has begun with.
    source: Vec<Option<Vec<u8>>>,
    /// The one that the running program was built from.
    running_source: Vec<Option<Vec<u8>>>,
    /// The page that the panes were loaded with last.
    page: Option<Vec<u8>>,
    /// A number for what the panes are to show, another one whenever that is loaded again. It begins with the time, so that it
    /// is none that a presenter before this one has given.
    generation: u64,
    /// How many programs were started.
    starts: u64,
}

/// A program that answers.
struct Running {
    program: Program,
    address: SocketAddr,
    /// How many of its panics were shown.
    panics: usize,
    /// When to look for more. It goes on, however often the wait for it is cancelled.
    looks: Interval,
}

/// What becomes of a program that answers.
enum Fate {
    Ended(Exit),
    Panicked(Panic),
}

impl Running {
    async fn fate(&mut self) -> Fate {
        loop {
            tokio::select! {
                exit = self.program.exited() => return Fate::Ended(exit),
                _ = self.looks.tick() => {}
            }
            let panics = self.program.panics();
            if panics.len() > self.panics {
                self.panics = panics.len();
                return Fate::Panicked(panics[panics.len() - 1].clone());
            }
        }
    }
}

impl App {
    /// The learner's program of a step, for whom this relay is. It is not running yet.
    pub fn new(step: Step, relay: Relay) -> App {
        App {
            step,
            relay,
            building: None,
            starting: None,
            running: None,
            state: State::Stopped,
            trouble: None,
            source: Vec::new(),
            running_source: Vec::new(),
            page: None,
            // Another number than before a crash: a page that was open then is to load the panes anew.
            generation: now(),
            starts: 0,
        }
    }

    /// How it is.
    pub fn state(&self) -> State {
        self.state
    }

    /// What went wrong last, until it is mended.
    pub fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// Whether a program answers, perhaps an old one.
    pub fn answers(&self) -> bool {
        self.running.is_some()
    }

    /// Whether the program that answers was built from another source than the newest.
    pub fn is_old(&self) -> bool {
        self.answers() && self.running_source != self.source
    }

    /// Whether the newest files do not make a program that answers.
    pub fn has_failed(&self) -> bool {
        self.state == State::Failed
    }

    /// Whether something is under way.
    pub fn is_on_its_way(&self) -> bool {
        self.building.is_some() || self.starting.is_some()
    }

    /// Another number whenever the panes are to be loaded anew.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Builds and starts what lies in the files. What was under way is of older files, and dropped.
    pub fn run(&mut self) {
        let target = Target::workshop(self.step.binary(Whose::Learner));
        self.source = self.sources();
        self.starting = None;
        self.building =
            Some(async move { compiler::built::build(&target, false).await }.boxed_local());
        self.state = State::Building;
    }

    /// Goes on with files that were written: a page is read for each request and only loaded anew, a server is built. Where
    /// nothing is different after all, nothing happens.
    pub fn files_changed(&mut self) {
        let is_well = matches!(
            self.state,
            State::Building | State::Starting | State::Running
        );
        let is_built = self.sources() == self.source;
        // A new server has the panes loaded anew by itself.
        if is_built && self.page_now() != self.page {
            self.page = self.page_now();
            self.generation += 1;
        }
        if !(is_well && is_built) {
            self.run();
        }
    }

    /// What the server is compiled from now.
    fn sources(&self) -> Vec<Option<Vec<u8>>> {
        let names = self.step.sources(Whose::Learner);
        names.iter().map(|name| self.file(name)).collect()
    }

    fn page_now(&self) -> Option<Vec<u8>> {
        self.file(&self.step.page()?)
    }

    fn file(&self, name: &str) -> Option<Vec<u8>> {
        let folder = root().join(self.step.folder(Whose::Learner));
        std::fs::read(folder.join(name)).ok()
    }

    /// Waits until something changes. It may be cancelled, and called again.
    pub async fn changes(&mut self) {
        tokio::select! {
            built = done(&mut self.building) => self.built(built),
            started = done(&mut self.starting) => self.started(started),
            fate = fate(&mut self.running) => self.met(fate),
        }
    }

    fn built(&mut self, built: Result<Built>) {
        match built {
            Ok(Built::Program(program)) => {
                self.starts += 1;
                let start = start(program, self.step, self.starts);
                self.starting = Some(start.boxed_local());
                self.state = State::Starting;
            }
            Ok(Built::Refused(refusal)) => self.failed(Trouble::refused(&refusal)),
            Err(error) => self.failed(Trouble::other("the app could not be built", &error)),
        }
    }

    /// The new program answers: who comes from now on comes to it.
    fn started(&mut self, started: Result<Running, Trouble>) {
        let new = match started {
            Ok(new) => new,
            Err(trouble) => return self.failed(trouble),
        };
        self.relay.lead_to(Some(new.address));
        if let Some(old) = self.running.replace(new) {
            tokio::spawn(old.program.kill());
        }
        self.running_source.clone_from(&self.source);
        self.state = State::Running;
        self.trouble = None;
        self.page = self.page_now();
        self.generation += 1;
    }

    fn failed(&mut self, trouble: Trouble) {
        self.state = State::Failed;
        self.trouble = Some(trouble);
    }

    fn met(&mut self, fate: Fate) {
        let Some(running) = &self.running else { return };
        match fate {
            // Why the newest files do not run matters more than what becomes of an old program.
            Fate::Panicked(_) if self.state != State::Running => {}
            Fate::Panicked(panic) => self.trouble = Some(Trouble::panicked(self.step, &panic)),
            Fate::Ended(exit) => {
                let trouble = Trouble::ended(self.step, &running.program, &exit);
                self.relay.lead_to(None);
                self.running = None;
                // What is under way is newer, and says itself how it goes.
                if !self.is_on_its_way() {
                    self.state = State::Crashed;
                    self.trouble = Some(trouble);
                }
            }
        }
    }
}

/// The milliseconds since 1970: where a presenter that was killed counted to, the next one is further.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let milliseconds = since.unwrap_or_default().as_millis();
    milliseconds.try_into().unwrap_or_default()
}

async fn fate(running: &mut Option<Running>) -> Fate {
    match running {
        Some(running) => running.fate().await,
        None => std::future::pending().await,
    }
}

/// Starts a copy of the built program, and waits until it answers.
async fn start(built: PathBuf, step: Step, number: u64) -> Result<Running, Trouble> {
    let address = process::free_port();
    let could_not = |error| Trouble::other("the app could not be started", &error);
    let copy = copy_of(&built, step, number).map_err(could_not)?;
    let launch = Launch {
        env: vec![
            ("PORT".into(), address.port().to_string().into()),
            ("HOST".into(), address.ip().to_string().into()),
        ],
        ..Launch::new(copy, root())
    };
    let program = Program::start(&launch).map_err(could_not)?;
    until_it_answers(program, address, step).await
}

/// Copies the built program to a folder beside it, and removes the copies of before; one that runs may stay on Windows, until
/// the next time.
fn copy_of(built: &Path, step: Step, number: u64) -> Result<PathBuf> {
    let folder = built.with_file_name("presented").join(step.name());
    // Where there is none yet, there is nothing to remove.
    let before = std::fs::read_dir(&folder).into_iter().flatten();
    for old in before.flatten() {
        let _ = std::fs::remove_file(old.path());
    }
    let name = format!("{}-{number}{}", step.name(), std::env::consts::EXE_SUFFIX);
    let copy = folder.join(name);
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::copy(built, &copy))
        .with_context(|| {
            format!(
                "{} could not be copied to {}",
                built.display(),
                copy.display()
            )
        })?;
    Ok(copy)
}

/// Waits for the first of three: it accepts, it ends, the deadline passes.
async fn until_it_answers(
    mut program: Program,
    address: SocketAddr,
    step: Step,
) -> Result<Running, Trouble> {
    let within = STARTS_WITHIN.mul_f64(patience::measured());
    let deadline = Instant::now() + within;
    while TcpStream::connect(address).await.is_err() {
        if program.try_exited().is_some() {
            let exit = program.exited().await;
            return Err(Trouble::ended(step, &program, &exit));
        }
        if Instant::now() > deadline {
            return Err(Trouble::silent(&program, address, within));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(Running {
        program,
        address,
        panics: 0,
        looks: tokio::time::interval(LOOK),
    })
}
