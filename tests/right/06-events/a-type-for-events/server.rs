//! Step 6, written another way: an event is a type, and reading and writing are two tasks.

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
    page("6.html")
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

/// An event: its name and its arguments. What cannot be one, cannot be made.
struct Event {
    name: String,
    arguments: Vec<Value>,
}

impl TryFrom<Message> for Event {
    type Error = &'static str;

    fn try_from(message: Message) -> Result<Event, &'static str> {
        let text = message.to_str().map_err(|()| "an event is a text")?;
        match serde_json::from_str(text) {
            Ok(Value::Array(mut parts)) if parts.first().is_some_and(Value::is_string) => {
                let arguments = parts.split_off(1);
                let name = parts[0].as_str().unwrap_or_default().to_owned();
                Ok(Event { name, arguments })
            }
            Ok(_) => Err("an event is an array that starts with its name"),
            Err(_) => Err("an event is JSON"),
        }
    }
}

/// Two tasks for each browser: one reads, one writes, and answers wait in between.
async fn connected(socket: WebSocket) {
    let (mut write, mut read) = socket.split();
    let (answers, mut waiting) = tokio::sync::mpsc::channel::<Value>(16);
    tokio::spawn(async move {
        while let Some(answer) = waiting.recv().await {
            if write.send(Message::text(answer.to_string())).await.is_err() {
                break;
            }
        }
    });
    while let Some(Ok(message)) = read.next().await {
        if message.is_ping() || message.is_pong() || message.is_close() {
            continue;
        }
        let answer = match Event::try_from(message) {
            Ok(event) => answer(&event),
            Err(why) => Some(json!(["error", why])),
        };
        if let Some(answer) = answer {
            let _ = answers.send(answer).await;
        }
    }
}

fn answer(event: &Event) -> Option<Value> {
    if event.name != "shout" {
        return None;
    }
    let words = event.arguments.first().and_then(Value::as_str);
    Some(words.map_or(json!(["error", "shout what?"]), |words| {
        json!(["shout", words.to_uppercase()])
    }))
}
