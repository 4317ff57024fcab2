//! Step 13, the farm: several servers like the one of step 12, and a browser need not know at which of them it is.
//!
//! Each is an endpoint: it serves its own browsers as if it were alone. What they do it tells the other endpoints over NATS,
//! the backplane, and what it hears there it tells its browsers. Nobody waits for the backplane: without it, an endpoint is
//! a server of step 12.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::future::poll_fn;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
// [publish]
use std::time::SystemTime;
// [end publish]
use std::{env, io, mem, path::Path, process, process::ExitCode};

// [publish]
use async_nats::{ConnectOptions, ServerAddr, connection::State};
// [end publish]
// [hear]
use futures::StreamExt;
// [end hear]
use hyper::server::conn::http1;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use include_dir::{Dir, include_dir};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::{self, Duration, Instant};
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use warp::filters::BoxedFilter;
use warp::http::{StatusCode, header};
use warp::{Filter, Rejection, Reply};

/// The files of `static/`, inside the program: whatever path a browser asks for, it cannot reach another file of the disk.
static STATIC: Dir = include_dir!("$CARGO_MANIFEST_DIR/static");

/// The longest message that we take from a browser, in bytes. A message is held in memory until it is whole, and an honest
/// one is a short text or two numbers.
const LONGEST: usize = 4 * 1024;

/// How many bytes the library reads at once. It reserves them for each connection from the first day to the last; by default,
/// 128 KiB: right for two programs that send each other files. Ten positions of a mouse have 200 bytes.
const READ_BUFFER: usize = 256;

/// How many bytes of what all have said are kept for those who read slowly: 30,000 positions, or 250 of the longest messages.
/// They are kept once, however many read slowly.
const LOG: usize = 1024 * 1024;

/// How many bytes are written to one browser before it is another one's turn.
const TURN: usize = 64 * 1024;

/// Marks a browser that gets nothing from the log: it has not joined yet, or we have said goodbye.
const NOWHERE: u64 = u64::MAX;

/// How often the network is asked for one browser before it is another one's turn.
const READS: usize = 64;

/// What all tasks share.
#[derive(Default)]
struct Crowd {
    /// What all have said, as it goes over the wire.
    log: Mutex<Log>,
    /// Browsers that the hub does not know yet.
    newcomers: Mutex<Vec<Weak<Client>>>,
    /// That there is something in the log for the hub to write.
    news: Notify,
    // [aside]
    /// What is for the other endpoints.
    window: Mutex<Window>,
    /// That there is something in the window.
    waiting: Notify,
    // [end aside]
}

type Everyone = Arc<Crowd>;

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

/// A seat for each WebSocket that there may be. Whoever holds its permit has it.
static SEATS: LazyLock<tokio::sync::Semaphore> =
    LazyLock::new(|| tokio::sync::Semaphore::new(SETTINGS.max_connections as usize));

/// A place for each connection, WebSocket or not yet.
static PLACES: LazyLock<tokio::sync::Semaphore> =
    LazyLock::new(|| tokio::sync::Semaphore::new((SETTINGS.max_connections + HTTP) as usize));

/// Whether the server is about to end.
static ENDING: LazyLock<tokio::sync::watch::Sender<bool>> =
    LazyLock::new(|| tokio::sync::watch::Sender::new(false));

// [aside]
/// Where the backplane is, if there is one: `NATS_URL`.
static NATS_URL: LazyLock<Option<async_nats::ServerAddr>> = LazyLock::new(|| {
    let url = env::var("NATS_URL").ok().filter(|url| !url.is_empty())?;
    match url.parse() {
        Ok(address) => Some(address),
        Err(_) => {
            eprintln!("NATS_URL is like nats://127.0.0.1:4222, not `{url}`");
            process::exit(1)
        }
    }
});

/// How many bytes may wait for the backplane; NATS takes a message of 1 MiB. What has waited longer is out of date.
const MOST_WAITING: usize = 512 * 1024;

/// How the text of a position begins.
const POSITION: &str = r#"["spy""#;
// [end aside]

// [publish]
/// What the endpoints of a farm talk about. Nothing that a browser sends becomes a part of it: whoever chooses a subject
/// chooses who hears it.
const SUBJECT: &str = "spy";

/// How often the backplane hears of an endpoint on which something moves. So it carries 100 messages a second for each
/// endpoint, however many browsers move. A browser moves once in 17 ms: as a rule, nothing is left out.
const WINDOW: Duration = Duration::from_millis(10);
// [end publish]

// [numbers]
/// The number of this endpoint's first browser. Two endpoints that both count from 0 would give one number to two browsers,
/// and neither would hear the other: a sender is left out by its number. So each begins somewhere at random.
static FIRST: LazyLock<u64> = LazyLock::new(|| {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0) << 32
});
// [end numbers]

/// Where to listen comes from outside. So two servers can run side by side, and no address is written into the program.
#[tokio::main]
async fn main() -> ExitCode {
    let host = env::var("HOST").unwrap_or_else(|_| "127.0.0.1".into());
    let port = env::var("PORT").unwrap_or_else(|_| "8080".into());
    let listener = listen(&format!("{host}:{port}"));
    match listener {
        Ok(listener) => {
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
            tokio::select! {
                () = serve(listener) => {}
                _ = tokio::signal::ctrl_c() => all_leave().await,
            }
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
    // For one that does not read, the system would keep up to 4 MB before we hear of it, and all of it is out of date.
    socket.set_send_buffer_size(64 * 1024)?;
    socket.bind(address.parse().map_err(io::Error::other)?)?;
    socket.listen(1024)
}

/// Accepts connections, and answers what comes in each by the routing rules.
async fn serve(listener: TcpListener) {
    let service = TowerToHyperService::new(warp::service(routes()));
    let mut http = http1::Builder::new();
    http.timer(hyper_util::rt::TokioTimer::new())
        .header_read_timeout(SETTINGS.patience)
        .max_buf_size(16 * 1024);
    loop {
        let place = PLACES.acquire().await.expect("nobody closes it");
        let Ok((stream, _)) = listener.accept().await else {
            // Too many files are open, say. That is no reason to end, nor to ask again a million times a second.
            time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let connection = Connection::new(stream, place);
        let connection = http.serve_connection(TokioIo::new(connection), service.clone());
        // The WebSockets have left this task by then: at the upgrade, a connection gets one of its own.
        let connection = connection.with_upgrades();
        tokio::spawn(time::timeout(3 * SETTINGS.patience, connection));
    }
}

/// A connection, as hyper has it first, and from the upgrade on the library. Whatever the two make of its bytes, here they
/// come by, all of them.
struct Connection {
    stream: TcpStream,
    /// How fast its bytes come.
    pace: Pace,
    /// The time until which nothing is read.
    pause: Option<Pin<Box<time::Sleep>>>,
    _place: tokio::sync::SemaphorePermit<'static>,
}

impl Connection {
    fn new(stream: TcpStream, place: tokio::sync::SemaphorePermit<'static>) -> Connection {
        Connection {
            stream,
            pace: Pace::new(),
            pause: None,
            _place: place,
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context,
        into: &mut ReadBuf,
    ) -> Poll<io::Result<()>> {
        if let Some(pause) = &mut self.pause {
            std::task::ready!(pause.as_mut().poll(task));
        }
        let before = into.filled().len();
        std::task::ready!(Pin::new(&mut self.stream).poll_read(task, into))?;
        let bytes = into.filled().len() - before;
        if self.pace.counts_a_flood(time_for(bytes)) {
            return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()));
        }
        self.pause = self
            .pace
            .pause()
            .map(|until| Box::pin(time::sleep_until(until)));
        Poll::Ready(Ok(()))
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

/// Ends all connections. Two seconds are what a person waits after Ctrl-C; who has not left by then is left.
async fn all_leave() {
    ENDING.send_replace(true);
    let all = SEATS.acquire_many(SETTINGS.max_connections);
    let _ = time::timeout(Duration::from_millis(1500), all).await;
}

/// The routing rules: what is answered, and to which requests.
///
/// A filter takes a request or refuses it, and filters combine into larger ones. Each combination has a type of its own, and
/// `BoxedFilter` is one short name for all of them, which compiles faster.
fn routes() -> BoxedFilter<(impl Reply,)> {
    let everyone = Everyone::default();
    tokio::spawn(hub(everyone.clone()));
    // [publish]
    if let Some(address) = &*NATS_URL {
        tokio::spawn(backplane(address.clone(), everyone.clone()));
    }
    // [end publish]
    let door = warp::path!("ws");
    let door = door.and(same_origin());
    // Extract `OnUpgrade` first: `warp::ws()` removes it from the request.
    let door = door.and(warp::ext::get::<OnUpgrade>());
    let door = door.and(warp::header("sec-websocket-key"));
    let ws = door.and(warp::ws());
    let ws = ws.map(move |upgrade: OnUpgrade, key: String, _| {
        let everyone = everyone.clone();
        let Ok(seat) = SEATS.try_acquire() else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        tokio::spawn(async move {
            let Ok(upgraded) = upgrade.await else {
                return; // It ended before it was one.
            };
            if let Some(socket) = WebSocket::over(upgraded, &everyone) {
                connected(socket, everyone).await;
            }
            drop(seat);
        });
        switching_protocols(&key).into_response()
    });
    page("13.html")
        .or(script("socket.js"))
        .or(script("jquery.js"))
        .or(ws)
        .recover(refused)
        .boxed()
}

/// Refuses a browser that another site's page has sent here. It may open a WebSocket to anywhere, and sends our cookies
/// along; but it says in `Origin` whose page asked, and no page can change that.
fn same_origin() -> impl Filter<Extract = (), Error = Rejection> + Clone {
    warp::header::optional("origin")
        .and(warp::header::optional("host"))
        .and_then(async |origin: Option<String>, host: Option<String>| {
            let host = host.unwrap_or_default();
            let own = [format!("http://{host}"), format!("https://{host}")];
            match origin {
                Some(origin) if own.contains(&origin) => Ok(()),
                // No browser: whoever writes a program of their own can send any header, and has nobody's cookies.
                None => Ok(()),
                Some(_) => Err(warp::reject::custom(Foreign)),
            }
        })
        .untuple_one()
}

/// Why a request is refused: another site's page made it.
#[derive(Debug)]
struct Foreign;

impl warp::reject::Reject for Foreign {}

/// The answer to a handshake. The browser's key comes back hashed: only who knows the protocol can do that, and no page from
/// a cache can.
fn switching_protocols(key: &str) -> impl Reply + use<> {
    let accept = derive_accept_key(key.as_bytes());
    let reply = warp::reply::with_status("", StatusCode::SWITCHING_PROTOCOLS);
    let reply = warp::reply::with_header(reply, header::CONNECTION, "upgrade");
    let reply = warp::reply::with_header(reply, header::UPGRADE, "websocket");
    warp::reply::with_header(reply, header::SEC_WEBSOCKET_ACCEPT, accept)
}

/// How the library is to treat a connection.
fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(LONGEST))
        .max_frame_size(Some(LONGEST))
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
        _ if rejection.find::<Foreign>().is_some() => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    };
    let page = warp::reply::html(format!("<h1>{status}</h1>"));
    Ok(warp::reply::with_status(page, status))
}

/// One browser, from its upgrade to its end.
async fn connected(mut socket: WebSocket, everyone: Everyone) {
    if let Some(goodbye) = talk(&mut socket, everyone).await {
        say_goodbye(&mut socket, goodbye).await;
    }
}

/// Why we end a connection, as its close frame says it: a code, and words for whoever looks for the mistake.
type Goodbye = (u16, &'static str);

/// Reads and writes until one of the two is over. Returns what is to be said then, if somebody is there to hear it.
///
/// What is written here comes from two sides, and the hub writes what the others say. The loop is left, the socket is
/// dropped, and the hub finds nobody there. No list of clients is there to be tidied.
async fn talk(socket: &mut WebSocket, everyone: Everyone) -> Option<Goodbye> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    // [numbers]
    let me = *FIRST + NEXT.fetch_add(1, Ordering::Relaxed);
    // [end numbers]
    everyone.join(me, &socket.client);
    let mut pace = Pace::new();
    let mut silence = time::interval(SETTINGS.ping_every);
    silence.reset();
    silence.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    let mut is_asked = false;
    let mut ending = ENDING.subscribe();
    let mut ending = std::pin::pin!(ending.wait_for(|is_ending| *is_ending));
    loop {
        let first = tokio::select! {
            message = pace.next(socket) => match message {
                Some(Ok(message)) => {
                    silence.reset();
                    is_asked = false;
                    if pace.counts_a_flood(Duration::from_secs(1) / SETTINGS.events_per_second) {
                        return Some((1008, "too many messages"));
                    }
                    received(&message, me, &everyone)
                }
                Some(Err(error)) => return why(&error),
                None => return None,
            },
            _ = silence.tick() => {
                if is_asked {
                    return None;
                }
                is_asked = true;
                Some(Message::Ping("".into()))
            },
            _ = &mut ending => return Some((1001, "the server ends")),
        };
        if socket.send(first).await.is_err() {
            return None; // Nobody is there to hear why.
        }
    }
}

/// What is to be said of a message that could not be read.
fn why(error: &Error) -> Option<Goodbye> {
    match error {
        Error::Capacity(_) => Some((1009, "a message has at most 4096 bytes")),
        Error::Utf8(_) => Some((1007, "a text is UTF-8")),
        Error::Protocol(_) => Some((1002, "this is no WebSocket frame")),
        Error::Io(error) if error.kind() == io::ErrorKind::QuotaExceeded => {
            Some((1008, "too many bytes"))
        }
        _ => None, // The network's: nobody is there any more.
    }
}

/// Says why, and gives the browser a second to hear it.
///
/// Dropping the socket would end the connection at once. If bytes of the browser's are unread then, and those of a message
/// that is too long are, TCP does not end it but resets it, and a reset overtakes the close frame.
async fn say_goodbye(socket: &mut WebSocket, (code, words): Goodbye) {
    let heard = async {
        let (code, reason) = (code.into(), words.into());
        let goodbye = CloseFrame { code, reason };
        socket.send(Message::Close(Some(goodbye))).await?;
        loop {
            match socket.next().await {
                Some(Ok(message)) if message.is_close() => return Ok::<_, Error>(()),
                // A flood is read no faster for being over.
                Some(Ok(_)) => time::sleep(Duration::from_millis(10)).await,
                // After an error nothing more is read; but the other side may still be reading.
                Some(Err(_)) | None => std::future::pending().await,
            }
        }
    };
    let _ = time::timeout(Duration::from_secs(1), heard).await;
}

/// How one browser keeps to its rate.
struct Pace {
    /// When its next message would be due if it sent them evenly, as fast as it may. It may be ahead of that by a second's
    /// worth: a network hands over in bursts what was sent evenly.
    due: time::Instant,
    /// When it was last within its rate.
    calm: time::Instant,
}

impl Pace {
    /// How far ahead of its schedule a browser may get.
    const AHEAD: Duration = Duration::from_secs(1);

    fn new() -> Pace {
        let now = time::Instant::now();
        Pace {
            due: now,
            calm: now,
        }
    }

    /// The next message, when it may be read. What is not read waits in the system, at last in the sender's own: so TCP
    /// slows down one who sends too fast, and nothing is thrown away.
    async fn next(&self, socket: &mut WebSocket) -> Option<Result<Message, Error>> {
        if let Some(until) = self.pause() {
            time::sleep_until(until).await;
        }
        socket.next().await
    }

    /// Until when nothing more may be read, if not now.
    fn pause(&self) -> Option<time::Instant> {
        let is_ahead = self.due > time::Instant::now() + Pace::AHEAD;
        is_ahead.then(|| self.due - Pace::AHEAD)
    }

    /// Counts what takes so much of its time, and says whether it has been too much for too long.
    fn counts_a_flood(&mut self, time: Duration) -> bool {
        let now = time::Instant::now();
        // One who has to be slowed down is ahead by all that is allowed, but for what a busy machine makes of it.
        if self.due < now + Pace::AHEAD * 3 / 4 {
            self.calm = now;
        }
        self.due = self.due.max(now) + time;
        now - self.calm > SETTINGS.patience
    }
}

/// The time that so many bytes take. A second has as many of them as `EVENTS_PER_SECOND` messages of 512 bytes: ten times what
/// a page needs, and few enough even where each six of them are an empty frame.
fn time_for(bytes: usize) -> Duration {
    let a_second = f64::from(SETTINGS.events_per_second) * 512.0;
    Duration::from_secs_f64(bytes as f64 / a_second)
}

/// The answer to a message, if it gets one. What is for the others goes to `everyone`.
fn received(message: &Message, me: u64, everyone: &Everyone) -> Option<Message> {
    let text = |event: Value| Message::text(event.to_string());
    let error = |why: &str| Some(text(json!(["error", why])));
    let relay = |event: Value| -> Option<Message> {
        everyone.say(me, &event); // Serialised there, once for all who get it.
        None
    };
    let frame = match message {
        Message::Text(text) => text.as_bytes(),
        Message::Binary(_) => b"",
        _ => return None, // A ping or a close: the library has answered it.
    };
    let event: Vec<Value> = serde_json::from_slice(frame).unwrap_or_default();
    let [Value::String(name), arguments @ ..] = event.as_slice() else {
        return error("an event is a JSON array that starts with its name");
    };
    match (name.as_str(), arguments) {
        ("shout", [Value::String(words), ..]) => Some(text(json!(["shout", words.to_uppercase()]))),
        ("online", _) => Some(text(json!(["online", online()]))),
        ("say", [words @ Value::String(_), ..]) => relay(json!(["say", words])),
        ("shout" | "say", _) => error("this event takes a text"),
        ("spy", [x @ Value::Number(_), y @ Value::Number(_), ..]) => {
            relay(json!(["spy", { "x": x, "y": y }]))
        }
        ("spy", _) => error("`spy` takes two numbers, x and y"),
        _ => None, // A newer page may know events that we do not.
    }
}

/// How many are here.
fn online() -> usize {
    SETTINGS.max_connections as usize - SEATS.available_permits()
}

/// One browser's WebSocket: the library's, and beside it the socket that we write to.
struct WebSocket {
    /// In a box of its own, because a future that is handed something large keeps room for it twice.
    library: Box<tungstenite::WebSocket<Wire>>,
    /// Whether it could not read a message. Then it is not asked for another one: it does not know where that begins.
    has_failed: bool,
    client: Arc<Client>,
}

/// What the library takes for the network. It reads the socket; what it writes is put aside. For the hub writes to the
/// socket, too, and neither of them may begin in the middle of the other's frame.
struct Wire {
    client: Arc<Client>,
    written: Vec<u8>,
    /// How fast its bytes come.
    pace: Pace,
    /// How often the network may still be asked in this turn.
    reads: usize,
}

impl io::Read for Wire {
    /// The library asks again until it has a whole message. Who sends the beginning of one, and empty fragments then, keeps it
    /// asking for ever: `try_read` is no `await`, so the task would never give its core away. So a turn has an end, and at its
    /// end we say that nothing is there.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.reads == 0 || self.pace.pause().is_some() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.reads -= 1;
        let bytes = self.client.socket.try_read(into)?;
        match self.pace.counts_a_flood(time_for(bytes)) {
            true => Err(io::ErrorKind::QuotaExceeded.into()),
            false => Ok(bytes),
        }
    }
}

impl io::Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WebSocket {
    /// The one over a connection that hyper hands over. Under hyper's own types there is the socket that we have accepted.
    fn over(upgraded: Upgraded, everyone: &Everyone) -> Option<WebSocket> {
        let parts = upgraded.downcast::<TokioIo<Connection>>().ok()?;
        let connection = parts.io.into_inner();
        let client = Arc::new(Client {
            socket: connection.stream,
            _place: connection._place,
            everyone: everyone.clone(),
            outbox: Mutex::default(),
            left_behind: Notify::new(),
        });
        let wire = Wire {
            client: client.clone(),
            written: Vec::new(),
            pace: connection.pace,
            reads: 0,
        };
        // What came on the heels of the request is read already. It is copied: hyper's buffer is 8 KiB, and goes with `parts`.
        let read = parts.read_buf.to_vec();
        let library =
            tungstenite::WebSocket::from_partially_read(wire, read, Role::Server, Some(config()));
        let library = Box::new(library);
        Some(WebSocket {
            library,
            has_failed: false,
            client,
        })
    }

    /// The next message. Until it comes, what this browser was too slow for is written, whenever the network takes more. After
    /// an error there is no next one; but what is to be said of it may have to wait, too.
    async fn next(&mut self) -> Option<Result<Message, Error>> {
        loop {
            // Who does not take our answers is asked for no more questions. One frame may wait: so one who is a little late is
            // not silenced for it.
            let may_read = !self.has_failed && lock(&self.client.outbox).first.len() <= 2 * LONGEST;
            let pause = self.library.get_ref().pace.pause();
            if may_read && pause.is_none() {
                self.library.get_mut().reads = READS;
                match self.library.read() {
                    Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(Error::ConnectionClosed) => return None,
                    message => {
                        self.has_failed = message.is_err();
                        return Some(message);
                    }
                }
                if self.library.get_ref().reads == 0 {
                    yield_now().await; // There may be more: at its next turn.
                    continue;
                }
            }
            let readable = async {
                if let Some(until) = pause {
                    // In a box, so that only those pay for the wait who are too fast.
                    Box::pin(time::sleep_until(until)).await;
                    return Ok(());
                }
                // The socket's own `readable` says the same, in a future of 150 bytes. This one has 8.
                poll_fn(|task| self.client.socket.poll_read_ready(task)).await
            };
            let written = tokio::select! {
                readable = readable, if may_read => readable,
                room = self.client.room() => room.and_then(|()| self.client.catch_up()),
            };
            if let Err(error) = written {
                return Some(Err(error.into()));
            }
        }
    }

    /// Sends a message, and before it what the library itself has to say: a pong, the answer to a close.
    async fn send(&mut self, message: impl Into<Option<Message>>) -> Result<(), Error> {
        if let Some(message) = message.into() {
            self.library.write(message)?;
        }
        match self.library.flush() {
            Ok(()) | Err(Error::ConnectionClosed) => {} // It is closed with this: its answer to a close is the last word.
            Err(error) => return Err(error),
        }
        let is_last = !self.library.can_write();
        let bytes = mem::take(&mut self.library.get_mut().written);
        Ok(self.client.answer(&bytes, is_last)?)
    }
}

/// One browser, for whoever writes to it.
struct Client {
    socket: TcpStream,
    _place: tokio::sync::SemaphorePermit<'static>,
    everyone: Everyone,
    outbox: Mutex<Outbox>,
    /// That the hub has left it behind: from then on its own task writes to it, until it has caught up.
    left_behind: Notify,
}

/// What is still to be written to one browser. It is no queue: what all have said is in the log, and this is a place in it.
struct Outbox {
    /// Whose it is.
    me: u64,
    /// How much of the log it has got, or need not get.
    place: u64,
    /// What comes before anything else: answers, and the rest of a frame of which the network took only the beginning.
    first: Vec<u8>,
    /// When the network last took something, if it does not take all.
    behind: Option<Instant>,
}

impl Default for Outbox {
    fn default() -> Outbox {
        Outbox {
            me: NOWHERE,
            place: NOWHERE,
            first: Vec::new(),
            behind: None,
        }
    }
}

impl Client {
    /// Writes what is for this browser alone.
    fn answer(&self, bytes: &[u8], is_last: bool) -> io::Result<()> {
        let mut outbox = lock(&self.outbox);
        outbox.first.extend_from_slice(bytes);
        if is_last {
            outbox.place = NOWHERE;
        }
        if !outbox.finish(&self.socket)? {
            outbox.behind.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    /// Waits until it is behind and the network takes more; fails where the network has taken nothing for too long.
    async fn room(&self) -> io::Result<()> {
        loop {
            let behind = lock(&self.outbox).behind;
            let Some(since) = behind else {
                self.left_behind.notified().await;
                continue;
            };
            let writable = time::timeout_at(since + SETTINGS.patience, self.socket.writable());
            // In a box, so that only those pay for the wait who are behind.
            return Box::pin(writable).await?;
        }
    }

    /// Writes more of what it lacks.
    fn catch_up(&self) -> io::Result<()> {
        let mut outbox = lock(&self.outbox);
        if outbox.go_on(self)? {
            outbox.behind = None;
        }
        Ok(())
    }

    /// Writes to it what is new. Called by the hub alone, which waits for nobody: one who does not take all of it is left
    /// behind. Returns the place up to which it has got the log.
    fn hear(&self, news: &News) -> u64 {
        let mut outbox = lock(&self.outbox);
        if outbox.behind.is_none() && outbox.place < news.piece.end {
            let is_all_for_it = outbox.place == news.start && !news.from.contains(&outbox.me);
            let has_all = match is_all_for_it {
                true => outbox.take(&self.socket, &news.piece),
                false => outbox.go_on(self),
            };
            // An error is found again by its own task, which can do something about it.
            if !has_all.unwrap_or(false) {
                outbox.behind = Some(Instant::now());
                self.left_behind.notify_one();
            }
        }
        outbox.place
    }
}

impl Outbox {
    /// Writes a turn's worth of what it lacks, and says whether that was all.
    fn go_on(&mut self, client: &Client) -> io::Result<bool> {
        if !self.finish(&client.socket)? {
            return Ok(false);
        }
        let (piece, end) = {
            let log = lock(&client.everyone.log);
            (log.since(self.place, self.me, TURN), log.end())
        };
        Ok(self.take(&client.socket, &piece)? && self.place >= end)
    }

    /// Writes what comes first, and says whether it is through.
    fn finish(&mut self, socket: &TcpStream) -> io::Result<bool> {
        let first = mem::take(&mut self.first);
        let taken = self.write(socket, &first)?;
        self.first = first[taken..].to_vec();
        Ok(self.first.is_empty())
    }

    /// Writes a piece of the log, and says whether the network took all of it.
    fn take(&mut self, socket: &TcpStream, piece: &Piece) -> io::Result<bool> {
        let taken = self.write(socket, &piece.bytes)?;
        if taken == piece.bytes.len() {
            self.place = piece.end;
            return Ok(true);
        }
        if taken > 0 {
            // The network took the beginning of this frame, or the end of it and nothing after it. From here on the place is
            // behind it, and its rest comes first.
            let cut = piece.ends.partition_point(|(end, _)| *end < taken);
            let (end, place) = piece.ends[cut];
            self.first = piece.bytes[taken..end].to_vec();
            self.place = place;
        }
        Ok(false)
    }

    /// As many of the bytes as the network takes at once.
    fn write(&mut self, socket: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        match socket.try_write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            taken => {
                self.behind = self.behind.map(|_| Instant::now());
                taken
            }
        }
    }
}

/// Everything that was said, framed, as far as it is kept. A place in it is the number of bytes that were ever before it.
#[derive(Default)]
struct Log {
    bytes: Vec<u8>,
    /// The frames that are in `bytes`, in order.
    frames: VecDeque<Said>,
    /// The place where `bytes` begins.
    start: u64,
    /// The newest position of each browser among the frames that are forgotten, by the place where it ended: so who falls
    /// behind learns where everybody is, and not where they all have been.
    newest: BTreeMap<u64, Position>,
    /// The places of those.
    newest_of: HashMap<u64, u64>,
    /// The place that all have got.
    slowest: u64,
}

/// A frame in the log.
struct Said {
    from: u64,
    /// The place where it ends.
    end: u64,
    is_position: bool,
}

/// A position whose frame is forgotten.
struct Position {
    from: u64,
    frame: Vec<u8>,
}

/// A piece of the log, for one browser or for several.
struct Piece {
    bytes: Vec<u8>,
    /// Where each frame ends, in `bytes` and in the log.
    ends: Vec<(usize, u64)>,
    /// The place where the piece ends.
    end: u64,
}

impl Piece {
    fn push(&mut self, frame: &[u8], end: u64) {
        self.bytes.extend_from_slice(frame);
        self.ends.push((self.bytes.len(), end));
    }
}

impl Log {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// The bytes from one place to another.
    fn between(&self, start: u64, end: u64) -> &[u8] {
        &self.bytes[(start - self.start) as usize..(end - self.start) as usize]
    }

    /// Writes a frame at the end. When there are twice as many as are to be kept, the older half goes at once.
    // [aside]
    fn push(&mut self, from: u64, text: &str) {
        // [end aside]
        if self.bytes.len() > 2 * LOG {
            self.forget(self.end() - LOG as u64);
        }
        // [aside]
        let frame = Frame::message(text.to_owned(), OpCode::Data(Data::Text), true);
        // [end aside]
        frame
            .format(&mut self.bytes)
            .expect("a Vec takes what is written to it");
        self.frames.push_back(Said {
            from,
            end: self.end(),
            // [aside]
            is_position: text.starts_with(POSITION),
            // [end aside]
        });
    }

    /// Forgets the frames up to a place.
    fn forget(&mut self, until: u64) {
        let mut start = self.start;
        while let Some(said) = self.frames.pop_front_if(|said| said.end <= until) {
            if said.is_position && said.end > self.slowest {
                let frame = self.between(start, said.end).to_vec();
                let from = said.from;
                self.newest.insert(said.end, Position { from, frame });
                if let Some(older) = self.newest_of.insert(from, said.end) {
                    self.newest.remove(&older);
                }
            }
            start = said.end;
        }
        self.bytes.drain(..(start - self.start) as usize);
        self.start = start;
    }

    /// Takes note that everybody has got the log up to a place.
    fn all_have(&mut self, place: u64) {
        self.slowest = place;
        while let Some(oldest) = self.newest.first_entry()
            && *oldest.key() <= place
        {
            self.newest_of.remove(&oldest.remove().from);
        }
        if place >= self.end() {
            self.forget(place);
        }
    }

    /// What somebody at a place lacks, up to `most` bytes and the frame in which they end. Its own frames are left out.
    fn since(&self, place: u64, me: u64, most: usize) -> Piece {
        let mut piece = Piece {
            bytes: Vec::new(),
            ends: Vec::new(),
            end: place,
        };
        if place < self.start {
            for (&end, position) in self.newest.range(place + 1..) {
                if piece.bytes.len() >= most {
                    return piece;
                }
                if position.from != me {
                    piece.push(&position.frame, end);
                }
                piece.end = end;
            }
            piece.end = self.start; // What it has missed of the rest is lost for it.
        }
        let next = self.frames.partition_point(|said| said.end <= piece.end);
        for said in self.frames.range(next..) {
            if piece.bytes.len() >= most {
                return piece;
            }
            if said.from != me {
                piece.push(self.between(piece.end, said.end), said.end);
            }
            piece.end = said.end;
        }
        piece
    }
}

/// What is new, made once for all who have got everything before it.
struct News {
    start: u64,
    piece: Piece,
    /// Whose frames are in it. These few get a piece of their own, without them.
    from: HashSet<u64>,
}

impl News {
    fn since(place: u64, log: &Log) -> News {
        let start = place.max(log.start);
        let next = log.frames.partition_point(|said| said.end <= start);
        News {
            start,
            piece: log.since(start, NOWHERE, usize::MAX),
            from: log.frames.range(next..).map(|said| said.from).collect(),
        }
    }
}

impl Crowd {
    // [aside]
    /// Says something to everybody here, and puts it aside for the other endpoints.
    fn say(&self, from: u64, event: &Value) {
        let text = event.to_string();
        if NATS_URL.is_some() {
            lock(&self.window).add(from, &text);
            self.waiting.notify_one();
        }
        self.tell(from, &text);
    }

    /// Says something to everybody here.
    fn tell(&self, from: u64, text: &str) {
        lock(&self.log).push(from, text);
        self.news.notify_one();
    }
    // [end aside]

    /// Lets a browser hear what is said from now on.
    fn join(&self, me: u64, client: &Arc<Client>) {
        // The hub takes the newcomers when it has looked what is new. While we have them, it cannot: so one who comes before
        // something is said is there when that is written.
        let mut newcomers = lock(&self.newcomers);
        let place = lock(&self.log).end();
        {
            let mut outbox = lock(&client.outbox);
            outbox.me = me;
            outbox.place = place;
        }
        newcomers.push(Arc::downgrade(client));
    }
}

/// Writes to everybody what is new, as long as the server runs.
async fn hub(everyone: Everyone) {
    // They are not the hub's to keep: a browser that has gone is gone, and the hub finds nobody there.
    let mut clients: Vec<Weak<Client>> = Vec::new();
    let mut place = 0;
    loop {
        everyone.news.notified().await;
        yield_now().await; // What is said at the same moment comes along.
        let news = News::since(place, &lock(&everyone.log));
        place = news.piece.end;
        clients.append(&mut lock(&everyone.newcomers));
        let mut slowest = place;
        for some in clients.chunks(64) {
            for client in some.iter().filter_map(Weak::upgrade) {
                slowest = slowest.min(client.hear(&news));
            }
            yield_now().await; // The tasks that read want their turn, too.
        }
        clients.retain(|client| client.strong_count() > 0);
        lock(&everyone.log).all_have(slowest);
    }
}

/// Locks. Whoever panics while holding one of these locks leaves nothing half done behind.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

// [aside]
/// What waits for the backplane, a line each: the number of a browser, and what it has sent.
#[derive(Default)]
struct Window {
    lines: Vec<String>,
    /// Where the newest position of a browser stands.
    positions: HashMap<u64, usize>,
    bytes: usize,
}

impl Window {
    /// Adds a line. A newer position takes the place of an older one. A text stays; the next position goes after it, so that
    /// the order of each browser holds.
    fn add(&mut self, from: u64, text: &str) {
        if self.bytes > MOST_WAITING {
            *self = Window::default();
        }
        let line = format!("{from} {text}\n");
        self.bytes += line.len();
        if !text.starts_with(POSITION) {
            self.positions.remove(&from);
        } else if let Some(&at) = self.positions.get(&from) {
            self.bytes -= self.lines[at].len();
            self.lines[at] = line;
            return;
        } else {
            self.positions.insert(from, self.lines.len());
        }
        self.lines.push(line);
    }
}
// [end aside]

// [publish]
/// Connects this endpoint with the others, as long as it runs.
async fn backplane(address: ServerAddr, everyone: Everyone) {
    let options = ConnectOptions::new()
        // Whoever starts first waits for the other. A connection that is lost is made again by itself.
        .retry_on_initial_connect()
        // At first at once, then less and less often, but never seldom: a farm is to be whole again within ten seconds.
        .reconnect_delay_callback(|tries| {
            LONGEST_WAIT.min(Duration::from_millis(tries as u64 * 100))
        })
        // By default, 2,048 messages may wait in the library to go out, and 65,536 that have come in. Nobody would want them.
        .client_capacity(4)
        .subscription_capacity(64)
        // [echo]
        // NATS sends a message to all who have subscribed, and we have. But our browsers have been told already.
        .no_echo()
        // [end echo]
        .event_callback(async |event| said_once(&event.to_string()));
    let client = match options.connect(address).await {
        Ok(client) => client,
        Err(error) => return eprintln!("backplane: {error}"),
    };
    // [hear]
    tokio::join!(publish(&client, &everyone), hear(&client, &everyone));
    // [end hear]
}

/// The longest time between two tries to connect.
const LONGEST_WAIT: Duration = Duration::from_secs(4);

/// Prints what has become of the connection, but not what was printed last: a NATS that refuses us is asked for ever, and fills
/// no log.
fn said_once(event: &str) {
    static LAST: Mutex<String> = Mutex::new(String::new());
    let mut last = lock(&LAST);
    if *last != event {
        eprintln!("backplane: {event}");
        event.clone_into(&mut last);
    }
}

/// Tells the other endpoints what happens here: at once when it was quiet, otherwise when the window is over.
async fn publish(client: &async_nats::Client, everyone: &Everyone) {
    loop {
        everyone.waiting.notified().await;
        let window = mem::take(&mut *lock(&everyone.window));
        // Without a connection nobody hears it, and later nobody wants to.
        if client.connection_state() == State::Connected {
            // Its first line says when it was: a NATS that hangs keeps it, and hands it over when it goes on.
            let timed = format!("{}\n{}", now(), window.lines.concat());
            // This may wait, for a NATS that is slow. Then the next window is longer, and a newer position has taken the
            // place of an older one; what is kept has its limit. An error is one of a moment: the next window is another.
            let _ = client.publish(SUBJECT, timed.into()).await;
        }
        time::sleep(WINDOW).await;
    }
}

/// Milliseconds since 1970: the machines of a farm agree about it to a second, for NTP sees to it.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}
// [end publish]

// [hear]
/// Tells everybody here what happens at the other endpoints.
async fn hear(client: &async_nats::Client, everyone: &Everyone) {
    let Ok(mut messages) = client.subscribe(SUBJECT).await else {
        return; // The client is gone, and with it the program.
    };
    let mut pace = Pace::new();
    while let Some(message) = messages.next().await {
        // Whoever is too fast there is not read for a while. The library then keeps 64 messages, and drops the others.
        let bytes = message.payload.len().max(512);
        pace.counts_a_flood(Duration::from_secs(1) * bytes as u32 / MOST_HEARD);
        if let Some(until) = pace.pause() {
            time::sleep_until(until).await;
        }
        // Whatever else somebody publishes there is not for us: whoever reaches NATS can do so.
        let window = String::from_utf8_lossy(&message.payload);
        let mut lines = window.lines();
        let made = lines.next().and_then(|line| line.parse().ok());
        if made.is_none_or(|made: u64| made + OUTDATED < now()) {
            continue;
        }
        for line in lines {
            if let Some((from, text)) = line.split_once(' ')
                && let Ok(from) = from.parse()
                && let Some(event) = may_be_told(text)
            {
                everyone.tell(from, &event.to_string());
            }
        }
    }
}

/// How many bytes of the backplane are read in a second: 100,000 positions. A message counts as 512 at least, so there are
/// no more than 8,192 of them: the windows of 80 endpoints.
const MOST_HEARD: u32 = 4 * 1024 * 1024;

/// From how many milliseconds on nobody wants a window any more.
const OUTDATED: u64 = 2_000;

/// What somebody who is connected here may be told: what a browser can cause, no longer than one can say it.
fn may_be_told(text: &str) -> Option<Value> {
    if text.len() > LONGEST {
        return None;
    }
    let event: Vec<Value> = serde_json::from_str(text).ok()?;
    match event.as_slice() {
        [name, words @ Value::String(_)] if name == "say" => Some(json!(["say", words])),
        [name, Value::Object(at)] if name == "spy" => {
            let [x, y] = [at.get("x")?, at.get("y")?];
            (x.is_number() && y.is_number()).then(|| json!(["spy", { "x": x, "y": y }]))
        }
        _ => None,
    }
}
// [end hear]
