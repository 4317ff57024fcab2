//! The commands, a file each.

pub mod attack;
pub mod bench;
pub mod farm;
pub mod load;
