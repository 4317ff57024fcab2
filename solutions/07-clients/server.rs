//! Step 7, clients: something that all connections share.

// [names]
use std::sync::{Arc, Mutex};
// [end names]
use std::{env, io, path::Path, process::ExitCode};

use futures::{SinkExt, StreamExt};
use include_dir::{Dir, include_dir};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket};
use warp::filters::BoxedFilter;
use warp::http::{StatusCode, header};
use warp::ws::{Message, WebSocket, Ws};
use warp::{Filter, Rejection, Reply};

/// The files of `static/`, inside the program: whatever path a browser asks for, it cannot reach another file of the disk.
static STATIC: Dir = include_dir!("$CARGO_MANIFEST_DIR/static");

/// The longest message that we take from a browser, in bytes. warp's default, 64 MiB, is a lot of trust for strangers:
/// a message is held in memory until it is whole.
const LONGEST: usize = 64 * 1024;

// [state]
/// How many browsers are connected: one number that all tasks share.
///
/// `Arc` gives each task a handle to the same number, and `Mutex` lets one of them at a time have it. It is the mutex of
/// `std`, because it is held for one line without an `.await`. tokio's own mutex is for a lock that has to be held across
/// an `.await`. A single number could as well be an `AtomicUsize`; a mutex takes whatever is to be shared next.
type Online = Arc<Mutex<usize>>;
// [end state]

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
    // [share]
    // [once]
    let online = Online::default();
    let ws = warp::path!("ws").and(warp::ws()).map(move |ws: Ws| {
        let online = online.clone(); // Not the number: one more handle to it.
        // [end once]
        ws.max_message_size(LONGEST)
            .max_frame_size(LONGEST)
            .on_upgrade(|socket| connected(socket, online))
    });
    // [end share]
    page("7.html")
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

/// One browser, from its upgrade to its end.
// [count]
async fn connected(mut socket: WebSocket, online: Online) {
    // `unwrap` panics only where a task has panicked with the lock in its hand. None does: all that happens there is an
    // addition, a subtraction, or a look.
    *online.lock().unwrap() += 1;
    // [end count]
    // The loop ends with the connection, however that ends: a goodbye, a pulled cable, a message that is too long.
    while let Some(Ok(message)) = socket.next().await {
        // [handle]
        if let Some(answer) = received(&message, &online)
            // [end handle]
            && socket.send(answer).await.is_err()
        {
            break;
        }
    }
    // [leave]
    // A panic above would skip this line. A value that counts down in its `Drop` would not even then; here nothing panics.
    *online.lock().unwrap() -= 1;
    // [end leave]
}

/// The answer to a message, if it gets one.
// [handle]
fn received(message: &Message, online: &Online) -> Option<Message> {
    // [end handle]
    if !(message.is_text() || message.is_binary()) {
        return None; // A ping or a close: warp has answered it.
    }
    let text = |event: Value| Message::text(event.to_string());
    let error = |why: &str| Some(text(json!(["error", why])));
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
        // [online]
        ("online", _) => Some(text(json!(["online", *online.lock().unwrap()]))),
        // [end online]
        ("shout", _) => error("this event takes a text"),
        _ => None, // A newer page may know events that we do not.
    }
}
