//! The presenter: one loop that takes what happens, from a view, the files or the app, and tells all views how it is.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use checks::{Options, Report, Subject};
use futures::FutureExt;
use live::walk::{Clock, Desk, Kept};
use machine::compile::Target;
use machine::process;
use machine::saves::Saves;
use show::root;
use steps::step::{Step, Whose};
use terminal::slot::{Slot, done};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::app::App;
use crate::ask::Ask;
use crate::colour::{self, Colours};
use crate::guard::Guard;
use crate::page::Site;
use crate::relay::Relay;
use crate::state::{self, Checked, Countdown, Level};
use crate::views::{Door, FromView, View, Views};
use crate::wire::{Log, Window};

/// Frames are sent on in batches: a mouse makes more of them than a screen draws.
const BATCH: Duration = Duration::from_millis(33);

/// Everything about a step that is presented. Dropping it ends all that it has started.
pub struct Presenter {
    pub(crate) desk: Desk,
    pub(crate) app: App,
    pub(crate) check: Option<Checked>,
    pub(crate) clock: Clock,
    pub(crate) countdown: Option<Countdown>,
    pub(crate) panes: [String; 2],
    pub(crate) address: Option<String>,
    pub(crate) views: Views,
    pub(crate) colours: Colours,
    /// The colours are on their way; until they come, the code is shown without.
    colouring: Slot<Colours>,
    /// Whether what is being built was asked for by a command that another one may not overtake.
    commanded: bool,
    checking: Slot<Report>,
    from_views: mpsc::Receiver<FromView>,
    saves: Saves,
    log: Arc<Log>,
    /// When the next batch of frames may go.
    next_batch: Instant,
}

/// What happens while a step is presented.
enum Event {
    View(FromView),
    /// A file holds something else than before.
    Saved,
    /// The app is built, answers, or has ended.
    App,
    Checked(Report),
    Coloured(Colours),
    /// Something was on the wire.
    Frames,
}

impl Presenter {
    /// Sits down at a step, and says where to look. No file is touched.
    ///
    /// # Errors
    /// When the walkthrough cannot be read, somebody presents the step already, or there is no port.
    pub async fn at(step: Step, port: u16) -> Result<Presenter> {
        let desk = Desk::at(step)?;
        let log = Arc::new(Log::new());
        let relay = Relay::new(log.clone());
        let (door, from_views) = Door::new();
        let (site_listener, own) = listener().await?;
        let (left, left_at) = listener().await?;
        let (right, right_at) = listener().await?;
        relay.listen(left, Window::Left);
        relay.listen(right, Window::Right);
        let address = listen_for_others(&relay, step, port).await;
        let panes = [left_at, right_at].map(|at| format!("http://{at}"));
        let guard = Guard::new(own.port())?;
        say_where(&guard, address.as_deref());
        let texts = colour::texts(&desk.walk);
        let colouring = tokio::task::spawn_blocking(|| Colours::of(texts));
        let colouring = colouring.map(|colours| colours.unwrap_or_default());
        let site = Site::new(guard, door, [&panes[0], &panes[1]]);
        tokio::spawn(warp::serve(site.routes()).incoming(site_listener).run());
        Ok(Presenter {
            saves: saves(step),
            app: App::new(step, relay),
            desk,
            check: None,
            clock: Clock::start(),
            countdown: None,
            panes: panes.map(|origin| format!("{origin}/")),
            address,
            colours: Colours::default(),
            colouring: Some(colouring.boxed_local()),
            views: Views::default(),
            commanded: false,
            checking: None,
            from_views,
            log,
            next_batch: Instant::now(),
        })
    }

    /// Presents until it is dropped. The files are built and run as they stand; what goes wrong is shown to the views.
    pub async fn run(&mut self) -> ! {
        self.app.run();
        loop {
            let event = self.next().await;
            self.on(event);
        }
    }

    /// Whether next, back and their like have to wait.
    pub(crate) fn is_busy(&self) -> bool {
        self.commanded && self.app.is_on_its_way()
    }

    /// Waits for what happens next.
    async fn next(&mut self) -> Event {
        let frames = async {
            self.log.has_new().await;
            sleep_until(self.next_batch).await;
        };
        tokio::select! {
            biased;
            Some(view) = self.from_views.recv() => Event::View(view),
            () = self.app.changes() => Event::App,
            report = done(&mut self.checking) => Event::Checked(report),
            colours = done(&mut self.colouring) => Event::Coloured(colours),
            () = frames => Event::Frames,
            _ = self.saves.changed() => Event::Saved,
        }
    }

    fn on(&mut self, event: Event) {
        match event {
            Event::Frames => return self.send_frames(),
            Event::View(FromView::Joined(view)) => return self.join(view),
            Event::View(FromView::Left(id)) => self.views.leave(id),
            Event::View(FromView::Asked(ask)) => self.asked(ask),
            Event::Saved => {
                self.forget_check();
                self.app.files_changed();
            }
            Event::Checked(report) => {
                self.check = Some(Checked::of(&report, self.desk.stage()));
            }
            Event::Coloured(colours) => self.colours = colours,
            Event::App => self.commanded &= self.app.is_on_its_way(),
        }
        let state = self.state();
        self.views.tell(state);
    }

    fn join(&mut self, view: View) {
        self.views.join(view);
        // The others are told that there is one more.
        let state = self.state();
        self.views.tell(state);
        self.views.tell_newest(state::frames(&self.log.taken()));
    }

    fn send_frames(&mut self) {
        let new = self.log.take_new();
        self.next_batch = Instant::now() + BATCH;
        self.views.tell(state::frames(&new));
    }

    fn asked(&mut self, ask: Ask) {
        let writes = matches!(ask, Ask::Next | Ask::Back | Ask::Go(_) | Ask::Apply);
        if writes && self.is_busy() {
            let why = "a build runs: this key works again when it is done";
            return self.say(Level::Refused, why);
        }
        match ask {
            Ask::Next => self.next_stage(),
            Ask::Back => self.write(Desk::back),
            Ask::Go(stage) => self.write(|desk| desk.go(stage)),
            Ask::Apply => self.write(Desk::apply),
            Ask::Show(stage) => self.show(stage),
            Ask::Run => {
                self.app.run();
                self.commanded = true;
            }
            Ask::Check => self.begin_check(),
            Ask::Countdown(time) => self.countdown = Countdown::of(time),
            Ask::Clear => self.clear(),
        }
    }

    fn next_stage(&mut self) {
        let next = self.desk.stage().number + 1;
        if next > self.desk.walk.stages.len() {
            return self.say(Level::Refused, "this is the last stage");
        }
        self.write(|desk| desk.go(next));
    }

    /// Has the desk write files, says what was kept, and goes on with what is there then.
    fn write(&mut self, write: impl FnOnce(&mut Desk) -> Result<Vec<Kept>>) {
        // It may have put its mark into the page, and takes it away when it ends: before anything is kept of the page.
        self.forget_check();
        let written = match write(&mut self.desk) {
            Ok(kept) => kept,
            Err(error) => return self.say(Level::Refused, &format!("{error:#}")),
        };
        self.say_what_was_kept(&written);
        // What we have written ourselves is no save.
        self.saves = saves(self.desk.walk.step);
        self.app.files_changed();
        self.commanded = self.app.is_on_its_way();
    }

    /// Names the copies to the views for a while, and in the terminal, where they can be read later.
    fn say_what_was_kept(&mut self, kept: &[Kept]) {
        let copies: Vec<String> = kept.iter().map(|it| show::path(&it.copy)).collect();
        for (Kept { file, .. }, copy) in kept.iter().zip(&copies) {
            show::note(&format!("kept    {}\n     as {copy}", show::path(file)));
        }
        if !copies.is_empty() {
            self.say(Level::Info, &format!("kept {}", copies.join(", ")));
        }
    }

    fn show(&mut self, stage: usize) {
        match self.desk.show(stage) {
            // The verdict was compared with what another stage announces.
            Ok(()) => self.forget_check(),
            Err(error) => self.say(Level::Refused, &format!("{error:#}")),
        }
    }

    /// A verdict is one of the files as they were. A check that is under way is dropped, and what it has started with it.
    fn forget_check(&mut self) {
        let why = "the files or the stage have changed meanwhile: check again";
        let dropped = self.checking.take();
        self.check = dropped.map(|_| Checked::Incomplete(why.into()));
    }

    fn begin_check(&mut self) {
        let step = self.desk.walk.step;
        let subject = Subject {
            step,
            folder: root().join(step.folder(Whose::Learner)),
            target: Target::workshop(step.binary(Whose::Learner)),
        };
        let options = Options {
            seed: fastrand::u64(..1_000_000),
            page: true,
            colour: false,
            ..Options::default()
        };
        self.checking = Some(checks::run(subject, options, |_| {}).boxed_local());
        self.check = Some(Checked::Running);
    }

    fn clear(&mut self) {
        self.log.clear();
        self.views.tell(state::no_frames());
    }

    fn say(&mut self, level: Level, text: &str) {
        self.views.tell(state::notice(level, text));
    }

    fn state(&self) -> String {
        state::of(self)
    }
}

/// What may be saved: the step's files.
fn saves(step: Step) -> Saves {
    let folder = root().join(step.folder(Whose::Learner));
    Saves::of(&folder, step.files(), true)
}

/// A listener on loopback, at a port that no browser refuses.
async fn listener() -> Result<(TcpListener, SocketAddr)> {
    let address = process::free_port();
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("nothing can be served at {address}"))?;
    Ok((listener, address))
}

/// Serves the app at the port that everybody expects. That somebody has it is said, and no reason not to present.
///
/// The step stands in the address: another one may have been at this port before, and a browser would show its page again
/// without a question, for it keeps a file for a while that was not touched for long.
async fn listen_for_others(relay: &Relay, step: Step, port: u16) -> Option<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    match listener.and_then(|it| Ok((it.local_addr()?, it))) {
        Ok((address, listener)) => {
            relay.listen(listener, Window::Other);
            Some(format!("http://{address}/?{}", step.number))
        }
        Err(error) => {
            let why = match error.kind() {
                std::io::ErrorKind::AddrInUse => process::who_has(port),
                _ => error.to_string(),
            };
            show::note(&format!(
                "Nothing is served at port {port}: {why}. The panes have ports of their own."
            ));
            None
        }
    }
}

/// Prints the addresses. They hold the token: whoever has it may drive.
fn say_where(guard: &Guard, app: Option<&str>) {
    let (origin, token) = (guard.origin(), guard.token());
    anstream::println!("Projector:  {origin}/#{token}");
    anstream::println!("Speaker:    {origin}/speaker#{token}");
    if let Some(app) = app {
        anstream::println!("App alone:  {app}");
    }
    anstream::println!("Ctrl-C ends it.");
}
