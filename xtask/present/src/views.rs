//! The windows that look: each has a WebSocket, and a queue of its own.
//!
//! The presenter never waits for a view. One that does not read has a full queue soon, and is left to its fate.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use guard::window;
use tokio::sync::{Semaphore, mpsc};
use warp::ws::{Message, WebSocket};

use crate::ask::Ask;

/// So many windows may look. A few are open; a page that opens them by the hundred is a mistake.
const MOST: usize = 16;

/// So many messages may wait for a view.
const QUEUE: usize = 256;

/// The longest message from a view, in bytes: each names at most a stage.
const LONGEST: usize = 1024;

/// What is held in memory of a longer one, before its connection is ended without a word.
pub const LONGEST_HELD: usize = 16 * LONGEST;

/// A view did what the protocol does not allow.
const POLICY: u16 = 1008;
/// Too many views look already.
const TRY_LATER: u16 = 1013;

/// Who looks, and so what is told and what may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The class, at the projector: nothing before its time, and nothing that is for the instructor.
    Room,
    /// The instructor, at this machine.
    Speaker,
    /// The instructor's telephone, in the room's network.
    Phone,
}

impl Role {
    /// Whether a view of this kind may ask for it. The projector stands at the instructor's machine, with all keys.
    fn may(self, ask: Ask) -> bool {
        self != Role::Phone || ask.is_for_a_phone()
    }
}

/// What comes from the views.
pub enum FromView {
    /// Somebody looks.
    Joined(View),
    /// Somebody asks for something.
    Asked(Ask),
    /// Somebody looks no more.
    Left(u64),
}

/// One window that looks.
pub struct View {
    id: u64,
    role: Role,
    queue: mpsc::Sender<Message>,
}

/// All windows that look.
#[derive(Default)]
pub struct Views(Vec<View>);

impl Views {
    /// How many look.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Another one looks.
    pub fn join(&mut self, view: View) {
        self.0.push(view);
    }

    /// Whether anybody of this kind looks.
    pub fn has(&self, role: Role) -> bool {
        self.0.iter().any(|view| view.role == role)
    }

    /// Tells the one that joined last.
    pub fn tell_newest(&self, text: impl FnOnce(Role) -> String) {
        if let Some(view) = self.0.last() {
            // Where its queue is full or gone, the next message finds that out.
            let _ = view.queue.try_send(Message::text(text(view.role)));
        }
    }

    /// One looks no more.
    pub fn leave(&mut self, id: u64) {
        self.0.retain(|view| view.id != id);
    }

    /// Tells those of a kind. A view whose queue is full, or that is gone, is forgotten: its connection ends with its queue.
    pub fn tell(&mut self, role: Role, text: String) {
        let message = Message::text(text);
        self.0
            .retain(|view| view.role != role || view.queue.try_send(message.clone()).is_ok());
    }
}

/// The way from a connection to the presenter.
#[derive(Clone)]
pub struct Door {
    presenter: mpsc::Sender<FromView>,
    seats: Arc<Semaphore>,
}

impl Door {
    /// A door, and what comes through it.
    pub fn new() -> (Door, mpsc::Receiver<FromView>) {
        let (presenter, views) = mpsc::channel(QUEUE);
        let seats = Arc::new(Semaphore::new(MOST));
        (Door { presenter, seats }, views)
    }

    /// One view, from its upgrade to its end.
    pub async fn attend(self, mut socket: WebSocket, role: Role) {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let Ok(_seat) = self.seats.clone().try_acquire_owned() else {
            let why = format!("{MOST} windows are open already: close one");
            return window::close(socket, TRY_LATER, why).await;
        };
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let (queue, inbox) = mpsc::channel(QUEUE);
        self.tell(FromView::Joined(View { id, role, queue })).await;
        let asked = |message: &Message| asked(message, role).map(FromView::Asked);
        let is_polite = window::talk(&mut socket, inbox, &self.presenter, asked).await;
        self.tell(FromView::Left(id)).await;
        if !is_polite {
            window::close(socket, POLICY, "a view may not ask for this").await;
        }
    }

    async fn tell(&self, what: FromView) {
        // It fails only when the presenter is gone, and then so are we.
        let _ = self.presenter.send(what).await;
    }
}

/// What a view of this kind asks for, if it may.
fn asked(message: &Message, role: Role) -> Option<Ask> {
    let text = message.to_str().ok()?;
    let ask = (text.len() <= LONGEST).then(|| Ask::parse(text))?;
    ask.filter(|ask| role.may(*ask))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_that_does_not_read_is_forgotten_and_the_others_hear_all() {
        let mut views = Views::default();
        let mut join = |id| {
            let (queue, inbox) = mpsc::channel(QUEUE);
            let role = Role::Room;
            views.join(View { id, role, queue });
            inbox
        };
        let (mut reads, stuck) = (join(1), join(2));
        for number in 0..2 * QUEUE {
            views.tell(Role::Room, number.to_string());
            let heard = reads.try_recv().expect("it is there at once");
            assert_eq!(heard.to_str(), Ok(number.to_string().as_str()));
        }
        assert_eq!((views.count(), stuck.len()), (1, QUEUE));
        drop(reads);
        views.tell(Role::Room, "nobody".into());
        assert_eq!(views.count(), 0);
    }
}
