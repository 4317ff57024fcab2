//! The commands, a file each.

pub mod check;
pub mod check_all;
pub mod diff;
pub mod doctor;
pub mod hint;
pub mod refused;
pub mod save_as;
pub mod watch;
pub mod windows;
