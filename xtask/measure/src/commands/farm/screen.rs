//! What stands on the screen of a farm: a row for each endpoint, what is between and before them, and the keys.

use farm::running::{Farm, Look, Row, State};
use owo_colors::OwoColorize;
use serde_json::{Value, json};
use show::wrapped;

use crate::load::report::grouped;

/// What is shown besides what there is to see.
pub struct Shown {
    title: String,
    /// The answer to the last key, or what happened last.
    pub notice: Option<String>,
    /// The endpoint that Enter is for.
    pub chosen: usize,
    slow: u64,
}

impl Shown {
    /// Of a farm with this title.
    pub fn of(title: String) -> Shown {
        Shown {
            title,
            notice: None,
            chosen: 1,
            slow: 0,
        }
    }

    /// Says it once, when NATS has cut somebody who was too slow.
    pub fn note_slow(&mut self, slow: u64) {
        if slow > self.slow {
            self.notice = Some(
                "NATS has cut off an endpoint that read too slowly (a slow consumer); the endpoint has to connect again."
                    .into(),
            );
        }
        self.slow = slow;
    }
}

/// What does not change: the addresses.
pub fn heading(shown: &Shown, farm: &Farm) -> String {
    let mut text = format!("{}\n\n", shown.title.bold());
    match &farm.balancer {
        Ok(balancer) => {
            let balance = farm.balance.name();
            let stopped = if balancer.runs() { "" } else { "stopped" };
            let address = balancer.address;
            text += &format!(
                "  users     http://{address}/  ({balance})  {}\n",
                stopped.red()
            );
            text += &format!(
                "  HAProxy   http://{}/  its own statistics\n",
                balancer.about
            );
            text += &format!(
                "            {}  why it does what it does\n",
                show::path(&balancer.file)
            );
        }
        Err(why) => {
            text += "  There is no balancer: open each endpoint at its own address.\n";
            for line in why.lines() {
                text += &format!("  {line}\n");
            }
        }
    }
    let runs = if farm.nats.runs() { "" } else { "stopped" };
    let (url, version) = (farm.nats.place.shown(), &farm.nats.version);
    text + &format!("  NATS      {url}  version {version}  {}\n", runs.red())
}

/// The whole screen.
pub fn text(shown: &Shown, farm: &Farm, look: &Look, columns: usize) -> String {
    let mut text = heading(shown, farm);
    if let Some((came, went)) = look.backplane {
        text += &format!("            {came:.0} messages a second come, {went:.0} go\n");
    }
    text += &format!("\n  {}\n", HEAD.dimmed());
    for row in &look.rows {
        let mark = if row.number == shown.chosen {
            "›"
        } else {
            " "
        };
        text += &format!("{mark} {}\n", of(row));
    }
    let is_alone = |row: &Row| row.users == 0 && row.heard >= 0.05;
    if look.rows.iter().any(is_alone) {
        text += &wrapped("  ", ALONE).dimmed().to_string();
        text += "\n";
    }
    text += "\n";
    if let Some(notice) = &shown.notice {
        for line in notice.lines() {
            text += &match line.starts_with(' ') {
                true => format!("{}\n", show::cut(line, columns.max(40))),
                false => format!("{}\n", wrapped("  ", line)),
            };
        }
        text += "\n";
    }
    let last = look.rows.len().min(9);
    let digits = if last > 1 {
        format!("1-{last}")
    } else {
        "1".into()
    };
    let restart = if farm.is_restarting() {
        "restarting …"
    } else {
        "restart all"
    };
    let keys = show::keys(&[
        (&digits, "kill or bring back"),
        ("↑ ↓ Enter", "the same"),
        ("n", "stop or start NATS"),
        ("b", "HAProxy"),
        ("r", restart),
        ("o", "two windows"),
        ("q", "quit"),
    ]);
    format!("{text}{keys}\n")
}

/// Why somebody hears something where nobody is.
const ALONE: &str = "hears/s is what a connection of our own hears at each endpoint, even at one without users. \
                     KB/s are means over 10 s.";

/// The heads of the columns that [`of`] fills.
const HEAD: &str = "endpoint       users  hears/s   in KB/s   out KB/s    memory  state";

fn of(row: &Row) -> String {
    let kilobytes = |bytes: f64| format!("{:.1}", bytes / 1000.0);
    let (came, went) = match row.bytes {
        Some((came, went)) => (kilobytes(came), kilobytes(went)),
        None => ("–".into(), "–".into()),
    };
    let memory = row.memory.map_or("–".into(), megabytes);
    let status = row.status.as_deref().unwrap_or_default();
    let state = row.state.word();
    let state = match row.state {
        State::Serves => state.green().to_string(),
        State::Drains | State::Silent => state.yellow().to_string(),
        State::Killed | State::Ended => state.red().to_string(),
    };
    format!(
        "{:<2} {:<9} {:>7} {:>8.1} {came:>9} {went:>10} {memory:>9}  {state} {}",
        row.number,
        format!(":{}", row.address.port()),
        grouped(row.users),
        row.heard,
        status.dimmed()
    )
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// All of it in a line, for where there is no screen. What changes all the time is not in it.
pub fn line(farm: &Farm, look: &Look) -> String {
    let rows = look.rows.iter().map(|row| {
        let users = if row.users == 1 { "user" } else { "users" };
        format!("{} {} {} {users}", row.number, row.state.word(), row.users)
    });
    let runs = |it| if it { "runs" } else { "stopped" };
    let nats = runs(farm.nats.runs());
    let balancer = match &farm.balancer {
        Ok(balancer) => format!(" · HAProxy {}", runs(balancer.runs())),
        Err(_) => String::new(),
    };
    let rows: Vec<String> = rows.collect();
    format!("  {} · NATS {nats}{balancer}", rows.join(" · "))
}

/// All of it for a program.
pub fn json(farm: &Farm, look: &Look) -> Value {
    let rows = look.rows.iter().map(|row| {
        json!({
            "number": row.number,
            "address": row.address.to_string(),
            "state": row.state.word(),
            "users": row.users,
            "heard_per_second": row.heard,
            "bytes_in_per_second": row.bytes.map(|it| it.0),
            "bytes_out_per_second": row.bytes.map(|it| it.1),
            "memory": row.memory,
            "balancer": row.status,
        })
    });
    json!({
        "balancer": farm.balancer.as_ref().ok().filter(|it| it.runs()).map(|it| format!("http://{}/", it.address)),
        "nats": {
            "url": farm.nats.place.shown(),
            "runs": farm.nats.runs(),
            "messages_in_per_second": look.backplane.map(|it| it.0),
            "messages_out_per_second": look.backplane.map(|it| it.1),
            "slow_consumers": look.slow,
        },
        "endpoints": rows.collect::<Vec<_>>(),
    })
}
