//! The echoes that the cases are played against.
//!
//! The cases need a server that sends back what comes. Step 5 is one. The servers of 16 and 17 are none, and they are those
//! whose reading and writing is our own, so they are made into echoes: by a few edits of the solution, which leave everything
//! that reads and writes as it is. There are two of each, because these servers write in two ways: an answer goes to the one
//! who asked, and what is for everybody goes through the hub.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, ensure};
use machine::compile::Target;
use show::root;
use steps::derived;
use steps::step::{Step, Whose};

use super::python::folder;

/// The package of those that are derived.
const PACKAGE: &str = "echoes";

/// A program that sends back what comes.
pub struct Echo {
    /// What it is called.
    pub name: &'static str,
    /// The word of the step whose program it is.
    step: &'static str,
    /// What is changed in the solution to make it one. Where nothing is, it is one.
    edits: &'static [Edit],
}

/// A file of the program, a text that is in it once, and what stands there instead.
type Edit = (&'static str, &'static str, &'static str);

/// The cases have messages of up to 64 KiB.
const LONG: Edit = (
    "settings.rs",
    "const LONGEST: usize = 4 * 1024;",
    "const LONGEST: usize = 64 * 1024;",
);

/// Whatever comes is the answer to it.
const ANSWERS: Edit = (
    "events.rs",
    "\npub fn received(message: &Message, me: u64, everyone: &Everyone) -> Option<Message> {",
    "\npub fn received(message: &Message, me: u64, everyone: &Everyone) -> Option<Message> {
    if message.is_text() || message.is_binary() {
        return Some(message.clone());
    }",
);

/// A text is said to everybody, as if it came from somebody else; a hub has texts alone, so what is binary is answered.
const IS_SAID: Edit = (
    "events.rs",
    "\npub fn received(message: &Message, me: u64, everyone: &Everyone) -> Option<Message> {",
    "\npub fn received(message: &Message, me: u64, everyone: &Everyone) -> Option<Message> {
    match message {
        Message::Text(text) => {
            everyone.say(u64::MAX - 1, &Value::String(text.as_str().into()));
            return None;
        }
        Message::Binary(_) => return Some(message.clone()),
        _ => {}
    }",
);

/// Each browser has a hub of its own, because the cases are played side by side.
const ALONE: Edit = (
    "server.rs",
    "        let everyone = everyone.clone();",
    "        let everyone = Everyone::default();\n        tokio::spawn(hub::hub(everyone.clone()));",
);

/// All of them.
pub const ECHOES: &[Echo] = &[
    Echo {
        name: "05-echo",
        step: "echo",
        edits: &[],
    },
    Echo {
        name: "16-hub-answers",
        step: "hub",
        edits: &[LONG, ANSWERS],
    },
    Echo {
        name: "16-hub-said",
        step: "hub",
        edits: &[
            LONG,
            IS_SAID,
            ALONE,
            (
                "log.rs",
                "        let frame = Frame::message(event.to_string(), ",
                "        let frame = Frame::message(event.as_str().unwrap_or_default().to_owned(), ",
            ),
        ],
    },
    Echo {
        name: "17-farm-answers",
        step: "farm",
        edits: &[LONG, ANSWERS],
    },
    Echo {
        name: "17-farm-said",
        step: "farm",
        edits: &[
            LONG,
            IS_SAID,
            ALONE,
            (
                "everyone.rs",
                "        let text = event.to_string();",
                "        let text = event.as_str().unwrap_or_default().to_owned();",
            ),
        ],
    },
];

impl Echo {
    /// The step.
    pub fn step(&self) -> Step {
        Step::parse(self.step).expect("there is such a step")
    }

    /// What cargo has to build for it; a program that is derived is written first.
    ///
    /// # Errors
    /// When it cannot be written, or the solution is no longer as the edits expect it.
    pub fn target(&self, whose: Whose) -> Result<Target> {
        let ours = Target::workshop(self.step().binary(whose));
        if self.edits.is_empty() {
            return Ok(ours);
        }
        let package = folder().join(PACKAGE);
        fs::create_dir_all(package.join(self.name))?;
        let derived = ECHOES.iter().filter(|echo| !echo.edits.is_empty());
        let names: Vec<String> = derived.map(|echo| echo.name.into()).collect();
        derived::write_package(&package, PACKAGE, &names)?;
        for (file, text) in self.files()? {
            derived::write(&package.join(self.name).join(file), text.as_bytes())?;
        }
        Ok(Target {
            manifest: package.join("Cargo.toml"),
            package: PACKAGE.into(),
            binary: self.name.into(),
            // Where the libraries are that they share.
            build_in: Some(root().join("target")),
            ..ours
        })
    }

    /// The texts of its files, by their names.
    fn files(&self) -> Result<BTreeMap<String, String>> {
        let folder = root().join(self.step().folder(Whose::Solution));
        let mut files = BTreeMap::new();
        for name in self.step().sources(Whose::Solution) {
            let text = fs::read_to_string(folder.join(&name))?;
            files.insert(name, text);
        }
        for (file, find, replace) in self.edits {
            let text = files
                .get_mut(*file)
                .with_context(|| format!("there is no {file}"))?;
            let count = text.matches(find).count();
            ensure!(
                count == 1,
                "{} is made from the solution of its step, and in {file} this is there {count} times and not once: {find}",
                self.name
            );
            *text = text.replacen(find, replace, 1);
        }
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_echo_can_be_made() {
        for echo in ECHOES {
            let files = echo.files().unwrap();
            assert!(files["server.rs"].contains("fn main()"), "{}", echo.name);
        }
    }
}
