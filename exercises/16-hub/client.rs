//! One browser, for the tasks that write to it: the hub, and its own. Explained in step 16.

// A browser, for the two tasks that write to it.
use std::io;
use std::sync::Mutex;

use tokio::net::TcpStream;
use tokio::sync::{Notify, SemaphorePermit};
use tokio::time::{self, Instant};

use crate::everyone::{Everyone, lock};
use crate::hub::News;
use crate::outbox::Outbox;
use crate::settings::SETTINGS;

/// One browser, for the tasks that write to it.
pub struct Client {
    pub socket: TcpStream,
    pub _place: SemaphorePermit<'static>,
    pub everyone: Everyone,
    pub outbox: Mutex<Outbox>,
    /// Tells its own task that the hub has left it behind. That task then writes to it until it has caught up.
    pub left_behind: Notify,
}

impl Client {
    /// Writes what is for this browser alone.
    pub fn answer(&self, bytes: &[u8], is_last: bool) -> io::Result<()> {
        lock(&self.outbox).answer(&self.socket, bytes, is_last)
    }

    /// Waits until it is behind and the network takes more. Fails if the network has taken nothing for too long.
    pub async fn room(&self) -> io::Result<()> {
        loop {
            let behind = lock(&self.outbox).behind;
            let Some(since) = behind else {
                self.left_behind.notified().await;
                continue;
            };
            let writable = time::timeout_at(since + SETTINGS.patience, self.socket.writable());
            // In a box, so that only the browsers that are behind pay for this wait.
            return Box::pin(writable).await?;
        }
    }

    /// Writes more of what it lacks.
    pub fn catch_up(&self) -> io::Result<()> {
        let mut outbox = lock(&self.outbox);
        if outbox.go_on(self)? {
            outbox.behind = None;
        }
        Ok(())
    }

    /// Writes to it what is new, and returns the place up to which it has got the log.
    ///
    /// The hub alone calls this, and waits for nobody. If a browser does not take all of it, the hub leaves it behind.
    pub fn hear(&self, news: &News) -> u64 {
        let mut outbox = lock(&self.outbox);
        // TODO: Write to a browser what is new: the same bytes if it has got everything before them and none is its own, otherwise what it lacks. A browser that is behind is left to its own task.
        let has_all = outbox.take(&self.socket, &news.piece);
        if !has_all.unwrap_or(false) {
            outbox.behind = Some(Instant::now());
            self.left_behind.notify_one();
        }
        outbox.place
    }
}
