//! Step 4, connect: a connection that stays.

use std::{env, path::Path, process::ExitCode};

// [names]
use futures::{SinkExt, StreamExt};
// [end names]
use tokio::net::TcpListener;
use warp::filters::BoxedFilter;
use warp::http::StatusCode;
// [names]
use warp::ws::{Message, WebSocket, Ws};
// [end names]
use warp::{Filter, Rejection, Reply};

/// Where to listen comes from outside. So two servers can run side by side, and no address is written into the program.
#[tokio::main]
async fn main() -> ExitCode {
    let host = env::var("HOST").unwrap_or_else(|_| "127.0.0.1".into());
    let port = env::var("PORT").unwrap_or_else(|_| "8080".into());
    let listener = TcpListener::bind(format!("{host}:{port}")).await;
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

/// The routing rules: what is answered, and to which requests.
///
/// A filter takes a request or refuses it, and filters combine into larger ones. Each combination has a type of its own, and
/// `BoxedFilter` is one short name for all of them, which compiles faster.
fn routes() -> BoxedFilter<(impl Reply,)> {
    // [upgrade]
    // `warp::ws()` refuses a request that does not ask for a WebSocket. To one that does it answers 101, and then the
    // connection is no longer HTTP: `connected` has it, in a task of its own, for as long as it lasts.
    let ws = warp::path!("ws")
        .and(warp::ws())
        .map(|ws: Ws| ws.on_upgrade(connected));
    // A request that the page refuses is offered to `ws`, and one that both refuse to `refused`.
    page("4.html").or(ws).recover(refused).boxed()
    // [end upgrade]
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

// [greet]
/// One browser, from its upgrade to its end.
async fn connected(mut socket: WebSocket) {
    // [first] [end first]
    // That the browser is gone already is no error: the loop finds it out as well.
    let _ = socket.send(Message::text("hello")).await;
    // Nothing is done yet with what comes, but it is read: warp answers a ping or a goodbye only while somebody reads.
    while let Some(Ok(_)) = socket.next().await {}
}
// [end greet]
