//! Step 5, echo: what comes goes back.

// For `listen`, below.
use std::{env, io, path::Path, process::ExitCode};

use futures::{SinkExt, StreamExt};
// For `listen` as well.
use tokio::net::{TcpListener, TcpSocket};
use warp::filters::BoxedFilter;
use warp::http::StatusCode;
use warp::ws::{Message, WebSocket, Ws};
use warp::{Filter, Rejection, Reply};

// TODO: Write down the longest message that you take: a constant `LONGEST` of 64 KiB.

/// Where to listen comes from outside. So two servers can run side by side, and no address is written into the program.
#[tokio::main]
async fn main() -> ExitCode {
    let host = env::var("HOST").unwrap_or_else(|_| "127.0.0.1".into());
    let port = env::var("PORT").unwrap_or_else(|_| "8080".into());
    // The listener is one that makes each frame leave at once.
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

// This step begins with it; there is nothing to do here.
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
    // TODO: Before the upgrade, set the largest message and the largest frame.
    let ws = warp::path!("ws")
        .and(warp::ws())
        .map(|ws: Ws| ws.on_upgrade(connected));
    page("5.html").or(ws).recover(refused).boxed()
}

/// `/` is the page that lies beside this file. It is read for each request, so an edit shows on refresh.
fn page(name: &str) -> BoxedFilter<(impl Reply,)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join(file!());
    warp::path::end()
        .and(warp::get().or(warp::head()).unify())
        .and(warp::fs::file(here.with_file_name(name)))
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
async fn connected(mut socket: WebSocket) {
    // TODO: Answer each message with what `received` returns, in place of the greeting.
    // That the browser is gone already is no error: the loop finds it out as well.
    let _ = socket.send(Message::text("hello")).await;
    // Nothing is done yet with what comes, but it is read: warp answers a ping or a goodbye only while somebody reads.
    while let Some(Ok(_)) = socket.next().await {}
}

// TODO: Write a function `received`: the answer to a text or a binary message is the message itself.
