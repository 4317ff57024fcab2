//! `cargo xtask`: reads the command line, runs one command, ends with its exit code.

use std::process::ExitCode;

use clap::Parser;
use xtask::commands::Cli;
use xtask::{exit::Exit, process, show};

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
            tokio::select! {
                ended = cli.run() => ended,
                () = stopped() => Ok(Exit::Interrupted),
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

/// Waits for Ctrl-C, or for somebody's polite request to end. What runs is dropped then, and its programs with it.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate =
            signal(SignalKind::terminate()).expect("the system can tell us of signals");
        let mut hang_up = signal(SignalKind::hangup()).expect("the system can tell us of signals");
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
}
