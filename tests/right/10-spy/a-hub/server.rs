//! A right program that is built in another way: one task, the hub, owns the list of clients, and the clients' tasks tell
//! it who comes, who goes and who moves.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::env;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use warp::http::StatusCode;
use warp::ws::{Message, WebSocket, Ws};
use warp::{Filter, Rejection, Reply};

/// How many messages may wait for one client.
const QUEUE: usize = 1024;
/// The longest frame that we act on.
const LONGEST: usize = 64 * 1024;

/// What the hub hears from the clients.
enum Told {
    Came(u64, mpsc::Sender<Message>),
    Sent(u64, Message),
    Went(u64),
}

type Hub = mpsc::Sender<Told>;
type Clients = BTreeMap<u64, mpsc::Sender<Message>>;

#[tokio::main]
async fn main() {
    let host = env::var("HOST").unwrap_or("127.0.0.1".into());
    let port = env::var("PORT").unwrap_or("8080".into());
    let (hub, told) = mpsc::channel(QUEUE);
    tokio::spawn(keep(told));
    let ws = warp::path!("ws").and(warp::ws()).map(move |ws: Ws| {
        let hub = hub.clone();
        ws.on_upgrade(|socket| connected(socket, hub))
    });
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join(file!());
    let page = warp::path::end()
        .and(warp::get().or(warp::head()).unify())
        .and(warp::fs::file(here.with_file_name("10.html")));
    let jquery = warp::path!("jquery.js")
        .and(warp::get().or(warp::head()).unify())
        .and(warp::fs::file("static/jquery.js"));
    let routes = page
        .or(warp::path!("socket.js").and(warp::fs::file("static/socket.js")))
        .or(jquery)
        .or(ws)
        .recover(refused);
    let listener = TcpListener::bind(format!("{host}:{port}")).await;
    println!("listening on http://{host}:{port}/");
    warp::serve(routes).incoming(listener.unwrap()).run().await;
}

async fn refused(rejection: Rejection) -> Result<impl Reply, Infallible> {
    let status = if rejection.is_not_found() {
        StatusCode::NOT_FOUND
    } else if rejection.find::<warp::reject::MethodNotAllowed>().is_some() {
        StatusCode::METHOD_NOT_ALLOWED
    } else {
        StatusCode::BAD_REQUEST
    };
    let page = warp::reply::html(format!("<h1>{status}</h1>"));
    Ok(warp::reply::with_status(page, status))
}

/// The hub: nobody else touches the list.
async fn keep(mut told: mpsc::Receiver<Told>) {
    let mut clients = Clients::new();
    while let Some(told) = told.recv().await {
        match told {
            Told::Came(id, sender) => _ = clients.insert(id, sender),
            Told::Sent(id, message) => received(&message, id, &clients),
            Told::Went(id) => _ = clients.remove(&id),
        }
    }
}

async fn connected(socket: WebSocket, hub: Hub) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let me = NEXT.fetch_add(1, Ordering::Relaxed);
    let (mut writer, mut reader) = socket.split();
    let (sender, mut inbox) = mpsc::channel(QUEUE);
    let _ = hub.send(Told::Came(me, sender)).await;
    tokio::spawn(async move {
        while let Some(message) = inbox.recv().await {
            if writer.send(message).await.is_err() {
                break;
            }
        }
    });
    while let Some(Ok(message)) = reader.next().await {
        if message.is_ping() || message.is_pong() || message.is_close() {
            continue;
        }
        if message.as_bytes().len() > LONGEST {
            break;
        }
        let _ = hub.send(Told::Sent(me, message)).await;
    }
    let _ = hub.send(Told::Went(me)).await;
}

fn received(message: &Message, me: u64, clients: &Clients) {
    let event = message.to_str().ok().and_then(parsed);
    let Some((name, arguments)) = event else {
        return answer(clients, me, json!(["error", "this is not an event"]));
    };
    match (name.as_str(), &arguments[..]) {
        ("shout", [Value::String(words), ..]) => {
            answer(clients, me, json!(["shout", words.to_uppercase()]));
        }
        ("online", _) => {
            let online = clients.len();
            answer(clients, me, json!(["online", online]));
        }
        ("say", [Value::String(words), ..]) => relay(clients, me, json!(["say", words])),
        ("spy", [x @ Value::Number(_), y @ Value::Number(_), ..]) => {
            relay(clients, me, json!(["spy", { "x": x, "y": y }]));
        }
        ("shout" | "say" | "spy", _) => answer(clients, me, json!(["error", "wrong arguments"])),
        _ => {}
    }
}

/// The name and the arguments of an event.
fn parsed(text: &str) -> Option<(String, Vec<Value>)> {
    let mut event: Vec<Value> = serde_json::from_str(text).ok()?;
    let arguments = event.split_off(event.len().min(1));
    match event.pop()? {
        Value::String(name) => Some((name, arguments)),
        _ => None,
    }
}

fn answer(clients: &Clients, me: u64, event: Value) {
    if let Some(sender) = clients.get(&me) {
        let _ = sender.try_send(Message::text(event.to_string()));
    }
}

/// Sends an event to all but one. A client whose queue is full does not get it.
fn relay(clients: &Clients, me: u64, event: Value) {
    let message = Message::text(event.to_string());
    for (_, sender) in clients.iter().filter(|(id, _)| **id != me) {
        let _ = sender.try_send(message.clone());
    }
}
