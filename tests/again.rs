//! A check that failed, asked again: one check alone, and what need not be asked once more.

use std::fs;
use std::process::Output;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::machine::words;
use crate::scratch::Scratch;

/// A trial for each of these.
pub fn trials() -> Vec<Trial> {
    let trial = |name: &str, run: fn() -> Result<()>| {
        crate::kept::trial(format!("again-{name}"), move || {
            run().map_err(|error| Failed::from(format!("{error:#}")))
        })
    };
    vec![
        trial("one-check-alone", one_check_alone),
        trial("a-check-that-nobody-knows", a_check_that_nobody_knows),
        trial(
            "what-passed-is-not-waited-for",
            what_passed_is_not_waited_for,
        ),
        // It compares how long two checks wait, which a busy machine may turn round.
        crate::again_alone(
            "again-what-is-known-is-told-sooner".into(),
            crate::kept::workshop,
            || what_is_known_is_told_sooner().map_err(|error| Failed::from(format!("{error:#}"))),
        ),
    ]
}

/// A server of step 1 that greets without the word.
fn without_hello() -> Result<Scratch> {
    let scratch = Scratch::take()?;
    scratch.finish_step("1", "", "")?;
    let server = scratch.file("exercises/01-hello/server.rs");
    let text = fs::read_to_string(&server)?;
    let wrong = text
        .replace("Hello", "Good day")
        .replace("hello", "good day");
    fs::write(server, wrong)?;
    Ok(scratch)
}

/// Holds that a command ended with this code, and returns what it printed.
fn said(output: &Output, code: i32) -> Result<String> {
    let said = words(&[output.stdout.as_slice(), &output.stderr].concat());
    ensure!(
        output.status.code() == Some(code),
        "{}: {said}",
        output.status
    );
    Ok(said)
}

fn one_check_alone() -> Result<()> {
    let scratch = without_hello()?;
    let alone = "cargo xtask check 1 --only it_says_hello";
    let whole = said(&scratch.xtask(["check", "1"]).output()?, 1)?;
    ensure!(whole.contains(&format!("Alone: {alone}")), "{whole}");
    let json = scratch.xtask(["check", "1", "--json"]).output()?;
    let object: Value = serde_json::from_slice(&json.stdout)?;
    let checks = object["checks"].as_array().context("there are checks")?;
    let again = checks.iter().find_map(|check| check["again"].as_str());
    ensure!(again.is_some_and(|it| it.starts_with(alone)), "{object}");

    let only = |id| scratch.xtask(["check", "1", "--only", id]).output();
    let failed = said(&only("it_says_hello")?, 1)?;
    ensure!(
        failed.contains("not yet: The answer says hello."),
        "{failed}"
    );
    ensure!(
        !failed.contains("plain text") && !failed.contains("not run"),
        "{failed}"
    );
    let passed = said(&only("it_is_plain_text")?, 0)?;
    ensure!(
        passed.contains("✓ The answer is plain text. It passes: 5 passed, 0 failed"),
        "{passed}"
    );
    // A part of a step is not a step.
    ensure!(
        !scratch.file(".workshop/progress.json").exists(),
        "it was noted as passed"
    );
    let hint = said(&scratch.xtask(["hint", "1"]).output()?, 0)?;
    ensure!(hint.contains("not yet: The answer says hello"), "{hint}");
    Ok(())
}

fn a_check_that_nobody_knows() -> Result<()> {
    let scratch = Scratch::take()?;
    let mut check = scratch.xtask(["check", "1", "--only", "it_say_helo", "--json"]);
    let output = check.output()?;
    said(&output, 2)?;
    let object: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(object["nearest"][0] == "it_says_hello", "{object}");
    // A check of another step, and a name that is like none.
    for id in ["the_sender_hears_nothing", "9"] {
        let said = said(&scratch.xtask(["check", "1", "--only", id]).output()?, 2)?;
        ensure!(
            said.contains(&format!("step 1 has no check {id}")),
            "{said}"
        );
        ensure!(said.contains("the_files_are_there"), "{said}");
    }
    Ok(())
}

fn what_passed_is_not_waited_for() -> Result<()> {
    let scratch = without_hello()?;
    let check = |more: &[&str]| {
        let mut check = scratch.xtask(["check", "1", "--server"]);
        check.args(more).output()
    };
    let kept = "Not run again, because they passed before with this same program and data: 1.";
    let first = said(&check(&[])?, 1)?;
    let second = said(&check(&[])?, 1)?;
    ensure!(!first.contains(kept) && second.contains(kept), "{second}");
    // The data are the same, and so the commands below.
    let seed = |said: &str| said.split("--seed ").nth(1).map(str::to_owned);
    ensure!(seed(&first) == seed(&second), "{first}\n{second}");
    // What failed stands above what passed.
    let at = |text: &str| second.find(text);
    ensure!(at("says hello.") < at("The program compiles."), "{second}");
    for other in [&["--anew"][..], &["--seed", "4"]] {
        let all = said(&check(other)?, 1)?;
        ensure!(!all.contains(kept), "{other:?}: {all}");
    }
    let server = scratch.file("exercises/01-hello/server.rs");
    let right = fs::read_to_string(&server)?.replace("Good day", "Hello");
    fs::write(server, right.replace("good day", "hello"))?;
    let passed = said(&check(&[])?, 0)?;
    ensure!(
        passed.contains("All passed: 7 passed") && !passed.contains("before"),
        "{passed}"
    );
    ensure!(
        !scratch.file(".workshop/again/01-hello.json").exists(),
        "it is remembered"
    );
    Ok(())
}

/// The tenths of a second that a failed check of step 5 says to have waited for an echo.
fn tenths_waited(scratch: &Scratch) -> Result<u32> {
    let failed = said(
        &scratch
            .xtask(["check", "5", "--server", "--json"])
            .output()?,
        1,
    )?;
    let words = failed.split("nothing, in ").nth(1);
    let number = words.and_then(|it| it.split(' ').next());
    let number = number.context(failed.clone())?.parse::<f64>();
    Ok((number.context(failed)? * 10.0) as u32)
}

fn what_is_known_is_told_sooner() -> Result<()> {
    let scratch = Scratch::take()?;
    let echo = "socket.send(answer).await.is_err()";
    scratch.finish_step("5", echo, "answer.is_close()")?;
    let first = tenths_waited(&scratch)?;
    // How long is waited depends on how busy the machine is, too.
    let known: Result<Vec<u32>> = (0..3).map(|_| tenths_waited(&scratch)).collect();
    let soonest = known?.into_iter().min().unwrap_or(u32::MAX);
    ensure!(soonest < first, "{soonest} after {first}");
    // A program that was mended is not taken for the one before, though it is a little slow.
    scratch.finish_step("5", echo, "{ tokio::time::sleep(std::time::Duration::from_millis(600)).await; socket.send(answer).await.is_err() }")?;
    let check = scratch
        .xtask([
            "check",
            "5",
            "--server",
            "--only",
            "text_comes_back_as_it_was",
        ])
        .output()?;
    said(&check, 0)?;
    Ok(())
}
