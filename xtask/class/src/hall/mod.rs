//! The hall: one loop that takes what happens, from a learner or a page, and tells whom it concerns. It alone writes the log
//! and changes the register, so nothing here is shared and nothing waits for a lock.
//!
//! What a learner tells is written first and said to be taken afterwards: what a learner's machine was told is safe.

mod learners;
mod pages;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use anyhow::Result;
use live::walk::Taught;
use room::{Hello, Refusal, Up};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval};
use warp::ws::Message;

use crate::ask::Ask;
use crate::entry::{Entry, Happened};
use crate::gate::Gate;
use crate::log::Log;
use crate::papers::Papers;
use crate::register::Register;
use crate::seats::Seats;
use crate::views::Views;

/// How often the pages are told what has changed. A person sees no difference below; a flood of checks costs no more.
const TICK: Duration = Duration::from_millis(100);

/// How often it is looked at what is taught, and what has faded, and the log is synced.
const LOOK: Duration = Duration::from_secs(1);

/// What happens.
pub enum Event {
    /// Somebody says hello.
    Hello {
        /// Who.
        hello: Hello,
        /// From where.
        from: IpAddr,
        /// What is for them.
        queue: mpsc::Sender<Message>,
        /// Whether they may come in: their seat.
        answer: oneshot::Sender<Result<u64, Refused>>,
    },
    /// Somebody in a seat says something. The answer ends the connection.
    Up(u64, Up, oneshot::Sender<Option<Refused>>),
    /// A seat is empty.
    Gone(u64),
    /// A window would like to show a page.
    Enter {
        /// Which, and with which token.
        ask: Ask,
        /// From where.
        from: IpAddr,
        /// What is for it.
        queue: mpsc::Sender<Message>,
        /// Whether it may: its number.
        answer: oneshot::Sender<Result<u64, &'static str>>,
    },
    /// A window asks for something.
    Asked(u64, Ask),
    /// A window is closed.
    Closed(u64),
}

/// Why somebody may not stay.
#[derive(Debug, Clone)]
pub struct Refused {
    /// For a program.
    pub why: Refusal,
    /// For a person.
    pub text: String,
    /// How long they wait to hear it.
    pub hold: Duration,
}

impl Refused {
    fn because<T>(why: Refusal, text: impl Into<String>) -> Result<T, Refused> {
        Err(Refused {
            why,
            text: text.into(),
            hold: Duration::ZERO,
        })
    }
}

/// All of it.
pub struct Hall {
    register: Register,
    log: Log,
    seats: Seats,
    views: Views,
    gate: Gate,
    papers: Papers,
    taught: Option<Taught>,
    /// The learners whose rows the pages do not have yet.
    changed: BTreeSet<u64>,
    /// Whether the pages do not have the numbers yet.
    is_stale: bool,
}

impl Hall {
    /// The hall of this register and its log.
    pub fn new(register: Register, log: Log, papers: Papers) -> Hall {
        Hall {
            register,
            log,
            papers,
            seats: Seats::default(),
            views: Views::default(),
            gate: Gate::default(),
            taught: Taught::read(),
            changed: BTreeSet::new(),
            is_stale: true,
        }
    }

    /// Goes on as long as somebody can say something.
    pub async fn run(mut self, mut events: mpsc::Receiver<Event>) {
        let mut ticks = interval(TICK);
        let mut looks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.on(event),
                    None => return,
                },
                _ = ticks.tick() => self.tell_pages(),
                _ = looks.tick() => self.look(),
            }
        }
    }

    fn on(&mut self, event: Event) {
        match event {
            Event::Hello {
                hello,
                from,
                queue,
                answer,
            } => {
                let seat = self.hello(&hello, from).map(|id| self.seat(id, queue));
                // Whoever is gone meanwhile leaves the seat as well.
                if let Err(Ok(seat)) = answer.send(seat) {
                    self.leave(seat);
                }
            }
            Event::Up(seat, up, answer) => {
                let _ = answer.send(self.up(seat, up).err());
            }
            Event::Gone(seat) => self.leave(seat),
            Event::Enter {
                ask,
                from,
                queue,
                answer,
            } => {
                let view = self.enter(&ask, from, queue);
                if let Err(Ok(view)) = answer.send(view) {
                    self.views.leave(view);
                }
            }
            Event::Asked(view, ask) if self.views.is_instructor(view) => self.asked(view, ask),
            Event::Asked(..) => {}
            Event::Closed(view) => self.views.leave(view),
        }
    }

    /// Something happened: it is written, and then it is so.
    fn happens(&mut self, at: u64, what: Happened) -> Result<(), Refused> {
        let id = match &what {
            Happened::Joined { id, .. }
            | Happened::Noted { id, .. }
            | Happened::Said { id, .. }
            | Happened::Heard { id, .. }
            | Happened::Left { id } => Some(*id),
            Happened::Opened { .. } | Happened::Served { .. } => None,
        };
        let entry = Entry { at, what };
        if let Err(error) = self.log.add(&entry) {
            show::note(&format!("error: {error:#}"));
            return Refused::because(Refusal::Full, "the room cannot write down what it hears");
        }
        self.register.take(&entry);
        self.changed.extend(id);
        self.is_stale = true;
        Ok(())
    }
}
