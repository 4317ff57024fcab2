//! A learner who checks real programs, with a room that is there, away, and back.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Output;

use anyhow::{Context, Result, ensure};
use futures::{SinkExt, StreamExt};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use super::room::{Page, Room};
use super::{in_runtime, trial};
use crate::scratch::Scratch;
use crate::terminal::AtTerminal;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("hears-of-a-check-and-of-nothing-else", || {
            in_runtime(checks())
        }),
        trial("that-is-away-costs-a-line-and-hears-it-later", || {
            in_runtime(away())
        }),
        trial("of-another-version-is-refused-with-what-to-do", || {
            in_runtime(another_version())
        }),
        trial("believes-no-clock", || in_runtime(clocks())),
        trial("is-in-the-watch", || in_runtime(watch())),
        trial("knows-the-stage-that-is-taught", || in_runtime(taught())),
    ]
}

const AWAY: &str = "The room of the class does not answer";

/// Runs the tool, and returns what it printed, however it is broken into lines.
fn said(scratch: &Scratch, arguments: &[&str]) -> Result<String> {
    let Output { stdout, stderr, .. } = scratch.xtask([]).args(arguments).output()?;
    let said = String::from_utf8([stdout, stderr].concat())?;
    Ok(said.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn join(scratch: &Scratch, room: &Room, name: &str) -> Result<()> {
    let (address, code) = (room.address.to_string(), room.code.as_str());
    let joined = said(scratch, &["join", &address, code, "--name", name])?;
    let words = [
        "Sent:",
        "Never:",
        "cargo xtask leave",
        &format!("You are in the room, as {name}."),
    ];
    ensure!(words.iter().all(|it| joined.contains(it)), "{joined}");
    Ok(())
}

/// A failing and a passing check, on both sides; and what is told of them.
async fn checks() -> Result<()> {
    let scratch = Scratch::take()?;
    let unjoined = said(&scratch, &["check", "1"])?;
    ensure!(!unjoined.contains("room"), "{unjoined}");
    let help = said(&scratch, &["help-me"])?;
    ensure!(help.contains("you are not in a room"), "{help}");
    let room = Room::of_the_copy(&scratch)?;
    let wrong = said(
        &scratch,
        &["join", &room.address.to_string(), "blue-otter-000000"],
    )?;
    ensure!(
        wrong.contains("this is not the code of this room"),
        "{wrong}"
    );
    ensure!(
        !scratch.file(".workshop/room/member.json").exists(),
        "it has joined"
    );
    join(&scratch, &room, "Ada")?;
    let (mut page, mut board) = (Page::instructor(&room).await?, Page::board(&room).await?);
    page.row("Ada", |row| row["check"].is_null()).await?;

    let failed = said(&scratch, &["check", "1"])?;
    ensure!(
        failed.contains("Not there yet") && !failed.contains(AWAY),
        "{failed}"
    );
    let row = page
        .row("Ada", |row| row["check"]["verdict"] == "failed")
        .await?;
    let cause = row["check"]["diagnoses"][0]
        .as_str()
        .context("a cause")?
        .to_owned();
    ensure!(
        failed.contains(&format!("({cause})")) && !row["stuck"].is_null(),
        "{row}"
    );
    board
        .until("a mistake", |page| {
            page.room["mistakes"]["list"][0]["id"] == cause.as_str()
        })
        .await?;
    let help = said(&scratch, &["help-me", "--with-report"])?;
    ensure!(help.contains("Your hand is up."), "{help}");
    page.row("Ada", |row| row["report"] == true).await?;
    ensure!(said(&scratch, &["help-me", "--down"])?.contains("Your hand is down."));
    page.row("Ada", |row| row["hand"].is_null() && row["report"] == false)
        .await?;
    said(&scratch, &["help-me", "--pace", "faster"])?;
    board
        .until("a pace", |page| page.room["pace"]["faster"] == 1)
        .await?;
    scratch.finish_step("1", "", "")?;
    let passed = said(&scratch, &["check", "1", "--json"])?;
    ensure!(serde_json::from_str::<Value>(&passed).is_ok(), "{passed}");
    let row = page
        .row("Ada", |row| row["check"]["verdict"] == "passed")
        .await?;
    ensure!(
        !row["passed"]["1"].is_null() && row["stuck"].is_null(),
        "{row}"
    );
    board
        .until("a pass", |page| page.room["steps"][0]["passed"] == 1)
        .await?;

    // What the instructor says while nobody watches comes with the next check, once.
    page.ask(json!(["answer", [row["id"]], "Well seen, <b>Ada</b>."]))
        .await?;
    page.row("Ada", |row| row["said"][0]["heard"] == false)
        .await?;
    let words = "From the instructor: Well seen, <b>Ada</b>.";
    ensure!(said(&scratch, &["check", "1"])?.contains(words));
    page.row("Ada", |row| row["said"][0]["heard"] == true)
        .await?;
    ensure!(
        !said(&scratch, &["check", "1"])?.contains(words),
        "it is said twice"
    );
    tells_nothing_else(&scratch, &room)?;

    let marks = said(&scratch, &["class", "--export", "csv"])?;
    ensure!(
        marks.starts_with("name,joined,checks,01-hello,") && marks.contains(" Ada,"),
        "{marks}"
    );
    let left = said(&scratch, &["leave"])?;
    ensure!(left.contains("You have left"), "{left}");
    page.row("Ada", |row| row["left"] == true).await?;
    let lines = room.log().len();
    ensure!(!said(&scratch, &["check", "1"])?.contains("room"));
    ensure!(room.log().len() == lines, "it is told after a leave");
    Ok(())
}

/// Neither code nor paths nor names of users or machines stand in the log.
fn tells_nothing_else(scratch: &Scratch, room: &Room) -> Result<()> {
    let log = fs::read_to_string(room.folder.join("log.jsonl"))?;
    let root = scratch.file("").display().to_string();
    let mut private = vec![
        root,
        "server.rs".into(),
        "exercises".into(),
        "fn main".into(),
    ];
    private.extend(std::env::var("USER").ok().filter(|it| it.len() > 4));
    private.extend(
        fs::read_to_string("/etc/hostname")
            .ok()
            .map(|it| it.trim().to_owned()),
    );
    for word in private.iter().filter(|it| it.len() > 4) {
        ensure!(!log.contains(word.as_str()), "{word} is in the log");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name: &str| {
            fs::metadata(room.folder.join(name)).map(|it| it.permissions().mode() & 0o777)
        };
        ensure!(
            (mode("")?, mode("log.jsonl")?) == (0o700, 0o600),
            "others may read the log"
        );
    }
    Ok(())
}

/// Holds that the room hears of a check at once.
fn is_heard(scratch: &Scratch, when: &str) -> Result<()> {
    let check = said(scratch, &["check", "1"])?;
    ensure!(!check.contains("room"), "{when}: {check}");
    Ok(())
}

/// The room is killed, frozen, and back: a check waits for it in no case, and nothing is lost.
async fn away() -> Result<()> {
    let scratch = Scratch::take()?;
    scratch.finish_step("1", "", "")?;
    let mut room = Room::of_the_copy(&scratch)?;
    join(&scratch, &room, "Ada")?;
    is_heard(&scratch, "at first")?;
    let (code, address) = (room.code.clone(), room.address);
    room.kill()?;
    for _ in 0..2 {
        let check = said(&scratch, &["check", "1"])?;
        ensure!(
            check.contains("All passed") && check.contains(AWAY),
            "{check}"
        );
    }
    ensure!(said(&scratch, &["help-me"])?.contains(AWAY));
    room.start(&[])?;
    ensure!(
        (&room.code, room.address) == (&code, address),
        "it is another room"
    );
    let mut page = Page::instructor(&room).await?;
    page.row("Ada", |row| row["hand"].is_null()).await?;
    is_heard(&scratch, "after it was killed")?;
    page.row("Ada", |row| !row["hand"].is_null()).await?;
    let checks = |room: &Room| {
        room.log()
            .iter()
            .filter(|it| !it["noted"]["note"]["check"].is_null())
            .count()
    };
    ensure!(checks(&room) == 4, "{} checks", checks(&room));

    // Frozen, it takes a connection and never answers.
    room.signal("STOP")?;
    let check = said(&scratch, &["check", "1"])?;
    ensure!(
        check.contains("All passed") && check.contains(AWAY),
        "{check}"
    );
    room.signal("CONT")?;
    is_heard(&scratch, "after it was frozen")?;
    ensure!(checks(&room) == 6, "{} checks", checks(&room));

    // A torn line, as a power cut leaves it, and a line of nonsense: the room goes on.
    room.kill()?;
    let log = room.folder.join("log.jsonl");
    let torn = fs::read_to_string(&log)? + "nonsense\n{\"at\":1,\"le";
    fs::write(&log, torn)?;
    room.start(&[])?;
    is_heard(&scratch, "after a torn line")?;
    ensure!(checks(&room) == 7, "{} checks", checks(&room));
    let second = said(&scratch, &["class"])?;
    ensure!(second.contains("a room is already open here"), "{second}");

    // Another room has another code: that is said, and what to do.
    room.kill()?;
    room.start(&["--new", "--port", &address.port().to_string()])?;
    let check = said(&scratch, &["check", "1"])?;
    ensure!(
        check.contains("does not let you in") && check.contains("cargo xtask leave"),
        "{check}"
    );
    Ok(())
}

/// A room that says this to every hello, at a port of its own.
async fn odd_room(says: &'static str) -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut socket) = accept_async(stream).await else {
                continue;
            };
            let _hello = socket.next().await;
            let _ = socket.send(Message::text(says)).await;
        }
    });
    Ok(address)
}

/// A room of another version is told from one that is away, both ways in which it may answer; nonsense is no room at all.
async fn another_version() -> Result<()> {
    let scratch = Scratch::take()?;
    for (says, words) in [
        (
            r#"["refused","version","bring your workshop up to date"]"#,
            "does not let you in: bring your workshop up to date",
        ),
        (
            r#"["welcome",{"room":2,"name":"quiet heron","have":0}]"#,
            "it speaks another version of the wire",
        ),
        ("\u{1b}[31m", "it speaks another version of the wire"),
        (r#"["have",1,1]"#, "is not the room of a class"),
    ] {
        let address = odd_room(says).await?.to_string();
        let mut join = scratch.xtask(["join", &address, "blue-otter-k7m3qx"]);
        let joined = tokio::task::spawn_blocking(move || join.output()).await??;
        let joined = [joined.stdout, joined.stderr].concat();
        let joined = String::from_utf8_lossy(&joined).replace('\n', " ");
        ensure!(joined.contains(words), "{says}: {joined}");
        ensure!(!scratch.file(".workshop/room/member.json").exists());
    }
    Ok(())
}

/// A learner's clock is a day ahead, or behind, or jumps in between: no time on the page is one that cannot be.
async fn clocks() -> Result<()> {
    const DAY: u64 = 86_400;
    let scratch = Scratch::take()?;
    scratch.finish_step("1", "", "")?;
    let mut room = Room::of_the_copy(&scratch)?;
    join(&scratch, &room, "Ada")?;
    let opened = room.log()[0]["at"].as_u64().context("a time")?;
    for (number, jump) in [(1, -1i64), (2, 1)] {
        room.kill()?;
        said(&scratch, &["check", "1"])?;
        // As if the clock had been another one when this was written down.
        for (name, key) in [("waiting.jsonl", "\"made\":"), ("member.json", "\"1\": ")] {
            let file = scratch.file(".workshop/room").join(name);
            fs::write(
                &file,
                shifted(&fs::read_to_string(&file)?, key, jump * DAY as i64),
            )?;
        }
        room.start(&[])?;
        said(&scratch, &["check", "1"])?;
        let mut page = Page::instructor(&room).await?;
        let row = page.row("Ada", |row| !row["check"].is_null()).await?;
        let checked = row["checked"].as_u64().unwrap_or_default();
        let now = page.room["now"].as_u64().unwrap_or_default();
        ensure!(
            (opened..=now).contains(&checked),
            "{number}: {opened}, {row}, {now}"
        );
        let noted = room.log();
        let times = noted
            .iter()
            .filter(|it| !it["noted"].is_null())
            .map(|it| it["at"].as_u64());
        ensure!(
            times.clone().all(|at| at >= Some(opened)) && times.is_sorted(),
            "{noted:?}"
        );
    }
    Ok(())
}

/// A text in which the number behind each of these words is so much larger.
fn shifted(text: &str, before: &str, by: i64) -> String {
    let mut parts = text.split(before);
    let mut shifted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part
            .find(|it: char| !it.is_ascii_digit())
            .unwrap_or(part.len());
        let number: i64 = part[..end].parse().unwrap_or_default();
        shifted += &format!("{before}{}{}", number + by, &part[end..]);
    }
    shifted
}

/// The hand, the report, the answer and the offer; the room killed, frozen and back; the learner killed and back.
async fn watch() -> Result<()> {
    let scratch = Scratch::take()?;
    let mut room = Room::of_the_copy(&scratch)?;
    join(&scratch, &room, "Ada")?;
    let mut page = Page::instructor(&room).await?;
    let mut watch = AtTerminal::spawn(scratch.xtask(["watch", "1"]))?;
    watch.shows("In the room as Ada.")?;
    watch.shows("Not there yet:")?;
    watch.shows("? help - + = pace")?;
    let row = page
        .row("Ada", |row| {
            row["connected"] == true && !row["check"].is_null()
        })
        .await?;
    watch.press("?")?;
    watch.shows("y sends it, any other key does not.")?;
    page.row("Ada", |row| {
        !row["hand"].is_null() && row["report"] == false
    })
    .await?;
    watch.press("x")?;
    watch.shows("no report was sent")?;
    watch.press("??y")?;
    watch.shows("Your hand is up, and the report is on its way.")?;
    page.row("Ada", |row| row["report"] == true).await?;
    watch.press("-")?;
    watch.shows("slower, please")?;
    page.row("Ada", |row| row["pace"] == "slower").await?;
    page.ask(json!([
        "answer",
        [row["id"]],
        "Look at the\u{1b}[2J macro."
    ]))
    .await?;
    watch.shows("From the instructor: Look at the\u{fffd}[2J macro.")?;
    page.ask(json!(["offer", [row["id"]], 10, 3])).await?;
    watch.shows("cargo xtask catch-up 10 --stage 3")?;
    page.ask(json!(["lower", [row["id"]]])).await?;
    watch.shows("The instructor has lowered your hand.")?;
    watch.press("\x1b")?;
    watch.draws(|screen| !screen.contains("catch-up") && screen.contains("In the room as Ada."))?;

    room.kill()?;
    watch.shows("The room does not answer")?;
    watch.press("?x")?;
    room.start(&[])?;
    watch.shows("In the room as Ada, your hand is up.")?;
    let mut page = Page::instructor(&room).await?;
    page.row("Ada", |row| !row["hand"].is_null()).await?;
    // As where the network is gone: nothing comes, and nothing ends.
    room.signal("STOP")?;
    watch.shows("The room does not answer")?;
    room.signal("CONT")?;
    watch.shows("In the room as Ada, your hand is up.")?;

    watch.signal("KILL")?;
    watch.exit()?;
    page.row("Ada", |row| row["connected"] == false).await?;
    let again = AtTerminal::spawn(scratch.xtask(["watch", "1"]))?;
    again.shows("In the room as Ada, your hand is up.")?;
    page.row("Ada", |row| row["connected"] == true).await?;
    Ok(())
}

/// The board says how many have passed the stage that is shown to the class, for as long as somebody teaches.
async fn taught() -> Result<()> {
    let scratch = Scratch::take()?;
    let room = Room::of_the_copy(&scratch)?;
    let mut board = Page::board(&room).await?;
    board
        .until("numbers", |page| {
            page.room.is_object() && page.room["taught"].is_null()
        })
        .await?;
    let mut walk = AtTerminal::spawn(scratch.xtask(["walk", "10"]))?;
    let is_at = |page: &Page, stage: u64| {
        page.room["taught"]["step"] == 10 && page.room["taught"]["stage"] == stage
    };
    board
        .until("the first stage", |page| is_at(page, 1))
        .await?;
    walk.press("2")?;
    board
        .until("the second stage", |page| is_at(page, 2))
        .await?;
    let mut learner = super::room::Learner::join(&room, "Ada").await?;
    learner
        .note(super::room::check(&["event-not-handled"]))
        .await?;
    board
        .until("one has passed it", |page| {
            page.room["taught"]["passed"] == 1
        })
        .await?;
    walk.signal("KILL")?;
    walk.exit()?;
    board
        .until("the lesson is over", |page| page.room["taught"].is_null())
        .await?;
    Ok(())
}
