//! The end of the server: every browser hears of it. Explained in step 12.

use std::sync::LazyLock;

use tokio::sync::watch;
use tokio::time::{self, Duration};

use crate::door::SEATS;
use crate::settings::SETTINGS;

/// Whether the server is about to end.
static ENDING: LazyLock<watch::Sender<bool>> = LazyLock::new(|| watch::Sender::new(false));

/// Waits until the server is about to end.
pub async fn begins() {
    // An error would say that the sender is gone. It is a static, so it never is.
    let _ = ENDING.subscribe().wait_for(|is_ending| *is_ending).await;
}

/// Ends all connections. A person waits two seconds after Ctrl-C, so a browser that has not left by then is left behind.
pub async fn all_leave() {
    ENDING.send_replace(true);
    let all = SEATS.acquire_many(SETTINGS.max_connections);
    let _ = time::timeout(Duration::from_millis(1500), all).await;
}
