//! The commands, a file each.

pub mod check;
pub mod check_all;
pub mod diff;
pub mod doctor;
pub mod help_me;
pub mod hint;
pub mod join;
pub mod refused;
pub mod save_as;
pub mod watch;
pub mod windows;
