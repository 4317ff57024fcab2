//! The limits of a server in the open: who is let in, how much and how fast, for how long, and how it ends.

pub(crate) mod admission;
pub(crate) mod closing;
pub(crate) mod files;
pub(crate) mod idle;
pub(crate) mod limits;
pub(crate) mod rate;
pub(crate) mod requests;
pub(crate) mod slow_readers;
