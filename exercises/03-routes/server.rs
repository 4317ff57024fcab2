//! Step 3, routes: a page for what there is, and an answer to everything else.

use std::{env, path::Path, process::ExitCode};

use tokio::net::TcpListener;
use warp::filters::BoxedFilter;
// TODO: Import what you use: StatusCode from warp::http, and warp::Rejection.
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

/// The routing rules: what is answered, and to which requests.
///
/// A filter takes a request or refuses it, and filters combine into larger ones. Each combination has a type of its own, and
/// `BoxedFilter` is one short name for all of them, which compiles faster.
fn routes() -> BoxedFilter<(impl Reply,)> {
    // TODO: Let `refused` answer what no rule takes.
    page("3.html")
}

/// `/` is the page that lies beside this file. It is read for each request, so an edit shows on refresh.
fn page(name: &str) -> BoxedFilter<(impl Reply,)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join(file!());
    warp::path::end()
        // TODO: Take GET and HEAD, and no other method.
        .and(warp::fs::file(here.with_file_name(name)))
        .boxed()
}

// TODO: Write a function `refused` that turns a rejection into a status and a page.
