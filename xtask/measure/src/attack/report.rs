//! What a person is told at the end: one screen; and the same for a program.

use owo_colors::OwoColorize;
use serde_json::{Value, json};

use super::Target;
use super::kinds::ATTACKS;
use super::stage::{Act, Outcome};
use super::users::{RATE, USERS};
use crate::load::report::grouped;

/// What was attacked, and with which limits, in two lines.
pub fn head(title: &str, target: &Target, is_ours: bool) -> String {
    let settings = target.settings.in_words();
    let users = match target.up {
        Some(_) => format!("{USERS} honest users move {RATE} times a second, all the time"),
        None => format!(
            "the server relays no moves, so {USERS} honest users ping it {RATE} times a second instead"
        ),
    };
    let started = match is_ours {
        true => "started with",
        false => "assumed to run with",
    };
    format!("{}\n{started} {settings}\n{users}\n\n", title.bold())
}

/// Prints the acts.
pub fn print(title: &str, target: &Target, is_ours: bool, acts: &[Act], is_whole: bool) {
    show::text(&head(title, target, is_ours));
    anstream::println!(
        "{}",
        "             p50 ms         p99 ms          max ms      lost    memory MB    CPU".dimmed()
    );
    for act in acts {
        print_act(act);
    }
    anstream::println!();
    if !is_whole {
        show::text("Interrupted: these are the figures up to then.");
    }
    show::text(&meaning(acts, target));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    show::text(&format!(
        "Attackers, users and server share the {cores} cores of this machine: the figures hold for this machine and this run."
    ));
}

/// What the server did, and in a line of its own what the others noticed, before and during the attack.
fn print_act(act: &Act) {
    let (mark, verdict) = verdict(act);
    let mark = match mark {
        "✓" => mark.green().to_string(),
        "✗" => mark.red().to_string(),
        _ => mark.yellow().to_string(),
    };
    let first = format!("{mark} {:<10}", act.attack.name);
    let text = format!("{}: {}", verdict.bold(), what_happened(act));
    anstream::println!("{}", show::wrapped(&first, &text));
    if !matches!(act.outcome, Outcome::NotRun(_)) {
        anstream::println!("{}", figures(act));
    }
}

/// What the server did, and what of the attack came to the others.
fn what_happened(act: &Act) -> String {
    let mut text = match &act.outcome {
        Outcome::Saw(saw) => saw.text.clone(),
        // What it said last comes in lines of its own.
        Outcome::Fell(how) => how
            .split(". It said last")
            .next()
            .unwrap_or_default()
            .to_owned(),
        Outcome::NotRun(why) => why.clone(),
    };
    let during = &act.during;
    if during.noise_a_second() >= 1.0 {
        let noise = grouped(during.noise_a_second() as u64);
        text += &format!("; each of the others heard {noise} of its texts a second");
    }
    match during.cut - act.before.cut {
        0 => {}
        1 => text += "; one of the others was cut off",
        cut => text += &format!("; {cut} of the others were cut off"),
    }
    text
}

fn figures(act: &Act) -> String {
    let (before, during) = (&act.before, &act.during);
    let pair = |before, during| format!("{} → {}", number(before), number(during));
    let quantile = |share| pair(before.quantile(share), during.quantile(share));
    let megabytes = |bytes: u64| Some(bytes as f64 / 1e6);
    let memory = act.memory.map_or(String::new(), |[before, most]| {
        pair(megabytes(before), megabytes(most))
    });
    let cpu = act
        .cpu
        .map_or(String::new(), |share| format!("{:.0} %", share * 100.0));
    let figures = format!(
        "            {:<15}{:<16}{:<15}{:>5}   {:<12}{:>6}",
        quantile(0.5),
        quantile(0.99),
        quantile(1.0),
        during.lost(),
        memory,
        cpu
    );
    figures.dimmed().to_string()
}

/// In as few letters as still say something.
fn number(value: Option<f64>) -> String {
    match value {
        None => "-".into(),
        Some(value @ ..10.0) => format!("{value:.1}"),
        Some(value) => format!("{value:.0}"),
    }
}

/// A mark, and the verdict in words.
pub fn verdict(act: &Act) -> (&'static str, &'static str) {
    match (&act.outcome, act.is_felt()) {
        (Outcome::NotRun(_), _) => ("-", "not tried"),
        (Outcome::Fell(_), _) => ("✗", "the server fell"),
        (Outcome::Saw(saw), true) if saw.is_held => ("!", "held, but the others felt it"),
        (Outcome::Saw(saw), false) if saw.is_held => ("✓", "held"),
        (Outcome::Saw(_), true) => ("✗", "went through, and the others felt it"),
        (Outcome::Saw(_), false) => ("!", "went through"),
    }
}

/// What steps 11 to 13 teach against what went through.
fn meaning(acts: &[Act], target: &Target) -> String {
    let tried = acts
        .iter()
        .filter(|it| !matches!(it.outcome, Outcome::NotRun(_)));
    let went: Vec<&Act> = tried.clone().filter(|act| !act.is_held()).collect();
    let count = tried.count();
    if went.is_empty() {
        return match count {
            0 => "Nothing was tried.".into(),
            1 => "It held.".into(),
            _ => format!("The server held against all {count} attacks."),
        };
    }
    let mut text = match target.step {
        ..13 => String::from("What steps 11 to 13 teach against these:\n"),
        _ => String::from(
            "What protects a server against these; cargo xtask check 13 says what is missing:\n",
        ),
    };
    for act in went {
        let line = format!("  {:<10}{}\n", act.attack.name, act.attack.guard);
        text += &line;
    }
    text
}

/// All of it, for a program.
pub fn json(title: &str, target: &Target, acts: &[Act], is_whole: bool) -> Value {
    let act = |act: &Act| {
        let (state, text) = match &act.outcome {
            Outcome::Saw(saw) if saw.is_held => ("held", &saw.text),
            Outcome::Saw(saw) => ("through", &saw.text),
            Outcome::Fell(how) => ("fell", how),
            Outcome::NotRun(why) => ("not-run", why),
        };
        json!({
            "name": act.attack.name,
            "does": act.attack.does,
            "state": state,
            "text": text,
            "felt": act.is_felt(),
            "before": act.before.json(),
            "during": act.during.json(),
            "memory": act.memory.map(|[before, most]| json!({"before": before, "most": most})),
            "cpu": act.cpu,
        })
    };
    json!({
        "server": title,
        "settings": target.settings.in_words(),
        "users": USERS,
        "relays": target.up.is_some(),
        "whole": is_whole,
        "attacks": acts.iter().map(act).collect::<Vec<_>>(),
    })
}

/// The attacks that there are.
pub fn list() {
    for attack in ATTACKS {
        let first = format!("  {:<10}", attack.name);
        anstream::println!("{}", show::wrapped(&first, attack.does));
    }
}
