//! What a learner reads of a run: its findings, its failures and the summary.

use compiler::fitting;
use compiler::told::coloured;
use owo_colors::OwoColorize;
use show::{cut, println, width, wrapped};
use steps::step::{Step, Whose};

use crate::parting::{Excerpt, Parting};
use crate::{Check, Diagnosis, Failure, Finding, Report, Status, Verdict};

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
    finding_with(finding, usize::MAX);
}

/// One finding; of the frames of a failure, no more than the last `most`, and about as many first lines of the compiler's.
pub fn finding_with(finding: &Finding, most: usize) {
    one(finding, most, None);
}

/// The command that runs a check of a step again, with those that it needs; `None` for what comes before all others.
pub fn alone(step: Step, whose: Whose, check: &Check) -> Option<String> {
    let solution = of_whose(whose);
    let id = check.id;
    (check.since > 0).then(|| format!("cargo xtask check {}{solution} --only {id}", step.number))
}

fn of_whose(whose: Whose) -> &'static str {
    match whose {
        Whose::Solution => " --solution",
        Whose::Learner => "",
    }
}

fn one(finding: &Finding, most: usize, alone: Option<&str>) {
    let sentence = finding.check.sentence;
    match &finding.status {
        Status::Passed => println!("  {} {sentence}", "✓".green()),
        Status::Failed(failure) => failed(sentence, failure, most, alone),
        // These are counted in the summary: a list of them would hide the one line that matters.
        Status::NotRun(_) => {}
        Status::Missing(_) => println!("  {} {}", "?".yellow(), wrapped("not run: ", sentence)),
    }
}

/// The findings of a run as they come: the step's own a line each, and of earlier steps what does not work any more. What
/// still does is counted in the summary.
pub struct Findings {
    step: Step,
    ends_blank: bool,
    has_heading: bool,
    /// Where the program panicked, of the failures so far.
    panics: Vec<String>,
    /// Whose program it is, where each failure names the command that asks it again.
    alone: Option<Whose>,
    /// Whether what passed of earlier steps has lines as well.
    shows_all: bool,
}

impl Findings {
    /// Of a run of this step's checks.
    pub fn of(step: Step) -> Findings {
        Findings {
            step,
            ends_blank: true,
            has_heading: false,
            panics: Vec::new(),
            alone: None,
            shows_all: false,
        }
    }

    /// Each failure names the command that asks it again; of one check alone, all that it needs is shown.
    pub fn with_commands(self, whose: Whose, is_only_one: bool) -> Findings {
        Findings {
            alone: Some(whose),
            shows_all: is_only_one,
            ..self
        }
    }

    /// Whether the last of the lines is an empty one.
    pub fn ends_blank(&self) -> bool {
        self.ends_blank
    }

    /// One finding, as soon as it is known.
    pub fn show(&mut self, finding: &Finding) {
        let is_shown = is_shown(finding, self.step)
            || self.shows_all && matches!(finding.status, Status::Passed);
        if !is_shown {
            return;
        }
        let has_failed = matches!(finding.status, Status::Failed(_));
        if has_failed && finding.check.is_earlier(self.step) && !self.has_heading {
            self.has_heading = true;
            if !self.ends_blank {
                println!();
            }
            println!("  {}\n", "What you built before:".bold());
        }
        if self.is_told(finding) {
            let not_yet = format!("  {} {} ", "✗".red(), "not yet:".red().bold());
            println!(
                "{}",
                wrapped(&not_yet, &finding.check.sentence.bold().to_string())
            );
            println!("    It panics at the same line as above.\n");
        } else {
            let alone = self
                .alone
                .and_then(|whose| alone(self.step, whose, finding.check));
            one(finding, usize::MAX, alone.as_deref());
        }
        // An explanation ends with a blank line of its own.
        self.ends_blank = has_failed;
    }
}

impl Findings {
    /// Whether the program failed at a line that it has panicked at before: then all is said already.
    fn is_told(&mut self, finding: &Finding) -> bool {
        let Status::Failed(failure) = &finding.status else {
            return false;
        };
        let panicked = matches!(
            failure.diagnosis,
            Diagnosis::PANICKED | Diagnosis::BELOW_ZERO | Diagnosis::ONLINE_COUNTED_DOWN_TWICE
        );
        let Some(place) = failure.place.as_ref().filter(|_| panicked) else {
            return false;
        };
        let is_told = self.panics.contains(place);
        if !is_told {
            self.panics.push(place.clone());
        }
        is_told
    }
}

/// Whether a finding has lines of its own.
fn is_shown(finding: &Finding, step: Step) -> bool {
    match finding.status {
        Status::Passed => !finding.check.is_earlier(step),
        Status::NotRun(_) => false,
        Status::Failed(_) | Status::Missing(_) => true,
    }
}

/// How what was built before does, in one line; whether there is anything to say.
pub fn earlier(findings: &[Finding], step: Step) -> bool {
    let mut earlier: Vec<&Finding> = findings.iter().collect();
    earlier.retain(|it| it.check.is_earlier(step));
    let (passed, failed, not_run) = crate::counts(earlier);
    let s = if passed == 1 { "" } else { "s" };
    let (mark, text) = match (passed, failed, not_run) {
        (0, ..) => return false,
        (n, 0, 0) => (
            "✓",
            format!("And what you built before still works: {n} check{s}."),
        ),
        _ => {
            let parts = [(passed, "passed"), (failed, "failed"), (not_run, "not run")];
            let some = parts.iter().filter(|(count, _)| *count > 0);
            let parts: Vec<String> = some
                .map(|(count, what)| format!("{count} {what}"))
                .collect();
            (
                " ",
                format!("Of what you built before: {}.", parts.join(", ")),
            )
        }
    };
    let mark = format!("  {} ", mark.green());
    println!("{}", wrapped(&mark, &text));
    true
}

fn failed(sentence: &str, failure: &Failure, most_lines: usize, alone: Option<&str>) {
    let not_yet = format!("  {} {} ", "✗".red(), "not yet:".red().bold());
    println!("{}", wrapped(&not_yet, &sentence.bold().to_string()));
    println!();
    for (name, text) in failure.details() {
        match name {
            "quoted" if failure.diagnosis == Diagnosis::DOES_NOT_COMPILE => {
                quote(&coloured(&as_fits(text, failure, most_lines)));
            }
            "quoted" => quote(text),
            // Editors and their terminals make a link of `path:line:column`.
            "place" => println!("    {:<10}{}", "at", text.bold()),
            name => println!("{}", wrapped(&format!("    {name:<10}"), text)),
        }
    }
    if let Some(parting) = failure.parting() {
        part(&parting);
    }
    let frames = failure.frames();
    let last = &frames[frames.len().saturating_sub(most_lines)..];
    if !last.is_empty() {
        let what = match last.len() < frames.len() {
            true => "what was said last; `cargo xtask check` shows more",
            false => "what was said",
        };
        println!("    {:<10}{}", "frames", what.dimmed());
        for frame in last {
            println!("      {}", cut(frame, width() - 6).dimmed());
        }
    }
    println!();
    for warning in &failure.warned {
        println!("{}", wrapped("    warned    ", &warning.to_string()));
    }
    println!("{}", wrapped("    Why?  ", failure.cause()));
    println!("{}", wrapped("    Next: ", failure.next()));
    if let Some(reading) = failure.reading() {
        println!("{}", wrapped("    Read: ", &reading.to_string()));
    }
    println!("    {}", format!("({})", failure.id()).dimmed());
    if let Some(alone) = alone {
        println!("    Alone: {}", alone.bold());
    }
    println!();
}

/// Where what came parts from what was due: both there, and below each a line that marks what differs.
fn part(parting: &Parting) {
    println!("    {:<10}after {}", "they part", parting.after);
    for (name, excerpt) in [("expected", &parting.expected), ("came", &parting.came)] {
        let Excerpt {
            before,
            part,
            after,
        } = excerpt;
        println!("      {name:<10}{before}{}{after}", part.red().bold());
        let [blanks, marks] = [before, part].map(|it| textwrap::core::display_width(it));
        if marks > 0 {
            println!(
                "      {:<10}{}{}",
                "",
                " ".repeat(blanks),
                "^".repeat(marks)
            );
        }
    }
}

/// What somebody else said, word for word, behind a bar.
fn quote(text: &str) {
    for line in text.trim_end().lines() {
        println!("    {} {line}", "│".dimmed());
    }
}

/// As much of what the compiler said as fits so many lines. Its whole text, which is asked for by name, is not for a screen.
fn as_fits(text: &str, failure: &Failure, most: usize) -> String {
    let refusal = failure.refusal.as_ref();
    let narrow = refusal.filter(|it| width() < 80 && it.quoted == text);
    let text = narrow.map_or(text, |it| &it.narrow);
    let place = failure.place.as_deref().unwrap_or_default();
    let mut numbers = place.rsplit(':').map(str::parse::<usize>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(_)), Some(Ok(line))) if most < usize::MAX => fitting::shortened(text, line, most),
        _ => text.to_owned(),
    }
}

/// The lines below a run, the last of which was an empty one or was not.
pub fn summary(report: &Report, whose: Whose, ends_blank: bool) {
    // Of one check alone, all is shown.
    if report.only.is_none() && earlier(&report.findings, report.step) || !ends_blank {
        println!();
    }
    for note in &report.notes {
        println!("{}", wrapped("  note: ", note));
    }
    for warning in &report.warnings {
        println!("{}", wrapped("  warning: ", warning));
    }
    missing(&report.findings);
    verdict(report, whose);
}

/// The line that counts, and what to do with a failure.
fn verdict(report: &Report, whose: Whose) {
    let counts = counts(report);
    match report.verdict() {
        Verdict::Passed if report.only.is_some() => {
            println!("  {} {counts}.", "It passes:".green().bold());
            let (solution, step) = (of_whose(whose), report.step.number);
            println!(
                "  All checks: {}",
                format!("cargo xtask check {step}{solution}").bold()
            );
        }
        Verdict::Passed => println!("  {} {counts}.", "All passed:".green().bold()),
        Verdict::Failed => {
            println!("  {} {counts}.", "Not there yet:".red().bold());
            let not_run = |it: &Finding| matches!(it.status, Status::NotRun(_));
            let left_out = report.findings.iter().filter(|it| not_run(it)).count();
            if left_out > report.cut.len() {
                println!("  What was not run could only fail for the same reason.");
            }
            if !report.cut.is_empty() {
                println!("{}", wrapped("  ", &not_to_the_end(report)));
            }
            if !report.kept.is_empty() {
                println!("{}", wrapped("  ", &kept(report)));
            }
            // A program that does not even compile was sent no data.
            if report.is_built() {
                println!(
                    "  The same data again: {}",
                    same_again(report, whose).bold()
                );
            }
            if whose == Whose::Learner {
                let command = format!("cargo xtask hint {}", report.step.number);
                println!("  To be helped on: {}", command.bold());
            }
        }
        Verdict::Incomplete => println!(
            "  {} {counts}. {}",
            "Incomplete:".yellow().bold(),
            what_ran(report)
        ),
    }
}

/// What a run says of the program that was cut short by something missing here.
pub fn what_ran(report: &Report) -> &'static str {
    match report.is_built() {
        true => "What ran is right.",
        false => "Your program is neither right nor wrong yet.",
    }
}

/// How many checks passed and did not, and how long it took.
pub fn counts(report: &Report) -> String {
    let (passed, failed, not_run) = report.counts();
    let skipped = match not_run {
        0 => String::new(),
        n => format!(", {n} not run"),
    };
    let time = format!("{:.1} s", report.took.as_secs_f64());
    format!("{passed} passed, {failed} failed{skipped}, in {time}")
}

/// What is to be said of the checks that were ended before they had found out.
fn not_to_the_end(report: &Report) -> String {
    format!(
        "Not run to the end, because the program took too long and something else had failed: {}.",
        report.cut.len()
    )
}

/// What is to be said of the checks that were not run again.
fn kept(report: &Report) -> String {
    let (kept, step) = (report.kept.len(), report.step.number);
    format!(
        "Not run again, because they passed before with this same program and data: {kept}. To run all of them again: \
         cargo xtask check {step} --anew"
    )
}

/// The command that gives the same run once more.
pub fn same_again(report: &Report, whose: Whose) -> String {
    let (step, seed) = (report.step.number, report.seed);
    let only = report
        .only
        .map(|id| format!(" --only {id}"))
        .unwrap_or_default();
    format!(
        "cargo xtask check {step}{}{only} --seed {seed}",
        of_whose(whose)
    )
}

/// All that is missing on this machine, each once, as it is printed.
pub fn missing(findings: &[Finding]) {
    all_missing(findings).into_iter().for_each(missing_here);
}

/// All that is missing on this machine, each once.
pub fn all_missing(findings: &[Finding]) -> Vec<&str> {
    let missing = findings.iter().filter_map(|it| match &it.status {
        Status::Missing(what) => Some(what.as_str()),
        _ => None,
    });
    let mut missing: Vec<&str> = missing.collect();
    missing.dedup();
    missing
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
