//! Everything that has happened in one page, in order, and a way to wait for more.
//!
//! Here the protocol's messages become [`PageEvent`]s. A message that we do not know is deliberately no event.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use super::event::{PageEvent, Place};
use super::remote;

/// What is kept of a page that never stops talking: more than any right one has to say, and yet it fits in memory.
const KEPT: usize = 50_000;

/// The events of one page. A `watch` holds the list: who waits for more is woken, and cannot miss what came in between.
#[derive(Default)]
pub(super) struct Journal {
    events: watch::Sender<Vec<PageEvent>>,
    translator: Mutex<Translator>,
}

impl Journal {
    /// Writes down what a message means.
    pub(super) fn record(&self, method: &str, params: &Value) {
        let event = self.translator().translate(method, params);
        if let Some(event) = event.filter(|event| !about_the_icon(event)) {
            self.push(event);
        }
    }

    /// Writes down that nothing will follow.
    pub(super) fn end(&self) {
        self.push(PageEvent::Crashed);
    }

    /// All events so far.
    pub(super) fn events(&self) -> Vec<PageEvent> {
        self.events.borrow().clone()
    }

    /// How many events there are so far.
    pub(super) fn len(&self) -> usize {
        self.events.borrow().len()
    }

    /// The first event from the one numbered `from` that is wanted, as soon as it is there. Waits for ever for it.
    pub(super) async fn next(
        &self,
        from: usize,
        want: impl Fn(&PageEvent) -> bool,
    ) -> Option<PageEvent> {
        let mut looked_at = from;
        let mut found = None;
        let look = |events: &Vec<PageEvent>| {
            found = events
                .iter()
                .skip(looked_at)
                .find(|event| want(event))
                .cloned();
            looked_at = looked_at.max(events.len());
            found.is_some()
        };
        let mut receiver = self.events.subscribe();
        let _ = receiver.wait_for(look).await;
        found
    }

    /// The requests that have got no whole response yet.
    pub(super) fn unfinished(&self) -> Vec<String> {
        self.translator().requests.values().cloned().collect()
    }

    fn push(&self, event: PageEvent) {
        let end = event == PageEvent::Crashed;
        self.events.send_modify(|events| {
            // A page ends once, though more than one message may say so; and its end is kept even after a flood.
            let repeated = end && events.last() == Some(&event);
            if !repeated && (end || events.len() < KEPT) {
                events.push(event);
            }
        });
    }

    fn translator(&self) -> std::sync::MutexGuard<'_, Translator> {
        self.translator
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Turns messages into events. It remembers the addresses, which the protocol says only once for each request.
#[derive(Default)]
struct Translator {
    requests: HashMap<String, String>,
    sockets: HashMap<String, String>,
    /// Whether the page shows a document of the server's, not the empty page before it or an error page after it.
    shows_a_document: bool,
}

impl Translator {
    fn translate(&mut self, method: &str, params: &Value) -> Option<PageEvent> {
        match method {
            "Runtime.exceptionThrown" => Some(exception(&params["exceptionDetails"])),
            "Runtime.consoleAPICalled" => Some(console(params)),
            "Log.entryAdded" => Some(PageEvent::LogEntry {
                level: text(&params["entry"]["level"]),
                text: text(&params["entry"]["text"]),
                url: text(&params["entry"]["url"]),
            }),
            "Page.javascriptDialogOpening" => Some(PageEvent::Dialog {
                text: text(&params["message"]),
            }),
            "Inspector.targetCrashed" | "Target.detachedFromTarget" => Some(PageEvent::Crashed),
            "Page.frameNavigated" => self.navigated(&params["frame"]),
            "Page.loadEventFired" => self.shows_a_document.then_some(PageEvent::Loaded),
            _ => match method.strip_prefix("Network.")? {
                socket if socket.starts_with("webSocket") => self.socket(socket, params),
                request => self.request(request, params),
            },
        }
    }

    fn navigated(&mut self, frame: &Value) -> Option<PageEvent> {
        if frame.get("parentId").is_some() {
            return None;
        }
        let unreachable = frame["unreachableUrl"].as_str();
        self.shows_a_document = unreachable.is_none() && frame["url"] != "about:blank";
        unreachable.map(|url| PageEvent::Unreachable {
            url: url.to_owned(),
        })
    }

    fn request(&mut self, method: &str, params: &Value) -> Option<PageEvent> {
        let id = params["requestId"].as_str()?;
        match method {
            "requestWillBeSent" => {
                let url = text(&params["request"]["url"]);
                self.requests.insert(id.to_owned(), url);
                // The response to a redirected request comes with the request that follows it.
                response(params.get("redirectResponse")?)
            }
            "responseReceived" => response(&params["response"]),
            "loadingFinished" => {
                self.requests.remove(id);
                None
            }
            "loadingFailed" => {
                let url = self.requests.remove(id)?;
                let reason = text(&params["errorText"]);
                (params["canceled"] != true).then_some(PageEvent::RequestFailed { url, reason })
            }
            _ => None,
        }
    }

    fn socket(&mut self, method: &str, params: &Value) -> Option<PageEvent> {
        let id = params["requestId"].as_str()?;
        let url = || self.sockets.get(id).cloned().unwrap_or_default();
        match method {
            "webSocketCreated" => {
                self.sockets.insert(id.to_owned(), text(&params["url"]));
                None
            }
            // A refusal is told too, with another status.
            "webSocketHandshakeResponseReceived" => (params["response"]["status"] == 101)
                .then(|| PageEvent::SocketOpened { url: url() }),
            "webSocketFrameError" => Some(PageEvent::SocketFailed {
                url: url(),
                reason: text(&params["errorMessage"]),
            }),
            "webSocketFrameSent" => {
                frame(&params["response"]).map(|(text, binary)| PageEvent::FrameSent {
                    text,
                    binary,
                    at: time(params),
                })
            }
            "webSocketFrameReceived" => {
                frame(&params["response"]).map(|(text, binary)| PageEvent::FrameReceived {
                    text,
                    binary,
                    at: time(params),
                })
            }
            "webSocketClosed" => Some(PageEvent::SocketClosed {
                url: self.sockets.remove(id).unwrap_or_default(),
            }),
            _ => None,
        }
    }
}

fn exception(details: &Value) -> PageEvent {
    // A script error says where it is itself; a rejected promise only where it was made.
    let own = details["url"].is_string().then(|| place(details));
    let called = calls(&details["stackTrace"]);
    // What is caught and thrown once more, as jQuery does it, remembers in its text where it was thrown first.
    let thrown = details["exception"]["description"]
        .as_str()
        .unwrap_or_default();
    let thrown = thrown.lines().filter_map(place_in_text);
    PageEvent::Exception {
        text: remote::thrown(details),
        places: own.into_iter().chain(called).chain(thrown).collect(),
    }
}

fn console(params: &Value) -> PageEvent {
    PageEvent::Console {
        level: text(&params["type"]),
        text: remote::printed(&params["args"]),
        places: calls(&params["stackTrace"]),
    }
}

/// The calls of a stack trace, and of those that it came from: a timer, a promise.
fn calls(mut trace: &Value) -> Vec<Place> {
    let mut found = Vec::new();
    while trace.is_object() {
        let frames = trace["callFrames"].as_array();
        found.extend(frames.into_iter().flatten().map(place));
        trace = &trace["parent"];
    }
    found
}

fn place(of: &Value) -> Place {
    Place {
        url: text(&of["url"]),
        line: from_one(&of["lineNumber"]),
        column: from_one(&of["columnNumber"]),
    }
}

/// The place in a line of an error's stack: `    at spy (http://127.0.0.1:8080/:53:20)`.
fn place_in_text(line: &str) -> Option<Place> {
    let call = line.trim().strip_prefix("at ")?;
    let place = &call[call.find("http")?..];
    let mut parts = place.trim_end_matches(')').rsplitn(3, ':');
    let (column, line) = (parts.next()?, parts.next()?);
    Some(Place {
        url: parts.next()?.to_owned(),
        line: line.parse().ok()?,
        column: column.parse().ok()?,
    })
}

fn response(response: &Value) -> Option<PageEvent> {
    Some(PageEvent::Response {
        url: text(&response["url"]),
        status: response["status"].as_u64()?.try_into().ok()?,
    })
}

/// The payload of a text or binary frame, and whether it is binary; pings and closes are the browser's business.
fn frame(frame: &Value) -> Option<(String, bool)> {
    match frame["opcode"].as_u64()? {
        opcode @ (1 | 2) => Some((text(&frame["payloadData"]), opcode == 2)),
        _ => None,
    }
}

/// When it was, in seconds of the browser's clock; 0 where the browser does not say.
fn time(params: &Value) -> Duration {
    let seconds = params["timestamp"].as_f64().unwrap_or_default();
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// Browsers ask for an icon that no page here has: its absence is nobody's fault.
fn about_the_icon(event: &PageEvent) -> bool {
    match event {
        PageEvent::LogEntry { url, .. }
        | PageEvent::Response { url, .. }
        | PageEvent::RequestFailed { url, .. } => url.ends_with("/favicon.ico"),
        _ => false,
    }
}

/// The protocol counts lines and columns from 0, editors from 1. Absent is 0.
fn from_one(number: &Value) -> u64 {
    number.as_u64().map_or(0, |number| number + 1)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
