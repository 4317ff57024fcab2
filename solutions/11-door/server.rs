//! Step 11, the door: a server on the open internet lets in only whom it can serve.
//!
//! From here on, a server is several files, one for each thing that it is about. Read them in the order of the `mod` lines.

mod settings;

mod accept;
mod connection;
mod door;

mod pages;

mod browser;
mod events;
mod everyone;

use std::env;
use std::process::ExitCode;

use everyone::{Everyone, QUEUE};
use pages::{page, refused, script};
use settings::LONGEST;
use warp::filters::BoxedFilter;
// [seats]
use warp::http::StatusCode;
// [end seats]
use warp::ws::Ws;
use warp::{Filter, Reply};

/// The address comes from outside, so two servers can run side by side.
#[tokio::main]
async fn main() -> ExitCode {
    let host = env::var("HOST").unwrap_or_else(|_| "127.0.0.1".into());
    let port = env::var("PORT").unwrap_or_else(|_| "8080".into());
    let listener = accept::listen(&format!("{host}:{port}"));
    match listener {
        Ok(listener) => {
            // [settings]
            settings::tell();
            // [end settings]
            println!("listening on http://{host}:{port}/");
            // [accept]
            accept::serve(listener, routes()).await;
            // [end accept]
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
    // [door]
    let request = warp::path!("ws");
    // [origin]
    let request = request.and(door::same_origin());
    // [end origin]
    let ws = request.and(warp::ws()).map(move |ws: Ws| {
        let everyone = everyone.clone();
        let ws = ws.max_message_size(LONGEST).max_frame_size(LONGEST);
        // [seats]
        let Ok(seat) = door::SEATS.try_acquire() else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        let until_the_end = |socket| async {
            browser::connected(socket, everyone).await;
            drop(seat);
        };
        ws.on_upgrade(until_the_end).into_response()
        // [end seats]
    });
    // [end door]
    page("11.html")
        .or(script("socket.js"))
        .or(script("jquery.js"))
        .or(ws)
        .recover(refused)
        .boxed()
}
