//! Only the person at this machine may drive the presenter.
//!
//! It writes files and builds programs, so a page from somewhere else must not reach it, and every page in the browser can
//! send requests to loopback. Development servers that forgot this gave away sources or ran what strangers asked for:
//!
//! - Vitest (CVE-2025-24964) and webpack-dev-server (CVE-2018-14732) took a WebSocket from any origin;
//! - webpack-dev-server again (CVE-2025-30360) believed an origin that was an address and not a name;
//! - Vite (CVE-2025-24010) answered any `Host`, so that a stranger's name that was made to lead to loopback was an origin of
//!   its own (DNS rebinding), and it sent CORS headers to everybody.
//!
//! So there are three questions, and each has one right answer. *Host*: is it us whom the browser believes to talk to?
//! *Origin*: did our own page ask? *Token*: was the address taken from our terminal? It is in the part of the address that
//! no browser sends anywhere, and the page hands it over when it connects.

use anyhow::{Context, Result};
use warp::http::HeaderMap;

/// The way to the views: the one request that can lead to anything but a fixed file.
pub const VIEWS: &str = "/views";

/// What the view asks to speak; the token stands beside it in the same header.
pub const PROTOCOL: &str = "walk";

/// Who may come in.
pub struct Guard {
    /// The only right `Host`: `127.0.0.1:PORT`.
    host: String,
    /// The only right `Origin`.
    origin: String,
    token: String,
}

impl Guard {
    /// The guard of the presenter at this port, with a token that nobody can guess: 128 bits from the system.
    /// More would not be safer, and the address would not fit into a line of 80 columns.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new(port: u16) -> Result<Guard> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).context("the system gives no random numbers")?;
        let host = format!("127.0.0.1:{port}");
        Ok(Guard {
            origin: format!("http://{host}"),
            host,
            token: bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }

    /// What the person's address ends in.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Our origin, `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether a request may come in.
    ///
    /// # Errors
    /// Why not, in a sentence that tells a stranger nothing.
    pub fn admits(&self, path: &str, headers: &HeaderMap) -> Result<(), &'static str> {
        if only(headers, "host") != One(&self.host) {
            return Err("This is not the host that was asked for.");
        }
        let is_view = path == VIEWS;
        match only(headers, "origin") {
            // A page is opened by a person, and then a browser sends no origin.
            Absent if !is_view => {}
            One(origin) if origin == self.origin => {}
            _ => return Err("Another page has no business here."),
        }
        match only(headers, "sec-fetch-site") {
            Absent | One("none" | "same-origin") => {}
            _ => return Err("Another page has no business here."),
        }
        if is_view && !self.has_token(headers) {
            return Err("Open the address that the terminal printed.");
        }
        Ok(())
    }

    /// Whether the subprotocols are ours and the token.
    fn has_token(&self, headers: &HeaderMap) -> bool {
        let One(protocols) = only(headers, "sec-websocket-protocol") else {
            return false;
        };
        match protocols.split_once(',') {
            Some((PROTOCOL, token)) => is_same(token.trim().as_bytes(), self.token.as_bytes()),
            _ => false,
        }
    }
}

/// How often a header is there, and what it says.
#[derive(Debug, PartialEq, Eq)]
enum Header<'a> {
    Absent,
    One(&'a str),
    /// Twice, or not a text.
    Odd,
}
use Header::{Absent, Odd, One};

fn only<'a>(headers: &'a HeaderMap, name: &str) -> Header<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Absent,
        (Some(value), None) => value.to_str().map_or(Odd, One),
        (Some(_), Some(_)) => Odd,
    }
}

/// Whether two texts are the same, found out in a time that does not tell how much of them is: each byte is compared, also
/// after the first that differs.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    let differing = a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b));
    a.len() == b.len() && std::hint::black_box(differing) == 0
}
