//! Waiting until something holds that nobody tells of.

use std::time::{Duration, Instant};

/// The first pause before it is asked again.
const FIRST: Duration = Duration::from_millis(1);
/// Each pause is twice as long as the one before, up to this: what takes long need not be noticed at once.
const LONGEST: Duration = Duration::from_millis(20);

/// The pauses between two looks, up to a deadline.
struct Pauses {
    deadline: Instant,
    next: Duration,
}

impl Pauses {
    fn within(within: Duration) -> Pauses {
        Pauses {
            deadline: Instant::now() + within,
            next: FIRST,
        }
    }
}

impl Iterator for Pauses {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let pause = self.next;
        self.next = (pause * 2).min(LONGEST);
        (Instant::now() <= self.deadline).then_some(pause)
    }
}

/// Asks again and again, after pauses that grow, until there is an answer or the time is over: `None` then. It asks once more
/// after the last pause.
pub async fn until<T>(within: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let mut pauses = Pauses::within(within);
    loop {
        if let Some(answer) = ask().await {
            return Some(answer);
        }
        tokio::time::sleep(pauses.next()?).await;
    }
}

/// Looks again and again until it holds or the time is over: whether it came to hold.
pub async fn until_it_holds(within: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let mut pauses = Pauses::within(within);
    while !holds() {
        match pauses.next() {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return false,
        }
    }
    true
}

/// The same where nothing can be awaited, as in a destructor.
pub fn until_it_holds_blocking(within: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let mut pauses = Pauses::within(within);
    while !holds() {
        match pauses.next() {
            Some(pause) => std::thread::sleep(pause),
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_ends_the_wait_and_so_does_the_time() {
        let mut asked = 0;
        let third = async || {
            asked += 1;
            (asked == 3).then_some("it")
        };
        assert_eq!(until(Duration::from_secs(60), third).await, Some("it"));
        assert_eq!(until(Duration::ZERO, async || None::<()>).await, None);
        assert!(!until_it_holds_blocking(Duration::ZERO, || false));
    }
}
