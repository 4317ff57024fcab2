//! When a run of all checks ends, whatever the program does.
//!
//! A learner who knows of one failure need not wait for a slow program to fail all others. So from a time on, the first
//! failure ends the checks that still run. Where nothing has failed they go on: each has an end of its own.

use std::cell::{Cell, OnceCell, RefCell};
use std::time::Duration;

use futures::future::LocalBoxFuture;
use machine::patience;
use steps::step::{Ability, Step};
use tokio::time::{Instant, sleep_until};

use crate::{COMPILES, Check, Outcome};

/// What the checks of a run may take on an idle machine, the build apart.
const WHOLE: Duration = Duration::from_secs(20);

/// The same for a server that has limits: some of its checks let its patience pass.
const WITH_LIMITS: Duration = Duration::from_secs(40);

/// How long a run of this step's checks may take on an idle machine.
pub fn whole(step: Step) -> Duration {
    match step.has(Ability::Seats) {
        true => WITH_LIMITS,
        false => WHOLE,
    }
}

/// So often it is looked whether something has failed meanwhile, once the time is over.
const LOOK: Duration = Duration::from_millis(200);

/// The time that a run has, and what came of it so far.
#[derive(Default)]
pub struct Budget {
    begun: OnceCell<Instant>,
    failed: Cell<Option<&'static str>>,
    cut: RefCell<Vec<&'static str>>,
}

impl Budget {
    /// Takes note that this check has failed.
    pub fn has_failed(&self, check: &Check) {
        self.failed.set(self.failed.get().or(Some(check.id)));
    }

    /// The checks that were ended before they had found out.
    pub fn cut(&self) -> Vec<&'static str> {
        self.cut.borrow().clone()
    }

    /// Takes note that this check is not run because `need` was not, whatever the reason for that.
    pub fn is_not_run(&self, check: &Check, need: &str) {
        if self.cut().contains(&need) {
            self.cut.borrow_mut().push(check.id);
        }
    }

    /// What comes of a check, in a run that may take so long as a whole on an idle machine. How busy this one is, is measured
    /// only when that is over: it costs a moment.
    ///
    /// # Errors
    /// The id of the first check that failed, where the time was over before this one had found out.
    pub async fn within(
        &self,
        check: &Check,
        whole: Duration,
        mut outcome: LocalBoxFuture<'_, Outcome>,
    ) -> Result<Outcome, &'static str> {
        if check.id == COMPILES {
            // The first build of a program takes as long as it takes, and may wait for another cargo.
            let outcome = outcome.await;
            let _ = self.begun.set(Instant::now());
            return Ok(outcome);
        }
        let begun = self.begun.get().copied().unwrap_or_else(Instant::now);
        let mut limit = begun + whole;
        loop {
            tokio::select! {
                outcome = &mut outcome => return Ok(outcome),
                () = sleep_until(limit) => {}
            }
            let is_over = begun + whole.mul_f64(patience::measured()) <= Instant::now();
            if let (Some(cause), true) = (self.failed.get(), is_over) {
                self.cut.borrow_mut().push(check.id);
                return Err(cause);
            }
            limit = Instant::now() + LOOK;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use futures::future::{pending, ready};

    use super::*;
    use crate::list::CHECKS;

    fn check() -> &'static Check {
        CHECKS.iter().find(|check| check.id != COMPILES).unwrap()
    }

    const SHORT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn what_goes_on_for_ever_is_ended_once_something_has_failed() {
        let budget = Budget::default();
        let failing = async {
            tokio::time::sleep(SHORT * 2).await;
            budget.has_failed(check());
        };
        let endless = budget.within(check(), SHORT, pending().boxed_local());
        let (ended, ()) = tokio::join!(endless, failing);
        assert_eq!(ended.err(), Some(check().id));
        assert_eq!(budget.cut(), [check().id]);
    }

    #[tokio::test]
    async fn the_time_begins_after_the_build() {
        let budget = Budget::default();
        let compiles = CHECKS.iter().find(|check| check.id == COMPILES).unwrap();
        let files = ready(Ok(())).boxed_local();
        assert!(budget.within(check(), SHORT, files).await.is_ok());
        budget.has_failed(check());
        let build = tokio::time::sleep(SHORT * 3).map(Ok).boxed_local();
        assert!(budget.within(compiles, SHORT, build).await.is_ok());
        let next = tokio::time::sleep(SHORT / 2).map(Ok).boxed_local();
        assert!(budget.within(check(), SHORT, next).await.is_ok());
    }

    #[tokio::test]
    async fn what_has_an_end_of_its_own_is_waited_for_while_nothing_has_failed() {
        let budget = Budget::default();
        let late = async {
            tokio::time::sleep(SHORT * 3).await;
            Ok(())
        };
        let ended = budget.within(check(), SHORT, late.boxed_local()).await;
        assert!(matches!(ended, Ok(Ok(()))));
        assert!(budget.cut().is_empty());
    }
}
