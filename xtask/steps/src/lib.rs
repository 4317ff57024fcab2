//! What a step is: its files and marks, what a learner has made of them, and what is remembered of that.

pub mod begun;
pub mod code;
pub mod copy;
pub mod cut;
pub mod derived;
pub mod keep;
pub mod learner;
pub mod newest;
pub mod presented;
pub mod progress;
pub mod record;
pub mod sources;
pub mod stages;
pub mod starter;
pub mod step;
pub mod tasks;
