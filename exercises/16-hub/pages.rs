//! The page, its scripts, and the answer to everything else. Explained in steps 2, 3 and 9.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use include_dir::{Dir, include_dir};
use warp::filters::BoxedFilter;
use warp::http::{StatusCode, header};
use warp::{Filter, Rejection, Reply};

use crate::door::Foreign;

/// The files of `static/`, inside the program: whatever path a browser asks for, it cannot reach another file of the disk.
static STATIC: Dir = include_dir!("$CARGO_MANIFEST_DIR/static");

/// `/` is the page that lies beside this file. It is read for each request, so an edit shows on refresh.
pub fn page(name: &str) -> BoxedFilter<(impl Reply,)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join(file!());
    warp::path::end()
        .and(warp::get().or(warp::head()).unify())
        .and(warp::fs::file(here.with_file_name(name)))
        .boxed()
}

/// One script of `static/`, with an ETag: the browser that has it already is told so (304) and keeps it.
pub fn script(name: &'static str) -> BoxedFilter<(impl Reply,)> {
    let body = STATIC.get_file(name).map(|file| file.contents());
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    let etag = format!("\"{:x}\"", hasher.finish());
    warp::path(name)
        .and(warp::path::end())
        .and(warp::get().or(warp::head()).unify())
        .and(warp::header::optional("if-none-match"))
        .and_then(move |known: Option<String>| {
            let etag = etag.clone();
            async move {
                let (status, body) = match body {
                    None => return Err(warp::reject::not_found()),
                    Some(_) if known.as_ref() == Some(&etag) => (StatusCode::NOT_MODIFIED, &[][..]),
                    Some(body) => (StatusCode::OK, body),
                };
                let kind = "text/javascript; charset=utf-8";
                let reply = warp::reply::with_header(body, header::CONTENT_TYPE, kind);
                let reply = warp::reply::with_header(reply, header::ETAG, etag);
                Ok(warp::reply::with_status(reply, status))
            }
        })
        .boxed()
}

/// The answer to a request that no rule takes.
pub async fn refused(rejection: Rejection) -> Result<impl Reply, Rejection> {
    let wrong_method = rejection.find::<warp::reject::MethodNotAllowed>();
    let status = match (rejection.is_not_found(), wrong_method) {
        (true, _) => StatusCode::NOT_FOUND,
        (_, Some(_)) => StatusCode::METHOD_NOT_ALLOWED,
        _ if rejection.find::<Foreign>().is_some() => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    };
    let page = warp::reply::html(format!("<h1>{status}</h1>"));
    Ok(warp::reply::with_status(page, status))
}
