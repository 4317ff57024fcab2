//! What happens in a page, as the checks see it.
//!
//! It deliberately leaves out what is nobody's fault: a missing `/favicon.ico`, and requests that a reload called off.

use std::time::Duration;

/// A place in a script. Lines and columns count from 1; 0 means that the browser does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The file; the page itself for a script inside it.
    pub url: String,
    /// The line in that file.
    pub line: u64,
    /// The column in that line.
    pub column: u64,
}

/// Something that happened in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageEvent {
    /// A script failed and nobody caught it.
    Exception {
        /// The first line, as in `ReferenceError: foo is not defined`.
        text: String,
        /// Where it failed, then who had called that, and so on. Empty when the browser does not say.
        places: Vec<Place>,
    },
    /// A script called `console.log` or one of its kin.
    Console {
        /// `log`, `info`, `debug`, `warning`, `error`, `assert`, ...: the protocol's words.
        level: String,
        /// The arguments, as a person would read them.
        text: String,
        /// Where it called, then who had called that, and so on.
        places: Vec<Place>,
    },
    /// The browser itself has something to say, as when a file is missing.
    LogEntry {
        /// `verbose`, `info`, `warning` or `error`.
        level: String,
        /// What it says.
        text: String,
        /// What it speaks of; empty when it does not say.
        url: String,
    },
    /// A script opened a dialog, as with `alert`; it was accepted at once.
    Dialog {
        /// What the dialog said.
        text: String,
    },
    /// A request got no response at all.
    RequestFailed {
        /// What was asked for.
        url: String,
        /// The browser's reason, as in `net::ERR_CONNECTION_REFUSED`.
        reason: String,
    },
    /// A request got a response, a good one or not.
    Response {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// A WebSocket is open: the server took the upgrade.
    SocketOpened {
        /// Its `ws:` address.
        url: String,
    },
    /// A WebSocket could not be opened, or was broken off.
    SocketFailed {
        /// Its `ws:` address.
        url: String,
        /// The browser's reason.
        reason: String,
    },
    /// The page sent a frame.
    FrameSent {
        /// Its text; base64 of its bytes when it is binary.
        text: String,
        /// Whether it is a binary frame.
        binary: bool,
        /// When, by a clock that all pages of a browser share.
        at: Duration,
    },
    /// The page received a frame.
    FrameReceived {
        /// Its text; base64 of its bytes when it is binary.
        text: String,
        /// Whether it is a binary frame.
        binary: bool,
        /// When, by a clock that all pages of a browser share.
        at: Duration,
    },
    /// A WebSocket is closed, however it ended, and whether or not it was ever open.
    SocketClosed {
        /// Its `ws:` address.
        url: String,
    },
    /// The page and all that it loads are there. Once for each load: the first, and each reload.
    Loaded,
    /// Nothing answered when the page was loaded: the browser shows its own error page instead.
    Unreachable {
        /// What was asked for.
        url: String,
    },
    /// The page is gone: its process died, its window was closed, or the browser ended. Nothing follows until it is loaded again.
    Crashed,
}
