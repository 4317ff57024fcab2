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
    let fits = || block_on(fits()).map_err(|error| Failed::from(format!("{error:#}")));
    vec![
        crate::kept::trial("presenting-the-lesson-of-10-spy", lesson),
        crate::kept::trial("presenting-fits-without-a-scrollbar", fits),
    ]
}

/// The lesson of step 10 from its beginning to its end, and what goes wrong on the way.
async fn lesson() -> Result<()> {
    jquery::fetch().await?;
    let scratch = Scratch::take()?;
    let browser = browser::find()?.context("there is no browser here")?;
    let browser = Browser::launch(&browser).await?;
    let room = Room::open(
        &scratch,
        &browser,
        Step::parse("10").map_err(anyhow::Error::msg)?,
    )
    .await?;
    let speaker = room.presenter.window(&browser, "speaker").await?;

    room.has_panes().await?;
    room.go("1", 1).await?;
    room.go("ArrowRight", 2).await?;
    // What was kept is said meanwhile: nothing makes way for it.
    room.until("document.getElementById('notice').textContent.startsWith('kept')")
        .await?;
    let problems = room.page.evaluate(PROBLEMS).await?;
    ensure!(problems == Value::Array(Vec::new()), "{problems:#}");
    room.move_mouse("left").await?;
    room.has_frame("left", "up", "two values").await?;

    room.go("PageDown", 3).await?;
    room.move_mouse("left").await?;
    // It comes down, and nobody listens.
    room.has_frame("right", "down", "two values").await?;
    ensure!(room.other("right").await? == "nothing heard yet");

    room.go("n", 4).await?;
    room.move_mouse("left").await?;
    room.has_frame("right", "down", "two values").await?;
    // The page listens now, and two values are no position.
    room.says_of_the_other("right", "undefined, undefined")
        .await?;
    ensure!(room.marker("right").await? == "0px");

    let mess = "// My own mess.\n";
    room.append("server.rs", mess)?;
    room.go("ArrowRight", 5).await?;
    ensure!(!room.text("server.rs")?.contains(mess));
    room.go("ArrowLeft", 4).await?;
    ensure!(
        room.text("server.rs")?.contains(mess),
        "back does not bring back what stood there"
    );
    room.go("ArrowRight", 5).await?;
    the_marker_follows(&room).await?;
    room.has_frame("right", "down", "one object").await?;
    room.has_frame("left", "down", "one object").await?;

    let good = room.text("server.rs")?;
    room.append("server.rs", "fn {\n")?;
    room.until("!document.getElementById('error').hidden")
        .await?;
    room.until("document.getElementById('error-title').textContent.includes('server.rs')")
        .await?;
    // The windows go on with the last good program.
    the_marker_follows(&room).await?;
    fs::write(room.file("server.rs"), good)?;
    room.until("document.getElementById('error').hidden")
        .await?;
    room.runs(5).await?;
    the_marker_follows(&room).await?;

    the_keyboard_is_seen(&room).await?;
    a_frame_is_shown_as_it_is(&room).await?;
    nobody_else_gets_in(&room, &browser).await?;

    room.page.reload().await?;
    room.runs(5).await?;
    room.press("S").await?;
    let shows_4 = "document.getElementById('title').textContent.startsWith('4.')";
    room.until(shows_4).await?;
    ensure!(
        speaker.wait_until(shows_4, deadline()).await?,
        "the speaker's window does not follow"
    );
    speaker.press_key("s").await?;
    room.until("document.getElementById('title').textContent.startsWith('5.')")
        .await?;

    // A window that is closed and opened again is where the others are.
    room.page.close().await?;
    let again = room.presenter.window(&browser, "").await?;
    let is_there = "document.getElementById('title').textContent.startsWith('5.') &&
        document.querySelector('#stages [aria-current]').textContent.includes('written')";
    ensure!(
        again.wait_until(is_there, deadline()).await?,
        "the window that was opened again is somewhere else"
    );

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
    room.until("document.getElementById('keyboard').checkVisibility()")
        .await?;
    let (x, y) = room.place("#keyboard", 8.0).await?;
    room.page.click(x, y).await?;
    room.until("!document.querySelector('.has-keyboard')")
        .await?;
    the_tab_key_reaches(room, "next").await?;
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

/// The Tab key leads through the panes, and on to this button behind them.
async fn the_tab_key_reaches(room: &Room<'_>, command: &str) -> Result<()> {
    /// More than there are places to stop at.
    const MOST: usize = 40;
    let is_there = format!("document.activeElement.dataset.do === '{command}'");
    for _ in 0..MOST {
        room.press("Tab").await?;
        // The page looks a few times a second where the keyboard is, and is given the time.
        room.until("document.querySelector('.has-keyboard')?.dataset.window === document.activeElement.closest('.pane')?.dataset.window")
            .await?;
        if room.page.evaluate(&is_there).await? == Value::Bool(true) {
            return Ok(());
        }
    }
    bail!("the Tab key does not reach {command}")
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

/// A small projector, and an old one.
const SIZES: [(u32, u32); 2] = [(1280, 720), (1024, 768)];

async fn problems_of(room: &Room<'_>, walk: &Walkthrough) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for stage in &walk.stages {
        if stage.number > 1 {
            room.press("s").await?;
        }
        room.shows(stage.number).await?;
        for (width, height) in SIZES {
            room.page.resize(width, height).await?;
            let found = room.page.evaluate(PROBLEMS).await?;
            let found = found.as_array().into_iter().flatten();
            let place = format!(
                "{} stage {} at {width} by {height}",
                walk.step.name(),
                stage.number
            );
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
    for (const id of ["change", "outcome", "verdict", "see", "panes"]) parts[id] = at(id);
    for (const [name, it] of Object.entries(parts)) {
        const sizes = `${it.scrollWidth} by ${it.scrollHeight} in ${it.clientWidth} by ${it.clientHeight}`;
        if (it.scrollHeight > it.clientHeight || it.scrollWidth > it.clientWidth) problems.push(`${name}: ${sizes}`);
    }
    const isInside = (inner, outer) =>
        inner.left >= outer.left - 1 && inner.right <= outer.right + 1 && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
    const box = (it) => it.getBoundingClientRect();
    const window = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    for (const it of [at("outcome"), at("panes"), at("wire"), ...document.querySelectorAll("#commands button")]) {
        if (!isInside(box(it), window)) problems.push(`${it.id || it.textContent} is not in the window`);
    }
    const lines = [...document.querySelectorAll("#change li")].filter((line) => line.checkVisibility());
    for (const line of lines) if (!isInside(box(line), box(at("change")))) problems.push(`hidden: ${line.textContent}`);
    for (const frame of document.querySelectorAll("iframe:not([hidden])")) {
        if (!isInside(box(frame), box(frame.parentElement))) problems.push(`${frame.title} is not whole`);
    }
    for (const screen of document.querySelectorAll(".screen")) {
        if (box(screen).width < 150 || box(screen).height < 130) problems.push("a window is too small");
    }
    const height = (it) => parseFloat(getComputedStyle(it).fontSize);
    if (height(at("change")) < 12) problems.push(`the change is ${height(at("change"))} pixels high`);
    if (height(at("frames")) < 14) problems.push(`the wire is ${height(at("frames"))} pixels high`);
    if (innerWidth >= 1280 && height(at("title")) < 28) problems.push(`the title is ${height(at("title"))} pixels high`);
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
        room.shows(1).await?;
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

    /// Waits until a stage is shown.
    async fn shows(&self, stage: usize) -> Result<()> {
        self.until(&format!(
            "document.getElementById('title').textContent.startsWith('{stage}.')"
        ))
        .await
    }

    /// Presses a key that leads to a stage, and waits until its program runs, and both panes have its page anew.
    async fn go(&self, key: &str, stage: usize) -> Result<()> {
        for window in ["left", "right"] {
            self.in_pane(window, "document.documentElement.dataset.isOld = true")
                .await?;
        }
        self.press(key).await?;
        self.runs(stage).await
    }

    /// Waits until a stage is shown and written, its program runs, and both panes have its page and its WebSocket.
    async fn runs(&self, stage: usize) -> Result<()> {
        self.shows(stage).await?;
        self.until(
            "document.querySelector('#stages [aria-current]').textContent.includes('written')",
        )
        .await?;
        self.has_panes().await
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

    /// Waits until the wire shows such a frame of the spy.
    async fn has_frame(&self, window: &str, direction: &str, shape: &str) -> Result<()> {
        self.until(&format!(
            "[...document.querySelectorAll('#frames li.{direction}')].some((row) =>
                ['{window}', '{direction}', '[\"spy\"', '{shape}'].every((part) => row.textContent.includes(part)))"
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
        let address = format!("document.querySelector('[data-window={window}] iframe').src");
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
