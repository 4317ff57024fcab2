//! Step 14, lean: a user who does nothing costs next to nothing.
//!
//! The server takes the upgrade out of warp's hands and makes the WebSocket itself, because the library's read buffer can be
//! chosen only there.

mod settings;

mod accept;
mod connection;
mod door;
mod upgrade;

mod pages;

mod browser;
mod events;
mod everyone;
mod goodbye;
mod pace;
mod silence;

mod ending;

use std::env;
use std::process::ExitCode;

use everyone::{Everyone, QUEUE};
// [upgrade]
use hyper::upgrade::OnUpgrade;
use pages::{page, refused, script};
use upgrade::{switching_protocols, web_socket};
// [end upgrade]
use warp::filters::BoxedFilter;
use warp::http::StatusCode;
// [upgrade] [end upgrade]
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
    let everyone = Everyone::new(QUEUE);
    let request = warp::path!("ws");
    let request = request.and(door::same_origin());
    // [upgrade]
    // Extract `OnUpgrade` first: `warp::ws()` removes it from the request.
    let request = request.and(warp::ext::get::<OnUpgrade>());
    let request = request.and(warp::header("sec-websocket-key"));
    let ws = request.and(warp::ws());
    let ws = ws.map(move |upgrade: OnUpgrade, key: String, _| {
        let everyone = everyone.clone();
        // [end upgrade]
        let Ok(seat) = door::SEATS.try_acquire() else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        // [upgrade]
        tokio::spawn(async move {
            let Ok(upgraded) = upgrade.await else {
                return; // The connection ended before it became a WebSocket.
            };
            browser::connected(web_socket(upgraded).await, everyone).await;
            drop(seat);
        });
        switching_protocols(&key).into_response()
        // [end upgrade]
    });
    page("14.html")
        .or(script("socket.js"))
        .or(script("jquery.js"))
        .or(ws)
        .recover(refused)
        .boxed()
}
