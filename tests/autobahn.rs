//! The Autobahn cases where Python is not as they need it, and with one that only pretends to play them.

use std::fs;
use std::process::Output;

use anyhow::{Result, ensure};
use libtest_mimic::{Failed, Trial};

use crate::scratch::Scratch;

/// A trial for each Python.
pub fn trials() -> Vec<Trial> {
    let trial = |name: &str, run: fn() -> Result<()>| {
        crate::kept::trial(format!("autobahn-{name}"), move || {
            run().map_err(|error| Failed::from(format!("{error:#}")))
        })
    };
    let mut trials = vec![trial("says-how-to-get-python", there_is_none)];
    if cfg!(unix) {
        trials.push(trial("asks-for-a-newer-python", it_is_old));
        trials.push(trial("says-what-python-lacks", it_makes_no_environment));
        trials.push(trial("names-the-cases-that-failed", some_fail));
    }
    trials
}

/// Plays the cases by this Python, or by a script that is taken for one.
fn play(scratch: &Scratch, python: &str) -> Result<Output> {
    let script = scratch.file("target/python");
    let is_script = python.contains('\n');
    if is_script {
        fs::create_dir_all(scratch.file("target"))?;
        fs::write(&script, format!("#!/bin/sh\n{python}"))?;
        #[cfg(unix)]
        fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    }
    let installed = scratch.file("target/autobahn");
    if installed.exists() {
        fs::remove_dir_all(installed)?;
    }
    let chosen = if is_script {
        script.into()
    } else {
        std::ffi::OsString::from(python)
    };
    let mut command = scratch.xtask(["test", "--autobahn", "05-echo"]);
    Ok(command.env("WORKSHOP_PYTHON", chosen).output()?)
}

fn says(output: &Output, code: i32, texts: &[&str]) -> Result<()> {
    let said = [&output.stdout[..], &output.stderr].concat();
    let said = String::from_utf8_lossy(&said).replace('\n', " ");
    ensure!(output.status.code() == Some(code), "{output:?}");
    for text in texts {
        ensure!(said.contains(text), "it does not say `{text}`: {said}");
    }
    Ok(())
}

fn there_is_none() -> Result<()> {
    let scratch = Scratch::take()?;
    for python in ["none", "/nowhere/python3"] {
        let output = play(&scratch, python)?;
        says(
            &output,
            3,
            &["no Python 3.10 or later", "apt-get install python3-venv"],
        )?;
    }
    Ok(())
}

fn it_is_old() -> Result<()> {
    let scratch = Scratch::take()?;
    let output = play(&scratch, "echo 3 9\n")?;
    says(&output, 3, &["no Python 3.10 or later"])
}

/// Debian's Python comes without the part that makes environments.
fn it_makes_no_environment() -> Result<()> {
    let scratch = Scratch::take()?;
    let python = "[ \"$1\" = -c ] && echo 3 12 && exit\necho ensurepip is not available\nexit 1\n";
    let output = play(&scratch, python)?;
    says(
        &output,
        3,
        &["ensurepip is not available", "apt-get install python3-venv"],
    )
}

/// This one makes an environment, and in it a program that has played two cases before anybody asks.
fn some_fail() -> Result<()> {
    let scratch = Scratch::take()?;
    let output = play(&scratch, FAKE)?;
    says(
        &output,
        1,
        &[
            "1 of 11",
            "✗ 2.1",
            "an answer to a ping",
            "nothing came (FAILED)",
            "a ping is not answered with its own payload",
            "1 of 247 cases passed",
        ],
    )
}

const FAKE: &str = r#"
case "$1 $2" in
"-c "*) echo 3 12 ;;
"-m venv")
    mkdir -p "$4/bin"
    cp "$0" "$4/bin/python"
    cp "$0" "$4/bin/kosoku" ;;
"-m fuzzingclient")
    mkdir -p "$4"
    echo '{"it":{"2.1":{"behavior":"FAILED","behaviorClose":"OK","reportfile":"a"},
        "2.2":{"behavior":"OK","behaviorClose":"OK","reportfile":"b"}}}' > "$4/index.json"
    echo '{"expectation":"an <b>answer</b> to a ping","result":"nothing came"}' > "$4/a"
    exit 1 ;;
"--help "*) [ "${0%kosoku}" != "$0" ] ;;
esac
"#;
