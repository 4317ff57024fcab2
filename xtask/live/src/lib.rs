//! The live coding: the stages of a walkthrough, and the commands that play them.

pub mod commands;
pub mod walk;
