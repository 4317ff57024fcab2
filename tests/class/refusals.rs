//! Who may not come in, and what is no message.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use fastrand::Rng;
use libtest_mimic::Trial;
use room::{Down, LONGEST, Refusal, Report, Up, What};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::room::{Learner, Page, Room, check, hello};
use super::{in_runtime, trial};

pub fn trials() -> Vec<Trial> {
    // The room is ended by a signal.
    if !cfg!(unix) {
        return Vec::new();
    }
    vec![
        trial("door-is-for-learners-alone", || in_runtime(door())),
        trial("code-is-asked-for-and-wrong-ones-wait", || {
            in_runtime(codes())
        }),
        trial("lets-nobody-take-the-places-of-others", || {
            in_runtime(crowds())
        }),
        trial("refuses-what-is-no-message", || in_runtime(no_messages())),
        trial("refuses-a-flood", || in_runtime(flood())),
        trial("bad-messages-from-a-seed", || in_runtime(fuzz())),
        trial("pages-are-for-the-instructor-alone", || in_runtime(pages())),
        trial("page-asks-for-nothing-else", || in_runtime(asks())),
        trial("no-learner-sees-another", || in_runtime(apart())),
        trial("report-is-opened-once-and-does-nothing", || {
            in_runtime(report())
        }),
        trial("rehearsal-ends-with-every-state-true", rehearsal),
    ]
}

const UPGRADE: [&str; 4] = [
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
];

/// A learner's tool comes in, and no page does; of the pages, only the one with the line is in the network.
async fn door() -> Result<()> {
    let room = Room::open()?;
    let own = format!("Host: {}", room.address);
    let upgrade = |more: &[&'static str]| [&UPGRADE[..], more].concat();
    let with = |host: &str, more: &[&'static str]| -> Vec<String> {
        let all = upgrade(more).into_iter().map(str::to_owned);
        [host.to_owned()].into_iter().chain(all).collect()
    };
    let asked = |headers: &[String], status| {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        room.answers(room.address, "GET", "/room", &headers, status)
    };
    asked(&with(&own, &[]), 101)?;
    asked(&with(&own, &["Origin: http://evil.example"]), 403)?;
    asked(&with(&own, &["Origin: null"]), 403)?;
    asked(&with(&own, &["Sec-Fetch-Site: same-origin"]), 403)?;
    for odd in ["localhost", "127.0.0.1", "evil.example", ""] {
        asked(&with(&format!("Host: {odd}"), &[]), 403)?;
    }
    for path in ["/", "/join.js", "/class.css"] {
        room.answers(room.address, "GET", path, &[&own], 200)?;
        room.answers(
            room.address,
            "POST",
            path,
            &[&own, "Content-Length: 0"],
            405,
        )?;
        room.answers(room.address, "GET", path, &["Host: evil.example"], 403)?;
    }
    for path in [
        "/board",
        "/instructor",
        "/ws",
        "/socket.js",
        "/join.svg",
        "/room",
        "/../Cargo.toml",
        "/log.jsonl",
    ] {
        room.answers(room.address, "GET", path, &[&own], 404)?;
    }
    let page = room.asked(room.address, "GET", "/", &[&own])?;
    ensure!(
        !page.contains(&room.code) && !page.contains(&room.token),
        "{page}"
    );
    Ok(())
}

/// The code is asked for, whatever it looks like; whoever guesses waits, and a learner whom the room knows does not.
async fn codes() -> Result<()> {
    let room = Room::open()?;
    let key = room::key()?;
    drop(Learner::come(&room, &key, "Ada").await?);
    let typed = room.code.to_uppercase().replace('-', " ");
    let mut learner = Learner::connect(&room).await?;
    learner
        .say(&hello(&typed, &room::key()?, "Bob").text())
        .await?;
    ensure!(matches!(learner.hears().await?, Down::Welcome { .. }));

    let wrong = format!("{}0", &room.code[..room.code.len() - 1]).replace("00", "01");
    let mut came = Vec::new();
    let start = Instant::now();
    for code in [
        wrong.as_str(),
        "",
        "blue-otter-000000",
        &room.code[1..],
        &room.token,
    ]
    .into_iter()
    .cycle()
    .take(10)
    {
        let mut learner = Learner::connect(&room).await?;
        learner
            .say(&hello(code, &room::key()?, "Eve").text())
            .await?;
        if let Down::Refused { why, .. } = learner.hears().await? {
            came.push(why);
        }
    }
    ensure!(came.len() == 10 && came[0] == Refusal::Code, "{came:?}");
    ensure!(
        came.ends_with(&[Refusal::Slow]),
        "nobody is slowed: {came:?}"
    );
    ensure!(
        start.elapsed() > Duration::from_secs(4),
        "a wrong code is answered at once"
    );
    // Neither with the right code from there, nor without it for somebody known.
    let mut learner = Learner::connect(&room).await?;
    learner
        .say(&hello(&room.code, &room::key()?, "Eve").text())
        .await?;
    learner.refused(Refusal::Slow).await?;
    let mut learner = Learner::connect(&room).await?;
    learner
        .say(&hello("blue-otter-000000", &key, "Ada").text())
        .await?;
    learner.refused(Refusal::Code).await?;
    drop(Learner::come(&room, &key, "Ada").await?);

    let mut learner = Learner::connect(&room).await?;
    learner
        .say(r#"["hello",{"room":2,"of":"another version"}]"#)
        .await?;
    let text = learner.refused(Refusal::Version).await?;
    ensure!(text.contains("git pull"), "{text}");
    Ok(())
}

/// From one address, hundreds of connections that say nothing, or half a request; from another, a learner comes in.
async fn crowds() -> Result<()> {
    // Elsewhere, loopback has one address.
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let room = Room::open()?;
    let other = SocketAddr::from(([127, 0, 0, 2], 0));
    let mut silent = Vec::new();
    for number in 0..300 {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind(other)?;
        let mut stream = socket.connect(room.address).await?;
        let words = match number % 3 {
            0 => String::new(),
            1 => "GET /room HTTP/1.1\r\nHost:".into(),
            _ => {
                let host = format!("Host: {}", room.address);
                let head = [&["GET /room HTTP/1.1", &host][..], &UPGRADE].concat();
                head.join("\r\n") + "\r\n\r\n"
            }
        };
        // One that was turned away is no failure.
        let _ = stream.write_all(words.as_bytes()).await;
        silent.push(stream);
        if number % 100 == 99 {
            Learner::join(&room, "Ada").await?.note(check(&[])).await?;
        }
    }
    Page::instructor(&room)
        .await?
        .row("Ada 3", |_| true)
        .await?;
    Ok(())
}

/// Messages that are none, each of another kind.
fn odd_messages() -> Vec<String> {
    let note = |note: Value| json!(["notes", note]).to_string();
    let check = json!({"step": 10, "verdict": "failed", "diagnoses": ["x"], "passed": 1, "of": 2, "since": 0});
    let with = |name: &str, value: Value| {
        let mut check = check.clone();
        check[name] = value;
        note(json!({"seq": 1, "ago": 0, "check": check}))
    };
    vec![
        String::new(),
        "hello".into(),
        "{}".into(),
        "[]".into(),
        "[1]".into(),
        "[\"shell\"]".into(),
        "[\"notes\"]".into(),
        "[\"leave\",1]".into(),
        "[\"heard\",-1]".into(),
        "[\"heard\",1e99]".into(),
        "[\"heard\"]".into(),
        format!("[\"notes\",{}]", "{},".repeat(30) + "{}"),
        note(json!({})),
        note(json!({"seq": 1, "ago": 0})),
        note(json!({"seq": 1, "ago": 0, "hand": "up"})),
        note(json!({"seq": 1, "ago": 0, "hand": true, "pace": "fine"})),
        note(json!({"seq": 1, "ago": -1, "hand": true})),
        note(json!({"seq": 1, "ago": 0, "pace": "stop"})),
        note(json!({"seq": 1, "ago": 0, "hand": true, "code": "fn main() {}"})),
        note(json!({"seq": 1, "ago": 0, "report": {}})),
        with("step", json!(100)),
        with("step", json!("10")),
        with("verdict", json!("great")),
        with("diagnoses", json!(["<b>"])),
        with("diagnoses", json!(["x".repeat(81)])),
        with("diagnoses", json!(vec!["x"; 17])),
        with("passed", json!(3)),
        with("since", json!(1e30)),
        with("path", json!("/home/ada")),
        "[\"notes\",".to_owned() + &"[".repeat(2000),
    ]
}

async fn no_messages() -> Result<()> {
    let room = Room::open()?;
    let key = room::key()?;
    for first in [
        "[\"leave\"]",
        "[\"heard\",1]",
        "nonsense",
        "[\"hello\",{\"room\":1}]",
    ] {
        let mut learner = Learner::connect(&room).await?;
        learner.say(first).await?;
        learner.refused(Refusal::Message).await?;
    }
    for (name, key) in [
        ("=1+1", key.as_str()),
        ("Ada\u{202e}", &key),
        ("Ada", "short"),
        (&"a".repeat(25), &key),
    ] {
        let mut learner = Learner::connect(&room).await?;
        learner.say(&hello(&room.code, key, name).text()).await?;
        learner.refused(Refusal::Message).await?;
    }
    for odd in odd_messages() {
        let mut learner = Learner::join(&room, "Ada").await?;
        learner.say(&odd).await?;
        learner.refused(Refusal::Message).await?;
    }
    let mut learner = Learner::join(&room, "Ada").await?;
    learner.say_bytes(b"[\"leave\"]".into()).await?;
    learner.refused(Refusal::Message).await?;
    let mut learner = Learner::join(&room, "Ada").await?;
    learner.say(&hello(&room.code, &key, "Ada").text()).await?;
    learner.refused(Refusal::Message).await?;
    let mut learner = Learner::join(&room, "Ada").await?;
    learner.say(&(" ".repeat(LONGEST) + "[\"leave\"]")).await?;
    learner.refused(Refusal::Message).await?;
    // So long that it is not even held: the connection ends without a word.
    let mut learner = Learner::join(&room, "Ada").await?;
    let _ = learner.say(&" ".repeat(8 * LONGEST)).await;
    learner.ends().await?;
    ensure!(
        room.log().iter().all(|line| line["noted"].is_null()),
        "something was taken"
    );
    Learner::join(&room, "Ada")
        .await?
        .note(check(&["two-values"]))
        .await
}

/// Five messages a second are taken; more end the connection, and a second connection is no way around that.
async fn flood() -> Result<()> {
    let room = Room::open()?;
    let key = room::key()?;
    let mut learner = Learner::come(&room, &key, "Ada").await?;
    for _ in 0..20 {
        let _ = learner.say(&Up::Heard(0).text()).await;
    }
    let text = learner.refused(Refusal::Slow).await?;
    ensure!(text.contains("5 messages a second"), "{text}");
    let mut again = Learner::connect(&room).await?;
    again.say(&hello(&room.code, &key, "Ada").text()).await?;
    again.refused(Refusal::Slow).await?;
    Learner::join(&room, "Bob").await?.note(check(&[])).await
}

/// Messages that were right, and are changed at random: each is taken as it says, or refused, and the room goes on.
async fn fuzz() -> Result<()> {
    const SEED: u64 = 20;
    let mut random = Rng::with_seed(SEED);
    let room = Room::open()?;
    let right = [
        Up::Leave.text(),
        Up::Heard(3).text(),
        hello(&room.code, &room::key()?, "Ada").text(),
        json!(["notes", {"seq": 1, "ago": 0, "hand": true}, {"seq": 2, "ago": 9, "pace": "fine"}]).to_string(),
        json!(["notes", {"seq": 3, "ago": 0, "check": {"step": 10, "verdict": "failed", "diagnoses": ["two-values"], "passed": 1, "of": 2, "since": 7}}]).to_string(),
        json!(["notes", {"seq": 4, "ago": 0, "report": Report { check: "a".into(), diagnosis: "b".into(), ..Report::default() }.json()}]).to_string(),
    ];
    // What is read is what it says: written and read once more, it is the same.
    for number in 0..20_000 {
        let text = changed(
            random.choice(&right).map_or("", String::as_str),
            &mut random,
        );
        if let Ok(up) = Up::read(&text) {
            ensure!(
                Up::read(&up.text()).as_ref() == Ok(&up),
                "seed {SEED}, {number}: {text}"
            );
        }
    }
    for number in 0..150 {
        let mut learner = Learner::join(&room, "Ada").await?;
        let text = changed(
            random.choice(&right).map_or("", String::as_str),
            &mut random,
        );
        learner.say(&text).await?;
        match Up::read(&text) {
            Ok(Up::Leave) => learner.ends().await?,
            Ok(Up::Notes(_)) => _ = learner.hears().await?,
            Ok(Up::Heard(_)) => {}
            Ok(Up::Hello(hello)) => {
                ensure!(hello.version > 0, "seed {SEED}, {number}: {text}");
                learner.refused(Refusal::Message).await?;
            }
            Err(_) => _ = learner.refused(Refusal::Message).await?,
        }
    }
    Learner::join(&room, "Bob")
        .await?
        .note(check(&["two-values"]))
        .await
}

/// A text with some of its letters changed, left out, or doubled.
fn changed(text: &str, random: &mut Rng) -> String {
    const SIGNS: &str = "[]{}\",:0123456789-.eE \\\u{0}\u{202e}é<ab";
    let signs: Vec<char> = SIGNS.chars().collect();
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..random.usize(1..4) {
        let at = random.usize(..letters.len().max(1));
        let sign = random.choice(&signs).map_or(' ', |it| *it);
        match random.u8(..4) {
            0 if at < letters.len() => letters[at] = sign,
            1 if at < letters.len() => _ = letters.remove(at),
            2 => letters.truncate(at),
            _ => letters.insert(at.min(letters.len()), sign),
        }
    }
    letters.into_iter().collect()
}

/// The pages are on loopback, for a browser that was opened there: exact Host, own Origin, and the token.
async fn pages() -> Result<()> {
    let room = Room::open()?;
    let own = format!("Host: {}", room.desk);
    let same = format!("Origin: http://{}", room.desk);
    for path in [
        "/board",
        "/instructor",
        "/board.js",
        "/rows.js",
        "/instructor.js",
        "/class.css",
        "/socket.js",
    ] {
        room.answers(room.desk, "GET", path, &[&own], 200)?;
        room.answers(
            room.desk,
            "HEAD",
            path,
            &[&own, "Sec-Fetch-Site: none"],
            200,
        )?;
        room.answers(room.desk, "POST", path, &[&own, "Content-Length: 0"], 405)?;
        for odd in ["localhost", "evil.example", &room.address.to_string()] {
            room.answers(room.desk, "GET", path, &[&format!("Host: {odd}")], 403)?;
        }
        room.answers(room.desk, "GET", path, &[&own, &own], 403)?;
        room.answers(
            room.desk,
            "GET",
            path,
            &[&own, "Origin: http://evil.example"],
            403,
        )?;
        room.answers(
            room.desk,
            "GET",
            path,
            &[&own, "Sec-Fetch-Site: cross-site"],
            403,
        )?;
    }
    for path in ["/", "/room", "/report/", "/report/x", "/log.jsonl"] {
        room.answers(room.desk, "GET", path, &[&own], 404)?;
    }
    let upgrade = |more: &[&str], status| {
        let headers = [&UPGRADE[..], more].concat();
        room.answers(room.desk, "GET", "/ws", &headers, status)
    };
    upgrade(&[&own, &same], 101)?;
    upgrade(&[&own], 403)?;
    upgrade(&[&own, "Origin: null"], 403)?;
    upgrade(&[&own, &format!("Origin: http://{}", room.address)], 403)?;
    upgrade(&["Host: evil.example", &same], 403)?;
    upgrade(&[&own, &same, "Sec-Fetch-Site: same-site"], 403)?;
    let page = room
        .asked(room.desk, "GET", "/instructor", &[&own])?
        .to_lowercase();
    for never in [
        "access-control",
        "set-cookie",
        "unsafe",
        &room.token,
        &room.code,
    ] {
        ensure!(!page.contains(never), "{never} is in {page}");
    }
    for header in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "nosniff",
        "no-store",
        "no-referrer",
    ] {
        ensure!(page.contains(header), "{header} is not in {page}");
    }
    is_on_loopback_alone(&room)?;

    let mut right = Page::instructor(&room).await?;
    right
        .until("the numbers", |page| page.room.is_object())
        .await?;
    let mut wrong = room.token.clone();
    wrong.replace_range(..1, if wrong.starts_with('0') { "1" } else { "0" });
    for token in [wrong.as_str(), "", &room.code, &room.token[1..]] {
        let mut page = Page::connect(&room).await?;
        page.ask(json!(["enter", "instructor", token])).await?;
        page.refused("Open the address that the terminal printed.")
            .await?;
    }
    Ok(())
}

/// On Linux, whoever listens on all interfaces answers on 127.0.0.2 as well.
fn is_on_loopback_alone(room: &Room) -> Result<()> {
    for place in [room.address, room.desk] {
        let elsewhere = SocketAddr::from(([127, 0, 0, 2], place.port()));
        let answers = std::net::TcpStream::connect(elsewhere).is_ok();
        ensure!(
            !answers || !cfg!(target_os = "linux"),
            "{place} is open to others"
        );
    }
    Ok(())
}

/// What a page may not ask for ends its connection, and a board asks for nothing at all.
async fn asks() -> Result<()> {
    const POLITE: &str = "A page says first what it shows.";
    let room = Room::open()?;
    let mut learner = Learner::join(&room, "Ada").await?;
    for first in [
        json!(["lower", [1]]),
        json!(["enter", "admin"]),
        json!({"enter": "board"}),
    ] {
        let mut page = Page::connect(&room).await?;
        page.ask(first).await?;
        page.refused(POLITE).await?;
    }
    for odd in [
        json!(["shell", "ls"]),
        json!(["answer", [1], "x".repeat(301)]),
        json!(["offer", [1], 10]),
    ] {
        let mut page = Page::instructor(&room).await?;
        page.ask(odd).await?;
        page.refused("A page may not ask for this.").await?;
    }
    let mut board = Page::board(&room).await?;
    for ask in [
        json!(["answer", [1], "from the board"]),
        json!(["export", "csv"]),
        json!(["lower", [1]]),
    ] {
        board.ask(ask).await?;
    }
    learner.note(check(&["two-values"])).await?;
    board
        .until("a check", |page| page.room["mistakes"]["of"] == 1)
        .await?;
    ensure!(
        board.said.is_empty() && board.rows.is_empty(),
        "{:?}",
        board.said
    );
    ensure!(
        room.log().iter().all(|line| line["said"].is_null()),
        "the board said something"
    );
    // A stage that is none is offered to nobody.
    let mut page = Page::instructor(&room).await?;
    page.ask(json!(["offer", [1], 10, 99])).await?;
    page.ask(json!(["answer", [1, 77], "Look at \u{1b}[31m line 47."]))
        .await?;
    match learner.hears().await? {
        Down::Answer { text, .. } => ensure!(text == "Look at \u{fffd}[31m line 47.", "{text}"),
        other => anyhow::bail!("{other:?}"),
    }
    Ok(())
}

/// What is for one learner reaches no other, and the board has no names.
async fn apart() -> Result<()> {
    let room = Room::open()?;
    let mut ada = Learner::join(&room, "Ada").await?;
    let mut bob = Learner::join(&room, "Ada").await?;
    ada.note(check(&["two-values"])).await?;
    ada.note(What::Hand(true)).await?;
    let mut board = Page::board(&room).await?;
    board
        .until("a hand", |page| page.room["hands"] == 1)
        .await?;
    let told = board.room.to_string();
    ensure!(
        !told.contains("Ada") && !told.contains(&room.token),
        "{told}"
    );
    let mut page = Page::instructor(&room).await?;
    page.row("Ada 2", |_| true).await?;
    let id = page.row("Ada", |row| !row["hand"].is_null()).await?["id"].clone();
    page.ask(json!(["answer", [id], "for Ada alone"])).await?;
    page.ask(json!(["answer", [2], "for the other"])).await?;
    ensure!(matches!(ada.hears().await?, Down::Answer { text, .. } if text == "for Ada alone"));
    ensure!(matches!(bob.hears().await?, Down::Answer { text, .. } if text == "for the other"));
    ada.say(&Up::Leave.text()).await?;
    ada.ends().await?;
    page.row("Ada", |row| row["left"] == true).await?;
    board
        .until("one fewer", |page| {
            page.room["here"] == 1 && page.room["hands"] == 0
        })
        .await
}

/// A report is data: its page is fetched once, with a ticket, and has nothing that could run or load.
async fn report() -> Result<()> {
    let room = Room::open()?;
    let mut learner = Learner::join(&room, "Ada").await?;
    let odd = "</pre><script>alert(1)</script><img src=x>";
    let sent = Report {
        step: 10,
        check: "it_arrives_as_one_object".into(),
        diagnosis: "two-values".into(),
        cause: odd.into(),
        next: odd.into(),
        details: vec![("came".into(), odd.into())],
        ..Report::default()
    };
    learner.note(What::Hand(true)).await?;
    learner.note(What::Report(Box::new(sent))).await?;
    let mut page = Page::instructor(&room).await?;
    let id = page.row("Ada", |row| row["report"] == true).await?["id"].clone();
    page.ask(json!(["report", id])).await?;
    page.until("a ticket", |page| {
        page.said.iter().any(|it| it[0] == "report")
    })
    .await?;
    let path = page.said[0][2].as_str().unwrap_or_default().to_owned();
    let own = format!("Host: {}", room.desk);
    room.answers(room.desk, "GET", &path, &["Host: evil.example"], 403)?;
    let answer = room.asked(room.desk, "GET", &path, &[&own])?;
    for part in [
        "HTTP/1.1 200",
        "content-security-policy: sandbox; default-src 'none'",
        "&lt;script&gt;",
        "two-values",
    ] {
        ensure!(answer.contains(part), "no {part} in {answer}");
    }
    ensure!(
        !answer.contains("<script") && !answer.contains("<img"),
        "{answer}"
    );
    room.answers(room.desk, "GET", &path, &[&own], 404)?;
    // The hand goes down, and with it goes what was sent.
    page.ask(json!(["lower", [id]])).await?;
    page.row("Ada", |row| row["report"] == false && row["hand"].is_null())
        .await?;
    Ok(())
}

/// A small class of simulated learners, half of them cut off, one of them a flood: every state is true at the end.
fn rehearsal() -> Result<()> {
    let class = format!("class{}", std::env::consts::EXE_SUFFIX);
    let class = std::path::Path::new(crate::scratch::XTASK).with_file_name(class);
    let output = std::process::Command::new(class)
        .args(["rehearse", "30", "--seconds", "5", "--json"])
        .output()?;
    let figures: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(
        output.status.success() && figures["untrue"] == json!([]),
        "{figures}"
    );
    let more_than = |name: &str, count| figures[name].as_u64().unwrap_or_default() > count;
    ensure!(
        more_than("checks", 60) && more_than("cuts", 20) && more_than("refused", 3),
        "{figures}"
    );
    Ok(())
}
