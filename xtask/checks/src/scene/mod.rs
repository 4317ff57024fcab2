//! What a check works with: a process of the program under test, clients, positions, and a transcript of it all.

pub(crate) mod explain;
pub(crate) mod held;
pub(crate) mod instead;
pub(crate) mod slow;
pub(crate) mod start;
pub(crate) mod unasked;
pub(crate) mod warned;

use std::cell::{Cell, RefCell};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use futures::future::LocalBoxFuture;
use machine::process::{self, Exit, Files, Program};
use machine::waiting::until;
use steps::step::{Ability, since};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use wire::client::{Client, Heard};
use wire::position::{Event, Made, Position, Up};
use wire::transcript::Transcript;

use crate::report::Failure;
use crate::scene::instead::Instead;
use crate::scene::slow::{LAST, in_time, is_busier};
use crate::{Check, Context, Diagnosis, Outcome, PROGRAMS, Stop};

/// A process of the program under test, for one check alone.
pub struct Scene {
    /// What all checks share.
    pub context: Rc<Context>,
    /// Where the program listens.
    pub address: SocketAddr,
    /// What was said.
    pub transcript: Transcript,
    /// What carries the positions of this check.
    pub event: Cell<Event>,
    /// The positions that this check may send. A program may send others, which nobody has asked for.
    made: Made,
    /// The last position that came and that nobody here has made.
    strange: Cell<Option<Position>>,
    /// How many messages the clients of this check have heard.
    pub heard: Cell<u32>,
    /// Whether a client of this check has waited in vain.
    pub has_waited: Cell<bool>,
    /// The part of the usual time that this check waits.
    haste: f64,
    /// What was asked for and not answered in time.
    pub asked_in_vain: RefCell<Option<String>>,
    random: RefCell<fastrand::Rng>,
    program: RefCell<Option<Program>>,
}

impl Scene {
    /// Ends the program at once.
    pub fn drop_program(&self) {
        drop(self.program.take());
    }
}

/// Runs a check against a process of its own, and ends the process.
pub async fn with_program(
    check: &Check,
    context: Rc<Context>,
    run: fn(Rc<Scene>) -> LocalBoxFuture<'static, Outcome>,
) -> Outcome {
    let owner = context.clone();
    // Thousands of connections of one check would keep the others from being answered in time.
    let permits = if check.since >= since(Ability::OwnUpgrade) {
        PROGRAMS as u32
    } else {
        1
    };
    let _permits = owner
        .permits
        .acquire_many(permits)
        .await
        .expect("the semaphore is never closed");
    let Some(cause) = owner.options.failed_before(check.id) else {
        return at_pace(1.0, check, context, run).await;
    };
    let haste = if context.is_as_before() {
        SAME
    } else {
        CHANGED
    };
    // The same mistake once more shows itself soon. Anything else is asked for again, with the usual time.
    match at_pace(haste, check, context.clone(), run).await {
        Err(Stop::Failed(failure))
            if warned::explained(*failure.clone(), &context).id() != cause
                || is_busier(&context) =>
        {
            at_pace(1.0, check, context, run).await
        }
        outcome => outcome,
    }
}

/// The part of the usual time that a check waits which failed before, of the very same program.
const SAME: f64 = 0.4;

/// The same, of a program that has changed since: it may be right by now.
const CHANGED: f64 = 0.6;

async fn at_pace(
    haste: f64,
    check: &Check,
    context: Rc<Context>,
    run: fn(Rc<Scene>) -> LocalBoxFuture<'static, Outcome>,
) -> Outcome {
    let before = context.options.failed_before(check.id).map(str::to_owned);
    let scene = Scene::start(check.id, check.settings, context).await?;
    let scene = Rc::new(Scene { haste, ..scene });
    // With the guard come checks that let PATIENCE pass.
    let waits = match before.as_deref() {
        _ if scene.is_guarded() => LAST,
        Some(cause) if cause == Diagnosis::TOO_SLOW.id() && scene.is_in_haste() => 2,
        _ => 6,
    };
    let outcome = in_time(&scene, waits, run(scene.clone())).await;
    let outcome = match outcome {
        Err(Stop::Failed(failure)) => {
            let failure = match before.as_deref() == Some(failure.id()) {
                true => *failure,
                false => scene.or_held(*failure).await,
            };
            Err(Stop::Failed(Box::new(scene.explain(failure).await)))
        }
        outcome => {
            scene.note_a_panic();
            outcome
        }
    };
    scene.end().await;
    outcome
}

impl Scene {
    fn note_a_panic(&self) {
        let program = self.program.borrow();
        let program = program.as_ref();
        if let Some(what) = program.and_then(|it| explain::unnoticed(&self.context, it)) {
            self.context.note_a_panic(what);
        }
    }
}

impl Scene {
    /// Starts the program and waits until it accepts.
    ///
    /// # Errors
    /// The failure that explains why it does not.
    pub async fn start(
        id: &str,
        settings: &[(&str, &str)],
        context: Rc<Context>,
    ) -> Result<Scene, Failure> {
        Scene::start_with_files(id, settings, None, context).await
    }

    /// The same, where the system lends it only so many files.
    ///
    /// # Errors
    /// As [`Scene::start`].
    pub async fn start_with_files(
        id: &str,
        settings: &[(&str, &str)],
        files: Option<Files>,
        context: Rc<Context>,
    ) -> Result<Scene, Failure> {
        let (program, address) = start::accepting(&context, settings, files).await?;
        let mut hasher = DefaultHasher::new();
        (context.options.seed, id).hash(&mut hasher);
        Ok(Scene {
            context,
            address,
            transcript: Transcript::default(),
            event: Cell::new(Event::Spy),
            made: Made::default(),
            strange: Cell::new(None),
            heard: Cell::new(0),
            has_waited: Cell::new(false),
            haste: 1.0,
            asked_in_vain: RefCell::default(),
            random: RefCell::new(fastrand::Rng::with_seed(hasher.finish())),
            program: RefCell::new(Some(program)),
        })
    }

    /// A place to connect to whose programs are somebody else's to end, with what was said elsewhere in the same transcript.
    pub fn elsewhere(
        id: &str,
        context: Rc<Context>,
        address: SocketAddr,
        transcript: Transcript,
    ) -> Scene {
        let mut hasher = DefaultHasher::new();
        (context.options.seed, id, address).hash(&mut hasher);
        Scene {
            context,
            address,
            transcript,
            event: Cell::new(Event::Spy),
            made: Made::default(),
            strange: Cell::new(None),
            heard: Cell::new(0),
            has_waited: Cell::new(false),
            haste: 1.0,
            asked_in_vain: RefCell::default(),
            random: RefCell::new(fastrand::Rng::with_seed(hasher.finish())),
            program: RefCell::new(None),
        }
    }

    /// The same place, where positions that were made elsewhere are this check's as well.
    pub fn knows(self, made: Made) -> Scene {
        Scene { made, ..self }
    }

    /// How long to wait for something that a right program does at once.
    pub fn wait(&self) -> Duration {
        Duration::from_secs(2).mul_f64(self.context.patience * self.haste)
    }

    /// Whether this check only looks whether the program fails as it did before.
    pub fn is_in_haste(&self) -> bool {
        self.haste < 1.0
    }

    /// Random numbers, the same for the same seed and check.
    pub fn random<T>(&self, draw: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        draw(&mut self.random.borrow_mut())
    }

    /// A position that cannot be mistaken for another: x and y differ, and neither is small.
    pub fn position(&self) -> Position {
        let (x, y) = self.random(|r| (r.u32(100..5_000), r.u32(5_000..10_000)));
        self.at(f64::from(x), f64::from(y))
    }

    /// A position that travels as this scene's event.
    pub fn at(&self, x: f64, y: f64) -> Position {
        let event = self.event.get();
        let position = Position { event, x, y };
        self.made.note(position);
        position
    }

    /// The same scene, in which what is relayed is what somebody says.
    pub fn saying(self: Rc<Scene>) -> Rc<Scene> {
        self.event.set(Event::Say);
        self
    }

    /// The frame that this program takes for a position.
    pub fn frame(&self, position: Position) -> String {
        position.frame(*self.context.up.get().unwrap_or(&Up::TwoValues))
    }

    /// A connected client.
    ///
    /// # Errors
    /// A failure with `otherwise` as its cause, when the program does not take it in time.
    pub async fn client(&self, name: &str, otherwise: Diagnosis) -> Result<Client, Failure> {
        let connecting = Client::connect(name, self.address, &self.transcript);
        let came = match tokio::time::timeout(self.wait(), connecting).await {
            Ok(Ok(client)) => return Ok(client),
            Ok(Err(why)) => why,
            Err(_) => {
                self.has_waited.set(true);
                format!("no answer, in {}", seconds(self.wait()))
            }
        };
        Err(self
            .failure(otherwise)
            .sent(format!("GET /ws, as a WebSocket, from {name}"))
            .expected("101, and a connection".into())
            .came(came))
    }

    /// A connected client that the server's own code has begun to read.
    ///
    /// # Errors
    /// As [`Scene::client`].
    pub async fn settled_client(&self, name: &str) -> Result<Client, Failure> {
        let mut client = self.client(name, Diagnosis::NO_WEB_SOCKET).await?;
        if !self.context.is_mute.get() {
            if client.settle(self.wait()).await {
                return Ok(client);
            }
            // A server that answers no ping is another check's find: from here on it is asked for something else. And the
            // ping may have ended the connection.
            self.context.is_mute.set(true);
            client = self.client(name, Diagnosis::NO_WEB_SOCKET).await?;
        }
        client.settle_by_event(self.wait()).await;
        Ok(client)
    }

    /// Several clients, connected one after the other, and settled.
    ///
    /// # Errors
    /// As [`Scene::client`].
    pub async fn clients<const N: usize>(&self, names: [&str; N]) -> Result<[Client; N], Failure> {
        let mut clients = Vec::new();
        for name in names {
            clients.push(self.settled_client(name).await?);
        }
        Ok(clients
            .try_into()
            .unwrap_or_else(|_| unreachable!("one client for each name")))
    }

    /// Sends a position. That the connection has ended is for what comes next to find.
    pub async fn send(&self, client: &mut Client, position: Position) {
        let _ = client.send(self.frame(position)).await;
    }

    /// The first that `look` finds in what `client` hears.
    ///
    /// # Errors
    /// In words, that the connection ended, or that nothing of the kind came in time.
    pub async fn hear<T>(
        &self,
        client: &mut Client,
        look: impl FnMut(&Heard) -> Option<T>,
    ) -> Result<T, String> {
        let heard = self.look_for(client, look).await;
        heard.map_err(|instead| instead.to_string())
    }

    /// As [`Scene::hear`], for a check that asks what came in place of what it looked for.
    ///
    /// # Errors
    /// All that came instead.
    pub async fn look_for<T>(
        &self,
        client: &mut Client,
        mut look: impl FnMut(&Heard) -> Option<T>,
    ) -> Result<T, Instead> {
        let deadline = Instant::now() + self.wait();
        let mut instead = Instead::new(self.wait(), self.speaks_events());
        loop {
            let rest = deadline.saturating_duration_since(Instant::now());
            let heard = client.hear(rest).await;
            if let Heard::Event(..) | Heard::Text(_) | Heard::Binary(_) = heard {
                self.heard.update(|heard| heard + 1);
            }
            if let Some(found) = look(&heard) {
                return Ok(found);
            }
            self.has_waited
                .set(self.has_waited.get() || heard == Heard::Silence);
            if instead.note(heard) {
                return Err(instead);
            }
        }
    }

    /// The next text or binary frame that `client` hears, as it came; pings and pongs are passed over.
    ///
    /// # Errors
    /// As [`Scene::hear`].
    pub async fn next_message(&self, client: &mut Client) -> Result<Message, String> {
        let deadline = Instant::now() + self.wait();
        let mut instead = Instead::new(self.wait(), false);
        loop {
            let rest = deadline.saturating_duration_since(Instant::now());
            let heard = match client.hear_frame(rest).await {
                Ok(frame) if frame.is_text() || frame.is_binary() => {
                    self.heard.update(|heard| heard + 1);
                    return Ok(frame);
                }
                Ok(frame) => Heard::of(frame),
                Err(heard) => heard,
            };
            self.has_waited
                .set(self.has_waited.get() || heard == Heard::Silence);
            if instead.note(heard) {
                return Err(instead.to_string());
            }
        }
    }

    /// The next position of this check that `client` hears, other events and frames passed over.
    ///
    /// # Errors
    /// As [`Scene::hear`].
    pub async fn next_position(&self, client: &mut Client) -> Result<Position, String> {
        let relayed = |heard: &Heard| self.own_position(heard);
        self.hear(client, relayed).await
    }

    /// The position in a frame, where it is one of this check.
    pub fn own_position(&self, heard: &Heard) -> Option<Position> {
        let position = heard.position()?;
        let is_own = self.made.holds(position);
        if position.event == self.event.get() && !is_own {
            self.strange.set(Some(position));
        }
        (position.event == self.event.get() && is_own).then_some(position)
    }

    /// The last position that came in place of one of this check: another program's, or one of ours that was changed.
    pub fn strange_position(&self) -> Option<Position> {
        self.strange.get()
    }

    /// Holds that the next position that `client` hears is `expected`.
    ///
    /// # Errors
    /// A failure with `otherwise` as its cause.
    pub async fn expect(
        &self,
        client: &mut Client,
        expected: Position,
        otherwise: Diagnosis,
    ) -> Result<(), Failure> {
        let came = match self.next_position(client).await {
            Ok(position) if position == expected => return Ok(()),
            Ok(position) => position.to_string(),
            Err(why) => why,
        };
        Err(self
            .failure(otherwise)
            .due(&client.name, expected.to_string())
            .expected(format!("{} hears {expected}", client.name))
            .came(came))
    }

    /// Holds that `client` hears `expected`, whatever it hears before: that is for other checks to judge.
    ///
    /// # Errors
    /// A failure with `otherwise` as its cause.
    pub async fn expect_at_last(
        &self,
        client: &mut Client,
        expected: Position,
        otherwise: Diagnosis,
    ) -> Result<(), Failure> {
        let is_it = |heard: &Heard| (heard.position() == Some(expected)).then_some(());
        let heard = self.hear(client, is_it).await;
        heard.map_err(|why| {
            self.failure(otherwise)
                .missing(&client.name, expected.to_string())
                .expected(format!("{} hears {expected}", client.name))
                .came(why)
        })
    }

    /// A failure that shows what was said so far.
    pub fn failure(&self, diagnosis: Diagnosis) -> Failure {
        Failure::new(diagnosis).transcript(self.transcript.clone())
    }

    /// How to say that nothing came.
    pub fn nothing(&self) -> String {
        format!("nothing, in {}", seconds(self.wait()))
    }

    /// What the program printed, and what became of it, where that explains the failure better than what clients saw.
    pub async fn explain(&self, failure: Failure) -> Failure {
        // What a program prints takes a moment to come through its pipe; its end, a moment to be noticed.
        const A_MOMENT: Duration = Duration::from_millis(100);
        let explained = until(A_MOMENT, async || {
            match self.program.borrow_mut().as_mut() {
                Some(program) => explain::explanation(&self.context, program).map(Some),
                // A check may have ended it itself.
                None => Some(None),
            }
        });
        match explained.await.flatten() {
            Some(because) => because.and_then_seen(failure),
            None => failure,
        }
    }

    /// Whether the program's step has this.
    pub fn has(&self, ability: Ability) -> bool {
        self.context.subject.step.has(ability)
    }

    /// Whether the program takes WebSockets.
    pub fn upgrades(&self) -> bool {
        self.has(Ability::Upgrade)
    }

    /// Whether the program answers events, and no longer what comes with itself.
    pub fn speaks_events(&self) -> bool {
        self.has(Ability::Events)
    }

    /// Whether the program takes messages of 4 KiB at most, and ends a connection with a reason.
    pub fn is_guarded(&self) -> bool {
        self.has(Ability::Patience)
    }

    /// Whether the program takes the upgrade to a WebSocket from warp, and answers it itself.
    pub fn owns_its_upgrades(&self) -> bool {
        self.has(Ability::OwnUpgrade)
    }

    /// So many events a client may send at once, and is neither slowed nor ended for it; no more than `most`.
    pub fn burst(&self, most: u32) -> u32 {
        // A second's worth is 120, and what a client sends to settle counts as well.
        if self.has(Ability::Pace) {
            most.min(100)
        } else {
            most
        }
    }

    /// The processor time that the program has used, where that is known.
    pub fn cpu_time(&self) -> Option<Duration> {
        self.program.borrow().as_ref()?.cpu_time()
    }

    /// The memory that the program holds, in bytes, where that is known.
    pub fn memory(&self) -> Option<u64> {
        process::usage(self.program.borrow().as_ref()?.id()).memory
    }

    /// How many files the program has open, connections among them, where that is known.
    pub fn files(&self) -> Option<usize> {
        process::files(self.program.borrow().as_ref()?.id())
    }

    /// Tells the program what Ctrl-C would; whether that is possible is returned.
    pub fn interrupt(&self) -> bool {
        let program = self.program.borrow();
        program.as_ref().is_some_and(Program::interrupt)
    }

    /// How the program ended, if it does before `within` has passed.
    pub async fn exited(&self, within: Duration) -> Option<Exit> {
        let mut program = self.program.take()?;
        let exit = tokio::time::timeout(within, program.exited()).await.ok();
        self.program.replace(Some(program));
        exit
    }

    /// Ends the program and all that it started.
    pub async fn end(&self) {
        let program = self.program.borrow_mut().take();
        if let Some(program) = program {
            program.kill().await;
        }
    }
}

/// A duration, for a person: `2 s`, `0.4 s`.
pub fn seconds(duration: Duration) -> String {
    let tenths = (duration.as_secs_f64() * 10.0).round() / 10.0;
    format!("{tenths} s")
}
