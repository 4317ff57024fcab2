//! `cargo xtask run --watch`: builds and restarts a step when its server is saved.
//!
//! The page's windows stay open: `socket.js` connects again by itself.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use notify::event::ModifyKind::Name;
use notify::{Config, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::run::{Arguments, build};
use crate::exit::Exit;
use crate::process::Program;
use crate::show;

/// An editor saves in several strokes: a new file, a rename, an attribute. They count as one when they come this close.
const ONE_SAVE: Duration = Duration::from_millis(60);

/// Runs the step, and again after every save, until Ctrl-C.
///
/// # Errors
/// When the folder cannot be watched, or the built program cannot be started.
pub async fn run(arguments: &Arguments) -> Result<Exit> {
    let (saves, mut saved) = mpsc::unbounded_channel();
    let _watcher = watch(&arguments.folder(), saves)?;
    let mut running: Option<Program> = None;
    loop {
        if cfg!(windows) {
            // A program that runs cannot be replaced there.
            end(&mut running).await;
        }
        // A file that is gone, or a Cargo.toml that is broken, will be mended and saved like all else.
        let built = build(arguments).await.unwrap_or_else(|error| {
            show::note(&format!("error: {error:#}"));
            None
        });
        if let Some(program) = built {
            end(&mut running).await;
            running = Some(arguments.start(program)?);
        } else if running.is_some() {
            anstream::eprintln!("The last program that compiled goes on running.");
        }
        wait_for_a_save(&mut running, &mut saved).await;
        anstream::eprintln!("saved, building …");
    }
}

async fn end(running: &mut Option<Program>) {
    if let Some(program) = running.take() {
        program.end().await;
    }
}

/// Waits until the server is saved. That the program ends meanwhile is said, and no reason to stop watching.
async fn wait_for_a_save(running: &mut Option<Program>, saved: &mut mpsc::UnboundedReceiver<()>) {
    if let Some(program) = running {
        tokio::select! {
            _ = saved.recv() => return gather(saved).await,
            exit = program.exited() => anstream::eprintln!("The program ended, with {}. Save the file to start it again.", exit.text),
        }
        *running = None;
    }
    saved.recv().await;
    gather(saved).await;
}

/// Takes what else belongs to the same save.
async fn gather(saved: &mut mpsc::UnboundedReceiver<()>) {
    while let Ok(Some(())) = tokio::time::timeout(ONE_SAVE, saved.recv()).await {}
}

/// Reports each change of `server.rs`. Not the file is watched, for many editors save by replacing it; nor its folder, which
/// git replaces: it is the tree above.
fn watch(folder: &Path, saves: mpsc::UnboundedSender<()>) -> Result<RecommendedWatcher> {
    let step = PathBuf::from(folder.file_name().context("a step has a folder")?);
    let tree = folder.parent().context("a step has a folder")?;
    let server = step.join("server.rs");
    let report = move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        let arrives = event.kind.is_create() || matches!(event.kind, EventKind::Modify(Name(_)));
        let concerns = |path: &PathBuf| path.ends_with(&server) || arrives && path.ends_with(&step);
        if event.paths.iter().any(concerns) && !event.kind.is_access() {
            // It fails only when nobody waits for saves any more.
            let _ = saves.send(());
        }
    };
    let mut watcher = RecommendedWatcher::new(report, Config::default())
        .context("files cannot be watched here")?;
    watcher
        .watch(tree, RecursiveMode::Recursive)
        .with_context(|| format!("{} cannot be watched", tree.display()))?;
    Ok(watcher)
}
