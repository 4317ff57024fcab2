//! Step 3, routes: a page for what there is, and an answer to everything else.

use std::{env, path::Path, process::ExitCode};

use tokio::net::TcpListener;
use warp::filters::BoxedFilter;
// [names]
use warp::http::StatusCode;
use warp::{Filter, Rejection, Reply};
// [end names]

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
    // [recover]
    page("3.html").recover(refused).boxed()
    // [end recover]
}

/// `/` is the page that lies beside this file. It is read for each request, so an edit shows on refresh.
fn page(name: &str) -> BoxedFilter<(impl Reply,)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join(file!());
    warp::path::end()
        // [methods]
        // [head]
        .and(warp::get().or(warp::head()).unify())
        // [end head]
        // [end methods]
        .and(warp::fs::file(here.with_file_name(name)))
        .boxed()
}

// [refused]
/// The answer to a request that no rule takes.
///
/// Every rule has refused it, each for a reason of its own, and warp collects these. Without `recover`, warp sends the
/// status alone, or with a bare line of text.
async fn refused(rejection: Rejection) -> Result<impl Reply, Rejection> {
    // [reasons]
    let wrong_method = rejection.find::<warp::reject::MethodNotAllowed>();
    let status = match (rejection.is_not_found(), wrong_method) {
        (true, _) => StatusCode::NOT_FOUND,
        (_, Some(_)) => StatusCode::METHOD_NOT_ALLOWED,
        _ => StatusCode::BAD_REQUEST,
    };
    // [end reasons]
    let page = warp::reply::html(format!("<h1>{status}</h1>"));
    Ok(warp::reply::with_status(page, status))
}
// [end refused]
