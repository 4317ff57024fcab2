//! What clients hear of one another: who is here, what is said, where the mouse is, and in which order.

pub(crate) mod online;
pub(crate) mod order;
pub(crate) mod relay;
pub(crate) mod say;
