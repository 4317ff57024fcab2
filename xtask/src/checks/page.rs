//! The page, in a real browser: two windows, a real mouse, and the wire as the browser sees it.

use std::rc::Rc;

use futures::future::LocalBoxFuture;
use serde_json::{Value, json};

use super::client::short;
use super::report::Failure;
use super::scene::{Position, Up};
use super::{Context, Diagnosis, Outcome, Scene, Stop};
use crate::browser::{self, Browser, Page, PageEvent};

/// The size of a window, in CSS pixels.
const WIDTH: u32 = 900;
const HEIGHT: u32 = 700;

/// Two windows that show the page of one process.
pub struct Windows {
    scene: Scene,
    left: Page,
    right: Page,
    /// One check at a time has the mouse.
    turn: tokio::sync::Mutex<()>,
}

/// A browser that is there until it is closed.
pub type Running = Rc<tokio::sync::RwLock<Option<Browser>>>;

/// Starts the browser.
///
/// # Errors
/// What is missing, and how to get it, in words.
pub async fn launch(wanted: bool) -> Result<Running, String> {
    if !wanted {
        return Err("the page was left out, because you asked for the server's checks only".into());
    }
    let path = match browser::find() {
        Ok(Some(path)) => path,
        Ok(None) => {
            return Err(format!(
                "the page is checked in a browser of Chrome's family, and none was found. This installs one:\n{}",
                browser::how_to_install()
            ));
        }
        Err(error) => return Err(format!("{error:#}")),
    };
    let launched = Browser::launch(&path).await;
    launched
        .map(|browser| Rc::new(Some(browser).into()))
        .map_err(|error| format!("{error:#}"))
}

/// Runs `check` with the two windows, which are opened for the first check that wants them.
pub async fn with_windows(
    context: Rc<Context>,
    check: fn(Rc<Windows>) -> LocalBoxFuture<'static, Outcome>,
) -> Outcome {
    let windows = context
        .windows
        .get_or_try_init(|| open(context.clone()))
        .await?
        .clone();
    let _turn = windows.turn.lock().await;
    match check(windows.clone()).await {
        Err(Stop::Failed(failure)) => Err(Stop::Failed(Box::new(
            windows.scene.explain(*failure).await,
        ))),
        outcome => outcome,
    }
}

async fn open(context: Rc<Context>) -> Result<Rc<Windows>, Stop> {
    let browser = context.browser.clone().await.map_err(Stop::Missing)?;
    let scene = Scene::start("the windows", context).await?;
    let url = format!("http://{}/", scene.address);
    let browser = browser.read().await;
    let browser = browser.as_ref().expect("it is closed after the last check");
    let (left, right) = tokio::join!(
        browser.window(&url, WIDTH, HEIGHT),
        browser.window(&url, WIDTH, HEIGHT)
    );
    let opened = |page: anyhow::Result<Page>| {
        page.map_err(|error| {
            let failure = Failure::new(Diagnosis::Unknown).sent(format!("open {url}"));
            Stop::from(failure.came(format!("{error:#}")))
        })
    };
    Ok(Rc::new(Windows {
        left: opened(left)?,
        right: opened(right)?,
        scene,
        turn: Default::default(),
    }))
}

/// Ends the program and the browser.
pub async fn close(context: &Context) {
    if let Some(windows) = context.windows.get() {
        windows.scene.end().await;
    }
    if let Some(Ok(browser)) = context.browser.peek()
        && let Some(browser) = browser.write().await.take()
    {
        browser.close().await;
    }
}

/// One of the two windows, and what the transcript calls it.
type Window<'a> = (&'static str, &'a Page);

impl Windows {
    fn both(&self) -> [Window<'_>; 2] {
        [("left", &self.left), ("right", &self.right)]
    }

    /// A failure that shows the frames of both windows.
    fn failure(&self, diagnosis: Diagnosis) -> Failure {
        for (name, page) in self.both() {
            for event in page.events() {
                match event {
                    PageEvent::FrameSent { text, .. } => {
                        self.scene.transcript.up(name, &short(&text))
                    }
                    PageEvent::FrameReceived { text, .. } => {
                        self.scene.transcript.down(name, &short(&text))
                    }
                    _ => {}
                }
            }
        }
        self.scene.failure(diagnosis)
    }

    /// A place well inside of a window, in whole pixels.
    fn place(&self) -> (f64, f64) {
        self.scene.random(|r| {
            (
                f64::from(r.u32(50..WIDTH - 100)),
                f64::from(r.u32(50..HEIGHT - 100)),
            )
        })
    }

    /// The failure of a script of the page, if there was one since event `from`.
    fn script_error(&self, page: &Page, from: usize) -> Option<Failure> {
        page.events()
            .into_iter()
            .skip(from)
            .find_map(|event| match event {
                PageEvent::Exception {
                    text,
                    url,
                    line,
                    column,
                } => {
                    let without = ["$ is not defined", "jQuery is not defined"]
                        .iter()
                        .any(|words| text.contains(words));
                    let diagnosis = if without {
                        Diagnosis::PageWithoutJquery
                    } else {
                        Diagnosis::PageScriptError
                    };
                    Some(
                        self.failure(diagnosis)
                            .place(self.place_in(&url, line, column))
                            .came(text),
                    )
                }
                PageEvent::Console {
                    level,
                    text,
                    url,
                    line,
                } if level == "error" => Some(
                    self.failure(Diagnosis::PageScriptError)
                        .place(self.place_in(&url, line, 1))
                        .came(text),
                ),
                PageEvent::Response { url, status } if status >= 400 => {
                    let came = format!("{url} is answered with {status}");
                    Some(self.failure(Diagnosis::PageRequestFailed).came(came))
                }
                PageEvent::RequestFailed { url, reason } => Some(
                    self.failure(Diagnosis::PageRequestFailed)
                        .came(format!("{url} fails: {reason}")),
                ),
                _ => None,
            })
    }

    /// `path:line:column`, where the address is that of the page itself.
    fn place_in(&self, url: &str, line: u64, column: u64) -> Option<String> {
        let subject = &self.scene.context.subject;
        let is_page = url == format!("http://{}/", self.scene.address);
        let file = subject.folder.join(subject.step.page());
        let file = file
            .strip_prefix(crate::step::root())
            .unwrap_or(&file)
            .display()
            .to_string();
        (is_page && line > 0).then(|| format!("{file}:{line}:{column}"))
    }

    /// What went wrong with the browser itself: not the learner's doing.
    fn lost(&self, error: anyhow::Error) -> Failure {
        self.failure(Diagnosis::Unknown)
            .came(format!("the browser did not answer: {error:#}"))
    }
}

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
            None => windows.failure(Diagnosis::Unknown).came(format!(
                "{name} opens no WebSocket, in {}",
                super::scene::seconds(windows.scene.wait())
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
            .failure(Diagnosis::MarkerChanged)
            .expected(format!(
                "#spy_marker: width, height, background and position are {given}"
            ))
            .came(came.unwrap_or("there is no such element").to_owned())
            .into()),
    }
}

/// A move of the mouse makes the page send where it is.
pub async fn moving_the_mouse_sends_its_position(windows: Rc<Windows>) -> Outcome {
    for window in windows.both() {
        let (x, y) = windows.place();
        moves(&windows, window, (x, y), Position { x, y }, None).await?;
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
    let on_page = Position {
        x: x + by(0),
        y: y + by(1),
    };
    let outcome = moves(
        &windows,
        ("left", page),
        (x, y),
        on_page,
        Some(Position { x, y }),
    )
    .await;
    let back = "scrollTo({ left: 0, top: 0, behavior: 'instant' }); document.body.style.minWidth = document.body.style.minHeight = ''";
    page.evaluate(back)
        .await
        .map_err(|error| windows.lost(error))?;
    outcome
}

/// Moves the mouse in `window` to `at`, and holds that the page sends `expected`; `in_window` are the coordinates that a
/// page sends by mistake.
async fn moves(
    windows: &Windows,
    (name, page): Window<'_>,
    at: (f64, f64),
    expected: Position,
    in_window: Option<Position>,
) -> Outcome {
    let from = page.event_count();
    page.move_mouse(at.0, at.1)
        .await
        .map_err(|error| windows.lost(error))?;
    let is_it = |event: &PageEvent| sent_position(event) == Some(expected);
    if page
        .next_event(from, windows.scene.wait(), is_it)
        .await
        .is_some()
    {
        return Ok(());
    }
    let events = page.events().split_off(from);
    let frames: Vec<&PageEvent> = events
        .iter()
        .filter(|event| matches!(event, PageEvent::FrameSent { .. }))
        .collect();
    let came = match frames.last() {
        Some(PageEvent::FrameSent { text, .. }) => short(text),
        _ => windows.scene.nothing(),
    };
    let of_window = frames
        .iter()
        .any(|frame| in_window.is_some() && sent_position(frame) == in_window);
    let failure = match windows.script_error(page, from) {
        Some(failure) => failure,
        None if of_window => windows.failure(Diagnosis::PageClientCoordinates).came(came),
        None if frames.is_empty() => windows.failure(Diagnosis::PageNeverSends).came(came),
        None => windows.failure(Diagnosis::PageSendsWrong).came(came),
    };
    let up = *windows.scene.context.up.get().unwrap_or(&Up::TwoValues);
    Err(failure
        .sent(format!(
            "the mouse moves in {name}, to {}, {} of the page",
            expected.x, expected.y
        ))
        .expected(format!("the page sends {}", expected.frame(up)))
        .into())
}

/// The position in a frame that a page sent: two values, or one object.
fn sent_position(event: &PageEvent) -> Option<Position> {
    let PageEvent::FrameSent {
        text,
        binary: false,
    } = event
    else {
        return None;
    };
    let event: Vec<Value> = serde_json::from_str(text).ok()?;
    let (name, arguments) = event.split_first()?;
    let two = || {
        Some(Position {
            x: arguments.first()?.as_f64()?,
            y: arguments.get(1)?.as_f64()?,
        })
    };
    (name == "spy").then(|| two().or_else(|| Position::of(arguments)))?
}

/// Where the mouse goes in one window, the marker goes in the other, both ways.
pub async fn the_marker_follows_the_other_window(windows: Rc<Windows>) -> Outcome {
    let [left, right] = windows.both();
    follows(&windows, left, right).await?;
    follows(&windows, right, left).await
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
    let unheard = |event: &PageEvent| matches!(event, PageEvent::Console { text, .. } if text.contains("nothing on this page listens for it"));
    let failure = if let Some(failure) = windows.script_error(there, from_there) {
        failure
    } else if there.events().iter().skip(from_there).any(unheard) {
        windows
            .failure(Diagnosis::PageNeverListens)
            .came("the event comes, and nothing listens for it".into())
    } else if received {
        let at = there.evaluate(MARKER_AT).await.unwrap_or(Value::Null);
        windows
            .failure(Diagnosis::MarkerNotMoved)
            .came(format!("the event comes, and the marker is at {at}"))
    } else {
        not_received(windows, here, from_here)
    };
    Err(failure
        .sent(format!("the mouse moves in {mover}, to {x}, {y}"))
        .expected(format!("the marker in {other} goes there"))
        .into())
}

/// The server's checks pass, and yet what this page sends goes nowhere.
fn not_received(windows: &Windows, here: &Page, from: usize) -> Failure {
    let events = here.events().split_off(from);
    let sent = events.iter().rev().find_map(|event| match event {
        PageEvent::FrameSent { text, .. } => Some(short(text)),
        _ => None,
    });
    match (sent, windows.scene.context.up.get()) {
        (Some(sent), Some(up)) => {
            let takes = json!(Position { x: 12.0, y: 34.0 }.frame(*up));
            windows.failure(Diagnosis::PageSendsWrong).came(format!(
                "the page sends {sent}, which the server does not pass on; it takes {}",
                takes.as_str().unwrap_or_default()
            ))
        }
        _ => windows
            .failure(Diagnosis::Unknown)
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
        .failure(Diagnosis::OwnMarkerMoves)
        .sent(format!("the mouse moves in {mover}, to {x}, {y}"))
        .expected(format!("the marker in {mover} stays at {before}"))
        .came(format!("it is at {after}"))
        .into())
}
