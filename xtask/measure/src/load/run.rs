//! One run: connect all, start, let them move, wait for what is still on its way, stop.

use std::time::Duration;

use anyhow::Result;
use farm::nats::Counts;
use machine::interrupt::Stopped;
use machine::{patience, process};
use tokio::time::{Instant, timeout};
use wire::position::Up;

use super::crew::Crew;
use super::job::{Asked, Job};
use super::part::{Part, Phase};
use super::pool::Pool;
use super::progress::Progress;
use super::wire::Wire;
use super::{clock, limits};

/// From the word to the start: all generators have heard it by then.
const RUN_UP: u64 = 100_000_000;
/// How long nothing may come, before what is missing is taken for lost.
const QUIET: Duration = Duration::from_secs(1);
/// How long is waited for what is still on its way, however much goes on coming.
pub const DRAINING: Duration = Duration::from_secs(10);
/// How long a server that drops everybody may take to end.
const ENDING: Duration = Duration::from_secs(1);

/// How a run came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// As it was meant to.
    Whole,
    /// Somebody stopped it.
    Interrupted,
    /// The server's process ended: how, and what it said last.
    ServerEnded(String),
    /// Every connection ended, and the server's process goes on as far as we know.
    NobodyLeft,
    /// There were never two users to hear each other.
    NobodyConnected,
}

/// What went over the backplane in a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backplane {
    /// Messages to it.
    pub came: f64,
    /// Messages from it: one that five others get is five.
    pub went: f64,
    /// The share of a core that it took.
    pub cpu: Option<f64>,
}

/// What a run has measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// What was asked for.
    pub asked: Asked,
    /// How it ended.
    pub ending: Ending,
    /// What the generators have seen.
    pub part: Part,
    /// How many deliveries the moves should have caused.
    pub expected: u64,
    /// How long it was until the last delivery, and no less than what was asked for, in seconds.
    pub seconds: f64,
    /// How many generators there were.
    pub generators: usize,
    /// How many servers there were.
    pub endpoints: usize,
    /// What went over the backplane, where there is one.
    pub backplane: Option<Backplane>,
    /// What the machine had lent to all with all users connected, generators and kernel included, in bytes.
    pub lent: Option<u64>,
    /// How many cores there are for them and the server.
    pub cores: usize,
    /// The server's memory before the first user, in bytes.
    pub at_rest: Option<u64>,
    /// The server's memory with all users connected, in bytes.
    pub connected: Option<u64>,
    /// The server's memory after the last delivery, in bytes.
    pub at_the_end: Option<u64>,
    /// The server's processor time from the start to the last delivery.
    pub cpu: Option<Duration>,
    /// How many cores other programs kept busy meanwhile.
    pub others: Option<f64>,
}

impl Measured {
    /// The deliveries of a second.
    pub fn deliveries_a_second(&self) -> f64 {
        self.part.counts.received as f64 / self.seconds
    }

    /// How many of the deliveries never came.
    pub fn lost(&self) -> u64 {
        self.expected.saturating_sub(self.part.counts.received)
    }

    /// The share of a core that the busiest generator used.
    pub fn busiest_generator(&self) -> f64 {
        self.part.busiest as f64 / 1e9 / self.seconds
    }

    /// The server's memory for each user, in bytes.
    pub fn memory_each(&self) -> Option<f64> {
        let more = self.connected?.saturating_sub(self.at_rest?);
        let users = self.part.counts.connected;
        (users > 0).then(|| more as f64 / users as f64)
    }

    /// How many deliveries the server makes of a second of its processor time.
    pub fn deliveries_a_cpu_second(&self) -> Option<f64> {
        let cpu = self.cpu?.as_secs_f64();
        (cpu > 0.0).then(|| self.part.counts.received as f64 / cpu)
    }

    /// Whether the server did all that was asked of it, within `ticks` for 99 of 100 deliveries.
    pub fn is_held(&self, ticks: u64) -> bool {
        let counts = &self.part.counts;
        let nobody_missing = counts.refused == 0 && counts.ended == 0;
        let all_came = self.ending == Ending::Whole && self.lost() == 0;
        nobody_missing && all_came && self.part.latency.quantile(0.99) <= ticks
    }
}

/// What all runs of a command share.
pub struct Setting<'a> {
    /// The server, or several.
    pub pool: &'a mut Pool,
    /// How they take a move.
    pub up: Up,
    /// How it lays out events.
    pub wire: Wire,
    /// Its memory before the first user, in bytes.
    pub at_rest: Option<u64>,
    /// How many files a process may have open.
    pub files: Option<u64>,
    /// How long is waited for what is still on its way at the end.
    pub draining: Duration,
    /// Whether somebody wants us to end.
    pub stopped: &'a mut Stopped,
    /// Where it is said how far we are.
    pub progress: &'a mut Progress,
}

/// Measures what the server makes of this load.
///
/// # Errors
/// When the load cannot be made. What the server does is no error, whatever it is.
pub async fn measure(asked: Asked, setting: &mut Setting<'_>) -> Result<Measured> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let parts = match asked.in_flight {
        None => limits::generators(&asked, setting.files, cores),
        Some(_) => 1,
    };
    // Two runs at once come from two networks, and the ports of the last run need not be free yet.
    let network = fastrand::u8(1..255);
    let jobs = (0..parts).map(|part| Job {
        asked,
        part,
        parts,
        addresses: setting.pool.addresses(),
        path: setting.pool.first().place.path.clone(),
        up: setting.up,
        wire: setting.wire,
        network,
        patience: Duration::from_secs(5).mul_f64(patience::asked()),
    });
    let free = machine::limits::free_memory();
    let mut run = Run {
        asked,
        free,
        lent: None,
        endpoints: setting.pool.size(),
        messages: None,
        backplane: None,
        crew: Crew::start(jobs).await?,
        started: None,
        connected: None,
        at_the_end: None,
        cpu_before: None,
        cpu: None,
        all_before: None,
        cpu_of_all: None,
        took: Duration::ZERO,
    };
    let ending = run.go_through(setting).await?;
    run.crew.stop().await;
    setting.progress.done();
    Ok(run.measured(ending, cores, setting.at_rest))
}

struct Run {
    asked: Asked,
    crew: Crew,
    /// The memory that was free before the first user.
    free: Option<u64>,
    lent: Option<u64>,
    endpoints: usize,
    messages: Option<(Counts, Option<Duration>)>,
    backplane: Option<Backplane>,
    started: Option<Instant>,
    connected: Option<u64>,
    at_the_end: Option<u64>,
    cpu_before: Option<Duration>,
    cpu: Option<Duration>,
    all_before: Option<Duration>,
    cpu_of_all: Option<Duration>,
    /// From the start until the last of the processor times was read.
    took: Duration,
}

impl Run {
    async fn go_through(&mut self, setting: &mut Setting<'_>) -> Result<Ending> {
        let at_least = |phase| move |part: &Part| part.phase >= phase;
        let connected = self.until(setting, None, at_least(Phase::Ready));
        if let Some(ending) = connected.await? {
            return Ok(ending);
        }
        if self.crew.sum().counts.connected < 2 {
            return Ok(Ending::NobodyConnected);
        }
        let usage = setting.pool.usage();
        self.connected = usage.memory;
        self.lent = (|| self.free?.checked_sub(machine::limits::free_memory()?))();
        self.messages = setting.pool.backplane().await;
        self.cpu_before = usage.cpu;
        self.all_before = process::cpu_time_of_all();
        self.started = Some(Instant::now());
        self.crew.go(clock::now() + RUN_UP).await?;
        let ending = match self.until(setting, None, at_least(Phase::Sent)).await? {
            None => self.drain(setting).await?,
            ending => ending,
        };
        let now = setting.pool.usage();
        self.at_the_end = now.memory;
        let since = |now: Option<Duration>, before: Option<Duration>| now?.checked_sub(before?);
        self.cpu = since(now.cpu, self.cpu_before);
        self.took = self
            .started
            .map_or(Duration::ZERO, |started| started.elapsed());
        let now = setting.pool.backplane().await;
        self.backplane = now.and_then(|now| self.over_the_backplane(now));
        self.cpu_of_all = since(process::cpu_time_of_all(), self.all_before);
        Ok(ending.unwrap_or(Ending::Whole))
    }

    fn over_the_backplane(&self, (now, cpu): (Counts, Option<Duration>)) -> Option<Backplane> {
        let (before, cpu_before) = self.messages?;
        let seconds = self.took.as_secs_f64().max(0.1);
        let each = |before: u64, now: u64| now.saturating_sub(before) as f64 / seconds;
        let cpu = (|| cpu?.checked_sub(cpu_before?))();
        Some(Backplane {
            came: each(before.came, now.came),
            went: each(before.went, now.went),
            cpu: cpu.map(|cpu| cpu.as_secs_f64() / seconds),
        })
    }

    /// Waits for what is still on its way, as long as something comes.
    async fn drain(&mut self, setting: &mut Setting<'_>) -> Result<Option<Ending>> {
        let deadline = Instant::now() + setting.draining;
        loop {
            let received = self.crew.sum().counts.received;
            let all_came = |part: &Part| part.counts.received >= expected(part);
            if all_came(&self.crew.sum()) || Instant::now() > deadline {
                return Ok(None);
            }
            let more_came = move |part: &Part| part.counts.received > received || all_came(part);
            let quiet = QUIET.mul_f64(patience::measured());
            let ending = self.until(setting, Some(quiet), more_came).await?;
            if ending.is_some() || self.crew.sum().counts.received == received {
                return Ok(ending);
            }
        }
    }

    /// Waits until something is true of what the generators have seen, or for as long as this; `None` then. Otherwise why it
    /// will never be true.
    async fn until(
        &mut self,
        setting: &mut Setting<'_>,
        within: Option<Duration>,
        is_true: impl Fn(&Part) -> bool,
    ) -> Result<Option<Ending>> {
        let deadline = within.map(|within| Instant::now() + within);
        loop {
            let part = self.crew.sum();
            setting.progress.show(&self.asked, &part, self.started);
            if is_true(&part) || deadline.is_some_and(|deadline| Instant::now() > deadline) {
                return Ok(None);
            }
            let counts = &part.counts;
            if part.phase > Phase::Connecting
                && counts.connected > 0
                && counts.ended == counts.connected
            {
                // Its end may only be on its way.
                let ended = timeout(ENDING, setting.pool.ended()).await;
                return Ok(Some(ended.map_or(Ending::NobodyLeft, Ending::ServerEnded)));
            }
            tokio::select! {
                news = self.crew.news() => news?,
                how = setting.pool.ended() => return Ok(Some(Ending::ServerEnded(how))),
                () = setting.stopped.wait() => return Ok(Some(Ending::Interrupted)),
            }
        }
    }

    /// How many cores other programs kept busy.
    fn others(&self, part: &Part) -> Option<f64> {
        let all = self.cpu_of_all?.as_secs_f64();
        let ours = self.cpu?.as_secs_f64() + part.counts.cpu as f64 / 1e9;
        Some((all - ours).max(0.0) / self.took.as_secs_f64().max(0.1))
    }

    fn measured(self, ending: Ending, cores: usize, at_rest: Option<u64>) -> Measured {
        let part = self.crew.sum();
        let until_last = (part.last * clock::TICK) as f64 / 1e9;
        let so_far = match (&ending, self.started) {
            (Ending::Whole, _) => f64::from(self.asked.seconds),
            (_, Some(started)) => started
                .elapsed()
                .as_secs_f64()
                .min(self.asked.seconds.into()),
            (_, None) => 0.0,
        };
        Measured {
            asked: self.asked,
            ending,
            expected: expected(&part),
            seconds: until_last.max(so_far).max(0.1),
            generators: self.crew.size(),
            endpoints: self.endpoints,
            backplane: self.backplane,
            lent: self.lent,
            cores,
            at_rest,
            connected: self.connected,
            at_the_end: self.at_the_end,
            cpu: self.cpu,
            others: self.others(&part),
            part,
        }
    }
}

/// How many deliveries all moves should cause: one at every user but the one who moved.
fn expected(part: &Part) -> u64 {
    part.counts.sent * part.counts.connected.saturating_sub(1)
}
