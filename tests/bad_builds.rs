//! Files and machines that no build can come of: what is said, and whether it is the learner's to mend (1) or the machine's (3).
//!
//! All are tried one after the other on the first step, so that a trial builds little more than nothing.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use libtest_mimic::{Failed, Trial};

use crate::machine::words;
use crate::scratch::Scratch;

pub fn trials() -> Vec<Trial> {
    let trial = |name: &str, run: fn() -> Result<()>| {
        crate::kept::trial(name, move || {
            run().map_err(|error| Failed::from(format!("{error:#}")))
        })
    };
    let mut trials = vec![
        trial("bad-builds-of-files", files),
        trial("bad-builds-of-modules", modules),
        trial("bad-builds-of-a-manifest", manifests),
    ];
    // The compiler is played by a shell script.
    if cfg!(unix) {
        trials.push(trial("bad-builds-of-a-compiler", compilers));
    }
    trials
}

const SERVER: &str = "exercises/01-hello/server.rs";

/// A file that is no program, or one with much in it.
fn files() -> Result<()> {
    let scratch = Scratch::take()?;
    let wrong = (0..300).map(|n| format!("    let _: u8 = \"{n}\";\n"));
    let many = format!("fn main() {{\n{}}}\n", wrong.collect::<String>());
    let large = format!("fn main() {{ late }}\n// {}\n", "x".repeat(2_000_000));
    let in_a_macro = "macro_rules! twice { ($it:expr) => { $it + missing } }\nfn main() { println!(\"{}\", twice!(1)); }\n";
    // The place of this error is in Rust's own source.
    let in_a_library = "fn main() { println!(\"{:?}\", [1_u8, 2].as_chunks::<0>()); }\n";
    let all: [(&[u8], &[&str]); 5] = [
        (
            b"fn main() { println!(\"na\xefve\"); }\n",
            &["not-utf-8", "line 1"],
        ),
        (many.as_bytes(), &["the first of 300", "server.rs:2"]),
        (large.as_bytes(), &["`late`", "server.rs:1"]),
        (in_a_macro.as_bytes(), &["missing", "server.rs:"]),
        (in_a_library.as_bytes(), &["server.rs:1"]),
    ];
    for (text, says) in all {
        fs::write(scratch.file(SERVER), text)?;
        checked(&scratch, 1, says, |_| {})?;
    }
    Ok(())
}

/// An error in a module beside the server is found and quoted there.
fn modules() -> Result<()> {
    let scratch = Scratch::take()?;
    let server = "mod greeting;\nfn main() { println!(\"{}\", greeting::text()); }\n";
    fs::write(scratch.file(SERVER), server)?;
    let module = scratch.file("exercises/01-hello/greeting.rs");
    let all: [(&[u8], &[&str]); 4] = [
        (
            b"//! A greeting.\npub fn text() -> &'static str {\n    let words = \"hi\"\n    words\n}\n",
            &["greeting.rs:3", "let words", "missing-semicolon"],
        ),
        (
            b"pub fn text() -> &'static str {\n    wrods\n}\n",
            &["greeting.rs:2", "`wrods`"],
        ),
        (b"fn text() -> u8 { 1 }\n", &["server.rs:2", "`text`"]),
        (b"pub fn text() { println!(\"na\xefve\"); }\n", &["greeting.rs"]),
    ];
    for (text, says) in all {
        fs::write(&module, text)?;
        checked(&scratch, 1, says, |_| {})?;
    }
    Ok(())
}

/// A `Cargo.toml` that cargo cannot read, and one that wants a newer Rust.
fn manifests() -> Result<()> {
    let scratch = Scratch::take()?;
    scratch.finish_step("1", "", "")?;
    let file = scratch.file("Cargo.toml");
    let right = fs::read_to_string(&file)?;
    let with = |key: &str, value: &str| {
        right.replacen(
            &format!("{key}.workspace = true"),
            &format!("{key} = \"{value}\""),
            1,
        )
    };
    let tried = [
        (
            format!("{right}\nbroken = [\n"),
            1,
            "Cargo.toml cannot be read",
        ),
        (with("rust-version", "1.999"), 3, "rustup update stable"),
        (with("edition", "2999"), 1, "Cargo.toml cannot be read"),
        (with("edition", "2015"), 1, "the edition of 2015"),
    ]
    .map(|(text, code, says)| {
        fs::write(&file, text)?;
        checked(&scratch, code, &[says], |_| {})
    });
    // Whatever came of it: the next trial has this copy, too.
    fs::write(&file, right)?;
    tried.into_iter().collect()
}

/// A compiler that breaks, and one that has no room on the disk.
fn compilers() -> Result<()> {
    let scratch = Scratch::take()?;
    scratch.finish_step("1", "", "")?;
    let full = std::io::Error::from_raw_os_error(28);
    let broken = r#"{"$message_type":"diagnostic","message":"no region","code":null,"level":"error: internal compiler error","spans":[],"children":[],"rendered":"error: internal compiler error: no region"}"#;
    let full = format!(
        r#"{{"$message_type":"diagnostic","message":"failed to write server.rmeta: {full}","code":null,"level":"error","spans":[],"children":[],"rendered":"error"}}"#
    );
    for (number, (said, says)) in [
        (broken, "internal compiler error"),
        (full.as_str(), "no room left on the disk"),
    ]
    .into_iter()
    .enumerate()
    {
        // Each has a name of its own: cargo remembers what a compiler of this name and age said.
        let folder = tempfile::tempdir()?;
        let wrapper = folder.path().join(format!("rustc-{number}"));
        play(&wrapper, said)?;
        checked(&scratch, 3, &[says], |check| {
            check.env("RUSTC_WORKSPACE_WRAPPER", &wrapper);
        })?;
    }
    Ok(())
}

/// Writes a compiler that says this of the learner's program, and does its work otherwise.
fn play(wrapper: &Path, said: &str) -> Result<()> {
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n*01-hello/server.rs*) printf '%s\\n' '{said}' >&2; exit 101 ;;\nesac\nexec \"$@\"\n"
    );
    fs::write(wrapper, script)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(wrapper, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Checks the first step, which has to end with this code and say these words.
fn checked(
    scratch: &Scratch,
    code: i32,
    says: &[&str],
    set: impl FnOnce(&mut Command),
) -> Result<()> {
    let mut check = scratch.xtask(["check", "1", "--server"]);
    check.current_dir(scratch.file("."));
    set(&mut check);
    let output = check.output()?;
    let said = words(&[output.stdout, output.stderr].concat());
    let shown: String = said.chars().take(3_000).collect();
    ensure!(
        output.status.code() == Some(code),
        "not {code}, {}: {shown}",
        output.status
    );
    for part in says {
        ensure!(said.contains(part), "it does not say {part:?}: {shown}");
    }
    Ok(())
}
