//! What a learner is told: checks, hints, differences.

pub mod beside;
pub mod carry;
pub mod checked;
pub mod commands;
pub mod hints;
pub mod room;
