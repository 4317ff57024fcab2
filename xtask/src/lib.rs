//! The workshop's tool: everything behind `cargo xtask`, as a library so that `tests/` can hold it to its promises.

pub mod commands;

pub mod exit;

pub mod interrupt;

pub mod show;

pub mod progress;

pub mod begun;

pub mod last;

pub mod again;

pub mod record;

pub mod keep;

pub mod copy;

pub mod step;

pub mod newest;

pub mod cut;

pub mod code;

pub mod learner;

pub mod tasks;

pub mod hints;

pub mod beside;

pub mod carry;

pub mod walk;

pub mod load;

pub mod attack;

pub mod autobahn;

pub mod farm;

pub mod compile;

pub mod compiler;

pub mod derived;

pub mod saves;

pub mod terminal;

pub mod checks;

pub mod patience;

pub mod npm;

pub mod jquery;

pub mod open;

pub mod picture;

pub mod process;

pub mod browser;

pub mod apt;

pub mod system;
