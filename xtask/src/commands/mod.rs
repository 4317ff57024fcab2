//! The commands that run here, a file each.

pub mod build;

pub mod list;

pub mod reset;

pub mod restart;

pub mod run;

pub mod status;
