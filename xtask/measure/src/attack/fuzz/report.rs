//! What a person is told of the fuzz, and a program.

use owo_colors::OwoColorize;
use serde_json::{Value, json};

use super::claims::{self, Claim, machine, p99};
use super::{Holds, PLACES, Plan, Seen, Window};
use crate::attack::settings::Settings;
use crate::attack::users::{RATE, USERS};
use crate::load::report::grouped;

/// Prints what was seen, and whether all of it is right.
pub fn print(title: &str, plan: &Plan, seen: &Seen) -> bool {
    show::text(&format!(
        "{}\nstarted with {}\n{} s of it: {USERS} honest users move {RATE} times a second, and there are places for {PLACES} hostile connections\n\n",
        title.bold(),
        Settings::ROOMY.in_words(),
        plan.seconds
    ));
    let head = "              p99 ms   machine    max ms  outdated   hostile  files   memory MB";
    anstream::println!("{}", head.dimmed());
    line("quiet", &seen.quiet, None, seen.before);
    for (at, round) in seen.rounds.iter().enumerate() {
        let name = format!("round {}", at + 1);
        line(&name, &round.windows, Some(round.connections), round.most);
        line("afterwards", &[], None, round.after);
    }
    anstream::println!();
    let claims = claims::all(seen);
    claims.iter().for_each(print_claim);
    anstream::println!();
    let is_held = claims.iter().all(|claim| claim.is_held);
    let seed = plan.seed;
    show::text(&match is_held {
        true => format!("It held. The seed was {seed}."),
        false => format!("It did not hold. The same moves again: --seed {seed}"),
    });
    is_held
}

fn line(name: &str, windows: &[Window], connections: Option<u64>, holds: Holds) {
    let number = |value: f64| match value {
        value if value.is_finite() => format!("{value:.1}"),
        _ => "-".into(),
    };
    let [mut late, mut machines, mut longest, mut outdated] = [const { String::new() }; 4];
    if !windows.is_empty() {
        let max = windows.iter().filter_map(|it| it.came.quantile(1.0));
        late = number(p99(windows.iter()));
        machines = number(machine(windows.iter()));
        longest = number(max.fold(f64::NEG_INFINITY, f64::max));
        outdated = grouped(windows.iter().map(|it| it.came.lost()).sum());
    }
    let connections = connections.map_or(String::new(), grouped);
    let files = holds.files.map_or("-".into(), |files| files.to_string());
    let memory = holds
        .memory
        .map_or("-".into(), |bytes| number(bytes as f64 / 1e6));
    let line = format!(
        "  {name:<12}{late:>6}{machines:>10}{longest:>10}{outdated:>10}{connections:>10}{files:>7}{memory:>12}"
    );
    anstream::println!("{}", line.trim_end());
}

fn print_claim(claim: &Claim) {
    let mark = match claim.is_held {
        true => "✓".green().to_string(),
        false => "✗".red().to_string(),
    };
    anstream::println!("{}", show::wrapped(&format!("  {mark} "), &claim.text));
}

/// All of it, for a program; and whether all of it is right.
pub fn json(title: &str, plan: &Plan, seen: &Seen) -> (Value, bool) {
    let claims = claims::all(seen);
    let is_held = claims.iter().all(|claim| claim.is_held);
    let connections: Vec<u64> = seen.rounds.iter().map(|it| it.connections).collect();
    let fuzzed = || seen.rounds.iter().flat_map(|round| &round.windows);
    let claims = claims
        .iter()
        .map(|it| json!({"name": it.name, "held": it.is_held, "text": it.text}));
    let value = json!({
        "server": title,
        "settings": Settings::ROOMY.in_words(),
        "seed": plan.seed,
        "seconds": plan.seconds,
        "connections": connections,
        "quiet_p99_ms": p99(seen.quiet.iter()),
        "p99_ms": p99(fuzzed()),
        "machines_p99_ms": machine(fuzzed()),
        "claims": claims.collect::<Vec<_>>(),
        "held": is_held,
    });
    (value, is_held)
}
