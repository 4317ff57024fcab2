//! How browsers, pages and windows start and end, and that nothing is left of them.

#[cfg(unix)]
use std::path::Path;
#[cfg(target_os = "linux")]
use std::time::{Duration, Instant};

use serde_json::json;

use super::{PAGE, SOON, serve, start};
use crate::launch::Launched;
use crate::{Browser, Is, PageEvent};

#[tokio::test]
#[cfg(unix)]
async fn a_program_that_is_no_browser_is_an_error_with_its_last_words() {
    let error = Browser::launch(Path::new("/bin/ls")).await.err().unwrap();
    let error = format!("{error:#}");
    assert!(error.contains("/bin/ls does not start"), "{error}");
    assert!(error.contains("option"), "{error}");
}

#[tokio::test]
#[cfg(unix)]
async fn a_browser_that_crashes_at_its_start_is_started_once_more() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let (script, real) = (folder.path().join("browser"), super::chosen());
    let text = format!(
        "#!/bin/sh\ncd '{}'\nmkdir crashed && kill -SEGV $$\nexec '{}' \"$@\"\n",
        folder.path().display(),
        real.display()
    );
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    let browser = Browser::launch(&script).await.unwrap();
    assert!(folder.path().join("crashed").exists());
    browser.close().await;
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn nothing_is_left_of_a_closed_browser() {
    let url = serve(PAGE).await;
    let browser = start().await;
    let profile = launched(&browser).profile.path().to_owned();
    browser.window(&url, 800, 600).await.unwrap();
    assert!(profile.exists() && !processes_with(&profile).is_empty());
    browser.close().await;
    assert!(!profile.exists());
    no_process_is_left_with(&profile).await;
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn nothing_is_left_of_a_dropped_browser() {
    let browser = start().await;
    let profile = launched(&browser).profile.path().to_owned();
    drop(browser);
    assert!(!profile.exists());
    no_process_is_left_with(&profile).await;
}

#[tokio::test]
async fn a_browser_that_dies_fails_what_waits_for_it() {
    let url = serve(PAGE).await;
    let browser = start().await;
    let page = browser.window(&url, 800, 600).await.unwrap();
    let never = page.evaluate("new Promise(() => {})");
    let (never, ()) = tokio::join!(never, into_launched(browser).program.kill());
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
async fn a_closed_window_has_gone_whatever_its_page_says() {
    let url = serve("<!doctype html><script>addEventListener('beforeunload', evt => evt.preventDefault())</script>").await;
    let browser = start().await;
    let page = browser.window(&url, 800, 600).await.unwrap();
    let other = browser.window(&url, 800, 600).await.unwrap();
    page.close().await.unwrap();
    let targets = browser
        .connection
        .command("Target.getTargets", json!({}))
        .await
        .unwrap();
    let pages = targets["targetInfos"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|info| info["type"] == "page");
    assert_eq!(pages.count(), 1, "{targets:#}");
    other.evaluate("1").await.unwrap();
    browser.close().await;
}

/// The crash handlers belong to no group; they notice that the browser has gone, and follow it.
#[cfg(target_os = "linux")]
async fn no_process_is_left_with(profile: &Path) {
    let deadline = Instant::now() + SOON;
    while !processes_with(profile).is_empty() {
        assert!(Instant::now() < deadline, "{:#?}", processes_with(profile));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The command lines that name this profile. A process that has ended but is not reaped yet has none.
#[cfg(target_os = "linux")]
fn processes_with(profile: &Path) -> Vec<String> {
    let profile = profile.to_str().unwrap();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    lines
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(profile))
        .collect()
}

#[cfg(target_os = "linux")]
fn launched(browser: &Browser) -> &Launched {
    match &browser.is {
        Is::Launched(launched) => launched,
        Is::Shared(_) => unreachable!("it was launched"),
    }
}

fn into_launched(browser: Browser) -> Launched {
    match browser.is {
        Is::Launched(launched) => *launched,
        Is::Shared(_) => unreachable!("it was launched"),
    }
}

#[tokio::test]
async fn two_that_share_one_know_nothing_of_each_other() {
    let browser = start().await;
    let endpoint = browser.endpoint().unwrap().clone();
    let [one, other] = [
        Browser::share(&endpoint).await.unwrap(),
        Browser::share(&endpoint).await.unwrap(),
    ];
    assert_eq!(one.endpoint(), None);
    one.close().await;
    assert!(
        other.version().await.is_ok(),
        "it goes on without the other"
    );
    other.close().await;
    assert!(
        browser.version().await.is_ok(),
        "and the one around them too"
    );
    browser.close().await;
}
