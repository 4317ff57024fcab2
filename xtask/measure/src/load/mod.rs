//! How many users a server holds, measured: real WebSocket connections, and moves that tell by themselves what became of
//! them.
//!
//! A move carries who sent it, as which of theirs, and when. So every delivery tells by itself whether it is the next one,
//! and how long it took; whoever reads it needs to know nothing of who sent it, which may be another process. The one at the
//! terminal (`run`) starts the server (`server`) and as many generators (`generator`) as the load needs (`crew`), tells them
//! when to start, and adds up what they report (`part`).

pub mod clock;
pub mod crew;
pub mod generator;
pub mod histogram;
pub mod job;
pub mod limits;
pub mod moves;
pub mod page;
pub mod part;
pub mod plan;
pub mod pool;
pub mod progress;
pub mod ramp;
pub mod report;
pub mod run;
pub mod server;
pub mod tally;
pub mod wire;
