//! Step 2, static: a server that hands out a page.

// [names]
use std::{env, path::Path, process::ExitCode};
// [end names]

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
    // [serve]
    // [fresh]
    page("2.html")
    // [end fresh]
    // [end serve]
}

// [page]
/// `/` is the page that lies beside this file. It is read for each request, so an edit shows on refresh.
///
/// The alternative, `include_str!`, puts the page into the program: one file to carry around, and one build for each
/// edit.
fn page(name: &str) -> BoxedFilter<(impl Reply,)> {
    // [absolute]
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join(file!());
    warp::path::end()
        .and(warp::fs::file(here.with_file_name(name)))
        .boxed()
    // [end absolute]
}
// [end page]
