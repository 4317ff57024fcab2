//! Step 12, manners: every wait has an end, and every end has a reason.
//!
//! A browser that does not read, that has gone without a word, or that sends what we cannot take is let go. If it can still hear
//! us, we say why. The others notice nothing.

mod settings;

mod accept;
mod connection;
mod door;

mod pages;

mod browser;
mod events;
mod everyone;
mod goodbye;
mod silence;

mod ending;

use std::env;
use std::process::ExitCode;

use everyone::{Everyone, QUEUE};
use pages::{page, refused, script};
use settings::LONGEST;
use warp::filters::BoxedFilter;
use warp::http::StatusCode;
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
            settings::tell();
            println!("listening on http://{host}:{port}/");
            // TODO: Serve until Ctrl-C, then say goodbye to everybody.
            accept::serve(listener, routes()).await;
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
    let ws = request.and(warp::ws()).map(move |ws: Ws| {
        let everyone = everyone.clone();
        let ws = ws.max_message_size(LONGEST).max_frame_size(LONGEST);
        let Ok(seat) = door::SEATS.try_acquire() else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        let until_the_end = |socket| async {
            browser::connected(socket, everyone).await;
            drop(seat);
        };
        ws.on_upgrade(until_the_end).into_response()
    });
    page("12.html")
        .or(script("socket.js"))
        .or(script("jquery.js"))
        .or(ws)
        .recover(refused)
        .boxed()
}
