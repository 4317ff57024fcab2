//! Step 6, events: a message has a name and arguments.

use std::{env, io, path::Path, process::ExitCode};

use futures::{SinkExt, StreamExt};
// [scripts]
use include_dir::{Dir, include_dir};
// [end scripts]
// [names]
use serde_json::{Value, json};
// [end names]
use tokio::net::{TcpListener, TcpSocket};
use warp::filters::BoxedFilter;
// [scripts]
use warp::http::{StatusCode, header};
// [end scripts]
use warp::ws::{Message, WebSocket, Ws};
use warp::{Filter, Rejection, Reply};

// [scripts]
/// The files of `static/`, inside the program: whatever path a browser asks for, it cannot reach another file of the disk.
static STATIC: Dir = include_dir!("$CARGO_MANIFEST_DIR/static");
// [end scripts]

/// The longest message that we take from a browser, in bytes. warp's default, 64 MiB, is a lot of trust for strangers:
/// a message is held in memory until it is whole.
const LONGEST: usize = 64 * 1024;

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
    let ws = warp::path!("ws").and(warp::ws()).map(|ws: Ws| {
        ws.max_message_size(LONGEST)
            .max_frame_size(LONGEST)
            .on_upgrade(connected)
    });
    // [scripts]
    page("6.html")
        .or(script("socket.js"))
        .or(ws)
        .recover(refused)
        .boxed()
    // [end scripts]
}

/// `/` is the page that lies beside this file. It is read for each request, so an edit shows on refresh.
fn page(name: &str) -> BoxedFilter<(impl Reply,)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join(file!());
    warp::path::end()
        .and(warp::get().or(warp::head()).unify())
        .and(warp::fs::file(here.with_file_name(name)))
        .boxed()
}

// [scripts]
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
// [end scripts]

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
async fn connected(mut socket: WebSocket) {
    // The loop ends with the connection, however that ends: a goodbye, a pulled cable, a message that is too long.
    while let Some(Ok(message)) = socket.next().await {
        if let Some(answer) = received(&message)
            && socket.send(answer).await.is_err()
        {
            break;
        }
    }
}

/// The answer to a message, if it gets one.
fn received(message: &Message) -> Option<Message> {
    if !(message.is_text() || message.is_binary()) {
        return None; // A ping or a close: warp has answered it.
    }
    // [parse]
    let text = |event: Value| Message::text(event.to_string());
    // [nonsense]
    let error = |why: &str| Some(text(json!(["error", why])));
    // A binary message is not an event. We parse no bytes in its place, so it gets the error of all nonsense.
    let frame = if message.is_text() {
        message.as_bytes()
    } else {
        b""
    };
    let event: Vec<Value> = serde_json::from_slice(frame).unwrap_or_default();
    let [Value::String(name), arguments @ ..] = event.as_slice() else {
        return error("an event is a JSON array that starts with its name");
    };
    // [end nonsense]
    // [shout]
    match (name.as_str(), arguments) {
        // [words]
        ("shout", [Value::String(words), ..]) => Some(text(json!(["shout", words.to_uppercase()]))),
        // [end words]
        // [nonsense]
        ("shout", _) => error("this event takes a text"),
        // [end nonsense]
        _ => None, // A newer page may know events that we do not.
    }
    // [end shout]
    // [end parse]
}
