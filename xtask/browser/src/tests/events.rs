//! What is seen of a page: errors, the console, requests and frames.

use std::time::Duration;

use super::{PAGE, SOON, with_page};
use crate::{PageEvent, Place};

#[tokio::test]
async fn a_script_error_says_what_and_where() {
    let page =
        "<!doctype html>\n<script>\n  console.log('before');\n  undefinedFunction();\n</script>";
    with_page(page, async |page, url| {
        let error = page.next_event(0, SOON, |event| {
            matches!(event, PageEvent::Exception { .. })
        });
        let Some(PageEvent::Exception { text, places }) = error.await else {
            panic!()
        };
        assert_eq!(text, "ReferenceError: undefinedFunction is not defined");
        let expected = Place {
            url: url.into(),
            line: 4,
            column: 3,
        };
        assert_eq!(places.first(), Some(&expected));
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
        let Some(PageEvent::Exception { text, places }) = error.await else {
            panic!()
        };
        assert_eq!((text.as_str(), places[0].line), ("TypeError: no", 2));
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
        let Some(PageEvent::Console {
            level,
            text,
            places,
        }) = said.await
        else {
            panic!()
        };
        let expected = r#"spy 1.5 {x: 12, who: "me"} [1, "two"] null undefined NaN Error: oh"#;
        assert_eq!((level.as_str(), text.as_str()), ("error", expected));
        assert_eq!((places[0].url.as_str(), places[0].line), (url, 2));
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
        // When a frame went is the browser's to say: the same for all here.
        let undated = |event: &PageEvent| {
            let mut event = event.clone();
            if let PageEvent::FrameSent { at, .. } | PageEvent::FrameReceived { at, .. } = &mut event {
                assert!(*at > Duration::ZERO, "{events:#?}");
                *at = Duration::ZERO;
            }
            event
        };
        let position = |wanted: PageEvent| {
            let found = events.iter().position(|event| undated(event) == wanted);
            found.unwrap_or_else(|| panic!("no {wanted:?} in {events:#?}"))
        };
        let (spy, bytes, at) = (r#"["spy",1,2]"#.to_owned(), "AQI=".to_owned(), Duration::ZERO);
        let order = [
            position(PageEvent::SocketOpened { url: address.clone() }),
            position(PageEvent::FrameSent { text: spy.clone(), binary: false, at }),
            position(PageEvent::FrameReceived { text: spy, binary: false, at }),
            position(PageEvent::FrameReceived { text: bytes.clone(), binary: true, at }),
            position(PageEvent::SocketClosed { url: address.clone() }),
        ];
        assert!(order.is_sorted(), "{events:#?}");
        position(PageEvent::FrameSent { text: bytes, binary: true, at });
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

/// The lines of the page that a script error names, from the inside out.
async fn lines_of_error(page: &'static str) -> Vec<u64> {
    let mut lines = Vec::new();
    with_page(page, async |page, url| {
        let error = page.next_event(0, SOON, |event| {
            matches!(event, PageEvent::Exception { .. })
        });
        let Some(PageEvent::Exception { places, .. }) = error.await else {
            panic!()
        };
        let in_page = places.iter().filter(|it| it.url == url && it.line > 0);
        lines.extend(in_page.map(|it| it.line));
    })
    .await;
    lines
}

#[tokio::test]
async fn an_error_has_a_line_of_the_page_however_it_comes() {
    let pages = [
        // Thrown once more by somebody else's code, as jQuery does it.
        "<!doctype html><script>\nconst run = new Function('f', 'try { f() } catch (e) { setTimeout(() => { throw e }) }');\nrun(() =>\n{ none(); });\n</script>",
        // A syntax error.
        "<!doctype html>\n<script>\n\nlet a = ;\n</script>",
        // An inline handler.
        "<!doctype html>\n\n\n<img src='data:,' onerror='none()'>",
        // A promise, and a function that makes one.
        "<!doctype html><script>\n\n\nPromise.reject('a text')</script>",
        "<!doctype html><script>\n(async () => {\nawait 0;\nnone(); })();</script>",
        // Somebody else's code is called with what is none of ours, and later.
        "<!doctype html><script>\nconst later = new Function('f', 'setTimeout(() => f())');\n\nlater(undefined);</script>",
        // A text that is run.
        "<!doctype html><script>\n\n\nsetTimeout('none()');</script>",
    ];
    for page in pages {
        assert!(lines_of_error(page).await.contains(&4), "{page}");
    }
}
