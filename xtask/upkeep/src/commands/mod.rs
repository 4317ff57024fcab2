//! The commands, a file each.

pub mod generate;
pub mod prepare;
pub mod test;
