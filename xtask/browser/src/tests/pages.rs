//! What is done to a page, and that it waits no longer than it says.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::TcpListener;

use super::{PAGE, SOON, answer, serve, start, with_page};
use crate::{ColourScheme, PageEvent};

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
async fn keys_go_where_the_focus_is_and_enter_submits() {
    const FORM: &str = "<!doctype html><form><input autofocus></form><script>
        const said = [];
        document.querySelector('input').focus();
        document.querySelector('form').onsubmit = (evt) => {
            evt.preventDefault();
            said.push(document.querySelector('input').value, evt.isTrusted);
        };
    </script>";
    with_page(FORM, async |page, _| {
        page.type_text("hi <b> ü").await.unwrap();
        assert_eq!(page.evaluate("said").await.unwrap(), json!([]));
        page.press_enter().await.unwrap();
        let said = page.evaluate("said").await.unwrap();
        assert_eq!(said, json!(["hi <b> ü", true]));
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
