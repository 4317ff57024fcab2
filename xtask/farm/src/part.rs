//! The two programs that a farm is made of beside ours: where they are, and how to get them.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use machine::apt;
use machine::system::{System, as_this_user};

/// A program that a farm needs and that is not ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What carries the positions from one endpoint to the others.
    Nats,
    /// What spreads the users over the endpoints.
    HaProxy,
}

/// Both of them.
pub const PARTS: [Part; 2] = [Part::Nats, Part::HaProxy];

impl Part {
    /// The program's name, as it is typed.
    pub fn program(self) -> &'static str {
        match self {
            Part::Nats => "nats-server",
            Part::HaProxy => "haproxy",
        }
    }

    /// The environment variable that names another one, or with `none` makes this machine one without it.
    pub fn variable(self) -> &'static str {
        match self {
            Part::Nats => "WORKSHOP_NATS_SERVER",
            Part::HaProxy => "WORKSHOP_HAPROXY",
        }
    }

    /// Where it is, if it is here: on the `PATH`, or where a system keeps its servers.
    ///
    /// # Errors
    /// When the variable names a program that is not there: who chose one should not get another in silence.
    pub fn find(self) -> Result<Option<PathBuf>> {
        let chosen = std::env::var_os(self.variable()).filter(|value| !value.is_empty());
        match chosen {
            Some(none) if none == "none" => Ok(None),
            Some(chosen) => match Path::new(&chosen).is_file() {
                true => Ok(Some(chosen.into())),
                false => bail!(
                    "{} is {}, and there is no program there: set it to the path of a {}, or unset it",
                    self.variable(),
                    chosen.display(),
                    self.program()
                ),
            },
            None => Ok(on_path(self.program())),
        }
    }
}

/// A program by its name. Debian keeps servers in `/usr/sbin`, which is on nobody's `PATH` but root's.
fn on_path(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"];
    std::env::split_paths(&path)
        .chain(places.map(PathBuf::from))
        .map(|folder| folder.join(&file))
        .find(|candidate| candidate.is_file())
}

/// The parts that are not here.
///
/// # Errors
/// As [`Part::find`].
pub fn missing() -> Result<Vec<Part>> {
    let mut missing = Vec::new();
    for part in PARTS {
        if part.find()?.is_none() {
            missing.push(part);
        }
    }
    Ok(missing)
}

/// The one command that installs these parts on this system.
pub fn how_to_install(parts: &[Part]) -> String {
    let names: Vec<&str> = parts.iter().map(|part| part.program()).collect();
    as_this_user(command(System::here(), &names.join(" ")))
}

/// Whether [`install`] can work: a Debian or an Ubuntu where we may install.
pub fn can_install_here() -> bool {
    let has_them = [System::Debian, System::Ubuntu, System::UbuntuWithSnaps];
    has_them.contains(&System::here()) && apt::may_install()
}

/// Installs these parts, where that needs nobody's leave.
///
/// # Errors
/// What apt printed.
pub fn install(parts: &[Part]) -> Result<()> {
    apt::update()?;
    parts
        .iter()
        .try_for_each(|part| apt::install(part.program()))
}

fn command(system: System, names: &str) -> String {
    match system {
        System::Debian | System::Ubuntu | System::UbuntuWithSnaps => {
            format!("sudo apt-get update && sudo apt-get install -y {names}")
        }
        System::Fedora | System::RedHat => format!("sudo dnf install -y {names}"),
        System::Arch => format!("sudo pacman -S --needed {names}"),
        System::Alpine => format!("sudo apk add {names}"),
        System::Suse => format!("sudo zypper install -y {names}"),
        System::MacOs => format!("brew install {names}"),
        // There is no HAProxy for Windows.
        System::Windows => "choco install nats-server".into(),
        System::Other => format!("install {names}, and put it on the PATH"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_gets_one_line() {
        for system in System::ALL {
            let command = command(*system, "nats-server haproxy");
            assert!(command.contains("nats-server") && !command.contains('\n'));
        }
    }
}
