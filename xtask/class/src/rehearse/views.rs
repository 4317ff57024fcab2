//! The pages of a rehearsal, without a browser: a board that notes when it knew what, and the instructor's rows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::learner::Truth;
use super::room::Room;

/// The rows of the last moment are on their way for so long at most.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads all events of a page until it is dropped.
struct Page(AbortHandle);

impl Page {
    async fn open(
        room: &Room,
        enter: Value,
        mut on: impl FnMut(&Value) + Send + 'static,
    ) -> Result<Page> {
        let mut request = format!("ws://{}/ws", room.desk).into_client_request()?;
        let origin = format!("http://{}", room.desk).parse()?;
        request.headers_mut().insert("origin", origin);
        let (mut socket, _) = connect_async(request).await.context("a page is let in")?;
        socket.send(Message::text(enter.to_string())).await?;
        let reading = async move {
            while let Some(Ok(message)) = socket.next().await {
                if let Message::Text(text) = message
                    && let Ok(event) = serde_json::from_str(&text)
                {
                    on(&event);
                }
            }
        };
        Ok(Page(tokio::spawn(reading).abort_handle()))
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A board: how many lines of the log it was made of, and when.
pub struct Board {
    _page: Page,
    seen: Arc<Mutex<BTreeMap<u64, Instant>>>,
}

impl Board {
    /// Looks from now on.
    pub async fn watch(room: &Room) -> Result<Board> {
        let seen: Arc<Mutex<BTreeMap<u64, Instant>>> = Arc::default();
        let notes = seen.clone();
        let on = move |event: &Value| {
            if let Some(lines) = event[1]["lines"].as_u64() {
                lock(&notes).entry(lines).or_insert_with(Instant::now);
            }
        };
        let page = Page::open(room, json!(["enter", "board"]), on).await?;
        Ok(Board { _page: page, seen })
    }

    /// How long each check took from the learner's hand to the board, shortest first.
    pub fn latencies(&self, told: &[Truth]) -> Vec<Duration> {
        let seen = lock(&self.seen);
        let all = told.iter().flat_map(|it| it.sent.values());
        let late = all.filter_map(|(sent, line)| {
            let (_, shown) = seen.range((*line)?..).next()?;
            Some(shown.saturating_duration_since(*sent))
        });
        let mut late: Vec<Duration> = late.collect();
        late.sort();
        late
    }
}

/// The instructor's rows, by name.
pub struct Rows {
    _page: Page,
    rows: Arc<Mutex<BTreeMap<String, Value>>>,
}

impl Rows {
    /// Looks from now on.
    pub async fn watch(room: &Room) -> Result<Rows> {
        let rows: Arc<Mutex<BTreeMap<String, Value>>> = Arc::default();
        let own = rows.clone();
        let on = move |event: &Value| {
            if event[0] == "rows" {
                for row in event[1].as_array().into_iter().flatten() {
                    let name = row["name"].as_str().unwrap_or_default();
                    lock(&own).insert(name.into(), row.clone());
                }
            }
        };
        let page = Page::open(room, json!(["enter", "instructor", room.token]), on).await?;
        Ok(Rows { _page: page, rows })
    }

    /// What the rows say that is not true, once nothing is on its way any more.
    pub async fn differ_from(&self, told: &[Truth]) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let differ = self.differences(told);
            if differ.is_empty() || Instant::now() > deadline {
                return differ;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    fn differences(&self, told: &[Truth]) -> Vec<String> {
        let rows = lock(&self.rows);
        let differs = |truth: &&Truth| {
            let Some(row) = rows.get(&truth.name) else {
                return true;
            };
            let check = truth.check.as_ref().map(|it| it.json());
            row.get("check") != check.as_ref()
                || row["hand"].is_null() == truth.hand
                || row["left"] != truth.has_left
        };
        let differ = told.iter().filter(differs);
        let sentence = |it: &Truth| {
            let row = rows.get(&it.name).map_or("no row".into(), Value::to_string);
            format!(
                "{}: {:?}, hand {}, left {}; but {row}",
                it.name, it.check, it.hand, it.has_left
            )
        };
        differ.map(sentence).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
