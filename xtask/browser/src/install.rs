//! How to get a browser: the one command to tell a person, and on Debian and Ubuntu a way to run it.
//!
//! It deliberately installs nothing unless it is called for that, never asks for a password, and knows one way for each system.

use anyhow::{Context, bail};
use machine::apt;
use machine::system::{System, as_this_user};

/// Where Google keeps the package that works on an Ubuntu without snaps, as in a container.
const CHROME_DEB: &str = "https://dl.google.com/linux/direct/google-chrome-stable_current_";

/// The command that installs a browser on this system.
#[must_use]
pub fn how_to_install() -> String {
    as_this_user(command(System::here()))
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

/// The command for a system, as a person with `sudo` would type it.
fn command(system: System) -> String {
    let command = match system {
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
    fn every_system_gets_one_line() {
        for system in System::ALL {
            let command = command(*system);
            assert!(!command.is_empty() && !command.contains('\n'), "{system:?}");
        }
        assert!(!how_to_install().is_empty());
    }
}
