//! What a check works with: a process of the program under test, clients, positions, and a transcript of it all.

use std::cell::RefCell;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use futures::future::LocalBoxFuture;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::client::{Client, Heard, Transcript};
use super::report::Failure;
use super::{Context, Diagnosis, Outcome, Stop, start};
use crate::process::Program;

/// How the program under test takes a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Up {
    /// `["spy",12,34]`
    TwoValues,
    /// `["spy",{"x":12,"y":34}]`
    Object,
}

/// A place on a page, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}",
            json!(["spy", { "x": number(self.x), "y": number(self.y) }])
        )
    }
}

impl Position {
    /// The frame that a page sends for it.
    pub fn frame(&self, up: Up) -> String {
        let (x, y) = (number(self.x), number(self.y));
        match up {
            Up::TwoValues => json!(["spy", x, y]).to_string(),
            Up::Object => json!(["spy", { "x": x, "y": y }]).to_string(),
        }
    }

    /// The position in the arguments of a `spy` event: one object with two numbers, whatever else there is.
    pub fn of(arguments: &[Value]) -> Option<Position> {
        let object = arguments.first()?;
        Some(Position {
            x: object.get("x")?.as_f64()?,
            y: object.get("y")?.as_f64()?,
        })
    }
}

/// A number as a browser writes it: 12, not 12.0.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0 {
        json!(value as i64)
    } else {
        json!(value)
    }
}

/// A process of the program under test, for one check alone.
pub struct Scene {
    /// What all checks share.
    pub context: Rc<Context>,
    /// Where the program listens.
    pub address: SocketAddr,
    /// What was said.
    pub transcript: Transcript,
    random: RefCell<fastrand::Rng>,
    program: RefCell<Option<Program>>,
}

/// Runs `check` against a process of its own, and ends the process.
pub async fn with_program(
    id: &str,
    context: Rc<Context>,
    check: fn(Rc<Scene>) -> LocalBoxFuture<'static, Outcome>,
) -> Outcome {
    let owner = context.clone();
    let _permit = owner
        .permits
        .acquire()
        .await
        .expect("the semaphore is never closed");
    let scene = Rc::new(Scene::start(id, context).await?);
    let outcome = check(scene.clone()).await;
    let outcome = match outcome {
        Err(Stop::Failed(failure)) => Err(Stop::Failed(Box::new(scene.explain(*failure).await))),
        outcome => outcome,
    };
    scene.end().await;
    outcome
}

impl Scene {
    /// Starts the program and waits until it accepts.
    ///
    /// # Errors
    /// The failure that explains why it does not.
    pub async fn start(id: &str, context: Rc<Context>) -> Result<Scene, Failure> {
        let (program, address) = start::accepting(&context).await?;
        let mut hasher = DefaultHasher::new();
        (context.options.seed, id).hash(&mut hasher);
        Ok(Scene {
            context,
            address,
            transcript: Transcript::default(),
            random: RefCell::new(fastrand::Rng::with_seed(hasher.finish())),
            program: RefCell::new(Some(program)),
        })
    }

    /// How long to wait for something that a right program does at once.
    pub fn wait(&self) -> Duration {
        Duration::from_secs(2).mul_f64(self.context.patience)
    }

    /// Random numbers, the same for the same seed and check.
    pub fn random<T>(&self, draw: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        draw(&mut self.random.borrow_mut())
    }

    /// A position that cannot be mistaken for another: x and y differ, and neither is small.
    pub fn position(&self) -> Position {
        self.random(|r| Position {
            x: f64::from(r.u32(100..5_000)),
            y: f64::from(r.u32(5_000..10_000)),
        })
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
            Err(_) => format!("no answer, in {}", seconds(self.wait())),
        };
        Err(self
            .failure(otherwise)
            .sent(format!("GET /ws, as a WebSocket, from {name}"))
            .expected("101, and a connection".into())
            .came(came))
    }

    /// Several clients, connected one after the other, each known to the server before this returns.
    ///
    /// # Errors
    /// As [`Scene::client`].
    pub async fn clients<const N: usize>(&self, names: [&str; N]) -> Result<[Client; N], Failure> {
        let mut clients = Vec::new();
        for name in names {
            let mut client = self.client(name, Diagnosis::NoWebSocket).await?;
            client.settle(self.wait()).await;
            clients.push(client);
        }
        Ok(clients
            .try_into()
            .unwrap_or_else(|_| unreachable!("one client for each name")))
    }

    /// Sends a position. That the connection has ended is for what comes next to find.
    pub async fn send(&self, client: &mut Client, position: Position) {
        let _ = client.send(self.frame(position)).await;
    }

    /// The next `spy` event that `client` hears, other events and frames passed over.
    ///
    /// # Errors
    /// [`Heard::Ended`], or [`Heard::Silence`] when none came in time.
    pub async fn next_spy(&self, client: &mut Client) -> Result<Position, Heard> {
        let deadline = Instant::now() + self.wait();
        loop {
            match client
                .hear(deadline.saturating_duration_since(Instant::now()))
                .await
            {
                Heard::Event(name, arguments) if name == "spy" => {
                    if let Some(position) = Position::of(&arguments) {
                        return Ok(position);
                    }
                }
                end @ (Heard::Ended(_) | Heard::Silence) => return Err(end),
                _ => {}
            }
        }
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
        let came = match self.next_spy(client).await {
            Ok(position) if position == expected => return Ok(()),
            Ok(position) => position.to_string(),
            Err(Heard::Ended(how)) => format!("{how}, the connection is gone"),
            Err(_) => self.nothing(),
        };
        Err(self
            .failure(otherwise)
            .expected(format!("{} hears {expected}", client.name))
            .came(came))
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
        let deadline = Instant::now() + Duration::from_millis(100);
        loop {
            let mut program = self
                .program
                .borrow_mut()
                .take()
                .expect("the program is here until the scene ends");
            let explained = start::explanation(&self.context, &mut program);
            *self.program.borrow_mut() = Some(program);
            match explained {
                Some(because) => return because.and_then_seen(failure),
                None if Instant::now() > deadline => return failure,
                None => tokio::task::yield_now().await,
            }
        }
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
