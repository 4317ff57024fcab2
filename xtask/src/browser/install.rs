//! How to get a browser: the one command to tell a person, and on Debian and Ubuntu a way to run it.
//!
//! It deliberately installs nothing unless it is called for that, never asks for a password, and knows one way for each system.

use std::path::Path;

use anyhow::{Context, bail};

use crate::apt::{self, is_root};

/// Where Google keeps the package that works on an Ubuntu without snaps, as in a container.
const CHROME_DEB: &str = "https://dl.google.com/linux/direct/google-chrome-stable_current_";

/// The command that installs a browser on this system.
#[must_use]
pub fn how_to_install() -> String {
    let command = System::here().command();
    if command.starts_with("sudo ") && is_root() {
        // A container has no sudo, and root needs none.
        return command.replace("sudo ", "");
    }
    command
}

/// Whether [`install`] can work: a Debian or an Ubuntu where we may install, as root or, in CI, by a `sudo` that does not ask.
#[must_use]
pub fn can_install_here() -> bool {
    matches!(
        System::here(),
        System::Debian | System::Ubuntu | System::UbuntuWithSnaps
    ) && apt::may_install()
}

/// Installs a browser, and says on stderr that it does. What apt prints is shown only when it fails.
///
/// # Errors
/// This is not a system that we install on, or apt failed; the error holds the end of what it printed.
pub fn install() -> anyhow::Result<()> {
    if !can_install_here() {
        bail!(
            "cannot install a browser here; this command does: {}",
            how_to_install()
        );
    }
    apt::update()?;
    if System::here() == System::Debian {
        return apt::install("chromium");
    }
    let download = tempfile::tempdir().context("no room for a download")?;
    let package = download.path().join("chrome.deb").display().to_string();
    apt::install("ca-certificates")?;
    apt::download(&chrome_deb(), &package)?;
    apt::install(&package)
}

/// The systems that differ in how a browser is installed.
#[derive(Debug, PartialEq, Eq)]
enum System {
    Debian,
    /// Its `chromium` package is an empty one that asks for a snap, and snaps need a daemon that containers do not run.
    Ubuntu,
    UbuntuWithSnaps,
    Fedora,
    RedHat,
    Arch,
    Alpine,
    Suse,
    MacOs,
    Windows,
    Other,
}

impl System {
    fn here() -> System {
        match std::env::consts::OS {
            "macos" => System::MacOs,
            "windows" => System::Windows,
            "linux" => {
                let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
                System::from_release(&release, Path::new("/run/snapd.socket").exists())
            }
            _ => System::Other,
        }
    }

    /// Reads `/etc/os-release`: the system's own name, then those that it is like, nearest first.
    fn from_release(release: &str, snaps: bool) -> System {
        let value = |key: &str| {
            let mut lines = release.lines();
            let value = lines
                .find_map(|line| line.strip_prefix(key))
                .unwrap_or_default();
            value.trim_matches(['"', '\'']).to_owned()
        };
        let names = format!("{} {}", value("ID="), value("ID_LIKE="));
        let known = names.split_whitespace().find_map(|name| match name {
            // Mint and Pop are like Ubuntu, but their chromium is a real package.
            "debian" | "linuxmint" | "pop" | "raspbian" => Some(System::Debian),
            "ubuntu" if snaps => Some(System::UbuntuWithSnaps),
            "ubuntu" => Some(System::Ubuntu),
            "fedora" if names.contains("rhel") => Some(System::RedHat),
            "fedora" => Some(System::Fedora),
            "rhel" | "centos" => Some(System::RedHat),
            "arch" => Some(System::Arch),
            "alpine" => Some(System::Alpine),
            "suse" | "opensuse" => Some(System::Suse),
            _ => None,
        });
        known.unwrap_or(System::Other)
    }

    fn command(&self) -> String {
        let command = match self {
            System::Debian => "sudo apt-get update && sudo apt-get install -y chromium",
            System::Ubuntu => {
                return format!(
                    "curl -fsSLo /tmp/chrome.deb {} && sudo apt-get update && sudo apt-get install -y /tmp/chrome.deb",
                    chrome_deb()
                );
            }
            System::UbuntuWithSnaps => "sudo snap install chromium",
            System::Fedora => "sudo dnf install -y chromium",
            System::RedHat => "sudo dnf install -y epel-release && sudo dnf install -y chromium",
            System::Arch => "sudo pacman -S --needed chromium",
            System::Alpine => "sudo apk add chromium",
            System::Suse => "sudo zypper install -y chromium",
            System::MacOs => "brew install --cask google-chrome",
            System::Windows => "winget install --exact --id Google.Chrome",
            System::Other => {
                "install Chrome, Chromium or Edge, and set WORKSHOP_BROWSER to the path of the program"
            }
        };
        command.to_owned()
    }
}

fn chrome_deb() -> String {
    let arch = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "amd64"
    };
    format!("{CHROME_DEB}{arch}.deb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_known_by_its_name_or_by_what_it_is_like() {
        let cases = [
            ("NAME=x\nID=debian\n", false, System::Debian),
            ("ID=ubuntu\nID_LIKE=debian\n", true, System::UbuntuWithSnaps),
            ("ID=ubuntu\nID_LIKE=debian\n", false, System::Ubuntu),
            (
                "ID=zorin\nID_LIKE=\"ubuntu debian\"\n",
                true,
                System::UbuntuWithSnaps,
            ),
            (
                "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
                true,
                System::Debian,
            ),
            ("ID=fedora\n", false, System::Fedora),
            (
                "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
                false,
                System::RedHat,
            ),
            ("ID=manjaro\nID_LIKE=arch\n", false, System::Arch),
            ("ID=alpine\n", false, System::Alpine),
            (
                "ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n",
                false,
                System::Suse,
            ),
            ("ID=plan9\n", false, System::Other),
        ];
        for (release, snaps, system) in cases {
            assert_eq!(System::from_release(release, snaps), system, "{release}");
        }
    }

    #[test]
    fn every_system_gets_one_line() {
        use System::{
            Alpine, Arch, Debian, Fedora, MacOs, Other, RedHat, Suse, Ubuntu, UbuntuWithSnaps,
            Windows,
        };
        for system in [
            Debian,
            Ubuntu,
            UbuntuWithSnaps,
            Fedora,
            RedHat,
            Arch,
            Alpine,
            Suse,
            MacOs,
            Windows,
            Other,
        ] {
            let command = system.command();
            assert!(!command.is_empty() && !command.contains('\n'), "{system:?}");
        }
        assert!(!how_to_install().is_empty());
    }
}
