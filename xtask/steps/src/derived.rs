//! A package of programs that are derived from the learners': with their manifest, their lock file and what they embed.
//!
//! So they are built with the same libraries in the same way, and where they share the learners' target directory, none of
//! the libraries is built again.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use show::root;

/// Writes the package: its manifest, with a binary of each of these names, and `static/`. Each binary's source is
/// `NAME/server.rs`.
///
/// # Errors
/// When a file cannot be read or written.
pub fn write_package(folder: &Path, package: &str, binaries: &[String]) -> Result<()> {
    fs::create_dir_all(folder.join("static"))?;
    for entry in fs::read_dir(root().join("static"))?.flatten() {
        if entry.file_type()?.is_file() {
            let copy = folder.join("static").join(entry.file_name());
            write(&copy, &fs::read(entry.path())?)?;
        }
    }
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    write(
        &folder.join("Cargo.toml"),
        manifest(package, binaries)?.as_bytes(),
    )
}

/// Writes a file if its bytes differ: what has not changed is not built again.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    match fs::read(path) {
        Ok(there) if there == bytes => Ok(()),
        _ => fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display())),
    }
}

/// The learners' manifest, with these for its binaries: all that comes after its own is taken as it is.
fn manifest(package: &str, binaries: &[String]) -> Result<String> {
    let learners = fs::read_to_string(root().join("Cargo.toml"))?;
    let start = learners.find("[dependencies]");
    let rest = &learners[start.context("the learners' package has dependencies")?..];
    let (rest, of_packages) = in_two(rest);
    let rest = rest.lines().filter(|line| {
        let key = line.split('=').next().unwrap_or_default().trim();
        !["members", "default-members"].contains(&key)
    });
    let build = root().join("xtask/rerun_if_changed.rs");
    let package = format!(
        "[package]\nname = {package:?}\nedition.workspace = true\nautobins = false\nbuild = {build:?}\n"
    );
    let binary = |name: &String| format!("[[bin]]\nname = {name:?}\npath = \"{name}/server.rs\"\n");
    let lines: Vec<String> = [package]
        .into_iter()
        .chain(binaries.iter().map(binary))
        .chain(rest.map(str::to_owned))
        .chain([of_packages])
        .collect();
    Ok(lines.join("\n"))
}

/// The head of the packages that are built in a way of their own.
const OF_PACKAGES: &str = "[profile.dev.package]";

/// A manifest up to what it says of single packages, and what of that holds for a package that is derived from the learners':
/// of all libraries, and of those that step 17's client of NATS brings. Built otherwise, they would be built once more. What
/// is said of the tools is said of packages that are not there.
pub fn in_two(manifest: &str) -> (&str, String) {
    let (rest, of_packages) = manifest.split_once(OF_PACKAGES).unwrap_or((manifest, ""));
    let of_libraries = |line: &&str| line.starts_with("\"*\"") || line.starts_with("regex-");
    let lines = of_packages
        .lines()
        .take_while(|line| !line.starts_with('['))
        .filter(of_libraries);
    let lines: Vec<&str> = [OF_PACKAGES].into_iter().chain(lines).collect();
    (rest, lines.join("\n"))
}
