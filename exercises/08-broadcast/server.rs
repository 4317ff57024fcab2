//! Step 8, broadcast: what one browser says reaches all the others.
//!
//! One task for each browser reads its WebSocket and writes to it. The tasks share one thing, a broadcast channel, that
//! each of them sends to and receives from.

// TODO: Import what you use, in place of Arc and Mutex: use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::{env, io, path::Path, process::ExitCode};

use futures::{SinkExt, StreamExt};
use include_dir::{Dir, include_dir};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket};
// TODO: And this: use tokio::sync::broadcast::{self, error::TryRecvError};
use warp::filters::BoxedFilter;
use warp::http::{StatusCode, header};
use warp::ws::{Message, WebSocket, Ws};
use warp::{Filter, Rejection, Reply};

/// The files of `static/`, inside the program: whatever path a browser asks for, it cannot reach another file of the disk.
static STATIC: Dir = include_dir!("$CARGO_MANIFEST_DIR/static");

/// The longest message that we take from a browser, in bytes. warp's default, 64 MiB, is a lot of trust for strangers:
/// a message is held in memory until it is whole.
const LONGEST: usize = 64 * 1024;

// TODO: Let all tasks share a broadcast channel, in place of the number. What goes through it is a message, and who sent it.
type Online = Arc<Mutex<usize>>;

/// Where to listen comes from outside. So two servers can run side by side, and no address is written into the program.
#[tokio::main]
async fn main() -> ExitCode {
    let host = env::var("HOST").unwrap_or_else(|_| "127.0.0.1".into());
    let port = env::var("PORT").unwrap_or_else(|_| "8080".into());
    let listener = listen(&format!("{host}:{port}"));
    match listener {
        Ok(listener) => {
            println!("listening on http://{host}:{port}/");
            warp::serve(routes()).incoming(listener).run().await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("cannot listen on {host}:{port}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A listener whose connections send each frame at once. By default TCP waits for more to send with it: right for a
/// download, but an answer that is 40 milliseconds late can be seen.
fn listen(address: &str) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_nodelay(true)?;
    #[cfg(unix)]
    // Elsewhere the option means something else, and there it is not needed for a quick restart.
    socket.set_reuseaddr(true)?;
    socket.bind(address.parse().map_err(io::Error::other)?)?;
    socket.listen(1024)
}

/// The routing rules: what is answered, and to which requests.
///
/// A filter takes a request or refuses it, and filters combine into larger ones. Each combination has a type of its own, and
/// `BoxedFilter` is one short name for all of them, which compiles faster.
fn routes() -> BoxedFilter<(impl Reply,)> {
    // TODO: Make the channel once, with Everyone::new(QUEUE), and give each connection a handle to it: a clone.
    let online = Online::default();
    let ws = warp::path!("ws").and(warp::ws()).map(move |ws: Ws| {
        let online = online.clone(); // Not the number: one more handle to it.
        ws.max_message_size(LONGEST)
            .max_frame_size(LONGEST)
            .on_upgrade(|socket| connected(socket, online))
    });
    page("8.html")
        .or(script("socket.js"))
        .or(ws)
        .recover(refused)
        .boxed()
}

/// `/` is the page that lies beside this file. It is read for each request, so an edit shows on refresh.
fn page(name: &str) -> BoxedFilter<(impl Reply,)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join(file!());
    warp::path::end()
        .and(warp::get().or(warp::head()).unify())
        .and(warp::fs::file(here.with_file_name(name)))
        .boxed()
}

/// One script of `static/`.
fn script(name: &'static str) -> BoxedFilter<(impl Reply,)> {
    let body = STATIC.get_file(name).map(|file| file.contents());
    warp::path(name)
        .and(warp::path::end())
        .and(warp::get().or(warp::head()).unify())
        .and_then(move || async move {
            let body = body.ok_or_else(warp::reject::not_found)?;
            let kind = "text/javascript; charset=utf-8";
            Ok::<_, Rejection>(warp::reply::with_header(body, header::CONTENT_TYPE, kind))
        })
        .boxed()
}

/// The answer to a request that no rule takes.
async fn refused(rejection: Rejection) -> Result<impl Reply, Rejection> {
    let wrong_method = rejection.find::<warp::reject::MethodNotAllowed>();
    let status = match (rejection.is_not_found(), wrong_method) {
        (true, _) => StatusCode::NOT_FOUND,
        (_, Some(_)) => StatusCode::METHOD_NOT_ALLOWED,
        _ => StatusCode::BAD_REQUEST,
    };
    let page = warp::reply::html(format!("<h1>{status}</h1>"));
    Ok(warp::reply::with_status(page, status))
}

/// One browser, from its upgrade to its end. All ends are one: a close, a pulled cable, a message that is too long.
// TODO: Take part in the channel, and wait for two things at once: a message from this browser, and one from the others.
async fn connected(mut socket: WebSocket, online: Online) {
    *online.lock().unwrap() += 1;
    while let Some(Ok(message)) = socket.next().await {
        if let Some(answer) = received(&message, &online)
            && socket.send(answer).await.is_err()
        {
            break;
        }
    }
    *online.lock().unwrap() -= 1;
}

/// The answer to a message, if it gets one.
// TODO: Give `received` the number of the sender, and the channel: me: u64, everyone: &Everyone.
fn received(message: &Message, online: &Online) -> Option<Message> {
    if !(message.is_text() || message.is_binary()) {
        return None; // A ping or a close: warp has answered it.
    }
    let text = |event: Value| Message::text(event.to_string());
    let error = |why: &str| Some(text(json!(["error", why])));
    // TODO: Write down once how an event gets to the others.
    let frame = if message.is_text() {
        message.as_bytes()
    } else {
        b""
    };
    let event: Vec<Value> = serde_json::from_slice(frame).unwrap_or_default();
    let [Value::String(name), arguments @ ..] = event.as_slice() else {
        return error("an event is a JSON array that starts with its name");
    };
    match (name.as_str(), arguments) {
        ("shout", [Value::String(words), ..]) => Some(text(json!(["shout", words.to_uppercase()]))),
        // TODO: The channel knows how many take part: everyone.receiver_count().
        ("online", _) => Some(text(json!(["online", *online.lock().unwrap()]))),
        // TODO: When `say` comes with a text, relay it unchanged.
        ("shout", _) => error("this event takes a text"),
        _ => None, // A newer page may know events that we do not.
    }
}

// TODO: Write the function that sends a browser what waits for it. To begin with, socket.send does for each message.
