//! `cargo run --package capture`: makes the moving picture of the README from the real thing.
//!
//! The solution of step 10 runs, two pages of it are open in a real browser, and a mouse moves from one to the other. Each
//! picture is taken once the other page has heard of the move. A browser draws no mouse in a screenshot, so we draw it.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use browser::{Browser, Page};
use clap::Parser;
use machine::exit::{self, Exit};
use machine::process::{OutputMode, free_port};
use machine::serve::Served;
use machine::waiting::until_it_holds;
use machine::{compile, jquery};
use png::{BitDepth, BlendOp, ColorType, Compression, Decoder, DisposeOp, Encoder, Filter};
use show::root;
use steps::step::{Step, Whose};

/// Make the moving picture of the README, from the solution of step 10
#[derive(Parser)]
struct Arguments {
    /// Where to write it
    #[arg(long, default_value = ".github/spy.png")]
    to: PathBuf,
}

/// The window that we photograph, in pixels, and the two pages in it: left, top, width and height.
const WINDOW: (u32, u32) = (1000, 500);
const PAGES: [[f64; 4]; 2] = [[16.0, 40.0, 478.0, 444.0], [506.0, 40.0, 478.0, 444.0]];

/// How many pictures there are, and how long each one is shown.
const PICTURES: u32 = 72;
const EACH: Duration = Duration::from_millis(70);

/// What the two pages are shown in: windows with a bar, and a mouse above them.
const STAGE: &str = r#"
document.documentElement.innerHTML = `<style>
  html, body { margin: 0; height: 100%; overflow: hidden; background: #dfe3ea; }
  iframe { position: absolute; border: 0; background: white; border-radius: 0 0 8px 8px; }
  .bar { position: absolute; top: 16px; height: 24px; border-radius: 8px 8px 0 0; background: #c3c9d4; }
  .bar::after { content: ""; position: absolute; left: 12px; top: 8px; width: 8px; height: 8px; border-radius: 50%;
    background: #f4f5f7; box-shadow: 15px 0 #f4f5f7, 30px 0 #f4f5f7; }
  #mouse { position: absolute; z-index: 1; pointer-events: none; }
</style>
<svg id="mouse" width="20" height="30" viewBox="0 0 20 30"><path d="M1 1v24l6-5 4 9 4-2-4-8h8z" fill="white" stroke="black" stroke-width="1.6"/></svg>`;
for (const [left, top, width, height] of PAGES) {
  const bar = document.createElement("div");
  bar.className = "bar";
  bar.style.cssText = `left: ${left}px; width: ${width}px`;
  const page = document.createElement("iframe");
  page.src = "/";
  page.style.cssText = `left: ${left}px; top: ${top}px; width: ${width}px; height: ${height}px`;
  document.body.append(bar, page);
}
"#;

fn main() -> ExitCode {
    exit::of(run(Arguments::parse()))
}

async fn run(arguments: Arguments) -> Result<Exit> {
    let Some(path) = browser::find()? else {
        bail!("there is no browser here: {}", browser::how_to_install());
    };
    jquery::fetch().await?;
    let step = Step::parse("10").map_err(anyhow::Error::msg)?;
    let served = Served {
        whose: Whose::Solution,
        ..Served::of(step, free_port().port())
    };
    let built = compile::build(&served.target(), show::colour()).await?;
    let built = built.program.context("the solution does not build")?;
    let program = served.start(built, OutputMode::Captured)?;
    let listens = until_it_holds(Duration::from_secs(20), || {
        !program.listening_on().is_empty()
    });
    ensure!(listens.await, "the solution of step 10 does not listen");

    let browser = Browser::launch(&path).await?;
    let pictures = pictures(&browser, &format!("http://{}", served.address())).await;
    browser.close().await;
    program.kill().await;
    let moving = moving(&pictures?)?;

    let to = root().join(&arguments.to);
    fs::write(&to, &moving).with_context(|| format!("{} cannot be written", to.display()))?;
    anstream::println!("wrote {}, {} KB", show::path(&to), moving.len() / 1000);
    Ok(Exit::Passed)
}

/// The pictures, as PNG files: the mouse goes once along an eight that lies across both pages.
async fn pictures(browser: &Browser, address: &str) -> Result<Vec<Vec<u8>>> {
    // A page of the server's own, so that we may look into its pages from there.
    let page = browser
        .window(&format!("{address}/no-page"), WINDOW.0, WINDOW.1)
        .await?;
    let pages = serde_json::to_string(&PAGES)?;
    page.evaluate(&STAGE.replace("PAGES", &pages)).await?;
    let status = |it: usize| format!("frames[{it}].document.querySelector('#status')?.innerText");
    let connected = format!("{} === 'connected' && {0} === {}", status(0), status(1));
    holds(&page, &connected).await?;

    // Once around without pictures: then both markers are where the end of a round leaves them.
    let mut pictures = Vec::new();
    for index in 0..PICTURES * 2 {
        move_to(&page, on_the_way(index)).await?;
        if index >= PICTURES {
            pictures.push(page.screenshot().await?);
        }
    }
    Ok(pictures)
}

/// Where the mouse is in this picture, in the window. It begins in the left page: some readers see the first picture only.
fn on_the_way(index: u32) -> (f64, f64) {
    let turn = (f64::from(index) / f64::from(PICTURES) + 0.68) * std::f64::consts::TAU;
    (
        500.0 + 410.0 * turn.sin(),
        360.0 + 90.0 * (2.0 * turn).sin(),
    )
}

/// Moves the mouse there, and waits until the other page has heard of it and has drawn it.
async fn move_to(page: &Page, (x, y): (f64, f64)) -> Result<()> {
    let (x, y) = (x.round(), y.round());
    page.evaluate(&format!(
        "document.querySelector('#mouse').style.cssText = 'left: {x}px; top: {y}px'"
    ))
    .await?;
    page.move_mouse(x, y).await?;
    let within = |[left, top, width, height]: [f64; 4]| {
        (left..left + width).contains(&x) && (top..top + height).contains(&y)
    };
    let Some(at) = PAGES.into_iter().position(within) else {
        return Ok(());
    };
    let [left, top, ..] = PAGES[at];
    let other = format!(
        "frames[{}].document.querySelector('#other').innerText === '{}, {}'",
        1 - at,
        x - left,
        y - top
    );
    holds(page, &other).await?;
    page.evaluate(
        "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))",
    )
    .await?;
    Ok(())
}

async fn holds(page: &Page, expression: &str) -> Result<()> {
    let holds = page.wait_until(expression, Duration::from_secs(10)).await?;
    ensure!(holds, "this never came true in the page: {expression}");
    Ok(())
}

/// One moving picture of many: each part holds the rectangle that has changed, and in it only the pixels that have.
fn moving(pictures: &[Vec<u8>]) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, WINDOW.0, WINDOW.1);
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::High);
    // Nearly all of a part is transparent: there is nothing to foretell.
    encoder.set_filter(Filter::NoFilter);
    encoder.set_animated(u32::try_from(pictures.len())?, 0)?;
    encoder.set_frame_delay(u16::try_from(EACH.as_millis())?, 1000)?;
    encoder.set_dispose_op(DisposeOp::None)?;
    encoder.set_blend_op(BlendOp::Source)?;
    let mut writer = encoder.write_header()?;
    let mut before: Option<Vec<u8>> = None;
    for picture in pictures {
        let now = pixels(picture)?;
        match &before {
            None => writer.write_image_data(&now)?,
            Some(before) => {
                let (left, top, width, height) = changed(before, &now);
                writer.set_blend_op(BlendOp::Over)?;
                // A place is looked at beside the size that stands there before it.
                writer.reset_frame_position()?;
                writer.reset_frame_dimension()?;
                writer.set_frame_dimension(width, height)?;
                writer.set_frame_position(left, top)?;
                let mut part = Vec::new();
                for (x, y) in
                    (top..top + height).flat_map(|y| (left..left + width).map(move |x| (x, y)))
                {
                    match pixel(before, x, y) == pixel(&now, x, y) {
                        true => part.write_all(&[0; 4])?,
                        false => part.write_all(pixel(&now, x, y))?,
                    }
                }
                writer.write_image_data(&part)?;
            }
        }
        before = Some(now);
    }
    writer.finish()?;
    Ok(file)
}

/// A PNG file as four bytes a pixel.
fn pixels(picture: &[u8]) -> Result<Vec<u8>> {
    let mut reader = Decoder::new(std::io::Cursor::new(picture)).read_info()?;
    let mut buffer = vec![
        0;
        reader
            .output_buffer_size()
            .context("the picture is too large")?
    ];
    let info = reader.next_frame(&mut buffer)?;
    ensure!(
        (info.width, info.height) == WINDOW,
        "the picture is {} by {}",
        info.width,
        info.height
    );
    match info.color_type {
        ColorType::Rgba => Ok(buffer),
        ColorType::Rgb => Ok(buffer
            .chunks_exact(3)
            .flat_map(|it| [it[0], it[1], it[2], 255])
            .collect()),
        other => bail!("the browser's pictures have pixels of another kind: {other:?}"),
    }
}

fn pixel(picture: &[u8], x: u32, y: u32) -> &[u8] {
    let at = 4 * (y as usize * WINDOW.0 as usize + x as usize);
    &picture[at..at + 4]
}

/// The smallest rectangle that holds all pixels that differ: left, top, width and height. One pixel, where none does.
fn changed(before: &[u8], now: &[u8]) -> (u32, u32, u32, u32) {
    let differs = |&(x, y): &(u32, u32)| pixel(before, x, y) != pixel(now, x, y);
    let all = (0..WINDOW.1).flat_map(|y| (0..WINDOW.0).map(move |x| (x, y)));
    let none = (WINDOW.0, WINDOW.1, 0, 0);
    let (left, top, right, bottom) = all
        .filter(differs)
        .fold(none, |(left, top, right, bottom), (x, y)| {
            (left.min(x), top.min(y), right.max(x), bottom.max(y))
        });
    match right < left || bottom < top {
        true => (0, 0, 1, 1),
        false => (left, top, right - left + 1, bottom - top + 1),
    }
}
