//! What all tasks share: the log, and who is new. Explained in step 16.

// The tasks share a log and the newcomers.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use serde_json::Value;
use tokio::sync::Notify;

use crate::client::Client;
use crate::log::Log;

/// What all tasks share.
#[derive(Default)]
pub struct Crowd {
    /// What everybody has said, as it goes over the wire.
    pub log: Mutex<Log>,
    /// The browsers that the hub does not know yet.
    pub newcomers: Mutex<Vec<Weak<Client>>>,
    /// Tells the hub that there is something new in the log.
    pub news: Notify,
}

/// A handle on it, for each task.
pub type Everyone = Arc<Crowd>;

impl Crowd {
    /// Says something to everybody but the browser that it is from.
    pub fn say(&self, from: u64, event: &Value) {
        lock(&self.log).push(from, event);
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
