//! Runs: entries of a transcript that come again and again, alike but for their numbers. One is told for all of them, with
//! their count, so that what differs is not lost among them.

use std::collections::BTreeSet;
use std::ops::Range;

/// So many alike are a run: two are as quickly read as told.
const FEWEST: usize = 3;
/// So many entries may take turns: a question, its answer, and what else comes of it.
const LONGEST_TURN: usize = 4;

/// Some entries that come so many times, in turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Where they begin.
    pub start: usize,
    /// How many take turns.
    pub turn: usize,
    /// How often they come.
    pub times: usize,
}

impl Run {
    /// How often, in words: where several take turns, that they do.
    pub fn count(&self) -> String {
        match self.turn {
            1 => format!("× {}", self.times),
            _ => format!("× {}, in turn", self.times),
        }
    }

    /// All of its entries.
    pub fn entries(&self) -> Range<usize> {
        self.start..self.start + self.turn * self.times
    }

    /// The first and the last of those that have this place in the turn.
    pub fn ends(&self, place: usize) -> (usize, usize) {
        let first = self.start + place;
        (first, first + (self.times - 1) * self.turn)
    }
}

/// All entries in order, as runs; one that is like none beside it is a run of its own. No run goes on across a border, which
/// stands before the entry of its number.
pub fn runs(shapes: &[String], borders: &BTreeSet<usize>) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut start = 0;
    while start < shapes.len() {
        let border = borders.range(start + 1..).next();
        let end = border.map_or(shapes.len(), |border| (*border).min(shapes.len()));
        let run = longest(&shapes[start..end], start);
        start = run.entries().end;
        runs.push(run);
    }
    runs
}

/// The longest run at the start of these; of two that are as long, the one of the shorter turn.
fn longest(shapes: &[String], start: usize) -> Run {
    let alone = Run {
        start,
        turn: 1,
        times: 1,
    };
    let of_turn = |turn: usize| {
        let mut times = 1;
        let next = |times: usize| shapes.get(times * turn..(times + 1) * turn);
        while next(times).is_some_and(|next| next == &shapes[..turn]) {
            times += 1;
        }
        Run { start, turn, times }
    };
    let turns = (1..=LONGEST_TURN.min(shapes.len())).map(of_turn);
    let runs = turns.filter(|run| run.times >= FEWEST);
    // The last of those that are as long is taken, so the shortest turn comes last.
    let runs: Vec<Run> = runs.collect();
    let longest = runs.into_iter().rev().max_by_key(|run| run.entries().len());
    longest.unwrap_or(alone)
}

/// The text with every number in it left out: what is alike but for its numbers has the same shape.
pub fn shape(text: &str) -> String {
    let mut shape = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter.is_ascii_digit() {
            true if shape.ends_with('#') => {}
            true => shape.push('#'),
            false => shape.push(letter),
        }
    }
    shape.replace("#.#", "#").replace("-#", "#")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the runs of these letters are: where, how many in turn, how often.
    fn of(shapes: &str, borders: &[usize]) -> Vec<(usize, usize, usize)> {
        let shapes: Vec<String> = shapes.chars().map(String::from).collect();
        let borders = borders.iter().copied().collect();
        let runs = runs(&shapes, &borders);
        runs.iter()
            .map(|run| (run.start, run.turn, run.times))
            .collect()
    }

    #[test]
    fn alike_ones_are_one_run() {
        assert_eq!(of("", &[]), []);
        assert_eq!(of("aab", &[]), [(0, 1, 1), (1, 1, 1), (2, 1, 1)]);
        assert_eq!(of("baaaa", &[]), [(0, 1, 1), (1, 1, 4)]);
    }

    #[test]
    fn turns_are_found() {
        assert_eq!(of("abababc", &[]), [(0, 2, 3), (6, 1, 1)]);
        assert_eq!(of("abcabcabc", &[]), [(0, 3, 3)]);
        assert_eq!(of("aaaaaa", &[]), [(0, 1, 6)]);
        assert_eq!(of("xababab", &[]), [(0, 1, 1), (1, 2, 3)]);
    }

    #[test]
    fn no_run_crosses_a_border() {
        assert_eq!(of("aaaaaaa", &[3, 4]), [(0, 1, 3), (3, 1, 1), (4, 1, 3)]);
        assert_eq!(of("aaa", &[0, 3, 9]), [(0, 1, 3)]);
    }

    #[test]
    fn the_ends_of_a_place() {
        let run = Run {
            start: 2,
            turn: 2,
            times: 3,
        };
        assert_eq!(run.entries(), 2..8);
        assert_eq!((run.ends(0), run.ends(1)), ((2, 6), (3, 7)));
    }

    #[test]
    fn numbers_make_no_other_shape() {
        assert_eq!(shape(r#"["spy",12,-3.5]"#), shape(r#"["spy",-7,10]"#));
        assert_ne!(shape(r#"["spy",12]"#), shape(r#"["spy",null]"#));
    }
}
