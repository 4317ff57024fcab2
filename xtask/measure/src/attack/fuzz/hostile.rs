//! The hostile connections: many places, and each plays one script after the other, on a thread of their own. And the polite
//! ones that are there in their place while it is quiet.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use fastrand::Rng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use wire::frame;

use super::super::raw::Raw;
use super::script::{self, Leaving, Opening, Script};
use super::tricks::{ENDLESS, LOUD, QUIET, Trick};
use crate::load::server::Place;

/// How many connections there are at a time, at most.
pub const PLACES: u64 = 240;
/// So many of them send what never ends, and so many are loud in other ways. More would say how fast this machine is, and not
/// whether the server counts.
const ENDLESSLY: u64 = 2;
const LOUDLY: u64 = 2;
/// So many who only listen are there while it is quiet: what an audience costs is no fault of the server's. They are fewer than
/// the WebSockets among the hostile connections, so that the comparison is a strict one.
const AUDIENCE: u64 = PLACES / 6;
/// How long a last word may take.
const A_MOMENT: Duration = Duration::from_millis(100);

/// The connections. They are gone when this is dropped.
pub struct Connections {
    begun: Arc<AtomicU64>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Connections {
    /// Lets them go: what each of them does, the seed and the round say.
    pub fn go(place: &Place, seed: u64, round: u64) -> io::Result<Connections> {
        const WITH_THE_LOUD: u64 = ENDLESSLY + LOUDLY;
        let begun = Arc::new(AtomicU64::new(0));
        let occupied = (0..PLACES).map(|number| {
            let rng = script::of_place(seed, round, number);
            let tricks = match number {
                0..ENDLESSLY => ENDLESS,
                ENDLESSLY..WITH_THE_LOUD => LOUD,
                _ => QUIET,
            };
            occupy(place.clone(), rng, tricks, begun.clone())
        });
        Connections::on_a_thread(occupied, begun.clone())
    }

    /// Those who only listen.
    pub fn audience(place: &Place) -> io::Result<Connections> {
        let listening = (0..AUDIENCE).map(|_| listen(place.clone()));
        Connections::on_a_thread(listening, Arc::default())
    }

    fn on_a_thread<F: Future<Output = ()> + Send + 'static>(
        all: impl Iterator<Item = F>,
        begun: Arc<AtomicU64>,
    ) -> io::Result<Connections> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        all.for_each(|one| drop(runtime.spawn(one)));
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let _ = runtime.block_on(stopped);
        });
        Ok(Connections {
            begun,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// How many connections there were so far.
    pub fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One script after the other, without end.
async fn occupy(place: Place, mut rng: Rng, tricks: &[Trick], begun: Arc<AtomicU64>) {
    loop {
        let script = Script::draw(&mut rng, tricks, &place);
        sleep(script.after).await;
        begun.fetch_add(1, Ordering::Relaxed);
        // Whatever comes of it: what it does to the others is looked at, and not what becomes of it.
        let _ = play(&place, &script).await;
    }
}

/// Listens, and says now and then that it is there, without end.
async fn listen(place: Place) {
    let script = Script::listener();
    loop {
        let _ = play(&place, &script).await;
        sleep(A_MOMENT).await;
    }
}

async fn play(place: &Place, script: &Script) -> io::Result<()> {
    let until = Instant::now() + script.lasts;
    let mut raw = timeout_at(until, open(place, script)).await??;
    let _ = timeout_at(until, speak(&mut raw, script)).await;
    match script.leaves {
        Leaving::Reset => raw.vanish(),
        Leaving::Closed => {}
        Leaving::Goodbye => {
            timeout(A_MOMENT, raw.say(&frame::whole(8, &1000_u16.to_be_bytes()))).await??
        }
    }
    Ok(())
}

async fn open(place: &Place, script: &Script) -> io::Result<Raw> {
    let raw = match script.is_narrow {
        true => Raw::knock_narrowly(place).await?,
        false => Raw::knock(place).await?,
    };
    match script.opening {
        Opening::Connection => Ok(raw),
        Opening::WebSocket => raw.upgraded(place).await,
    }
}

/// Sends what there is to send, and reads meanwhile, until the server has had enough.
async fn speak(raw: &mut Raw, script: &Script) {
    let (mut reader, mut writer) = raw.stream.split();
    let reading = async {
        let mut buffer = vec![0; 16 * 1024];
        while script.reads && matches!(reader.read(&mut buffer).await, Ok(1..)) {}
        if !script.reads {
            std::future::pending::<()>().await;
        }
    };
    let writing = async {
        let mut is_taken = writer.write_all(&script.first).await.is_ok();
        while is_taken && !script.again.is_empty() {
            if !script.every.is_zero() {
                sleep(script.every).await;
            }
            is_taken = writer.write_all(&script.again).await.is_ok();
        }
        if is_taken {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
}
