//! The page, in a real browser: two windows, a real mouse, and the wire as the browser sees it.

pub(crate) mod chat;
pub(crate) mod moving;
pub(crate) mod windows;

use std::rc::Rc;

use browser::{Page, PageEvent};
use serde_json::Value;
use wire::client::short;
use wire::position::Position;

use crate::page::windows::{Window, Windows};
use crate::report::Failure;
use crate::{Diagnosis, Outcome};

/// The page opens: nothing fails, nothing is missing, and it is connected.
pub async fn the_page_opens_without_an_error(windows: Rc<Windows>) -> Outcome {
    for (name, page) in windows.both() {
        let opened = |event: &PageEvent| matches!(event, PageEvent::SocketOpened { .. });
        let broken = windows.script_error(page, 0);
        let connected = broken.is_none()
            && page
                .next_event(0, windows.scene.wait(), opened)
                .await
                .is_some();
        let failure = match windows.script_error(page, 0) {
            Some(failure) => failure,
            None if connected => continue,
            None => windows
                .failure(Diagnosis::PAGE_NEVER_CONNECTS)
                .came(format!(
                    "{name} opens no WebSocket, in {}",
                    crate::scene::seconds(windows.scene.wait())
                )),
        };
        let expected = "the page opens without an error, and connects to /ws".into();
        return Err(failure
            .sent(format!("{name} opens the page"))
            .expected(expected)
            .into());
    }
    Ok(())
}

/// The element `spy_marker` is there, 4 by 4 pixels, blue, absolutely positioned.
pub async fn the_marker_is_as_given(windows: Rc<Windows>) -> Outcome {
    const LOOK: &str = "(() => {
        const marker = document.getElementById('spy_marker');
        if (!marker) return null;
        const style = getComputedStyle(marker);
        return [style.width, style.height, style.backgroundColor, style.position].join(', ');
    })()";
    let given = "4px, 4px, rgb(0, 0, 255), absolute";
    let came = windows
        .left
        .evaluate(LOOK)
        .await
        .map_err(|error| windows.lost(error))?;
    match came.as_str() {
        Some(came) if came == given => Ok(()),
        came => Err(windows
            .failure(Diagnosis::MARKER_CHANGED)
            .expected(format!(
                "#spy_marker: width, height, background and position are {given}"
            ))
            .came(came.unwrap_or("there is no such element").to_owned())
            .into()),
    }
}

/// Where the mouse goes in one window, the marker goes in the other, both ways.
pub async fn the_marker_follows_the_other_window(windows: Rc<Windows>) -> Outcome {
    let [left, right] = windows.both();
    follows(&windows, left, right).await?;
    follows(&windows, right, left).await
}

/// What comes from the other window is listened for, whatever the listener makes of it.
pub async fn the_page_listens_for_spy(windows: Rc<Windows>) -> Outcome {
    let [left, right] = windows.both();
    for ((mover, here), (other, there)) in [(left, right), (right, left)] {
        let (x, y) = windows.place();
        let from = there.event_count();
        here.move_mouse(x, y)
            .await
            .map_err(|error| windows.lost(error))?;
        // A page that hears nothing is the next check's business: it knows more of the server.
        let is_spy = |event: &PageEvent| matches!(event, PageEvent::FrameReceived { text, .. } if text.contains("\"spy\""));
        there.next_event(from, windows.scene.wait(), is_spy).await;
        // The page answers this after it has done all that it does for the frame.
        there
            .evaluate("0")
            .await
            .map_err(|error| windows.lost(error))?;
        if there.events().iter().skip(from).any(is_unheard) {
            return Err(windows
                .failure(Diagnosis::PAGE_NEVER_LISTENS)
                .sent(format!("the mouse moves in {mover}, to {x}, {y}"))
                .expected(format!("the page in {other} does something with the event"))
                .came("the event comes, and nothing listens for it".into())
                .into());
        }
    }
    Ok(())
}

/// What `/socket.js` says of a `spy` that nobody waits for.
fn is_unheard(event: &PageEvent) -> bool {
    let says_so = |text: &str| {
        text.contains("\"spy\" came") && text.contains("nothing on this page listens for it")
    };
    matches!(event, PageEvent::Console { text, .. } if says_so(text))
}

/// How far from the mouse a marker may be, in pixels: some put its middle there and not its corner.
const NEAR: f64 = 3.0;

async fn follows(
    windows: &Windows,
    (mover, here): Window<'_>,
    (other, there): Window<'_>,
) -> Outcome {
    let (x, y) = windows.place();
    let (from_here, from_there) = (here.event_count(), there.event_count());
    here.move_mouse(x, y)
        .await
        .map_err(|error| windows.lost(error))?;
    let arrived = there
        .wait_until(&marker_is_near(x, y), windows.scene.wait())
        .await;
    if arrived.map_err(|error| windows.lost(error))? {
        return Ok(());
    }
    let received = there
        .events()
        .into_iter()
        .skip(from_there)
        .any(|event| matches!(event, PageEvent::FrameReceived { .. }));
    let failure = if let Some(failure) = windows.script_error(there, from_there) {
        failure
    } else if received {
        let at = there.evaluate(MARKER_AT).await.unwrap_or(Value::Null);
        windows
            .failure(Diagnosis::MARKER_NOT_MOVED)
            .came(format!("the event comes, and the marker is at {at}"))
    } else {
        let due = Position::spy(x, y).to_string();
        not_received(windows, here, from_here).missing(other, due)
    };
    Err(failure
        .sent(format!("the mouse moves in {mover}, to {x}, {y}"))
        .expected(format!("the marker in {other} goes there"))
        .into())
}

/// The server's checks pass, and the page has sent moves, and yet this one goes nowhere.
fn not_received(windows: &Windows, here: &Page, from: usize) -> Failure {
    let events = here.events().split_off(from);
    let sent = events.iter().rev().find_map(|event| match event {
        PageEvent::FrameSent { text, .. } => Some(short(text)),
        _ => None,
    });
    match (sent, windows.scene.context.up.get()) {
        (Some(sent), Some(up)) => {
            let takes = Position::spy(12.0, 34.0).frame(*up);
            windows.failure(Diagnosis::PAGE_SENDS_WRONG).came(format!(
                "the page sends {sent}, which the server does not pass on; it takes {takes}"
            ))
        }
        (None, _) => windows
            .failure(Diagnosis::PAGE_DROPS_MOVES)
            .came("the page, which has sent other moves, sends nothing for this one".into()),
        _ => windows
            .failure(Diagnosis::UNKNOWN)
            .came("no frame comes to the other window".into()),
    }
}

/// The marker's corner on the page.
const MARKER_AT: &str = "(() => {
    const box = document.getElementById('spy_marker').getBoundingClientRect();
    return [box.left + scrollX, box.top + scrollY];
})()";

fn marker_is_near(x: f64, y: f64) -> String {
    format!(
        "(([left, top]) => Math.abs(left - {x}) <= {NEAR} && Math.abs(top - {y}) <= {NEAR})({MARKER_AT})"
    )
}

/// When the mouse moves, the marker of its own window stays where it is.
pub async fn the_movers_own_marker_stays(windows: Rc<Windows>) -> Outcome {
    let [(mover, here), (_, there)] = windows.both();
    let before = here
        .evaluate(MARKER_AT)
        .await
        .map_err(|error| windows.lost(error))?;
    let (x, y) = windows.place();
    here.move_mouse(x, y)
        .await
        .map_err(|error| windows.lost(error))?;
    // When the other window's marker has moved, this page has long done all that it does on a move.
    let arrived = there
        .wait_until(&marker_is_near(x, y), windows.scene.wait())
        .await;
    arrived.map_err(|error| windows.lost(error))?;
    let after = here
        .evaluate(MARKER_AT)
        .await
        .map_err(|error| windows.lost(error))?;
    if after == before {
        return Ok(());
    }
    Err(windows
        .failure(Diagnosis::OWN_MARKER_MOVES)
        .sent(format!("the mouse moves in {mover}, to {x}, {y}"))
        .expected(format!("the marker in {mover} stays at {before}"))
        .came(format!("it is at {after}"))
        .into())
}

diagnoses! {
    PAGE_DROPS_MOVES "page-drops-moves":
        "The page sends some moves of the mouse and leaves out others, including the last one. So the marker stays where the mouse no longer is."
        => "Look for what keeps the page from sending: a time that has to pass first, a condition, a counter. If the page holds a move back, it has to send it later, unless a newer one has come.";
    PAGE_SENDS_WRONG "page-sends-wrong":
        "The page sends something on a move, but not the event `spy` with the position, in the form that the server takes."
        => "Compare what line 47 sends with what the server takes. The task says: the name and two numbers.";
    PAGE_NEVER_LISTENS "page-never-listens":
        "The event arrives at the page, but no line of the page listens for it: nothing calls the function `spy`."
        => "The page has the function `spy`. Look for the line that should give the event to it.";
    MARKER_NOT_MOVED "marker-not-moved":
        "The event arrives at the page, but the marker is not at that position."
        => "Look at the function `spy`: it takes one object and sets left and top of #spy_marker, in px.";
    OWN_MARKER_MOVES "own-marker-moves":
        "The marker follows the mouse of its own window, but it has to show where somebody else's mouse is."
        => "Move the marker in the function `spy` only, not in the mousemove handler.";
    MARKER_CHANGED "marker-changed":
        "The marker has changed. The page came with the element spy_marker: 4 by 4 pixels, blue, absolutely positioned."
        => "Put the element and its style back: git diff shows what has changed.";
}
