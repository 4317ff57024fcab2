//! A right program that is built in another way: a map of all clients behind a mutex, a queue for each of them, and two
//! tasks, of which one reads and one writes. Several wrong programs are small changes to this one.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::env;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

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

type Clients = Arc<Mutex<BTreeMap<u64, mpsc::Sender<Message>>>>;

#[tokio::main]
async fn main() {
    let host = env::var("HOST").unwrap_or("127.0.0.1".into());
    let port = env::var("PORT").unwrap_or("8080".into());
    let clients = Clients::default();
    let ws = warp::path!("ws").and(warp::ws()).map(move |ws: Ws| {
        let clients = clients.clone();
        ws.on_upgrade(|socket| connected(socket, clients))
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

async fn connected(socket: WebSocket, clients: Clients) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let me = NEXT.fetch_add(1, Ordering::Relaxed);
    let (mut writer, mut reader) = socket.split();
    let (sender, mut inbox) = mpsc::channel(QUEUE);
    clients.lock().unwrap().insert(me, sender);
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
        received(&message, me, &clients);
    }
    clients.lock().unwrap().remove(&me);
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
            let online = clients.lock().unwrap().len();
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
    if let Some(sender) = clients.lock().unwrap().get(&me) {
        let _ = sender.try_send(Message::text(event.to_string()));
    }
}

/// Sends an event to all but one. A client whose queue is full does not get it.
fn relay(clients: &Clients, me: u64, event: Value) {
    let message = Message::text(event.to_string());
    for (_, sender) in clients.lock().unwrap().iter().filter(|(id, _)| **id != me) {
        let _ = sender.try_send(message.clone());
    }
}
