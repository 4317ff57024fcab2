//! What a run has measured, on one screen, and as JSON.

use owo_colors::OwoColorize;
use serde_json::{Value, json};

use super::clock::TICK;
use super::generator::SAMPLE;
use super::job::Asked;
use super::run::{Backplane, Ending, Measured};

/// Later than this, in ticks, a hand that moves and a marker that follows are seen apart: 50 ms.
pub const TOO_LATE: u64 = 50_000_000 / TICK;
/// The share of a core from which a generator may be what is measured.
pub const BUSY: f64 = 0.85;
/// The share of all cores from which server and generators take them from each other.
const ALL_BUSY: f64 = 0.9;
/// The share of a core from which other programs are worth a word.
const OTHERS: f64 = 0.3;
/// How much later than due, in ticks, a move may be sent: 5 ms.
const LAGGING: u64 = 5_000_000 / TICK;

/// Whose server it is, in the words of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The heading: `10-spy (the solution)`.
    pub title: String,
    /// The beginning of a sentence: `Your server`.
    pub name: String,
    /// Whether it is built for speed, where we know.
    pub is_optimised: Option<bool>,
}

/// A number with its thousands apart: 297,000.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A time in ticks, for a person: `0.43 ms`, `12 ms`, `3.4 s`.
pub fn time(ticks: u64) -> String {
    let ms = (ticks * TICK) as f64 / 1e6;
    match ms {
        ..10.0 => format!("{ms:.2} ms"),
        ..1000.0 => format!("{ms:.0} ms"),
        _ => format!("{:.1} s", ms / 1000.0),
    }
}

/// Bytes, for a person: `14 KB`, `2.1 MB`.
pub fn size(bytes: f64) -> String {
    match bytes {
        ..1e6 => format!("{:.0} KB", bytes / 1e3),
        ..1e9 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.1} GB", bytes / 1e9),
    }
}

/// What was asked for, in a sentence.
pub fn asked(asked: &Asked) -> String {
    format!(
        "{}, {} of them moving {} times a second, for {} s",
        counted(asked.users.into(), "user"),
        grouped(asked.movers.into()),
        asked.rate,
        asked.seconds
    )
}

fn counted(number: u64, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{} {what}s", grouped(number)),
    }
}

/// Prints the report.
pub fn print(subject: &Subject, measured: &Measured) {
    anstream::println!("{}  {}\n", subject.title.bold(), asked(&measured.asked));
    print_rows(&lines(subject, measured));
    anstream::println!();
    print_warnings(measured);
    show::text(&meaning(subject, measured));
}

/// Prints rows that have a name each.
pub fn print_rows(rows: &[(&str, String)]) {
    for (name, row) in rows {
        anstream::println!("{}", show::wrapped(&format!("  {name:<13}"), row));
    }
}

/// Prints what makes the figures doubtful, if anything does.
pub fn print_warnings(measured: &Measured) {
    for warning in warnings(measured) {
        anstream::println!("{}", show::wrapped("  warning: ", &warning));
    }
}

/// The table: a name, and what there is to say.
fn lines(subject: &Subject, measured: &Measured) -> Vec<(&'static str, String)> {
    let part = &measured.part;
    let counts = &part.counts;
    let mut lines = vec![("connected", connected(measured))];
    if let Some(why) = &part.refusal {
        lines.push((
            "refused",
            format!("{}; the first: {why}", grouped(counts.refused)),
        ));
    }
    if counts.sent == 0 {
        return lines;
    }
    // What a run that was cut short did not see may have been on its way.
    let missing = match measured.ending {
        Ending::Whole if measured.endpoints > 1 => "left out",
        Ending::Whole => "lost",
        _ => "lost or on their way",
    };
    lines.extend([
        (
            "moves",
            format!(
                "{} sent, each for {}",
                grouped(counts.sent),
                counted(counts.connected.saturating_sub(1), "other")
            ),
        ),
        (
            "deliveries",
            format!(
                "{} of {}: {} {missing}, {} twice, {} out of order, {} echoed",
                grouped(counts.received),
                grouped(measured.expected),
                grouped(measured.lost()),
                grouped(counts.twice),
                grouped(counts.late),
                grouped(counts.echoed)
            ),
        ),
        ("", throughput(measured)),
        ("latency", latency(measured)),
    ]);
    match measured.endpoints {
        1 => lines.push(("server", server(subject, measured))),
        _ => lines.extend([
            ("endpoints", endpoints(measured)),
            ("", server(subject, measured)),
            ("machine", machine(measured)),
        ]),
    }
    lines.push(("generator", generator(measured)));
    lines
}

/// How many servers there are, and what goes on between them.
fn endpoints(measured: &Measured) -> String {
    let between = match measured.backplane {
        Some(Backplane { came, went, cpu }) => format!(
            "{} messages a second to NATS, {} from it{}",
            grouped(came.round() as u64),
            grouped(went.round() as u64),
            cpu.map_or(String::new(), |cpu| format!(
                ", for {:.0} % of a core",
                100.0 * cpu
            ))
        ),
        None => "messages between them: not known".into(),
    };
    format!("{}; {between}; together:", measured.endpoints)
}

/// What the machine lends to all of it.
fn machine(measured: &Measured) -> String {
    let users = measured.part.counts.connected;
    match measured.lent.filter(|_| users > 0) {
        Some(lent) => format!(
            "{} for all of it, {} for each user: endpoints, generators and the kernel",
            size(lent as f64),
            size(lent as f64 / users as f64)
        ),
        None => "memory for all of it: not known here".into(),
    }
}

fn connected(measured: &Measured) -> String {
    let counts = &measured.part.counts;
    let ended = match counts.ended {
        0 => String::new(),
        ended => format!(
            "; {} ended before the run did",
            counted(ended, "connection")
        ),
    };
    format!(
        "{} of {}, in {:.2} s{ended}",
        grouped(counts.connected),
        grouped(measured.asked.users.into()),
        measured.part.connecting as f64 / 1e9
    )
}

fn throughput(measured: &Measured) -> String {
    let a_second = grouped(measured.deliveries_a_second() as u64);
    match measured.deliveries_a_cpu_second() {
        Some(each) => format!(
            "{a_second} a second; {} for each second of the server's CPU",
            grouped(each as u64)
        ),
        None => format!("{a_second} a second"),
    }
}

fn latency(measured: &Measured) -> String {
    let latency = &measured.part.latency;
    let [p50, p90, p99] = [0.5, 0.9, 0.99].map(|share| time(latency.quantile(share)));
    format!(
        "p50 {p50}   p90 {p90}   p99 {p99}   max {}",
        time(latency.max())
    )
}

fn server(subject: &Subject, measured: &Measured) -> String {
    let cpu = match measured.cpu {
        Some(cpu) => format!(
            "{:.0} % of a core",
            100.0 * cpu.as_secs_f64() / measured.seconds
        ),
        None => "CPU: not known here".into(),
    };
    let memory = match (measured.at_rest, measured.memory_each()) {
        (Some(at_rest), Some(each)) => {
            format!(
                "memory {} at rest, {} more for each user",
                size(at_rest as f64),
                size(each)
            )
        }
        _ => "memory: not known here".into(),
    };
    let at_the_end = measured.at_the_end;
    let at_the_end = at_the_end.map_or(String::new(), |all| {
        format!(", {} at the end", size(all as f64))
    });
    let built = match subject.is_optimised {
        Some(false) => "; built without --release",
        Some(true) => "; built with --release",
        None => "",
    };
    format!("{cpu}; {memory}{at_the_end}{built}")
}

fn generator(measured: &Measured) -> String {
    let counts = &measured.part.counts;
    let cpu = match counts.cpu {
        0 => "CPU: not known here".into(),
        cpu => format!(
            "{:.0} % of a core",
            100.0 * cpu as f64 / 1e9 / measured.seconds
        ),
    };
    format!(
        "{cpu}, {}; 1 in {SAMPLE} verified, {} misread",
        match measured.generators {
            1 => "1 process".into(),
            more => format!("{more} processes"),
        },
        grouped(counts.misread)
    )
}

/// What makes the figures doubtful.
fn warnings(measured: &Measured) -> Vec<String> {
    let part = &measured.part;
    let mut warnings = Vec::new();
    if part.counts.sent == 0 {
        return warnings;
    }
    let lag = part.lag.quantile(0.99);
    let server = measured
        .cpu
        .map_or(0.0, |cpu| cpu.as_secs_f64() / measured.seconds);
    let generators = part.counts.cpu as f64 / 1e9 / measured.seconds;
    if measured.busiest_generator() > BUSY {
        warnings.push(format!(
            "a generator used {:.0} % of a core, so the figures show its limits and not the server's.",
            100.0 * measured.busiest_generator()
        ));
    } else if server + generators > ALL_BUSY * measured.cores as f64 {
        warnings.push(format!(
            "the server and the generator together used all {} cores of this machine; alone, the server would do more.",
            measured.cores
        ));
    }
    if lag > LAGGING {
        warnings.push(format!(
            "one move of a hundred left more than {} late: this machine was too busy to keep the rate.",
            time(lag)
        ));
    }
    if let Some(cores) = measured.others.filter(|cores| *cores > OTHERS) {
        warnings.push(format!(
            "other programs used {:.0} % of a core meanwhile: on a machine that does nothing else, the server would do better.",
            100.0 * cores
        ));
    }
    if part.counts.misread > 0 {
        warnings.push("deliveries were misread, so do not trust the counts above.".into());
    }
    if part.counts.other > 0 {
        warnings.push(format!(
            "{} came without a move of this run.",
            counted(part.counts.other, "frame")
        ));
    }
    warnings
}

/// What it means, in a sentence or two.
pub fn meaning(subject: &Subject, measured: &Measured) -> String {
    let name = &subject.name;
    let counts = &measured.part.counts;
    let users = counted(counts.connected, "user");
    match &measured.ending {
        Ending::ServerEnded(how) => {
            return format!(
                "{name} ended with {users} connected, with {how}\n\nThe figures above are from before that moment."
            );
        }
        Ending::Interrupted => return "Interrupted: these are the figures up to then.".into(),
        Ending::NobodyLeft => {
            return format!(
                "{name} ended every connection. The figures above are from before that moment."
            );
        }
        Ending::NobodyConnected => {
            let why = measured
                .part
                .refusal
                .as_deref()
                .unwrap_or("it did not say why");
            return format!(
                "{name} does not take two connections: {why}. Is it right? cargo xtask check 10"
            );
        }
        Ending::Whole => {}
    }
    let p99 = measured.part.latency.quantile(0.99);
    if counts.received == 0 {
        return format!(
            "{name} held {users}, but no move reached anybody. Is it right? cargo xtask check 10"
        );
    }
    let ended = match counts.ended {
        0 => String::new(),
        ended => format!(
            "{name} ended {} before the run did. ",
            counted(ended, "connection")
        ),
    };
    let refused = match counts.refused {
        0 => String::new(),
        refused => format!("{name} refused {}. ", counted(refused, "user")),
    };
    let held = match measured.lost() {
        0 => "held",
        _ if measured.endpoints > 1 => "held",
        _ => "could not keep up with",
    };
    let mut findings = Vec::new();
    match (measured.lost(), counts.late + counts.twice + counts.echoed) {
        (0, 0) => findings.push("every move reached everybody else, once and in order".to_owned()),
        (0, _) => {
            findings.push("every move reached everybody else, but some came out of order, twice or back to their sender".to_owned())
        }
        (lost, _) => {
            let share = 100.0 * lost as f64 / measured.expected as f64;
            findings.push(match measured.endpoints {
                1 => format!("{share:.1} % of the deliveries were lost"),
                _ => format!(
                    "{share:.1} % of the deliveries were left out, which is right between endpoints: the newest move of a window replaces those before it"
                ),
            });
        }
    }
    findings.push(match p99 > TOO_LATE {
        true => format!(
            "one of a hundred came later than {}, and a hand on a mouse feels that",
            time(p99)
        ),
        false => format!("99 of 100 came within {}", time(p99)),
    });
    format!(
        "{refused}{ended}{name} {held} {users}: {}.",
        findings.join("; ")
    )
}

/// One object with all of it.
pub fn json(subject: &Subject, measured: &Measured) -> Value {
    let part = &measured.part;
    let counts = &part.counts;
    let ms = |ticks: u64| (ticks * TICK) as f64 / 1e6;
    let quantile = |share: f64| ms(part.latency.quantile(share));
    let (ending, how) = match &measured.ending {
        Ending::Whole => ("whole", None),
        Ending::Interrupted => ("interrupted", None),
        Ending::ServerEnded(how) => ("server-ended", Some(how)),
        Ending::NobodyLeft => ("nobody-left", None),
        Ending::NobodyConnected => ("nobody-connected", None),
    };
    json!({
        "server": subject.title,
        "optimised": subject.is_optimised,
        "asked": {
            "users": measured.asked.users,
            "movers": measured.asked.movers,
            "rate": measured.asked.rate,
            "seconds": measured.asked.seconds,
        },
        "ending": ending,
        "how": how,
        "connected": counts.connected,
        "refused": counts.refused,
        "refusal": part.refusal,
        "ended": counts.ended,
        "connecting_s": part.connecting as f64 / 1e9,
        "sent": counts.sent,
        "deliveries": {
            "expected": measured.expected,
            "received": counts.received,
            "lost": measured.lost(),
            "twice": counts.twice,
            "out_of_order": counts.late,
            "echoed": counts.echoed,
            "a_second": measured.deliveries_a_second(),
            "a_server_cpu_second": measured.deliveries_a_cpu_second(),
            "bytes": counts.bytes,
            "other_frames": counts.other,
        },
        "latency_ms": {
            "p50": quantile(0.5),
            "p90": quantile(0.9),
            "p99": quantile(0.99),
            "max": ms(part.latency.max()),
        },
        "seconds": measured.seconds,
        "cores": measured.cores,
        "endpoints": measured.endpoints,
        "backplane_a_second": measured.backplane.map(|it| json!({ "came": it.came, "went": it.went, "cpu": it.cpu })),
        "lent_by_the_machine": measured.lent,
        "server_cpu_s": measured.cpu.map(|cpu| cpu.as_secs_f64()),
        "server_memory": {
            "at_rest": measured.at_rest,
            "connected": measured.connected,
            "at_the_end": measured.at_the_end,
            "each_user": measured.memory_each(),
        },
        "generator": {
            "processes": measured.generators,
            "cpu_s": counts.cpu as f64 / 1e9,
            "other_programs_cores": measured.others,
            "lag_p99_ms": ms(part.lag.quantile(0.99)),
            "sampled": counts.sampled,
            "misread": counts.misread,
        },
        "warnings": warnings(measured),
        "meaning": meaning(subject, measured),
    })
}

#[cfg(test)]
pub(in crate::load) mod tests {
    use std::time::Duration;

    use super::super::part::Part;
    use super::*;

    /// A run in which all is well: ten users, of whom one moves a hundred times.
    pub(in crate::load) fn all_well() -> Measured {
        let mut part = Part::default();
        part.counts.connected = 10;
        part.counts.sent = 100;
        part.counts.received = 900;
        part.counts.cpu = 100_000_000;
        part.busiest = 100_000_000;
        part.over_time = vec![90; 10];
        (0..900).for_each(|ticks| part.latency.record(ticks / 3));
        Measured {
            asked: Asked {
                users: 10,
                movers: 1,
                rate: 100,
                seconds: 1,
                in_flight: None,
            },
            ending: Ending::Whole,
            part,
            expected: 900,
            seconds: 1.0,
            generators: 1,
            endpoints: 1,
            backplane: None,
            lent: Some(2_000_000),
            cores: 2,
            at_rest: Some(5_000_000),
            connected: Some(6_000_000),
            at_the_end: Some(7_000_000),
            cpu: Some(Duration::from_millis(500)),
            others: Some(0.1),
        }
    }

    pub(in crate::load) fn yours() -> Subject {
        Subject {
            title: "10-spy".into(),
            name: "Your server".into(),
            is_optimised: Some(false),
        }
    }

    #[test]
    fn it_says_what_a_run_means() {
        let meaning = |measured: &Measured| meaning(&yours(), measured);
        let well = all_well();
        assert_eq!(
            meaning(&well),
            "Your server held 10 users: every move reached everybody else, once and in order; 99 of 100 came within 2.96 ms."
        );
        let mut lossy = all_well();
        lossy.part.counts.received = 450;
        lossy.part.counts.ended = 1;
        let said = meaning(&lossy);
        assert!(said.contains("ended 1 connection before"), "{said}");
        assert!(
            said.contains("50.0 % of the deliveries were lost"),
            "{said}"
        );
        let mut echoing = all_well();
        echoing.part.counts.echoed = 100;
        assert!(meaning(&echoing).contains("back to their sender"));
        let died = Measured {
            ending: Ending::ServerEnded("exit code 7".into()),
            ..all_well()
        };
        assert!(meaning(&died).contains("with exit code 7"));
    }

    #[test]
    fn it_warns_of_figures_that_are_not_the_server_s() {
        let warns = |change: fn(&mut Measured), of: &str| {
            let mut measured = all_well();
            change(&mut measured);
            let warnings = warnings(&measured);
            assert!(
                warnings.len() == 1 && warnings[0].contains(of),
                "{warnings:?}"
            );
        };
        assert!(warnings(&all_well()).is_empty());
        warns(
            |it| it.part.busiest = 900_000_000,
            "a generator used 90 % of a core",
        );
        warns(
            |it| it.cpu = Some(Duration::from_millis(1_900)),
            "all 2 cores",
        );
        warns(|it| it.others = Some(0.5), "other programs used 50 %");
        warns(|it| it.part.lag.record(600), "left more than 6.00 ms late");
        warns(|it| it.part.counts.misread = 1, "misread");
        warns(|it| it.part.counts.other = 2, "2 frames");
    }

    #[test]
    fn numbers_are_for_people() {
        let numbers = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([4, 1_234, 250_000].map(time), ["0.04 ms", "12 ms", "2.5 s"]);
        assert_eq!([14_000.0, 2.1e9].map(size), ["14 KB", "2.1 GB"]);
    }
}
