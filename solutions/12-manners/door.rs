//! The door: which browsers get in, and how many of them. Explained in step 11.

use std::sync::LazyLock;

use tokio::sync::Semaphore;
use warp::{Filter, Rejection};

use crate::settings::HTTP;
use crate::settings::SETTINGS;

/// A seat for each WebSocket that there may be. A task has a seat as long as it holds the permit.
pub static SEATS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(SETTINGS.max_connections as usize));

/// A place for each connection, WebSocket or not yet.
pub static PLACES: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new((SETTINGS.max_connections + HTTP) as usize));

/// Refuses a browser that another site's page has sent here. Such a page may open a WebSocket to any server, and the browser
/// sends our cookies along. But the browser also says in `Origin` whose page asked, and no page can change that.
pub fn same_origin() -> impl Filter<Extract = (), Error = Rejection> + Clone {
    warp::header::optional("origin")
        .and(warp::header::optional("host"))
        .and_then(async |origin: Option<String>, host: Option<String>| {
            let host = host.unwrap_or_default();
            let own = [format!("http://{host}"), format!("https://{host}")];
            match origin {
                Some(origin) if own.contains(&origin) => Ok(()),
                // This is not a browser: a program can send any header, and has nobody's cookies.
                None => Ok(()),
                Some(_) => Err(warp::reject::custom(Foreign)),
            }
        })
        .untuple_one()
}

/// Why a request is refused: another site's page made it.
#[derive(Debug)]
pub struct Foreign;

impl warp::reject::Reject for Foreign {}
