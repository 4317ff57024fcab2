//! Step 17, the farm: several servers like the one of step 16, and a browser need not know which of them serves it.
//!
//! Each is an endpoint: it serves its own browsers as if it were alone. It tells the other endpoints over NATS, the backplane,
//! what its browsers do, and tells its browsers what it hears there. Nobody waits for the backplane: without it, an endpoint is
//! a server of step 16.

mod settings;

mod accept;
mod connection;
mod door;
mod upgrade;

mod pages;

mod browser;
mod client;
mod events;
mod everyone;
mod goodbye;
mod hub;
mod log;
mod newest;
mod outbox;
mod pace;
mod silence;
mod socket;

mod ending;

mod backplane;
mod window;

use std::env;
use std::process::ExitCode;

use everyone::Everyone;
use hyper::upgrade::OnUpgrade;
use pages::{page, refused, script};
use socket::WebSocket;
use upgrade::switching_protocols;
use warp::filters::BoxedFilter;
use warp::http::StatusCode;
use warp::{Filter, Reply};

/// The address comes from outside, so two servers can run side by side.
#[tokio::main]
async fn main() -> ExitCode {
    let host = env::var("HOST").unwrap_or_else(|_| "127.0.0.1".into());
    let port = env::var("PORT").unwrap_or_else(|_| "8080".into());
    let listener = accept::listen(&format!("{host}:{port}"));
    match listener {
        Ok(listener) => {
            settings::tell();
            println!("listening on http://{host}:{port}/");
            tokio::select! {
                () = accept::serve(listener, routes()) => {}
                _ = tokio::signal::ctrl_c() => ending::all_leave().await,
            }
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
    let everyone = Everyone::default();
    tokio::spawn(hub::hub(everyone.clone()));
    // [publish]
    if let Some(address) = &*window::NATS_URL {
        tokio::spawn(backplane::run(address.clone(), everyone.clone()));
    }
    // [end publish]
    let request = warp::path!("ws");
    let request = request.and(door::same_origin());
    // Extract `OnUpgrade` first: `warp::ws()` removes it from the request.
    let request = request.and(warp::ext::get::<OnUpgrade>());
    let request = request.and(warp::header("sec-websocket-key"));
    let ws = request.and(warp::ws());
    let ws = ws.map(move |upgrade: OnUpgrade, key: String, _| {
        let everyone = everyone.clone();
        let Ok(seat) = door::SEATS.try_acquire() else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        tokio::spawn(async move {
            let Ok(upgraded) = upgrade.await else {
                return; // The connection ended before it became a WebSocket.
            };
            if let Some(socket) = WebSocket::over(upgraded, &everyone) {
                browser::connected(socket, everyone).await;
            }
            drop(seat);
        });
        switching_protocols(&key).into_response()
    });
    page("17.html")
        .or(script("socket.js"))
        .or(script("jquery.js"))
        .or(ws)
        .recover(refused)
        .boxed()
}
