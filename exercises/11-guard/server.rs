//! Step 11, the guard: the server of step 10 meets the world, and no stranger costs the others anything.
//!
//! One task for each browser reads its WebSocket and writes to it, and each of its waits has an end. What a stranger takes
//! is counted before it is given: a seat, a message's length, messages and bytes a second, time.

use std::hash::{DefaultHasher, Hash, Hasher};
// For the connection that lies under hyper.
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
// And for what its functions answer.
use std::task::{Context, Poll};
// For the settings.
use std::{env, io, path::Path, process, process::ExitCode, sync::LazyLock};

use futures::{SinkExt, StreamExt};
// For the loop that accepts connections. warp is built on hyper, which is the HTTP of it.
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use include_dir::{Dir, include_dir};
use serde_json::{Value, json};
// For the connection, too.
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::broadcast::{self, error::TryRecvError};
// This, too.
use tokio::time::{self, Duration};
use warp::filters::BoxedFilter;
use warp::http::{StatusCode, header};
use warp::ws::{Message, WebSocket, Ws};
use warp::{Filter, Rejection, Reply};

/// The files of `static/`, inside the program: whatever path a browser asks for, it cannot reach another file of the disk.
static STATIC: Dir = include_dir!("$CARGO_MANIFEST_DIR/static");

/// The longest message that we take from a browser, in bytes. A message is held in memory until it is whole, and an honest
/// one is a short text or two numbers.
// TODO: Take 4 KiB, and no more.
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

// How much is too much comes from outside, too.
/// What an operator may choose. Each machine has its own limits, and a test need not wait for the long ones.
struct Settings {
    /// So many WebSockets at the same time: `MAX_CONNECTIONS`.
    max_connections: u32,
    /// So many messages of one browser a second: `EVENTS_PER_SECOND`.
    events_per_second: u32,
    /// How long a browser may keep us waiting: `PATIENCE`, in seconds.
    patience: Duration,
    /// How long it may say nothing before it is asked whether it is there: `PING_EVERY`, in seconds.
    ping_every: Duration,
}

/// The settings of this run. They are read once, and all tasks may look at them.
static SETTINGS: LazyLock<Settings> = LazyLock::new(|| Settings {
    // Whoever is above the limit of files is not refused: nobody gets as far as to say it.
    max_connections: number("MAX_CONNECTIONS", 10_000).min(files().saturating_sub(BESIDE).max(1)),
    events_per_second: number("EVENTS_PER_SECOND", 120),
    patience: Duration::from_secs(number("PATIENCE", 10).into()),
    ping_every: Duration::from_secs(number("PING_EVERY", 20).into()),
});

/// A whole number from the environment. A limit that cannot be read is no limit: then the program does not start.
fn number(name: &str, default: u32) -> u32 {
    let Ok(text) = env::var(name) else {
        return default;
    };
    match text.parse() {
        Ok(number @ 1..) => number,
        _ => {
            eprintln!("{name} is a whole number above 0, not `{text}`");
            process::exit(1)
        }
    }
}

/// So many connections there may be beside the WebSockets: pages that load, requests that are half said.
const HTTP: u32 = 128;

/// So many files are not for WebSockets: one for each of those connections, one that it may be reading, and our own.
const BESIDE: u32 = 2 * HTTP + 32;

/// How many files this program may have open; a connection is one. A shell often gives 1,024, and more to whoever asks.
fn files() -> u32 {
    // Where it cannot be asked, there are as many as nearly every system gives.
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1024);
    u32::try_from(files).unwrap_or(u32::MAX)
}

// TODO: Make the seats: a semaphore with SETTINGS.max_connections permits. A static is there for all tasks.

// TODO: Make the places: a permit for each connection that there may be, SETTINGS.max_connections and HTTP more.

// TODO: Make what tells all tasks that the server ends: a watch channel, which keeps its last value for whoever looks.

/// Where to listen comes from outside. So two servers can run side by side, and no address is written into the program.
#[tokio::main]
async fn main() -> ExitCode {
    let host = env::var("HOST").unwrap_or_else(|_| "127.0.0.1".into());
    let port = env::var("PORT").unwrap_or_else(|_| "8080".into());
    let listener = listen(&format!("{host}:{port}"));
    match listener {
        Ok(listener) => {
            // Whoever runs this wants to know what it will bear.
            println!(
                "at most {} connections, {} events a second of each; patience {:?}, a ping every {:?}",
                SETTINGS.max_connections,
                SETTINGS.events_per_second,
                SETTINGS.patience,
                SETTINGS.ping_every
            );
            if SETTINGS.max_connections < number("MAX_CONNECTIONS", 10_000) {
                println!(
                    "no more connections, because {} files may be open here: see `ulimit -n`",
                    files()
                );
            }
            println!("listening on http://{host}:{port}/");
            // warp's own `run` cannot be told how long it may wait for a request; `serve`, below, can.
            // TODO: Serve until Ctrl-C, then say goodbye to everybody.
            serve(listener).await;
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
    // TODO: Keep what waits in the system for one browser small: 64 KiB, not megabytes.
    socket.bind(address.parse().map_err(io::Error::other)?)?;
    socket.listen(1024)
}

// The loop that `warp::serve` has inside. Each connection is a task, and ends there.
/// Accepts connections, and answers what comes in each by the routing rules.
async fn serve(listener: TcpListener) {
    let service = TowerToHyperService::new(warp::service(routes()));
    // TODO: Give the head of a request SETTINGS.patience to be whole, and 16 KiB. hyper does it if it is given a clock, TokioTimer.
    let http = http1::Builder::new();
    loop {
        // TODO: Take a place before you accept: those who find none wait outside, where the system keeps them for nothing.
        let Ok((stream, _)) = listener.accept().await else {
            // Too many files are open, say. That is no reason to end, nor to ask again a million times a second.
            time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // TODO: Put the place into the connection: it is given back where the connection ends, whoever has it then.
        let connection = Connection::new(stream);
        let connection = http.serve_connection(TokioIo::new(connection), service.clone());
        // The WebSockets have left this task by then: at the upgrade, a connection gets one of its own.
        let connection = connection.with_upgrades();
        // TODO: Give all that is HTTP on a connection an end, whatever it waits for: three times SETTINGS.patience.
        tokio::spawn(connection);
    }
}

/// A connection, as hyper has it first, and from the upgrade on the library. Whatever the two make of its bytes, here they
/// come by, all of them.
struct Connection {
    stream: TcpStream,
    // TODO: Let it have a pace of its own, in bytes.
    // TODO: Let it hold its place.
}

impl Connection {
    // TODO: With its place.
    fn new(stream: TcpStream) -> Connection {
        Connection {
            stream,
            // TODO: At the beginning it has sent nothing.
            // TODO: It is held, and never looked at.
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context,
        into: &mut ReadBuf,
    ) -> Poll<io::Result<()>> {
        // TODO: Read when this connection may have sent it, and count what was read; where it is too much for too long, fail with ErrorKind::QuotaExceeded.
        Pin::new(&mut self.stream).poll_read(task, into)
    }
}

// What is written goes through as it is: each who writes gives it an end.
impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(task, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(task)
    }
}

// TODO: Write `all_leave`: tell all tasks, and wait until the last one has given back its seat, but not for long.

/// The routing rules: what is answered, and to which requests.
///
/// A filter takes a request or refuses it, and filters combine into larger ones. Each combination has a type of its own, and
/// `BoxedFilter` is one short name for all of them, which compiles faster.
fn routes() -> BoxedFilter<(impl Reply,)> {
    let everyone = Everyone::new(QUEUE);
    // The same rule, a filter a line: there is room for one more, before the upgrade.
    let door = warp::path!("ws");
    // TODO: Let nobody in whom another site's page has sent.
    let ws = door.and(warp::ws()).map(move |ws: Ws| {
        let everyone = everyone.clone();
        let ws = ws.max_message_size(LONGEST).max_frame_size(LONGEST);
        // TODO: Take a seat before the upgrade, and give it back after the last word; where none is free, answer 503.
        ws.on_upgrade(|socket| connected(socket, everyone))
    });
    page("11.html")
        .or(script("socket.js"))
        .or(script("jquery.js"))
        .or(ws)
        .recover(refused)
        .boxed()
}

// TODO: Write the filter `same_origin`: it refuses a request whose Origin is not the host that the request is for.

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
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    let etag = format!("\"{:x}\"", hasher.finish());
    warp::path(name)
        .and(warp::path::end())
        .and(warp::get().or(warp::head()).unify())
        .and(warp::header::optional("if-none-match"))
        .and_then(move |known: Option<String>| {
            let etag = etag.clone();
            async move {
                let (status, body) = match body {
                    None => return Err(warp::reject::not_found()),
                    Some(_) if known.as_ref() == Some(&etag) => (StatusCode::NOT_MODIFIED, &[][..]),
                    Some(body) => (StatusCode::OK, body),
                };
                let kind = "text/javascript; charset=utf-8";
                let reply = warp::reply::with_header(body, header::CONTENT_TYPE, kind);
                let reply = warp::reply::with_header(reply, header::ETAG, etag);
                Ok(warp::reply::with_status(reply, status))
            }
        })
        .boxed()
}

/// The answer to a request that no rule takes.
async fn refused(rejection: Rejection) -> Result<impl Reply, Rejection> {
    let wrong_method = rejection.find::<warp::reject::MethodNotAllowed>();
    let status = match (rejection.is_not_found(), wrong_method) {
        (true, _) => StatusCode::NOT_FOUND,
        (_, Some(_)) => StatusCode::METHOD_NOT_ALLOWED,
        // TODO: Answer 403 to the foreign.
        _ => StatusCode::BAD_REQUEST,
    };
    let page = warp::reply::html(format!("<h1>{status}</h1>"));
    Ok(warp::reply::with_status(page, status))
}

/// One browser, from its upgrade to its end.
async fn connected(socket: WebSocket, everyone: Everyone) {
    let (mut outgoing, incoming) = socket.split();
    // A look at the socket clears 128 KiB, so `select_all` looks only when something has come.
    let mut incoming = futures::stream::select_all([incoming]);
    // What goes on until then is in `talk`; so whatever ends it, there is one place for what comes after.
    // TODO: Where there is something to say at the end, say it.
    let _ = talk(&mut incoming, &mut outgoing, everyone).await;
}

/// What is read of a browser's socket.
type Incoming = futures::stream::SelectAll<futures::stream::SplitStream<WebSocket>>;

/// What is written to it.
type Outgoing = futures::stream::SplitSink<WebSocket, Message>;

/// Why we end a connection, as its close frame says it: a code, and words for whoever looks for the mistake.
type Goodbye = (u16, &'static str);

/// Reads and writes until one of the two is over. Returns what is to be said then, if somebody is there to hear it.
///
/// What is to be written comes from three sides, and is written in one place. The loop is left, the inbox is dropped, the
/// channel counts one less. No list of clients is there to be tidied.
async fn talk(
    incoming: &mut Incoming,
    outgoing: &mut Outgoing,
    everyone: Everyone,
) -> Option<Goodbye> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let me = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut inbox = everyone.subscribe();
    // What each of the sides has is a message or none; `deliver` writes it, with all else that waits.
    // TODO: Count this browser's messages.
    // TODO: Have a clock that ticks every SETTINGS.ping_every, and know whether a ping is unanswered.
    // TODO: Wait for the end of the server as well: once, not anew in each round.
    loop {
        let first = tokio::select! {
            // TODO: Read the next message when this browser may have sent it, not before.
            message = incoming.next() => match message {
                Some(Ok(message)) => {
                    // TODO: Whatever comes is a sign of life: the clock begins anew, and no ping is unanswered.
                    // TODO: End the connection with 1008 when it has been above its rate for too long.
                    received(&message, me, &everyone)
                }
                // TODO: When a message cannot be read, return what is to be said of it.
                Some(Err(_)) | None => return None,
            },
            relayed = inbox.recv() => match relayed {
                Ok(relayed) if relayed.from != me => Some(relayed.message),
                _ => None, // Its own, or some are lost: it was too slow for them.
            },
            // TODO: When the clock ticks, send a ping; if the last one is unanswered, nobody is there.
            // TODO: When the server ends, say so: 1001.
        };
        // TODO: Give what is written SETTINGS.patience to leave: who does not read is cut.
        let written = deliver(first, &mut inbox, me, outgoing).await;
        if written.is_err() {
            return None;
        }
    }
}

// TODO: Write `why`: 1009 for what is too long, 1007 for a text that is none, 1002 for what is no WebSocket.

// TODO: Write `Pace`: when the next message is due at this rate, and when the browser last kept to it. One may be read a second early.

// TODO: Write `time_for`: how much of its time so many bytes take. SETTINGS.events_per_second times 512 bytes are a second.

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
        ("spy", [x @ Value::Number(_), y @ Value::Number(_), ..]) => {
            relay(json!(["spy", { "x": x, "y": y }]))
        }
        ("spy", _) => error("`spy` takes two numbers, x and y"),
        _ => None, // A newer page may know events that we do not.
    }
}

/// Writes all that waits for this browser and flushes once: one write to the network, however many messages.
async fn deliver(
    // What comes first may be an answer or a ping, too.
    first: Option<Message>,
    inbox: &mut broadcast::Receiver<Relayed>,
    me: u64,
    // The type has a name now.
    outgoing: &mut Outgoing,
) -> Result<(), warp::Error> {
    let mut next = first;
    // And not more than 16 KiB at once: what is fed is memory that this browser costs, until it reads.
    let mut bytes = 0;
    loop {
        if let Some(message) = next {
            bytes += message.as_bytes().len();
            outgoing.feed(message).await?;
        }
        if bytes > 16 * 1024 {
            return outgoing.flush().await;
        }
        next = match inbox.try_recv() {
            Ok(relayed) => (relayed.from != me).then_some(relayed.message),
            // This browser was too slow: its oldest messages are gone, and we go on with the oldest that is left.
            Err(TryRecvError::Lagged(_)) => None,
            Err(TryRecvError::Empty | TryRecvError::Closed) => return outgoing.flush().await,
        };
    }
}
