//! What was found as a page: what is wrong is seen at a glance, whatever a program said is text, and the page is as it should
//! be on a projector and on a telephone, with nothing but itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use anyhow::{Context, Result, anyhow, ensure};
use browser::{Browser, PageEvent};
use checks::picture;
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use steps::step::{Step, Whose};

use crate::corpus::{self, Files};
use crate::pages;
use crate::programs::{block_on, check, check_server};
use crate::scratch::Scratch;

/// A text that is no text to who takes it for HTML, and turns around what follows it.
const HOSTILE: &str =
    "</code></script><script>document.title='broken'</script><img src=x onerror=alert(1)>\u{202e}";

/// A program, and a JavaScript expression that is true of the page about it.
struct Case {
    name: &'static str,
    files: fn() -> Result<Files>,
    /// Whether its page is checked, too.
    with_page: bool,
    holds: &'static str,
}

const CASES: &[Case] = &[
    Case {
        name: "a-wrong-frame",
        files: || wrong("10-spy", "wrong-two-values"),
        with_page: false,
        holds: "one('.arrow.wrong').innerText.includes('✗ wrong') && !document.querySelector('.missing')
            && /^server to right:.*\"spy\",\\d+,\\d+.*expected: .*\"x\":/s.test(one('.arrow.wrong').textContent)",
    },
    Case {
        name: "a-missing-frame",
        files: || wrong("10-spy", "wrong-echo-only"),
        with_page: false,
        holds: "one('.arrow.missing').innerText.includes('✗ missing') && !document.querySelector('.wrong')
            && getComputedStyle(one('.arrow.missing')).borderBottomStyle === 'dashed'
            && one('.row:has(.missing)') === document.querySelector('.chart > ol').lastElementChild",
    },
    Case {
        name: "hostile-text",
        files: hostile,
        with_page: false,
        holds: "document.scripts.length === 0 && document.images.length === 0 && document.title.includes('10-spy')
            && one('.arrow.wrong').textContent.includes('</code></script><script>document.title=')",
    },
    Case {
        name: "many-clients",
        files: || wrong("10-spy", "wrong-first-other-only"),
        with_page: false,
        holds: "one('.missing') && document.querySelectorAll('.heads span').length === 4",
    },
    Case {
        name: "two-windows",
        files: || wrong("10-spy", "wrong-page-sends-another-event"),
        with_page: true,
        holds: "one('.arrow.wrong').textContent.startsWith('left to server: ')
            && [...document.querySelectorAll('.heads span')].map((name) => name.textContent).join() === 'left,server,right'",
    },
    Case {
        name: "a-run",
        files: || wrong("10-spy", "wrong-throttled"),
        with_page: false,
        holds: "/^left to server: × 12 /.test(one('.arrow:has(.times)').textContent)
            && one('.arrow.missing') && document.querySelectorAll('.failure .row').length < 16",
    },
    Case {
        name: "a-long-frame",
        files: long,
        with_page: false,
        holds: "[...document.querySelectorAll('.arrow.wrong mark')].map((part) => part.innerText).join() === 'n,*'
            && one('.parting').innerText.startsWith('they part after 4008 characters')",
    },
    Case {
        name: "a-pass",
        files: || Ok(corpus::solution(spy())),
        with_page: false,
        holds: "!document.querySelector('.failure, .badge') && document.querySelectorAll('.checks .passed').length > 20",
    },
];

/// A trial for each of the cases.
pub fn trials() -> Vec<Trial> {
    let trial = |case: &'static Case| {
        crate::kept::trial(format!("picture-of-{}", case.name), move || {
            shows(case).map_err(|error| Failed::from(format!("{error:#}")))
        })
    };
    CASES.iter().map(trial).collect()
}

fn spy() -> Step {
    Step::parse("10").expect("there is a step 10")
}

fn wrong(step: &str, name: &str) -> Result<Files> {
    let is_it = |it: &corpus::Program| it.step.name() == step && it.name == name;
    let program = corpus::all().into_iter().find(is_it);
    program
        .context("there is such a program")?
        .files
        .map_err(anyhow::Error::msg)
}

/// A program that changes one letter, far inside of what is said.
fn long() -> Result<Files> {
    let mut files = corpus::solution(spy());
    let server = files.get_mut("server.rs").context("there is a server")?;
    let right = r#"relay(json!(["say", words]))"#;
    ensure!(server.contains(right), "the solution relays with {right}");
    let wrong = r#"{
            let mut words = words.as_str().unwrap_or_default().to_owned();
            if words.len() > 4_000 {
                words.replace_range(4_000..4_001, "*");
            }
            relay(json!(["say", words]))
        }"#;
    *server = server.replace(right, wrong);
    Ok(files)
}

/// A program that says to others what should break a page.
fn hostile() -> Result<Files> {
    let mut files = corpus::solution(spy());
    let server = files.get_mut("server.rs").context("there is a server")?;
    let right = r#"["spy", { "x": x, "y": y }]"#;
    ensure!(server.contains(right), "the solution sends {right}");
    *server = server.replace(right, &format!("[\"spy\", x, y, {HOSTILE:?}]"));
    Ok(files)
}

/// Checks the program, and opens the page about it.
fn shows(case: &Case) -> Result<()> {
    let files = (case.files)()?;
    let run = if case.with_page { check } else { check_server };
    let report = run(spy(), &files).map_err(|failed| anyhow!("{failed:?}"))?;
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("picture-{}.html", case.name));
    fs::write(&file, picture::page(&report, Whose::Learner))?;
    block_on(is_as_it_should_be(case, &file))
}

async fn is_as_it_should_be(case: &Case, file: &Path) -> Result<()> {
    let browser = browser::find()?.context("there is no browser here")?;
    let browser = Browser::launch(&browser).await?;
    let url = format!("file://{}", file.display());
    pages::looks_right(&browser, &url).await?;
    let page = browser.window(&url, 1280, 720).await?;
    let holds = format!(
        "(() => {{
            const one = (selector) => document.querySelector(selector);
            return Boolean({});
        }})()",
        case.holds
    );
    ensure!(
        page.evaluate(&holds).await? == Value::Bool(true),
        "{url}: {}",
        case.holds
    );
    let asks_for_more = |event: &&PageEvent| match event {
        PageEvent::Response { url, .. } | PageEvent::RequestFailed { url, .. } => {
            !url.starts_with("file:")
        }
        _ => false,
    };
    let events = page.events();
    let more = events.iter().find(asks_for_more);
    ensure!(more.is_none(), "{more:?}");
    browser.close().await;
    Ok(())
}

/// What the tool itself does, in the copy of the workshop.
pub fn trials_in_the_copy() -> Vec<Trial> {
    let trial = |name: &str, run: fn() -> Result<()>| {
        crate::kept::trial(format!("picture-{name}"), move || {
            run().map_err(|error| Failed::from(format!("{error:#}")))
        })
    };
    vec![
        trial("is-in-the-json", is_in_the_json),
        trial("cannot-be-written", cannot_be_written),
        trial("without-a-screen", without_a_screen),
    ]
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The path is in the object only where a picture was asked for, and the old file has given way to the new one.
fn is_in_the_json() -> Result<()> {
    let scratch = Scratch::take()?;
    scratch.finish_step("1", "", "")?;
    let file = scratch.file(".workshop/report-01-hello.html");
    fs::create_dir_all(file.parent().context("it lies in a folder")?)?;
    fs::write(&file, "an old one")?;
    let object = |arguments: &[&str]| -> Result<Value> {
        let output = scratch
            .xtask(["check", "1", "--json"])
            .args(arguments)
            .output()?;
        Ok(serde_json::from_slice(&output.stdout)?)
    };
    ensure!(object(&[])?.get("report").is_none());
    ensure!(fs::read_to_string(&file)? == "an old one");
    let told = object(&["--report"])?;
    ensure!(
        told["report"].as_str().map(PathBuf::from) == Some(file.clone()),
        "{told}"
    );
    ensure!(fs::read_to_string(&file)?.contains("All passed"));
    Ok(())
}

/// The findings are shown all the same, and a pass is no longer all that was asked for.
fn cannot_be_written() -> Result<()> {
    let scratch = Scratch::take()?;
    scratch.finish_step("1", "", "")?;
    // Notes find their place, and the page's name is taken by a folder.
    fs::create_dir_all(scratch.file(".workshop/report-01-hello.html/in-the-way"))?;
    let output = scratch.xtask(["check", "1", "--report"]).output()?;
    ensure!(output.status.code() == Some(3), "{output:?}");
    ensure!(stdout(&output).contains("All passed:"), "{output:?}");
    let said = stderr(&output);
    ensure!(
        said.contains("error: the report could not be written"),
        "{said}"
    );
    let output = scratch
        .xtask(["check", "1", "--report", "--json"])
        .output()?;
    let told: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(
        told["report"] == json!(null) && told["verdict"] == "passed",
        "{told}"
    );
    Ok(())
}

/// Where nothing can be opened, `--open` is as good as `--report`.
fn without_a_screen() -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let scratch = Scratch::take()?;
    scratch.finish_step("1", "", "")?;
    let mut check = scratch.xtask(["check", "1", "--open"]);
    let output = check
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()?;
    ensure!(output.status.success(), "{output:?}");
    ensure!(
        stderr(&output).contains("there is no screen here"),
        "{output:?}"
    );
    ensure!(
        stdout(&output).contains("report-01-hello.html"),
        "{output:?}"
    );
    Ok(())
}
