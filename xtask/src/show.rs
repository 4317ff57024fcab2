//! What a learner reads: findings, failures and the summary, at the width of the terminal, with and without colour.
//!
//! Colour never carries a meaning alone. Every text is wrapped at 80 columns, or at the terminal's width if that is less.

use std::sync::OnceLock;

use anstream::println;
use owo_colors::OwoColorize;

use crate::checks::{Failure, Finding, Report, Status, Verdict};
use crate::step::{Step, Whose, root};

/// The columns that a text may take.
pub fn width() -> usize {
    static WIDTH: OnceLock<usize> = OnceLock::new();
    *WIDTH.get_or_init(|| {
        let terminal = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
        terminal.clamp(40, 80)
    })
}

/// A text on stderr. Lines that begin with a blank are commands and what other programs said: they are never broken.
pub fn note(text: &str) {
    for line in text.lines() {
        match line.starts_with(' ') {
            true => anstream::eprintln!("{line}"),
            false => anstream::eprintln!("{}", wrapped("", line)),
        }
    }
}

/// A text on stdout, its lines as in [`note`].
pub fn text(text: &str) {
    for line in text.lines() {
        match line.starts_with(' ') {
            true => println!("{line}"),
            false => println!("{}", wrapped("", line)),
        }
    }
}

/// A text in lines, `first` before the first of them and as many blanks before the rest.
pub fn wrapped(first: &str, text: &str) -> String {
    let rest = " ".repeat(first.chars().count());
    // A word stays whole, hyphens and all: it may be a path, an address, or a part of a command.
    let options = textwrap::Options::new(width())
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false)
        .initial_indent(first)
        .subsequent_indent(&rest);
    textwrap::fill(text, options)
}

/// The line above a run.
pub fn title(step: Step, whose: Whose) {
    let solution = if whose == Whose::Solution {
        " (the solution)"
    } else {
        ""
    };
    println!("{}{solution}  {}\n", step.name().bold(), step.title);
}

/// One finding, as soon as it is known.
pub fn finding(finding: &Finding) {
    let sentence = finding.check.sentence;
    match &finding.status {
        Status::Passed => println!("  {} {sentence}", "✓".green()),
        Status::Failed(failure) => failed(sentence, failure),
        // These are counted in the summary: a list of them would hide the one line that matters.
        Status::NotRun(_) => {}
        Status::Missing(_) => println!("  {} {}", "?".yellow(), wrapped("not run: ", sentence)),
    }
}

fn failed(sentence: &str, failure: &Failure) {
    println!(
        "  {} {} {}",
        "✗".red(),
        "not yet:".red().bold(),
        sentence.bold()
    );
    println!();
    for (name, text) in failure.details() {
        match name {
            "quoted" => quote(text),
            "place" => println!("    {:<10}{}", "at", link(text)),
            name => println!("{}", wrapped(&format!("    {name:<10}"), text)),
        }
    }
    let frames = failure.frames();
    if !frames.is_empty() {
        println!("    {:<10}{}", "frames", "what was said".dimmed());
        for frame in frames {
            println!("      {}", cut(&frame, width() - 6).dimmed());
        }
    }
    println!();
    println!("{}", wrapped("    Why?  ", failure.diagnosis.cause()));
    println!("{}", wrapped("    Next: ", failure.diagnosis.next()));
    println!("    {}", format!("({})", failure.diagnosis.id()).dimmed());
    println!();
}

/// What somebody else said, word for word, behind a bar.
fn quote(text: &str) {
    for line in text.trim_end().lines() {
        println!("    {} {line}", "│".dimmed());
    }
}

/// A place as text, `path:line:column`, and where the terminal can, as a link to the file, too.
fn link(place: &str) -> String {
    place.bold().to_string()
}

fn cut(line: &str, columns: usize) -> String {
    match line.char_indices().nth(columns) {
        Some(_) => line.chars().take(columns - 1).chain(['…']).collect(),
        None => line.to_owned(),
    }
}

/// The lines below a run.
pub fn summary(report: &Report, whose: Whose) {
    let shown = |finding: &&Finding| !matches!(finding.status, Status::NotRun(_));
    let last = report.findings.iter().rfind(shown);
    // An explanation ends with a blank line of its own.
    if !last.is_some_and(|finding| matches!(finding.status, Status::Failed(_))) {
        println!();
    }
    for warning in &report.warnings {
        println!("{}", wrapped("  warning: ", warning));
    }
    let missing = report.findings.iter().filter_map(|it| match &it.status {
        Status::Missing(what) => Some(what.as_str()),
        _ => None,
    });
    let mut missing: Vec<&str> = missing.collect();
    missing.dedup();
    missing.into_iter().for_each(missing_here);
    verdict(report, whose);
}

/// The line that counts, and what to do with a failure.
fn verdict(report: &Report, whose: Whose) {
    let (passed, failed, not_run) = report.counts();
    let skipped = match not_run {
        0 => String::new(),
        n => format!(", {n} not run"),
    };
    let time = format!("{:.1} s", report.took.as_secs_f64());
    let counts = format!("{passed} passed, {failed} failed{skipped}, in {time}");
    match report.verdict() {
        Verdict::Passed => println!("  {} {counts}.", "All passed:".green().bold()),
        Verdict::Failed => {
            println!("  {} {counts}.", "Not there yet:".red().bold());
            let not_run = |it: &Finding| matches!(it.status, Status::NotRun(_));
            if report.findings.iter().any(not_run) {
                println!("  What was not run could only fail for the same reason.");
            }
            // A program that does not even compile was sent no data.
            if passed > 0 {
                again(report, whose);
            }
        }
        Verdict::Incomplete => println!(
            "  {} {counts}. What ran is right.",
            "Incomplete:".yellow().bold()
        ),
    }
}

/// How to get the same run once more.
fn again(report: &Report, whose: Whose) {
    let solution = match whose {
        Whose::Solution => " --solution",
        Whose::Learner => "",
    };
    let (step, seed) = (report.step.number, report.seed);
    let command = format!("cargo xtask check {step}{solution} --seed {seed}");
    println!("  The same data again: {}", command.bold());
}

/// What is missing on this machine. Its first line is a sentence; a command or a program's own words come below it, a line
/// each and never broken, so that they can be copied.
fn missing_here(what: &str) {
    let mut lines = what.lines();
    let sentence = lines.next().unwrap_or_default();
    println!("{}", wrapped("  missing: ", sentence));
    for line in lines {
        println!("           {line}");
    }
}

/// A path from the root, as a person would type it.
pub fn path(path: &std::path::Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

/// Whether the compiler's text may hold colours.
pub fn colour() -> bool {
    std::io::IsTerminal::is_terminal(&std::io::stderr()) && std::env::var_os("NO_COLOR").is_none()
}
