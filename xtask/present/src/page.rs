//! What is served to a browser: three fixed files, and the way to the views.

use std::sync::Arc;

use warp::filters::BoxedFilter;
use warp::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
    REFERRER_POLICY, SEC_WEBSOCKET_PROTOCOL, X_CONTENT_TYPE_OPTIONS,
};
use warp::http::{HeaderMap, Method, StatusCode};
use warp::path::FullPath;
use warp::reply::Response;
use warp::ws::Ws;
use warp::{Filter, Reply};

use crate::guard::{Guard, PROTOCOL, VIEWS};
use crate::views::{Door, LONGEST_HELD};

const HTML: (&str, &str) = (
    "text/html; charset=utf-8",
    include_str!("../page/present.html"),
);
const CSS: (&str, &str) = (
    "text/css; charset=utf-8",
    include_str!("../page/present.css"),
);
const SCRIPT: (&str, &str) = (
    "text/javascript; charset=utf-8",
    include_str!("../page/present.js"),
);

/// Everything that the presenter answers with, but for what goes through a view.
pub struct Site {
    guard: Guard,
    door: Door,
    /// What the page may load, and from where.
    policy: HeaderValue,
}

impl Site {
    /// The site of this guard, whose page shows the app in panes at these two origins.
    pub fn new(guard: Guard, door: Door, panes: [&str; 2]) -> Site {
        let [left, right] = panes;
        let views = guard.origin().replacen("http:", "ws:", 1);
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {views}; \
             frame-src {left} {right}; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'"
        );
        Site {
            guard,
            door,
            policy: HeaderValue::try_from(policy).expect("it is plain text"),
        }
    }

    /// All of it as a filter. It takes every request itself: so none comes past the guard.
    pub fn routes(self) -> BoxedFilter<(Response,)> {
        let site = Arc::new(self);
        let upgrade = warp::ws().map(Some);
        let upgrade = upgrade.or(warp::any().map(|| None)).unify();
        warp::method()
            .and(warp::path::full())
            .and(warp::header::headers_cloned())
            .and(upgrade)
            .map(move |method, path: FullPath, headers, upgrade| {
                let answer = site.answer(&method, path.as_str(), &headers, upgrade);
                site.with_headers(answer)
            })
            .boxed()
    }

    fn answer(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        upgrade: Option<Ws>,
    ) -> Response {
        if let Err(why) = self.guard.admits(path, headers) {
            return text(StatusCode::FORBIDDEN, why);
        }
        if ![Method::GET, Method::HEAD].contains(method) {
            let refused = text(StatusCode::METHOD_NOT_ALLOWED, "There is nothing to send.");
            return warp::reply::with_header(refused, ALLOW, "GET, HEAD").into_response();
        }
        match (path, upgrade) {
            ("/" | "/speaker", _) => file(HTML),
            ("/present.css", _) => file(CSS),
            ("/present.js", _) => file(SCRIPT),
            (VIEWS, Some(upgrade)) => self.view(upgrade),
            _ => text(StatusCode::NOT_FOUND, "There is nothing here."),
        }
    }

    fn view(&self, upgrade: Ws) -> Response {
        let door = self.door.clone();
        let upgraded = upgrade
            .max_message_size(LONGEST_HELD)
            .max_frame_size(LONGEST_HELD)
            .on_upgrade(|socket| door.attend(socket));
        warp::reply::with_header(upgraded, SEC_WEBSOCKET_PROTOCOL, PROTOCOL).into_response()
    }

    /// What stands on every answer. Nothing of CORS is among it: no other page reads what we say.
    fn with_headers(&self, mut answer: Response) -> Response {
        let own = HeaderValue::from_static("same-origin");
        let headers = [
            (CONTENT_SECURITY_POLICY, self.policy.clone()),
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
        answer
    }
}

fn file((kind, body): (&'static str, &'static str)) -> Response {
    warp::reply::with_header(body, CONTENT_TYPE, kind).into_response()
}

fn text(status: StatusCode, text: &'static str) -> Response {
    warp::reply::with_status(text, status).into_response()
}
