//! The workshop's tool: everything behind `cargo xtask`, as a library so that `tests/` can hold it to its promises.

pub mod browser;
pub mod process;
