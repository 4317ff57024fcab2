//! `cargo xtask check`: runs the hidden tests and says what they found.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::Result;
use browser::open;
use checks::again::{self, Before};
use checks::{Finding, Options, Report, Verdict, picture};
use clap::Args;
use machine::exit::Exit;
use machine::jquery;
use owo_colors::OwoColorize;
use serde_json::{Value, json};
use steps::progress;
use steps::step::{STEPS, Step, Whose};

use super::check_all;
use crate::checked::check;
use crate::room::line::Line;
use crate::room::tell;

/// Check your program: is it right, and if not, why
///
/// Builds your program, starts it on a free port, and asks it over HTTP, over WebSockets and in a real browser what a
/// right program would answer. It explains the first thing that is not right yet.
#[derive(Args)]
pub struct Arguments {
    /// The step: 10, 10-spy or spy; without it, the step that you are at
    #[arg(value_parser = Step::parse)]
    step: Option<Step>,
    /// Check every step that you have begun or passed, one after the other
    #[arg(long, conflicts_with = "step")]
    all: bool,
    /// Check the finished program instead of yours
    #[arg(long)]
    solution: bool,
    /// Run only the checks of the server, and not those of the page, so the verdict is at best "incomplete" (exit 3)
    #[arg(long)]
    server: bool,
    /// Run only this check, and those that it needs; a failure prints its name
    #[arg(long, value_name = "ID", conflicts_with = "all")]
    only: Option<String>,
    /// Run every check again, even if it passed before with the same program and data
    #[arg(long)]
    anew: bool,
    /// Use the same data as an earlier run; a failure prints its seed
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Print everything that the compiler says about a program that does not compile
    #[arg(long)]
    compiler: bool,
    /// Print one JSON object and nothing else
    #[arg(long)]
    pub(super) json: bool,
    /// Write a page that shows the messages before each failure as a chart: .workshop/report-10-spy.html
    #[arg(long, conflicts_with = "all")]
    report: bool,
    /// Show that page in your browser
    #[arg(long, conflicts_with = "all")]
    open: bool,
}

impl Arguments {
    /// Whose program is checked.
    pub(super) fn whose(&self) -> Whose {
        match self.solution {
            true => Whose::Solution,
            false => Whose::Learner,
        }
    }

    fn wants_picture(&self) -> bool {
        self.report || self.open
    }

    /// Says where the picture is, or shows it. That it cannot be shown is no error: the path is printed.
    fn tell_of(&self, file: &Path) {
        let opened = self.open.then(|| open::file(file));
        if let Some(Err(error)) = &opened {
            show::note(&format!("no browser could be opened ({error:#})"));
        }
        if self.json {
            return;
        }
        anstream::println!("  As a picture: {}", show::path(file));
        if !matches!(opened, Some(Ok(()))) {
            anstream::println!("  To see it: {}", open::command(file).bold());
        }
    }

    /// How a step is checked, in a run of all steps.
    pub(super) fn options(&self) -> Options {
        Options {
            seed: self.seed.unwrap_or_else(|| fastrand::u64(..1_000_000)),
            ..self.options_of(None)
        }
    }

    /// How a step is checked of which the last check has left something: while it fails, the data stay the same.
    fn options_of(&self, before: Option<Before>) -> Options {
        let seed = self.seed.or(before.as_ref().map(|it| it.seed));
        Options {
            seed: seed.unwrap_or_else(|| fastrand::u64(..1_000_000)),
            before: before.filter(|_| !self.anew),
            page: !self.server,
            colour: !self.json
                && std::io::stdout().is_terminal()
                && std::env::var_os("NO_COLOR").is_none(),
            compiler: self.compiler,
            ..Options::default()
        }
    }
}

/// Runs the checks of a step, or of all.
///
/// # Errors
/// When the tool itself cannot go on.
pub async fn run(arguments: Arguments) -> Result<Exit> {
    // What to do where there is none, or an old one, is for the checks to report: they say which of them go without.
    if let Err(error) = jquery::fetch().await {
        show::note(&format!("{error:#}"));
    }
    // It connects while the program is built: nobody waits for it.
    let mut line = Line::open().filter(|_| arguments.whose() == Whose::Learner);
    let exit = match arguments.all {
        true => check_all::run(arguments.whose(), arguments.json, || arguments.options()).await,
        false => check_one(&arguments).await,
    }?;
    if let Some(line) = &mut line {
        tell::at_the_end(line, arguments.json).await;
    }
    Ok(exit)
}

/// Runs the checks of a step.
async fn check_one(arguments: &Arguments) -> Result<Exit> {
    let step = arguments.step.unwrap_or_else(|| here(arguments.json));
    let whose = arguments.whose();
    let only = match arguments
        .only
        .as_deref()
        .map(|id| named(step, id))
        .transpose()
    {
        Ok(only) => only,
        Err(unknown) => return Ok(unknown.tell(arguments.json)),
    };
    let before = (whose == Whose::Learner)
        .then(|| again::read(step))
        .flatten();
    let options = Options {
        only,
        ..arguments.options_of(before)
    };
    let found = if arguments.json {
        check(step, whose, options, |_| {}).await
    } else {
        checks::findings::title(step, whose);
        let mut shown = checks::findings::Findings::of(step).with_commands(whose, only.is_some());
        let found = |finding: &Finding| shown.show(finding);
        let report = check(step, whose, options, found).await;
        checks::findings::summary(&report, whose, shown.ends_blank());
        if whose == Whose::Learner && only.is_none() && report.verdict() == Verdict::Passed {
            next(step);
        }
        report
    };
    let picture = arguments
        .wants_picture()
        .then(|| picture::write(&found, whose));
    if arguments.json {
        show::json(&json(&found, whose, picture.as_ref()));
    }
    Ok(match picture {
        Some(Ok(file)) => {
            arguments.tell_of(&file);
            found.verdict().into()
        }
        Some(Err(error)) => {
            show::note(&format!("error: {error:#}"));
            without_picture(found.verdict())
        }
        None => found.verdict().into(),
    })
}

/// What was asked for is no check of the step.
struct Unknown {
    step: Step,
    id: String,
    nearest: Vec<&'static str>,
}

/// The check of this name among those of a step.
fn named(step: Step, id: &str) -> Result<&'static str, Unknown> {
    const AS_MANY: usize = 3;
    let ids: Vec<&str> = checks::of_step(step).iter().map(|check| check.id).collect();
    let known = ids.iter().find(|known| **known == id);
    known.copied().ok_or_else(|| {
        let near = similar::get_close_matches(id, &ids, AS_MANY, 0.5);
        // A name of which only a part is known is near to those that hold it.
        let holds = |known: &&&str| known.contains(id) && !near.contains(*known);
        let nearest = near.iter().chain(ids.iter().filter(holds).take(AS_MANY));
        Unknown {
            step,
            id: id.to_owned(),
            nearest: nearest.copied().collect(),
        }
    })
}

impl Unknown {
    /// Says so, and which are near; on stdout too, for whoever reads JSON there.
    fn tell(&self, json: bool) -> Exit {
        let number = self.step.number;
        let what = format!("step {number} has no check {}", self.id);
        let names = match self.nearest.as_slice() {
            [] => checks::of_step(self.step)
                .iter()
                .map(|check| check.id)
                .collect(),
            nearest => nearest.to_vec(),
        };
        let which = if self.nearest.is_empty() {
            "Its checks"
        } else {
            "The nearest"
        };
        let names = names.iter().map(|name| format!("\n  {name}"));
        show::note(&format!(
            "error: {what}. {which}:\n{}",
            names.collect::<String>()
        ));
        if json {
            show::json(&json!({"step": number, "error": what, "nearest": self.nearest}));
        }
        Exit::Usage
    }
}

/// The object that is printed; where the picture is, if one was asked for.
fn json(found: &Report, whose: Whose, picture: Option<&Result<PathBuf>>) -> Value {
    let mut object = found.json();
    let checks = object["checks"].as_array_mut().into_iter().flatten();
    for (check, finding) in checks.zip(&found.findings) {
        if let Some(alone) =
            finding
                .failure()
                .and(checks::findings::alone(found.step, whose, finding.check))
        {
            check["again"] = format!("{alone} --seed {}", found.seed).into();
        }
    }
    if let Some(picture) = picture {
        let file = picture.as_ref().ok();
        object["report"] = file.map(|file| file.display().to_string()).into();
    }
    object
}

/// How the tool ends where the picture could not be written: the verdict stands, but a pass is not all that was asked for.
fn without_picture(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Failed => Exit::Failed,
        Verdict::Passed | Verdict::Incomplete => Exit::Missing,
    }
}

/// The step that the learner is at. That it was chosen for them is said, and why.
fn here(json: bool) -> Step {
    let here = progress::here();
    if !json {
        let (number, why) = (here.step.number, here.why.words());
        show::paragraph(&format!("Step {number}, because {why}.\n"));
    }
    here.step
}

/// What comes after a step that was passed just now.
fn next(passed: Step) {
    let here = progress::by_work();
    let next = match here.step == passed {
        // All are passed, or this pass could not be noted.
        true => STEPS.iter().find(|step| step.number > passed.number),
        false => Some(&here.step),
    };
    match next {
        Some(next) => {
            let Step { number, title, .. } = next;
            let what = match next.is_encore() && !passed.is_encore() {
                true => "That was the last step. An encore",
                false => "Next",
            };
            anstream::println!("  {what}: cargo xtask watch {number}  ({title})");
            if *number == passed.number + 1 && next.can_go_on() {
                let save_as = format!("cargo xtask save-as {} {number}", passed.number);
                anstream::println!("  To go on there with your own server: {save_as}");
            }
        }
        None => anstream::println!("  That was the last step."),
    }
}
