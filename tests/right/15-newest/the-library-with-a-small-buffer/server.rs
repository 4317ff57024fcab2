//! Step 15 in one file: the library's WebSocket with a small buffer, and beside the channel a table of where everybody is.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::{env, io, path::Path, process, process::ExitCode, sync::LazyLock};

use futures::{SinkExt, StreamExt};
use hyper::server::conn::http1;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use include_dir::{Dir, include_dir};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::broadcast::{self, error::TryRecvError};
use tokio::time::{self, Duration};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
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

/// How many messages may wait for a browser that reads slowly; then it loses the oldest, and nobody else notices.
/// Two seconds of ten busy mice: enough for a hiccup of the network, too little to replay a minute of the past.
const QUEUE: usize = 1024;

/// Where everybody is. What is sent and what is noted here goes together, under this lock.
static NEWEST: std::sync::Mutex<std::collections::BTreeMap<u64, Message>> =
    std::sync::Mutex::new(std::collections::BTreeMap::new());

/// Takes a browser out of the table when it goes.
struct Noted(u64);

impl Drop for Noted {
    fn drop(&mut self) {
        NEWEST
            .lock()
            .expect("nobody panics with it")
            .remove(&self.0);
    }
}

/// What goes to every browser but the one that it came from. Cloning it is cheap: the clones share the message's bytes.
#[derive(Clone)]
struct Relayed {
    from: u64,
    message: Message,
}

/// What all tasks share: a ring of `QUEUE` messages. Each message is in it once, and each browser has its own place in the
/// ring, up to which it has read. A sender never waits, and there is no list of browsers to keep.
type Everyone = broadcast::Sender<Relayed>;

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
            // Too many files may be open. That is no reason to end, nor to ask again a million times a second.
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
    let everyone = Everyone::new(QUEUE);
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
            connected(web_socket(upgraded).await, everyone).await;
            drop(seat);
        });
        switching_protocols(&key).into_response()
    });
    page("15.html")
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

/// One browser's WebSocket: the library's, over the connection that hyper hands over.
type WebSocket = WebSocketStream<TokioIo<Upgraded>>;

/// The request has been answered, so there is no handshake any more.
async fn web_socket(upgraded: Upgraded) -> WebSocket {
    let connection = TokioIo::new(upgraded);
    WebSocketStream::from_raw_socket(connection, Role::Server, Some(config())).await
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
/// What is to be written comes from three sides, and is written in one place. The loop is left, the inbox is dropped, the
/// channel counts one less. No list of clients is there to be tidied.
async fn talk(socket: &mut WebSocket, everyone: Everyone) -> Option<Goodbye> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let me = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut inbox = everyone.subscribe();
    let mut has_missed = false;
    let _noted = Noted(me);
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
                    if pace.counts_a_flood(Duration::from_secs(1) / SETTINGS.events_per_second) {
                        return Some((1008, "too many messages"));
                    }
                    received(&message, me, &everyone)
                }
                Some(Err(error)) => return why(&error),
                None => return None,
            },
            relayed = inbox.recv() => match relayed {
                Ok(relayed) if relayed.from != me => Some(relayed.message),
                Ok(_) => None,
                Err(_) => {
                    has_missed = true;
                    None
                }
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
        let written = deliver(outgoing, &mut has_missed, &mut inbox, me, socket);
        let in_time = time::timeout(SETTINGS.patience, written).await;
        if !matches!(in_time, Ok(Ok(()))) {
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

/// The time that a number of bytes takes. A second has as many of them as `EVENTS_PER_SECOND` messages of 512 bytes: ten times what
/// a page needs, and few enough even where each six of them are an empty frame.
fn time_for(bytes: usize) -> Duration {
    let a_second = f64::from(SETTINGS.events_per_second) * 512.0;
    Duration::from_secs_f64(bytes as f64 / a_second)
}

/// The answer to a message, if it gets one. What is for the others goes to `everyone`.
fn received(message: &Message, me: u64, everyone: &Everyone) -> Option<Message> {
    if !(message.is_text() || message.is_binary()) {
        return None; // A ping or a close: the library has answered it.
    }
    let text = |event: Value| Message::text(event.to_string());
    let error = |why: &str| Some(text(json!(["error", why])));
    let relay = |event: Value| -> Option<Message> {
        let event_name = event[0].clone();
        let message = text(event); // Serialised here, once for all who get it.
        // An error says that nobody listens; but we do, and skip our own.
        let mut newest = NEWEST.lock().expect("nobody panics with it");
        if event_name == "spy" {
            newest.insert(me, message.clone());
        }
        let _ = everyone.send(Relayed { from: me, message });
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
    first: Option<Message>,
    has_missed: &mut bool,
    inbox: &mut broadcast::Receiver<Relayed>,
    me: u64,
    socket: &mut WebSocket,
) -> Result<(), Error> {
    let mut next = first;
    let mut bytes = 0;
    loop {
        if *has_missed {
            // Only where everybody is now, and then what is sent from now on.
            let newest: Vec<Message> = {
                let newest = NEWEST.lock().expect("nobody panics with it");
                *inbox = inbox.resubscribe();
                let others = newest.iter().filter(|(from, _)| **from != me);
                others.map(|(_, message)| message.clone()).collect()
            };
            *has_missed = false;
            for message in newest {
                socket.feed(message).await?;
            }
            socket.flush().await?;
        }
        if let Some(message) = next {
            bytes += message.len();
            socket.feed(message).await?;
        }
        if bytes > 16 * 1024 {
            return socket.flush().await;
        }
        next = match inbox.try_recv() {
            Ok(relayed) => (relayed.from != me).then_some(relayed.message),
            // This browser was too slow: its oldest messages are gone, and we go on with the oldest that is left.
            Err(TryRecvError::Lagged(_)) => {
                *has_missed = true;
                None
            }
            Err(TryRecvError::Empty | TryRecvError::Closed) => return socket.flush().await,
        };
    }
}
