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
// TODO: For the answer 503.
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
            // The person who starts this server wants to know what it will bear.
            settings::tell();
            println!("listening on http://{host}:{port}/");
            // warp's own `run` cannot be told how long it may wait for a request; `accept::serve` can.
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
    // The same rule, one filter a line: there is room for one more, before the upgrade.
    let request = warp::path!("ws");
    // TODO: Let nobody in whom another site's page has sent.
    let ws = request.and(warp::ws()).map(move |ws: Ws| {
        let everyone = everyone.clone();
        let ws = ws.max_message_size(LONGEST).max_frame_size(LONGEST);
        // TODO: Take a seat before the upgrade, and give it back when the browser has gone. If none is free, answer 503.
        ws.on_upgrade(|socket| browser::connected(socket, everyone))
    });
    page("11.html")
        .or(script("socket.js"))
        .or(script("jquery.js"))
        .or(ws)
        .recover(refused)
        .boxed()
}
