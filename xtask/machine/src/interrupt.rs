//! Somebody wants the tool to end.

/// Waits for Ctrl-C, or for somebody's polite request to end.
pub async fn stopped() {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = asked_to_end() => {}
    }
}

/// Waits for a request to end that nobody has typed: the system's, or that of a terminal that is closed.
pub async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate =
            signal(SignalKind::terminate()).expect("the system can tell us of signals");
        let mut hang_up = signal(SignalKind::hangup()).expect("the system can tell us of signals");
        tokio::select! {
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
    #[cfg(not(unix))]
    std::future::pending().await
}

/// Whether somebody wants the tool to end, for a command that has something to say before it does.
pub struct Stopped(tokio::sync::watch::Receiver<bool>);

impl Stopped {
    /// Listens from now on.
    pub fn listen() -> Stopped {
        let (sender, receiver) = tokio::sync::watch::channel(false);
        tokio::spawn(async move {
            stopped().await;
            let _ = sender.send(true);
        });
        Stopped(receiver)
    }

    /// Waits for it. It may be cancelled, and called again.
    pub async fn wait(&mut self) {
        if self.0.wait_for(|is_stopped| *is_stopped).await.is_err() {
            std::future::pending().await
        }
    }
}
