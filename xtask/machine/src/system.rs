//! Which system this is, for whoever has to say how something is installed on it.

use std::path::Path;

use crate::apt::is_root;

/// The systems that differ in how something is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Debian, and what takes its packages as they are.
    Debian,
    /// Its `chromium` package is an empty one that asks for a snap, and snaps need a daemon that containers do not run.
    Ubuntu,
    /// Ubuntu where snaps run.
    UbuntuWithSnaps,
    /// Fedora.
    Fedora,
    /// Red Hat and what is like it.
    RedHat,
    /// Arch.
    Arch,
    /// Alpine.
    Alpine,
    /// SUSE.
    Suse,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
    /// Any other.
    Other,
}

impl System {
    /// Every one.
    pub const ALL: &[System] = &[
        System::Debian,
        System::Ubuntu,
        System::UbuntuWithSnaps,
        System::Fedora,
        System::RedHat,
        System::Arch,
        System::Alpine,
        System::Suse,
        System::MacOs,
        System::Windows,
        System::Other,
    ];

    /// The one that this is.
    pub fn here() -> System {
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
}

/// A command as the person here would type it: a container has no sudo, and root needs none.
pub fn as_this_user(command: String) -> String {
    match command.starts_with("sudo ") && is_root() {
        true => command.replace("sudo ", ""),
        false => command,
    }
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
}
