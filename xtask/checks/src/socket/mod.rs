//! What one client hears over its WebSocket: the upgrade, echoes, events, pings and the close.

pub(crate) mod connect;
pub(crate) mod echo;
pub(crate) mod events;
pub(crate) mod malformed;
pub(crate) mod ping_and_close;
