//! How often each latency occurred, to a precision of one percent, in a few kilobytes.

use serde_json::{Value, json};

/// Values under this are counted one by one; above it, each power of two has as many buckets as this has halves.
const EXACT: u64 = 256;

/// Counts of values, in buckets that grow with the value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

impl Histogram {
    /// Counts a value once.
    pub fn record(&mut self, value: u64) {
        self.add(bucket(value), 1);
        self.max = self.max.max(value);
    }

    /// Adds what another one has counted.
    pub fn merge(&mut self, other: &Histogram) {
        for (bucket, count) in other.counts.iter().enumerate() {
            if *count > 0 {
                self.add(bucket, *count);
            }
        }
        self.max = self.max.max(other.max);
    }

    fn add(&mut self, bucket: usize, count: u64) {
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += count;
        self.total += count;
    }

    /// How many values were counted.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The greatest value, exactly.
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The value that this share of all values, from 0 to 1, does not exceed; 0 where nothing was counted.
    pub fn quantile(&self, share: f64) -> u64 {
        let rank = ((self.total as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return highest(bucket).min(self.max);
            }
        }
        self.max
    }

    /// The highest value of each bucket that is not empty, and how many values are in it.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> {
        let buckets = self.counts.iter().enumerate();
        let full = buckets.filter(|(_, count)| **count > 0);
        full.map(|(bucket, count)| (highest(bucket), *count))
    }

    /// As JSON, for another process.
    pub fn json(&self) -> Value {
        let buckets: Vec<(u64, u64)> = self.buckets().collect();
        json!({ "buckets": buckets, "max": self.max })
    }

    /// From [`Histogram::json`]; what is not of its form counts nothing.
    pub fn from_json(json: &Value) -> Histogram {
        let mut histogram = Histogram::default();
        for entry in json["buckets"].as_array().into_iter().flatten() {
            if let (Some(value), Some(count)) = (entry[0].as_u64(), entry[1].as_u64()) {
                histogram.add(bucket(value), count);
            }
        }
        histogram.max = json["max"].as_u64().unwrap_or(0);
        histogram
    }
}

/// The bucket that counts a value.
fn bucket(value: u64) -> usize {
    let doublings = (value / EXACT).checked_ilog2().map_or(0, |log| log + 1);
    // After so many halvings the value lies in the upper half of the exact ones.
    (u64::from(doublings) * (EXACT / 2) + (value >> doublings)) as usize
}

/// The highest value that a bucket counts.
fn highest(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < EXACT {
        return bucket;
    }
    let doublings = bucket / (EXACT / 2) - 1;
    let value = bucket - doublings * (EXACT / 2);
    (value << doublings) + (1 << doublings) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_known_by_its_highest_value_to_one_percent() {
        for value in (0..5_000).chain([65_535, 65_536, 1_000_000, 123_456_789]) {
            let highest = highest(bucket(value));
            assert_eq!(bucket(highest), bucket(value));
            assert!(highest >= value, "{value} in a bucket up to {highest}");
            assert!((highest - value) * 100 <= value, "{value}: {highest}");
        }
    }

    #[test]
    fn quantiles_are_those_of_what_was_recorded() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.5), 0);
        (1..=100).for_each(|value| histogram.record(value));
        let quantiles = [0.5, 0.9, 0.99, 1.0].map(|share| histogram.quantile(share));
        assert_eq!(quantiles, [50, 90, 99, 100]);
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
