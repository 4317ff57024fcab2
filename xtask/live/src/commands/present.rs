//! `cargo xtask walk 10 --present`: builds the presenter, a package of its own that only an instructor needs, and runs it.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use compiler::built::Built;
use machine::compile::Target;
use machine::exit::Exit;
use machine::interrupt::{asked_to_end, stopped};
use machine::jquery;
use machine::process::{Launch, OutputMode, Program};
use machine::waiting::until_it_holds_blocking;
use serde_json::Value;
use show::root;
use steps::presented;
use steps::step::Step;

use super::resume;
use super::walk::times;
use crate::walk::Walkthrough;

/// How a step is presented.
pub struct Options {
    /// The port that the app is served at, beside the page's panes.
    pub port: u16,
    /// The address at which a telephone gets the speaker's page.
    pub speaker_host: Option<IpAddr>,
    /// The day, for the speaker's page.
    pub schedule: Option<Value>,
}

/// Presents a step until somebody presses Ctrl-C; once the lesson is under way, twice.
///
/// # Errors
/// When the presenter does not build, or cannot be started.
pub async fn run(walk: &Walkthrough, options: &Options) -> Result<Exit> {
    let program = tokio::select! {
        program = prepared() => program?,
        () = stopped() => return Ok(Exit::Interrupted),
    };
    let goes_on = resume::goes_on(walk.step)?;
    let mut presenter = start(program, walk.step, goes_on, options)?;
    let exit = attended(&mut presenter, walk.step).await?;
    drop(presenter);
    times::at_the_end(walk);
    Ok(exit)
}

/// All that is needed for it.
async fn prepared() -> Result<PathBuf> {
    if let Err(error) = jquery::fetch().await {
        show::note(&format!("{error:#}"));
    }
    if let Err(missing) = jquery::is_there() {
        show::note(&format!("{missing:#}"));
        show::note("The page is presented anyway.\n");
    }
    build().await
}

fn start(program: PathBuf, step: Step, goes_on: bool, options: &Options) -> Result<Presenter> {
    let port = options.port.to_string();
    let host = options.speaker_host.map(|host| host.to_string());
    let mut args: Vec<OsString> = vec![step.name().into(), "--port".into(), port.into()];
    args.extend((!goes_on).then(|| "--anew".into()));
    if let Some(host) = host {
        args.extend(["--speaker-host".into(), host.into()]);
    }
    if let Some(day) = &options.schedule {
        args.extend(["--schedule".into(), day.to_string().into()]);
    }
    Ok(Presenter(Program::start(&Launch {
        args,
        // It takes the root from there, as this tool does, whoever has started it.
        env: vec![("CARGO_MANIFEST_DIR".into(), root().join("xtask").into())],
        output: OutputMode::Shown,
        ..Launch::new(program, root())
    })?))
}

/// Waits until it ends, or somebody ends it. Ctrl-C asks once where a lesson is under way; the system's request to end does not
/// ask.
async fn attended(presenter: &mut Presenter, step: Step) -> Result<Exit> {
    let mut has_asked = false;
    loop {
        tokio::select! {
            exit = presenter.0.exited() => return Ok(match exit.code {
                Some(0) => Exit::Passed,
                _ => Exit::Failed,
            }),
            pressed = tokio::signal::ctrl_c() => {
                pressed?;
                if has_asked || !is_under_way(step) {
                    return Ok(Exit::Interrupted);
                }
                has_asked = true;
                show::note("\nThe lesson is under way. Ctrl-C again ends it; the same command goes on where it is now.");
            }
            () = asked_to_end() => return Ok(Exit::Interrupted),
        }
    }
}

/// Whether somebody has begun, as the presenter remembers it.
fn is_under_way(step: Step) -> bool {
    presented::read()["steps"][step.name()]["clock"]["has_started"] == true
}

/// Builds the presenter. The first time takes half a minute, and cargo says what it does.
async fn build() -> Result<PathBuf> {
    let target = Target {
        package: "present".into(),
        ..Target::workshop("present")
    };
    match compiler::built::build(&target, show::colour()).await? {
        Built::Program(program) => Ok(program),
        Built::Refused(refusal) => bail!(
            "the presenter itself does not compile: that is not your fault.\n{}",
            refusal.whole
        ),
    }
}

/// The presenter, asked to end when it is dropped: so it ends the app and its browser itself, and leaves no folder of
/// theirs behind. Who does not end when asked is killed, as every [`Program`] is.
struct Presenter(Program);

impl Drop for Presenter {
    fn drop(&mut self) {
        /// It ends what it has started in a few milliseconds.
        const GRACE: Duration = Duration::from_secs(2);
        self.0.ask_to_end();
        until_it_holds_blocking(GRACE, || cfg!(not(unix)) || self.0.try_exited().is_some());
    }
}
