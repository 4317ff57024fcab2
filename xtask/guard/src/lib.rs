//! Who may come in to a page of ours that can do more than show itself.
//!
//! Every page in a browser can send requests to loopback and to the network that the browser is in. Development servers that
//! forgot this gave away sources or ran what strangers asked for:
//!
//! - Vitest (CVE-2025-24964) and webpack-dev-server (CVE-2018-14732) took a WebSocket from any origin;
//! - webpack-dev-server again (CVE-2025-30360) believed an origin that was an address and not a name;
//! - Vite (CVE-2025-24010) answered any `Host`, so that a stranger's name that was made to lead to loopback was an origin of
//!   its own (DNS rebinding), and it sent CORS headers to everybody.
//!
//! So there are three questions, and each has one right answer. *Host*: is it us whom the browser believes to talk to?
//! *Origin*: did our own page ask? *Token*: was the address taken from our terminal? The first two are asked here, of every
//! request; where the token stands, the server that has one knows.

pub mod answer;
pub mod window;

use std::net::SocketAddr;

use anyhow::{Context, Result};
use warp::http::HeaderMap;

/// The place that a page is served at, as a browser names it.
pub struct Site {
    host: String,
    origin: String,
}

impl Site {
    /// The site at this address.
    pub fn at(address: SocketAddr) -> Site {
        let host = address.to_string();
        Site {
            origin: format!("http://{host}"),
            host,
        }
    }

    /// Our origin, `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether a request is for us and comes from nobody but a person or our own page. A request that `must_name_us` is one
    /// that only our page makes, a WebSocket's: it names its origin.
    ///
    /// # Errors
    /// Why not, in a sentence that tells a stranger nothing.
    pub fn admits(&self, headers: &HeaderMap, must_name_us: bool) -> Result<(), &'static str> {
        self.is_asked_for(headers)?;
        match only(headers, "origin") {
            // A page is opened by a person, and then a browser sends no origin.
            Absent if !must_name_us => {}
            One(origin) if origin == self.origin => {}
            _ => return Err("Another page has no business here."),
        }
        match only(headers, "sec-fetch-site") {
            Absent | One("none" | "same-origin") => {}
            _ => return Err("Another page has no business here."),
        }
        Ok(())
    }

    /// Whether a request is for us and comes from no page at all: every browser names the origin of a WebSocket.
    ///
    /// # Errors
    /// Why not.
    pub fn admits_a_program(&self, headers: &HeaderMap) -> Result<(), &'static str> {
        self.is_asked_for(headers)?;
        let no_page = ["origin", "sec-fetch-site"].map(|name| only(headers, name) == Absent);
        match no_page {
            [true, true] => Ok(()),
            _ => Err("A page has no business here."),
        }
    }

    fn is_asked_for(&self, headers: &HeaderMap) -> Result<(), &'static str> {
        match only(headers, "host") {
            One(host) if host == self.host => Ok(()),
            _ => Err("This is not the host that was asked for."),
        }
    }
}

/// How often a header is there, and what it says.
#[derive(Debug, PartialEq, Eq)]
pub enum Header<'a> {
    /// Not at all.
    Absent,
    /// Once, and it is a text.
    One(&'a str),
    /// Twice, or not a text.
    Odd,
}
use Header::{Absent, Odd, One};

/// The only value of a header.
pub fn only<'a>(headers: &'a HeaderMap, name: &str) -> Header<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Absent,
        (Some(value), None) => value.to_str().map_or(Odd, One),
        (Some(_), Some(_)) => Odd,
    }
}

/// A token that nobody can guess: 128 bits from the system. More would not be safer, and the address that it stands in would
/// not fit into a line of 80 columns.
///
/// # Errors
/// When the system has no random numbers.
pub fn token() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("the system gives no random numbers")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Whether two texts are the same, found out in a time that does not tell how much of them is: each byte is compared, also
/// after the first that differs.
pub fn is_same(a: &[u8], b: &[u8]) -> bool {
    let differing = a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b));
    a.len() == b.len() && std::hint::black_box(differing) == 0
}
