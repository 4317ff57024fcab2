//! What came of all rounds: medians, the table that MEASURING.md shows, the ratios, and the same as JSON.

use serde_json::{Map, Value, json};

use crate::load::report::size;

/// Something that is read off a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Deliveries for each second of the server's processor time, while it has all that it can take.
    Saturated,
    /// The same, while one moves as a mouse does.
    EqualWork,
    /// The share of the deliveries that came, while a hundred move.
    Kept,
    /// Half of these came within so many milliseconds.
    P50,
    /// 99 of 100 of these came within so many milliseconds.
    P99,
    /// Memory for each user, in bytes.
    Memory,
    /// Answers with jQuery for each second of the server's processor time.
    Requests,
}

impl Figure {
    /// All, as the columns of the table.
    pub const ALL: [Figure; 7] = [
        Figure::Saturated,
        Figure::EqualWork,
        Figure::Kept,
        Figure::P50,
        Figure::P99,
        Figure::Memory,
        Figure::Requests,
    ];

    fn heading(self) -> &'static str {
        match self {
            Figure::Saturated => "saturated",
            Figure::EqualWork => "equal work",
            Figure::Kept => "100 movers: kept",
            Figure::P50 => "p50",
            Figure::P99 => "p99",
            Figure::Memory => "memory a user",
            Figure::Requests => "`/jquery.js`",
        }
    }

    /// Its name in JSON.
    fn id(self) -> &'static str {
        match self {
            Figure::Saturated => "saturated_a_cpu_second",
            Figure::EqualWork => "equal_work_a_cpu_second",
            Figure::Kept => "movers_kept",
            Figure::P50 => "movers_p50_ms",
            Figure::P99 => "movers_p99_ms",
            Figure::Memory => "memory_each_user",
            Figure::Requests => "jquery_a_cpu_second",
        }
    }

    fn text(self, value: f64) -> String {
        match self {
            Figure::Saturated | Figure::EqualWork | Figure::Requests => rate(value),
            // What is nearly all is not all.
            Figure::Kept if value < 1.0 => format!("{:.1} %", (1000.0 * value).floor() / 10.0),
            Figure::Kept => "all".into(),
            Figure::P50 | Figure::P99 => milliseconds(value),
            Figure::Memory if value < 9_950.0 => format!("{:.1} KB", value / 1e3),
            Figure::Memory => size(value),
        }
    }
}

/// A rate, to two or three digits: `1.26 M`, `145 k`.
fn rate(value: f64) -> String {
    match value {
        ..9_950.0 => format!("{:.1} k", value / 1e3),
        ..995_000.0 => format!("{:.0} k", value / 1e3),
        _ => format!("{:.2} M", value / 1e6),
    }
}

fn milliseconds(value: f64) -> String {
    match value {
        ..10.0 => format!("{value:.2} ms"),
        ..1000.0 => format!("{value:.0} ms"),
        _ => format!("{:.1} s", value / 1e3),
    }
}

/// What the rounds have read off one server.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Whether it is one of the workshop's.
    pub is_ours: bool,
    values: Vec<(Figure, f64)>,
}

impl Row {
    /// Nothing yet.
    pub fn new(name: &str, is_ours: bool) -> Row {
        Row {
            name: name.into(),
            is_ours,
            values: Vec::new(),
        }
    }

    /// Adds what a round has read off it.
    pub fn add(&mut self, values: impl IntoIterator<Item = (Figure, f64)>) {
        self.values.extend(values);
    }

    fn runs(&self, figure: Figure) -> Vec<f64> {
        let of_it = self.values.iter().filter(|(of, _)| *of == figure);
        of_it.map(|(_, value)| *value).collect()
    }

    /// The value in the middle, of two the lower one; `None` where nothing was read.
    pub fn median(&self, figure: Figure) -> Option<f64> {
        let mut runs = self.runs(figure);
        runs.sort_by(f64::total_cmp);
        runs.get(runs.len().saturating_sub(1) / 2).copied()
    }

    fn text(&self, figure: Figure) -> String {
        let median = self.median(figure);
        median.map_or("?".into(), |median| figure.text(median))
    }
}

/// The table, as Markdown that is as readable on a screen.
pub fn table(rows: &[Row]) -> String {
    let heads = Figure::ALL.map(Figure::heading);
    let head = ["server"].into_iter().chain(heads).map(str::to_owned);
    let mut lines: Vec<Vec<String>> = vec![head.collect()];
    for row in rows {
        let name = match row.is_ours {
            true => format!("**{}**", row.name),
            false => row.name.clone(),
        };
        let figures = Figure::ALL.iter().map(|figure| row.text(*figure));
        lines.push([name].into_iter().chain(figures).collect());
    }
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<usize> = (0..=heads.len()).filter_map(width).collect();
    let rule = widths
        .iter()
        .enumerate()
        .map(|(column, width)| match column {
            0 => "-".repeat(*width),
            _ => "-".repeat(width - 1) + ":",
        });
    lines.insert(1, rule.collect());
    let lines = lines.iter().map(|line| {
        let cells = line.iter().zip(&widths).enumerate();
        let cells: Vec<String> = cells
            .map(|(column, (text, width))| match column {
                0 => format!("{text:<width$}"),
                _ => format!("{text:>width$}"),
            })
            .collect();
        format!("| {} |\n", cells.join(" | "))
    });
    lines.collect()
}

/// One of ours, a peer, and so many times the peer's figures.
type Ratios<'a> = (&'a Row, &'a Row, Vec<(Figure, f64)>);

/// Each of ours beside each peer.
fn ratios(rows: &[Row]) -> Vec<Ratios<'_>> {
    const COMPARED: [Figure; 3] = [Figure::Saturated, Figure::EqualWork, Figure::P99];
    let mut ratios = Vec::new();
    for ours in rows.iter().filter(|row| row.is_ours) {
        for peer in rows.iter().filter(|row| !row.is_ours) {
            let ratio = |figure: &Figure| {
                let ratio = ours.median(*figure)? / peer.median(*figure)?;
                ratio.is_finite().then_some((*figure, ratio))
            };
            ratios.push((ours, peer, COMPARED.iter().filter_map(ratio).collect()));
        }
    }
    ratios
}

/// The ratios, a line for each of ours and each peer.
pub fn ratio_lines(rows: &[Row]) -> Vec<String> {
    let lines = ratios(rows).into_iter().map(|(ours, peer, ratios)| {
        let ratios: Vec<String> = ratios
            .iter()
            .map(|(figure, ratio)| match figure {
                Figure::Saturated => format!("{ratio:.1} times saturated"),
                Figure::EqualWork => format!("{ratio:.2} times at equal work"),
                _ if *ratio < 0.01 => "p99 less than a hundredth".into(),
                _ => format!("p99 {ratio:.2} times as long"),
            })
            .collect();
        format!("{} / {}: {}", ours.name, peer.name, ratios.join(", "))
    });
    lines.collect()
}

/// Each server with its medians and what they are the medians of, and the ratios.
pub fn json(rows: &[Row]) -> Value {
    let of = |value: &dyn Fn(Figure) -> Value| -> Map<String, Value> {
        let pair = |figure: Figure| (figure.id().to_owned(), value(figure));
        Figure::ALL.map(pair).into_iter().collect()
    };
    let servers: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "name": row.name,
                "ours": row.is_ours,
                "medians": of(&|figure| json!(row.median(figure))),
                "runs": of(&|figure| json!(row.runs(figure))),
            })
        })
        .collect();
    let ratios: Vec<Value> = ratios(rows)
        .into_iter()
        .map(|(ours, peer, ratios)| {
            let ratios = ratios
                .into_iter()
                .map(|(figure, ratio)| (figure.id().to_owned(), json!(ratio)));
            let ratios: Map<String, Value> = ratios.collect();
            json!({ "of": ours.name, "to": peer.name, "ratios": ratios })
        })
        .collect();
    json!({ "servers": servers, "ratios": ratios })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, is_ours: bool, values: &[(Figure, f64)]) -> Row {
        let mut row = Row::new(name, is_ours);
        row.add(values.iter().copied());
        row
    }

    fn rows() -> Vec<Row> {
        use Figure::*;
        vec![
            row(
                "ws",
                false,
                &[
                    (Saturated, 150e3),
                    (Saturated, 170e3),
                    (Saturated, 90e3),
                    (P99, 4.0),
                ],
            ),
            row(
                "10-spy",
                true,
                &[
                    (Saturated, 2.4e6),
                    (Kept, 0.99999),
                    (P99, 2.0),
                    (Memory, 6_400.0),
                ],
            ),
        ]
    }

    #[test]
    fn the_median_is_of_what_was_read() {
        let rows = rows();
        assert_eq!(rows[0].median(Figure::Saturated), Some(150e3));
        assert_eq!(rows[0].median(Figure::Memory), None);
    }

    #[test]
    fn the_table_is_markdown_in_columns() {
        let table = table(&rows());
        let widths: Vec<usize> = table.lines().map(|line| line.chars().count()).collect();
        assert!(
            widths.len() == 4 && widths.iter().all(|it| *it == widths[0]),
            "{table}"
        );
        assert!(
            table.contains(" 150 k |") && table.contains("| **10-spy** |"),
            "{table}"
        );
        // What is nearly all is not all.
        assert!(
            table.contains("99.9 %") && table.contains("6.4 KB"),
            "{table}"
        );
    }

    #[test]
    fn ours_are_compared_with_the_peers() {
        let rows = rows();
        assert_eq!(
            ratio_lines(&rows),
            ["10-spy / ws: 16.0 times saturated, p99 0.50 times as long"]
        );
        let json = json(&rows);
        assert_eq!(json["ratios"][0]["ratios"]["saturated_a_cpu_second"], 16.0);
        assert_eq!(
            json["servers"][0]["runs"]["saturated_a_cpu_second"],
            json!([150e3, 170e3, 90e3])
        );
        assert_eq!(
            json["servers"][0]["medians"]["memory_each_user"],
            Value::Null
        );
    }
}
