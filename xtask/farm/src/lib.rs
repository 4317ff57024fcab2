//! A farm on one machine: several endpoints of a step, NATS between them, and HAProxy before them.
//!
//! `cargo xtask farm` shows it and lets somebody break it, and the checks of step 17 do the same without a screen. It talks
//! to what a person would run, the real `nats-server` and the real HAProxy, and ends all that it has started.

pub mod part;

pub mod nats;

pub mod handshake;

pub mod eavesdropper;

pub mod balancer;

pub mod endpoint;

pub mod observer;

pub mod folder;

pub mod running;
