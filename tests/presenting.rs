//! `cargo xtask walk 10 --present` as a class and its instructor have it: a page in a real browser, driven by its keys, with
//! the app in two panes, and the frames between them.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use browser::{Browser, Page};
use compiler::built::Built;
use libtest_mimic::{Failed, Trial};
use live::walk::{self, Walkthrough};
use machine::compile::Target;
use machine::process::{self, Launch, Program};
use machine::{jquery, patience};
use serde_json::Value;
use steps::step::{Step, Whose};

use crate::programs::block_on;
use crate::scratch::Scratch;

pub fn trials() -> Vec<Trial> {
    let lesson = || block_on(lesson()).map_err(|error| Failed::from(format!("{error:#}")));
    let typing = || block_on(typing()).map_err(|error| Failed::from(format!("{error:#}")));
    let fits = || block_on(fits()).map_err(|error| Failed::from(format!("{error:#}")));
    vec![
        crate::again_alone(
            "presenting-the-lesson-of-10-spy".into(),
            crate::kept::workshop,
            lesson,
        ),
        crate::again_alone(
            "presenting-while-somebody-types-in-08-broadcast".into(),
            crate::kept::workshop,
            typing,
        ),
        crate::kept::trial("presenting-fits-without-a-scrollbar", fits),
    ]
}

/// The lesson of step 10 from its beginning to its end, and what goes wrong on the way.
async fn lesson() -> Result<()> {
    jquery::fetch().await?;
    let scratch = Scratch::take()?;
    let browser = browser::find()?.context("there is no browser here")?;
    let browser = Browser::launch(&browser).await?;
    let spy = Step::parse("10").map_err(anyhow::Error::msg)?;
    let room = Room::open(&scratch, &browser, spy).await?;
    let speaker = room.presenter.window(&browser, "speaker").await?;

    room.has_panes().await?;
    room.go("1", 1, "run").await?;
    room.press("ArrowRight").await?;
    room.runs(1, "verdict").await?;
    room.press("ArrowRight").await?;
    room.runs(2, "question").await?;
    room.press("PageDown").await?;
    room.runs(2, "change").await?;
    room.go("PageDown", 2, "run").await?;
    let problems = room.page.evaluate(PROBLEMS).await?;
    ensure!(problems == Value::Array(Vec::new()), "{problems:#}");
    room.move_mouse("left").await?;
    room.has_frame("left", "up", "").await?;
    room.says_nothing_of("two values").await?;
    room.press("n").await?;
    room.runs(2, "verdict").await?;
    room.has_frame("left", "up", "two values").await?;

    room.stage("PageDown", 3).await?;
    room.move_mouse("left").await?;
    // It comes down, and nobody listens.
    room.has_frame("right", "down", "two values").await?;
    ensure!(room.other("right").await? == "nothing heard yet");

    room.stage("n", 4).await?;
    room.move_mouse("left").await?;
    room.has_frame("right", "down", "two values").await?;
    // The page listens now, and two values are no position.
    room.says_of_the_other("right", "undefined, undefined")
        .await?;
    ensure!(room.marker("right").await? == "0px");

    let mess = "// My own mess.\n";
    room.append("server.rs", mess)?;
    room.stage("ArrowRight", 5).await?;
    ensure!(room.text("server.rs")?.contains("{ \"x\": x"));
    the_marker_follows(&room).await?;
    room.has_frame("right", "down", "one object").await?;
    room.has_frame("left", "down", "one object").await?;

    an_error_is_beside_the_change(&room, &speaker).await?;
    the_clicker_works_in_a_window(&room, 5).await?;
    the_keyboard_is_seen(&room).await?;
    a_frame_is_shown_as_it_is(&room).await?;
    nobody_else_gets_in(&room, &browser).await?;

    room.page.reload().await?;
    room.runs(5, "verdict").await?;
    room.press("S").await?;
    room.shows(5, "run").await?;
    let follows = "document.querySelector('#phases [aria-current]').textContent === 'See'";
    ensure!(
        speaker.wait_until(follows, deadline()).await?,
        "the speaker's window does not follow"
    );
    speaker.press_key("s").await?;
    room.shows(5, "verdict").await?;
    browser.close().await;
    room.presenter.end().await;
    Ok(())
}

/// A build that fails takes neither the change nor the windows away, and on the speaker's page not the notes.
async fn an_error_is_beside_the_change(room: &Room<'_>, speaker: &Page) -> Result<()> {
    let good = room.text("server.rs")?;
    room.append("server.rs", "fn {\n")?;
    room.until("!document.getElementById('error').hidden")
        .await?;
    room.until("document.getElementById('error-line').textContent.startsWith('server.rs, line')")
        .await?;
    for (width, height) in SIZES {
        room.page.resize(width, height).await?;
        let problems = room.page.evaluate(PROBLEMS_OF_AN_ERROR).await?;
        ensure!(
            problems == Value::Array(Vec::new()),
            "at {width}: {problems:#}"
        );
    }
    room.page.resize(1280, 720).await?;
    // The windows go on with the last good program.
    the_marker_follows(room).await?;
    let is_apart = "(() => {
        const box = (id) => document.getElementById(id).getBoundingClientRect();
        return !document.getElementById('error').hidden && box('error').left >= box('notes').right;
    })()";
    ensure!(
        speaker.wait_until(is_apart, deadline()).await?,
        "the error covers the notes"
    );
    fs::write(room.file("server.rs"), good)?;
    room.until("document.getElementById('error').hidden")
        .await?;
    room.runs(5, "verdict").await?;
    the_marker_follows(room).await
}

const PROBLEMS_OF_AN_ERROR: &str = r##"(async () => {
    const picture = () => new Promise(requestAnimationFrame);
    await picture();
    await picture();
    const problems = [];
    const at = (id) => document.getElementById(id);
    const box = (id) => at(id).getBoundingClientRect();
    for (const id of ["error", "error-text"]) {
        const it = at(id);
        if (it.scrollHeight > it.clientHeight + 1 || it.scrollWidth > it.clientWidth + 1) problems.push(`${id} is cut`);
        if (parseFloat(getComputedStyle(at("error-text")).fontSize) < innerHeight / 40 - 0.1) problems.push("it is too small");
    }
    if (!at("change").checkVisibility() || box("change").right > box("error").left) problems.push("it covers the change");
    if (box("error").bottom > box("panes").top || box("panes").height < 120) problems.push("it covers the windows");
    if (at("error-text").textContent.split("\n").length > 8) problems.push("it is too long");
    return problems;
})()"##;

/// After a click into either window a clicker goes on, and the keyboard comes back when the mouse has left.
async fn the_clicker_works_in_a_window(room: &Room<'_>, stage: usize) -> Result<()> {
    for (window, back, forth) in [
        ("left", "PageUp", "PageDown"),
        ("right", "ArrowLeft", "ArrowRight"),
    ] {
        let (x, y) = room
            .place(&format!("[data-window={window}] .screen"), 60.0)
            .await?;
        room.page.click(x, y).await?;
        room.until(&format!(
            "document.querySelector('.has-keyboard')?.dataset.window === '{window}'"
        ))
        .await?;
        room.until("document.getElementById('keyboard').textContent.includes('window')")
            .await?;
        room.press(back).await?;
        room.runs(stage, "run").await?;
        room.press(forth).await?;
        room.runs(stage, "verdict").await?;
        room.page.move_mouse(x, y).await?;
        room.page.move_mouse(640.0, 30.0).await?;
        room.until("!document.querySelector('.has-keyboard')")
            .await?;
    }
    Ok(())
}

/// Step 8: who types into a page types there, and a clicker goes on all the same.
async fn typing() -> Result<()> {
    jquery::fetch().await?;
    let scratch = Scratch::take()?;
    let browser = browser::find()?.context("there is no browser here")?;
    let browser = Browser::launch(&browser).await?;
    let broadcast = Step::parse("8").map_err(anyhow::Error::msg)?;
    let room = Room::open(&scratch, &browser, broadcast).await?;
    room.has_panes().await?;
    room.press("e").await?;
    room.runs(1, "verdict").await?;
    room.has_panes().await?;
    room.press("e").await?;
    let field = "document.querySelector('input')";
    for window in ["left", "right"] {
        let (x, y) = room.place_in_pane(window, field).await?;
        room.page.click(x, y).await?;
        room.page.type_text("nobody").await?;
        room.pane_says(window, &format!("{field}.value"), "nobody")
            .await?;
        // The letters were the page's, and none of them a command.
        room.shows(1, "verdict").await?;
        room.press("PageUp").await?;
        room.runs(1, "run").await?;
        room.press("PageDown").await?;
        room.runs(1, "verdict").await?;
    }
    browser.close().await;
    room.presenter.end().await;
    Ok(())
}

/// The lesson's point: the marker of each window goes where the mouse of the other one is.
async fn the_marker_follows(room: &Room<'_>) -> Result<()> {
    for (mouse, marker) in [("left", "right"), ("right", "left")] {
        let at = room.move_mouse(mouse).await?;
        room.says_of_the_other(marker, &at).await?;
        let left = at.split(',').next().unwrap_or_default();
        ensure!(
            room.marker(marker).await? == format!("{left}px"),
            "the marker is elsewhere"
        );
    }
    Ok(())
}

/// A click into a pane takes the keyboard there: that is seen, and the way back is a click.
async fn the_keyboard_is_seen(room: &Room<'_>) -> Result<()> {
    let (x, y) = room.place("[data-window=left] .screen", 60.0).await?;
    room.page.click(x, y).await?;
    room.until("document.querySelector('.has-keyboard').dataset.window === 'left'")
        .await?;
    let (x, y) = room.place("#keyboard", 8.0).await?;
    room.page.click(x, y).await?;
    room.until("!document.querySelector('.has-keyboard')")
        .await?;
    room.until("document.getElementById('keyboard').textContent.includes('presenter')")
        .await?;
    room.press("?").await?;
    room.until("document.getElementById('help').open").await?;
    room.press("Escape").await?;
    room.until("!document.getElementById('help').open").await
}

/// Nothing in a frame is markup, and nothing in it is hidden or turns the letters after it around.
async fn a_frame_is_shown_as_it_is(room: &Room<'_>) -> Result<()> {
    let send = r#"const odd = new WebSocket(`ws://${location.host}/ws`);
        odd.onopen = () => odd.send("[\"<b>\u202eodd</b>\u0000\"]");"#;
    room.in_pane("left", &format!("{{ {send} }}")).await?;
    room.until(r#"document.getElementById("frames").textContent.includes(String.raw`["<b>\u{202e}odd</b>\u{0}"]`)"#)
        .await
}

/// The page in a pane is of the same site and of another origin. It may know the token, and gets in all the same neither to
/// the views nor to the page; and neither does a window that has another token.
async fn nobody_else_gets_in(room: &Room<'_>, browser: &Browser) -> Result<()> {
    let (site, token) = (room.presenter.address.split_once("/#")).context("an address")?;
    let views = site.replacen("http", "ws", 1);
    let tries = format!(
        r#"(async () => {{
            const opens = (token) => new Promise((say) => {{
                const socket = new WebSocket("{views}/views", ["walk", token]);
                socket.onopen = () => say("open");
                socket.onerror = () => say("refused");
            }});
            const reads = fetch("{site}/", {{ mode: "no-cors" }}).then(() => "read", () => "refused");
            return [await opens("{token}"), await opens("{wrong}"), await reads].join();
        }})()"#,
        wrong = "0".repeat(32)
    );
    let came = room.in_pane("left", &tries).await?;
    ensure!(came == "refused,refused,refused", "{came}");

    let address = format!("{site}/#{}", "0".repeat(32));
    let stranger = browser.window(&address, 1280, 720).await?;
    let is_told = "document.body.innerText.includes('does not let this window in')";
    ensure!(
        stranger.wait_until(is_told, deadline()).await?,
        "a wrong token lets a window in"
    );
    stranger.close().await
}

/// The change, the verdict and the windows are seen whole, in every stage of every step: a class cannot scroll.
async fn fits() -> Result<()> {
    jquery::fetch().await?;
    let scratch = Scratch::take()?;
    let browser = browser::find()?.context("there is no browser here")?;
    let browser = Browser::launch(&browser).await?;
    let mut problems = Vec::new();
    for walk in walk::all()? {
        let room = Room::open(&scratch, &browser, walk.step).await?;
        problems.extend(problems_of(&room, &walk).await?);
        room.page.close().await?;
        room.presenter.end().await;
    }
    browser.close().await;
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}

/// A small projector, an old one, and a large one.
const SIZES: [(u32, u32); 3] = [(1280, 720), (1024, 768), (1920, 1080)];

/// A browser's zoom makes the window so many CSS pixels large: 80, 125 and 200 %.
const ZOOMED: [(u32, u32); 3] = [(1600, 900), (1024, 576), (640, 360)];

async fn problems_of(room: &Room<'_>, walk: &Walkthrough) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for (index, place) in walk.places().iter().enumerate() {
        if index > 0 {
            room.press("s").await?;
        }
        room.shows(place.stage, place.phase.word()).await?;
        room.until(&format!("document.body.dataset.part === '{}'", place.part))
            .await?;
        for (width, height) in SIZES.into_iter().chain(ZOOMED) {
            room.page.resize(width, height).await?;
            let found = room.page.evaluate(PROBLEMS).await?;
            let found = found.as_array().into_iter().flatten();
            let place = format!("{} {place:?} at {width} by {height}", walk.step.name());
            problems.extend(found.map(|problem| format!("{place}: {problem}")));
        }
    }
    Ok(problems)
}

/// What of the page is not to be seen, or too small, as sentences.
const PROBLEMS: &str = r##"(async () => {
    const picture = () => new Promise(requestAnimationFrame);
    await picture();
    await picture();
    const problems = [];
    const at = (id) => document.getElementById(id);
    const parts = { page: document.documentElement, body: document.body };
    for (const id of ["change", "questions", "outcome", "verdict", "see", "panes"]) parts[id] = at(id);
    for (const [name, it] of Object.entries(parts)) {
        const sizes = `${it.scrollWidth} by ${it.scrollHeight} in ${it.clientWidth} by ${it.clientHeight}`;
        if (it.scrollHeight > it.clientHeight + 1 || it.scrollWidth > it.clientWidth + 1) problems.push(`${name}: ${sizes}`);
    }
    const { dataset } = document.querySelector("main");
    const { phase } = document.body.dataset;
    if (dataset.fits !== "yes") problems.push("it does not fit: divide the change with ` / ` in the stage's heading");
    const isInside = (inner, outer) =>
        inner.left >= outer.left - 1 && inner.right <= outer.right + 1 && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
    const box = (it) => it.getBoundingClientRect();
    const window = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    for (const it of [at("questions"), at("outcome"), at("panes"), at("wire"), ...document.querySelectorAll("footer button")]) {
        if (it.checkVisibility() && !isInside(box(it), window)) problems.push(`${it.id || it.textContent} is not in the window`);
    }
    const lines = [...document.querySelectorAll("#change li")].filter((line) => line.checkVisibility());
    const hidden = lines.find((line) => !isInside(box(line), box(at("change"))));
    if (hidden) problems.push(`hidden: ${hidden.textContent}`);
    for (const frame of document.querySelectorAll("iframe:not([hidden])")) {
        if (!isInside(box(frame), box(frame.parentElement))) problems.push(`${frame.title} is not whole`);
    }
    for (const screen of document.querySelectorAll(".screen")) {
        if (screen.checkVisibility() && innerWidth >= 1000 && (box(screen).width < 150 || box(screen).height < 130)) problems.push("a window is too small");
    }
    // Of code, nothing is smaller than a fortieth of the height.
    const least = innerHeight / 40 - 0.1;
    for (const it of document.querySelectorAll("#change code, #frames, #see, #verdict, #questions")) {
        const height = parseFloat(getComputedStyle(it).fontSize);
        if (it.checkVisibility() && height < least) problems.push(`${it.id || it.textContent} is ${height} pixels high`);
    }
    // And nothing of a later phase is there, nor anything of the instructor's.
    const is = (...phases) => phases.includes(phase);
    if (is("question") && document.querySelector("#change .new, #change .gone")) problems.push("the change is there");
    if (is("question", "change") && at("see").textContent) problems.push("See is there");
    if (!is("verdict") && at("verdict").textContent) problems.push("the verdict is there");
    if (!is("verdict") && document.querySelector("#frames .shape")) problems.push("a frame gives it away");
    if (/Watch out|\.workshop|Your files/.test(document.body.innerText)) problems.push("what is the instructor's is there");
    return problems;
})()"##;

/// A presenter, and the page on the projector.
struct Room<'a> {
    scratch: &'a Scratch,
    step: Step,
    presenter: Presenter,
    page: Page,
    /// How often the mouse was moved.
    moves: Cell<u32>,
}

impl<'a> Room<'a> {
    async fn open(scratch: &'a Scratch, browser: &Browser, step: Step) -> Result<Room<'a>> {
        let presenter = Presenter::start(scratch, step).await?;
        let page = presenter.window(browser, "").await?;
        let room = Room {
            scratch,
            step,
            presenter,
            page,
            moves: Cell::new(0),
        };
        room.until("document.body.dataset.stage === '1'").await?;
        Ok(room)
    }

    async fn press(&self, key: &str) -> Result<()> {
        self.page.press_key(key).await
    }

    async fn until(&self, expression: &str) -> Result<()> {
        if self.page.wait_until(expression, deadline()).await? {
            return Ok(());
        }
        let shown = self.page.evaluate("document.body.innerText").await?;
        bail!(
            "not so: {expression}\nThe page says:\n{}",
            shown.as_str().unwrap_or_default()
        );
    }

    /// Waits until this phase of a stage is shown.
    async fn shows(&self, stage: usize, phase: &str) -> Result<()> {
        self.until(&format!(
            "document.body.dataset.stage === '{stage}' && document.body.dataset.phase === '{phase}'"
        ))
        .await
    }

    /// Presses a key that leads to where a stage runs, and waits until both panes have its page anew.
    async fn go(&self, key: &str, stage: usize, phase: &str) -> Result<()> {
        for window in ["left", "right"] {
            self.in_pane(window, "document.documentElement.dataset.isOld = true")
                .await?;
        }
        self.press(key).await?;
        self.runs(stage, phase).await?;
        self.has_panes().await
    }

    /// Goes through all phases of a stage that begins with a question, with this key.
    async fn stage(&self, key: &str, stage: usize) -> Result<()> {
        for phase in ["question", "change"] {
            self.press(key).await?;
            self.runs(stage, phase).await?;
        }
        self.go(key, stage, "run").await?;
        self.press(key).await?;
        self.runs(stage, "verdict").await
    }

    /// Waits until this phase of a stage is shown, and a program runs.
    async fn runs(&self, stage: usize, phase: &str) -> Result<()> {
        self.shows(stage, phase).await?;
        self.until("document.getElementById('status').textContent.startsWith('Running')")
            .await
    }

    /// Holds that the wire does not say this.
    async fn says_nothing_of(&self, words: &str) -> Result<()> {
        let frames = "document.getElementById('frames').textContent";
        let frames = self.page.evaluate(frames).await?;
        let frames = frames.as_str().unwrap_or_default();
        ensure!(!frames.contains(words), "the wire says {words}: {frames}");
        Ok(())
    }

    async fn has_panes(&self) -> Result<()> {
        self.until("document.getElementById('status').textContent.startsWith('Running')")
            .await?;
        for window in ["left", "right"] {
            let says = "document.documentElement.dataset.isOld ? 'old' : document.querySelector('#status').textContent";
            self.pane_says(window, says, "connected").await?;
        }
        Ok(())
    }

    /// Moves the mouse over a pane, to where it has not been, and gives where its page says that it is: `12, 34`.
    async fn move_mouse(&self, window: &str) -> Result<String> {
        self.moves.set(self.moves.get() + 1);
        let from_corner = f64::from(30 + 5 * self.moves.get());
        let (x, y) = self
            .place(&format!("[data-window={window}] .screen"), from_corner)
            .await?;
        let before = self
            .in_pane(window, "document.querySelector('#mine').textContent")
            .await?;
        for back in [20.0, 10.0, 0.0] {
            self.page.move_mouse(x - back, y - back).await?;
        }
        let has_moved = format!("document.querySelector('#mine').textContent !== {before}");
        let deadline = Instant::now() + deadline();
        while self.in_pane(window, &has_moved).await? != Value::Bool(true) {
            ensure!(
                Instant::now() < deadline,
                "the {window} window hears no mouse"
            );
        }
        let place = self
            .in_pane(window, "document.querySelector('#mine').textContent")
            .await?;
        Ok(place.as_str().unwrap_or_default().to_owned())
    }

    /// A place on the page: so far from the upper left corner of this part.
    async fn place(&self, selector: &str, from_corner: f64) -> Result<(f64, f64)> {
        let corner = format!(
            "(({{left, top}}) => [left, top])(document.querySelector('{selector}').getBoundingClientRect())"
        );
        let corner = self.page.evaluate(&corner).await?;
        let number = |index: usize| corner[index].as_f64().context("a corner");
        Ok((number(0)? + from_corner, number(1)? + from_corner))
    }

    /// The place of a part of the page in a pane, where a click hits it.
    async fn place_in_pane(&self, window: &str, part: &str) -> Result<(f64, f64)> {
        let corner = format!("(({{ left, top }}) => [left, top])({part}.getBoundingClientRect())");
        let inside = self.in_pane(window, &corner).await?;
        let frame = format!(
            "((frame) => {{ const {{ left, top, width }} = frame.getBoundingClientRect(); return [left, top, width / frame.offsetWidth]; }})(
                document.querySelector('[data-window={window}] iframe'))"
        );
        let frame = self.page.evaluate(&frame).await?;
        let number = |value: &Value, index: usize| value[index].as_f64().context("a number");
        let scale = number(&frame, 2)?;
        let along =
            |index| anyhow::Ok(number(&frame, index)? + (number(&inside, index)? + 8.0) * scale);
        Ok((along(0)?, along(1)?))
    }

    /// Waits until the wire shows such a frame of the spy.
    async fn has_frame(&self, window: &str, direction: &str, shape: &str) -> Result<()> {
        self.until(&format!(
            "[...document.querySelectorAll('#frames li.{direction}.{window}')].some((row) =>
                ['[\"spy\"', '{shape}'].every((part) => row.textContent.includes(part)))"
        ))
        .await
    }

    /// Waits until a pane says that the other one's mouse is there.
    async fn says_of_the_other(&self, window: &str, place: &str) -> Result<()> {
        self.pane_says(
            window,
            "document.querySelector('#other').textContent",
            place,
        )
        .await
    }

    async fn other(&self, window: &str) -> Result<Value> {
        self.in_pane(window, "document.querySelector('#other').textContent")
            .await
    }

    /// How far to the right a pane's marker is.
    async fn marker(&self, window: &str) -> Result<Value> {
        self.in_pane(
            window,
            "getComputedStyle(document.querySelector('#spy_marker')).left",
        )
        .await
    }

    async fn pane_says(&self, window: &str, expression: &str, wanted: &str) -> Result<()> {
        let deadline = Instant::now() + deadline();
        loop {
            // While it is loaded anew, there is nothing to ask.
            let says = self.in_pane(window, expression).await.unwrap_or_default();
            if says == wanted {
                return Ok(());
            }
            ensure!(
                Instant::now() < deadline,
                "the {window} window says {says}, and not {wanted}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn in_pane(&self, window: &str, expression: &str) -> Result<Value> {
        let address = format!("document.querySelector('[data-window={window}]').dataset.address");
        let address = self.page.evaluate(&address).await?;
        self.page
            .evaluate_in_frame(address.as_str().unwrap_or_default(), expression)
            .await
    }

    fn file(&self, name: &str) -> PathBuf {
        let folder = self.step.folder(Whose::Learner).join(name);
        self.scratch.file(&folder.display().to_string())
    }

    fn text(&self, name: &str) -> Result<String> {
        Ok(fs::read_to_string(self.file(name))?)
    }

    fn append(&self, name: &str, text: &str) -> Result<()> {
        Ok(fs::write(self.file(name), self.text(name)? + text)?)
    }
}

/// The program behind the page.
struct Presenter {
    program: Program,
    /// What it printed for the projector.
    address: String,
}

impl Presenter {
    async fn start(scratch: &Scratch, step: Step) -> Result<Presenter> {
        let target = Target {
            package: "present".into(),
            ..Target::workshop("present")
        };
        let Built::Program(program) = compiler::built::build(&target, false).await? else {
            bail!("the presenter does not compile");
        };
        let mut launch = Launch::new(program, scratch.file(""));
        let port = process::free_port().port().to_string();
        launch.args = vec![step.name().into(), "--port".into(), port.into()];
        let environment = scratch.environment().into_iter();
        launch.env = environment
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        let program = Program::start(&launch)?;
        let deadline = Instant::now() + deadline();
        loop {
            let output = program.output();
            let printed = output.stdout.head.split_whitespace();
            if let Some(address) = printed.clone().find(|word| word.contains("/#")) {
                let address = address.to_owned();
                return Ok(Presenter { program, address });
            }
            ensure!(
                Instant::now() < deadline,
                "the presenter says no address: {output:?}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// One of its pages, in a window of its own.
    async fn window(&self, browser: &Browser, path: &str) -> Result<Page> {
        let address = self.address.replace("/#", &format!("/{path}#"));
        browser.window(&address, 1280, 720).await
    }

    async fn end(self) {
        self.program.end().await;
    }
}

/// How long anything may take before it is wrong: a build is among it.
fn deadline() -> Duration {
    Duration::from_secs(60).mul_f64(patience::measured())
}
