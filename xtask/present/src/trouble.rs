//! What went wrong with the app, in words for the wall.

use std::net::SocketAddr;
use std::time::Duration;

use compiler::{Refusal, fitting};
use machine::process::{Exit, Panic, Program};
use steps::step::{Step, Whose};

/// So many lines of the compiler's or the program's are shown: more, nobody reads from the last row.
const LINES: usize = 8;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// In a few words.
    pub title: String,
    /// The file and line of it, as `path:line:column`.
    pub place: Option<String>,
    /// What the compiler or the program said.
    pub text: String,
    /// Whether that is for the class: it is about what they see, and not about this machine.
    pub is_for_the_class: bool,
    /// Why, and what to do next, where that is known.
    pub why: Option<(String, String)>,
}

impl Trouble {
    /// The compiler has refused the program.
    pub fn refused(refusal: &Refusal) -> Trouble {
        Trouble {
            title: match refusal.errors {
                0 | 1 => "server.rs does not compile".into(),
                errors => format!("server.rs does not compile: the first of {errors} errors"),
            },
            place: refusal.place.clone(),
            text: fitting::shortened(&refusal.narrow, line_of(refusal.place.as_deref()), LINES),
            is_for_the_class: true,
            why: Some((refusal.cause.clone(), refusal.next.clone())),
        }
    }

    /// Something else than the program's text is in the way.
    pub fn other(title: &str, error: &anyhow::Error) -> Trouble {
        Trouble {
            title: title.into(),
            place: None,
            text: format!("{error:#}"),
            is_for_the_class: false,
            why: None,
        }
    }

    /// A task of the program has panicked, and the program goes on.
    pub fn panicked(step: Step, panic: &Panic) -> Trouble {
        Trouble {
            title: "server.rs panicked, and goes on without the task that did".into(),
            place: place(step, panic),
            text: panic.message.clone(),
            is_for_the_class: true,
            why: None,
        }
    }

    /// The program has ended.
    pub fn ended(step: Step, program: &Program, exit: &Exit) -> Trouble {
        let panics = program.panics();
        let mut places = panics.iter().filter_map(|panic| place(step, panic));
        Trouble {
            title: format!("the app ended, with {exit}"),
            place: places.next_back(),
            text: last_lines(program),
            is_for_the_class: true,
            why: None,
        }
    }

    /// The program accepts no connection.
    pub fn silent(program: &Program, address: SocketAddr, within: Duration) -> Trouble {
        let listening: Vec<String> = program
            .listening_on()
            .iter()
            .map(SocketAddr::to_string)
            .collect();
        let listens = match listening.as_slice() {
            [] => "It listens nowhere.".into(),
            places => format!("It listens at {}.", places.join(" and ")),
        };
        let seconds = within.as_secs();
        let asked = format!("PORT={} HOST={}", address.port(), address.ip());
        Trouble {
            title: format!("the app does not answer at {address}, in {seconds} s"),
            place: None,
            text: format!(
                "It was started with {asked}. {listens}\n{}",
                last_lines(program)
            ),
            is_for_the_class: false,
            why: None,
        }
    }
}

impl Trouble {
    /// The place for a wall: `server.rs, line 197`.
    pub fn line(&self) -> Option<String> {
        let place = self.place.as_deref()?;
        let file = place.split(':').next()?.rsplit('/').next()?;
        Some(format!("{file}, line {}", line_of(Some(place))))
    }
}

/// The line in `path:line:column`; 0 where there is none.
fn line_of(place: Option<&str>) -> usize {
    let line = place.and_then(|place| place.rsplit(':').nth(1));
    line.and_then(|line| line.parse().ok()).unwrap_or(0)
}

/// The place of a panic, where it lies in the presenter's own file.
fn place(step: Step, panic: &Panic) -> Option<String> {
    let file = panic.file.replace('\\', "/");
    let folder = step.folder(Whose::Learner);
    let own = step.sources(Whose::Learner).into_iter();
    let own = own
        .map(|name| folder.join(name).to_string_lossy().replace('\\', "/"))
        .find(|own| file.ends_with(own))?;
    Some(format!("{own}:{}:{}", panic.line, panic.column))
}

/// The last lines that the program wrote, on either stream.
fn last_lines(program: &Program) -> String {
    let output = program.output();
    let said = format!("{}\n{}", output.stdout, output.stderr);
    // The advice to ask for a backtrace is no help in class: it is forty lines of tokio around one.
    let is_worth_it = |line: &&str| !line.is_empty() && !line.starts_with("note: run with `RUST");
    let lines: Vec<&str> = said.lines().filter(is_worth_it).collect();
    match lines.as_slice() {
        [] => "It has written nothing.".into(),
        lines => lines[lines.len().saturating_sub(LINES)..].join("\n"),
    }
}
