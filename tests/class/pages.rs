//! The pages in a real browser: light and dark, on a telephone and on projectors, by sight and by name.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use browser::{Browser, ColourScheme, Page};
use libtest_mimic::Trial;
use machine::patience;
use room::{Report, What};
use serde_json::Value;

use super::room::{Learner, Room, check};
use super::trial;
use crate::programs::block_on;

pub fn trials() -> Vec<Trial> {
    if !cfg!(unix) {
        return Vec::new();
    }
    vec![trial("pages-are-seen-and-said", || block_on(pages()))]
}

/// A telephone, an old projector, a small one, and a large one.
const SIZES: [(u32, u32); 4] = [(390, 844), (1024, 768), (1280, 720), (1920, 1080)];

async fn pages() -> Result<()> {
    let room = Room::open()?;
    let mut learners = Vec::new();
    for number in 0..12 {
        let mut learner = Learner::join(&room, &format!("a learner called {number}")).await?;
        let causes = [
            &["two-values", "page-never-listens"][..],
            &["does-not-compile"],
            &[],
        ];
        learner.note(check(causes[number % 3])).await?;
        learners.push(learner);
    }
    let report = Report {
        step: 10,
        check: "it_arrives_as_one_object".into(),
        diagnosis: "two-values".into(),
        cause: "<script>document.title = 'ran'</script>".into(),
        ..Report::default()
    };
    learners[0].note(What::Hand(true)).await?;
    learners[0].note(What::Report(Box::new(report))).await?;
    let browser = browser::find()?.context("there is no browser here")?;
    let browser = Browser::launch(&browser).await?;
    let board = browser
        .window(&format!("http://{}/board", room.desk), 1280, 720)
        .await?;
    until(
        &board,
        "document.getElementById('here').textContent === '12'",
    )
    .await?;
    let own = format!("http://{}/instructor#{}", room.desk, room.token);
    let own = browser.window(&own, 1280, 720).await?;
    until(&own, "document.querySelectorAll('#rows tr').length === 12").await?;
    let join = format!("http://{}/#{}", room.address, room.code);
    let join = browser.window(&join, 1280, 720).await?;
    let line = format!("cargo xtask join {} {}", room.address, room.code);
    until(
        &join,
        &format!("document.getElementById('line').textContent === '{line}'"),
    )
    .await?;

    let mut problems = Vec::new();
    for (name, page) in [("board", &board), ("own", &own), ("join", &join)] {
        problems.extend(looked_at(name, page).await?);
    }
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    is_a_board(&board).await?;
    helps(&own, &mut learners[0]).await?;
    let stranger = format!("http://{}/instructor#{}", room.desk, "0".repeat(32));
    let stranger = browser.window(&stranger, 1280, 720).await?;
    until(
        &stranger,
        "document.body.innerText.includes('Open the address that the terminal printed.')",
    )
    .await?;
    ensure!(
        stranger
            .evaluate("document.querySelectorAll('#rows tr').length")
            .await?
            == 0
    );
    browser.close().await;
    Ok(())
}

/// What is not to be seen, too small, too faint, or without a name, in every size and both schemes.
async fn looked_at(name: &str, page: &Page) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for scheme in [ColourScheme::Light, ColourScheme::Dark] {
        page.prefer_colour_scheme(scheme).await?;
        for (width, height) in SIZES {
            page.resize(width, height).await?;
            let found = page.evaluate(PROBLEMS).await?;
            let found = found.as_array().into_iter().flatten();
            problems
                .extend(found.map(|it| format!("{name}, {scheme:?}, {width} by {height}: {it}")));
        }
    }
    Ok(problems)
}

/// What of a page is wrong, as sentences.
const PROBLEMS: &str = r##"(async () => {
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    const problems = [];
    const root = document.documentElement;
    if (root.scrollWidth > innerWidth) problems.push(`it is ${root.scrollWidth} pixels wide`);
    const isProjector = innerWidth >= 1000;
    if (document.body.className === "board" && isProjector) {
        const main = document.querySelector("main");
        if (root.scrollHeight > innerHeight || main.scrollHeight > main.clientHeight) problems.push("it has to be scrolled");
    }
    const least = document.body.className === "board" && isProjector ? 18 : 13;
    const light = (colour) => {
        const [r, g, b] = colour.match(/[\d.]+/g).map((it) => { const c = it / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (it) => {
        for (; it; it = it.parentElement) {
            const colour = getComputedStyle(it).backgroundColor;
            if (!colour.endsWith(", 0)") && colour !== "transparent") return colour;
        }
        return "rgb(255, 255, 255)";
    };
    for (const it of document.querySelectorAll("body *")) {
        const isText = [...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!isText || !it.checkVisibility() || it.closest(".unseen, thead, dialog")) continue;
        const style = getComputedStyle(it);
        if (parseFloat(style.fontSize) < least) problems.push(`${style.fontSize}: ${it.textContent}`);
        const [one, other] = [light(style.color), light(ground(it))].sort((a, b) => b - a);
        if ((one + 0.05) / (other + 0.05) < 4.5) problems.push(`too faint: ${it.textContent}`);
    }
    const names = [...document.querySelectorAll("button, input, iframe")].map((it) => [it, it.getAttribute("aria-label") || it.title || it.labels?.[0]?.textContent || it.textContent.trim()]);
    for (const [it, name] of names) if (!name) problems.push(`no name: ${it.outerHTML}`);
    const inRows = names.filter(([it]) => it.closest("tbody")).map(([, name]) => name);
    if (new Set(inRows).size !== inRows.length) problems.push("two buttons have one name");
    for (const it of document.querySelectorAll("section, dialog")) {
        const title = document.getElementById(it.getAttribute("aria-labelledby"));
        if (!title) problems.push(`no title: ${it.id}`);
    }
    for (const it of document.querySelectorAll("th")) if (!it.scope) problems.push("a heading of the table has no scope");
    if (document.querySelectorAll("h1").length !== 1 || document.querySelectorAll("main").length !== 1) problems.push("one h1, one main");
    return problems;
})()"##;

/// Numbers and plain words, and no name of anybody.
async fn is_a_board(board: &Page) -> Result<()> {
    let text = board.evaluate("document.body.innerText").await?;
    let text = text.as_str().unwrap_or_default();
    for part in [
        "12\nhere",
        "1\nhand up",
        "4 of 12",
        "x and y arrive as two values.",
    ] {
        let (text, part) = (text.replace('\n', " "), part.replace('\n', " "));
        ensure!(text.contains(&part), "no {part} in {text}");
    }
    ensure!(!text.contains("a learner called"), "{text}");
    Ok(())
}

/// A hand: its report is opened beside the name, runs nothing, and is answered.
async fn helps(own: &Page, learner: &mut Learner) -> Result<()> {
    own.evaluate("document.querySelector('#hands button').click()")
        .await?;
    until(
        own,
        "document.getElementById('dialog').open && !document.getElementById('report').hidden",
    )
    .await?;
    let frame = "document.getElementById('report')";
    until(
        own,
        &format!("{frame}.contentDocument === null && {frame}.getAttribute('sandbox') === ''"),
    )
    .await?;
    own.evaluate("document.getElementById('answer-text').value = 'Send <b>one</b> object.'")
        .await?;
    own.evaluate("document.querySelector('#answer button').click()")
        .await?;
    until(own, "document.getElementById('rows').textContent.includes('you: Send <b>one</b> object. (not shown yet)')").await?;
    let heard = learner.hears().await?;
    ensure!(
        matches!(&heard, room::Down::Answer { text, .. } if text == "Send <b>one</b> object."),
        "{heard:?}"
    );
    ensure!(
        own.evaluate("document.querySelectorAll('#rows b, #hands script').length")
            .await?
            == 0
    );
    until(
        own,
        "document.querySelector('#rows tr').classList.contains('stuck')",
    )
    .await?;
    ensure!(own.evaluate("document.title").await? == "The class: your page");
    Ok(())
}

async fn until(page: &Page, expression: &str) -> Result<()> {
    let within = Duration::from_secs(20).mul_f64(patience::measured());
    if page.wait_until(expression, within).await? {
        return Ok(());
    }
    let shown: Value = page.evaluate("document.body.innerText").await?;
    anyhow::bail!(
        "not so: {expression}\nThe page says:\n{}",
        shown.as_str().unwrap_or_default()
    )
}
