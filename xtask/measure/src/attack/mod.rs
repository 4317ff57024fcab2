//! The attacks that a server in the open meets, as a show: what each does, what the server does about it, and what the other
//! users notice.
//!
//! Beside each attack a few honest users go on moving ([`users`]), on a thread of their own, and what reaches them is
//! measured as `load` measures it. The stage ([`stage`]) brings the two together; the attacks themselves are in [`kinds`], and
//! speak the protocol by hand ([`raw`]), for a library would not let them say what they have to say. None of it is a check:
//! what is right, `check` says.

pub mod fuzz;
pub mod kinds;
pub mod raw;
pub mod report;
pub mod settings;
pub mod sheet;
pub mod stage;
pub mod users;

use std::time::Duration;

use farm::handshake;
use machine::patience;
use settings::Settings;
use wire::position::Up;

use crate::load::server::Place;

/// What is attacked.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where it is.
    pub place: Place,
    /// The step whose server it is, as far as we know.
    pub step: u32,
    /// How it takes a move, if it does.
    pub up: Option<Up>,
    /// The limits that it was started with.
    pub settings: Settings,
    /// Where its backplane is, if it has one of ours.
    pub backplane: Option<handshake::Place>,
}

impl Target {
    /// A little more time than this, for a machine that has other things to do: before it is over, nothing has gone wrong.
    pub fn a_little_more_than(&self, seconds: u32) -> Duration {
        Duration::from_secs(u64::from(seconds))
            + Duration::from_millis(1500).mul_f64(patience::asked())
    }
}

/// How long a single answer is waited for, and so how soon a server has to be done with something.
fn soon() -> Duration {
    Duration::from_secs(2).mul_f64(patience::asked())
}

/// An attack.
#[derive(Debug)]
pub struct Attack {
    /// The word that names it.
    pub name: &'static str,
    /// What it does, in a line.
    pub does: &'static str,
    /// What stands against it, as steps 11 to 13 teach it.
    pub guard: &'static str,
    /// The first step whose server has what it needs.
    pub from: u32,
    /// Which of the [`kinds`] it is.
    kind: kinds::Kind,
}

/// What the server did about an attack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saw {
    /// Whether the attack came to nothing.
    pub is_held: bool,
    /// What the server did, in words.
    pub text: String,
}

impl Saw {
    fn held(text: impl Into<String>) -> Saw {
        Saw {
            is_held: true,
            text: text.into(),
        }
    }

    fn through(text: impl Into<String>) -> Saw {
        Saw {
            is_held: false,
            text: text.into(),
        }
    }

    fn of(is_held: bool, text: impl Into<String>) -> Saw {
        match is_held {
            true => Saw::held(text),
            false => Saw::through(text),
        }
    }
}
