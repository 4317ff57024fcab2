//! Step 12, the crowd: 15,000 browsers on one machine.
//!
//! What is written once for all is done once, by the hub: it frames a message, and writes the same bytes to everybody. What
//! each browser costs is then what only it can have: a socket, a task that reads it, and its place in what all have said.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::{env, io, path::Path, process, process::ExitCode, sync::LazyLock};

use async_nats::{ConnectOptions, ServerAddr, connection::State};
use futures::{SinkExt, StreamExt};
use hyper::server::conn::http1;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use include_dir::{Dir, include_dir};
use serde_json::{Value, json};
use tokio::io::Join;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, SemaphorePermit};
use tokio::task::yield_now;
use tokio::time::{self, Duration, Instant};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame};
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

/// How many bytes of what all have said are kept for those who read slowly: some thousand positions, or 250 of the longest
/// messages. It is kept once, however many there are of them.
const LOG: usize = 1024 * 1024;

/// How much is written to one browser before it is another one's turn.
const TURN: usize = 64 * 1024;

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
    max_connections: number("MAX_CONNECTIONS", 10_000),
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

/// A seat for each WebSocket that there may be. Whoever holds its permit has it.
static SEATS: LazyLock<tokio::sync::Semaphore> =
    LazyLock::new(|| tokio::sync::Semaphore::new(SETTINGS.max_connections as usize));

/// Whether the server is about to end.
static ENDING: LazyLock<tokio::sync::watch::Sender<bool>> =
    LazyLock::new(|| tokio::sync::watch::Sender::new(false));

/// The backplane, where there is one: `NATS_URL`. Without it this endpoint is alone, and all it needs is itself.
static NATS_URL: LazyLock<Option<ServerAddr>> = LazyLock::new(|| {
    let url = env::var("NATS_URL").ok().filter(|url| !url.is_empty())?;
    Some(url.parse().unwrap_or_else(|_| {
        eprintln!("NATS_URL is an address like nats://127.0.0.1:4222, not `{url}`");
        process::exit(1)
    }))
});

/// What the endpoints of a farm talk about. It is the same for all, and nothing that a browser sends becomes a part of it:
/// whoever chooses a subject chooses who hears it.
const SUBJECT: &str = "spy";

/// How often the backplane hears of a browser that moves all the time: once for each picture of its screen. What it carries
/// is so many messages for each endpoint, however many browsers move.
const WINDOW: Duration = Duration::from_millis(16);

/// How many bytes may wait for the backplane. What is more than that has waited too long. NATS takes a message of 1 MiB.
const MOST_WAITING: usize = 512 * 1024;

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
        .header_read_timeout(SETTINGS.patience);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Too many files are open, say. That is no reason to end, nor to ask again a million times a second.
            time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let connection = http.serve_connection(TokioIo::new(stream), service.clone());
        // The WebSockets have left this task by then: at the upgrade, a connection gets one of its own.
        tokio::spawn(connection.with_upgrades());
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
/// A filter takes a request or refuses it, and filters are put together to larger ones. warp makes a new type of each
/// combination; `BoxedFilter` is one short name for all of them, and compiles faster.
fn routes() -> BoxedFilter<(impl Reply,)> {
    let everyone = Everyone::default();
    tokio::spawn(hub(everyone.clone()));
    if let Some(address) = &*NATS_URL {
        tokio::spawn(backplane(address.clone(), everyone.clone()));
    }
    let door = warp::path!("ws");
    let door = door.and(same_origin());
    let upgrade = warp::ext::get::<OnUpgrade>().and(warp::header("sec-websocket-key"));
    let ws = door.and(upgrade).and(warp::ws());
    let ws = ws.map(move |upgrade: OnUpgrade, key: String, _| {
        let everyone = everyone.clone();
        let Ok(seat) = SEATS.try_acquire() else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        tokio::spawn(async move {
            if let Ok(upgraded) = upgrade.await
                && let Some(socket) = WebSocket::over(upgraded, everyone.clone()).await
            {
                tokio::spawn(connected(socket, everyone, seat));
            }
        });
        let answer = warp::reply::with_status("", StatusCode::SWITCHING_PROTOCOLS);
        let answer = warp::reply::with_header(answer, header::CONNECTION, "upgrade");
        let answer = warp::reply::with_header(answer, header::UPGRADE, "websocket");
        let accept = derive_accept_key(key.as_bytes());
        warp::reply::with_header(answer, header::SEC_WEBSOCKET_ACCEPT, accept).into_response()
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
            // The whole of it is compared: what only begins or ends like ours is somebody else's.
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
async fn connected(mut socket: WebSocket, everyone: Everyone, _seat: SemaphorePermit<'static>) {
    if let Some(goodbye) = talk(&mut socket, everyone).await {
        say_goodbye(&mut socket, goodbye).await;
    }
}

/// Why we end a connection, as its close frame says it: a code, and words for whoever looks for the mistake.
type Goodbye = (u16, &'static str);

/// Reads and writes until one of the two is over. Returns what is to be said then, if somebody is there to hear it.
///
/// What is to be written comes from three sides, and is written in one place. The loop is left, the inbox is dropped, the
/// channel counts one less. No list of clients is there to be tidied.
async fn talk(socket: &mut WebSocket, everyone: Everyone) -> Option<Goodbye> {
    let me = socket.client.me;
    everyone.join(&socket.client);
    let mut pace = Pace::new();
    let mut silence = time::interval(SETTINGS.ping_every);
    silence.reset();
    silence.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    let mut is_asked = false;
    let mut ending = ENDING.subscribe();
    let mut ending = std::pin::pin!(ending.wait_for(|is_ending| *is_ending));
    loop {
        let outgoing = tokio::select! {
            message = pace.next(socket) => match message {
                Some(Ok(message)) => {
                    silence.reset();
                    is_asked = false;
                    if pace.counts_a_flood() {
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
        if socket.send(outgoing).await.is_err() {
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
        _ => None, // The network's: nobody is there any more.
    }
}

/// Says why, and gives the browser a second to hear it.
///
/// Dropping the socket would end the connection at once. If bytes of the browser's are unread then, and those of a message
/// that is too long are, TCP does not end it but resets it, and a reset overtakes the close frame.
async fn say_goodbye(socket: &mut WebSocket, (code, words): Goodbye) {
    let heard = async {
        let reason = words.into();
        let code = code.into();
        let close = Message::Close(Some(CloseFrame { code, reason }));
        socket.send(Some(close)).await?;
        loop {
            match socket.next().await {
                Some(Ok(message)) if message.is_close() => return Ok::<_, Error>(()),
                Some(Ok(_)) => {}
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
    /// So far it may be ahead.
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
        if self.due > time::Instant::now() + Pace::AHEAD {
            time::sleep_until(self.due - Pace::AHEAD).await;
        }
        socket.next().await
    }

    /// Counts one message, and says whether there have been too many for too long.
    fn counts_a_flood(&mut self) -> bool {
        let now = time::Instant::now();
        // One who has to be slowed down is ahead by all that is allowed, always.
        if self.due < now + Pace::AHEAD * 9 / 10 {
            self.calm = now;
        }
        self.due = self.due.max(now) + Duration::from_secs(1) / SETTINGS.events_per_second;
        now - self.calm > SETTINGS.patience
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
        everyone.relay(me, &event); // Serialised there, once for all who get it.
        None
    };
    let frame = match message {
        Message::Text(text) => text.as_bytes(),
        _ => b"",
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

/// How many are connected: each has a seat.
fn online() -> usize {
    SETTINGS.max_connections as usize - SEATS.available_permits()
}

/// One browser's WebSocket. The library reads the socket and knows the protocol, but what it writes lands in a `Vec`: we
/// write to the socket ourselves, and the hub does, and of two writers one must not begin in the middle of the other's frame.
struct WebSocket {
    library: Box<WebSocketStream<Join<OwnedReadHalf, Vec<u8>>>>,
    client: Arc<Client>,
}

impl WebSocket {
    async fn over(upgraded: Upgraded, everyone: Everyone) -> Option<WebSocket> {
        let parts = upgraded.downcast::<TokioIo<TcpStream>>().ok()?;
        let (reads, writes) = parts.io.into_inner().into_split();
        let config = WebSocketConfig::default()
            .read_buffer_size(*READ_BUFFER)
            .max_message_size(Some(LONGEST))
            .max_frame_size(Some(LONGEST));
        let io = tokio::io::join(reads, Vec::new());
        // What came on the heels of the request has been read already.
        let read = parts.read_buf.to_vec();
        let library =
            WebSocketStream::from_partially_read(io, read, Role::Server, Some(config)).await;
        let client = Arc::new(Client::new(writes, everyone));
        Some(WebSocket {
            library: Box::new(library),
            client,
        })
    }

    /// The next message. While there is none, what this browser was too slow for is written.
    async fn next(&mut self) -> Option<Result<Message, Error>> {
        loop {
            tokio::select! {
                message = self.library.next(), if self.client.is_answered() => {
                    if matches!(&message, Some(Ok(message)) if message.is_close()) {
                        self.client.outbox().place = u64::MAX;
                    }
                    return message;
                }
                room = self.client.room() => {
                    if let Err(error) = room.and_then(|()| self.client.catch_up()) {
                        return Some(Err(error.into()));
                    }
                }
            }
        }
    }

    async fn send(&mut self, message: Option<Message>) -> Result<(), Error> {
        if let Some(message) = message {
            if message.is_close() {
                self.client.outbox().place = u64::MAX;
            }
            self.library.feed(message).await?;
        }
        self.library.flush().await?;
        let bytes = mem::take(self.library.get_mut().writer_mut());
        Ok(self.client.write(&bytes)?)
    }
}

/// What all tasks share.
#[derive(Default)]
struct Shared {
    log: RwLock<Log>,
    joined: Mutex<Vec<Weak<Client>>>,
    news: Notify,
    window: Mutex<Window>,
    waiting: Notify,
}

type Everyone = Arc<Shared>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn log(&self) -> std::sync::RwLockReadGuard<'_, Log> {
        self.log.read().unwrap_or_else(PoisonError::into_inner)
    }
    fn log_mut(&self) -> std::sync::RwLockWriteGuard<'_, Log> {
        self.log.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn relay(&self, from: u64, event: &Value) {
        let text = event.to_string();
        if NATS_URL.is_some() {
            lock(&self.window).add(from, &text);
            self.waiting.notify_one();
        }
        self.tell(from, text);
    }

    /// Tells everybody here but the one that it comes from.
    fn tell(&self, from: u64, text: String) {
        let is_position = text.starts_with(POSITION);
        let frame = Frame::message(text, OpCode::Data(Data::Text), true);
        self.log_mut().push(from, frame, is_position);
        self.news.notify_one();
    }

    fn join(&self, client: &Arc<Client>) {
        let mut joined = lock(&self.joined);
        client.outbox().place = self.log().end();
        joined.push(Arc::downgrade(client));
    }
}

/// One browser, as those see it who write to it.
struct Client {
    me: u64,
    everyone: Everyone,
    wire: OwnedWriteHalf,
    outbox: Mutex<Outbox>,
    left_behind: Notify,
}

struct Outbox {
    first: Vec<u8>,
    place: u64,
    behind: Option<Instant>,
}

/// A piece of the log, for one who is at `place`
struct Piece {
    bytes: Vec<u8>,
    ends: Vec<(usize, u64)>,
    end: u64,
}

impl Client {
    fn new(wire: OwnedWriteHalf, everyone: Everyone) -> Client {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let outbox = Outbox {
            first: Vec::new(),
            place: u64::MAX,
            behind: None,
        };
        Client {
            me: *FIRST + NEXT.fetch_add(1, Ordering::Relaxed),
            everyone,
            wire,
            outbox: Mutex::new(outbox),
            left_behind: Notify::new(),
        }
    }

    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        lock(&self.outbox)
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut outbox = self.outbox();
        outbox.first.extend_from_slice(bytes);
        if !outbox.finish(&self.wire)? {
            outbox.behind.get_or_insert(Instant::now());
        }
        Ok(())
    }

    fn is_answered(&self) -> bool {
        self.outbox().first.is_empty()
    }

    async fn room(&self) -> io::Result<()> {
        loop {
            let behind = self.outbox().behind;
            match behind {
                Some(since) => {
                    let until = since + SETTINGS.patience;
                    let writable = time::timeout_at(until, self.wire.writable());
                    return Box::pin(writable).await?;
                }
                None => self.left_behind.notified().await,
            }
        }
    }

    fn catch_up(&self) -> io::Result<()> {
        let mut outbox = self.outbox();
        if !outbox.finish(&self.wire)? {
            return Ok(());
        }
        let (piece, end) = {
            let log = self.everyone.log();
            if outbox.place >= log.end() {
                outbox.behind = None;
                return Ok(());
            }
            (log.since(outbox.place, self.me, TURN), log.end())
        };
        if outbox.take(&self.wire, &piece)? && outbox.place == end {
            outbox.behind = None;
        }
        Ok(())
    }

    /// From the hub. Returns its place.
    fn hear(&self, batch: &Batch) -> u64 {
        let mut outbox = self.outbox();
        if outbox.behind.is_some() || outbox.place >= batch.piece.end {
            return outbox.place;
        }
        let own;
        let piece = if outbox.place == batch.start && !batch.senders.contains(&self.me) {
            &batch.piece
        } else {
            own = self.everyone.log().since(outbox.place, self.me, TURN);
            &own
        };
        let done = outbox.take(&self.wire, piece);
        match done {
            Ok(true) if outbox.place >= batch.piece.end => {}
            _ => {
                // room() finds out what it is
                outbox.behind = Some(Instant::now());
                self.left_behind.notify_one();
            }
        }
        outbox.place
    }
}

impl Outbox {
    fn finish(&mut self, wire: &OwnedWriteHalf) -> io::Result<bool> {
        while !self.first.is_empty() {
            match wire.try_write(&self.first) {
                Ok(part) => {
                    self.first.drain(..part);
                    if self.behind.is_some() {
                        self.behind = Some(Instant::now());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        self.first = Vec::new();
        Ok(true)
    }

    /// Writes a piece, and says whether all of it was taken.
    fn take(&mut self, wire: &OwnedWriteHalf, piece: &Piece) -> io::Result<bool> {
        let taken = match piece.bytes.is_empty() {
            true => 0,
            false => match wire.try_write(&piece.bytes) {
                Ok(taken) => taken,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            },
        };
        if self.behind.is_some() {
            self.behind = Some(Instant::now());
        }
        if taken == piece.bytes.len() {
            self.place = piece.end;
            return Ok(true);
        }
        // The frame in the middle of which
        let cut = piece.ends.partition_point(|(end, _)| *end < taken);
        let (end, place) = piece.ends[cut];
        self.first = piece.bytes[taken..end].to_vec();
        self.place = place;
        Ok(false)
    }
}

/// What all have said
#[derive(Default)]
struct Log {
    bytes: Vec<u8>,
    frames: VecDeque<Said>,
    start: u64,
    slowest: u64,
    newest: BTreeMap<u64, (u64, Vec<u8>)>,
    newest_of: HashMap<u64, u64>,
}

#[derive(Clone, Copy)]
struct Said {
    from: u64,
    end: u64,
    is_position: bool,
}

struct Batch {
    start: u64,
    piece: Piece,
    senders: HashSet<u64>,
}

impl Log {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    fn push(&mut self, from: u64, frame: Frame, is_position: bool) {
        if self.bytes.len() > 2 * LOG {
            self.forget(self.end() - LOG as u64);
        }
        // Writing to a `Vec` cannot fail.
        let _ = frame.format(&mut self.bytes);
        let end = self.end();
        self.frames.push_back(Said {
            from,
            end,
            is_position,
        });
    }

    /// Forgets the frames up to `until`
    fn forget(&mut self, until: u64) {
        let mut start = self.start;
        while let Some(said) = self.frames.pop_front_if(|said| said.end <= until) {
            if said.is_position && said.end > self.slowest {
                let bytes =
                    &self.bytes[(start - self.start) as usize..(said.end - self.start) as usize];
                self.newest.insert(said.end, (said.from, bytes.to_vec()));
                if let Some(older) = self.newest_of.insert(said.from, said.end) {
                    self.newest.remove(&older);
                }
            }
            start = said.end;
        }
        self.bytes.drain(..(start - self.start) as usize);
        self.start = start;
    }

    /// All have what is before `slowest`.
    fn all_have(&mut self, slowest: u64) {
        self.slowest = slowest;
        if slowest >= self.end() {
            self.forget(slowest);
        }
        while let Some(first) = self.newest.first_entry()
            && *first.key() <= slowest
        {
            let (_, (from, _)) = first.remove_entry();
            self.newest_of.remove(&from);
        }
    }

    fn since(&self, place: u64, me: u64, most: usize) -> Piece {
        let mut piece = Piece {
            bytes: Vec::new(),
            ends: Vec::new(),
            end: place,
        };
        if place < self.start {
            for (&end, (from, bytes)) in self.newest.range(place + 1..) {
                if piece.bytes.len() >= most {
                    return piece;
                }
                if *from != me {
                    piece.add(bytes, end);
                }
                piece.end = end;
            }
            piece.end = self.start;
        }
        let first = self.frames.partition_point(|said| said.end <= piece.end);
        for said in self.frames.range(first..) {
            if piece.bytes.len() >= most {
                return piece;
            }
            if said.from != me {
                let bytes = &self.bytes
                    [(piece.end - self.start) as usize..(said.end - self.start) as usize];
                piece.add(bytes, said.end);
            }
            piece.end = said.end;
        }
        piece
    }

    fn batch(&self, start: u64) -> Batch {
        let start = start.max(self.start);
        let piece = self.since(start, u64::MAX, usize::MAX);
        let first = self.frames.partition_point(|said| said.end <= start);
        let senders = self.frames.range(first..).map(|said| said.from).collect();
        Batch {
            start,
            piece,
            senders,
        }
    }
}

impl Piece {
    fn add(&mut self, bytes: &[u8], end: u64) {
        self.bytes.extend_from_slice(bytes);
        self.ends.push((self.bytes.len(), end));
    }
}

async fn hub(everyone: Everyone) {
    let mut clients: Vec<Weak<Client>> = Vec::new();
    let mut start = 0;
    loop {
        everyone.news.notified().await;
        yield_now().await;
        let batch = everyone.log().batch(start);
        start = batch.piece.end;
        clients.append(&mut lock(&everyone.joined));
        let mut slowest = batch.piece.end;
        for turn in clients.chunks(64) {
            for client in turn.iter().filter_map(Weak::upgrade) {
                slowest = slowest.min(client.hear(&batch));
            }
            yield_now().await;
        }
        clients.retain(|client| client.strong_count() > 0);
        everyone.log_mut().all_have(slowest);
    }
}

static READ_BUFFER: LazyLock<usize> = LazyLock::new(|| number("READ_BUFFER", 512) as usize);

/// How the text of a position begins.
const POSITION: &str = "[\"spy\"";

/// The number of this endpoint's first browser. Two endpoints that count from 0 would mean two browsers by one number, so
/// each begins at random, far from the others.
static FIRST: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0) << 32);

/// What waits for the backplane, a line each: the newest position of each browser, and all that was said.
#[derive(Default)]
struct Window {
    lines: Vec<String>,
    /// Where the newest position of a browser stands among them.
    positions: HashMap<u64, usize>,
    bytes: usize,
}

impl Window {
    /// A newer position takes the place of the older one. What a browser says goes after its position, and its next
    /// position after that: its order holds.
    fn add(&mut self, from: u64, text: &str) {
        if self.bytes > MOST_WAITING {
            // The backplane takes nothing: then this is all out of date, and only what is new is worth anything.
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

/// Connects this endpoint with the others, for as long as it runs. Nobody waits for it: the browsers here are served before
/// it is connected, and whatever becomes of it.
async fn backplane(address: ServerAddr, everyone: Everyone) {
    let client = ConnectOptions::new()
        // NATS would send us our own messages as well, and every browser here would hear its neighbours twice.
        .no_echo()
        // Whoever starts first waits for the other, and a backplane that comes back finds us.
        .retry_on_initial_connect()
        // By default 2,048 messages wait in the library while the connection is lost, and arrive when nobody wants them.
        .client_capacity(16)
        .event_callback(async |event| eprintln!("backplane: {event}"))
        .connect(address)
        .await;
    match client {
        Ok(client) => _ = tokio::join!(publish(&client, &everyone), hear(&client, &everyone)),
        Err(error) => eprintln!("backplane: {error}"),
    }
}

/// Tells the other endpoints what happens here: at once when nothing has happened for a while, otherwise once a window.
async fn publish(client: &async_nats::Client, everyone: &Everyone) {
    loop {
        everyone.waiting.notified().await;
        let window = mem::take(&mut *lock(&everyone.window));
        // Without a connection nobody hears it, and later nobody wants it.
        if client.connection_state() == State::Connected {
            let _ = client.publish(SUBJECT, window.lines.concat().into()).await;
        }
        time::sleep(WINDOW).await;
    }
}

/// Tells the browsers here what happens at the other endpoints.
async fn hear(client: &async_nats::Client, everyone: &Everyone) {
    let Ok(mut messages) = client.subscribe(SUBJECT).await else {
        return;
    };
    while let Some(message) = messages.next().await {
        for line in String::from_utf8_lossy(&message.payload).lines() {
            let Some((from, text)) = line.split_once(' ') else {
                continue;
            };
            if let Ok(from) = from.parse() {
                everyone.tell(from, text.to_owned());
            }
        }
    }
}
