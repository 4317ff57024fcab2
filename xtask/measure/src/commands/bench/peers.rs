//! The servers of other libraries, as `xtask/measure/peers/` has them: fetched with npm, once, from the lock that lies there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use machine::process::Launch;
use machine::{jquery, npm};
use show::root;
use tokio::process::Command;

use super::contestant::{Contestant, Contestants};
use crate::load::wire::Wire;

/// Their names, in the order of the table.
pub const NAMES: [&str; 3] = ["socket.io", "ws", "bun"];

/// How long fetching them may take: Bun alone is some 100 MB.
const PATIENCE: Duration = Duration::from_secs(300);

const MANIFEST: &str = "package.json";
const LOCK: &str = "package-lock.json";

/// Where they are fetched to. What npm leaves there is no part of the workshop.
fn folder() -> PathBuf {
    root().join("target").join("peers")
}

/// Fetches those that have one of these names. What keeps one away is no error: it is left out.
///
/// # Errors
/// When the files that come with the workshop cannot be read.
pub async fn get(wanted: &[String]) -> Result<Contestants> {
    let mut peers = Contestants::default();
    let wanted = |name: &&&str| wanted.iter().any(|it| it == **name);
    let names: Vec<&str> = NAMES.iter().filter(wanted).copied().collect();
    if names.is_empty() {
        return Ok(peers);
    }
    let fetched = fetch().await;
    for name in names {
        let program = match &fetched {
            Ok(()) if name == "bun" => bun(),
            Ok(()) => node().await,
            Err(error) => Err(anyhow::format_err!("{error:#}")),
        };
        match program {
            Ok(program) => peers.there.push(peer(name, program)),
            Err(why) => peers.left_out.push((name.into(), format!("{why:#}"))),
        }
    }
    Ok(peers)
}

fn peer(name: &str, program: PathBuf) -> Contestant {
    let mut launch = Launch::new(program, folder());
    launch.args = vec![format!("{name}.js").into()];
    launch.env = vec![("JQUERY".into(), jquery::path().into())];
    Contestant {
        name: name.into(),
        is_ours: false,
        wire: match name {
            "socket.io" => Wire::SocketIo,
            _ => Wire::Events,
        },
        launch,
    }
}

/// Copies our servers to where their libraries are, and fetches these, unless the ones that the lock names are there.
async fn fetch() -> Result<()> {
    let (from, to) = (root().join("xtask/measure/peers"), folder());
    fs::create_dir_all(&to).with_context(|| show::path(&to))?;
    let servers = NAMES.map(|name| format!("{name}.js"));
    for name in servers.iter().map(String::as_str).chain([MANIFEST]) {
        fs::copy(from.join(name), to.join(name)).with_context(|| name.to_owned())?;
    }
    let lock = fs::read(from.join(LOCK)).context(LOCK)?;
    let done = to.join("fetched");
    if fs::read(&done).is_ok_and(|fetched| fetched == lock) {
        return Ok(());
    }
    fs::write(to.join(LOCK), &lock).context(LOCK)?;
    show::note("Fetching socket.io, ws and Bun, some 110 MB, once.");
    npm::ci(&to, PATIENCE).await?;
    fs::write(&done, &lock).with_context(|| show::path(&done))
}

/// Node, as it is found on the `PATH`.
async fn node() -> Result<PathBuf> {
    let program = PathBuf::from("node");
    let mut asked = Command::new(&program);
    asked.arg("--version").stdout(Stdio::null());
    asked.status().await.context("node was not found")?;
    Ok(program)
}

/// Bun, in the package for this system: npm fetches that one alone, and no script puts it elsewhere.
fn bun() -> Result<PathBuf> {
    let packages = fs::read_dir(folder().join("node_modules").join("@oven"));
    let program = |package: &Path| {
        let name = if cfg!(windows) { "bun.exe" } else { "bun" };
        package.join("bin").join(name)
    };
    let mut programs = packages
        .into_iter()
        .flatten()
        .flatten()
        .map(|package| program(&package.path()))
        .filter(|program| program.is_file());
    programs.next().context("there is no Bun for this system")
}
