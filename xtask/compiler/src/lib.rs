//! The compiler's errors, in the learner's terms: what cargo's JSON says of a program that does not compile, made into a
//! cause with the learner's names, one thing to do next, and a quote that can be read.
//!
//! A message goes from top to bottom: [`message`] is its structure, [`order`] finds the error that is no echo, `causes`
//! looks for what it proves, and [`quote`] shows the lines. [`prose`] has every sentence of the compiler's that this rests
//! on, [`kinds`] what is said of a kind of mistake, whoever makes it.

pub mod message;

pub mod order;

pub mod source;

mod causes;

pub mod kinds;

pub mod prose;

mod chain;

pub mod nearest;

pub mod types;

pub mod quote;

pub mod fitting;

mod refusal;

pub mod told;

pub mod built;

pub mod warning;

pub use kinds::Kind;
pub use message::Message;
pub use refusal::{Reading, Refusal};
pub use warning::Warning;
