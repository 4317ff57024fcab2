//! Two windows of a real browser that show the page of one program, and what can be seen of them.

use std::rc::Rc;
use std::time::Duration;

use browser::{Browser, Endpoint, Page, PageEvent, Place};
use futures::future::LocalBoxFuture;
use steps::step::Ability;
use wire::transcript::{Frame, Transcript, What};

use crate::report::Failure;
use crate::scene::slow::{LAST, in_time};
use crate::{Context, Diagnosis, Outcome, Scene, Stop};

/// The size of a window, in CSS pixels.
const WIDTH: u32 = 900;
const HEIGHT: u32 = 700;

/// How many letters a word has that is nowhere else.
pub const WORD: usize = 10;

/// Two windows that show the page of one process.
pub struct Windows {
    /// The program, and a transcript.
    pub scene: Scene,
    /// One of them.
    pub left: Page,
    /// The other.
    pub right: Page,
    /// One check at a time has the mouse.
    turn: tokio::sync::Mutex<()>,
}

/// A browser that is there until it is closed.
pub type Running = Rc<tokio::sync::RwLock<Option<Browser>>>;

/// Starts the browser.
///
/// # Errors
/// What is missing, and how to get it, in words.
pub async fn launch(wanted: bool, shared: Option<Endpoint>) -> Result<Running, String> {
    if let (true, Some(endpoint)) = (wanted, &shared) {
        let browser = Browser::share(endpoint).await;
        return browser
            .map(|browser| Rc::new(Some(browser).into()))
            .map_err(|error| format!("{error:#}"));
    }
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
    match in_time(&windows.scene, LAST, check(windows.clone())).await {
        Err(Stop::Failed(failure)) => {
            let failure = windows.with_connections(*failure);
            Err(Stop::Failed(Box::new(windows.scene.explain(failure).await)))
        }
        outcome => outcome,
    }
}

async fn open(context: Rc<Context>) -> Result<Rc<Windows>, Stop> {
    let browser = context.browser.clone().await.map_err(Stop::Missing)?;
    let scene = Scene::start("the windows", &[], context.clone()).await?;
    // A file that gets shorter while it is sent is an answer that a browser gives up.
    let _page_as_it_is = context.edits.read().await;
    let url = format!("http://{}/", scene.address);
    let browser = browser.read().await;
    let browser = browser.as_ref().expect("it is closed after the last check");
    let (left, right) = tokio::join!(
        browser.window(&url, WIDTH, HEIGHT),
        browser.window(&url, WIDTH, HEIGHT)
    );
    let opened = |page: anyhow::Result<Page>| {
        page.map_err(|error| {
            let failure = Failure::new(Diagnosis::UNKNOWN).sent(format!("open {url}"));
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

/// Ends the program and the browser of checks that were dropped before their end. The windows hold what all checks share,
/// and that holds the windows: nobody else would ever drop them.
pub struct EndsThem(pub Rc<Context>);

impl Drop for EndsThem {
    fn drop(&mut self) {
        if let Some(windows) = self.0.windows.get() {
            windows.scene.drop_program();
        }
        if let Some(Ok(browser)) = self.0.browser.peek()
            && let Ok(mut browser) = browser.try_write()
        {
            drop(browser.take());
        }
    }
}

/// What an event of a page is to the transcript, and when it was, if it is anything.
fn said(event: &PageEvent) -> Option<(Duration, What)> {
    let frame = |text: &str| Frame::message(text);
    match event {
        PageEvent::FrameSent { text, at, .. } => Some((*at, What::Up(frame(text)))),
        PageEvent::FrameReceived { text, at, .. } => Some((*at, What::Down(frame(text)))),
        _ => None,
    }
}

/// How many WebSockets a page has open.
fn connections(page: &Page) -> usize {
    let count = |open: usize, event: &PageEvent| match event {
        PageEvent::SocketOpened { .. } => open + 1,
        PageEvent::SocketClosed { .. } => open.saturating_sub(1),
        _ => open,
    };
    page.events().iter().fold(0, count)
}

/// One of the two windows, and what the transcript calls it.
pub type Window<'a> = (&'static str, &'a Page);

impl Windows {
    pub fn both(&self) -> [Window<'_>; 2] {
        [("left", &self.left), ("right", &self.right)]
    }

    /// A failure that shows the frames of both windows.
    pub fn failure(&self, diagnosis: Diagnosis) -> Failure {
        // A new one each time: what the browser saw is all there is to it.
        let transcript = Transcript::default();
        for (name, page) in self.both() {
            let events = page.events();
            let said: Vec<_> = events.iter().filter_map(said).collect();
            if said.is_empty() {
                transcript.note(name, What::Silent);
            }
            for (at, what) in said {
                transcript.note_at(at, name, what);
            }
        }
        Failure::new(diagnosis).transcript(transcript)
    }

    /// The same failure, explained by the number of a page's connections, where there are several and that is what comes of
    /// it: the page hears itself, or hears things where it does not listen.
    fn with_connections(&self, failure: Failure) -> Failure {
        let follows = matches!(
            failure.diagnosis,
            Diagnosis::HEARS_ITSELF
                | Diagnosis::OWN_MARKER_MOVES
                | Diagnosis::MARKER_NOT_MOVED
                | Diagnosis::PAGE_NEVER_LISTENS
                | Diagnosis::PAGE_SENDS_TWICE
                | Diagnosis::PAGE_DROPS_MOVES
                | Diagnosis::UNKNOWN
        );
        let counted = self.both().map(|(name, page)| (name, connections(page)));
        let many = counted.iter().find(|(_, count)| *count > 1);
        let Some((name, count)) = many.filter(|_| follows) else {
            return failure;
        };
        let came = failure.came.clone().unwrap_or_default();
        let came = format!("{came}; and {name} has {count} connections to the server");
        failure.came(came).because(Diagnosis::PAGE_CONNECTS_AGAIN)
    }

    /// A place well inside of a window, in whole pixels.
    pub fn place(&self) -> (f64, f64) {
        self.scene.random(|r| {
            (
                f64::from(r.u32(50..WIDTH - 100)),
                f64::from(r.u32(50..HEIGHT - 100)),
            )
        })
    }

    /// A word that is nowhere else.
    pub fn word(&self) -> String {
        self.scene
            .random(|r| (0..WORD).map(|_| r.lowercase()).collect())
    }

    /// The failure of a script of the page, if there was one since event `from`.
    pub fn script_error(&self, page: &Page, from: usize) -> Option<Failure> {
        page.events()
            .into_iter()
            .skip(from)
            .find_map(|event| match event {
                PageEvent::Exception { text, places } => Some(
                    self.failure(of_exception(&text, self.scene.has(Ability::Jquery)))
                        .place(self.place_in(&places))
                        .came(text),
                ),
                PageEvent::Console {
                    level,
                    text,
                    places,
                } if level == "error" => Some(
                    self.failure(Diagnosis::PAGE_SCRIPT_ERROR)
                        .place(self.place_in(&places))
                        .came(text),
                ),
                PageEvent::Response { url, status } if status >= 400 => {
                    let came = format!("{url} is answered with {status}");
                    Some(self.failure(Diagnosis::PAGE_REQUEST_FAILED).came(came))
                }
                PageEvent::RequestFailed { url, reason } => Some(
                    self.failure(Diagnosis::PAGE_REQUEST_FAILED)
                        .came(format!("{url} fails: {reason}")),
                ),
                _ => None,
            })
    }

    /// `path:line:column` of the first of these places that is in the page: the others are in scripts that it uses.
    fn place_in(&self, places: &[Place]) -> Option<String> {
        let subject = &self.scene.context.subject;
        let page = format!("http://{}/", self.scene.address);
        let Place { line, column, .. } = places.iter().find(|it| it.url == page && it.line > 0)?;
        let file = subject.folder.join(subject.step.page()?);
        let file = file.strip_prefix(show::root()).unwrap_or(&file);
        Some(format!("{}:{line}:{}", file.display(), column.max(&1)))
    }

    /// What went wrong with the browser itself: not the learner's doing.
    pub fn lost(&self, error: anyhow::Error) -> Failure {
        self.failure(Diagnosis::UNKNOWN)
            .came(format!("the browser did not answer: {error:#}"))
    }
}

/// What an exception says of its script, by the browser's words for it.
fn of_exception(text: &str, has_jquery: bool) -> Diagnosis {
    let says = |words: &str| text.contains(words);
    // What JSON.parse cannot read is an error of the same name, in a script that runs.
    let is_unread = text.starts_with("SyntaxError") && !says("JSON");
    match () {
        () if says("$ is not defined") || says("jQuery is not defined") => match has_jquery {
            true => Diagnosis::PAGE_WITHOUT_JQUERY,
            false => Diagnosis::NO_JQUERY_HERE,
        },
        () if is_unread => Diagnosis::PAGE_SYNTAX_ERROR,
        () if text.starts_with("ReferenceError") => Diagnosis::PAGE_UNKNOWN_NAME,
        () if text.starts_with("TypeError") && says("is not a function") => {
            Diagnosis::PAGE_NO_SUCH_METHOD
        }
        () => Diagnosis::PAGE_SCRIPT_ERROR,
    }
}

diagnoses! {
    PAGE_SYNTAX_ERROR "page-syntax-error":
        "The browser cannot read a script of the page, so nothing of that script runs."
        => "Look at the line that is named, and at the one before it: a bracket, a comma or a quote is missing there, or one is too many.";
    PAGE_UNKNOWN_NAME "page-unknown-name":
        "A script of the page uses a name that nothing there has, and stops."
        => "Compare the name letter by letter with the lines above it. A text needs quotes; and what a function declares is known only inside of that function.";
    PAGE_NO_SUCH_METHOD "page-no-such-method":
        "A script of the page calls something that is not a function, and stops."
        => "Compare the name before the brackets with the lines above it. What connect returns has two functions, on and emit, and connect itself needs its brackets.";
    PAGE_NEVER_CONNECTS "page-never-connects":
        "The page opens no connection, and none of its scripts reports an error. So the line that connects does not run."
        => "See whether the page calls connect, and whether each script has its closing tag: what stands inside of one that loads a file does not run.";
    PAGE_SCRIPT_ERROR "page-script-error":
        "A script of the page stops with an error, and the rest of it does not run."
        => "Look in the page for what the error names. The browser's console (F12) shows the same error, and the lines that led to it.";
    PAGE_REQUEST_FAILED "page-request-failed":
        "The page asks for a file that the server does not have."
        => "Compare the address in the page with the server's routes.";
    PAGE_WITHOUT_JQUERY "page-without-jquery":
        "The page has no jQuery: $ is not defined when its script runs."
        => "Look at the scripts of the page: jQuery's script has to come before the page's own.";
    NO_JQUERY_HERE "no-jquery-here":
        "The page uses $, which belongs to jQuery, but this step has no jQuery: it comes with step 9. The script stops there."
        => "Write that line with the browser's own functions, as the lines around it are. The text of an element is its textContent.";
    PAGE_SENDS_TWICE "page-sends-twice":
        "The page sends each move twice, so everybody else hears it twice."
        => "Look for a second line that sends, and for a second handler: one move of the mouse causes both mousemove and pointermove.";
    PAGE_CONNECTS_AGAIN "page-connects-again":
        "The page has more than one connection to the server. For the server each of them is another client, so the page hears on one what it has sent on the other."
        => "Look for each place that connects: connect() or new WebSocket. It belongs outside of all handlers, once, and the rest of the page uses what it returned.";
}
