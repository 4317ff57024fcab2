//! The window: what is for the other endpoints, and waits for the backplane. Explained in step 17.

// [aside]
use std::collections::HashMap;
use std::sync::LazyLock;
use std::{env, process};

use async_nats::ServerAddr;

/// The address of the backplane, if there is one: `NATS_URL`.
pub static NATS_URL: LazyLock<Option<ServerAddr>> = LazyLock::new(|| {
    let url = env::var("NATS_URL").ok().filter(|url| !url.is_empty())?;
    match url.parse() {
        Ok(address) => Some(address),
        Err(_) => {
            eprintln!("NATS_URL is like nats://127.0.0.1:4222, not `{url}`");
            process::exit(1)
        }
    }
});

/// How many bytes may wait for the backplane. NATS takes a message of 1 MiB, and what has waited longer is out of date.
const MOST_WAITING: usize = 512 * 1024;

/// How the text of a position begins.
pub const POSITION: &str = r#"["spy""#;

/// What waits for the backplane, a line each: the number of a browser, and what it has sent.
#[derive(Default)]
pub struct Window {
    pub lines: Vec<String>,
    /// The line of each browser's newest position.
    positions: HashMap<u64, usize>,
    bytes: usize,
}

impl Window {
    /// Adds a line. A newer position takes the place of an older one. A text stays, and the next position goes after it, so
    /// each browser's order holds.
    pub fn add(&mut self, from: u64, text: &str) {
        if self.bytes > MOST_WAITING {
            *self = Window::default();
        }
        let line = format!("{from} {text}\n");
        self.bytes += line.len();
        if !text.starts_with(POSITION) {
            self.positions.remove(&from);
        } else if let Some(&at) = self.positions.get(&from) {
            self.bytes -= self.lines[at].len();
            self.lines[at] = line;
            return;
        } else {
            self.positions.insert(from, self.lines.len());
        }
        self.lines.push(line);
    }
}
// [end aside]
