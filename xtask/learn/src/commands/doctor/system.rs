//! What the system gives to a program: a port, a way to it, room, word of saved files, and a terminal.

use std::io::IsTerminal;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

use anyhow::{Context, Result};
use machine::process::who_has;
use notify::{RecursiveMode, Watcher};
use show::root;
use steps::record;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{Finding, patient};

/// The port that a server takes where it is told no other one.
const PORT: u16 = 8080;

/// Whether a server can have its port.
pub fn port() -> Finding {
    const NAME: &str = "port";
    match TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)) {
        Ok(_) => Finding::good(NAME, format!("{PORT} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Finding::doubtful(
            NAME,
            format!("{PORT} is in use: {}", who_has(PORT)),
            "End it, or give `run` another port: --port 8081. The checks do not need it.",
        ),
        Err(error) => Finding::doubtful(
            NAME,
            format!("nothing can be served at {PORT}: {error}"),
            "Give `run` another port: --port 8081. The checks do not need it.",
        ),
    }
}

/// Whether something sends the requests for our own servers elsewhere.
pub fn proxy() -> Finding {
    const NAME: &str = "proxy";
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    match catches_loopback(variable) {
        None => Finding::good(NAME, "no proxy between you and your own server"),
        Some(name) => Finding::doubtful(
            NAME,
            format!("{name} sends programs such as curl to a proxy, for your own server, too"),
            "Except it: NO_PROXY=127.0.0.1,localhost. The checks go past any proxy.",
        ),
    }
}

/// The variable that names a proxy for `http://127.0.0.1/`, if one does.
fn catches_loopback(variable: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
    let names = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
    let name = names.into_iter().find(|name| variable(name).is_some())?;
    let excepted = ["no_proxy", "NO_PROXY"].into_iter().find_map(variable);
    let excepted = excepted.unwrap_or_default();
    let mut hosts = excepted.split(',').map(str::trim);
    let is_ours = |host: &str| ["*", "127.0.0.1", "127.0.0.0/8"].contains(&host);
    (!hosts.any(is_ours)).then_some(name)
}

/// How much room is left where cargo builds.
pub fn disk() -> Finding {
    const NAME: &str = "disk";
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| root().join("target"));
    let target = root().join(target);
    let here = target.ancestors().find(|path| path.exists());
    let Some(free) = here.and_then(free) else {
        return Finding::good(NAME, "not checked on this system");
    };
    let gigabytes = |bytes: u64| bytes as f64 / 1e9;
    let text = format!("{:.1} GB free where cargo builds", gigabytes(free));
    match free {
        FIRST_BUILD.. => Finding::good(NAME, text),
        _ => Finding::doubtful(
            NAME,
            text,
            format!(
                "The first build of all steps takes {:.1} GB; `cargo clean` frees that space again.",
                gigabytes(FIRST_BUILD)
            ),
        ),
    }
}

/// What `cargo build --workspace` takes the first time, in bytes. Measured on Linux: 1,256 MiB.
const FIRST_BUILD: u64 = 1_320_000_000;

/// The bytes that are free for us where this path is; `None` where we do not know how to ask.
#[cfg(unix)]
fn free(path: &std::path::Path) -> Option<u64> {
    let system = nix::sys::statvfs::statvfs(path).ok()?;
    // Their types differ from system to system.
    #[allow(clippy::unnecessary_cast)]
    Some(system.blocks_available() as u64 * system.fragment_size() as u64)
}

#[cfg(not(unix))]
fn free(_: &std::path::Path) -> Option<u64> {
    None
}

/// Whether the system tells us when a file is saved.
pub async fn saves() -> Finding {
    const NAME: &str = "saves";
    let otherwise = "`cargo xtask watch` looks at the files by itself, once a second.";
    match is_told().await {
        Ok(true) => Finding::good(NAME, "the system reports when a file is saved"),
        Ok(false) => Finding::doubtful(
            NAME,
            "the system does not report when a file is saved",
            otherwise,
        ),
        Err(error) => Finding::doubtful(
            NAME,
            format!("{error:#}"),
            "The workshop cannot note what you pass, and may miss a save: is the folder read-only?",
        ),
    }
}

/// Writes a file where the tool may, in the same tree as the exercises, and waits until the system tells of it.
async fn is_told() -> Result<bool> {
    let folder = record::folder();
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("{} cannot be made", show::path(&folder)))?;
    let folder = tempfile::tempdir_in(&folder)
        .with_context(|| format!("nothing can be written in {}", show::path(&folder)))?;
    let (events, mut told) = mpsc::unbounded_channel();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // It fails only when nobody waits any more.
        let _ = events.send(event.is_ok());
    });
    let Ok(mut watcher) = watcher else {
        return Ok(false);
    };
    if watcher
        .watch(folder.path(), RecursiveMode::Recursive)
        .is_err()
    {
        return Ok(false);
    }
    std::fs::write(folder.path().join("saved"), "a save")?;
    Ok(timeout(patient(2.0), told.recv()).await == Ok(Some(true)))
}

/// Where this text goes, and how wide it may be.
pub fn terminal() -> Finding {
    const NAME: &str = "terminal";
    if !std::io::stdout().is_terminal() {
        return Finding::good(
            NAME,
            "none: the output goes to a file or a program, without colour",
        );
    }
    let colour = match anstream::AutoStream::choice(&std::io::stdout()) {
        anstream::ColorChoice::Never => "no colour",
        _ => "colour",
    };
    let Some((columns, lines)) = terminal_size::terminal_size() else {
        return Finding::good(NAME, format!("{colour}; it does not report its size"));
    };
    let text = format!("{} columns, {} lines, {colour}", columns.0, lines.0);
    match (columns.0, lines.0) {
        (80.., 24..) => Finding::good(NAME, text),
        _ => Finding::doubtful(
            NAME,
            text,
            "A larger window, of 80 by 24 or more, shows a check at a glance.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caught(variables: &[(&str, &str)]) -> Option<&'static str> {
        catches_loopback(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_proxy_catches_our_servers_unless_they_are_excepted() {
        let proxy = ("HTTP_PROXY", "http://proxy.example:3128");
        assert_eq!(caught(&[]), None);
        assert_eq!(caught(&[("https_proxy", "http://proxy.example")]), None);
        assert_eq!(caught(&[proxy]), Some("HTTP_PROXY"));
        assert_eq!(
            caught(&[proxy, ("NO_PROXY", "intranet")]),
            Some("HTTP_PROXY")
        );
        assert_eq!(caught(&[proxy, ("no_proxy", "intranet, 127.0.0.1")]), None);
        assert_eq!(
            caught(&[("all_proxy", "socks5://p"), ("NO_PROXY", "*")]),
            None
        );
    }
}
