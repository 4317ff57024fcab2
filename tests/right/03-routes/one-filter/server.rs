//! Step 3 with one filter, which takes every request and rejects none: the rules are the arms of a match.

use std::{env, path::Path, process::ExitCode};

use tokio::net::TcpListener;
use warp::filters::BoxedFilter;
use warp::http::{Method, StatusCode};
use warp::path::FullPath;
use warp::reply::Response;
use warp::{Filter, Reply};

#[tokio::main]
async fn main() -> ExitCode {
    let host = env::var("HOST").unwrap_or_else(|_| "127.0.0.1".into());
    let port = env::var("PORT").unwrap_or_else(|_| "8080".into());
    let Ok(listener) = TcpListener::bind(format!("{host}:{port}")).await else {
        return ExitCode::FAILURE;
    };
    warp::serve(routes()).incoming(listener).run().await;
    ExitCode::SUCCESS
}

fn routes() -> BoxedFilter<(impl Reply,)> {
    warp::method().and(warp::path::full()).then(answer).boxed()
}

async fn answer(method: Method, path: FullPath) -> Response {
    match (path.as_str(), method) {
        ("/", Method::GET | Method::HEAD) => page().await,
        ("/", _) => nothing(StatusCode::METHOD_NOT_ALLOWED),
        (path, _) if path.contains("..") => nothing(StatusCode::BAD_REQUEST),
        _ => nothing(StatusCode::NOT_FOUND),
    }
}

async fn page() -> Response {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join(file!());
    match tokio::fs::read_to_string(here.with_file_name("3.html")).await {
        Ok(page) => warp::reply::html(page).into_response(),
        Err(_) => nothing(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn nothing(status: StatusCode) -> Response {
    let page = warp::reply::html(format!("<p>{status}</p>"));
    warp::reply::with_status(page, status).into_response()
}
