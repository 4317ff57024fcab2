//! What building a program needs besides the program: cargo, and the linker that the compiler calls at the end.
//!
//! Where one of them is missing, the compiler says so in the words of an error. The program is not to blame.

use serde_json::Value;

use crate::system::{System, as_this_user};

/// What building needs is missing on this machine. The first line says what, and a command that installs it is a line below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing(String);

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

/// There is no cargo on this machine, or none where programs are looked for.
pub(super) fn cargo() -> Missing {
    Missing(
        "programs are built with cargo, and none was found. It comes with Rust, https://rustup.rs; \
         where that is installed, a new terminal finds it"
            .into(),
    )
}

/// What is missing here, if that is what an error of the compiler's is about: a linker, room on the disk, a compiler that
/// does its work.
pub(super) fn of_compiler(message: &Value) -> Option<Missing> {
    let text = message["message"].as_str()?;
    let has_place = message["spans"]
        .as_array()
        .is_some_and(|spans| !spans.is_empty());
    let is_broken = message["level"]
        .as_str()
        .is_some_and(|level| level.contains("internal compiler error"));
    if is_broken || text.starts_with("the compiler unexpectedly panicked") {
        return Some(Missing(
            "The compiler itself has failed (an internal compiler error): no program, right or wrong, should bring it to that. \
             A newer one may do better, and without its old files as well:\nrustup update stable && cargo clean"
                .into(),
        ));
    }
    no_room(text)
        .filter(|_| !has_place)
        .or_else(|| linker(message))
}

/// What is missing here, if that is what cargo failed over before it came to the program.
pub(super) fn of_cargo(said: &str) -> Option<Missing> {
    let is_old = [
        "requires rustc ",
        "feature `edition2024` is required",
        "feature `edition` is required",
        "is not supported by the following package",
    ]
    .iter()
    .any(|sign| said.contains(sign));
    if is_old {
        return Some(Missing(
            "The Rust on this machine is older than the workshop needs. This brings a new one:\nrustup update stable".into(),
        ));
    }
    if said.contains("internal compiler error") {
        return of_compiler(
            &serde_json::json!({"message": "", "level": "error: internal compiler error"}),
        );
    }
    no_room(said)
}

/// The disk is full. That is the system's number, and the same in every language.
fn no_room(said: &str) -> Option<Missing> {
    let full = [
        "os error 28)",
        "No space left on device",
        "os error 112)",
        "ENOSPC",
        "os error 122)",
    ];
    full.iter().any(|sign| said.contains(sign)).then(|| {
        Missing(
            "There is no room left on the disk, and a build needs some. This frees what earlier builds have left, and the next \
             one takes as long as the first:\ncargo clean"
                .into(),
        )
    })
}

/// What is missing of the linker, if that is what an error of the compiler's is about.
fn linker(message: &Value) -> Option<Missing> {
    linker_on(System::here(), message)
}

fn linker_on(system: System, message: &Value) -> Option<Missing> {
    let text = message["message"].as_str()?;
    let in_quotes = |text: &str| Some(text.split('`').nth(1)?.to_owned());
    if text.starts_with("linker `") && text.ends_with("` not found") {
        return Some(of_system(system, &in_quotes(text)?, "was not found"));
    }
    if !text.starts_with("linking with `") {
        return None;
    }
    let notes = message["children"].as_array()?.iter();
    let mut lines = notes
        .filter_map(|note| note["message"].as_str())
        .flat_map(str::lines);
    let line = lines.find(|line| BROKEN.iter().any(|sign| line.contains(sign)))?;
    let how = format!("cannot do its work ({})", line.trim());
    Some(of_system(system, &in_quotes(text)?, &how))
}

/// What a linker prints that is there only in part. A library or a function that the *program* asks for and that is not
/// there reads otherwise.
const BROKEN: &[&str] = &[
    // gcc and clang, without a program that they call.
    "cannot find 'ld'",
    "cannot find ld",
    "unable to execute command",
    "invalid linker name in argument",
    // The C library's own parts, without its development package.
    "cannot find Scrt1.o",
    "cannot find crt1.o",
    "cannot find crti.o",
    "cannot open Scrt1.o",
    "cannot open crt1.o",
    "cannot open crti.o",
    "cannot find -lc:",
    // macOS, without its command line tools.
    "xcrun: error:",
    "You have not agreed to the Xcode license",
    // Windows, where another link.exe comes first: the one that makes links, of Git's or MSYS2's tools.
    "link: extra operand",
    "link: missing operand",
];

fn of_system(system: System, name: &str, how: &str) -> Missing {
    let what = format!("Rust needs a linker to build a program, and `{name}` {how}");
    let usual = match system {
        System::Windows => ["link", "link.exe"],
        _ => ["cc", "cc"],
    };
    if !usual.contains(&name) {
        return Missing(format!(
            "{what}. That name is not the usual one; it was chosen in RUSTFLAGS, in another variable, or in a \
             config.toml of cargo's. Install that linker, or remove the setting"
        ));
    }
    Missing(match install(system) {
        Some(command) => format!(
            "{what}. This installs it:\n{}",
            as_this_user(command.into())
        ),
        None => format!("{what}. It comes with a C compiler, gcc or clang: install one of them"),
    })
}

/// The command that installs a linker, as a person with `sudo` would type it.
fn install(system: System) -> Option<&'static str> {
    Some(match system {
        System::Debian | System::Ubuntu | System::UbuntuWithSnaps => {
            "sudo apt-get update && sudo apt-get install -y build-essential"
        }
        System::Fedora | System::RedHat => "sudo dnf install gcc",
        System::Arch => "sudo pacman -S base-devel",
        System::Alpine => "sudo apk add build-base",
        System::Suse => "sudo zypper install gcc",
        System::MacOs => "xcode-select --install",
        System::Windows => {
            "winget install Microsoft.VisualStudio.2022.BuildTools --override \"--passive --wait --add Microsoft.VisualStudio.Workload.VCTools --includeRecommended\""
        }
        System::Other => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(system: System, message: &str, note: &str) -> Option<String> {
        let message = json!({"message": message, "children": [{"message": note}]});
        linker_on(system, &message).map(|missing| missing.to_string())
    }

    #[test]
    fn a_linker_that_is_not_there_is_missing_here() {
        for (system, name, part) in [
            (System::Debian, "cc", "build-essential"),
            (System::MacOs, "cc", "xcode-select"),
            (System::Windows, "link.exe", "winget"),
            (System::Other, "cc", "gcc or clang"),
            (System::Debian, "wild", "RUSTFLAGS"),
        ] {
            let said = said(system, &format!("linker `{name}` not found"), "os error 2").unwrap();
            assert!(said.contains(part) && said.contains(name), "{said}");
        }
        for system in System::ALL {
            assert!(said(*system, "linker `cc` not found", "").is_some());
        }
    }

    #[test]
    fn a_linker_that_is_there_in_part_is_missing_here() {
        let failed = "linking with `cc` failed: exit status: 1";
        for note in [
            "collect2: fatal error: cannot find 'ld'\ncompilation terminated.",
            "/usr/bin/ld: cannot find Scrt1.o: No such file or directory",
            "xcrun: error: invalid active developer path (/Library/Developer/CommandLineTools)",
        ] {
            assert!(said(System::Debian, failed, note).is_some(), "{note}");
        }
    }

    #[test]
    fn what_a_program_asks_the_linker_for_is_the_programs() {
        let failed = "linking with `cc` failed: exit status: 1";
        for note in [
            "/usr/bin/ld: cannot find -lmissing: No such file or directory",
            "rust-lld: error: undefined symbol: missing",
            "/usr/bin/ld: cannot find -lcrypto: No such file or directory",
        ] {
            assert_eq!(said(System::Debian, failed, note), None, "{note}");
        }
        assert_eq!(
            said(System::Debian, "mismatched types", "cannot find ld"),
            None
        );
    }
}
