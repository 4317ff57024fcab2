//! What stands on the screen, as a text: the result in as few lines as it takes, and the keys below it.

use std::cell::Cell;

use checks::{Finding, Report, Status, Verdict};
use owo_colors::OwoColorize;
use show::wrapped;
use steps::progress;
use steps::step::{STEPS, Step, Whose};
use terminal::server::Server;

use super::room::Told;

/// What stands below the result: the program that runs, and the room.
type Beside<'a> = (&'a Server, &'a Told);

/// What there is to show.
#[derive(Default)]
pub struct Shown {
    /// What the check has found so far, be it over or under way.
    pub found: Vec<Finding>,
    /// What came of it; `None` while it is under way.
    pub report: Option<Report>,
    /// The output of a command that a key has asked for.
    pub said: Option<String>,
    /// How many of its lines are above the screen: it may be longer than that.
    above: usize,
    /// How many of its lines stand on the screen now, where that is not all of them.
    part: Cell<Option<usize>>,
    /// The answer to a key that could not be followed.
    pub notice: Option<String>,
}

impl Shown {
    /// The whole screen, for so many columns and rows. What is too much for them is left out, as far as that helps: first
    /// what has passed, then empty lines from above, then the frames of a failure, the last of them at the end, and of what
    /// the compiler said all but the line that counts: the cause below it is worth more. What is longer all the same scrolls.
    pub fn text(
        &self,
        step: Step,
        server: &Server,
        room: &Told,
        (columns, rows): (usize, usize),
    ) -> String {
        let beside = (server, room);
        self.part.set(None);
        // The last row is the cursor's, and what the program prints begins there.
        let fits = |text: &String| terminal::height(text, columns) < rows;
        let whole = self.with(true, usize::MAX, step, beside);
        if fits(&whole) {
            return whole;
        }
        if let Some(said) = &self.said {
            return self.with_part_of(said, beside, fits);
        }
        for most_lines in [usize::MAX, 14, 12, 10, 8, 6, 4, 2, 0] {
            let tight = tightened(self.with(false, most_lines, step, beside), fits);
            if let Some(tight) = tight {
                return tight;
            }
        }
        self.with(false, usize::MAX, step, beside)
    }

    fn with(&self, with_passed: bool, most_lines: usize, step: Step, beside: Beside) -> String {
        let middle = match &self.said {
            // A command has a title of its own.
            Some(said) => format!("{}\n\n", said.trim_end()),
            None => {
                let title = show::text_of(|| checks::findings::title(step, Whose::Learner));
                title + &self.result(step, with_passed, most_lines)
            }
        };
        let (verdict, below) = (self.verdict(step), self.below(beside));
        format!("{middle}{verdict}{below}")
    }

    /// What a command has said.
    pub fn says(&mut self, said: String) {
        self.said = Some(said);
        self.above = 0;
    }

    /// Goes on to the next part of what a command has said, and from the last one to the first.
    pub fn page_on(&mut self) {
        let lines = self
            .said
            .as_deref()
            .unwrap_or_default()
            .trim_end()
            .lines()
            .count();
        let next = self.above + self.part.get().unwrap_or(lines);
        self.above = if next < lines { next } else { 0 };
    }

    /// As much of what a command has said as there is room for, from where somebody has read to. The verdict makes way.
    fn with_part_of(&self, said: &str, beside: Beside, fits: impl Fn(&String) -> bool) -> String {
        let lines: Vec<&str> = said.trim_end().lines().skip(self.above).collect();
        let with = |count: usize| {
            let more = match lines.len() - count {
                0 if self.above == 0 => String::new(),
                0 => "  … that is all: space goes back to its beginning".into(),
                left => format!("  … {left} lines more: space goes on"),
            };
            let part = lines[..count].join("\n");
            format!("{part}\n\n{}\n{}", more.dimmed(), self.below(beside))
        };
        let count = (1..=lines.len()).rev().find(|count| fits(&with(*count)));
        // On the smallest screen the keys scroll away, and a line stands there all the same.
        let count = count.unwrap_or(1).min(lines.len());
        self.part.set(Some(count));
        with(count)
    }

    /// The line that counts, and what it leads to.
    fn verdict(&self, step: Step) -> String {
        let Some(report) = &self.report else {
            return self.under_way(step);
        };
        let (passed, failed, not_run) = report.counts();
        let took = format!("in {:.1} s.", report.took.as_secs_f64());
        let failed = count(failed, "failed");
        let not_run = count(not_run, "not run");
        let counts = format!("{passed} passed{failed}{not_run}, {took}");
        match report.verdict() {
            Verdict::Passed => {
                let all_passed = format!("  {} ", "All passed:".green().bold());
                let counts = format!("{passed} checks, {took}");
                format!("{}\n{}\n", wrapped(&all_passed, &counts), onward(step))
            }
            Verdict::Failed => {
                let not_yet = format!("  {} ", "Not there yet:".red().bold());
                let counts = wrapped(&not_yet, &counts);
                format!(
                    "{counts}\n{}\n",
                    wrapped("  ", "Save to check again; h gives a hint.")
                )
            }
            Verdict::Incomplete => {
                let incomplete = format!("  {} ", "Incomplete:".yellow().bold());
                format!(
                    "{} {}\n",
                    wrapped(&incomplete, &counts),
                    checks::findings::what_ran(report)
                )
            }
        }
    }

    fn under_way(&self, step: Step) -> String {
        let folder = step.folder(Whose::Learner);
        let what = match self.found.len() {
            0 => format!("building {} …", folder.join("server.rs").display()),
            found => format!("checking: {found} of {} …", checks::of_step(step).len()),
        };
        format!("{}\n", wrapped("  ", &what))
    }

    /// The findings: the first failure in full, the others a line each. What has passed, only where there is room for it.
    fn result(&self, step: Step, with_passed: bool, most_lines: usize) -> String {
        let mut text = String::new();
        if with_passed {
            text += &passed(step, &self.found, self.report.is_some());
        }
        let is_failed = |it: &&Finding| matches!(it.status, Status::Failed(_));
        let mut failed = self.found.iter().filter(is_failed);
        if let Some(first) = failed.next() {
            text += &show::text_of(|| checks::findings::finding_with(first, most_lines));
        }
        let also = format!("  {} {} ", "✗".red(), "not yet:".red());
        let others: String = failed
            .map(|other| format!("{}\n", wrapped(&also, other.check.sentence)))
            .collect();
        if !others.is_empty() {
            text += &format!("{others}\n");
        }
        for note in self.report.iter().flat_map(|report| &report.notes) {
            text += &format!("{}\n\n", wrapped("  note: ", note));
        }
        for warning in self.report.iter().flat_map(|report| &report.warnings) {
            text += &format!("{}\n\n", wrapped("  warning: ", warning));
        }
        text + &missing(&self.found)
    }

    /// The program that runs, what a key came to, and the keys.
    fn below(&self, (server, room): Beside) -> String {
        let mut text = String::from("\n");
        for said in &room.lines {
            text += &sentence_and_lines(said);
        }
        for said in [server.status(), self.notice.clone()].into_iter().flatten() {
            text += &sentence_and_lines(&said);
        }
        text += &keys(server.is_on(), self.said.is_some(), room.has_keys);
        text + &server.last_lines() + "\n"
    }
}

/// A text without as many of its empty lines, from above, as it takes to fit; nothing where that is not enough.
fn tightened(mut text: String, fits: impl Fn(&String) -> bool) -> Option<String> {
    while !fits(&text) {
        text.remove(text.find("\n\n")?);
    }
    Some(text)
}

fn count(count: usize, what: &str) -> String {
    match count {
        0 => String::new(),
        count => format!(", {count} {what}"),
    }
}

/// What comes after a pass.
fn onward(step: Step) -> String {
    let text = match after(step) {
        Some(next) if next.is_encore() && !step.is_encore() => format!(
            "That was the last step. n goes on to the encore, {}: {}.",
            next.name(),
            next.title
        ),
        Some(next) => format!("n goes on to {}: {}.", next.name(), next.title),
        None => "That was the last step.".into(),
    };
    wrapped("  ", &text)
}

fn after(step: Step) -> Option<Step> {
    let mut after = STEPS.iter().filter(|it| it.number > step.number);
    after.next().copied()
}

/// Where a step begins.
pub fn task(step: Step) -> String {
    let folder = step.folder(Whose::Learner);
    let file = |name: &str| folder.join(name).display().to_string();
    let (read, write) = (file("README.md"), file("server.rs"));
    let modules = match step.has_modules() {
        true => " and the modules beside it",
        false => "",
    };
    let begins = format!("Its task is in {read}; your program is {write}{modules}.");
    match step.before().filter(|_| step.can_go_on()) {
        Some(before) => format!("{begins}\n{}", save_as(before, step)),
        None => begins,
    }
}

/// How to go on with one's own server, where a step begins with the finished one.
fn save_as(before: Step, step: Step) -> String {
    let (from, to) = (before.number, step.number);
    format!("To go on with your own server of step {from}:\n    cargo xtask save-as {from} {to}")
}

/// What is said to somebody who saves another step than the one that is watched.
pub fn watches_another(saved: &Step, watched: Step) -> String {
    let (saved, watched) = (saved.number, watched.number);
    format!(
        "You saved step {saved}; this watches step {watched}. To watch that one, end this and begin again:\n    cargo xtask watch {saved}"
    )
}

/// Why there is no next step while a check is under way.
pub const UNDER_WAY: &str = "The check is still under way: n goes on once it has passed.";

/// The step to go on to.
///
/// # Errors
/// A sentence that says why there is none yet.
pub fn next(step: Step, report: Option<&Report>) -> Result<Step, String> {
    let next = after(step).ok_or("This is the last step.")?;
    if progress::has_passed(step) || report.is_some_and(|it| it.verdict() == Verdict::Passed) {
        return Ok(next);
    }
    let all_the_same = format!(
        "To begin the next step anyway:\n    cargo xtask watch {}",
        next.number
    );
    let Some(report) = report else {
        return Err(UNDER_WAY.into());
    };
    let is_failed = |it: &&Finding| matches!(it.status, Status::Failed(_));
    let missing = report.findings.iter().find(is_failed);
    let missing = missing.map_or("", |finding| finding.check.sentence);
    Err(match report.verdict() {
        Verdict::Incomplete => format!("Not all of it could be checked here.\n{all_the_same}"),
        _ => format!("Not yet true: {missing} n goes on once every check passes.\n{all_the_same}"),
    })
}

/// The step's own checks that passed, a line each; those of earlier steps are one line, once it is over.
fn passed(step: Step, found: &[Finding], is_over: bool) -> String {
    let is_shown =
        |it: &&Finding| matches!(it.status, Status::Passed) && !it.check.is_earlier(step);
    let own = found.iter().filter(is_shown);
    let tick = format!("  {} ", "✓".green());
    let line = |it: &Finding| format!("{}\n", wrapped(&tick, it.check.sentence));
    let mut text: String = own.map(line).collect();
    if is_over {
        text += &show::text_of(|| _ = checks::findings::earlier(found, step));
    }
    if text.is_empty() { text } else { text + "\n" }
}

/// What is missing on this machine, each once, and an empty line below it.
fn missing(found: &[Finding]) -> String {
    let text = show::text_of(|| checks::findings::missing(found));
    if text.is_empty() { text } else { text + "\n" }
}

/// A sentence, wrapped; lines that begin with a blank are somebody else's, and stay as they are.
fn sentence_and_lines(said: &str) -> String {
    let line = |line: &str| match line.starts_with(' ') {
        true => format!("{line}\n"),
        false => format!("{}\n", wrapped("  ", line)),
    };
    said.lines().map(line).collect()
}

/// The line of keys.
fn keys(is_running: bool, is_asked: bool, in_room: bool) -> String {
    let run = if is_running { "stop" } else { "run" };
    let back = is_asked.then_some(("Esc", "back"));
    let all = [
        ("h", "hint"),
        ("r", run),
        ("n", "next"),
        ("d", "diff"),
        ("l", "list"),
        ("c", "check"),
        ("q", "quit"),
    ];
    let room = in_room.then_some([("?", "help"), ("- + =", "pace")]);
    let room = room.into_iter().flatten();
    let keys: Vec<(&str, &str)> = back.into_iter().chain(all).chain(room).collect();
    show::keys(&keys)
}
