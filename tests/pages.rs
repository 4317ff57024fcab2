//! The pages as a person has them on the screen: whole, in both colour schemes, large enough for the back of a room, and to be
//! used without a mouse. What a page does with its server is for the checks of its step.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use browser::{Browser, ColourScheme, Page, PageEvent};
use compiler::built::Built;
use libtest_mimic::{Failed, Trial};
use machine::process::{Launch, Program};
use machine::{jquery, patience};
use serde_json::Value;
use show::root;
use steps::step::{STEPS, Step};

use crate::corpus;
use crate::programs::{Place, block_on};

pub fn trials() -> Vec<Trial> {
    let with_page = STEPS.iter().filter(|step| step.page().is_some());
    let trial = |step: &Step| {
        let step = *step;
        crate::kept::trial(format!("the-page-of-{}", step.name()), move || {
            let place = Place::take()?;
            block_on(is_as_it_should_be(step, place))
                .map_err(|error| Failed::from(format!("{error:#}")))
        })
    };
    with_page.map(trial).collect()
}

/// A projector's, half of it for a window beside another one, and a telephone's.
const WIDTHS: [u32; 3] = [1280, 640, 390];

/// Opens the page of the solution, and looks at it.
async fn is_as_it_should_be(step: Step, place: Place) -> Result<()> {
    jquery::fetch().await?;
    place.put(&corpus::solution(step))?;
    let Built::Program(path) = compiler::built::build(&place.target(), false).await? else {
        bail!("the solution does not compile");
    };
    let (program, address) = serve(path).await?;
    let browser = browser::find()?.context("there is no browser here")?;
    let browser = Browser::launch(&browser).await?;
    looks_right(&browser, &format!("http://{address}/")).await?;
    browser.close().await;
    program.kill().await;
    Ok(())
}

/// Looks at a page in windows of all widths, in both colour schemes.
pub async fn looks_right(browser: &Browser, url: &str) -> Result<()> {
    for width in WIDTHS {
        let page = browser.window(url, width, 720).await?;
        for scheme in [ColourScheme::Light, ColourScheme::Dark] {
            page.prefer_colour_scheme(scheme).await?;
            let problems = page.evaluate(PROBLEMS).await?;
            ensure!(
                problems == Value::Array(Vec::new()),
                "at {width} pixels, {scheme:?}: {problems:#}"
            );
        }
        complains_of_nothing(&page)?;
        page.close().await?;
    }
    Ok(())
}

/// Starts the program, and waits until it accepts.
async fn serve(path: PathBuf) -> Result<(Program, SocketAddr)> {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let mut launch = Launch::new(path, root());
    launch.env = vec![
        ("HOST".into(), address.ip().to_string().into()),
        ("PORT".into(), address.port().to_string().into()),
    ];
    let program = Program::start(&launch)?;
    let deadline = Instant::now() + Duration::from_secs(10).mul_f64(patience::measured());
    while TcpStream::connect(address).is_err() {
        ensure!(Instant::now() < deadline, "the server does not accept");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok((program, address))
}

/// No script fails, nothing is missing, nobody is warned.
fn complains_of_nothing(page: &Page) -> Result<()> {
    let is_complaint = |event: &PageEvent| match event {
        PageEvent::Exception { .. } | PageEvent::RequestFailed { .. } => true,
        PageEvent::Console { level, .. } | PageEvent::LogEntry { level, .. } => {
            level == "error" || level == "warning"
        }
        PageEvent::Response { status, .. } => *status >= 400,
        _ => false,
    };
    match page.events().into_iter().find(is_complaint) {
        Some(complaint) => bail!("{complaint:?}"),
        None => Ok(()),
    }
}

/// What is wrong with a page, as sentences.
///
/// The contrast of text is that of WCAG 2.2, success criterion 1.4.3: 4.5 to 1. A text of 16 pixels on a laptop is one of
/// half a line's height to somebody in the last row; smaller it must not be.
const PROBLEMS: &str = r#"(() => {
    const problems = [];
    const root = document.documentElement;
    if (!root.lang) problems.push("the page names no language");
    if (document.querySelectorAll("h1").length !== 1) problems.push("there is not one h1");
    if (root.scrollWidth > innerWidth) problems.push(`it is ${root.scrollWidth} pixels wide`);
    for (const control of document.querySelectorAll("a[href], button, input, select, textarea")) {
        const name = control.labels?.[0]?.textContent || control.getAttribute("aria-label") || control.textContent;
        if (!name.trim()) problems.push(`${control.outerHTML} has no name`);
        control.focus();
        if (document.activeElement !== control) problems.push(`${control.outerHTML} takes no focus`);
        else if (getComputedStyle(control).outlineStyle === "none") problems.push(`${control.outerHTML} shows no focus`);
    }
    const channels = (colour) => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
        const pen = canvas.getContext("2d", { willReadFrequently: true });
        pen.fillStyle = colour;
        pen.fillRect(0, 0, 1, 1);
        return [...pen.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (colour) => {
        const [r, g, b] = channels(colour).map((c) => {
            const part = c / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
        for (let it = element; it; it = it.parentElement) {
            const colour = getComputedStyle(it).backgroundColor;
            if (channels(colour)[3] === 255) return colour;
        }
        return "Canvas";
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        const text = texts.currentNode.textContent.trim();
        if (!text || !element.checkVisibility() || element.closest("script, style, datalist")) continue;
        const style = getComputedStyle(element);
        if (parseFloat(style.fontSize) < 16 - 0.1 && innerWidth >= 1000) problems.push(`"${text}" is ${style.fontSize} high`);
        const [light, dark] = [luminance(style.color), luminance(ground(element))].sort((a, b) => b - a);
        const contrast = (light + 0.05) / (dark + 0.05);
        if (contrast < 4.5) problems.push(`"${text}" has a contrast of ${contrast.toFixed(1)}`);
    }
    return problems;
})()"#;
