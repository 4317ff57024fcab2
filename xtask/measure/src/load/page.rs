//! The report as a page for a projector: one file that needs nothing else, and no script.

use super::clock::TICK;
use super::report::{self, Subject, asked, grouped, size, time};
use super::run::Measured;

/// The size of a diagram, in its own units.
const WIDTH: f64 = 1400.0;
const HEIGHT: f64 = 240.0;
/// Where its plane begins and ends.
const LEFT: f64 = 110.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 195.0;

/// The page.
pub fn html(subject: &Subject, measured: &Measured) -> String {
    let title = escaped(&subject.title);
    let latency = &measured.part.latency;
    let counts = &measured.part.counts;
    let facts = [
        ("users", grouped(counts.connected)),
        (
            "deliveries a second",
            grouped(measured.deliveries_a_second() as u64),
        ),
        ("lost", grouped(measured.lost())),
        ("half came within", time(latency.quantile(0.5))),
        ("99 of 100 within", time(latency.quantile(0.99))),
        (
            "of a core",
            measured.cpu.map_or("?".into(), |cpu| {
                format!("{:.0} %", 100.0 * cpu.as_secs_f64() / measured.seconds)
            }),
        ),
        (
            "memory for each user",
            measured.memory_each().map_or("?".into(), size),
        ),
    ];
    let facts: Vec<String> = facts
        .iter()
        .map(|(name, value)| format!("<div><dt>{name}</dt><dd>{value}</dd></div>"))
        .collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} under load</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>{title} <small>{}</small></h1>\n<p class=\"meaning\">{}</p>\n<dl>{}</dl>\n\
         <figure><figcaption>How long a move took to reach another user</figcaption>\n{}\n</figure>\n\
         <figure><figcaption>Deliveries a second, over time</figcaption>\n{}\n</figure>\n</body>\n</html>\n",
        escaped(&asked(&measured.asked)),
        escaped(&report::meaning(subject, measured)),
        facts.join("\n"),
        distribution(measured),
        over_time(measured),
    )
}

const STYLE: &str = "
:root { color-scheme: light dark; --paper: light-dark(#fbfaf7, #15171c); --ink: light-dark(#1b1d22, #eeede8);
  --quiet: light-dark(#5a5e68, #a5aab6); --line: light-dark(#dedbd2, #363b46); --accent: light-dark(#1d4ed8, #8ab4ff);
  --mark: light-dark(#b91c1c, #fca5a5); }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 3rem); max-width: 80rem; background: var(--paper);
  color: var(--ink); font: clamp(1rem, 0.8rem + 0.6vw, 1.375rem)/1.4 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.6em; }
h1 small { color: var(--quiet); font-size: 0.55em; font-weight: 400; }
.meaning { margin: 0.3em 0 0.6em; white-space: pre-line; }
dl { display: flex; flex-wrap: wrap; gap: 0.3em 2em; margin: 0; padding: 0.4em 0; border-block: 1px solid var(--line); }
dt { color: var(--quiet); font-size: 0.7em; }
dd { margin: 0; font-size: 1.3em; font-weight: 600; font-variant-numeric: tabular-nums; }
figure { margin: 0.6em 0 0; }
figcaption { font-weight: 600; }
svg { display: block; width: 100%; max-height: 30vh; font-size: 20px; }
.bar { fill: var(--accent); }
.grid { stroke: var(--line); }
.mark { stroke: var(--mark); stroke-width: 2; stroke-dasharray: 6 4; }
text { fill: var(--quiet); }
text.of-mark { fill: var(--mark); font-weight: 600; }
";

/// Text that is to be shown as it is.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

/// The latencies on a scale on which each step is so many times the one before: they go from microseconds to seconds.
fn distribution(measured: &Measured) -> String {
    /// Bars for each power of ten.
    const EACH: f64 = 8.0;
    let latency = &measured.part.latency;
    if latency.total() == 0 {
        return empty("Nothing arrived.");
    }
    // In powers of ten of a tick. Under a tick there is nothing to tell apart.
    let power = |ticks: u64| (ticks.max(1) as f64).log10();
    let last = power(latency.max()).floor() + 1.0;
    let mut bars = vec![0; (last * EACH) as usize];
    for (ticks, count) in latency.recorded() {
        let bar = ((power(ticks) * EACH) as usize).min(bars.len() - 1);
        bars[bar] += count;
    }
    let highest = bars.iter().copied().max().unwrap_or(1).max(1) as f64;
    let x = |power: f64| LEFT + (WIDTH - LEFT) * power / last;
    let mut svg = String::new();
    for tenth in 0..=last as u32 {
        let at = x(f64::from(tenth));
        let label = scale(10_u64.pow(tenth));
        svg += &vertical_line(at, "grid", &label, HEIGHT - 20.0, "text-anchor=\"middle\"");
    }
    for (bar, count) in bars.iter().enumerate() {
        let (from, to) = (x(bar as f64 / EACH), x((bar + 1) as f64 / EACH));
        svg += &rectangle(from, to, *count as f64 / highest);
    }
    for (share, name) in [(0.5, "p50"), (0.99, "p99")] {
        let ticks = latency.quantile(share);
        let label = format!("{name} {}", time(ticks));
        let place = match share < 0.9 {
            true => "class=\"of-mark\" text-anchor=\"end\" dx=\"-6\"",
            false => "class=\"of-mark\" dx=\"6\"",
        };
        svg += &vertical_line(x(power(ticks)), "mark", &label, TOP - 10.0, place);
    }
    svg += &format!(
        "<text x=\"0\" y=\"{}\">{:.0} %</text>",
        TOP + 14.0,
        100.0 * highest / latency.total() as f64
    );
    svg += &format!("<text x=\"0\" y=\"{BOTTOM}\">0 %</text>");
    diagram("The distribution of the latencies", &svg)
}

/// A time as a label of the scale, without digits that say nothing: `10 µs`, `1 ms`, `10 s`.
fn scale(ticks: u64) -> String {
    let us = ticks * TICK / 1_000;
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{} ms", us / 1_000),
        _ => format!("{} s", us / 1_000_000),
    }
}

fn over_time(measured: &Measured) -> String {
    let tenths = &measured.part.over_time;
    let highest = tenths.iter().copied().max().unwrap_or(0);
    if highest == 0 {
        return empty("Nothing arrived.");
    }
    // What comes a moment after the end needs no second of its own.
    let seconds = (measured.seconds - 0.1).ceil().max(1.0);
    let x = |second: f64| LEFT + (WIDTH - LEFT) * second / seconds;
    let mut svg = String::new();
    // Ten labels at most.
    let step = (seconds / 10.0).ceil().max(1.0);
    let mut second = 0.0;
    while second <= seconds {
        let label = format!("{second:.0} s");
        svg += &vertical_line(
            x(second),
            "grid",
            &label,
            HEIGHT - 20.0,
            "text-anchor=\"middle\"",
        );
        second += step;
    }
    for (tenth, count) in tenths.iter().enumerate() {
        let (from, to) = (x(tenth as f64 / 10.0), x((tenth + 1) as f64 / 10.0));
        svg += &rectangle(from, to, *count as f64 / highest as f64);
    }
    svg += &format!(
        "<text x=\"0\" y=\"{}\">{}</text>",
        TOP + 14.0,
        grouped(highest * 10)
    );
    svg += &format!("<text x=\"0\" y=\"{BOTTOM}\">0</text>");
    diagram("Deliveries a second, in tenths of a second", &svg)
}

fn rectangle(from: f64, to: f64, share: f64) -> String {
    let height = (BOTTOM - TOP) * share;
    format!(
        "<rect class=\"bar\" x=\"{from:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\"/>",
        BOTTOM - height,
        (to - from - 1.0).max(0.5)
    )
}

fn vertical_line(x: f64, class: &str, label: &str, y: f64, label_is: &str) -> String {
    format!(
        "<line class=\"{class}\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{BOTTOM}\"/>\
         <text x=\"{x:.1}\" y=\"{y}\" {label_is}>{}</text>",
        escaped(label)
    )
}

fn diagram(title: &str, inside: &str) -> String {
    // The last label stands half outside of the plane.
    format!(
        "<svg viewBox=\"0 0 {} {HEIGHT}\" role=\"img\"><title>{}</title>{inside}</svg>",
        WIDTH + 40.0,
        escaped(title)
    )
}

fn empty(why: &str) -> String {
    format!("<p>{why}</p>")
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::{all_well, yours};
    use super::*;

    #[test]
    fn the_page_needs_nothing_else_and_shows_what_it_is_given_as_text() {
        let subject = Subject {
            title: "127.0.0.1:80/<b>".into(),
            ..yours()
        };
        let page = html(&subject, &all_well());
        assert!(page.contains("127.0.0.1:80/&lt;b&gt;") && !page.contains("<b>"));
        for other in ["<script", "http://", "https://", "url("] {
            assert!(!page.contains(other), "{other}");
        }
        assert_eq!(page.matches("<svg").count(), 2);
        assert!(page.contains("p99 2.96 ms"));
    }

    #[test]
    fn there_is_a_page_of_nothing_too() {
        let nothing = Measured {
            part: super::super::part::Part::default(),
            ..all_well()
        };
        assert!(html(&yours(), &nothing).contains("Nothing arrived."));
    }
}
