//! A real browser against a page and a server of our own. Without a browser these fail: nothing else would notice.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// Long enough for a busy machine: only a failing test waits for it.
const SOON: Duration = Duration::from_secs(10);

const PAGE: &str = "<!doctype html><title>here</title>
<body style='height: 3000px'><script>
const seen = [];
addEventListener('mousemove', evt => seen.push([evt.pageX, evt.pageY]));
</script>";

/// Serves `page` at `/` and as often as it is asked for, echoes at `/ws`, never answers `/never`; the rest is a 404.
async fn serve(page: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, page));
        }
    });
    format!("http://{address}/")
}

async fn answer(mut stream: TcpStream, page: &str) -> std::io::Result<()> {
    let mut head = [0; 4096];
    let peeked = stream.peek(&mut head).await?;
    let request = String::from_utf8_lossy(&head[..peeked]).into_owned();
    let body = match request.split(' ').nth(1) {
        Some("/") => page,
        Some("/never") => std::future::pending().await,
        Some("/ws") => {
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            while let Some(Ok(message)) = socket.next().await {
                let _ = socket.send(message).await;
            }
            return Ok(());
        }
        _ => "",
    };
    let status = if body.is_empty() {
        "404 Not Found"
    } else {
        "200 OK"
    };
    let _ = stream.read(&mut head).await?;
    let response = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(response.as_bytes()).await
}

fn chosen() -> PathBuf {
    find()
        .unwrap()
        .unwrap_or_else(|| panic!("these tests need a browser: {}", how_to_install()))
}

async fn start() -> Browser {
    Browser::launch(&chosen()).await.unwrap()
}

/// Opens `page` in one window, does something with it, and closes the browser.
async fn with_page(page: &'static str, with: impl AsyncFnOnce(&Page, &str)) {
    let url = serve(page).await;
    let browser = start().await;
    let page = browser.window(&url, 800, 600).await.unwrap();
    with(&page, &url).await;
    browser.close().await;
}

#[tokio::test]
async fn two_windows_feel_their_own_mouse_at_the_same_time() {
    let url = serve(PAGE).await;
    let started = Instant::now();
    let browser = start().await;
    let launched = started.elapsed();
    let left = browser.window(&url, 800, 600).await.unwrap();
    let first = started.elapsed() - launched;
    let right = browser.window(&url, 800, 600).await.unwrap();
    let second = started.elapsed() - launched - first;

    let started = Instant::now();
    for step in 1..=20 {
        let at = f64::from(step);
        let (left, right) = tokio::join!(left.move_mouse(at, 10.0), right.move_mouse(at, 20.0));
        left.and(right).unwrap();
    }
    let moved = started.elapsed() / 20;
    eprintln!("launch {launched:?}, windows {first:?} and {second:?}, a move in both {moved:?}");

    // The page has had the event when `move_mouse` returns: there is nothing to wait for.
    assert_eq!(left.evaluate("seen.at(-1)").await.unwrap(), json!([20, 10]));
    assert_eq!(
        right.evaluate("seen.at(-1)").await.unwrap(),
        json!([20, 20])
    );
    assert!(
        moved < Duration::from_secs(1),
        "a hidden window gets its events late: {moved:?}"
    );
    browser.close().await;
}

#[tokio::test]
async fn a_script_error_says_what_and_where() {
    let page =
        "<!doctype html>\n<script>\n  console.log('before');\n  undefinedFunction();\n</script>";
    with_page(page, async |page, url| {
        let error = page.next_event(0, SOON, |event| {
            matches!(event, PageEvent::Exception { .. })
        });
        let expected = PageEvent::Exception {
            text: "ReferenceError: undefinedFunction is not defined".into(),
            url: url.into(),
            line: 4,
            column: 3,
        };
        assert_eq!(error.await, Some(expected));
    })
    .await;
}

#[tokio::test]
async fn a_rejected_promise_is_an_exception_too() {
    let page = "<!doctype html><script>\nPromise.reject(new TypeError('no'));\n</script>";
    with_page(page, async |page, _| {
        let error = page.next_event(0, SOON, |event| {
            matches!(event, PageEvent::Exception { .. })
        });
        let Some(PageEvent::Exception { text, line, .. }) = error.await else {
            panic!()
        };
        assert_eq!((text.as_str(), line), ("TypeError: no", 2));
    })
    .await;
}

#[tokio::test]
async fn the_console_reads_as_a_person_would_read_it() {
    let page = "<!doctype html><script>
        console.error('spy', 1.5, {x: 12, who: 'me'}, [1, 'two'], null, undefined, NaN, new Error('oh'));
        </script>";
    with_page(page, async |page, url| {
        let said = page.next_event(0, SOON, |event| matches!(event, PageEvent::Console { .. }));
        let expected = PageEvent::Console {
            level: "error".into(),
            text: r#"spy 1.5 {x: 12, who: "me"} [1, "two"] null undefined NaN Error: oh"#.into(),
            url: url.into(),
            line: 2,
        };
        assert_eq!(said.await, Some(expected));
    })
    .await;
}

#[tokio::test]
async fn a_missing_file_is_seen_and_a_missing_icon_is_not() {
    let page = "<!doctype html><link rel=icon href=/favicon.ico><script src=/jquery.js></script>";
    with_page(page, async |page, url| {
        let script = format!("{url}jquery.js");
        let events = page.events();
        assert!(
            events.contains(&PageEvent::Response {
                url: script.clone(),
                status: 404
            }),
            "{events:#?}"
        );
        let entry = page.next_event(
            0,
            SOON,
            |event| matches!(event, PageEvent::LogEntry { url, .. } if *url == script),
        );
        let Some(PageEvent::LogEntry { level, text, .. }) = entry.await else {
            panic!("{events:#?}")
        };
        assert_eq!(level, "error");
        assert!(text.contains("404"), "{text}");
        assert!(!format!("{:?}", page.events()).contains("favicon"));
    })
    .await;
}

#[tokio::test]
async fn a_request_that_nobody_answers_has_failed() {
    with_page(PAGE, async |page, _| {
        // Port 1 is one that the browser refuses to use.
        let error = page
            .evaluate("fetch('http://127.0.0.1:1/')")
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), "TypeError: Failed to fetch");
        let failed = page.next_event(0, SOON, |event| {
            matches!(event, PageEvent::RequestFailed { .. })
        });
        let Some(PageEvent::RequestFailed { url, reason }) = failed.await else {
            panic!("{:#?}", page.events())
        };
        assert_eq!(url, "http://127.0.0.1:1/");
        assert!(reason.starts_with("net::ERR_"), "{reason}");
    })
    .await;
}

#[tokio::test]
async fn frames_are_seen_both_ways() {
    with_page(PAGE, async |page, url| {
        let from = page.event_count();
        let script = "const socket = new WebSocket('/ws');
            socket.onopen = () => { socket.send('[\"spy\",1,2]'); socket.send(new Uint8Array([1, 2])) };
            let got = 0;
            socket.onmessage = () => { got += 1; if (got == 2) socket.close() };";
        page.evaluate(script).await.unwrap();
        let closed = page.next_event(from, SOON, |event| matches!(event, PageEvent::SocketClosed { .. }));
        assert!(closed.await.is_some(), "{:#?}", page.events());
        let address = url.replace("http:", "ws:") + "ws";
        let events: Vec<PageEvent> = page.events().split_off(from);
        let position = |wanted: PageEvent| {
            let found = events.iter().position(|event| *event == wanted);
            found.unwrap_or_else(|| panic!("no {wanted:?} in {events:#?}"))
        };
        let order = [
            position(PageEvent::SocketOpened { url: address.clone() }),
            position(PageEvent::FrameSent { text: r#"["spy",1,2]"#.into(), binary: false }),
            position(PageEvent::FrameReceived { text: r#"["spy",1,2]"#.into(), binary: false }),
            position(PageEvent::FrameReceived { text: "AQI=".into(), binary: true }),
            position(PageEvent::SocketClosed { url: address.clone() }),
        ];
        assert!(order.is_sorted(), "{events:#?}");
        position(PageEvent::FrameSent { text: "AQI=".into(), binary: true });
    })
    .await;
}

#[tokio::test]
async fn a_socket_that_the_server_refuses_has_failed() {
    with_page(PAGE, async |page, _| {
        page.evaluate("new WebSocket('/nowhere'); 1").await.unwrap();
        let failed = page.next_event(0, SOON, |event| {
            matches!(event, PageEvent::SocketFailed { .. })
        });
        let Some(PageEvent::SocketFailed { url, reason }) = failed.await else {
            panic!("{:#?}", page.events())
        };
        assert!(
            url.ends_with("/nowhere") && reason.contains("404"),
            "{url}: {reason}"
        );
        let opened = |event: &PageEvent| matches!(event, PageEvent::SocketOpened { .. });
        assert!(!page.events().iter().any(opened), "{:#?}", page.events());
    })
    .await;
}

#[tokio::test]
async fn an_expression_has_a_value_or_an_error() {
    with_page(PAGE, async |page, _| {
        assert_eq!(
            page.evaluate("({x: document.title})").await.unwrap(),
            json!({"x": "here"})
        );
        assert_eq!(page.evaluate("Promise.resolve(7)").await.unwrap(), json!(7));
        assert_eq!(page.evaluate("undefined").await.unwrap(), json!(null));
        let error = page.evaluate("missing.thing").await.unwrap_err();
        assert_eq!(error.to_string(), "ReferenceError: missing is not defined");
        let endless = page.evaluate_within("while (true);", Duration::from_millis(200));
        let error = endless.await.unwrap_err().to_string();
        assert!(error.contains("has not answered"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn waiting_ends_when_it_is_true_or_at_the_deadline() {
    with_page(PAGE, async |page, _| {
        page.evaluate("setTimeout(() => later = {yes: true}, 50)")
            .await
            .unwrap();
        assert!(page.wait_until("later.yes", SOON).await.unwrap());
        assert!(
            !page
                .wait_until("later.no", Duration::from_millis(50))
                .await
                .unwrap()
        );
        assert!(page.wait_until("not javascript", SOON).await.is_err());
        // The page that is looked at goes away in the middle, and the next one has what we look for.
        page.evaluate("setTimeout(() => { location.hash = 'again'; location.reload() }, 50)")
            .await
            .unwrap();
        assert!(
            page.wait_until(
                "location.hash == '#again' && seen.length == 0 && !('later' in window)",
                SOON
            )
            .await
            .unwrap()
        );
    })
    .await;
}

#[tokio::test]
async fn a_page_is_loaded_again_and_its_colours_are_chosen() {
    with_page(PAGE, async |page, _| {
        page.evaluate("here = 1").await.unwrap();
        page.reload().await.unwrap();
        assert_eq!(
            page.evaluate("typeof here").await.unwrap(),
            json!("undefined")
        );
        let loads = page
            .events()
            .into_iter()
            .filter(|event| *event == PageEvent::Loaded);
        assert_eq!(loads.count(), 2);
        for (scheme, dark) in [(ColourScheme::Dark, true), (ColourScheme::Light, false)] {
            page.prefer_colour_scheme(scheme).await.unwrap();
            let asked = page
                .evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
                .await;
            assert_eq!(asked.unwrap(), json!(dark));
        }
        assert!(page.screenshot().await.unwrap().starts_with(b"\x89PNG"));
    })
    .await;
}

#[tokio::test]
async fn an_alert_stops_nothing() {
    with_page(
        "<!doctype html><script>alert('hello')</script>",
        async |page, _| {
            assert!(page.events().contains(&PageEvent::Dialog {
                text: "hello".into()
            }));
        },
    )
    .await;
}

#[tokio::test]
async fn a_page_that_does_not_come_is_an_error_with_its_reason() {
    let url = serve("<!doctype html><img src=/never>").await;
    let browser = start().await;
    let refused = browser
        .window("http://127.0.0.1:1/", 800, 600)
        .await
        .err()
        .unwrap();
    assert!(refused.to_string().contains("net::ERR_"), "{refused}");
    let page = browser.empty_window(800, 600).await.unwrap();
    let error = page
        .navigate(&url, Duration::from_millis(500))
        .await
        .unwrap_err()
        .to_string();
    assert!(error.ends_with("/never"), "{error}");
    browser.close().await;
}

#[tokio::test]
async fn a_server_that_has_gone_fails_the_reload() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let once = async {
        let (stream, _) = listener.accept().await.unwrap();
        answer(stream, PAGE).await.unwrap();
    };
    let browser = start().await;
    let (page, ()) = tokio::join!(browser.window(&url, 800, 600), once);
    drop(listener);
    let error = page.unwrap().reload().await.unwrap_err();
    assert_eq!(error.to_string(), format!("nothing answers at {url}"));
    browser.close().await;
}

#[tokio::test]
async fn a_page_that_dies_takes_nobody_along() {
    let url = serve(PAGE).await;
    let browser = start().await;
    let page = browser.window(&url, 800, 600).await.unwrap();
    let other = browser.window(&url, 800, 600).await.unwrap();
    let endless = page.evaluate("new Promise(() => {})");
    let crash = page.session.command("Page.crash", json!({}));
    let (endless, _) = tokio::join!(endless, crash);
    assert!(endless.unwrap_err().to_string().contains("has gone"));
    assert!(page.events().contains(&PageEvent::Crashed));
    assert_eq!(other.evaluate("1 + 1").await.unwrap(), json!(2));
    browser.close().await;
}

#[tokio::test]
async fn a_closed_window_is_gone_for_its_page() {
    let url = serve("<!doctype html><script>addEventListener('beforeunload', evt => evt.preventDefault())</script>").await;
    let browser = start().await;
    let page = browser.window(&url, 800, 600).await.unwrap();
    let other = browser.window(&url, 800, 600).await.unwrap();
    let count = "Target.getTargets";
    page.close().await.unwrap();
    let targets = browser.connection.command(count, json!({})).await.unwrap();
    let pages = targets["targetInfos"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|info| info["type"] == "page");
    assert_eq!(pages.count(), 1, "{targets:#}");
    other.evaluate("1").await.unwrap();
    browser.close().await;
}

#[tokio::test]
async fn a_browser_that_dies_fails_what_waits_for_it() {
    let url = serve(PAGE).await;
    let mut browser = start().await;
    let page = browser.window(&url, 800, 600).await.unwrap();
    let never = page.evaluate("new Promise(() => {})");
    let (never, ()) = tokio::join!(never, browser.launched.child.kill());
    assert!(never.unwrap_err().to_string().contains("has gone"));
    assert_eq!(
        page.next_event(0, SOON, |event| *event == PageEvent::Crashed)
            .await,
        Some(PageEvent::Crashed)
    );
    assert!(
        page.evaluate("1")
            .await
            .unwrap_err()
            .to_string()
            .contains("has gone")
    );
}

#[tokio::test]
async fn a_program_that_is_no_browser_is_an_error_with_its_last_words() {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("browser");
    std::fs::write(
        &program,
        "#!/bin/sh\necho cannot open display >&2\nexit 3\n",
    )
    .unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, mode).unwrap();
    let error = format!("{:#}", Browser::launch(&program).await.err().unwrap());
    assert!(
        error.contains("cannot open display") && error.contains('3'),
        "{error}"
    );
}

#[tokio::test]
async fn nothing_is_left_of_a_closed_browser() {
    let url = serve(PAGE).await;
    let browser = start().await;
    let profile = browser.launched.profile.path().to_owned();
    browser.window(&url, 800, 600).await.unwrap();
    assert!(profile.exists() && !processes_with(&profile).is_empty());
    browser.close().await;
    assert!(!profile.exists());
    no_process_is_left_with(&profile).await;
}

#[tokio::test]
async fn nothing_is_left_of_a_dropped_browser() {
    let browser = start().await;
    let profile = browser.launched.profile.path().to_owned();
    drop(browser);
    assert!(!profile.exists());
    no_process_is_left_with(&profile).await;
}

/// The crash handlers belong to no group; they notice that the browser has gone, and follow it.
async fn no_process_is_left_with(profile: &Path) {
    let deadline = Instant::now() + SOON;
    while !processes_with(profile).is_empty() {
        assert!(Instant::now() < deadline, "{:#?}", processes_with(profile));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The command lines that name this profile. A process that has ended but is not reaped yet has none.
fn processes_with(profile: &Path) -> Vec<String> {
    let profile = profile.to_str().unwrap();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    lines
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(profile))
        .collect()
}
