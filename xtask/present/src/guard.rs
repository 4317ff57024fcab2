//! Only the person at this machine may drive the presenter: it writes files and builds programs.
//!
//! The library `guard` asks for the Host and the Origin, and says why. Here is the token: it is in the part of the address
//! that no browser sends anywhere, and the page hands it over when it connects.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use guard::{Header, Site, is_same, only};
use warp::http::HeaderMap;

/// The way to the views: the one request that can lead to anything but a fixed file.
pub const VIEWS: &str = "/views";

/// What the view asks to speak; the token stands beside it in the same header.
pub const PROTOCOL: &str = "walk";

/// Who may come in.
pub struct Guard {
    site: Site,
    token: String,
}

impl Guard {
    /// The guard of the presenter at this port, with a token of its own.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new(port: u16) -> Result<Guard> {
        Ok(Guard {
            site: Site::at(SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
            token: guard::token()?,
        })
    }

    /// What the person's address ends in.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Our origin, `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> &str {
        self.site.origin()
    }

    /// Whether a request may come in.
    ///
    /// # Errors
    /// Why not, in a sentence that tells a stranger nothing.
    pub fn admits(&self, path: &str, headers: &HeaderMap) -> Result<(), &'static str> {
        let is_view = path == VIEWS;
        self.site.admits(headers, is_view)?;
        if is_view && !self.has_token(headers) {
            return Err("Open the address that the terminal printed.");
        }
        Ok(())
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
