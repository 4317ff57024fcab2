//! The DevTools protocol: commands and events as JSON, for the browser and all its pages, over one WebSocket.
//!
//! One task owns the socket. It sends what commands ask for, hands each answer to the command that waits for it, and each
//! event to the journal of its page.
//! It deliberately gives no types to commands and answers: the few that we use are read where they are used.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::journal::Journal;
use super::launch::Endpoint;
use super::patient;

/// The number of no command: its answer is thrown away.
const UNASKED: u64 = 0;

/// A connection to the browser, for as many users as like to share it.
#[derive(Clone)]
pub(super) struct Connection {
    // The task ends, and the socket with it, when the last of these has been dropped.
    outgoing: mpsc::UnboundedSender<String>,
    state: Arc<State>,
}

/// What the task and the commands share. The locks are std's: nobody awaits while holding one.
#[derive(Default)]
struct State {
    last_id: AtomicU64,
    /// The commands that wait for an answer; `None` once the connection has ended, so that none waits in vain.
    pending: Mutex<Option<HashMap<u64, Pending>>>,
    journals: Mutex<HashMap<String, Arc<Journal>>>,
}

struct Pending {
    session: Option<String>,
    answer: oneshot::Sender<Value>,
}

impl Connection {
    /// Connects to the browser. No proxy can come between: the address is 127.0.0.1, and the connection a plain one.
    pub(super) async fn open(endpoint: &Endpoint) -> anyhow::Result<Connection> {
        let url = format!("ws://127.0.0.1:{}{}", endpoint.port, endpoint.path);
        // A screenshot, or what a page prints, may be longer than the default limits.
        let config = WebSocketConfig::default()
            .max_message_size(None)
            .max_frame_size(None);
        let connect = async {
            let stream = TcpStream::connect(("127.0.0.1", endpoint.port)).await?;
            stream.set_nodelay(true)?;
            anyhow::Ok(client_async_with_config(url, stream, Some(config)).await?)
        };
        let (socket, _) = tokio::time::timeout(patient(10.0), connect)
            .await
            .context("its DevTools port does not answer")??;

        let (outgoing, commands) = mpsc::unbounded_channel();
        let state = Arc::new(State::default());
        *lock(&state.pending) = Some(HashMap::new());
        tokio::spawn(carry(socket, commands, Arc::clone(&state)));
        Ok(Connection { outgoing, state })
    }

    /// Sends a command to the browser itself, and waits for the answer.
    pub(super) async fn command(&self, method: &str, params: Value) -> anyhow::Result<Value> {
        self.send(None, method, params, patient(10.0)).await
    }

    /// A session with one page, whose events are kept from now on.
    pub(super) fn session(&self, id: &str) -> Session {
        let journal = Arc::new(Journal::default());
        lock(&self.state.journals).insert(id.to_owned(), Arc::clone(&journal));
        Session {
            connection: self.clone(),
            id: id.to_owned(),
            journal,
        }
    }

    async fn send(
        &self,
        session: Option<&str>,
        method: &str,
        params: Value,
        within: Duration,
    ) -> anyhow::Result<Value> {
        let (sender, answer) = oneshot::channel();
        let id = self.state.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let pending = Pending {
            session: session.map(str::to_owned),
            answer: sender,
        };
        match lock(&self.state.pending).as_mut() {
            Some(waiting) => waiting.insert(id, pending),
            None => bail!("the browser has gone: it cannot take {method}"),
        };
        // A failure to send drops the sender of the answer, which is what the next line sees.
        let _ = self.outgoing.send(command(id, session, method, params));
        let answer = tokio::time::timeout(within, answer)
            .await
            .map_err(|_| anyhow!("the browser has not answered {method} within {within:.0?}"))?
            .map_err(|_| anyhow!("the browser or its page has gone in the middle of {method}"))?;
        match answer.get("error") {
            Some(error) => bail!(
                "the browser refuses {method}: {}",
                error["message"].as_str().unwrap_or("without a reason")
            ),
            None => Ok(answer["result"].clone()),
        }
    }
}

/// One page on the connection. Dropping it forgets the page's events; the page stays open.
pub(super) struct Session {
    connection: Connection,
    id: String,
    pub(super) journal: Arc<Journal>,
}

impl Session {
    /// Sends a command to the page, and waits for the answer.
    pub(super) async fn command(&self, method: &str, params: Value) -> anyhow::Result<Value> {
        self.command_within(method, params, patient(10.0)).await
    }

    /// The same, with another deadline.
    pub(super) async fn command_within(
        &self,
        method: &str,
        params: Value,
        within: Duration,
    ) -> anyhow::Result<Value> {
        let session = Some(self.id.as_str());
        self.connection.send(session, method, params, within).await
    }

    /// Sends a command to the browser that the page is in.
    pub(super) async fn command_to_browser(
        &self,
        method: &str,
        params: Value,
    ) -> anyhow::Result<Value> {
        self.connection.command(method, params).await
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        lock(&self.connection.state.journals).remove(&self.id);
    }
}

/// The task that owns the socket, until the browser closes it or nobody needs it any more.
async fn carry(
    mut socket: WebSocketStream<TcpStream>,
    mut commands: mpsc::UnboundedReceiver<String>,
    state: Arc<State>,
) {
    loop {
        tokio::select! {
            command = commands.recv() => {
                let Some(command) = command else { break };
                if socket.send(Message::text(command)).await.is_err() { break }
            }
            message = socket.next() => {
                let Some(Ok(message)) = message else { break };
                let Ok(message) = serde_json::from_slice(&message.into_data()) else { continue };
                let Some(reply) = state.dispatch(message) else { continue };
                if socket.send(Message::text(reply)).await.is_err() { break }
            }
        }
    }
    state.end();
}

impl State {
    /// Brings a message to the one who waits for it. Returns what must be sent at once.
    fn dispatch(&self, mut message: Value) -> Option<String> {
        if let Some(id) = message["id"].as_u64() {
            let pending = lock(&self.pending).as_mut()?.remove(&id)?;
            // Who asked may have given up.
            let _ = pending.answer.send(message);
            return None;
        }
        let params = message["params"].take();
        let method = message["method"].as_str()?;
        let session = match method {
            "Target.detachedFromTarget" => params["sessionId"].as_str()?,
            _ => message["sessionId"].as_str()?,
        };
        let journal = lock(&self.journals).get(session).cloned()?;
        journal.record(method, &params);
        match method {
            "Inspector.targetCrashed" | "Target.detachedFromTarget" => self.fail_all_of(session),
            // An `alert` stops the page until somebody has seen it.
            "Page.javascriptDialogOpening" => {
                let accept = json!({"accept": true});
                let method = "Page.handleJavaScriptDialog";
                return Some(command(UNASKED, Some(session), method, accept));
            }
            _ => {}
        }
        None
    }

    /// A page that has gone answers nothing: dropping the senders wakes those who wait.
    fn fail_all_of(&self, session: &str) {
        if let Some(pending) = lock(&self.pending).as_mut() {
            pending.retain(|_, pending| pending.session.as_deref() != Some(session));
        }
    }

    fn end(&self) {
        *lock(&self.pending) = None;
        for journal in lock(&self.journals).values() {
            journal.end();
        }
    }
}

fn command(id: u64, session: Option<&str>, method: &str, params: Value) -> String {
    let mut command = json!({"id": id, "method": method, "params": params});
    if let Some(session) = session {
        command["sessionId"] = json!(session);
    }
    command.to_string()
}

/// A panic in another thread leaves these maps whole: poison means nothing here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
