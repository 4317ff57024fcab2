//! What a page sends when the mouse moves in its window: where the mouse is, once.

use std::rc::Rc;
use std::time::Duration;

use browser::PageEvent;
use serde_json::Value;
use wire::client::short;
use wire::position::{Position, Up};

use crate::page::windows::{Window, Windows};
use crate::{Diagnosis, Outcome};

/// So many moves come right after one another. A page that sends some of them has to send the last.
const IN_A_ROW: usize = 8;

/// What is sent twice within this time is sent in answer to one move: a page that repeats the last place when the mouse has
/// come to rest waits for longer.
const AT_ONCE: Duration = Duration::from_millis(8);

/// Moves of the mouse make the page send where it is, and no move twice.
pub async fn moving_the_mouse_sends_its_position(windows: Rc<Windows>) -> Outcome {
    for (name, page) in windows.both() {
        let from = page.event_count();
        let mut places: Vec<(f64, f64)> = Vec::new();
        while places.len() < IN_A_ROW {
            let place = windows.place();
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let (last, before) = places.split_last().expect("there are several");
        for (x, y) in before {
            let moved = page.move_mouse(*x, *y).await;
            moved.map_err(|error| windows.lost(error))?;
        }
        let expected = Position::spy(last.0, last.1);
        let moved = Moved {
            window: (name, page),
            from,
            to: *last,
            expected,
            before: before.iter().map(|(x, y)| Position::spy(*x, *y)).collect(),
            in_window: None,
        };
        moves(&windows, &moved).await?;
        if let Some(text) = sent_twice(&page.events().split_off(from), &moved.before) {
            return Err(windows
                .failure(Diagnosis::PAGE_SENDS_TWICE)
                .sent(format!("the mouse moves in {name}"))
                .expected("the page sends each position once".into())
                .came(format!("it sends each twice, {text} among them"))
                .into());
        }
    }
    Ok(())
}

/// On a page that is scrolled, what is sent counts from the corner of the page.
pub async fn it_sends_coordinates_of_the_page(windows: Rc<Windows>) -> Outcome {
    let page = &windows.left;
    let (right, down) = windows.scene.random(|r| (r.u32(100..400), r.u32(500..900)));
    let scroll = format!(
        "(() => {{
            document.body.style.minWidth = document.body.style.minHeight = '4000px';
            scrollTo({{ left: {right}, top: {down}, behavior: 'instant' }});
            return [scrollX, scrollY];
        }})()"
    );
    let scrolled = page
        .evaluate(&scroll)
        .await
        .map_err(|error| windows.lost(error))?;
    let by = |index: usize| scrolled[index].as_f64().unwrap_or_default();
    let (x, y) = windows.place();
    let moved = Moved {
        window: ("left", page),
        from: page.event_count(),
        to: (x, y),
        expected: Position::spy(x + by(0), y + by(1)),
        before: Vec::new(),
        in_window: Some(Position::spy(x, y)),
    };
    let outcome = moves(&windows, &moved).await;
    let back = "scrollTo({ left: 0, top: 0, behavior: 'instant' }); document.body.style.minWidth = document.body.style.minHeight = ''";
    page.evaluate(back)
        .await
        .map_err(|error| windows.lost(error))?;
    outcome
}

/// A move of the mouse in a window, and what the page is to send for it.
struct Moved<'a> {
    window: Window<'a>,
    /// The page's first event that has to do with it.
    from: usize,
    /// Where the mouse goes, in the window.
    to: (f64, f64),
    expected: Position,
    /// What was due for the moves right before.
    before: Vec<Position>,
    /// The coordinates that a page sends by mistake.
    in_window: Option<Position>,
}

/// Moves the mouse, and holds that the page sends what is expected.
async fn moves(windows: &Windows, moved: &Moved<'_>) -> Outcome {
    let ((name, page), expected) = (moved.window, moved.expected);
    page.move_mouse(moved.to.0, moved.to.1)
        .await
        .map_err(|error| windows.lost(error))?;
    let is_it = |event: &PageEvent| sent_position(event) == Some(expected);
    let within = windows.scene.wait();
    if page.next_event(moved.from, within, is_it).await.is_some() {
        return Ok(());
    }
    let events = page.events().split_off(moved.from);
    let frames: Vec<&str> = events.iter().filter_map(sent_text).collect();
    let came = match frames.as_slice() {
        [] => windows.scene.nothing(),
        [.., last] if moved.before.is_empty() => short(last),
        [.., last] => format!(
            "for {IN_A_ROW} moves it sends {}, at last {}",
            frames.len(),
            short(last)
        ),
    };
    let has_sent_moves = page.events().iter().any(|it| sent_position(it).is_some());
    let failure = match (
        cause(&events, moved),
        windows.script_error(page, moved.from),
    ) {
        (Some(diagnosis), _) => windows.failure(diagnosis).came(came),
        // The server may answer with an error, which the page notes in its console: that is the echo, not the cause.
        _ if !frames.is_empty() => windows.failure(Diagnosis::PAGE_SENDS_WRONG).came(came),
        (None, Some(failure)) => failure,
        _ if has_sent_moves => windows.failure(Diagnosis::PAGE_DROPS_MOVES).came(came),
        _ => windows.failure(Diagnosis::PAGE_NEVER_SENDS).came(came),
    };
    let up = *windows.scene.context.up.get().unwrap_or(&Up::TwoValues);
    let due = expected.frame(up);
    let failure = match frames.is_empty() {
        true => failure.missing_from(name, due),
        false => failure.wrong_from(name, due),
    };
    let at_last = match moved.before.as_slice() {
        [] => "",
        _ => "at last ",
    };
    Err(failure
        .sent(format!(
            "the mouse moves in {name}, {at_last}to {}, {} of the page",
            expected.x, expected.y
        ))
        .expected(format!("the page sends {}", expected.frame(up)))
        .into())
}

/// What a page has made of the position that was due, where its frames show it.
fn cause(events: &[PageEvent], moved: &Moved) -> Option<Diagnosis> {
    let Position { x, y, .. } = moved.expected;
    let sent = |wanted: Position| events.iter().any(|it| sent_position(it) == Some(wanted));
    if moved.in_window.is_some_and(sent) {
        return Some(Diagnosis::PAGE_CLIENT_COORDINATES);
    }
    if sent(Position::spy(y, x)) {
        return Some(Diagnosis::PAGE_SWAPS_XY);
    }
    if moved.before.iter().any(|place| sent(*place)) {
        return Some(Diagnosis::PAGE_DROPS_MOVES);
    }
    let last = events.iter().filter_map(sent_text).next_back()?;
    let values = values(last)?;
    let is_text_of = |value: &Value, of: f64| {
        let text = value.as_str().and_then(|text| text.trim().parse().ok());
        text == Some(of)
    };
    match values {
        [a, b] if a.is_null() || b.is_null() => Some(Diagnosis::PAGE_SENDS_NO_NUMBERS),
        [a, b] if is_text_of(&a, x) || is_text_of(&b, y) => Some(Diagnosis::PAGE_SENDS_NO_NUMBERS),
        _ => None,
    }
}

/// The text of a frame that a page sent.
fn sent_text(event: &PageEvent) -> Option<&str> {
    match event {
        PageEvent::FrameSent {
            text,
            binary: false,
            ..
        } => Some(text),
        _ => None,
    }
}

/// The two values of a `spy` that a page sent, whatever they are: side by side, or in one object.
fn values(text: &str) -> Option<[Value; 2]> {
    let event: Vec<Value> = serde_json::from_str(text).ok()?;
    let (name, arguments) = event.split_first()?;
    if name != "spy" {
        return None;
    }
    match arguments {
        [Value::Object(both), ..] => Some([both.get("x")?.clone(), both.get("y")?.clone()]),
        [x, y, ..] => Some([x.clone(), y.clone()]),
        _ => None,
    }
}

/// The position in a frame that a page sent.
fn sent_position(event: &PageEvent) -> Option<Position> {
    let [x, y] = values(sent_text(event)?)?;
    Some(Position::spy(x.as_f64()?, y.as_f64()?))
}

/// The first frame of a page that answers every move with two alike. Of the moves, the very last is not asked about: its
/// second frame may still be on its way.
fn sent_twice<'a>(events: &'a [PageEvent], before: &[Position]) -> Option<&'a str> {
    let mut first = None;
    let mut answered = 0;
    for place in before {
        let sent = events.iter().filter(|it| sent_position(it) == Some(*place));
        let mut times: Vec<(Duration, &str)> = sent.filter_map(sent_at).collect();
        times.sort();
        let [(at, text), rest @ ..] = times.as_slice() else {
            continue;
        };
        if !rest.iter().any(|(then, _)| *then - *at < AT_ONCE) {
            return None;
        }
        answered += 1;
        first = first.or(Some(*text));
    }
    // Two or three may be an accident of the moment.
    first.filter(|_| answered > 3)
}

fn sent_at(event: &PageEvent) -> Option<(Duration, &str)> {
    match event {
        PageEvent::FrameSent { text, at, .. } => Some((*at, text)),
        _ => None,
    }
}

diagnoses! {
    PAGE_NEVER_SENDS "page-never-sends":
        "The mouse moves, but the page sends nothing to the server."
        => "Look at line 47 of the page, inside the mousemove handler. It is yours to write.";
    PAGE_SWAPS_XY "page-swaps-x-y":
        "The page sends y in the place of x, and x in the place of y."
        => "Compare the order in the line that sends with the event that the contract sends up: x comes first.";
    PAGE_SENDS_NO_NUMBERS "page-sends-no-numbers":
        "The page sends two values for a position, and at least one is not a number. A value in quotes is a text. JSON writes null for undefined, a property that the event does not have, and for NaN, a calculation that failed."
        => "Look at the line that sends. Is each property spelled as in the comment above it? Does something turn it into a text?";
    PAGE_CLIENT_COORDINATES "page-client-coordinates":
        "The page sends coordinates of the window. On a scrolled page, these differ from the coordinates of the page."
        => "Look at the two properties of the event that line 47 sends: others of them count from the corner of the page.";
}
