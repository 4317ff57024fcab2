//! The silence of a browser: after how much of it do we ask, and when do we give up? Explained in step 12.

use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::settings::SETTINGS;

/// How long a browser has been silent.
pub struct Silence {
    clock: Interval,
    /// Whether a ping is unanswered.
    is_asked: bool,
}

impl Silence {
    /// A silence that begins now.
    pub fn new() -> Silence {
        let mut clock = interval(SETTINGS.ping_every);
        clock.reset();
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Silence {
            clock,
            is_asked: false,
        }
    }

    /// Something has come. Whatever it is, it is a sign of life.
    pub fn heard(&mut self) {
        self.clock.reset();
        self.is_asked = false;
    }

    /// Waits until it has been silent for too long. The first time it is to be asked, so this returns true. If there is no
    /// answer by the second time, nobody is there.
    pub async fn is_to_be_asked(&mut self) -> bool {
        self.clock.tick().await;
        !std::mem::replace(&mut self.is_asked, true)
    }
}
