//! What goes over a connection, seen by a client: requests, frames, positions, and the record of it.

pub mod client;
pub mod frame;
pub mod http;
pub mod position;
pub mod raw;
pub mod runs;
pub mod transcript;
pub mod upgrade;
