//! The hidden tests: what a right program does, asked of a program from outside.
//!
//! A check is a statement about a right program. It names the checks that it rests on: where one of those fails it is not
//! run, for it could only fail for the same reason. All others run at the same time, each against a process of its own,
//! so that no check can hear what another one causes.

mod report;

pub mod diagnosis;

pub mod step_10;

mod routes;

mod relay;

mod robust;

mod page;

mod start;

mod scene;

mod client;

mod http;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures::future::{LocalBoxFuture, Shared};
use futures::{FutureExt, StreamExt, stream::FuturesOrdered};
use tokio::sync::Semaphore;

pub use diagnosis::Diagnosis;
pub use report::{Failure, Finding, Report, Status, Verdict};
pub use scene::Scene;

use crate::compile::{Built, Target};
use crate::step::Step;
use page::Windows;

/// One check: a statement about a right program, and how to find out.
pub struct Check {
    /// The statement as a name: `the_sender_hears_nothing`.
    pub id: &'static str,
    /// The statement as a sentence, for a learner.
    pub sentence: &'static str,
    /// The checks that have to pass before this one means anything.
    pub needs: &'static [&'static str],
    /// How to find out.
    pub run: Run,
}

/// What a check needs in order to run.
pub enum Run {
    /// The source only: the check builds the program.
    Source(fn(Rc<Context>) -> LocalBoxFuture<'static, Outcome>),
    /// A process of its own.
    Program(fn(Rc<Scene>) -> LocalBoxFuture<'static, Outcome>),
    /// A process, and two windows of a browser that show its page; shared by all checks of this kind, one after the other.
    Page(fn(Rc<Windows>) -> LocalBoxFuture<'static, Outcome>),
}

/// What a check found.
pub type Outcome = Result<(), Stop>;

/// Why a check did not pass.
pub enum Stop {
    /// The statement is not true of this program.
    Failed(Box<Failure>),
    /// Something that the check needs is missing here: what, and how to get it.
    Missing(String),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failed(Box::new(failure))
    }
}

/// Makes a [`Check`] of a function: its name is the id.
macro_rules! check {
    ($kind:ident, $path:ident :: $name:ident, needs [$($need:literal),*], $sentence:literal) => {
        $crate::checks::Check {
            id: stringify!($name),
            sentence: $sentence,
            needs: &[$($need),*],
            run: $crate::checks::Run::$kind(|given| Box::pin($crate::checks::$path::$name(given))),
        }
    };
}
pub(crate) use check;

/// The program to check, and the folder that its source lies in.
pub struct Subject {
    /// The step that it is an answer to.
    pub step: Step,
    /// The folder of `server.rs` and the page.
    pub folder: PathBuf,
    /// Where the program comes from.
    pub program: Origin,
}

/// Where a program comes from.
pub enum Origin {
    /// It is built, as the first check.
    Cargo(Target),
    /// It has been built.
    Built(Built),
}

/// How to check.
#[derive(Debug, Clone)]
pub struct Options {
    /// What all the data of the run is made from.
    pub seed: u64,
    /// Whether the page is checked in a browser, too.
    pub page: bool,
    /// Whether the compiler's text may hold colours.
    pub colour: bool,
}

/// What all checks of a run share.
pub struct Context {
    /// The program.
    pub subject: Subject,
    /// The seed, and what is left out.
    pub options: Options,
    /// How much longer than on an idle machine everything may take.
    pub patience: f64,
    /// The path of the program, once it is built.
    program: OnceCell<PathBuf>,
    /// How this program takes a position, once a check has found out.
    up: OnceCell<scene::Up>,
    /// What is worth saying though it fails no check.
    warnings: std::cell::RefCell<Vec<String>>,
    /// So many programs run at the same time.
    permits: Semaphore,
    browser: Shared<LocalBoxFuture<'static, Result<page::Running, String>>>,
    windows: tokio::sync::OnceCell<Rc<Windows>>,
}

impl Context {
    /// Whether the learner's program holds this text, comments left out.
    fn mentions(&self, text: &str) -> bool {
        let source =
            std::fs::read_to_string(self.subject.folder.join("server.rs")).unwrap_or_default();
        let code = |line: &&str| !line.trim_start().starts_with("//");
        source.lines().filter(code).any(|line| line.contains(text))
    }
}

/// How many programs run at the same time: enough to keep two cores busy while some checks wait.
const PROGRAMS: usize = 8;

type Statuses = HashMap<&'static str, Shared<LocalBoxFuture<'static, Status>>>;

/// Runs the checks of the subject's step, calls `found` with each finding in the order of the list, as soon as it and
/// those before it are known, and returns them all.
pub async fn run(subject: Subject, options: Options, mut found: impl FnMut(&Finding)) -> Report {
    let started = Instant::now();
    let checks = of_step(subject.step);
    let browser = page::launch(options.page).boxed_local().shared();
    // The browser takes about as long to start as the compiler to build: both begin now.
    let launching = tokio::task::LocalSet::new();
    launching.spawn_local(browser.clone());
    let context = Rc::new(Context {
        patience: patience(),
        subject,
        options,
        program: OnceCell::new(),
        up: OnceCell::new(),
        warnings: Default::default(),
        permits: Semaphore::new(PROGRAMS),
        browser,
        windows: tokio::sync::OnceCell::new(),
    });
    let mut statuses = Statuses::new();
    let mut ordered = FuturesOrdered::new();
    for check in checks {
        let needs = check
            .needs
            .iter()
            .map(|need| (*need, statuses[need].clone()))
            .collect();
        let status = one(check, needs, context.clone()).boxed_local().shared();
        statuses.insert(check.id, status.clone());
        ordered.push_back(status.map(move |status| Finding { check, status }));
    }
    let mut findings = Vec::new();
    launching
        .run_until(async {
            while let Some(finding) = ordered.next().await {
                found(&finding);
                findings.push(finding);
            }
            page::close(&context).await;
        })
        .await;
    let warnings = context.warnings.take();
    Report {
        step: context.subject.step,
        seed: context.options.seed,
        findings,
        warnings,
        took: started.elapsed(),
    }
}

/// The checks of a step.
pub fn of_step(step: Step) -> &'static [Check] {
    match step.number {
        10 => step_10::CHECKS,
        number => unreachable!("step {number} is not in the list of steps"),
    }
}

/// Runs one check, once those that it rests on have passed.
async fn one(
    check: &'static Check,
    needs: Vec<(&'static str, Shared<LocalBoxFuture<'static, Status>>)>,
    context: Rc<Context>,
) -> Status {
    for (need, status) in needs {
        match status.await {
            Status::Passed => {}
            Status::Missing(what) => return Status::Missing(what),
            Status::Failed(_) => return Status::NotRun(need),
            // The cause, and not the chain that leads to it.
            Status::NotRun(cause) => return Status::NotRun(cause),
        }
    }
    let patience = context.patience;
    let outcome = match check.run {
        // The first build takes minutes on a slow machine, and cargo comes to an end by itself.
        Run::Source(run) => run(context).await,
        Run::Program(run) => in_time(patience, scene::with_program(check.id, context, run)).await,
        Run::Page(run) => in_time(patience, page::with_windows(context, run)).await,
    };
    match outcome {
        Ok(()) => Status::Passed,
        Err(Stop::Failed(failure)) => Status::Failed(failure.into()),
        Err(Stop::Missing(what)) => Status::Missing(what),
    }
}

/// What the check finds, or after a minute of an idle machine, that it comes to no end. Each wait within a check has a
/// deadline of its own; this one is for the program that nobody thought of.
async fn in_time(patience: f64, check: impl Future<Output = Outcome>) -> Outcome {
    let longest = Duration::from_secs(60).mul_f64(patience);
    let outcome = tokio::time::timeout(longest, check).await;
    outcome.unwrap_or_else(|_| {
        let came = format!("no end of this check in {}", scene::seconds(longest));
        Err(Failure::new(Diagnosis::Unknown).came(came).into())
    })
}

/// How much longer than on an idle machine everything may take: from the variable `WORKSHOP_PATIENCE`, and from how
/// long a little work takes here and now. Only a wrong program waits for a deadline, so generosity costs a right one
/// nothing.
pub fn patience() -> f64 {
    /// What the work below takes on an idle machine of 2026, in a debug build.
    const IDLE: Duration = Duration::from_millis(4);
    let asked = std::env::var("WORKSHOP_PATIENCE")
        .ok()
        .and_then(|text| text.parse::<f64>().ok())
        .unwrap_or(1.0);
    let started = Instant::now();
    let mut work = 1_u64;
    for i in 0..200_000_u64 {
        work = std::hint::black_box(work.rotate_left(5) ^ i);
    }
    let measured = started.elapsed().as_secs_f64() / IDLE.as_secs_f64();
    asked.clamp(0.1, 100.0) * measured.clamp(1.0, 5.0)
}
