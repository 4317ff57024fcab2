//! What all tasks share: the log, and who is new. Explained in steps 16 and 17.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use serde_json::Value;
use tokio::sync::Notify;

use crate::client::Client;
use crate::log::Log;
// The backplane, and what waits for it.
use crate::window::{NATS_URL, Window};

/// What all tasks share.
#[derive(Default)]
pub struct Crowd {
    /// What everybody has said, as it goes over the wire.
    pub log: Mutex<Log>,
    /// The browsers that the hub does not know yet.
    pub newcomers: Mutex<Vec<Weak<Client>>>,
    /// Tells the hub that there is something new in the log.
    pub news: Notify,
    // What is for the other endpoints.
    /// What is for the other endpoints.
    pub window: Mutex<Window>,
    /// Tells `publish` that there is something in the window.
    pub waiting: Notify,
}

/// A handle on it, for each task.
pub type Everyone = Arc<Crowd>;

impl Crowd {
    // What is said here goes two ways.
    /// Says something to everybody but the browser that it is from, and puts it aside for the other endpoints.
    pub fn say(&self, from: u64, event: &Value) {
        let text = event.to_string();
        if NATS_URL.is_some() {
            lock(&self.window).add(from, &text);
            self.waiting.notify_one();
        }
        self.tell(from, &text);
    }

    /// Says something to everybody here.
    pub fn tell(&self, from: u64, text: &str) {
        lock(&self.log).push(from, text);
        self.news.notify_one();
    }

    /// Lets a browser hear what is said from now on.
    pub fn join(&self, me: u64, client: &Arc<Client>) {
        // The hub first looks what is new, and then takes the newcomers. While we hold their lock it cannot take them. So a
        // browser that joins before something is said is there when that is written.
        let mut newcomers = lock(&self.newcomers);
        let place = lock(&self.log).end();
        lock(&client.outbox).begin(me, place);
        newcomers.push(Arc::downgrade(client));
    }
}

/// Locks. If a task panics while it holds one of these locks, it leaves nothing half done behind.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
