//! A farm while somebody watches it: what the keys do, at a terminal or from a script.

use std::io::BufRead;
use std::time::Duration;

use anyhow::Result;
use browser::{Browser, open};
use farm::running::{Farm, Look};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use machine::exit::Exit;
use terminal::{Key, Terminal};
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::screen;

/// How often there is a new look at the farm.
const TICK: Duration = Duration::from_secs(1);

/// Shows the farm until somebody has enough.
///
/// # Errors
/// When an endpoint cannot be started at all.
pub async fn run(farm: Farm, title: String, is_json: bool, opens: bool) -> Result<Exit> {
    let mut live = Live::new(farm, title, is_json);
    if opens {
        live.open();
    }
    loop {
        let event = live.next().await;
        if let Some(exit) = live.on(event).await? {
            return Ok(exit);
        }
        live.draw();
    }
}

/// What is going on. Dropping it ends the farm, and gives the terminal back.
struct Live {
    farm: Farm,
    look: Look,
    shown: screen::Shown,
    keys: mpsc::UnboundedReceiver<Key>,
    tick: Interval,
    /// The windows that are being opened, and those that are.
    opening: Option<LocalBoxFuture<'static, Result<Option<Browser>>>>,
    windows: Vec<Option<Box<Browser>>>,
    output: Output,
}

/// Where it is shown.
enum Output {
    /// A screen, drawn in place.
    Terminal(Terminal),
    /// A line whenever something changes; the last one.
    Lines(String),
    /// An object a second.
    Json,
}

/// What happens while somebody watches.
enum Event {
    Pressed(Key),
    Trouble(String),
    Opened(Result<Option<Box<Browser>>>),
    Tick,
}

impl Live {
    fn new(farm: Farm, title: String, is_json: bool) -> Live {
        let terminal = (!is_json).then(Terminal::take).flatten();
        let (keys, output) = match terminal {
            Some(terminal) => (terminal::keys(), Output::Terminal(terminal)),
            None if is_json => (typed(), Output::Json),
            None => (typed(), Output::Lines(String::new())),
        };
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let live = Live {
            farm,
            look: Look::default(),
            shown: screen::Shown::of(title),
            keys,
            tick,
            opening: None,
            windows: Vec::new(),
            output,
        };
        if let Output::Lines(_) = live.output {
            show::text(&screen::heading(&live.shown, &live.farm));
        }
        live
    }

    async fn next(&mut self) -> Event {
        tokio::select! {
            biased;
            Some(key) = self.keys.recv() => Event::Pressed(key),
            trouble = self.farm.trouble() => Event::Trouble(trouble),
            windows = opened(&mut self.opening) => Event::Opened(windows.map(|it| it.map(Box::new))),
            _ = self.tick.tick() => Event::Tick,
        }
    }

    async fn on(&mut self, event: Event) -> Result<Option<Exit>> {
        match event {
            Event::Pressed(Key::Interrupt) => return Ok(Some(Exit::Interrupted)),
            Event::Pressed(Key::Letter('q')) => return Ok(Some(Exit::Passed)),
            Event::Pressed(key) => {
                if let Some(said) = self.pressed(key).await {
                    self.say(said);
                }
            }
            Event::Trouble(said) => self.say(said),
            Event::Opened(windows) => {
                self.opening = None;
                match windows {
                    Ok(windows) => self.windows.push(windows),
                    Err(error) => self.say(format!(
                        "No browser could be opened ({error:#}). Open the address in two windows yourself."
                    )),
                }
            }
            Event::Tick => {}
        }
        self.look = self.farm.look().await?;
        self.shown.note_slow(self.look.slow);
        Ok(None)
    }

    /// What a key does, and what is to be said of it.
    async fn pressed(&mut self, key: Key) -> Option<String> {
        let rows = self.look.rows.len();
        let done = match key {
            Key::Letter(digit @ '0'..='9') => {
                let number = digit.to_digit(10).unwrap_or(0) as usize;
                self.shown.chosen = number.clamp(1, rows.max(1));
                self.farm.toggle(number).await
            }
            Key::Up | Key::Down => {
                let chosen = self.shown.chosen;
                let next = if key == Key::Up {
                    chosen.saturating_sub(1)
                } else {
                    chosen + 1
                };
                self.shown.chosen = next.clamp(1, rows.max(1));
                return None;
            }
            Key::Enter => self.farm.toggle(self.shown.chosen).await,
            Key::Letter('n') => self.farm.toggle_nats().await,
            Key::Letter('b') => self.farm.toggle_balancer().await,
            Key::Letter('r') => Ok(self.farm.restart_all()),
            Key::Letter('o') => {
                self.open();
                return None;
            }
            _ => return None,
        };
        Some(done.unwrap_or_else(|error| format!("{error:#}")))
    }

    fn say(&mut self, said: String) {
        match self.output {
            Output::Terminal(_) => self.shown.notice = Some(said),
            Output::Lines(_) => show::text(&said),
            Output::Json => show::note(&said),
        }
    }

    fn open(&mut self) {
        let urls = self.farm.two_addresses().map(|it| format!("http://{it}/"));
        let opening = async move { open::windows([&urls[0], &urls[1]]).await };
        self.opening = Some(opening.boxed_local());
    }

    fn draw(&mut self) {
        match &mut self.output {
            Output::Terminal(terminal) => {
                let (columns, _) = terminal.size();
                let text = screen::text(&self.shown, &self.farm, &self.look, columns);
                terminal.draw(&text);
            }
            Output::Lines(last) => {
                let line = screen::line(&self.farm, &self.look);
                if line != *last {
                    show::text(&line);
                    *last = line;
                }
            }
            Output::Json => show::json(&screen::json(&self.farm, &self.look)),
        }
    }
}

async fn opened<T>(opening: &mut Option<LocalBoxFuture<'static, T>>) -> T {
    match opening {
        Some(opening) => opening.await,
        None => std::future::pending().await,
    }
}

/// The keys that a script types: each letter of each line of the standard input.
fn typed() -> mpsc::UnboundedReceiver<Key> {
    let (send, keys) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            for letter in line.trim().chars() {
                if send.send(Key::Letter(letter.to_ascii_lowercase())).is_err() {
                    return;
                }
            }
        }
    });
    keys
}
