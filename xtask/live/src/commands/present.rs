//! `cargo xtask walk 10 --present`: builds the presenter, a package of its own that only an instructor needs, and runs it.

use std::time::Duration;

use anyhow::{Result, bail};
use compiler::built::Built;
use machine::compile::Target;
use machine::exit::Exit;
use machine::jquery;
use machine::process::{Launch, OutputMode, Program};
use machine::waiting::until_it_holds_blocking;
use show::root;
use steps::step::Step;

/// Presents a step until somebody presses Ctrl-C. The app is served at `port` as well as in the page's panes.
///
/// # Errors
/// When the presenter does not build, or cannot be started.
pub async fn run(step: Step, port: u16) -> Result<Exit> {
    if let Err(error) = jquery::fetch().await {
        show::note(&format!("{error:#}"));
    }
    if let Err(missing) = jquery::is_there() {
        show::note(&format!("{missing:#}"));
        show::note("The page is presented all the same.\n");
    }
    let mut presenter = Presenter(Program::start(&Launch {
        args: vec![step.name().into(), "--port".into(), port.to_string().into()],
        // It takes the root from there, as this tool does, whoever has started it.
        env: vec![("CARGO_MANIFEST_DIR".into(), root().join("xtask").into())],
        output: OutputMode::Shown,
        ..Launch::new(build().await?, root())
    })?);
    let exit = presenter.0.exited().await;
    Ok(match exit.code {
        Some(0) => Exit::Passed,
        _ => Exit::Failed,
    })
}

/// Builds the presenter. The first time takes half a minute, and cargo says what it does.
async fn build() -> Result<std::path::PathBuf> {
    let target = Target {
        package: "present".into(),
        ..Target::workshop("present")
    };
    match compiler::built::build(&target, show::colour()).await? {
        Built::Program(program) => Ok(program),
        Built::Refused(refusal) => bail!(
            "the presenter itself does not compile: that is no fault of yours.\n{}",
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
