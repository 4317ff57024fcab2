//! The commands, a file each.

pub mod catch_up;
pub mod present;
pub mod resume;
pub mod walk;
