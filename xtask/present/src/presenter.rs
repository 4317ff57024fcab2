//! The presenter: one loop that takes what happens, from a view, the files or the app, and tells all views how it is. What a
//! view asks for is done in `lesson`.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use checks::Report;
use futures::FutureExt;
use live::walk::{Clock, Desk, Memory, Phase};
use machine::saves::Saves;
use serde_json::Value;
use show::root;
use steps::step::{Step, Whose};
use terminal::slot::{Slot, done};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, interval, sleep_until};

use crate::Arguments;
use crate::app::App;
use crate::ask::Ask;
use crate::check::Checked;
use crate::colour::{self, Colours};
use crate::countdown::Countdown;
use crate::relay::Relay;
use crate::rooms::{Phone, Rooms};
use crate::state;
use crate::views::{Door, FromView, Role, View, Views};
use crate::wire::Log;

/// Frames are sent on in batches: a mouse makes more of them than a screen draws.
const BATCH: Duration = Duration::from_millis(33);

/// The time is written down so often, for a crash takes what was not.
const REMEMBERED: Duration = Duration::from_secs(5);

/// Everything about a step that is presented. Dropping it ends all that it has started.
pub struct Presenter {
    pub(crate) desk: Desk,
    pub(crate) app: App,
    pub(crate) check: Option<Checked>,
    pub(crate) clock: Clock,
    pub(crate) memory: Memory,
    pub(crate) countdown: Option<Countdown>,
    pub(crate) panes: [String; 2],
    pub(crate) address: Option<String>,
    pub(crate) phone: Option<Phone>,
    /// The day; null where nobody has asked for it.
    pub(crate) schedule: Value,
    pub(crate) views: Views,
    pub(crate) colours: Colours,
    /// What was asked for while a build ran, and is done when it ends: the last of it.
    pub(crate) kept: Option<Ask>,
    /// The colours are on their way; until they come, the code is shown without.
    colouring: Slot<Colours>,
    pub(crate) checking: Slot<Report>,
    from_views: mpsc::Receiver<FromView>,
    pub(crate) saves: Saves,
    pub(crate) log: Arc<Log>,
    /// Whether the class was told of the frames what their arguments are.
    has_shapes: bool,
    /// When the next batch of frames may go.
    next_batch: Instant,
    remembering: Interval,
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
    /// It is time to write the time down.
    Remember,
}

impl Presenter {
    /// Sits down at a step, where it was left, and says where to look. No file is touched.
    ///
    /// # Errors
    /// When the walkthrough cannot be read, somebody presents the step already, or there is no port.
    pub async fn at(arguments: &Arguments) -> Result<Presenter> {
        let step = arguments.step;
        let mut desk = Desk::at(step)?;
        let mut memory = Memory::of(step);
        if arguments.anew {
            memory.begin_anew();
        }
        let mut clock = Clock::of(&desk.walk);
        memory.go_on(&mut desk, &mut clock);
        let log = Arc::new(Log::new());
        let relay = Relay::new(log.clone());
        let (door, from_views) = Door::new();
        let rooms = Rooms::open(arguments, &mut memory, &relay, door).await?;
        let texts = colour::texts(&desk.walk);
        let colouring = tokio::task::spawn_blocking(|| Colours::of(texts));
        let colouring = colouring.map(|colours| colours.unwrap_or_default());
        let presenter = Presenter {
            saves: saves(step),
            app: App::new(step, relay),
            desk,
            check: None,
            clock,
            memory,
            countdown: None,
            panes: rooms.panes,
            address: rooms.address,
            phone: rooms.phone,
            schedule: arguments.schedule.clone(),
            colours: Colours::default(),
            colouring: Some(colouring.boxed_local()),
            views: Views::default(),
            kept: None,
            checking: None,
            from_views,
            log,
            has_shapes: false,
            next_batch: Instant::now(),
            remembering: interval(REMEMBERED),
        };
        presenter.remember();
        Ok(presenter)
    }

    /// Presents until it is dropped. The files are built and run as they stand; what goes wrong is shown to the views.
    pub async fn run(&mut self) -> ! {
        self.app.run();
        loop {
            let event = self.next().await;
            self.on(event);
        }
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
            _ = self.remembering.tick() => Event::Remember,
        }
    }

    fn on(&mut self, event: Event) {
        match event {
            Event::Frames => return self.send_frames(),
            Event::Remember if self.clock.runs() => return self.remember(),
            Event::Remember => return,
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
            Event::App => self.do_what_was_kept(),
        }
        self.clock.builds(self.app.is_on_its_way());
        self.tell_all();
    }

    /// Tells every view how it is, each what is for it.
    fn tell_all(&mut self) {
        for role in [Role::Room, Role::Speaker, Role::Phone] {
            if self.views.has(role) {
                let state = state::of(self, role);
                self.views.tell(role, state);
            }
        }
        // What a frame's arguments are may be what the class is to find out.
        if self.shows_shapes() != self.has_shapes {
            self.has_shapes = self.shows_shapes();
            let frames = state::frames_anew(&self.log.taken(), self.has_shapes);
            self.views.tell(Role::Room, frames);
        }
    }

    fn shows_shapes(&self) -> bool {
        self.desk.place().phase == Phase::Verdict
    }

    fn join(&mut self, view: View) {
        self.views.join(view);
        // The others are told that there is one more.
        self.tell_all();
        let (frames, has_shapes) = (self.log.taken(), self.has_shapes);
        self.views.tell_newest(|role| {
            let frames = if role == Role::Room {
                frames
            } else {
                Vec::new()
            };
            state::frames(&frames, has_shapes)
        });
    }

    fn send_frames(&mut self) {
        let new = self.log.take_new();
        self.next_batch = Instant::now() + BATCH;
        let frames = state::frames(&new, self.has_shapes);
        self.views.tell(Role::Room, frames);
    }

    /// Writes down where we are. That it cannot be written is said in the terminal, and no reason to stop.
    pub(crate) fn remember(&self) {
        if let Err(error) = self.memory.save(&self.desk, &self.clock) {
            show::note(&format!("Nothing can be remembered for a crash: {error:#}"));
        }
    }
}

/// What may be saved: the step's files.
pub fn saves(step: Step) -> Saves {
    let folder = root().join(step.folder(Whose::Learner));
    Saves::of(&folder, step.files(), true)
}
