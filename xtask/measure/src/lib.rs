//! How far a server goes: under load, under attack, beside others, as a farm.

pub mod attack;
pub mod commands;
pub mod load;
