//! What is answered to a request, at the two places where a room is served.
//!
//! In the classroom's network there is the door for learners, and one page that shows the line to join with. The board, the
//! instructor's page and the reports are on loopback alone: so the token never crosses a network.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use guard::Site;
use guard::answer::{self, harden, nothing, text};
use warp::filters::BoxedFilter;
use warp::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use warp::http::{HeaderMap, Method, StatusCode};
use warp::path::FullPath;
use warp::reply::Response;
use warp::ws::Ws;
use warp::{Filter, Reply};

use crate::desk::{self, Desk};
use crate::door::{Door, LONGEST_HELD};
use crate::papers::Papers;

/// A file of a page: its kind, and what it holds.
type File = (&'static str, &'static str);

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: File = ("text/css; charset=utf-8", include_str!("../page/class.css"));
const JOIN: File = (HTML, include_str!("../page/join.html"));
const JOIN_SCRIPT: File = (SCRIPT, include_str!("../page/join.js"));
const BOARD: File = (HTML, include_str!("../page/board.html"));
const BOARD_SCRIPT: File = (SCRIPT, include_str!("../page/board.js"));
const INSTRUCTOR: File = (HTML, include_str!("../page/instructor.html"));
const ROWS_SCRIPT: File = (SCRIPT, include_str!("../page/rows.js"));
const INSTRUCTOR_SCRIPT: File = (SCRIPT, include_str!("../page/instructor.js"));
/// The page's end of the WebSocket, as the learners have it.
const SOCKET: File = (SCRIPT, include_str!("../../../static/socket.js"));

/// A report is shown, and does nothing: no script, no request, no form, and nothing of ours is within its reach.
const REPORT_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// What one of the two places answers.
#[derive(Clone)]
pub struct Answers {
    site: Arc<Site>,
    place: Place,
    policy: HeaderValue,
}

/// Which of them it is.
#[derive(Clone)]
enum Place {
    /// Where learners come in.
    Room(Door),
    /// The instructor's machine.
    Desk(Desk, Papers, Arc<str>),
}

impl Answers {
    /// Those in the classroom's network.
    pub fn for_learners(address: SocketAddr, door: Door) -> Answers {
        Answers::at(address, Place::Room(door))
    }

    /// Those on the instructor's machine. `picture` leads a telephone to the line to join with.
    pub fn for_the_instructor(
        address: SocketAddr,
        desk: Desk,
        papers: Papers,
        picture: String,
    ) -> Answers {
        Answers::at(address, Place::Desk(desk, papers, picture.into()))
    }

    fn at(address: SocketAddr, place: Place) -> Answers {
        let site = Site::at(address);
        Answers {
            policy: answer::policy(site.origin(), "'self'"),
            site: Arc::new(site),
            place,
        }
    }

    /// All of it as a filter, for a connection from there. It takes every request itself: so none comes past the guard.
    pub fn routes(self, from: IpAddr) -> BoxedFilter<(Response,)> {
        answer::every_request()
            .map(move |method, path: FullPath, headers, upgrade| {
                let answer = self.answer(&method, path.as_str(), &headers, upgrade, from);
                harden(answer, &self.policy)
            })
            .boxed()
    }

    fn answer(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        upgrade: Option<Ws>,
        from: IpAddr,
    ) -> Response {
        if let Err(why) = self.admits(path, headers) {
            return text(StatusCode::FORBIDDEN, why);
        }
        if let Some(refused) = answer::refuse_method(method) {
            return refused;
        }
        match &self.place {
            Place::Room(door) => for_learners(door, path, upgrade, from),
            Place::Desk(_, _, picture) if path == "/join.svg" => svg(picture),
            Place::Desk(desk, papers, _) => for_the_instructor(desk, papers, path, upgrade, from),
        }
    }

    /// A learner's tool is no page, and a page is no learner's tool.
    fn admits(&self, path: &str, headers: &HeaderMap) -> Result<(), &'static str> {
        match (&self.place, path) {
            (Place::Room(_), room::PATH) => self.site.admits_a_program(headers),
            (Place::Room(_), _) => self.site.admits(headers, false),
            (Place::Desk(..), _) => self.site.admits(headers, path == SOCKETS),
        }
    }
}

/// The way of the pages' WebSockets.
const SOCKETS: &str = "/ws";

fn for_learners(door: &Door, path: &str, upgrade: Option<Ws>, from: IpAddr) -> Response {
    match (path, upgrade) {
        ("/", _) => file(JOIN),
        ("/join.js", _) => file(JOIN_SCRIPT),
        ("/class.css", _) => file(CSS),
        (room::PATH, Some(upgrade)) => {
            let door = door.clone();
            let upgrade = upgrade
                .max_message_size(LONGEST_HELD)
                .max_frame_size(LONGEST_HELD);
            let upgraded = upgrade.on_upgrade(move |socket| door.attend(socket, from));
            upgraded.into_response()
        }
        _ => nothing(),
    }
}

fn for_the_instructor(
    desk: &Desk,
    papers: &Papers,
    path: &str,
    upgrade: Option<Ws>,
    from: IpAddr,
) -> Response {
    match (path, upgrade) {
        ("/board", _) => file(BOARD),
        ("/board.js", _) => file(BOARD_SCRIPT),
        ("/instructor", _) => file(INSTRUCTOR),
        ("/instructor.js", _) => file(INSTRUCTOR_SCRIPT),
        ("/rows.js", _) => file(ROWS_SCRIPT),
        ("/class.css", _) => file(CSS),
        ("/socket.js", _) => file(SOCKET),
        (SOCKETS, Some(upgrade)) => {
            let desk = desk.clone();
            let upgrade = upgrade
                .max_message_size(desk::LONGEST)
                .max_frame_size(desk::LONGEST);
            let upgraded = upgrade.on_upgrade(move |socket| desk.attend(socket, from));
            upgraded.into_response()
        }
        (path, _) => match path.strip_prefix("/report/").and_then(|it| papers.take(it)) {
            Some(page) => report(page),
            None => nothing(),
        },
    }
}

fn report(page: String) -> Response {
    let page = warp::reply::with_header(page, CONTENT_TYPE, HTML);
    warp::reply::with_header(page, CONTENT_SECURITY_POLICY, REPORT_POLICY).into_response()
}

fn file((kind, body): File) -> Response {
    warp::reply::with_header(body, CONTENT_TYPE, kind).into_response()
}

fn svg(picture: &str) -> Response {
    warp::reply::with_header(picture.to_owned(), CONTENT_TYPE, "image/svg+xml").into_response()
}
