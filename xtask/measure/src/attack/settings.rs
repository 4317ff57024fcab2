//! The limits of a server of step 13 and later, which its environment sets.

use std::ffi::OsString;

/// The limits, by the names of their variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// `PATIENCE`, in seconds.
    pub patience: u32,
    /// `PING_EVERY`, in seconds.
    pub ping_every: u32,
    /// `MAX_CONNECTIONS`.
    pub max_connections: u32,
}

impl Settings {
    /// So short that a class can wait for them, and so few that a laptop has them.
    pub const SHORT: Settings = Settings {
        patience: 2,
        ping_every: 1,
        max_connections: 200,
    };

    /// The same for the fuzz, with seats for all its connections: what a server that is full does, an attack of its own asks.
    pub const ROOMY: Settings = Settings {
        max_connections: 600,
        ..Settings::SHORT
    };

    /// What a server has that somebody else has started: what our own environment says, and otherwise what step 13 begins with.
    pub fn of_environment() -> Settings {
        let number = |name: &str, default: u32| {
            let text = std::env::var(name).ok();
            text.and_then(|text| text.parse().ok()).unwrap_or(default)
        };
        Settings {
            patience: number("PATIENCE", 10),
            ping_every: number("PING_EVERY", 20),
            max_connections: number("MAX_CONNECTIONS", 10_000),
        }
    }

    fn named(&self) -> [(&'static str, u32); 3] {
        [
            ("PATIENCE", self.patience),
            ("PING_EVERY", self.ping_every),
            ("MAX_CONNECTIONS", self.max_connections),
        ]
    }

    /// As a program's environment.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        let named = self.named().into_iter();
        named
            .map(|(name, value)| (name.into(), value.to_string().into()))
            .collect()
    }

    /// As a person would type them.
    pub fn in_words(&self) -> String {
        let named = self.named().map(|(name, value)| format!("{name}={value}"));
        named.join(" ")
    }
}
