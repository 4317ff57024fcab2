//! The workshop's own upkeep: its tests, its starters, and what is missing on a machine.

pub mod autobahn;
pub mod commands;
