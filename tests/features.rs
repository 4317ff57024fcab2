//! The packages share their dependencies: cargo builds each once, for the tools and for the learners' programs.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use show::root;

pub fn trials() -> Vec<Trial> {
    vec![Trial::test(
        "all-packages-ask-for-the-same-features",
        all_ask_for_the_same,
    )]
}

/// What is built on its own, in the order in which a learner meets it.
const PACKAGES: [&str; 8] = [
    "workshop", "xtask", "learn", "live", "class", "measure", "upkeep", "present",
];

/// A crate with its version, and the sets of features that it is built with.
type Features = BTreeMap<String, BTreeSet<String>>;

fn all_ask_for_the_same() -> Result<(), Failed> {
    let mut known: BTreeMap<String, (&str, BTreeSet<String>)> = BTreeMap::new();
    for package in PACKAGES {
        for (name, asked) in features(package)? {
            let (first, others) = known
                .entry(name.clone())
                .or_insert_with(|| (package, asked.clone()));
            if *others != asked {
                return Err(format!(
                    "{name} is built twice: {first} asks for {others:?}, {package} for {asked:?}"
                )
                .into());
            }
        }
    }
    Ok(())
}

/// As a learner's first build has them; what only the tests need is not there.
fn features(package: &str) -> Result<Features, Failed> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "tree",
            "--offline",
            "--package",
            package,
            "--edges",
            "normal,build",
        ])
        .args(["--prefix", "none", "--no-dedupe", "--format", "{p} [{f}]"])
        .current_dir(root())
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let mut features = Features::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        if let Some((name, asked)) = line.split_once(" [") {
            let asked = asked.trim_end_matches(" (*)").to_owned();
            features.entry(name.into()).or_default().insert(asked);
        }
    }
    Ok(features)
}
