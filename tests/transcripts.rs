//! What a learner types and reads: the transcripts in `cmd/`, each held against what the tool prints.
//!
//! `TRYCMD=overwrite cargo test --package xtask --test workshop transcript` writes them anew; what differs from time to
//! time is `[..]` in a line, and `...` for some lines.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use libtest_mimic::{Failed, Trial};
use trycmd::TestCases;

use crate::scratch::{Scratch, XTASK};

/// Does to the copy what a learner has done to the workshop.
type Prepare = fn(&Scratch) -> Result<()>;

/// What the learner has done before the first line of a transcript, by the transcript's name.
const TRANSCRIPTS: &[(&str, Prepare)] = &[
    ("help", |_| Ok(())),
    ("usage", |_| Ok(())),
    ("starter", |_| Ok(())),
    ("finished", |it| it.finish("", "")),
    ("does-not-compile", |it| {
        it.finish("let host =", "let host = -")
    }),
    ("panics", |it| {
        it.finish(
            "let host =",
            "let nobody: Option<u8> = None;\n    nobody.unwrap();\n    let host =",
        )
    }),
    ("no-server", |it| {
        Ok(fs::remove_file(it.file("exercises/10-spy/server.rs"))?)
    }),
    ("no-page", |it| {
        Ok(fs::remove_file(it.file("exercises/10-spy/10.html"))?)
    }),
    ("no-place-for-progress", |it| {
        it.finish("", "")?;
        Ok(fs::write(
            it.file(".workshop"),
            "a file where a folder belongs",
        )?)
    }),
    ("list", |it| {
        it.finish("", "")?;
        it.note("{\"passed\": {\"01-hello\": 1795446344}}")
    }),
    ("reset", |it| it.finish("", "")),
    ("reset-without-a-folder", |it| {
        Ok(fs::remove_dir_all(it.file("exercises/10-spy"))?)
    }),
    ("check-all-of-nothing", |_| Ok(())),
    ("check-all", |it| {
        it.finish_step("1", "", "")?;
        it.finish("{ \"x\": x, \"y\": y }", "x, y")
    }),
    ("check-all-incomplete", |it| {
        it.finish_step("1", "", "")?;
        it.finish("", "")
    }),
    ("on-the-way", |it| {
        it.finish_step("4", "// [", "// TODO: [")?;
        it.note(
            "{\"passed\": {\"01-hello\": 1, \"02-static\": 1, \"03-routes\": 1, \"11-of-another-version\": 1}}",
        )
    }),
    ("all-passed", |it| {
        let passed: Vec<String> = steps::step::ladder()
            .map(|step| format!("\"{}\": 1", step.name()))
            .collect();
        it.note(&format!("{{\"passed\": {{{}}}}}", passed.join(",")))
    }),
    ("broken-progress", |it| it.note("{\"passed\": {\"01-he")),
    ("foreign-progress", |it| {
        it.note("{\"passed\": [\"01-hello\"]}")
    }),
    ("doctor", |_| Ok(())),
    ("report", |it| it.finish("{ \"x\": x, \"y\": y }", "x, y")),
    ("not-jquery", |it| {
        Ok(fs::write(it.file("static/jquery.js"), "alert(1)\n")?)
    }),
    ("load", |it| it.finish("", "")),
    ("attack", |_| Ok(())),
    ("hint", |_| Ok(())),
    ("hint-after-a-check", |it| {
        it.finish("{ \"x\": x, \"y\": y }", "x, y")
    }),
    ("hint-does-not-compile", |it| {
        it.finish("let host =", "let host = -")
    }),
    ("hint-of-a-compile-error", |it| {
        it.finish("        let everyone = everyone.clone();\n", "")
    }),
    ("diff-and-hint-of-broken-files", |it| {
        fs::write(
            it.file("exercises/10-spy/server.rs"),
            b"fn main() {}\n\xff\n",
        )?;
        fs::write(it.file("exercises/10-spy/10.html"), "\n")?;
        Ok(fs::remove_file(it.file("exercises/09-jquery/server.rs"))?)
    }),
    ("diff", |it| {
        it.finish(
            "relay(json!([\"say\", words]))",
            "relay(json!([\"say\", words, 1]))",
        )
    }),
    ("hint-without-a-place-for-notes", |it| {
        Ok(fs::write(
            it.file(".workshop"),
            "a file where a folder belongs",
        )?)
    }),
    ("hint-and-diff-after-a-pass", |it| {
        let text = fs::read_to_string(it.file("solutions/01-hello/server.rs"))?;
        let is_code = |line: &&str| !line.trim().starts_with("//");
        let lines: Vec<&str> = text.lines().filter(is_code).collect();
        let text = lines.join("\n");
        Ok(fs::write(it.file("exercises/01-hello/server.rs"), text)?)
    }),
    ("save-as", |it| {
        let text = fs::read_to_string(it.file("solutions/09-jquery/server.rs"))?;
        fs::write(it.file("exercises/09-jquery/server.rs"), text)?;
        Ok(fs::write(
            it.file("exercises/10-spy/server.rs"),
            "fn main() {}\n",
        )?)
    }),
    ("save-as-over-a-comment", |it| {
        let text = fs::read_to_string(it.file("solutions/09-jquery/server.rs"))?;
        fs::write(it.file("exercises/09-jquery/server.rs"), text)?;
        fs::remove_file(it.file("exercises/10-spy/10.html"))?;
        let server = it.file("exercises/10-spy/server.rs");
        let starter = fs::read_to_string(&server)?;
        Ok(fs::write(server, format!("{starter}// My own words.\n"))?)
    }),
    ("save-as-where-little-fits", |it| {
        let text = fs::read_to_string(it.file("tests/right/10-spy/a-hub/server.rs"))?;
        let text = text
            .replace("10.html", "9.html")
            .replace("fn received(", "fn came(");
        fs::write(it.file("exercises/09-jquery/server.rs"), text)?;
        let text = fs::read_to_string(it.file("solutions/05-echo/server.rs"))?;
        let text = text.replace("page(\"5.html\").or(ws)", "ws.or(page(\"5.html\"))");
        Ok(fs::write(it.file("exercises/05-echo/server.rs"), text)?)
    }),
    ("save-as-of-several-files", |it| {
        it.finish_step(
            "12",
            "mod settings;",
            "mod settings;\nmod stamp;\nmod pace;",
        )?;
        let own = "//! A module of the learner's own.\n";
        fs::write(it.file("exercises/12-manners/stamp.rs"), own)?;
        Ok(fs::write(it.file("exercises/12-manners/pace.rs"), own)?)
    }),
    ("walk", |_| Ok(())),
    ("walk-apply", |it| {
        Ok(fs::write(
            it.file("exercises/10-spy/server.rs"),
            "fn main() {}\n",
        )?)
    }),
    ("no-cargo", |_| Ok(())),
    ("walk-check", |it| {
        // The code of stage 4.
        it.finish("{ \"x\": x, \"y\": y }", "x, y")
    }),
    ("catch-up", |it| {
        Ok(fs::write(
            it.file("exercises/10-spy/server.rs"),
            "fn main() {}\n",
        )?)
    }),
];

/// A trial for each transcript.
pub fn trials() -> Vec<Trial> {
    let trial = |(name, prepare): &(&'static str, Prepare)| {
        let (name, prepare) = (*name, *prepare);
        crate::again_alone(
            format!("transcript-{name}"),
            crate::kept::workshop,
            move || reads(name, prepare),
        )
    };
    TRANSCRIPTS.iter().map(trial).collect()
}

fn reads(name: &str, prepare: Prepare) -> Result<(), Failed> {
    let scratch = Scratch::take()?;
    prepare(&scratch)?;
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/cmd")
        .join(format!("{name}.trycmd"));
    let cases = TestCases::new();
    cases
        .register_bin("xtask", Path::new(XTASK))
        .timeout(Duration::from_secs(120))
        .case(file);
    for (name, value) in scratch.environment() {
        cases.env(name, value);
    }
    // What differs is printed on the spot, in colour.
    catch_unwind(|| cases.run()).map_err(|_| Failed::from("it reads otherwise: see above"))
}
