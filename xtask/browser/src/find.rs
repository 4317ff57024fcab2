//! Where a browser is on this machine: Chrome, Chromium or Edge, whichever comes first.
//!
//! It deliberately starts nothing to find out, and does not ask for a version: any of the last years will do.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::bail;

/// What the programs are called on a `PATH`.
const NAMES: &[&str] = &[
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
    "microsoft-edge",
    "microsoft-edge-stable",
    "chrome",
    "msedge",
];

/// Where the programs are when no `PATH` leads there. The first name is a variable that holds the directory; `/` is none.
const PLACES: &[(&str, &str, &str)] = &[
    ("linux", "/", "snap/bin/chromium"),
    ("linux", "/", "opt/google/chrome/chrome"),
    ("linux", "/", "opt/microsoft/msedge/msedge"),
    (
        "macos",
        "/",
        "Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ),
    (
        "macos",
        "/",
        "Applications/Chromium.app/Contents/MacOS/Chromium",
    ),
    (
        "macos",
        "/",
        "Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    (
        "macos",
        "HOME",
        "Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ),
    (
        "macos",
        "HOME",
        "Applications/Chromium.app/Contents/MacOS/Chromium",
    ),
    (
        "macos",
        "HOME",
        "Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    (
        "windows",
        "ProgramFiles",
        "Google/Chrome/Application/chrome.exe",
    ),
    (
        "windows",
        "ProgramFiles(x86)",
        "Google/Chrome/Application/chrome.exe",
    ),
    (
        "windows",
        "LOCALAPPDATA",
        "Google/Chrome/Application/chrome.exe",
    ),
    ("windows", "LOCALAPPDATA", "Chromium/Application/chrome.exe"),
    (
        "windows",
        "ProgramFiles(x86)",
        "Microsoft/Edge/Application/msedge.exe",
    ),
    (
        "windows",
        "ProgramFiles",
        "Microsoft/Edge/Application/msedge.exe",
    ),
    (
        "windows",
        "LOCALAPPDATA",
        "Microsoft/Edge/Application/msedge.exe",
    ),
];

/// The browser that the checks use: the one that `WORKSHOP_BROWSER` names, or else the first that is found.
/// `WORKSHOP_BROWSER=none` makes this machine one without a browser.
///
/// # Errors
/// `WORKSHOP_BROWSER` names a program that is not there: a person who chose should not get another one in silence.
pub fn find() -> anyhow::Result<Option<PathBuf>> {
    let machine = Machine {
        os: std::env::consts::OS,
        variable: &|name| std::env::var_os(name).filter(|value| !value.is_empty()),
        is_program: &|path| is_program(path) && !is_stub(path),
    };
    machine.find()
}

/// What there is to know about a machine, so that the tests can make up others.
struct Machine<'a> {
    os: &'a str,
    variable: &'a dyn Fn(&str) -> Option<OsString>,
    is_program: &'a dyn Fn(&Path) -> bool,
}

impl Machine<'_> {
    fn find(&self) -> anyhow::Result<Option<PathBuf>> {
        if let Some(chosen) = (self.variable)("WORKSHOP_BROWSER") {
            if chosen == "none" {
                return Ok(None);
            }
            let Some(path) = self.resolve(Path::new(&chosen)) else {
                bail!(
                    "WORKSHOP_BROWSER is {}, and there is no browser there: \
                     set it to the path of a Chrome, Chromium or Edge, or unset it",
                    chosen.display()
                );
            };
            return Ok(Some(path));
        }
        let hinted = (self.variable)("CHROME").and_then(|path| self.resolve(Path::new(&path)));
        let known = || NAMES.iter().find_map(|name| self.on_path(name));
        let placed = || self.places().find(|path| (self.is_program)(path));
        Ok(hinted.or_else(known).or_else(placed))
    }

    /// A path as it is, a bare name as a shell would look it up.
    fn resolve(&self, program: &Path) -> Option<PathBuf> {
        match program.to_str() {
            Some(name) if !name.contains(['/', '\\']) => self.on_path(name),
            _ => (self.is_program)(program).then(|| program.to_owned()),
        }
    }

    fn on_path(&self, name: &str) -> Option<PathBuf> {
        let suffix = if self.os == "windows" && !name.ends_with(".exe") {
            ".exe"
        } else {
            ""
        };
        let file = format!("{name}{suffix}");
        let path = (self.variable)("PATH")?;
        std::env::split_paths(&path)
            .map(|directory| directory.join(&file))
            .find(|candidate| (self.is_program)(candidate))
    }

    fn places(&self) -> impl Iterator<Item = PathBuf> {
        let here = PLACES.iter().filter(|(os, ..)| *os == self.os);
        here.filter_map(|(_, base, path)| match *base {
            "/" => Some(Path::new("/").join(path)),
            variable => Some(Path::new(&(self.variable)(variable)?).join(path)),
        })
    }
}

fn is_program(path: &Path) -> bool {
    let Ok(metadata) = path.metadata() else {
        return false;
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        metadata.is_file() && metadata.permissions().mode() & 0o111 != 0
    }
    #[cfg(not(unix))]
    metadata.is_file()
}

/// Ubuntu's `chromium-browser` is a script that starts the snap, or says that there is none. The snap itself is among [`PLACES`].
fn is_stub(path: &Path) -> bool {
    path.ends_with("chromium-browser")
        && std::fs::read_to_string(path).is_ok_and(|text| text.contains("/snap/bin/chromium"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_on(
        os: &str,
        variables: &[(&str, &str)],
        programs: &[&str],
    ) -> anyhow::Result<Option<PathBuf>> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let is_program = |path: &Path| programs.iter().any(|program| path == Path::new(program));
        Machine {
            os,
            variable: &variable,
            is_program: &is_program,
        }
        .find()
    }

    fn path(text: &str) -> Option<PathBuf> {
        Some(PathBuf::from(text))
    }

    #[test]
    fn the_chosen_browser_comes_before_all_others() {
        let variables = [
            ("WORKSHOP_BROWSER", "/mine/chrome"),
            ("CHROME", "/other/chrome"),
            ("PATH", "/usr/bin"),
        ];
        let programs = ["/usr/bin/chromium", "/other/chrome", "/mine/chrome"];
        assert_eq!(
            find_on("linux", &variables, &programs).unwrap(),
            path("/mine/chrome")
        );
        assert_eq!(
            find_on("linux", &variables[1..], &programs).unwrap(),
            path("/other/chrome")
        );
        assert_eq!(
            find_on("linux", &variables[2..], &programs).unwrap(),
            path("/usr/bin/chromium")
        );
    }

    #[test]
    fn a_chosen_browser_that_is_not_there_is_an_error() {
        let variables = [("WORKSHOP_BROWSER", "/gone/chrome"), ("PATH", "/usr/bin")];
        let error = find_on("linux", &variables, &["/usr/bin/chromium"]).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("WORKSHOP_BROWSER is /gone/chrome"),
            "{error}"
        );
    }

    #[test]
    fn a_hint_that_leads_nowhere_is_passed_over() {
        let variables = [("CHROME", "/gone/chrome"), ("PATH", "/usr/bin")];
        let found = find_on("linux", &variables, &["/usr/bin/chromium"]).unwrap();
        assert_eq!(found, path("/usr/bin/chromium"));
    }

    #[test]
    fn none_means_no_browser() {
        let variables = [("WORKSHOP_BROWSER", "none"), ("PATH", "/usr/bin")];
        assert_eq!(
            find_on("linux", &variables, &["/usr/bin/chromium"]).unwrap(),
            None
        );
    }

    #[test]
    #[cfg(unix)]
    fn a_bare_name_is_looked_up_as_a_shell_would() {
        let variables = [("WORKSHOP_BROWSER", "brave"), ("PATH", "/bin:/usr/bin")];
        let found = find_on("linux", &variables, &["/usr/bin/brave", "brave"]).unwrap();
        assert_eq!(found, path("/usr/bin/brave"));
    }

    #[test]
    fn applications_are_found_without_a_path() {
        let chrome = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
        assert_eq!(find_on("macos", &[], &[chrome]).unwrap(), path(chrome));
        let edge = "C:/PF/Microsoft/Edge/Application/msedge.exe";
        let found = find_on("windows", &[("ProgramFiles(x86)", "C:/PF")], &[edge]).unwrap();
        assert_eq!(found, path(edge));
    }

    #[test]
    fn a_script_that_asks_for_a_snap_is_no_browser() {
        let directory = tempfile::tempdir().unwrap();
        let script = directory.path().join("chromium-browser");
        std::fs::write(&script, "#!/bin/sh\nexec /snap/bin/chromium \"$@\"\n").unwrap();
        assert!(is_stub(&script));
        std::fs::write(
            &script,
            "#!/bin/sh\nexec /usr/lib/chromium/chromium \"$@\"\n",
        )
        .unwrap();
        assert!(!is_stub(&script));
    }
}
