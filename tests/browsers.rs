//! Browsers that the trials share: one for each trial at a time, started when it is first wanted and ended after the last trial.
//!
//! A browser takes a second of both cores to start, and a trial needs two windows of it. Each trial has a context of its own
//! there, which shares nothing with the others'.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context, Result};
use browser::{Browser, Endpoint};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The browsers that nobody uses.
static FREE: Mutex<Vec<Endpoint>> = Mutex::new(Vec::new());
/// The thread that starts them; none before the first is wanted.
static KEEPER: Mutex<Option<Keeper>> = Mutex::new(None);

/// Whoever started a program has to outlive it, so one thread starts all of them and waits for the end of the trials.
struct Keeper {
    wanted: UnboundedSender<Sender<Result<Endpoint>>>,
    thread: JoinHandle<()>,
}

/// A browser for one trial at a time.
pub struct Lent(Option<Endpoint>);

impl Lent {
    /// One that nobody uses, or a new one.
    ///
    /// # Errors
    /// There is no browser here, or it does not start.
    pub fn take() -> Result<Lent> {
        let free = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match free {
            Some(endpoint) => Ok(Lent(Some(endpoint))),
            None => Ok(Lent(Some(another()?))),
        }
    }

    /// Where to reach it.
    pub fn endpoint(&self) -> Option<Endpoint> {
        self.0.clone()
    }

    /// Leaves it to nobody else: something went wrong, and it may be the browser's fault.
    pub fn give_up(mut self) {
        self.0 = None;
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        free.extend(self.0.take());
    }
}

fn another() -> Result<Endpoint> {
    let (answer, answered) = channel();
    {
        let mut keeper = KEEPER.lock().unwrap_or_else(PoisonError::into_inner);
        let keeper = keeper.get_or_insert_with(|| {
            let (wanted, asked) = unbounded_channel();
            let thread = std::thread::spawn(move || keep(asked));
            Keeper { wanted, thread }
        });
        keeper.wanted.send(answer)?;
    }
    answered.recv()?
}

/// Starts a browser whenever one is asked for, and ends them all when nobody can ask any more.
fn keep(mut asked: UnboundedReceiver<Sender<Result<Endpoint>>>) {
    crate::programs::block_on(async {
        let mut browsers = Vec::new();
        while let Some(answer) = asked.recv().await {
            let launched = launch().await;
            let endpoint = launched.and_then(|browser| {
                let endpoint = browser.endpoint().cloned();
                browsers.push(browser);
                endpoint.context("it was launched")
            });
            let _ = answer.send(endpoint);
        }
        for browser in browsers {
            browser.close().await;
        }
    });
}

async fn launch() -> Result<Browser> {
    let path = browser::find()?.context("there is no browser here")?;
    Browser::launch(&path).await
}

/// Ends them all.
pub fn end() {
    let keeper = KEEPER.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(Keeper { wanted, thread }) = keeper {
        drop(wanted);
        let _ = thread.join();
    }
}
