//! The backplane: this endpoint tells the others what happens here, and hears what happens there. Explained in step 17.

// [publish]
use std::mem;
use std::sync::Mutex;
use std::time::SystemTime;

use async_nats::{ConnectOptions, ServerAddr, connection::State};
// [hear]
use futures::StreamExt;
use serde_json::{Value, json};
// [end hear]
use tokio::time::{self, Duration};

use crate::everyone::{Everyone, lock};
// [hear]
use crate::pace::Pace;
use crate::settings::LONGEST;
// [end hear]

/// What the endpoints of a farm talk about. Nothing that a browser sends becomes a part of it, because the subject decides who
/// hears a message.
const SUBJECT: &str = "spy";

/// How often the backplane hears of an endpoint on which something moves. So it carries 100 messages a second for each
/// endpoint, however many browsers move. A browser moves once in 17 ms, so as a rule nothing is left out.
const WINDOW: Duration = Duration::from_millis(10);

/// The longest time between two tries to connect.
const LONGEST_WAIT: Duration = Duration::from_secs(4);

/// Connects this endpoint with the others, as long as it runs.
pub async fn run(address: ServerAddr, everyone: Everyone) {
    let options = ConnectOptions::new()
        // NATS and the endpoints may start in any order. The library makes a lost connection again by itself.
        .retry_on_initial_connect()
        // It tries at once, then less and less often. But a farm is to be whole again within ten seconds.
        .reconnect_delay_callback(|tries| {
            LONGEST_WAIT.min(Duration::from_millis(tries as u64 * 100))
        })
        // By default, 2,048 messages may wait in the library to go out, and 65,536 that have come in. Nobody would want them.
        .client_capacity(4)
        .subscription_capacity(64)
        // [echo]
        // NATS sends a message to every subscriber, and we are one. But our browsers know it already.
        .no_echo()
        // [end echo]
        .event_callback(async |event| said_once(&event.to_string()));
    let client = match options.connect(address).await {
        Ok(client) => client,
        Err(error) => return eprintln!("backplane: {error}"),
    };
    // [hear]
    tokio::join!(publish(&client, &everyone), hear(&client, &everyone));
    // [end hear]
}

/// Prints what has happened to the connection, unless it was printed last. A NATS that refuses us goes on refusing, and must
/// not fill a log.
fn said_once(event: &str) {
    static LAST: Mutex<String> = Mutex::new(String::new());
    let mut last = lock(&LAST);
    if *last != event {
        eprintln!("backplane: {event}");
        event.clone_into(&mut last);
    }
}

/// Tells the other endpoints what happens here: at once if it was quiet, otherwise when the window is over.
async fn publish(client: &async_nats::Client, everyone: &Everyone) {
    loop {
        everyone.waiting.notified().await;
        let window = mem::take(&mut *lock(&everyone.window));
        // Without a connection nobody hears it, and later nobody wants to.
        if client.connection_state() == State::Connected {
            // The first line says when it was. A NATS that hangs keeps the message, and passes it on when it goes on.
            let timed = format!("{}\n{}", now(), window.lines.concat());
            // This may wait for a slow NATS. Then the next window is longer, newer positions take the place of older ones, and
            // what is kept has its limit. An error is one of a moment: the next window is another.
            let _ = client.publish(SUBJECT, timed.into()).await;
        }
        time::sleep(WINDOW).await;
    }
}

/// Milliseconds since 1970. The clocks of a farm agree to a second, because NTP sees to it.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}
// [end publish]

// [hear]
/// How many bytes of the backplane we read in a second: 100,000 positions. A message counts as 512 at least, so we read no more
/// than 8,192 of them, which is what 80 endpoints send.
const MOST_HEARD: u32 = 4 * 1024 * 1024;

/// How many milliseconds old a window may be. After that nobody wants it any more.
const OUTDATED: u64 = 2_000;

/// Tells everybody here what happens at the other endpoints.
async fn hear(client: &async_nats::Client, everyone: &Everyone) {
    let Ok(mut messages) = client.subscribe(SUBJECT).await else {
        return; // The client is gone, and the program with it.
    };
    let mut pace = Pace::new();
    while let Some(message) = messages.next().await {
        // If they come too fast, we read none for a while. The library then keeps 64 messages, and drops the others.
        let bytes = message.payload.len().max(512);
        pace.counts_a_flood(Duration::from_secs(1) * bytes as u32 / MOST_HEARD);
        if let Some(until) = pace.pause() {
            time::sleep_until(until).await;
        }
        let window = String::from_utf8_lossy(&message.payload);
        for (from, event) in told_by(&window) {
            everyone.tell(from, &event.to_string());
        }
    }
}

/// What a window tells, if it is of now. Anybody who reaches NATS can publish anything, so everything else is left out.
fn told_by(window: &str) -> impl Iterator<Item = (u64, Value)> {
    let mut lines = window.lines();
    let made: Option<u64> = lines.next().and_then(|line| line.parse().ok());
    let is_of_now = made.is_some_and(|made| made + OUTDATED >= now());
    let lines = lines.take_while(move |_| is_of_now);
    lines.filter_map(|line| {
        let (from, text) = line.split_once(' ')?;
        Some((from.parse().ok()?, may_be_told(text)?))
    })
}

/// The event in a text, if a browser here can cause it, and may say as much.
fn may_be_told(text: &str) -> Option<Value> {
    if text.len() > LONGEST {
        return None;
    }
    let event: Vec<Value> = serde_json::from_str(text).ok()?;
    match event.as_slice() {
        [name, words @ Value::String(_)] if name == "say" => Some(json!(["say", words])),
        [name, Value::Object(at)] if name == "spy" => {
            let [x, y] = [at.get("x")?, at.get("y")?];
            (x.is_number() && y.is_number()).then(|| json!(["spy", { "x": x, "y": y }]))
        }
        _ => None,
    }
}
// [end hear]
