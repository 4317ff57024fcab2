//! Where everybody is now: the newest position of each browser. Explained in step 15.

// [keep]
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
// [end keep]

// [catch-up]
use tokio::sync::broadcast::Receiver;
// [end catch-up]
// [keep]
use tokio_tungstenite::tungstenite::Message;

use crate::everyone::{Everyone, Relayed};

/// The newest position of each browser, by the browser's number.
static NEWEST: Mutex<BTreeMap<u64, Message>> = Mutex::new(BTreeMap::new());

/// Sends a position to everyone, and keeps it as the newest of its browser.
///
/// Both happen under one lock. Otherwise another task could look between the two, and a browser would hear a position twice,
/// or an older one after a newer one.
pub fn keep_and_send(everyone: &Everyone, position: Relayed) {
    let mut newest = lock();
    newest.insert(position.from, position.message.clone());
    // An error says that nobody listens. But we do, and skip our own.
    let _ = everyone.send(position);
}
// [end keep]

// [catch-up]
/// Where all others are now, for a browser that has missed something. Its channel goes on after these positions, because
/// everything that is still in it is older.
pub fn of_the_others(me: u64, channel: &mut Receiver<Relayed>) -> Vec<Message> {
    let newest = lock();
    // [fresh]
    *channel = channel.resubscribe();
    // [end fresh]
    let others = newest.iter().filter(|(from, _)| **from != me);
    others.map(|(_, position)| position.clone()).collect()
}
// [end catch-up]

// [keep]
/// Forgets the position of a browser that has left, so that nobody sees its mouse any more.
pub fn forget(me: u64) {
    lock().remove(&me);
}

/// Locks the table. If a task panics while it holds the lock, it leaves nothing half done behind.
fn lock() -> MutexGuard<'static, BTreeMap<u64, Message>> {
    NEWEST.lock().unwrap_or_else(PoisonError::into_inner)
}
// [end keep]
