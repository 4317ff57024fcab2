//! `cargo xtask`: reads the command line, runs one command, ends with its exit code.

use std::process::ExitCode;

use clap::Parser;
use xtask::commands::Cli;
use xtask::{exit::Exit, interrupt::stopped, process, show};

fn main() -> ExitCode {
    let cli = Cli::parse();
    process::own_descendants_too();
    // One thread is enough, and it is the thread that lives as long as the tool: a child that is to die with us watches
    // the thread that started it.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ended = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
        let ended = runtime.block_on(async {
            let has_last_words = cli.has_last_words();
            // What runs is dropped when somebody stops it, and its programs with it.
            tokio::select! {
                ended = cli.run() => ended,
                () = stopped(), if !has_last_words => Ok(Exit::Interrupted),
            }
        });
        // A thread that still waits for a key or a file is nobody's reason to stay.
        runtime.shutdown_background();
        ended
    });
    match ended {
        Ok(exit) => exit.into(),
        Err(error) => {
            show::note(&format!("error: {error:#}"));
            Exit::Failed.into()
        }
    }
}
