//! What is served to a browser: a few fixed files, and the ways to the views.

use std::net::SocketAddr;
use std::sync::Arc;

use guard::answer::{self, harden, nothing, policy, text};
use warp::filters::BoxedFilter;
use warp::http::Method;
use warp::http::header::{CONTENT_TYPE, HeaderValue, SEC_WEBSOCKET_PROTOCOL};
use warp::path::FullPath;
use warp::reply::Response;
use warp::ws::Ws;
use warp::{Filter, Reply};

use crate::guard::{Guard, PROTOCOL, VIEWS};
use crate::views::{Door, LONGEST_HELD, Role};

/// A file of the page: its path, its kind, what is in it.
type File = (&'static str, &'static str, &'static str);

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// What the instructor's machine shows: the projector's page and the speaker's.
pub const OF_THIS_MACHINE: &[File] = &[
    ("/", HTML, include_str!("../page/present.html")),
    ("/speaker", HTML, include_str!("../page/speaker.html")),
    ("/code.css", CSS, include_str!("../page/code.css")),
    ("/present.css", CSS, include_str!("../page/present.css")),
    ("/speaker.css", CSS, include_str!("../page/speaker.css")),
    ("/room.js", SCRIPT, include_str!("../page/room.js")),
    ("/speaker.js", SCRIPT, include_str!("../page/speaker.js")),
    (
        "/connection.js",
        SCRIPT,
        include_str!("../page/connection.js"),
    ),
    ("/draw.js", SCRIPT, include_str!("../page/draw.js")),
    ("/code.js", SCRIPT, include_str!("../page/code.js")),
    ("/keys.js", SCRIPT, include_str!("../page/keys.js")),
    ("/fit.js", SCRIPT, include_str!("../page/fit.js")),
    ("/panes.js", SCRIPT, include_str!("../page/panes.js")),
    ("/wire.js", SCRIPT, include_str!("../page/wire.js")),
];

/// What a telephone gets.
pub const OF_A_PHONE: &[File] = &[
    ("/", HTML, include_str!("../page/phone.html")),
    ("/phone.css", CSS, include_str!("../page/phone.css")),
    ("/phone.js", SCRIPT, include_str!("../page/phone.js")),
    (
        "/connection.js",
        SCRIPT,
        include_str!("../page/connection.js"),
    ),
    ("/draw.js", SCRIPT, include_str!("../page/draw.js")),
];

/// Everything that the presenter answers with at one address, but for what goes through a view.
pub struct Site {
    guard: Guard,
    door: Door,
    files: &'static [File],
    /// Who looks from each of the ways to the views.
    views: &'static [(&'static str, Role)],
    /// What the page may load, and from where.
    policy: HeaderValue,
}

impl Site {
    /// The site of this machine, whose page shows the app in panes at these two origins.
    pub fn of_this_machine(guard: Guard, door: Door, panes: [&str; 2]) -> Site {
        let views = &[(VIEWS, Role::Room), ("/views/speaker", Role::Speaker)];
        Site {
            policy: policy(guard.origin(), &panes.join(" ")),
            files: OF_THIS_MACHINE,
            views,
            guard,
            door,
        }
    }

    /// The site of the room's network, for a telephone.
    pub fn of_a_phone(guard: Guard, door: Door) -> Site {
        Site {
            policy: policy(guard.origin(), "'none'"),
            files: OF_A_PHONE,
            views: &[(VIEWS, Role::Phone)],
            guard,
            door,
        }
    }

    /// All of it as a filter. It takes every request itself: so none comes past the guard.
    pub fn routes(self) -> BoxedFilter<(Response,)> {
        let site = Arc::new(self);
        warp::addr::remote()
            .and(answer::every_request())
            .map(
                move |from: Option<SocketAddr>, method, path: FullPath, headers, upgrade| {
                    let asked = site
                        .guard
                        .admits(from.map(|it| it.ip()), path.as_str(), &headers);
                    let answer = match asked {
                        Ok(()) => site.answer(&method, path.as_str(), upgrade),
                        Err((status, why)) => text(status, why),
                    };
                    harden(answer, &site.policy)
                },
            )
            .boxed()
    }

    fn answer(&self, method: &Method, path: &str, upgrade: Option<Ws>) -> Response {
        if let Some(refused) = answer::refuse_method(method) {
            return refused;
        }
        let role = self.views.iter().find(|(way, _)| *way == path);
        if let (Some((_, role)), Some(upgrade)) = (role, upgrade) {
            return self.view(upgrade, *role);
        }
        match self.files.iter().find(|(at, ..)| *at == path) {
            Some((_, kind, body)) => {
                warp::reply::with_header(*body, CONTENT_TYPE, *kind).into_response()
            }
            None => nothing(),
        }
    }

    fn view(&self, upgrade: Ws, role: Role) -> Response {
        let door = self.door.clone();
        let upgraded = upgrade
            .max_message_size(LONGEST_HELD)
            .max_frame_size(LONGEST_HELD)
            .on_upgrade(move |socket| door.attend(socket, role));
        warp::reply::with_header(upgraded, SEC_WEBSOCKET_PROTOCOL, PROTOCOL).into_response()
    }
}
