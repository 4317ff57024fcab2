//! The program behind the presenter's page: who may drive it, what a view may ask for, and that the app behind it is
//! exchanged without a gap. The views of these tests are no browsers.

use std::fs;
use std::future::Future;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use compiler::built::Built;
use futures::{SinkExt, StreamExt};
use libtest_mimic::{Failed, Trial};
use live::walk::{Phase, Walkthrough};
use machine::compile::Target;
use serde_json::{Value, json};
use steps::step::Step;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::bad_luck::{PATIENCE, Running, is_running};
use crate::scratch::Scratch;
use crate::terminal::free_port;

/// A trial for each thing that the page relies on.
pub fn trials() -> Vec<Trial> {
    // The presenter is asked to end by a signal.
    if !cfg!(unix) {
        return Vec::new();
    }
    let trial = |name: &str, run: fn() -> Result<()>| {
        crate::again_alone(
            format!("present-{name}"),
            crate::kept::workshop,
            move || run().map_err(|error| Failed::from(format!("{error:#}"))),
        )
    };
    vec![
        trial("only-to-its-person", || in_runtime(is_guarded())),
        trial("a-lesson", || in_runtime(gives_a_lesson())),
        trial("asks-first", || in_runtime(asks_first())),
        trial("comes-back-after-a-kill", || in_runtime(comes_back())),
        trial("a-telephone", || in_runtime(has_a_phone())),
        trial("whatever-happens-to-the-app", || in_runtime(goes_on())),
        trial("where-somebody-has-the-port", || in_runtime(has_no_port())),
        trial("ends-in-the-middle-of-it", || in_runtime(ends_anywhere())),
    ]
}

fn in_runtime(test: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(test)
}

const SERVER: &str = "exercises/10-spy/server.rs";
const PAGE: &str = "exercises/10-spy/10.html";

/// What reaches the presenter, and what is turned away.
async fn is_guarded() -> Result<()> {
    let scratch = Scratch::take()?;
    let presenter = Presenter::start(&scratch).await?;
    let (host, origin, token) = (&presenter.host, &presenter.origin, &presenter.token);
    let own = format!("Host: {host}");
    let same = format!("Origin: {origin}");
    let other_port = origin.replace("http://127.0.0.1:", "http://127.0.0.1:1");
    let odd_hosts = [
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "127.0.0.1:1".to_owned(),
        "evil.example".to_owned(),
        host.replace("127.0.0.1", "localhost"),
        host.replace("127.0.0.1", "127.0.0.1."),
        host.replace("127.0.0.1", "[::1]"),
        host.replace("127.0.0.1", "0.0.0.0"),
        format!("{host}."),
        format!("{host}:"),
        format!(" @{host}"),
        format!("{host}, {host}"),
        format!("{host}\u{e9}"),
        String::new(),
    ];
    for path in ["/", "/speaker", "/present.css", "/room.js", "/draw.js"] {
        presenter.answers("GET", path, &[&own], 200)?;
        presenter.answers("HEAD", path, &[&own, &same], 200)?;
        presenter.answers("POST", path, &[&own, "Content-Length: 0"], 405)?;
        presenter.answers("OPTIONS", path, &[&own], 405)?;
        presenter.answers("GET", path, &[], 403)?;
        presenter.answers("GET", path, &[&own, &own], 403)?;
        for odd in &odd_hosts {
            presenter.answers("GET", path, &[&format!("Host: {odd}")], 403)?;
        }
        for odd in ["null", "http://evil.example", &other_port] {
            presenter.answers("GET", path, &[&own, &format!("Origin: {odd}")], 403)?;
        }
        for site in ["cross-site", "same-site", "odd"] {
            presenter.answers(
                "GET",
                path,
                &[&own, &format!("Sec-Fetch-Site: {site}")],
                403,
            )?;
        }
        presenter.answers("GET", path, &[&own, "Sec-Fetch-Site: none"], 200)?;
    }
    presenter.answers("GET", "/Cargo.toml", &[&own], 404)?;
    presenter.answers("GET", "/../Cargo.toml", &[&own], 404)?;
    presenter.answers("GET", "/Cargo.toml", &["Host: evil.example"], 403)?;
    presenter.answers("POST", "/views", &["Host: evil.example"], 403)?;

    let protocols = format!("Sec-WebSocket-Protocol: walk, {token}");
    let view = |changed: &[&str]| {
        let upgrade = [
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        ];
        [&upgrade[..], changed].concat().join("\r\n")
    };
    for way in ["/views", "/views/speaker"] {
        presenter.answers("GET", way, &[&view(&[&own, &same, &protocols])], 101)?;
        presenter.answers("GET", way, &[&view(&[&own, &protocols])], 403)?;
    }
    for way in ["/views/phone", "/viewsx"] {
        presenter.answers("GET", way, &[&view(&[&own, &same, &protocols])], 404)?;
    }
    for odd in &odd_hosts {
        let odd = format!("Host: {odd}");
        presenter.answers("GET", "/views", &[&view(&[&odd, &same, &protocols])], 403)?;
    }
    for odd in [
        "",
        "null",
        "file://",
        &other_port,
        &format!("{origin}/"),
        &origin.replace("http", "https"),
    ] {
        let odd = format!("Origin: {odd}");
        presenter.answers("GET", "/views", &[&view(&[&own, &odd, &protocols])], 403)?;
    }
    let wrong = "0".repeat(64);
    for refused in [
        vec![&own[..], &same],
        vec![&own, &protocols],
        vec![&same, &protocols],
        vec![&own, "Origin: null", &protocols],
        vec![&own, "Origin: http://evil.example", &protocols],
        vec![&own, "Origin: http://127.0.0.1", &protocols],
        vec![&own, &same, &same, &protocols],
        vec!["Host: evil.example", &same, &protocols],
        vec![&own, &same, &protocols, "Sec-Fetch-Site: same-site"],
        vec![&own, &same, "Sec-WebSocket-Protocol: walk"],
        vec![&own, &same, &format!("Sec-WebSocket-Protocol: {token}")],
        vec![
            &own,
            &same,
            &format!("Sec-WebSocket-Protocol: walk, {wrong}"),
        ],
        vec![
            &own,
            &same,
            &format!("Sec-WebSocket-Protocol: walk, {}", &token[1..]),
        ],
        vec![&own, &same, &format!("{protocols}0")],
    ] {
        presenter.answers("GET", "/views", &[&view(&refused)], 403)?;
    }

    nothing_changes_without_a_view(&scratch, &presenter).await?;
    has_its_headers(&presenter)?;
    is_on_loopback_alone(&presenter).await?;

    for nonsense in [
        r#"{"do":"shell"}"#,
        "",
        r#"{"do":"go","stage":1,"file":"x"}"#,
        r#"{"do":"go","stage":"../../etc/passwd"}"#,
        r#"{"do":"run","command":"sh"}"#,
    ] {
        let mut view = presenter.view().await?;
        view.socket.send(Message::text(nonsense)).await?;
        view.closes_with(1008).await?;
    }
    let mut polite = presenter.view().await?;
    let long = format!("{}{}", " ".repeat(1024), r#"{"do":"clear"}"#);
    polite.socket.send(Message::text(long)).await?;
    polite.closes_with(1008).await?;

    // A view that does not read is nobody's trouble, and the seventeenth is told to wait.
    let mut views = Vec::new();
    for _ in 0..16 {
        views.push(presenter.view().await?);
    }
    presenter.view().await?.closes_with(1013).await?;
    let mut last = views.pop().context("there are sixteen")?;
    last.ask(json!({ "do": "go", "stage": 99 })).await?;
    ensure!(last.notice().await?.contains("1 to 5"));

    // Who guesses is not heard for a while, not even with the right one.
    let guess = view(&[
        &own,
        &same,
        &format!("Sec-WebSocket-Protocol: walk, {wrong}"),
    ]);
    for _ in 0..10 {
        presenter.asked("GET", "/views", &[&guess])?;
    }
    presenter.answers("GET", "/views", &[&guess], 429)?;
    let right = view(&[&own, &same, &protocols]);
    presenter.answers("GET", "/views", &[&right], 429)?;
    presenter.ends(&scratch)
}

/// A request changes nothing, whatever it asks for and whatever it brings: only who has a view may ask.
async fn nothing_changes_without_a_view(scratch: &Scratch, presenter: &Presenter) -> Result<()> {
    let files = [SERVER, PAGE].map(|name| scratch.file(name));
    let before = files.clone().map(fs::read);
    let (own, same) = (
        format!("Host: {}", presenter.host),
        format!("Origin: {}", presenter.origin),
    );
    let protocols = format!("Sec-WebSocket-Protocol: walk, {}", presenter.token);
    for path in ["/views", "/views?do=next", "/next", "/apply", "/go/3"] {
        presenter.answers("GET", path, &[&own, &same, &protocols], 404)?;
        let body = "Content-Length: 13\r\n\r\n{\"do\":\"next\"}";
        presenter.answers("POST", path, &[&own, &same, &protocols, body], 405)?;
    }
    let mut view = presenter.view().await?;
    view.until("nothing is written", |it| {
        it["at"]["stage"] == 1 && it["written"] == 0
    })
    .await?;
    for (file, before) in files.iter().zip(before) {
        ensure!(fs::read(file)? == before?, "{} was written", file.display());
    }
    Ok(())
}

/// No page shows ours in a frame or reads it, and ours loads nothing but its own two files and the panes.
fn has_its_headers(presenter: &Presenter) -> Result<()> {
    let page = presenter.asked("GET", "/", &[&format!("Host: {}", presenter.host)])?;
    let page = page.to_lowercase();
    for never in [
        "access-control",
        "set-cookie",
        "unsafe",
        "*",
        &presenter.token,
    ] {
        ensure!(!page.contains(never), "{never} is in {page}");
    }
    for header in [
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws://127.0.0.1:",
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n",
        "x-content-type-options: nosniff",
        "cache-control: no-store",
        "referrer-policy: no-referrer",
        "cross-origin-opener-policy: same-origin",
        "cross-origin-resource-policy: same-origin",
    ] {
        ensure!(page.contains(header), "{header} is not in {page}");
    }
    Ok(())
}

/// The page, the panes and the app are served to this machine and to no other. On Linux, who listens on all interfaces
/// answers on 127.0.0.2 as well.
async fn is_on_loopback_alone(presenter: &Presenter) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let state = presenter.room().await?.until("a state", |_| true).await?;
    let panes = ["left", "right"].map(|window| state["panes"][window].to_string());
    let places = [&presenter.origin, &panes[0], &panes[1]];
    let ports = places.into_iter().filter_map(|place| port_of(place));
    for port in ports.chain([presenter.port]) {
        ensure!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
        let elsewhere = TcpStream::connect((Ipv4Addr::new(127, 0, 0, 2), port));
        ensure!(elsewhere.is_err(), "port {port} is open to others");
    }
    Ok(())
}

/// The port in an address.
fn port_of(address: &str) -> Option<u16> {
    let port = address.rsplit(':').next()?;
    port.trim_matches(|it: char| !it.is_ascii_digit())
        .parse()
        .ok()
}

/// What the views see while somebody presents, and what becomes of the files.
async fn gives_a_lesson() -> Result<()> {
    let scratch = Scratch::take()?;
    let untouched = fs::read(scratch.file(PAGE))?;
    let presenter = Presenter::start(&scratch).await?;
    let mut view = presenter.view().await?;
    let state = view.until("the starter runs", |it| it["app"] == "running");
    let state = state.await?;
    ensure!(is_at(&state, 1, "run") && state["written"] == 0, "{state}");
    ensure!(state["clock"]["has_started"] == false, "{state}");
    ensure!(
        fs::read(scratch.file(PAGE))? == untouched,
        "the page was written"
    );

    // A second one for the same step is turned away.
    let mut second = presenter.command(&scratch);
    let refused = second.output()?;
    ensure!(refused.status.code() == Some(1), "{refused:?}");

    // The code comes in its colours.
    let has_colours = |it: &Value| it["code"].to_string().contains("\"string\"");
    view.ask(json!({ "do": "show", "stage": 2 })).await?;
    view.until("colours", has_colours).await?;

    // A stage that is begun has the files of the one before, and a mess is kept.
    let mess = "<p>typed by hand</p>\n";
    fs::write(scratch.file(PAGE), mess)?;
    view.until("the save is seen", |it| it["gap"]["closed"] == false)
        .await?;
    view.ask(json!({ "do": "go", "stage": 2 })).await?;
    ensure!(view.notice().await?.contains(".workshop/kept/"));
    view.until("the question of stage 2", |it| {
        is_at(it, 2, "question")
            && it["gap"]["closed"] == true
            && it["clock"]["has_started"] == true
    })
    .await?;

    // One press, one thing; the files are written when it comes to that, and taken back.
    let state = view.press("next", 2, "change").await?;
    ensure!(
        state["written"] == 1,
        "the change is written already: {state}"
    );
    view.press("next", 2, "run").await?;
    let written = fs::read_to_string(scratch.file(PAGE))?;
    ensure!(written.contains("socket.emit(\"spy\""), "{written}");
    view.press("next", 2, "verdict").await?;
    view.press("back", 2, "run").await?;
    view.press("back", 2, "change").await?;
    let before = fs::read_to_string(scratch.file(PAGE))?;
    ensure!(!before.contains("socket.emit(\"spy\""), "{before}");

    view.ask(json!({ "do": "show", "stage": 4 })).await?;
    view.until("stage 4 is only shown", |it| {
        it["at"]["stage"] == 4 && it["written"] == 1
    })
    .await?;
    view.ask(json!({ "do": "countdown", "seconds": 90 }))
        .await?;
    view.until("90 seconds", |it| it["countdown"]["of"] == 90)
        .await?;
    view.ask(json!({ "do": "countdown", "seconds": 0 })).await?;
    view.until("no countdown", |it| it["countdown"].is_null())
        .await?;
    keeps_the_time(&mut view).await?;

    // All at once, and a press while the server is built: it is kept, seen to be kept, and done.
    view.ask(json!({ "do": "go", "stage": 2 })).await?;
    view.until("stage 2", |it| is_at(it, 2, "question")).await?;
    view.ask(json!({ "do": "at-once" })).await?;
    view.until("stage 2 whole", |it| {
        is_at(it, 2, "verdict") && it["app"] == "running"
    })
    .await?;
    view.ask(json!({ "do": "next" })).await?;
    view.ask(json!({ "do": "next" })).await?;
    view.ask(json!({ "do": "back" })).await?;
    view.until("it is kept", |it| it["kept"] == "back").await?;
    let state = view.until("stage 3 was built, and is left again", |it| {
        is_at(it, 2, "verdict") && it["app"] == "running" && it["kept"].is_null()
    });
    state.await?;
    view.ask(json!({ "do": "next" })).await?;
    let state = view.until("stage 3 runs", |it| {
        is_at(it, 3, "verdict") && it["app"] == "running"
    });
    let state = state.await?;
    ensure!(state["live"]["is_old"] == false, "{state}");

    // Both panes are the app, and what passes is seen.
    let mut room = presenter.room().await?;
    let panes = room
        .until("the panes", |it| it["panes"].is_object())
        .await?;
    let (mut left, mut right) = (pane(&panes, "left").await?, pane(&panes, "right").await?);
    right.send(Message::text("[\"online\"]")).await?;
    right.next().await.context("an answer")??;
    left.send(Message::text("[\"spy\",1,2]")).await?;
    let heard = right.next().await.context("a frame")??;
    ensure!(heard == Message::text("[\"spy\",1,2]"), "{heard:?}");
    let frame = room.frame("right", "down", "[\"spy\",1,2]").await?;
    ensure!(frame["shape"] == "two values", "{frame}");

    // Another view sees the same, the frames of before among it.
    let mut late = presenter.room().await?;
    late.until("the same", |it| is_at(it, 3, "verdict")).await?;
    late.frame("left", "up", "[\"spy\",1,2]").await?;
    view.ask(json!({ "do": "clear" })).await?;
    late.frames_are_cleared().await?;

    // The check says what the stage announces, and is no learner's.
    view.ask(json!({ "do": "check" })).await?;
    let state = view
        .until("a verdict", |it| it["check"]["state"] == "done")
        .await?;
    ensure!(state["check"]["as_announced"] == true, "{}", state["check"]);
    ensure!(
        state["check"]["findings"][0]["cause"].is_string(),
        "{}",
        state["check"]
    );
    ensure!(!scratch.file(".workshop/last").exists(), "it was noted");

    // The last stage, and a window that is open meanwhile is cut.
    view.ask(json!({ "do": "show", "stage": 5 })).await?;
    view.ask(json!({ "do": "apply" })).await?;
    let state = view.until("stage 5 runs", |it| {
        it["written"] == 5 && it["app"] == "running"
    });
    state.await?;
    while let Some(Ok(_)) = timeout(PATIENCE, left.next()).await? {}
    view.ask(json!({ "do": "next" })).await?;
    while !view.notice().await?.contains("the last stage") {}
    presenter.ends(&scratch)
}

fn is_at(state: &Value, stage: u64, phase: &str) -> bool {
    state["at"]["stage"] == stage && state["at"]["phase"] == phase
}

/// The clock is set and paused, and a stage that is gone to again goes on.
async fn keeps_the_time(view: &mut View) -> Result<()> {
    view.ask(json!({ "do": "clock", "seconds": 100 })).await?;
    view.ask(json!({ "do": "pause" })).await?;
    view.until("it is paused", |it| it["clock"]["is_paused"] == true)
        .await?;
    view.ask(json!({ "do": "show", "stage": 4 })).await?;
    let state = view
        .until("the same stage", |it| it["at"]["stage"] == 4)
        .await?;
    ensure!(state["clock"]["stage"].as_u64() >= Some(100), "{state}");
    view.ask(json!({ "do": "pause" })).await?;
    view.until("it goes on", |it| it["clock"]["runs"] == true)
        .await?;
    Ok(())
}

/// At each place of the lesson: what comes later is not even sent to the projector, and what is the instructor's never.
async fn asks_first() -> Result<()> {
    let scratch = Scratch::take()?;
    let walk = Walkthrough::of(Step::parse("10").map_err(anyhow::Error::msg)?)?;
    let presenter = Presenter::start(&scratch).await?;
    let (mut view, mut room) = (presenter.view().await?, presenter.room().await?);
    view.until("it runs", |it| it["app"] == "running").await?;
    for (index, place) in walk.places().into_iter().enumerate() {
        let is_there = move |it: &Value| is_at(it, place.stage as u64, place.phase.word());
        match index {
            0 => view.ask(json!({ "do": "go", "stage": 1 })).await?,
            _ => view.ask(json!({ "do": "next" })).await?,
        }
        let told = room
            .until("the place", |it| is_there(it) && it["app"] == "running")
            .await?;
        let raw = told.to_string();
        let stage = walk.stage(place.stage)?;
        let since = |phase| place.phase >= phase;
        ensure!(
            told["title"].is_string() == since(Phase::Change),
            "{place:?}: {raw}"
        );
        ensure!(
            told["see"].is_string() == since(Phase::Run),
            "{place:?}: {raw}"
        );
        ensure!(
            told["announced"].is_object() == since(Phase::Verdict),
            "{place:?}: {raw}"
        );
        for fails in stage.announced.fails() {
            let is_told = raw.contains(fails.sentence());
            ensure!(is_told == since(Phase::Verdict), "{place:?}: {raw}");
        }
        let has_new = raw.contains("\"kind\":\"new\"");
        ensure!(!has_new || since(Phase::Change), "{place:?}: {raw}");
        for never in [
            "prompts",
            "gap",
            "clock",
            ".workshop",
            "Watch out",
            "next\":\"",
        ] {
            ensure!(!raw.contains(never), "{place:?}: {never} in {raw}");
        }
        for later in walk.stages.iter().filter(|it| it.number > place.stage) {
            ensure!(!raw.contains(&later.title), "{place:?}: {raw}");
        }
    }
    // A wire that gives the punch line away waits for the verdict.
    let mut again = presenter.room().await?;
    let panes = again
        .until("the panes", |it| it["panes"].is_object())
        .await?;
    let mut left = pane(&panes, "left").await?;
    left.send(Message::text("[\"spy\",1,2]")).await?;
    let frame = room.frame("left", "up", "[\"spy\",1,2]").await?;
    ensure!(frame["shape"] == "two values", "{frame}");
    view.press("back", 5, "run").await?;
    let mut anew = presenter.room().await?;
    let frame = anew.frame("left", "up", "[\"spy\",1,2]").await?;
    ensure!(frame["shape"].is_null(), "{frame}");
    presenter.ends(&scratch)
}

/// Killed in the middle, and started again by the same command: the same place, clock, size, port and token.
async fn comes_back() -> Result<()> {
    let scratch = Scratch::take()?;
    let mut presenter = Presenter::start(&scratch).await?;
    let mut view = presenter.view().await?;
    view.until("it runs", |it| it["app"] == "running").await?;
    view.ask(json!({ "do": "go", "stage": 4 })).await?;
    view.until("stage 4", |it| {
        is_at(it, 4, "question") && it["app"] == "running"
    })
    .await?;
    view.press("next", 4, "change").await?;
    view.ask(json!({ "do": "clock", "seconds": 77 })).await?;
    view.ask(json!({ "do": "larger" })).await?;
    view.until("larger", |it| it["size"] == 1.15).await?;
    let room = presenter
        .room()
        .await?
        .until("the panes", |it| it["panes"].is_object())
        .await?;
    presenter.running.signal("KILL")?;
    presenter.running.exit()?;
    ensure!(!is_running(&scratch), "the app goes on");

    let (again, said) = Presenter::start_at(&scratch, presenter.port).await?;
    ensure!(
        again.origin == presenter.origin && again.token == presenter.token,
        "{said}"
    );
    let mut view = again.view().await?;
    let state = view
        .until("it runs again", |it| it["app"] == "running")
        .await?;
    ensure!(
        is_at(&state, 4, "change") && state["size"] == 1.15,
        "{state}"
    );
    let seconds = state["clock"]["stage"].as_u64();
    ensure!((77..90).contains(&seconds.unwrap_or(0)), "{state}");
    let panes = again
        .room()
        .await?
        .until("the panes", |it| it["panes"].is_object())
        .await?;
    ensure!(panes["panes"] == room["panes"], "{panes}");
    ensure!(
        panes["live"]["generation"] != room["live"]["generation"],
        "{panes}"
    );
    // What was written before is taken back all the same.
    view.press("next", 4, "run").await?;
    view.press("back", 4, "change").await?;
    again.ends(&scratch)
}

/// What a telephone gets, and what it does not.
async fn has_a_phone() -> Result<()> {
    let scratch = Scratch::take()?;
    let presenter = Presenter::start_with(&scratch, &["--speaker-host", "127.0.0.1"]).await?;
    let phone = presenter
        .phone
        .clone()
        .context("an address for the telephone")?;
    ensure!(phone.token != presenter.token && phone.host != presenter.host);
    let (own, same) = (
        format!("Host: {}", phone.host),
        format!("Origin: {}", phone.origin),
    );
    for path in ["/", "/phone.css", "/phone.js", "/draw.js"] {
        phone.answers("GET", path, &[&own], 200)?;
        phone.answers("POST", path, &[&own], 405)?;
        for odd in ["evil.example", "localhost", &presenter.host] {
            phone.answers("GET", path, &[&format!("Host: {odd}")], 403)?;
        }
        phone.answers("GET", path, &[&own, "Origin: http://evil.example"], 403)?;
        phone.answers("GET", path, &[&own, "Sec-Fetch-Site: cross-site"], 403)?;
    }
    for path in [
        "/speaker",
        "/room.js",
        "/Cargo.toml",
        "/../Cargo.toml",
        "/views/speaker",
    ] {
        phone.answers(
            "GET",
            path,
            &[&own],
            if path.contains("views") { 403 } else { 404 },
        )?;
    }
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";
    let protocols = |token: &str| format!("Sec-WebSocket-Protocol: walk, {token}");
    let right = protocols(&phone.token);
    let other_origin = format!("Origin: {}", presenter.origin);
    for refused in [
        vec![&own[..], &right],
        vec![&own, &other_origin, &right],
        vec![&own, &same],
        vec![&own, &same, &protocols(&presenter.token)],
        vec!["Host: evil.example", &same, &right],
    ] {
        let headers = [&[upgrade][..], &refused].concat();
        phone.answers("GET", "/views", &headers, 403)?;
    }
    // Its token is none for the machine's own page.
    let there = [format!("Host: {}", presenter.host), other_origin.clone()];
    let headers = [upgrade, &there[0], &there[1], &right];
    presenter.answers("GET", "/views", &headers, 403)?;

    let mut view = phone.view("/views").await?;
    let state = view.until("it runs", |it| it["app"] == "running").await?;
    let raw = state.to_string();
    ensure!(state["prompts"].is_array(), "{raw}");
    for never in [
        "code",
        "gap",
        "panes",
        "exercises/",
        "token",
        "error",
        "phone",
    ] {
        ensure!(!raw.contains(&format!("\"{never}")), "{never} in {raw}");
    }
    view.ask(json!({ "do": "countdown", "seconds": 60 }))
        .await?;
    view.until("a countdown", |it| it["countdown"]["of"] == 60)
        .await?;
    view.press("next", 1, "verdict").await?;
    view.press("back", 1, "run").await?;
    for refused in [
        "apply", "run", "check", "at-once", "clear", "larger", "pause",
    ] {
        let mut view = phone.view("/views").await?;
        view.ask(json!({ "do": refused })).await?;
        view.closes_with(1008).await?;
    }
    let guess = protocols(&"0".repeat(32));
    for _ in 0..10 {
        phone.asked("GET", "/views", &[upgrade, &own, &same, &guess])?;
    }
    phone.answers("GET", "/views", &[upgrade, &own, &same, &right], 429)?;
    presenter.ends(&scratch)
}

/// Errors, panics and ends of the app are said, and the last good one stays.
async fn goes_on() -> Result<()> {
    let scratch = Scratch::take()?;
    // Whoever shouts `panic` has a task that panics, and whoever shouts `exit` ends the program.
    let arm = "        (\"shout\", [Value::String(words), ..]) if words == \"panic\" => panic!(\"at last\"),\n\
               \x20       (\"shout\", [Value::String(words), ..]) if words == \"exit\" => std::process::exit(7),\n";
    let before = "        (\"shout\", [Value::String(words), ..]) =>";
    scratch.finish(before, &format!("{arm}{before}"))?;
    let good = fs::read_to_string(scratch.file(SERVER))?;
    let presenter = Presenter::start(&scratch).await?;
    let mut view = presenter.view().await?;
    view.until("it runs", |it| it["app"] == "running").await?;
    let mut room = presenter.room().await?;
    let state = room
        .until("the panes", |it| it["panes"].is_object())
        .await?;

    fs::write(scratch.file(SERVER), good.replace("fn main()", "fn main("))?;
    let broken = view.until("it fails", |it| it["app"] == "failed").await?;
    let live = &broken["live"];
    ensure!(live["answers"] == true && live["is_old"] == true, "{live}");
    let place = broken["error"]["place"].as_str().unwrap_or_default();
    ensure!(place.starts_with("exercises/10-spy/server.rs:"), "{broken}");
    // The good one still answers, in the panes and at the port.
    drop(pane(&state, "left").await?);
    presenter.app_answers()?;

    fs::write(scratch.file(SERVER), format!("{good}// mended\n"))?;
    let is_well = |it: &Value| it["app"] == "running" && it["live"]["is_old"] == false;
    let mended = view.until("it is mended", is_well).await?;
    ensure!(mended["error"].is_null(), "{mended}");
    let generation = mended["live"]["generation"].clone();

    fs::write(scratch.file(PAGE), "<p>another page</p>\n")?;
    let loaded = view
        .until("loaded anew", |it| it["live"]["generation"] != generation)
        .await?;
    ensure!(
        loaded["app"] == "running",
        "a page needs no build: {loaded}"
    );

    let mut left = pane(&state, "left").await?;
    left.send(Message::text("[\"shout\",\"panic\"]")).await?;
    let panicked = view.until("a panic", |it| !it["error"].is_null()).await?;
    let (app, error) = (&panicked["app"], &panicked["error"]);
    ensure!(app == "running" && error["text"] == "at last", "{panicked}");

    let mut left = pane(&state, "left").await?;
    left.send(Message::text("[\"shout\",\"exit\"]")).await?;
    let crashed = view.until("a crash", |it| it["app"] == "crashed").await?;
    ensure!(crashed["live"]["answers"] == false, "{crashed}");
    let title = crashed["error"]["title"].as_str().unwrap_or_default();
    ensure!(title.contains('7'), "{title}");
    view.ask(json!({ "do": "run" })).await?;
    view.until("it runs again", is_well).await?;
    presenter.app_answers()?;
    presenter.ends(&scratch)
}

/// Where somebody has the port of the app, that is said, and the panes are there all the same.
async fn has_no_port() -> Result<()> {
    let scratch = Scratch::take()?;
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = held.local_addr()?.port();
    let (presenter, said) = Presenter::start_at(&scratch, port).await?;
    let words = format!("Nothing is served at port {port}: ");
    ensure!(
        said.contains(&words) && !said.contains("App alone:"),
        "{said}"
    );
    let mut view = presenter.view().await?;
    let state = view.until("it runs", |it| it["app"] == "running");
    let state = state.await?;
    ensure!(state["address"].is_null(), "{state}");
    let mut room = presenter.room().await?;
    let state = room
        .until("the panes", |it| it["panes"].is_object())
        .await?;
    drop(pane(&state, "left").await?);
    presenter.ends(&scratch)
}

/// Ctrl-C while the app is built, while it runs, and while it is checked: nothing goes on.
async fn ends_anywhere() -> Result<()> {
    let scratch = Scratch::take()?;
    type IsThere = fn(&Value) -> bool;
    let moments: [(&str, IsThere); 3] = [
        ("build", |it| it["app"] == "building"),
        ("run", |it| it["app"] == "running"),
        ("check", |it| it["check"]["state"] == "running"),
    ];
    for (moment, is_there) in moments {
        let text = fs::read_to_string(scratch.file(SERVER))?;
        fs::write(scratch.file(SERVER), format!("{text}// {moment}\n"))?;
        let presenter = Presenter::start(&scratch).await?;
        let mut view = presenter.view().await?;
        if moment == "check" {
            view.ask(json!({ "do": "check" })).await?;
        }
        view.until(moment, is_there).await?;
        presenter.ends(&scratch)?;
    }
    Ok(())
}

/// A presenter that runs in the copy.
struct Presenter {
    running: Running,
    program: PathBuf,
    /// The port that the app is served at.
    port: u16,
    /// What it serves to this machine.
    site: Site,
    /// What it serves to a telephone, where that was asked for.
    phone: Option<Site>,
}

/// A place that it serves its pages at, and the token for it.
#[derive(Clone)]
struct Site {
    host: String,
    origin: String,
    token: String,
}

impl std::ops::Deref for Presenter {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl Presenter {
    async fn start(scratch: &Scratch) -> Result<Presenter> {
        Presenter::start_with(scratch, &[]).await
    }

    async fn start_with(scratch: &Scratch, more: &[&str]) -> Result<Presenter> {
        Ok(Presenter::start_at_with(scratch, free_port()?, more)
            .await?
            .0)
    }

    /// With this port for the app; and what it says at first.
    async fn start_at(scratch: &Scratch, port: u16) -> Result<(Presenter, String)> {
        Presenter::start_at_with(scratch, port, &[]).await
    }

    async fn start_at_with(
        scratch: &Scratch,
        port: u16,
        more: &[&str],
    ) -> Result<(Presenter, String)> {
        let program = built().await?;
        let mut command = Command::new(&program);
        command.args(["10", "--port", &port.to_string()]).args(more);
        command.envs(scratch.environment());
        let mut running = Running::spawn(command, port)?;
        let said = running.line("Ctrl-C ends it.")?;
        let site = |name: &str| {
            let address = said.lines().find_map(|line| line.strip_prefix(name))?;
            let (origin, token) = address.trim().split_once("/#")?;
            Some(Site {
                host: origin.replace("http://", ""),
                origin: origin.into(),
                token: token.into(),
            })
        };
        let presenter = Presenter {
            running,
            program,
            port,
            site: site("Projector:").with_context(|| format!("no address in {said}"))?,
            phone: site("Telephone:"),
        };
        Ok((presenter, said))
    }

    /// The same once more.
    fn command(&self, scratch: &Scratch) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("10").envs(scratch.environment());
        command
    }

    /// Holds that the app answers to everybody else on this machine.
    fn app_answers(&self) -> Result<()> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(
            stream,
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        ensure!(
            answer.starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&answer)
        );
        Ok(())
    }

    /// The speaker's view.
    async fn view(&self) -> Result<View> {
        self.site.view("/views/speaker").await
    }

    /// The projector's.
    async fn room(&self) -> Result<View> {
        self.site.view("/views").await
    }

    /// Ends it as Ctrl-C does, and holds that nothing is left.
    fn ends(mut self, scratch: &Scratch) -> Result<()> {
        self.running.signal("INT")?;
        let exit = self.running.exit()?;
        ensure!(exit == Some(130), "it ended with {exit:?}");
        ensure!(!is_running(scratch), "the app goes on");
        Ok(())
    }
}

impl Site {
    /// What is answered to a request with these headers and no others.
    fn asked(&self, method: &str, path: &str, headers: &[&str]) -> Result<String> {
        let mut stream = TcpStream::connect(&self.host)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let headers: String = headers
            .iter()
            .map(|header| format!("{header}\r\n"))
            .collect();
        write!(stream, "{method} {path} HTTP/1.1\r\n{headers}\r\n")?;
        let mut answer = Vec::new();
        let mut piece = [0; 4096];
        while !answer.windows(4).any(|four| four == b"\r\n\r\n") {
            match stream.read(&mut piece)? {
                0 => break,
                read => answer.extend(&piece[..read]),
            }
        }
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    fn answers(&self, method: &str, path: &str, headers: &[&str], status: u16) -> Result<()> {
        let answer = self.asked(method, path, headers)?;
        let wanted = format!("HTTP/1.1 {status} ");
        ensure!(
            answer.starts_with(&wanted),
            "{method} {path} with {headers:?}: {status} was expected, and this came: {answer}"
        );
        Ok(())
    }

    /// A view by this way.
    async fn view(&self, way: &str) -> Result<View> {
        let mut request = format!("ws://{}{way}", self.host).into_client_request()?;
        let protocols = format!("walk, {}", self.token);
        let headers = request.headers_mut();
        headers.insert("origin", HeaderValue::from_str(&self.origin)?);
        headers.insert("sec-websocket-protocol", HeaderValue::from_str(&protocols)?);
        let (socket, _) = connect_async(request).await?;
        Ok(View {
            socket,
            notices: Vec::new(),
            frames: Vec::new(),
            is_cleared: false,
        })
    }
}

/// Builds the presenter, from the workshop itself: in the copy, all of the tool would be built once more.
async fn built() -> Result<PathBuf> {
    let target = Target {
        package: "present".into(),
        ..Target::workshop("present")
    };
    match compiler::built::build(&target, false).await? {
        Built::Program(program) => Ok(program),
        Built::Refused(refusal) => bail!("{}", refusal.whole),
    }
}

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// The app's WebSocket, as the page in a pane has it.
async fn pane(state: &Value, window: &str) -> Result<Socket> {
    let address = state["panes"][window]
        .as_str()
        .context("panes have addresses")?;
    let address = address.replacen("http", "ws", 1);
    Ok(connect_async(format!("{address}ws")).await?.0)
}

/// A view without a window.
struct View {
    socket: Socket,
    notices: Vec<String>,
    frames: Vec<Value>,
    is_cleared: bool,
}

impl View {
    async fn ask(&mut self, what: Value) -> Result<()> {
        Ok(self.socket.send(Message::text(what.to_string())).await?)
    }

    /// Reads one message; a state is returned, all else is put where it is looked for.
    async fn read(&mut self) -> Result<Option<Value>> {
        let message = self.socket.next().await.context("the view was closed")??;
        let Message::Text(text) = message else {
            bail!("{message:?}");
        };
        let value: Value = serde_json::from_str(&text)?;
        match value["type"].as_str() {
            Some("state") => return Ok(Some(value)),
            Some("notice") => self
                .notices
                .push(value["text"].as_str().unwrap_or("").into()),
            Some("frames") => {
                if value["reset"] == true {
                    self.is_cleared = true;
                    self.frames.clear();
                }
                self.frames
                    .extend(value["frames"].as_array().cloned().unwrap_or_default());
            }
            _ => bail!("{value}"),
        }
        Ok(None)
    }

    /// Reads until something is there.
    async fn wait<T>(
        &mut self,
        what: &str,
        mut look: impl FnMut(&mut View, Option<Value>) -> Option<T>,
    ) -> Result<T> {
        /// A build on a busy machine.
        const LONG: Duration = Duration::from_secs(120);
        let mut last = Value::Null;
        let reading = async {
            if let Some(found) = look(self, None) {
                return Ok(found);
            }
            loop {
                let state = self.read().await?;
                if let Some(state) = &state {
                    last = state.clone();
                }
                if let Some(found) = look(self, state) {
                    return Ok(found);
                }
            }
        };
        match timeout(LONG, reading).await {
            Ok(found) => found,
            Err(_) => bail!("{what}: this never came. Last was {last}"),
        }
    }

    /// Asks for the next thing or the one before, and waits until that is there and runs.
    async fn press(&mut self, what: &str, stage: u64, phase: &str) -> Result<Value> {
        self.ask(json!({ "do": what })).await?;
        let is_there = |it: &Value| is_at(it, stage, phase) && it["app"] == "running";
        self.until(phase, is_there).await
    }

    async fn until(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Result<Value> {
        self.wait(what, |_, state| state.filter(|state| is_it(state)))
            .await
    }

    /// The next notice.
    async fn notice(&mut self) -> Result<String> {
        let first = |view: &mut View, _| (!view.notices.is_empty()).then(|| view.notices.remove(0));
        self.wait("a notice", first).await
    }

    async fn frame(&mut self, window: &str, direction: &str, text: &str) -> Result<Value> {
        let is_it = |frame: &&Value| {
            frame["window"] == window && frame["direction"] == direction && frame["text"] == text
        };
        self.wait(text, |view, _| view.frames.iter().find(is_it).cloned())
            .await
    }

    async fn frames_are_cleared(&mut self) -> Result<()> {
        self.wait("no frames", |view, _| view.is_cleared.then_some(()))
            .await
    }

    /// Holds that it is closed with this code.
    async fn closes_with(mut self, code: u16) -> Result<()> {
        loop {
            match timeout(PATIENCE, self.socket.next()).await? {
                Some(Ok(Message::Close(Some(frame)))) => {
                    ensure!(u16::from(frame.code) == code, "{frame:?}");
                    return Ok(());
                }
                Some(Ok(_)) => {}
                other => bail!(
                    "it ended without a reason: {:?}",
                    other.map(|it| it.map_err(|error: Error| error.to_string()))
                ),
            }
        }
    }
}
