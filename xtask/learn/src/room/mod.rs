//! The room of a class, from a learner's side. Nothing here does anything before `cargo xtask join`.
//!
//! What there is to tell is written down first and sent when somebody answers: so a room that is away costs nothing but a
//! line, and hears all of it later.
//!
//! | file | what it knows |
//! | --- | --- |
//! | `member` | which room, and who the learner is there |
//! | `outbox` | what the room does not have yet |
//! | `line` | the connection, which comes back by itself |
//! | `said` | what the room says, in words |
//! | `tell` | the end of a command that has told it something |
//! | `told` | what of a check is told, and what of a failure is sent after a yes |

pub mod line;
pub mod member;
pub mod outbox;
pub mod said;
pub mod tell;
pub mod told;
