//! A place for something under way: a check, a build.

use futures::future::LocalBoxFuture;

/// Something under way, or nothing. Emptying it drops what is under way, with the processes that belong to it.
pub type Slot<T> = Option<LocalBoxFuture<'static, T>>;

/// Waits for what is under way, and empties its place; for ever where there is nothing. It may be cancelled.
pub async fn done<T>(slot: &mut Slot<T>) -> T {
    match slot {
        Some(under_way) => {
            let done = under_way.await;
            *slot = None;
            done
        }
        None => std::future::pending().await,
    }
}
