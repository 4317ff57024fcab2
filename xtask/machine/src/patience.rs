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
///
/// The work is the standard library's own, which is optimized in every profile: it takes as long in a tool that is built
/// for debugging as in one that is not.
pub fn measured() -> f64 {
    /// What the work below takes on an idle machine of 2026.
    const IDLE: Duration = Duration::from_millis(4);
    /// How often the text below is read through.
    const TIMES: usize = 2000;
    let text = "é".repeat(2048);
    let started = Instant::now();
    for _ in 0..TIMES {
        let _ = std::hint::black_box(std::str::from_utf8(std::hint::black_box(text.as_bytes())));
    }
    let slower = started.elapsed().as_secs_f64() / IDLE.as_secs_f64();
    asked() * slower.clamp(1.0, 5.0)
}
