//! What was planned for each stage, and what it took: so the plan gets better.

use serde_json::{Value, json};
use steps::presented;

use super::{Walkthrough, minutes_and_seconds};
use std::time::Duration;

/// What the stages of a step took, each time that it was presented.
pub struct Times {
    /// The newest time first: the seconds of each stage.
    runs: Vec<Vec<u64>>,
}

impl Times {
    /// So many earlier times are kept.
    pub const KEPT: usize = 20;

    /// What is remembered of a step; nothing where it was never presented.
    pub fn of(walk: &Walkthrough) -> Times {
        let all = presented::read();
        let runs = Times::runs(&all["steps"][walk.step.name()]);
        let seconds = |run: &Value| {
            let seconds = run.as_array().into_iter().flatten();
            seconds
                .map(|it| it.as_f64().unwrap_or(0.0) as u64)
                .collect()
        };
        Times {
            runs: runs.iter().map(seconds).collect(),
        }
    }

    /// The times in what is remembered, the newest first. One that nobody has begun is none.
    pub(super) fn runs(of_step: &Value) -> Vec<Value> {
        let newest = &of_step["clock"];
        let newest = (newest["has_started"] == true).then(|| newest["took"].clone());
        let earlier = of_step["earlier"].as_array().into_iter().flatten().cloned();
        newest.into_iter().chain(earlier).collect()
    }

    /// Whether it was ever presented.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// A stage a line: planned, what it took last, how much that is over, and the mean of all times. It is 60 columns wide.
    pub fn table(&self, walk: &Walkthrough) -> String {
        let time = |seconds: u64| minutes_and_seconds(Duration::from_secs(seconds));
        let mut lines = vec![format!(
            "  stage  planned  real  over   mean of {}",
            self.runs.len()
        )];
        let rows = walk.stages.iter().map(|stage| {
            let planned = u64::from(stage.minutes) * 60;
            (
                stage.number.to_string(),
                planned,
                stage.number - 1..stage.number,
            )
        });
        let all = 0..walk.stages.len();
        let sum = ("sum".to_owned(), u64::from(walk.minutes()) * 60, all);
        for (name, planned, stages) in rows.chain([sum]) {
            let of = |run: &Vec<u64>| {
                run.get(stages.clone())
                    .map_or(0, |it| it.iter().sum::<u64>())
            };
            let real = self.runs.first().map_or(0, of);
            let over = match real.checked_sub(planned).filter(|over| *over > 0) {
                Some(over) => time(over),
                None => "-".to_owned(),
            };
            let mean = self.runs.iter().map(of).sum::<u64>() / self.runs.len().max(1) as u64;
            let (planned, real, mean) = (time(planned), time(real), time(mean));
            lines.push(format!(
                "  {name:<5}  {planned:>7} {real:>5} {over:>5}   {mean:>5}"
            ));
        }
        lines.join("\n")
    }

    /// The same as JSON, in seconds, with all that was measured.
    pub fn json(&self, walk: &Walkthrough) -> Value {
        let stage = |stage: &super::Stage| {
            let of = |run: &Vec<u64>| run.get(stage.number - 1).copied().unwrap_or(0);
            json!({
                "stage": stage.number,
                "title": stage.title,
                "planned": stage.minutes * 60,
                "took": self.runs.iter().map(of).collect::<Vec<_>>(),
            })
        };
        let stages: Vec<Value> = walk.stages.iter().map(stage).collect();
        json!({ "step": walk.step.number, "name": walk.step.name(), "stages": stages })
    }
}
