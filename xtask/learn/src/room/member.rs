//! Which room a learner has joined, and who they are there: a small file, this user's alone.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use steps::record;

/// A learner in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Where the room is.
    pub address: SocketAddr,
    /// Its code.
    pub code: String,
    /// What this machine made up for itself, so that the room knows it again.
    pub key: String,
    /// The learner's name there.
    pub name: String,
    /// The number of the last note.
    pub seq: u64,
    /// The number of the last thing that the room said and that was shown.
    pub heard: u64,
    /// When each step was begun, in seconds of this machine's clock.
    pub begun: BTreeMap<u32, u64>,
}

/// The folder of all that is known of the room.
pub fn folder() -> PathBuf {
    record::folder().join("room")
}

fn file() -> PathBuf {
    folder().join("member.json")
}

/// The seconds of this machine's clock, which may be wrong: only differences are ever told.
pub fn seconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |it| it.as_secs())
}

impl Member {
    /// Who has joined with this, and told nothing yet.
    pub fn new(address: SocketAddr, code: String, key: String, name: String) -> Member {
        Member {
            address,
            code,
            key,
            name,
            seq: 0,
            heard: 0,
            begun: BTreeMap::new(),
        }
    }

    /// The learner here; `None` where nobody has joined a room, or the file makes no sense.
    pub fn read() -> Option<Member> {
        let object = record::read(&file()).ok()??;
        let text = |name: &str| Some(object.get(name)?.as_str()?.to_owned());
        let number = |name: &str| object.get(name)?.as_u64();
        let begun = object.get("begun").and_then(Value::as_object);
        let begun = begun.into_iter().flatten();
        Some(Member {
            address: text("address")?.parse().ok()?,
            code: text("code")?,
            key: text("key")?,
            name: text("name")?,
            seq: number("seq")?,
            heard: number("heard")?,
            begun: begun
                .filter_map(|(step, at)| Some((step.parse().ok()?, at.as_u64()?)))
                .collect(),
        })
    }

    /// Writes it down.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self) -> Result<()> {
        let begun: Map<String, Value> = self
            .begun
            .iter()
            .map(|(step, at)| (step.to_string(), json!(at)))
            .collect();
        let object = json!({
            "address": self.address.to_string(),
            "code": self.code,
            "key": self.key,
            "name": self.name,
            "seq": self.seq,
            "heard": self.heard,
            "begun": begun,
        });
        // A new file of `tempfile`'s is this user's alone, and takes the old one's place.
        record::write(&file(), object.as_object().cloned().unwrap_or_default())
            .with_context(|| format!("{} could not be written", show::path(&file())))
    }

    /// Changes what is written down, while no other command does; `None` where nobody is in a room any more.
    pub fn change<T>(change: impl FnOnce(&mut Member) -> T) -> Option<T> {
        let _alone = record::alone(&folder());
        let mut member = Member::read()?;
        let changed = change(&mut member);
        member.write().ok()?;
        Some(changed)
    }

    /// Forgets the room, and all that it was to hear.
    ///
    /// # Errors
    /// When the folder cannot be removed.
    pub fn forget() -> Result<()> {
        match fs::remove_dir_all(folder()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error)
                .with_context(|| format!("{} could not be removed", show::path(&folder()))),
            _ => Ok(()),
        }
    }
}
