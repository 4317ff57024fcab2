//! The room's clock: every time in the log and on the pages is one of it, in milliseconds since 1970.

use std::time::{SystemTime, UNIX_EPOCH};

/// Now.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX))
}

/// A time as a program and a person read it: `2026-11-28T19:05:24Z`.
pub fn iso(time: u64) -> String {
    let seconds = time / 1000;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The date of a day, counted from 1970: in years that begin in March, so that the day that comes every four years is the last.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (month_of_year, of_next) = match month {
        0..=9 => (month + 3, 0),
        _ => (month - 9, 1),
    };
    let day = day - (153 * month + 2) / 5 + 1;
    (era * 400 + year + of_next, month_of_year, day)
}

#[cfg(test)]
mod tests {
    use super::iso;

    #[test]
    fn a_time_is_a_date() {
        for (time, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_795_893_924_123, "2026-11-28T19:25:24Z"),
            (4_107_542_399_000, "2100-02-28T23:59:59Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(iso(time), text);
        }
    }
}
