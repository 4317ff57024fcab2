//! Whether a program holds its threads: what it does for some waits or computes without `.await`, and everybody else waits.
//!
//! From outside it looks like this. Several clients are connected at once, and none of them gets even a pong. Meanwhile a
//! request that has nothing to do with them gets no answer either. A right program has answered all of it before a person
//! could notice, so this costs it nothing.

use std::cell::Cell;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use wire::client::{Client, Heard, QUESTION};
use wire::http::request;
use wire::transcript::Transcript;

use crate::report::Failure;
use crate::scene::seconds;
use crate::{Diagnosis, Scene, SourceLine};

/// So often it is looked before a program is said to hold its threads: a busy machine holds a program up, too, now and then.
const LOOKS: usize = 3;
/// So often each client sends what the step answers. One task goes on with what is there, so short waits add up.
const OFTEN: usize = 8;
/// What learners write that holds a thread.
const SLEEP: &str = "thread::sleep";

impl Scene {
    /// An answer that is not there by then is late: a right program answers in a hundredth of it.
    fn late(&self) -> Duration {
        self.wait() / 5
    }

    /// More clients than the program has threads.
    fn crowd(&self) -> usize {
        std::thread::available_parallelism().map_or(1, usize::from) + 2
    }

    /// Holds that several clients who are served at once leave room for somebody else.
    ///
    /// # Errors
    /// A failure that names what holds the threads.
    pub async fn holds_no_thread(&self) -> Result<(), Failure> {
        let events = self.events(false);
        match self.is_held(|| self.holds_up(&events)).await {
            Some(worked) => Err(self.held(
                worked,
                "clients connect at once, and send what the step answers",
            )),
            None => Ok(()),
        }
    }

    /// The same failure, or that the program holds its threads, where somebody has waited in vain and that is why.
    pub async fn or_held(&self, failure: Failure) -> Failure {
        let has_gone = matches!(
            failure.diagnosis,
            Diagnosis::READS_ON_AFTER_THE_END
                | Diagnosis::LEAVER_BREAKS_OTHERS
                | Diagnosis::STUCK_CLIENT_STALLS
                | Diagnosis::HOLDS_ITS_THREAD
        );
        if has_gone || self.is_guarded() {
            return failure;
        }
        let asked = self.asked_in_vain.borrow().clone();
        let (worked, done) = if let Some(target) = asked {
            let worked = self
                .is_held(|| self.is_starved(&target, self.crowd() * 2))
                .await;
            let alone = worked.is_some() && self.is_starved(&target, 1).await;
            let is_busy = worked
                .flatten()
                .is_some_and(|worked| worked > self.late() / 2);
            // A server that serves one after the other keeps others waiting as well, and holds no thread.
            let worked = worked.filter(|_| !alone || is_busy || self.context.mentions(SLEEP));
            (worked, format!("requests for {target} at once"))
        } else if self.has_waited.get() && self.upgrades() {
            let events = self.events(true);
            let worked = self.is_held(|| self.holds_up(&events)).await;
            (
                worked,
                "clients connect at once, and send what the step answers".into(),
            )
        } else {
            return failure;
        };
        match worked {
            Some(worked) => self.held(worked, &done),
            None => failure,
        }
    }

    fn held(&self, worked: Option<Duration>, done: &str) -> Failure {
        let doing = match worked {
            Some(worked) if worked > self.late() / 2 => format!(
                "; the program worked for {} meanwhile: it computes or loops",
                seconds(worked)
            ),
            Some(_) => "; the program used next to no processor time meanwhile: it waits".into(),
            None => String::new(),
        };
        let (place, sleeps) = match self.context.line_with(SLEEP) {
            Some(SourceLine { file, line, place }) => (
                Some(place),
                format!(". Line {line} of {file} calls std::thread::sleep"),
            ),
            None => (None, String::new()),
        };
        self.failure(Diagnosis::HOLDS_ITS_THREAD)
            .sent(format!("{done}; meanwhile somebody else asks for a path"))
            .expected("they are all answered, at once".into())
            .came(format!(
                "no answer to anybody, in {}{doing}{sleeps}",
                seconds(self.late())
            ))
            .place(place)
    }

    /// Whether this look finds the program held up, again and again, and the processor time that it used the last time. In
    /// between somebody alone is answered soon, unless the program is held up for good.
    async fn is_held(&self, look: impl AsyncFn() -> bool) -> Option<Option<Duration>> {
        let mut worked = None;
        let looks = if self.is_in_haste() { 2 } else { LOOKS };
        for _ in 0..looks {
            let before = self.cpu_time();
            if !look().await {
                return None;
            }
            let used = self.cpu_time().zip(before);
            worked = used.map(|(now, before)| now.saturating_sub(before));
            if !self.recovers().await {
                break;
            }
        }
        Some(worked)
    }

    /// Whether somebody alone is answered at once, sooner or later.
    async fn recovers(&self) -> bool {
        let soon = async { while !self.is_answered(self.late() / 4).await {} };
        timeout(self.wait(), soon).await.is_ok()
    }

    /// Whether a request that has nothing to do with anybody else gets an answer, whatever it is.
    async fn is_answered(&self, within: Duration) -> bool {
        let target = if self.upgrades() {
            "/ws"
        } else {
            "/nothing-is-here"
        };
        let asking = request(self.address, "GET", target, &[]);
        timeout(within, asking).await.is_ok()
    }

    /// Whether somebody gets no answer while so many others ask for `target`.
    async fn is_starved(&self, target: &str, others: usize) -> bool {
        let asking = (0..others).map(|_| request(self.address, "GET", target, &[]));
        let asking = join_all(asking).map(|_| true);
        let watching = async {
            // They have asked before.
            tokio::task::yield_now().await;
            let started = Instant::now();
            while started.elapsed() < self.late() {
                if !self.is_answered(self.late()).await {
                    return true;
                }
            }
            false
        };
        tokio::select! {
            starved = watching => starved,
            _ = asking => false,
        }
    }

    /// Whether several clients that send these frames get not even a pong, and somebody else no answer.
    async fn holds_up(&self, frames: &[Message]) -> bool {
        let last_pong = Cell::new(None);
        let clients = (0..self.crowd()).map(|_| self.pings_at_last(frames, &last_pong));
        let served = join_all(clients).map(|clients| (false, clients));
        let watching = async {
            let started = Instant::now();
            while started.elapsed() < self.late() * 2 {
                let asked = Instant::now();
                if !self.is_answered(self.late()).await {
                    return last_pong.get().is_none_or(|pong| pong < asked);
                }
            }
            false
        };
        tokio::select! {
            is_held = watching => is_held,
            (is_held, _clients) = served => is_held,
        }
    }

    /// Sends these frames, then a ping, and notes when the pong came. The client stays.
    async fn pings_at_last(
        &self,
        frames: &[Message],
        last_pong: &Cell<Option<Instant>>,
    ) -> Option<Client> {
        // What all of them say is nobody's to read.
        let unread = Transcript::default();
        let connecting = Client::connect("one of many", self.address, &unread);
        let mut client = connecting.await.ok()?;
        for frame in frames {
            client.queue(frame.clone()).await.ok()?;
        }
        client.queue(Message::Ping("there?".into())).await.ok()?;
        client.flush().await.ok()?;
        loop {
            match client.hear(self.wait()).await {
                Heard::Pong(_) => break,
                Heard::Ended(_) | Heard::Silence => return None,
                _ => {}
            }
        }
        last_pong.set(Some(Instant::now()));
        Some(client)
    }

    /// What the step at hand answers or passes on; and where `all` is asked for, what it does not.
    fn events(&self, all: bool) -> Vec<Message> {
        let step = self.context.subject.step.number;
        let known = [
            (5, QUESTION),
            (7, r#"["online"]"#),
            (8, r#"["say","anybody there?"]"#),
            (10, r#"["spy",1,2]"#),
        ];
        let known = known.into_iter().filter(|(since, _)| *since <= step);
        let unknown = [r#"["hum"]"#, "no event"].into_iter().filter(|_| all);
        let texts = known.map(|(_, text)| text).chain(unknown);
        let once: Vec<Message> = texts.map(Message::text).collect();
        std::iter::repeat_n(once, OFTEN).flatten().collect()
    }
}

diagnoses! {
    HOLDS_ITS_THREAD "holds-its-thread":
        "What the program does for one client blocks a thread, and all tasks share a few threads. When a few clients come at once, nobody else is served, not even a request that has nothing to do with them. A blocking call does that, such as std::thread::sleep or a blocking read, and so does a loop or a computation without an .await. So does a line that waits for a std lock which it holds itself."
        => "Look at what waits or computes without .await, at the place above if there is one. tokio has a sleep of its own that is awaited, and so are its channels and its reads. A long computation belongs on a thread of its own.";
    LEAVER_BREAKS_OTHERS "leaver-breaks-others":
        "After one client has gone, the others hear nothing more: the way in which it left, or its entry in the list, stops the others."
        => "Treat a close, an error and the end of the stream alike, and let a failed send to one client never end another's task.";
}
