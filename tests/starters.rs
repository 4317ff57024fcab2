//! What a learner starts from, and where it leads: cut from the solution, it compiles, and it fails as announced.

use libtest_mimic::{Failed, Trial};
use show::root;
use steps::cut::Cut;
use steps::stages::Stages;
use steps::step::{STEPS, Step, Whose};
use steps::{code, starter, tasks};

use crate::corpus::{self, Announced};
use crate::{again_alone, kept, programs};

pub fn trials() -> Vec<Trial> {
    let fails = |step: &Step| {
        let step = *step;
        let name = format!("starter-{}", step.name());
        let key = move || kept::checks().with((corpus::starter(step), announced(step).ok()));
        again_alone(name, key, move || the_starter_fails_as_announced(step))
            .with_ignored_flag(programs::cannot_be_tried(step))
    };
    let mut trials = vec![
        Trial::test("starters-are-current", starters_are_current),
        Trial::test("the-line-to-write-is-line-47", the_line_to_write_is_line_47),
        Trial::test("solutions-are-finished-code", solutions_are_finished_code),
        Trial::test("each-mark-has-its-entry", each_mark_has_its_entry),
        Trial::test("files-of-the-encore-are-short", files_are_short),
        kept::trial(
            "starters-and-solutions-compile-without-a-warning",
            without_a_warning,
        ),
    ];
    trials.extend(STEPS.iter().map(|step| {
        let step = *step;
        Trial::test(format!("one-title-and-time-{}", step.name()), move || {
            one_title_and_time(step)
        })
    }));
    trials.extend(STEPS.iter().filter_map(|step| {
        let (step, before) = (*step, step.before()?);
        Some(Trial::test(
            format!("begins-where-the-last-ended-{}", step.name()),
            move || begins_where_the_last_ended(step, before),
        ))
    }));
    trials.extend(STEPS.iter().map(fails));
    trials
}

fn starters_are_current() -> Result<(), Failed> {
    let starters = starter::starters().map_err(|error| format!("{error:#}"))?;
    match starters.iter().find(|starter| !starter.is_current()) {
        Some(stale) => {
            let path = show::path(&stale.path);
            Err(format!("{path} is stale. Write it anew: cargo xtask generate").into())
        }
        None => Ok(()),
    }
}

/// A solution holds no code in comments, and nothing of what is said beside it: what stood there before a stage, and what the
/// stage asks for.
fn solutions_are_finished_code() -> Result<(), Failed> {
    let mut wrong = String::new();
    for step in STEPS {
        let stages = Stages::of(*step).map_err(|error| format!("{error:#}"))?;
        let is_said = |text: &str| stages.entries.iter().any(|entry| entry.sentence == text);
        for (name, text) in corpus::solution(*step) {
            for (index, line) in text.lines().enumerate() {
                let comment = line.trim().strip_prefix("// ").unwrap_or_default();
                if is_unfinished(comment) || is_said(comment) {
                    let path = step.folder(Whose::Solution).join(&name);
                    wrong += &format!("{}:{}: {}\n", path.display(), index + 1, line.trim());
                }
            }
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("{wrong}Move these lines to stages.md, or take them away.").into()),
    }
}

/// Whether a comment is no sentence, but code; or asks for something.
fn is_unfinished(comment: &str) -> bool {
    let begins = ["Before:", "TODO", "use ", "let ", "fn ", "async fn ", "#["];
    let is_code = |end: char| [';', '{', '}', '('].contains(&end);
    begins.iter().any(|word| comment.starts_with(word)) || comment.ends_with(is_code)
}

/// Each mark of the solutions has its entry, each entry its mark, and both are in the same order.
fn each_mark_has_its_entry() -> Result<(), Failed> {
    for step in STEPS {
        let entries = Stages::of(*step)
            .map_err(|error| format!("{error:#}"))?
            .entries;
        let files = tasks::of_step(*step).map_err(|error| format!("{error:#}"))?;
        let marks = files.iter().flat_map(|file| {
            let marks = file.source().stages().into_iter();
            marks.map(|mark| (file.file.as_str(), mark.name.as_str()))
        });
        let marks: Vec<_> = marks.collect();
        let pairs = entries
            .iter()
            .map(|entry| (entry.file.as_str(), entry.name.as_str()));
        let pairs: Vec<_> = pairs.collect();
        if marks != pairs {
            return Err(format!(
                "{}: the marks are {marks:?}, and the entries {pairs:?}",
                step.name()
            )
            .into());
        }
    }
    Ok(())
}

/// In the encore a file can be read on its own: it is short, so are its functions, and its first line says which steps explain it.
fn files_are_short() -> Result<(), Failed> {
    const LINES: usize = 250;
    const OF_A_FUNCTION: usize = 40;
    for step in STEPS.iter().filter(|step| step.has_modules()) {
        for file in tasks::of_step(*step).map_err(|error| format!("{error:#}"))? {
            if !file.file.ends_with(".rs") {
                continue;
            }
            let name = format!("{}/{}", step.name(), file.file);
            let text = file.source().cut(|_| Cut::Bare);
            let lines: Vec<&str> = text.lines().collect();
            if lines.len() > LINES {
                return Err(format!("{name} has {} lines", lines.len()).into());
            }
            if let Some((function, long)) = functions(&lines).find(|(_, it)| *it > OF_A_FUNCTION) {
                return Err(format!("{name}: {function} has {long} lines").into());
            }
            let first = lines.first().copied().unwrap_or_default();
            let says = [
                format!("//! Step {}, ", step.number),
                "Explained in step".into(),
            ];
            if !says.iter().any(|words| first.contains(words.as_str())) {
                return Err(format!("{name} does not say which step explains it: {first}").into());
            }
        }
    }
    Ok(())
}

/// The functions of a file: the line that each begins with, and how many it has.
fn functions<'a>(lines: &'a [&'a str]) -> impl Iterator<Item = (&'a str, usize)> {
    let begins = |(_, line): &(usize, &&str)| {
        let words = ["fn ", "pub fn ", "async fn ", "pub async fn "];
        words.iter().any(|word| line.trim_start().starts_with(word))
    };
    lines
        .iter()
        .enumerate()
        .filter(begins)
        .filter_map(|(at, line)| {
            let indent = &line[..line.len() - line.trim_start().len()];
            let end = format!("{indent}}}");
            let length = lines[at..].iter().position(|line| *line == end)? + 1;
            Some((*line, length))
        })
}

/// The task, the page and the table of all steps say what `cargo xtask list` says: the title, and how long a person takes.
fn one_title_and_time(step: Step) -> Result<(), Failed> {
    let Step { number, title, .. } = step;
    let minutes = match step.minutes {
        10 => "ten",
        15 => "fifteen",
        20 => "twenty",
        25 => "twenty-five",
        30 => "thirty",
        35 => "thirty-five",
        40 => "forty",
        other => return Err(format!("how is {other} written?").into()),
    };
    let (name, folder) = (step.name(), step.folder(Whose::Learner));
    let readme = folder.join("README.md");
    let mut expected = vec![
        (readme.clone(), format!("# {number} · {title}\n")),
        (readme, format!("\n*About {minutes} minutes.*\n")),
        (
            "README.md".into(),
            format!("| [{name}](exercises/{name}/README.md) |"),
        ),
    ];
    if let Some(page) = step.page() {
        let page = folder.join(page);
        expected.push((page.clone(), format!("<title>{number} · {title}</title>")));
        expected.push((page, format!("<small>Step {number}</small>{title}</h1>")));
    }
    let overview = std::fs::read_to_string(root().join("README.md"))?;
    let begins = format!("| [{name}](exercises/{name}/README.md) | {title} |");
    let ends = format!("| {} |", step.minutes);
    let row = |line: &str| line.starts_with(&begins) && line.ends_with(&ends);
    if !overview.lines().any(row) {
        return Err(format!("README.md has no row `{begins} … {ends}`").into());
    }
    for (path, part) in expected {
        if !std::fs::read_to_string(root().join(&path))?.contains(&part) {
            return Err(format!("{} does not hold `{part}`", path.display()).into());
        }
    }
    Ok(())
}

/// The task names this line by its number, and the page itself does, too.
fn the_line_to_write_is_line_47() -> Result<(), Failed> {
    let step = Step::parse("10")?;
    let page = step.page().unwrap_or_default();
    let solution = &corpus::solution(step)[&page];
    let starter = &corpus::starter(step)?[&page];
    let line = |text: &str, number: usize| text.lines().nth(number - 1).unwrap_or("").to_owned();
    let expected = [
        (solution, 47, r#"socket.emit("spy", evt.pageX, evt.pageY);"#),
        (starter, 47, ""),
        (
            starter,
            46,
            "// TODO: Send evt.pageX and evt.pageY to the server, as the event `spy`.",
        ),
    ];
    for (text, number, expected) in expected {
        let found = line(text, number);
        if found.trim() != expected {
            return Err(format!("line {number} is `{found}`, not `{expected}`").into());
        }
    }
    Ok(())
}

/// Without its stages, the server of a step is the one that the step before ended with, but for comments and the page.
fn begins_where_the_last_ended(step: Step, before: Step) -> Result<(), Failed> {
    if !step.can_go_on() {
        return is_the_same_in_files(step, before);
    }
    let ended = corpus::solution(before);
    for name in step.sources(Whose::Solution) {
        let begins = code_of(&begins_of(step, &name)?, step);
        let ended = ended.get(&name).map_or("", String::as_str);
        let ended = code_of(ended, before);
        let mut lines = begins.lines().zip(ended.lines());
        match lines.find(|(begins, ended)| begins != ended) {
            Some((begins, ended)) => {
                return Err(format!("{name} begins with `{begins}`, where `{ended}` was").into());
            }
            None if begins.len() != ended.len() => {
                return Err(format!("{name} is longer in one of the two steps").into());
            }
            None => {}
        }
    }
    let gone = before.sources(Whose::Solution);
    let now = step.sources(Whose::Solution);
    match gone.iter().find(|name| !now.contains(name)) {
        Some(name) => Err(format!("{name} is gone: a step only adds files").into()),
        None => Ok(()),
    }
}

/// The step that takes the server apart begins with the same lines, wherever they are now.
fn is_the_same_in_files(step: Step, before: Step) -> Result<(), Failed> {
    let mut begins = Vec::new();
    for name in step.sources(Whose::Solution) {
        begins.extend(lines_of_one_file(&begins_of(step, &name)?, step));
    }
    let ended = &corpus::solution(before)["server.rs"];
    let mut ended = lines_of_one_file(ended, before);
    begins.sort();
    ended.sort();
    let differs = begins.iter().find(|line| !ended.contains(line));
    let lacks = ended.iter().find(|line| !begins.contains(line));
    match (differs, lacks) {
        (Some(line), _) => Err(format!("`{line}` is new").into()),
        (_, Some(line)) => Err(format!("`{line}` is gone").into()),
        _ if begins.len() != ended.len() => Err("a line stands there twice".into()),
        _ => Ok(()),
    }
}

/// The code of a file as it would be if all of the server were in one: without imports, and without the modules in a path.
fn lines_of_one_file(text: &str, step: Step) -> Vec<String> {
    let code = code_of(text, step);
    let lines = code.lines().filter(|line| !line.starts_with("use "));
    let lines = lines.map(|line| without_modules(&line.replace("pub ", "")));
    lines.collect()
}

/// A line with `Receiver` in place of `broadcast::Receiver`.
fn without_modules(line: &str) -> String {
    let mut parts = line.split("::").collect::<Vec<_>>();
    let last = parts.pop().unwrap_or_default();
    let is_of_module = |c: char| c.is_ascii_lowercase() || c == '_';
    let before = parts.into_iter().map(|part| {
        let rest = part.trim_end_matches(is_of_module);
        match rest.len() == part.len() {
            true => format!("{part}::"),
            false => rest.to_owned(),
        }
    });
    before.chain([last.to_owned()]).collect()
}

/// A file of a step's server before the step's first stage.
fn begins_of(step: Step, name: &str) -> Result<String, Failed> {
    let source = tasks::source_of(step, name).map_err(|error| format!("{error:#}"))?;
    Ok(source.cut(|_| Cut::Absent))
}

/// The lines of a program that are not comments, its page's name left out, and the names of its files.
fn code_of(text: &str, step: Step) -> String {
    let page = step.page().unwrap_or("none".into());
    let is_file = |line: &str| line.starts_with("mod ") && line.ends_with(';');
    let lines = code::of(text.lines()).into_iter().map(|line| line.code);
    lines
        .filter(|line| !is_file(line))
        .map(|line| format!("{}\n", line.replace(&page, "PAGE")))
        .collect()
}

fn without_a_warning() -> Result<(), Failed> {
    for step in STEPS {
        for (whose, files) in [
            ("starter", corpus::starter(*step)?),
            ("solution", corpus::solution(*step)),
        ] {
            if let Some(warning) = programs::warnings(&files)?.first() {
                return Err(format!("the {whose} of {}:\n{warning}", step.name()).into());
            }
        }
    }
    Ok(())
}

fn the_starter_fails_as_announced(step: Step) -> Result<(), Failed> {
    programs::is_judged(step, &corpus::starter(step)?, &announced(step)?)
}

/// What the untouched starter fails, as the step's README announces it: "- `The sentence of a check` (the-diagnosis)".
fn announced(step: Step) -> Result<Vec<Announced>, Failed> {
    let readme = root().join(step.folder(Whose::Learner)).join("README.md");
    let announced: Vec<Announced> = std::fs::read_to_string(&readme)?
        .lines()
        .filter_map(|line| {
            line.strip_prefix("- `")?
                .strip_suffix(')')?
                .split_once("` (")
        })
        .map(|(sentence, diagnosis)| Announced {
            check: check_of(step, sentence).into(),
            diagnosis: diagnosis.into(),
        })
        .collect();
    if announced.is_empty() {
        return Err(format!("{} announces no failure", show::path(&readme)).into());
    }
    Ok(announced)
}

/// The id of the check with this sentence; the sentence itself where no check has it, which is then found to be wrong.
fn check_of(step: Step, sentence: &str) -> &str {
    let checks = checks::of_step(step).into_iter();
    let mut same = checks.filter(|check| check.sentence.trim_end_matches('.') == sentence);
    same.next().map_or(sentence, |check| check.id)
}
