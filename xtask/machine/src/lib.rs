//! What the machine gives: processes, builds, ports, time, and the programs that may be missing.

pub mod apt;
pub mod compile;
pub mod exit;
pub mod interrupt;
pub mod jquery;
pub mod limits;
pub mod npm;
pub mod patience;
pub mod prepared;
pub mod process;
pub mod saves;
pub mod serve;
pub mod system;
pub mod waiting;
