//! What the doctor finds on machines that lack something: each is this one, with something taken away.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Failed, Trial};

use crate::scratch::Scratch;

/// A trial for each thing that may be amiss and that no transcript can stage.
pub fn trials() -> Vec<Trial> {
    let trial = |name: &str, run: fn(&Scratch, &mut Command) -> Result<()>| {
        crate::kept::trial(format!("doctor-{name}"), move || {
            let run = || {
                let scratch = Scratch::take()?;
                let mut doctor = scratch.xtask(["doctor"]);
                // The look at a browser takes longest, and the transcripts have it.
                run(&scratch, doctor.env("WORKSHOP_BROWSER", "none"))
            };
            run().map_err(|error| Failed::from(format!("{error:#}")))
        })
    };
    let mut trials = vec![
        trial("port-in-use", |_, doctor| {
            // Where somebody else has it, it is in use as well.
            let _held = TcpListener::bind((Ipv4Addr::LOCALHOST, 8080));
            finds(doctor, "! port 8080 is in use: ")
        }),
        trial("not-jquery", |scratch, doctor| {
            fs::write(scratch.file("static/jquery.js"), b"alert(\"\xff\")")?;
            finds(doctor, "✗ jQuery static/jquery.js could not be read")?;
            fs::write(scratch.file("static/jquery.js"), "alert(1)")?;
            finds(
                doctor,
                "✗ jQuery static/jquery.js does not say that it is jQuery → Delete it",
            )?;
            fs::write(scratch.file("static/jquery.js"), "/*! jQuery v3.4.1 */")?;
            finds(doctor, "✗ jQuery static/jquery.js is jQuery 3.4")
        }),
        trial("no-npm", |_, doctor| {
            without("npm", doctor)?;
            finds(doctor, "✓ npm not found, and not needed: jQuery is there")
        }),
        trial("no-npm-and-no-jquery", |scratch, doctor| {
            without("npm", doctor)?;
            fs::remove_file(scratch.file("static/jquery.js"))?;
            // Debian's package has it, where there is that.
            let package = Path::new("/usr/share/javascript/jquery/jquery.min.js").exists();
            match package {
                true => finds(
                    doctor,
                    "! jQuery not there yet → The first `cargo xtask check`",
                ),
                false => finds(doctor, "✗ jQuery static/jquery.js is missing."),
            }
        }),
        trial("no-jquery-yet", |scratch, doctor| {
            fs::remove_file(scratch.file("static/jquery.js"))?;
            finds(
                doctor,
                "! jQuery not there yet → The first `cargo xtask check`",
            )?;
            ensure!(
                !scratch.file("static/jquery.js").exists(),
                "it fetched what it was to look at"
            );
            Ok(())
        }),
        trial("no-place-to-write", |scratch, doctor| {
            fs::write(scratch.file(".workshop"), "a file where a folder belongs")?;
            finds(doctor, "! saves .workshop cannot be made")
        }),
    ];
    if cfg!(unix) {
        trials.push(trial("an-old-compiler", |scratch, doctor| {
            let folder = scratch.file("target/old");
            fs::create_dir_all(&folder)?;
            let write = "printf '#!/bin/sh\necho rustc 1.84.0\n' > rustc && chmod +x rustc";
            let written = Command::new("sh")
                .args(["-c", write])
                .current_dir(&folder)
                .status()?;
            ensure!(written.success(), "no compiler could be made up");
            doctor.env("PATH", &folder);
            finds(doctor, "✗ Rust rustc 1.84.0, and the workshop needs ")
        }));
    }
    trials
}

/// Holds that the doctor says this, line ends and columns apart.
fn finds(doctor: &mut Command, expected: &str) -> Result<()> {
    let output = doctor.output()?;
    let said = String::from_utf8(output.stdout)?;
    let words: Vec<&str> = said.split_whitespace().collect();
    ensure!(words.join(" ").contains(expected), "it said:\n{said}");
    // There is no browser, so that not all is well in any case.
    ensure!(output.status.code() == Some(3), "{:?}", output.status);
    Ok(())
}

/// Takes the folders that hold a program of this name out of what a command sees.
pub fn without(program: &str, command: &mut Command) -> Result<()> {
    let path = std::env::var_os("PATH").context("there is a PATH")?;
    let lacks = |folder: &std::path::PathBuf| {
        !folder.join(program).exists() && !folder.join(format!("{program}.cmd")).exists()
    };
    let folders = std::env::split_paths(&path).filter(lacks);
    command.env("PATH", std::env::join_paths(folders)?);
    Ok(())
}
