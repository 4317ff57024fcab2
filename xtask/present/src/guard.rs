//! Only the person at this machine may drive the presenter: it writes files and builds programs.
//!
//! The library `guard` asks for the Host and the Origin, and says why. Here is the token: it is in the part of the address
//! that no browser sends anywhere, and the page hands it over when it connects. Who hands over wrong ones is not heard for a
//! while.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use guard::{Header, Site, is_same, only};
use warp::http::{HeaderMap, StatusCode};

/// Where the ways to the views begin: the only requests that can lead to anything but a fixed file.
pub const VIEWS: &str = "/views";

/// What the view asks to speak; the token stands beside it in the same header.
pub const PROTOCOL: &str = "walk";

/// So many wrong tokens from one address are heard in a minute.
const MOST_WRONG: u32 = 10;
const MINUTE: Duration = Duration::from_secs(60);

/// So many addresses are remembered. A room has fewer.
const MOST_ADDRESSES: usize = 1000;

/// Who may come in.
pub struct Guard {
    site: Site,
    token: String,
    wrong: Mutex<HashMap<IpAddr, Wrong>>,
}

/// The wrong tokens from an address.
struct Wrong {
    count: u32,
    since: Instant,
}

/// Why a request may not come in: a status, and a sentence that tells a stranger nothing.
pub type Refused = (StatusCode, &'static str);

impl Guard {
    /// The guard of what is served at this address, for whoever has the token.
    pub fn new(address: SocketAddr, token: String) -> Guard {
        Guard {
            site: Site::at(address),
            token,
            wrong: Mutex::default(),
        }
    }

    /// Our origin, `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> &str {
        self.site.origin()
    }

    /// The address of a page, with the token.
    pub fn address(&self, page: &str) -> String {
        format!("{}{page}#{}", self.origin(), self.token)
    }

    /// Whether a request from this address may come in.
    ///
    /// # Errors
    /// Why not.
    pub fn admits(
        &self,
        from: Option<IpAddr>,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<(), Refused> {
        let is_view = path.starts_with(VIEWS);
        let forbidden = |why| (StatusCode::FORBIDDEN, why);
        self.site.admits(headers, is_view).map_err(forbidden)?;
        if !is_view {
            return Ok(());
        }
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.retain(|_, wrong| wrong.since.elapsed() < MINUTE);
        let from = from.unwrap_or(IpAddr::from([0, 0, 0, 0]));
        let is_full = wrong.len() >= MOST_ADDRESSES && !wrong.contains_key(&from);
        if is_full || wrong.get(&from).is_some_and(|it| it.count >= MOST_WRONG) {
            let why = "Too many wrong tokens came from here: try again in a minute.";
            return Err((StatusCode::TOO_MANY_REQUESTS, why));
        }
        if self.has_token(headers) {
            return Ok(());
        }
        let begins = Wrong {
            count: 0,
            since: Instant::now(),
        };
        wrong.entry(from).or_insert(begins).count += 1;
        Err(forbidden("Open the address that the terminal printed."))
    }

    /// Whether the subprotocols are ours and the token.
    fn has_token(&self, headers: &HeaderMap) -> bool {
        let Header::One(protocols) = only(headers, "sec-websocket-protocol") else {
            return false;
        };
        match protocols.split_once(',') {
            Some((PROTOCOL, token)) => is_same(token.trim().as_bytes(), self.token.as_bytes()),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(token: &str) -> HeaderMap {
        let protocols = format!("walk, {token}");
        let pairs = [
            ("host", "127.0.0.1:7000"),
            ("origin", "http://127.0.0.1:7000"),
            ("sec-websocket-protocol", &protocols),
        ];
        let pair = |(name, value): (&'static str, &str)| {
            let name = warp::http::HeaderName::from_static(name);
            (name, value.parse().expect("it is plain text"))
        };
        pairs.into_iter().map(pair).collect()
    }

    #[test]
    fn who_guesses_is_not_heard_and_the_others_are() {
        let address = SocketAddr::from(([127, 0, 0, 1], 7000));
        let guard = Guard::new(address, "right".into());
        let asks = |from: u8, token| {
            let from = IpAddr::from([10, 0, 0, from]);
            let asked = guard.admits(Some(from), VIEWS, &headers(token));
            asked.map_err(|(status, _)| status.as_u16())
        };
        for _ in 0..MOST_WRONG {
            assert_eq!(asks(1, "wrong"), Err(403));
        }
        // From then on not even the right one: that would tell which it is.
        assert_eq!((asks(1, "wrong"), asks(1, "right")), (Err(429), Err(429)));
        assert_eq!(asks(2, "right"), Ok(()));
    }
}
