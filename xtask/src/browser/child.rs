//! The browser's process: started in a group of its own, its pipes drained, ended with the group.
//!
//! It deliberately knows nothing about browsers, and does not notice a child that leaves the group.

use std::ffi::OsString;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use tokio::io::{AsyncRead, AsyncReadExt};

/// What is kept of the output; a browser that runs for long may print for long.
const KEPT: usize = 64 * 1024;

/// A running child. Dropping it kills its group.
pub(super) struct Child {
    process: tokio::process::Child,
    output: Arc<Mutex<Vec<u8>>>,
}

impl Child {
    /// Starts `program`, with `env` on top of our own environment.
    pub(super) fn start(
        program: &Path,
        args: &[OsString],
        env: &[(OsString, OsString)],
    ) -> anyhow::Result<Child> {
        let mut command = tokio::process::Command::new(program);
        command.args(args).envs(env.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::piped()).kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut process = command
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let output = Arc::default();
        if let Some(stderr) = process.stderr.take() {
            tokio::spawn(drain(stderr, Arc::clone(&output)));
        }
        Ok(Child { process, output })
    }

    /// What it has printed so far.
    pub(super) fn output(&self) -> String {
        let output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&output).into_owned()
    }

    /// Waits until it ends.
    pub(super) async fn exited(&mut self) -> anyhow::Result<ExitStatus> {
        Ok(self.process.wait().await?)
    }

    /// Ends it and its group, and waits until it has gone.
    pub(super) async fn kill(&mut self) {
        self.kill_group();
        let _ = self.process.kill().await;
    }

    fn kill_group(&self) {
        #[cfg(unix)]
        if let Some(leader) = self.process.id() {
            use nix::sys::signal::{Signal, killpg};
            // Only fails when the group has gone already.
            let _ = killpg(
                nix::unistd::Pid::from_raw(leader.cast_signed()),
                Signal::SIGKILL,
            );
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill_group();
    }
}

/// Reads to the end, for a pipe that nobody reads stops the child; keeps the beginning.
async fn drain(mut pipe: impl AsyncRead + Unpin, kept: Arc<Mutex<Vec<u8>>>) {
    let mut chunk = [0; 4096];
    while let Ok(read @ 1..) = pipe.read(&mut chunk).await {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let room = KEPT.saturating_sub(kept.len()).min(read);
        kept.extend_from_slice(&chunk[..room]);
    }
}
