//! `cargo xtask run --watch`: builds and restarts a step when its server is saved.
//!
//! The page's windows stay open: `socket.js` connects again by itself.

use anyhow::Result;
use machine::exit::Exit;
use machine::process::{OutputMode, Program};
use machine::saves::Saves;
use machine::serve::Served;

use super::build::build;

/// Runs the step, and again after every save, until Ctrl-C.
///
/// # Errors
/// When the built program cannot be started.
pub async fn run(served: &Served) -> Result<Exit> {
    let mut saves = Saves::of(&served.folder(), Vec::new(), true);
    let mut running: Option<Program> = None;
    loop {
        if cfg!(windows) {
            // A program that runs cannot be replaced there.
            end(&mut running).await;
        }
        // A file that is gone, or a Cargo.toml that is broken, will be mended and saved like all else.
        let built = build(served).await.unwrap_or_else(|error| {
            show::note(&format!("error: {error:#}"));
            None
        });
        if let Some(program) = built {
            end(&mut running).await;
            running = Some(served.start(program, OutputMode::Shown)?);
        } else if running.is_some() {
            anstream::eprintln!("The last program that compiled goes on running.");
        }
        wait_for_a_save(&mut running, &mut saves).await;
        anstream::eprintln!("saved, building …");
    }
}

async fn end(running: &mut Option<Program>) {
    if let Some(program) = running.take() {
        program.end().await;
    }
}

/// Waits until the server is saved. That the program ends meanwhile is said, and no reason to stop watching.
async fn wait_for_a_save(running: &mut Option<Program>, saves: &mut Saves) {
    if let Some(program) = running {
        tokio::select! {
            () = saves.saved() => return,
            exit = program.exited() => anstream::eprintln!("The program ended, with {}. Save the file to start it again.", exit.text),
        }
        *running = None;
    }
    saves.saved().await;
}
