//! How much longer than on an idle machine everything may take.
//!
//! Only a wrong program waits for a deadline, so generosity costs a right one nothing.

use std::time::{Duration, Instant};

/// The factor that the variable `WORKSHOP_PATIENCE` asks for; 1 where it does not.
pub fn asked() -> f64 {
    let factor = std::env::var("WORKSHOP_PATIENCE").ok();
    let factor = factor.and_then(|text| text.trim().parse::<f64>().ok());
    factor
        .filter(|factor| *factor > 0.0)
        .unwrap_or(1.0)
        .clamp(0.1, 1000.0)
}

/// What was asked for, times how much longer a little work takes here and now than on an idle machine.
pub fn measured() -> f64 {
    /// What the work below takes on an idle machine of 2026, in a debug build.
    const IDLE: Duration = Duration::from_millis(4);
    let started = Instant::now();
    let mut work = 1_u64;
    for i in 0..200_000_u64 {
        work = std::hint::black_box(work.rotate_left(5) ^ i);
    }
    let slower = started.elapsed().as_secs_f64() / IDLE.as_secs_f64();
    asked() * slower.clamp(1.0, 5.0)
}
