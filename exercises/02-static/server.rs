//! Step 2, static: a server that hands out a page.

// TODO: Import `Path` as well: use std::{env, path::Path, process::ExitCode};
use std::{env, process::ExitCode};

use tokio::net::TcpListener;
use warp::filters::BoxedFilter;
use warp::{Filter, Reply};

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

/// What is answered, and to which requests.
///
/// A filter takes a request or refuses it, and filters combine into larger ones. Each combination has a type of its own, and
/// `BoxedFilter` is one short name for all of them, which compiles faster.
fn routes() -> BoxedFilter<(impl Reply,)> {
    // TODO: Answer with the page, in place of the text.
    warp::path::end()
        .map(|| "Hello! You have reached a server that is written in Rust.\n")
        .boxed()
}

// TODO: Write a function `page` that makes a filter: `/` is a file next to this one.
