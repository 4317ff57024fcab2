//! Whether a program is slow, and the end of a check of one that is.

use std::time::Duration;

use futures::future::LocalBoxFuture;
use machine::patience;
use tokio::time::{Instant, timeout};

use crate::report::Failure;
use crate::scene::{Scene, seconds};
use crate::{Context, Diagnosis, Outcome, SourceLine};

/// So many waits end a check, whatever the program does to it.
pub const LAST: u32 = 30;

/// Ends a check that would go on for ever: after so many waits where clients have asked and heard, and the machine is as quick
/// as it was, and after [`LAST`] of them in any case.
///
/// Each wait of a check has its deadline. So where all of them together are too long, and something came meanwhile, the
/// program is slow.
pub async fn in_time(
    scene: &Scene,
    waits: u32,
    mut check: LocalBoxFuture<'static, Outcome>,
) -> Outcome {
    let mut limit = scene.wait() * waits;
    let mut ended = timeout(limit, &mut check).await;
    let has_asked = scene.has_waited.get() || scene.heard.get() > 0;
    if ended.is_err() && (!has_asked || is_busier(&scene.context)) {
        limit = scene.wait() * LAST;
        ended = timeout(scene.wait() * (LAST - waits), &mut check).await;
    }
    match ended {
        Ok(outcome) => outcome,
        Err(_) if !scene.has_waited.get() && scene.heard.get() > 0 => {
            let heard = scene.heard.get() as usize;
            let failure = scene.too_slow("answers", heard, limit);
            Err(failure.expected("each is there at once".into()).into())
        }
        Err(_) => {
            let came = format!("it had not come to an end after {}", seconds(limit));
            Err(scene.failure(Diagnosis::UNKNOWN).came(came).into())
        }
    }
}

/// Whether the machine is slower than it was when the checks began: somebody builds something, say.
pub fn is_busier(context: &Context) -> bool {
    (0..3).any(|_| patience::measured() > context.patience * 1.5)
}

/// So many moves a second a program passes on at least: one hand that moves a mouse makes sixty.
pub const LEAST: f64 = 40.0;

impl Scene {
    /// Whether a program that has passed on so many since then is slow.
    pub fn is_slow(&self, heard: usize, since: Instant) -> bool {
        let elapsed = since.elapsed();
        let least = LEAST * elapsed.as_secs_f64() / self.context.patience;
        elapsed > self.wait() && (heard as f64) < least
    }

    /// That a program does what it is asked, and is slow: so many came in this time.
    pub fn too_slow(&self, what: &str, heard: usize, within: Duration) -> Failure {
        let rate = heard as f64 / within.as_secs_f64();
        let rate = match rate {
            rate if rate < 10.0 => format!("{rate:.1}"),
            rate => format!("{rate:.0}"),
        };
        let came = format!("{heard} {what} in {}: {rate} a second", seconds(within));
        let failure = self.failure(Diagnosis::TOO_SLOW);
        match self.context.line_with("sleep(") {
            Some(SourceLine { file, line, place }) => failure
                .came(format!("{came}. Line {line} of {file} calls sleep"))
                .place(Some(place)),
            None => failure.came(came),
        }
    }
}

diagnoses! {
    TOO_SLOW "too-slow":
        "The program does what it is asked, but slowly: the figure is above. If one message has to wait, all messages behind it wait, too. A page may send sixty of them a second."
        => "Look for what waits between two messages: a sleep, a timer, or a task or client that has to finish before the next message is read.";
}
