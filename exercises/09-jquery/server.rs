//! Step 9, jquery: the one exception to the rules.

// TODO: Import what the ETag is made with: use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, io, path::Path, process::ExitCode};

use futures::{SinkExt, StreamExt};
use include_dir::{Dir, include_dir};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::broadcast::{self, error::TryRecvError};
use warp::filters::BoxedFilter;
use warp::http::{StatusCode, header};
use warp::ws::{Message, WebSocket, Ws};
use warp::{Filter, Rejection, Reply};

/// The files of `static/`, inside the program: whatever path a browser asks for, it cannot reach another file of the disk.
static STATIC: Dir = include_dir!("$CARGO_MANIFEST_DIR/static");

/// The longest message that we take from a browser, in bytes. warp's default, 64 MiB, is a lot of trust for strangers:
/// a message is held in memory until it is whole.
const LONGEST: usize = 64 * 1024;

/// How many messages may wait for a browser that reads slowly; then it loses the oldest, and nobody else notices.
/// Two seconds of ten busy mice: enough for a hiccup of the network, too little to replay a minute of the past.
const QUEUE: usize = 1024;

/// What goes to every browser but the one that it came from. Cloning it is cheap: the clones share the message's bytes.
#[derive(Clone)]
struct Relayed {
    from: u64,
    message: Message,
}

/// What all tasks share: a ring of `QUEUE` messages. Each message is in it once, and each browser has its own place in the
/// ring, up to which it has read. A sender never waits, and there is no list of browsers to keep.
type Everyone = broadcast::Sender<Relayed>;

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
    let everyone = Everyone::new(QUEUE);
    let ws = warp::path!("ws").and(warp::ws()).map(move |ws: Ws| {
        let everyone = everyone.clone();
        ws.max_message_size(LONGEST)
            .max_frame_size(LONGEST)
            .on_upgrade(|socket| connected(socket, everyone))
    });
    page("9.html")
        .or(script("socket.js"))
        // TODO: Make the one exception: /jquery.js is a script of `static/` as well.
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

/// One script of `static/`, with an ETag: the browser that has it already is told so (304) and keeps it.
fn script(name: &'static str) -> BoxedFilter<(impl Reply,)> {
    let body = STATIC.get_file(name).map(|file| file.contents());
    // TODO: Make an ETag from the file's bytes: another file has another ETag.
    warp::path(name)
        .and(warp::path::end())
        .and(warp::get().or(warp::head()).unify())
        // TODO: Send the ETag along, and a 304 without a body to a browser that sends the same one back.
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
/// The loop is left, the inbox is dropped, the channel counts one less. No list of clients is there to be tidied.
async fn connected(socket: WebSocket, everyone: Everyone) {
    let (mut outgoing, incoming) = socket.split();
    // A look at the socket clears 128 KiB, so `select_all` looks only when something has come.
    let mut incoming = futures::stream::select_all([incoming]);
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let me = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut inbox = everyone.subscribe();
    loop {
        let sent = tokio::select! {
            message = incoming.next() => match message {
                Some(Ok(message)) => match received(&message, me, &everyone) {
                    Some(answer) => outgoing.send(answer).await,
                    None => Ok(()),
                },
                Some(Err(_)) | None => break,
            },
            relayed = inbox.recv() => deliver(relayed.ok(), &mut inbox, me, &mut outgoing).await,
        };
        if sent.is_err() {
            break;
        }
    }
}

/// The answer to a message, if it gets one. What is for the others goes to `everyone`.
fn received(message: &Message, me: u64, everyone: &Everyone) -> Option<Message> {
    if !(message.is_text() || message.is_binary()) {
        return None; // A ping or a close: warp has answered it.
    }
    let text = |event: Value| Message::text(event.to_string());
    let error = |why: &str| Some(text(json!(["error", why])));
    let relay = |event: Value| -> Option<Message> {
        let message = text(event); // Serialised here, once for all who get it.
        // An error says that nobody listens; but we do, and skip our own.
        let _ = everyone.send(Relayed { from: me, message });
        None
    };
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
        ("online", _) => Some(text(json!(["online", everyone.receiver_count()]))),
        ("say", [words @ Value::String(_), ..]) => relay(json!(["say", words])),
        ("shout" | "say", _) => error("this event takes a text"),
        _ => None, // A newer page may know events that we do not.
    }
}

/// Writes all that waits for this browser and flushes once: one write to the network, however many messages.
async fn deliver(
    first: Option<Relayed>,
    inbox: &mut broadcast::Receiver<Relayed>,
    me: u64,
    outgoing: &mut futures::stream::SplitSink<WebSocket, Message>,
) -> Result<(), warp::Error> {
    let mut next = first;
    loop {
        if let Some(relayed) = next.filter(|relayed| relayed.from != me) {
            outgoing.feed(relayed.message).await?;
        }
        next = match inbox.try_recv() {
            Ok(relayed) => Some(relayed),
            // This browser was too slow: its oldest messages are gone, and we go on with the oldest that is left.
            Err(TryRecvError::Lagged(_)) => None,
            Err(TryRecvError::Empty | TryRecvError::Closed) => return outgoing.flush().await,
        };
    }
}
