//! What a generator has seen so far, and the sum of what all have seen.

use serde_json::{Map, Value, json};

use super::histogram::Histogram;

/// How far a generator is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It connects its users.
    #[default]
    Connecting,
    /// Each user is connected or refused.
    Ready,
    /// Its users move.
    Moving,
    /// All their moves are sent.
    Sent,
    /// It was told to stop, and this is its last word.
    Over,
}

const PHASES: [Phase; 5] = [
    Phase::Connecting,
    Phase::Ready,
    Phase::Moving,
    Phase::Sent,
    Phase::Over,
];

/// What one generator has seen, or several together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    /// How far it is; of several, the one that is least far.
    pub phase: Phase,
    /// What is counted.
    pub counts: Counts,
    /// Why the first user was refused, in words.
    pub refusal: Option<String>,
    /// How long connecting took, in nanoseconds; of several, the longest.
    pub connecting: u64,
    /// When the last delivery came, in ticks after the start.
    pub last: u64,
    /// The most processor time of one generator, in nanoseconds.
    pub busiest: u64,
    /// From the sending of a move to its arrival, in ticks.
    pub latency: Histogram,
    /// How much later than due a move was sent, in ticks: the generator's own doing.
    pub lag: Histogram,
    /// The deliveries of each tenth of a second since the start.
    pub over_time: Vec<u64>,
}

/// Plain numbers, of which the sum is what all generators have seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Users that were connected.
    pub connected: u64,
    /// Users that were not.
    pub refused: u64,
    /// Connections that ended before the run did.
    pub ended: u64,
    /// Moves that were sent.
    pub sent: u64,
    /// Moves that reached a user who had not heard them, sender excluded.
    pub received: u64,
    /// Of these, how many came after a later move of the same mover.
    pub late: u64,
    /// Deliveries of what the user had heard already.
    pub twice: u64,
    /// Deliveries to the user who had sent it.
    pub echoed: u64,
    /// Frames that carry no move of ours.
    pub other: u64,
    /// Deliveries that were parsed in full, to verify the count.
    pub sampled: u64,
    /// Of these, how many the cheap look had read otherwise.
    pub misread: u64,
    /// The bytes of all deliveries, as they came through the connection.
    pub bytes: u64,
    /// The generators' processor time since the start, in nanoseconds.
    pub cpu: u64,
}

impl Counts {
    /// Each number with its name.
    fn fields(&mut self) -> [(&'static str, &mut u64); 13] {
        [
            ("connected", &mut self.connected),
            ("refused", &mut self.refused),
            ("ended", &mut self.ended),
            ("sent", &mut self.sent),
            ("received", &mut self.received),
            ("late", &mut self.late),
            ("twice", &mut self.twice),
            ("echoed", &mut self.echoed),
            ("other", &mut self.other),
            ("sampled", &mut self.sampled),
            ("misread", &mut self.misread),
            ("bytes", &mut self.bytes),
            ("cpu", &mut self.cpu),
        ]
    }

    fn add(&mut self, mut other: Counts) {
        for ((_, sum), (_, more)) in self.fields().into_iter().zip(other.fields()) {
            *sum += *more;
        }
    }
}

impl Part {
    /// What several generators have seen together.
    pub fn sum<'a>(parts: impl IntoIterator<Item = &'a Part>) -> Part {
        let mut parts = parts.into_iter();
        let mut sum = parts.next().cloned().unwrap_or_default();
        parts.for_each(|part| sum.add(part));
        sum
    }

    fn add(&mut self, other: &Part) {
        self.phase = self.phase.min(other.phase);
        self.counts.add(other.counts);
        self.refusal = self.refusal.take().or_else(|| other.refusal.clone());
        self.connecting = self.connecting.max(other.connecting);
        self.last = self.last.max(other.last);
        self.busiest = self.busiest.max(other.busiest);
        self.latency.merge(&other.latency);
        self.lag.merge(&other.lag);
        if self.over_time.len() < other.over_time.len() {
            self.over_time.resize(other.over_time.len(), 0);
        }
        for (sum, more) in self.over_time.iter_mut().zip(&other.over_time) {
            *sum += more;
        }
    }

    /// As JSON, for the process that started the generator.
    pub fn json(&self) -> Value {
        let mut counts = self.counts;
        let counts: Map<String, Value> = counts
            .fields()
            .map(|(name, value)| (name.to_owned(), json!(*value)))
            .into_iter()
            .collect();
        json!({
            "phase": self.phase as u8,
            "counts": counts,
            "refusal": self.refusal,
            "connecting": self.connecting,
            "last": self.last,
            "busiest": self.busiest,
            "latency": self.latency.json(),
            "lag": self.lag.json(),
            "over_time": self.over_time,
        })
    }

    /// From [`Part::json`]; `None` where it is no such thing.
    pub fn from_json(json: &Value) -> Option<Part> {
        let mut counts = Counts::default();
        for (name, value) in counts.fields() {
            *value = json["counts"][name].as_u64()?;
        }
        let over_time = json["over_time"].as_array()?;
        Some(Part {
            phase: *PHASES.get(json["phase"].as_u64()? as usize)?,
            counts,
            refusal: json["refusal"].as_str().map(str::to_owned),
            connecting: json["connecting"].as_u64()?,
            last: json["last"].as_u64()?,
            busiest: json["busiest"].as_u64()?,
            latency: Histogram::from_json(&json["latency"]),
            lag: Histogram::from_json(&json["lag"]),
            over_time: over_time.iter().filter_map(Value::as_u64).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_comes_through_a_pipe_as_it_was() {
        let mut part = Part {
            phase: Phase::Sent,
            refusal: Some("no".into()),
            connecting: 5,
            over_time: vec![0, 3],
            ..Part::default()
        };
        part.latency.record(12);
        for (at, (_, value)) in part.counts.fields().into_iter().enumerate() {
            *value = at as u64 + 1;
        }
        assert_eq!(Part::from_json(&part.json()), Some(part));
        assert_eq!(Part::from_json(&json!({"phase": 9})), None);
    }

    #[test]
    fn a_sum_is_as_far_as_its_slowest_part() {
        let part = |phase, received, over_time: &[u64]| Part {
            phase,
            counts: Counts {
                received,
                ..Counts::default()
            },
            over_time: over_time.to_vec(),
            ..Part::default()
        };
        let parts = [
            part(Phase::Sent, 2, &[1, 1]),
            part(Phase::Moving, 3, &[0, 2, 1]),
        ];
        assert_eq!(Part::sum(&parts), part(Phase::Moving, 5, &[1, 3, 1]));
    }
}
