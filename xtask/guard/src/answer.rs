//! What every answer of a page of ours carries, and the requests that it takes.

use warp::filters::BoxedFilter;
use warp::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use warp::http::{HeaderMap, Method, StatusCode};
use warp::path::FullPath;
use warp::reply::Response;
use warp::ws::Ws;
use warp::{Filter, Reply};

/// Every request: its method, path and headers, and its upgrade if it asks for a WebSocket. A site whose only filter this is
/// asks the guard about each of them.
pub fn every_request() -> BoxedFilter<(Method, FullPath, HeaderMap, Option<Ws>)> {
    let upgrade = warp::ws().map(Some);
    let upgrade = upgrade.or(warp::any().map(|| None)).unify();
    warp::method()
        .and(warp::path::full())
        .and(warp::header::headers_cloned())
        .and(upgrade)
        .boxed()
}

/// What a page of this origin may load: its own files, its own WebSockets, and pictures that it makes itself. `frames` says
/// whose pages it may show.
pub fn policy(origin: &str, frames: &str) -> HeaderValue {
    let sockets = origin.replacen("http:", "ws:", 1);
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {sockets}; frame-src {frames}; \
         img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("it is plain text")
}

/// Adds what stands on every answer. Nothing of CORS is among it: no other page reads what we say. An answer may have a
/// stricter policy of its own.
pub fn harden(mut answer: Response, policy: &HeaderValue) -> Response {
    let own = HeaderValue::from_static("same-origin");
    let headers = [
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            own.clone(),
        ),
        (HeaderName::from_static("cross-origin-resource-policy"), own),
    ];
    answer.headers_mut().extend(headers);
    let policies = answer.headers_mut().entry(CONTENT_SECURITY_POLICY);
    policies.or_insert_with(|| policy.clone());
    answer
}

/// The answer to a method that could change something: a site of ours only shows.
pub fn refuse_method(method: &Method) -> Option<Response> {
    if [Method::GET, Method::HEAD].contains(method) {
        return None;
    }
    let refused = text(StatusCode::METHOD_NOT_ALLOWED, "There is nothing to send.");
    Some(warp::reply::with_header(refused, ALLOW, "GET, HEAD").into_response())
}

/// The answer to a path that leads nowhere.
pub fn nothing() -> Response {
    text(StatusCode::NOT_FOUND, "There is nothing here.")
}

/// A status, and why.
pub fn text(status: StatusCode, text: &'static str) -> Response {
    warp::reply::with_status(text, status).into_response()
}
