//! Step 2, static: a server that hands out a page.

// [names] Import `Path` as well: use std::{env, path::Path, process::ExitCode};
// Before: use std::{env, process::ExitCode};
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
    // [serve] Answer with the page, in place of the text.
    // Before: warp::path::end()
    // Before:     .map(|| "Hello! You have reached a server that is written in Rust.\n")
    // Before:     .boxed()
    // [fresh, given] `page` is a whole rule: it takes the request, and its answer is read from the file each time.
    // Before: warp::path::end()
    // Before:     .map(|| warp::reply::html(include_str!("2.html")))
    // Before:     .boxed()
    page("2.html")
    // [end fresh]
    // [end serve]
}

// [page] Write a function `page` that makes a filter: `/` is a file that lies beside this one.
/// `/` is the page that lies beside this file. It is read for each request, so an edit shows on refresh.
///
/// The alternative, `include_str!`, puts the page into the program: one file to carry around, and one build for each
/// edit.
fn page(name: &str) -> BoxedFilter<(impl Reply,)> {
    // [absolute, given] The place is absolute: a relative path would depend on the folder that the program is started in.
    // Before: warp::path::end()
    // Before:     .and(warp::fs::file(name.to_owned()))
    // Before:     .boxed()
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join(file!());
    warp::path::end()
        .and(warp::fs::file(here.with_file_name(name)))
        .boxed()
    // [end absolute]
}
// [end page]
