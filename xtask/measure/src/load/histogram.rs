//! How often each latency occurred, to as many digits as the report shows.

use serde_json::{Value, json};

/// The digits that count: a value is known to a part in a thousand.
const DIGITS: u8 = 3;

/// Counts of values, which can be sent to another process.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram(hdrhistogram::Histogram<u64>);

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram(hdrhistogram::Histogram::new(DIGITS).expect("up to five digits may count"))
    }
}

impl Histogram {
    /// Counts a value once.
    pub fn record(&mut self, value: u64) {
        self.add(value, 1);
    }

    fn add(&mut self, value: u64, count: u64) {
        let recorded = self.0.record_n(value, count);
        recorded.expect("it grows with the values");
    }

    /// Adds what another one has counted.
    pub fn merge(&mut self, other: &Histogram) {
        self.0 += &other.0;
    }

    /// How many values were counted.
    pub fn total(&self) -> u64 {
        self.0.len()
    }

    /// The greatest value; 0 where nothing was counted.
    pub fn max(&self) -> u64 {
        self.0.max()
    }

    /// The value that this share of all values, from 0 to 1, does not exceed; 0 where nothing was counted.
    pub fn quantile(&self, share: f64) -> u64 {
        self.0.value_at_quantile(share)
    }

    /// Each value that was counted, and how often.
    pub fn recorded(&self) -> impl Iterator<Item = (u64, u64)> {
        let recorded = self.0.iter_recorded();
        recorded.map(|it| (it.value_iterated_to(), it.count_at_value()))
    }

    /// As JSON, for another process.
    pub fn json(&self) -> Value {
        json!(self.recorded().collect::<Vec<(u64, u64)>>())
    }

    /// From [`Histogram::json`]; what is not of its form counts nothing.
    pub fn from_json(json: &Value) -> Histogram {
        let mut histogram = Histogram::default();
        for entry in json.as_array().into_iter().flatten() {
            if let (Some(value), Some(count)) = (entry[0].as_u64(), entry[1].as_u64()) {
                histogram.add(value, count);
            }
        }
        histogram
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_counted_is_nothing_said() {
        let nothing = Histogram::default();
        let said = [nothing.quantile(0.5), nothing.max(), nothing.total()];
        assert_eq!(said, [0, 0, 0]);
        assert_eq!(Histogram::from_json(&nothing.json()), nothing);
    }

    #[test]
    fn quantiles_are_those_of_what_was_recorded_to_three_digits() {
        let mut histogram = Histogram::default();
        (1..=100).for_each(|value| histogram.record(value * 1_000));
        for (share, value) in [(0.5, 50_000), (0.9, 90_000), (0.99, 99_000), (1.0, 100_000)] {
            let said = histogram.quantile(share);
            assert!(
                (value..=value + value / 1_000).contains(&said),
                "{share}: {said}"
            );
        }
        assert_eq!(histogram.max(), histogram.quantile(1.0));
    }

    #[test]
    fn what_two_processes_counted_is_what_one_would_have() {
        let mut one = Histogram::default();
        let mut two = [Histogram::default(), Histogram::default()];
        for value in 0..3_000_u64 {
            one.record(value * value);
            two[usize::from(value % 3 == 0)].record(value * value);
        }
        let mut merged = Histogram::from_json(&two[0].json());
        merged.merge(&Histogram::from_json(&two[1].json()));
        assert_eq!(merged, one);
    }
}
