//! The two packages share their dependencies: cargo builds each once, for the tool and for the learners' programs.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use steps::step::root;

pub fn trials() -> Vec<Trial> {
    vec![Trial::test(
        "both-packages-ask-for-the-same-features",
        both_ask_for_the_same,
    )]
}

/// A crate with its version, and the sets of features that it is built with.
type Features = BTreeMap<String, BTreeSet<String>>;

fn both_ask_for_the_same() -> Result<(), Failed> {
    let (learners, tool) = (features("workshop")?, features("xtask")?);
    let differs = |(name, features): &(&String, &BTreeSet<String>)| {
        tool.get(*name).is_some_and(|others| others != *features)
    };
    match learners.iter().find(differs) {
        Some((name, features)) => Err(format!(
            "{name} is built twice: xtask asks for {:?}, workshop for {features:?}",
            tool[name]
        )
        .into()),
        None => Ok(()),
    }
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
