//! jQuery, for the servers to hand out: fetched from its locked npm package, or taken from where it is already.
//!
//! It is not in the repository. `static/package.json` and its lock say which version belongs to the workshop; a file that
//! somebody put at `static/jquery.js` by hand is left alone. It is the file that pages on the web load, without comments and
//! long names: a third as much for a classroom's wifi.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use show::root;

use crate::{apt, npm};

/// Where the servers take it from.
pub fn path() -> PathBuf {
    root().join("static").join("jquery.js")
}

/// Where Debian's package libjs-jquery puts it.
const OF_DEBIAN: &str = "/usr/share/javascript/jquery/jquery.min.js";

/// Before 3.5.0, jQuery ran scripts in texts that were meant to be safe (CVE-2020-11022).
const OLDEST: (u32, u32) = (3, 5);

/// How long npm may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How to get it, in words, a way a line.
pub fn how_to_get() -> String {
    "static/jquery.js is missing. There are three ways to get it:\n\
     - install Node.js: its npm fetches it the next time you run this\n\
     - on Debian and Ubuntu: sudo apt-get install libjs-jquery\n\
     - by hand: put a jQuery of 3.5 or later there"
        .into()
}

/// Holds that `static/jquery.js` is a jQuery that we would hand out.
///
/// # Errors
/// What is wrong with it, and how to get one.
pub fn is_there() -> Result<()> {
    let file = path();
    ensure!(file.is_file(), how_to_get());
    is_recent(&file)
}

/// The version of `static/jquery.js`: major and minor.
pub fn version_there() -> Option<(u32, u32)> {
    version(&std::fs::read_to_string(path()).ok()?)
}

/// Whether it can be had here without npm: Debian's package has been installed.
pub fn is_in_debian_package() -> bool {
    is_recent(Path::new(OF_DEBIAN)).is_ok()
}

/// Gets `static/jquery.js` where there is none: with npm, or else from Debian's package.
///
/// # Errors
/// Why it is not.
pub async fn fetch() -> Result<()> {
    if path().is_file() {
        return Ok(());
    }
    let npm = match from_npm().await {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    let package = Path::new(OF_DEBIAN);
    if !package.exists() && apt::may_install() {
        let installed = apt::update().and_then(|()| apt::install("libjs-jquery"));
        installed?;
    }
    if is_recent(package).is_ok() {
        return put(package);
    }
    Err(npm.context("jQuery could not be fetched"))
}

/// Fetches the locked version with `npm ci`, in a folder of its own: what npm leaves there is nothing to be served.
async fn from_npm() -> Result<()> {
    let folder = tempfile::tempdir().context("no temporary folder could be made")?;
    for name in ["package.json", "package-lock.json"] {
        std::fs::copy(root().join("static").join(name), folder.path().join(name))
            .with_context(|| format!("static/{name} could not be read"))?;
    }
    npm::ci(folder.path(), PATIENCE).await?;
    put(&folder.path().join("node_modules/jquery/dist/jquery.min.js"))
}

/// Copies the file to where the servers take it from, whole or not at all: two commands may do this at once.
fn put(from: &Path) -> Result<()> {
    let to = path();
    let partial = to.with_extension(format!("js.{}", std::process::id()));
    std::fs::copy(from, &partial)
        .and_then(|_| std::fs::rename(&partial, &to))
        .with_context(|| format!("{} could not be copied to static/jquery.js", from.display()))
}

/// Whether a file is a jQuery that we would hand out.
fn is_recent(file: &Path) -> Result<()> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} could not be read", show::path(file)))?;
    match version(&text) {
        Some(version) if version >= OLDEST => Ok(()),
        Some((major, minor)) => bail!(
            "static/jquery.js is jQuery {major}.{minor}, and versions before 3.5 have a known hole. Delete it, and a newer one is fetched."
        ),
        None => bail!(
            "static/jquery.js does not say that it is jQuery. Delete it, so that jQuery is fetched again."
        ),
    }
}

/// The version in the comment that every jQuery begins with: `jQuery JavaScript Library v4.0.0`, or `jQuery v4.0.0`.
fn version(text: &str) -> Option<(u32, u32)> {
    let head = text.get(..300).unwrap_or(text);
    let after = head.split("jQuery").skip(1).find_map(|rest| {
        rest.trim_start_matches(" JavaScript Library")
            .strip_prefix(" v")
    })?;
    let mut numbers = after.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_in_the_first_comment() {
        assert_eq!(
            version("/*!\n * jQuery JavaScript Library v4.0.0\n * https://jquery.com/"),
            Some((4, 0))
        );
        assert_eq!(
            version("/*! jQuery v3.7.1 | (c) OpenJS Foundation */"),
            Some((3, 7))
        );
        assert_eq!(version("alert('not jQuery')"), None);
    }
}
