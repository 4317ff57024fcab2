//! A stage as a person reads it, part by part, on the screen of the live coding and with `--print`; and as JSON.

use std::io::IsTerminal;

use anstream::println;
use owo_colors::{OwoColorize, XtermColors};
use serde_json::{Value, json};
use show::wrapped;
use steps::step::Whose;

use super::minutes;
use crate::walk::{Announced, Change, Fails, Hunk, Kind, Line, Phase, Prompt, Stage, Walkthrough};

/// Blue and orange, and not green and red, which one man in twelve cannot tell apart. Both are of the 256 colours, in a shade
/// that can be read on a dark and on a light ground.
const NEW: XtermColors = XtermColors::AzureRadiance;
const GONE: XtermColors = XtermColors::TennOrange;

/// Prints all that there is to know of a stage.
pub fn print(walk: &Walkthrough, stage: &Stage, json: bool) {
    if json {
        show::json(&object(walk, stage));
        return;
    }
    checks::findings::title(walk.step, Whose::Learner);
    let (number, all) = (stage.number, walk.stages.len());
    println!("Stage {number} of {all}, {}", minutes(stage.minutes));
    println!("{}\n", title(stage));
    println!("{}\n", prompts(&stage.prompts_in(Phase::Verdict)));
    println!("{}\n", changes(&walk.changes(stage), columns()).trim_end());
    println!("{}\n", see(stage));
    println!("{}", verdict(&stage.announced));
}

/// The columns of the terminal; a file or another program gets each line of code as it is.
fn columns() -> usize {
    let size = terminal_size::terminal_size().filter(|_| std::io::stdout().is_terminal());
    size.map_or(usize::MAX, |(width, _)| usize::from(width.0))
}

/// What the stage does.
pub fn title(stage: &Stage) -> String {
    let rows = wrapped("", &stage.title);
    let rows = rows.lines().map(|row| row.bold().to_string());
    rows.collect::<Vec<_>>().join("\n")
}

/// What to say and do, a paragraph each.
pub fn prompts(prompts: &[&Prompt]) -> String {
    let prompts = prompts.iter().copied().map(prompt);
    prompts.collect::<Vec<_>>().join("\n")
}

/// The first row of each of them, for a screen on which there is no room for all.
pub fn first_rows(prompts: &[&Prompt]) -> String {
    let first = |it: &Prompt| {
        let prompt = prompt(it);
        let mut rows = prompt.lines();
        let mut first = rows.next().unwrap_or_default().to_owned();
        if rows.next().is_some() {
            if textwrap::core::display_width(&first) >= show::width() {
                first.pop();
            }
            first.push('…');
        }
        first
    };
    let first = prompts.iter().copied().map(first);
    first.collect::<Vec<_>>().join("\n")
}

fn prompt(prompt: &Prompt) -> String {
    let time = match prompt.minutes {
        Some(count) => format!(" ({})", minutes(count)),
        None => String::new(),
    };
    let label = format!("{}{time}:", prompt.kind.word());
    let text = wrapped("", &format!("{label} {}", prompt.text));
    text.replacen(
        prompt.kind.word(),
        &prompt.kind.word().bold().to_string(),
        1,
    )
}

/// What the class should see.
pub fn see(stage: &Stage) -> String {
    wrapped(&format!("{} ", "See:".bold()), &stage.see)
}

/// What the check says of the stage, with the causes in a learner's words.
pub fn verdict(announced: &Announced) -> String {
    let check = "Check:".bold();
    if *announced == Announced::Passes {
        return format!("{check} every check passes.");
    }
    let fails = |fails: &Fails| {
        let not_yet = wrapped(
            &format!("{check} {} ", "not yet:".yellow()),
            fails.sentence(),
        );
        format!(
            "{not_yet}\n{}\n       {}",
            wrapped("       Why? ", fails.cause()),
            format!("({})", fails.diagnosis).dimmed()
        )
    };
    let fails: Vec<String> = announced.fails().iter().map(fails).collect();
    fails.join("\n")
}

/// What changes: the lines with their signs and numbers, file by file. A line that is longer than `columns` goes on below
/// itself.
pub fn changes(changes: &[Change], columns: usize) -> String {
    if changes.is_empty() {
        return "No file changes.".into();
    }
    let changes = changes.iter().map(|it| change(it, columns));
    changes.collect::<Vec<_>>().join("\n\n")
}

/// What changes in one file.
pub fn change(change: &Change, columns: usize) -> String {
    let hunks = change.hunks.iter().map(|it| hunk(it, columns));
    let hunks: Vec<String> = hunks.collect();
    let file = change.file.bold();
    format!("{file}\n{}", hunks.join(&format!("\n{:>7}\n", "⋮")))
}

/// The lines, without the indent that all of them have.
fn hunk(hunk: &Hunk, columns: usize) -> String {
    let is_code = |line: &&Line| !line.text.trim().is_empty();
    let indents = hunk.lines.iter().filter(is_code);
    let indents = indents.map(|line| line.text.len() - line.text.trim_start().len());
    let indent = indents.min().unwrap_or(0);
    let lines = hunk.lines.iter().flat_map(|it| line(it, indent, columns));
    lines.collect::<Vec<_>>().join("\n")
}

fn line(line: &Line, indent: usize, columns: usize) -> Vec<String> {
    let text = line.text.get(indent..).unwrap_or_default();
    let first = format!("{} {:>4}  ", line.kind.sign(), line.number);
    let rest = format!("{}       ", line.kind.sign());
    let room = columns.saturating_sub(first.len()).max(20);
    let rows = folded(text, room).into_iter().enumerate().map(|(at, row)| {
        let before = if at == 0 { &first } else { &rest };
        format!("{before}{row}").trim_end().to_owned()
    });
    let coloured = |row: String| match line.kind {
        Kind::Stays => row,
        Kind::New => row.color(NEW).to_string(),
        Kind::Gone => row.color(GONE).to_string(),
    };
    rows.map(coloured).collect()
}

/// A line of code in rows of so many characters, broken at a blank where there is one, those after the first a little further
/// in than the line begins.
fn folded(text: &str, room: usize) -> Vec<String> {
    let blanks = text.len() - text.trim_start().len();
    let hanging = " ".repeat((blanks + 4).min(room / 2));
    let mut rows = Vec::new();
    let mut rest: Vec<char> = text.chars().collect();
    while rest.len() > room {
        let blank = rest[room / 2..=room].iter().rposition(|it| *it == ' ');
        let end = blank.map_or(room, |at| room / 2 + at);
        rows.push(rest[..end].iter().collect());
        let more = rest[end..].iter().skip_while(|it| **it == ' ');
        rest = hanging.chars().chain(more.copied()).collect();
    }
    rows.push(rest.into_iter().collect());
    rows
}

/// All that there is to know of a stage.
pub fn object(walk: &Walkthrough, stage: &Stage) -> Value {
    let changes = walk.changes(stage);
    json!({
        "step": walk.step.number,
        "stage": stage.number,
        "stages": walk.stages.len(),
        "title": stage.title,
        "minutes": stage.minutes,
        "prompts": stage.prompts.iter().map(prompt_object).collect::<Vec<_>>(),
        "changes": changes.iter().map(change_object).collect::<Vec<_>>(),
        "see": stage.see,
        "announced": announced(&stage.announced),
    })
}

fn prompt_object(prompt: &Prompt) -> Value {
    json!({"kind": prompt.kind.word(), "minutes": prompt.minutes, "text": prompt.text})
}

fn change_object(change: &Change) -> Value {
    let line = |it: &Line| json!({"kind": it.kind.word(), "number": it.number, "text": it.text});
    let hunk = |it: &Hunk| json!({"lines": it.lines.iter().map(line).collect::<Vec<_>>()});
    let hunks: Vec<Value> = change.hunks.iter().map(hunk).collect();
    json!({"file": change.file, "hunks": hunks})
}

/// The announced verdict as JSON.
pub fn announced(announced: &Announced) -> Value {
    let fails: Vec<Value> = announced.fails().iter().map(fails_object).collect();
    json!({"passes": fails.is_empty(), "fails": fails})
}

fn fails_object(fails: &Fails) -> Value {
    json!({
        "check": fails.check,
        "sentence": fails.sentence(),
        "diagnosis": fails.diagnosis,
        "cause": fails.cause(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_goes_on_below_itself() {
        let rows = folded("  abcdefghij klmnop qrstuv", 16);
        assert_eq!(rows, ["  abcdefghij", "      klmnop", "      qrstuv"]);
        let rows = folded("abcdefghijklmnopqrst", 16);
        assert_eq!(rows, ["abcdefghijklmnop", "    qrst"]);
        assert_eq!(folded("", 20), [""]);
    }

    #[test]
    fn a_change_says_what_comes_and_goes_without_colour_too() {
        let text = change(&Change::of("10.html", "  a\n  b\n", "  a\n  c\n"), 80);
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(plain, "10.html\n     1  a\n-    2  b\n+    2  c");
    }
}
