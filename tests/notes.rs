//! What the tool notes in `.workshop` survives what may happen to it: another version, other commands, a file that is
//! read-only.

use std::fs;
use std::process::Stdio;

use anyhow::{Result, ensure};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::scratch::Scratch;

/// A trial for each of these.
pub fn trials() -> Vec<Trial> {
    let trial = |name: &str, run: fn() -> Result<()>| {
        crate::kept::trial(format!("notes-{name}"), move || {
            run().map_err(|error| Failed::from(format!("{error:#}")))
        })
    };
    vec![
        trial("another-versions-stay", foreign_notes_stay),
        trial("two-checks-at-once", two_checks_note_both),
        trial("read-only", a_read_only_record_stays),
        trial(
            "hints-while-the-cause-stays",
            hints_stay_given_while_the_cause_stays,
        ),
    ]
}

fn foreign_notes_stay() -> Result<()> {
    let scratch = Scratch::take()?;
    scratch
        .note("{\"colour\": \"blue\", \"passed\": {\"01-hello\": 7, \"99-later\": {\"at\": 8}}}")?;
    scratch.finish_step("1", "", "")?;
    let check = scratch.xtask(["check", "1"]).output()?;
    ensure!(check.status.success(), "{check:?}");
    let noted = fs::read_to_string(scratch.file(".workshop/progress.json"))?;
    let noted: Value = serde_json::from_str(&noted)?;
    ensure!(noted["colour"] == "blue", "{noted}");
    ensure!(noted["passed"]["99-later"]["at"] == 8, "{noted}");
    ensure!(noted["passed"]["01-hello"].as_u64() > Some(7), "{noted}");
    Ok(())
}

fn a_read_only_record_stays() -> Result<()> {
    let scratch = Scratch::take()?;
    let record = "{\"passed\": {\"02-static\": 7}}";
    scratch.note(record)?;
    scratch.finish_step("1", "", "")?;
    let file = scratch.file(".workshop/progress.json");
    let writable = fs::metadata(&file)?.permissions();
    let mut read_only = writable.clone();
    read_only.set_readonly(true);
    fs::set_permissions(&file, read_only)?;

    let check = scratch.xtask(["check", "1"]).output()?;
    let noted = fs::read_to_string(&file)?;
    fs::set_permissions(&file, writable)?;
    ensure!(check.status.success(), "{check:?}");
    let said = String::from_utf8_lossy(&check.stdout);
    ensure!(
        said.contains("warning: what you passed could not be noted"),
        "{said}"
    );
    ensure!(noted == record, "{noted}");
    Ok(())
}

fn hints_stay_given_while_the_cause_stays() -> Result<()> {
    let scratch = Scratch::take()?;
    let file = scratch.file(".workshop/last/10-spy.json");
    let check = || {
        scratch.xtask(["check", "10", "--server"]).output()?;
        anyhow::Ok(serde_json::from_str::<Value>(&fs::read_to_string(&file)?)?)
    };
    scratch.finish("{ \"x\": x, \"y\": y }", "x, y")?;
    let mut noted = check()?;
    ensure!(noted["check"] == "it_arrives_as_one_object", "{noted}");
    ensure!(noted["diagnosis"] == "two-values", "{noted}");
    ensure!(noted["hints"] == 0, "{noted}");
    noted["hints"] = 2.into();
    fs::write(&file, noted.to_string())?;
    let noted = check()?;
    ensure!(noted["hints"] == 2, "{noted}");
    scratch.finish("let host =", "let host = -")?;
    let noted = check()?;
    ensure!(noted["diagnosis"] == "does-not-compile", "{noted}");
    ensure!(noted["hints"] == 0, "{noted}");
    scratch.finish("", "")?;
    let noted = check()?;
    ensure!(noted["diagnosis"].is_null(), "{noted}");
    Ok(())
}

fn two_checks_note_both() -> Result<()> {
    let scratch = Scratch::take()?;
    let mut checks = Vec::new();
    for step in ["1", "3"] {
        scratch.finish_step(step, "", "")?;
        let mut check = scratch.xtask(["check", step]);
        checks.push(
            check
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()?,
        );
    }
    for check in checks {
        let output = check.wait_with_output()?;
        ensure!(output.status.success(), "{output:?}");
    }
    let noted = fs::read_to_string(scratch.file(".workshop/progress.json"))?;
    ensure!(
        noted.contains("01-hello") && noted.contains("03-routes"),
        "{noted}"
    );
    Ok(())
}
