//! The hidden tests: what a right program does, asked of a program from outside.
//!
//! A check is a statement about a right program. It names the checks that it rests on: where one of those fails it is not
//! run, for it could only fail for the same reason. All others run at the same time, each against a process of its own,
//! so that no check can hear what another one causes.

#[macro_use]
mod diagnosis;

pub mod again;
mod budget;
mod crowd;
mod farm;
pub mod findings;
mod http;
pub mod last;
pub mod list;
mod open;
mod others;
mod page;
pub mod parting;
pub mod picture;
mod report;
mod scene;
mod socket;

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

use compiler::Warning;
use futures::future::{LocalBoxFuture, Shared};
use futures::stream::FuturesOrdered;
use futures::{FutureExt, StreamExt};
use machine::compile::Target;
use machine::patience;
use show::root;
use steps::code;
use steps::sources;
use steps::step::{Step, Whose};
use tokio::sync::Semaphore;

use crate::again::Before;
use crate::page::windows::{self, Windows};
use crate::scene::{explain, warned};

pub use diagnosis::Diagnosis;
pub use report::{Failure, Finding, Report, Status, Verdict, counts};
pub use scene::Scene;

/// One check: a statement about a right program, and how to find out.
pub struct Check {
    /// The statement as a name: `the_sender_hears_nothing`.
    pub id: &'static str,
    /// The statement as a sentence, for a learner.
    pub sentence: &'static str,
    /// The first step that it belongs to; 0 for what has to be true before anything is asked.
    pub since: u32,
    /// The last one.
    pub until: u32,
    /// What the program finds in its environment besides its address: short times, so that nobody waits for long ones.
    pub settings: &'static [(&'static str, &'static str)],
    /// The checks that have to pass before this one means anything, as far as they belong to the step at hand.
    pub needs: &'static [&'static str],
    /// How to find out.
    pub run: Run,
}

/// The check that every program has to pass before it can run.
pub const COMPILES: &str = "the_program_compiles";

/// What a check needs in order to run.
pub enum Run {
    /// The source only: the check builds the program.
    Source(fn(Rc<Context>) -> LocalBoxFuture<'static, Outcome>),
    /// A process of its own.
    Program(fn(Rc<Scene>) -> LocalBoxFuture<'static, Outcome>),
    /// Three endpoints of it, and a NATS server between them.
    Farm(for<'a> fn(&'a mut farm::Farm) -> LocalBoxFuture<'a, Outcome>),
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
    ($kind:ident, $path:ident :: $name:ident, steps $since:literal .., $($rest:tt)*) => {
        check!($kind, $path::$name, steps $since ..= 99, $($rest)*)
    };
    ($kind:ident, $path:ident :: $name:ident, steps $since:literal ..= $until:literal, needs $($rest:tt)*) => {
        check!($kind, $path::$name, steps $since ..= $until, with [], needs $($rest)*)
    };
    ($kind:ident, $path:ident :: $name:ident, steps $since:literal ..= $until:literal,
        with [$($key:ident = $value:literal),*], needs [$($need:literal),*], $sentence:literal) => {
        $crate::Check {
            id: stringify!($name),
            sentence: $sentence,
            since: $since,
            until: $until,
            settings: &[$((stringify!($key), $value)),*],
            needs: &[$($need),*],
            run: $crate::Run::$kind(|given| Box::pin($path::$name(given))),
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
    /// What to build.
    pub target: Target,
}

impl Subject {
    /// The program of a step, where it belongs.
    pub fn of(step: Step, whose: Whose) -> Subject {
        Subject {
            step,
            folder: root().join(step.folder(whose)),
            target: Target::workshop(step.binary(whose)),
        }
    }
}

/// How to check.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What all the data of the run is made from.
    pub seed: u64,
    /// Whether the page is checked in a browser, too.
    pub page: bool,
    /// Whether of the server's checks only those are run that the page's rest on: the server is known already.
    pub page_alone: bool,
    /// The endpoint of a browser that runs already, to be shared; without it, one is launched.
    pub browser: Option<browser::Endpoint>,
    /// Whether the compiler's text may hold colours.
    pub colour: bool,
    /// The id of the one check that is asked for, with those that it needs.
    pub only: Option<&'static str>,
    /// What the last check left, if it failed.
    pub before: Option<Before>,
    /// Whether all of the compiler's text is quoted, and not only what is the learner's of it.
    pub compiler: bool,
}

impl Options {
    /// The id of the cause for which this one failed, as the last check says.
    fn failed_before(&self, check: &str) -> Option<&str> {
        let before = self.before.as_ref()?;
        before.failed.get(check).map(String::as_str)
    }

    /// Whether the last check says that this one passed, with the same data and without a page.
    fn passed_before(&self, check: &Check) -> bool {
        let is_of_server = matches!(check.run, Run::Program(_) | Run::Farm(_));
        let same = self.before.iter().filter(|it| it.seed == self.seed);
        !self.page
            && self.only.is_none()
            && is_of_server
            && same.flat_map(|it| &it.passed).any(|id| id == check.id)
    }
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
    /// What was built and asked, as a number.
    fingerprint: OnceCell<Option<u64>>,
    /// The checks that were not run, because they had passed before.
    kept: std::cell::RefCell<Vec<&'static str>>,
    /// The end of the run, once there is one.
    budget: budget::Budget,
    /// What the compiler warned of when it built it.
    warned: OnceCell<Vec<Warning>>,
    /// How this program takes a position, once a check has found out.
    up: OnceCell<wire::position::Up>,
    /// Whether this program answers no ping.
    is_mute: Cell<bool>,
    /// Whether this program answers no shout.
    answers_no_shout: Cell<bool>,
    /// Held by the check that edits the page, and by those who must see it as it is.
    edits: tokio::sync::RwLock<()>,
    /// What is worth saying though it fails no check.
    warnings: std::cell::RefCell<Vec<String>>,
    /// What was measured on the way.
    notes: std::cell::RefCell<Vec<String>>,
    /// The panics in checks that passed.
    panics: std::cell::RefCell<Vec<explain::Unnoticed>>,
    /// So many programs run at the same time.
    permits: Semaphore,
    browser: Shared<LocalBoxFuture<'static, Result<windows::Running, String>>>,
    windows: tokio::sync::OnceCell<Rc<Windows>>,
}

impl Context {
    /// Takes note of what a check has measured, for whoever reads the report.
    fn note(&self, what: String) {
        let mut notes = self.notes.borrow_mut();
        if !notes.contains(&what) {
            notes.push(what);
        }
    }

    fn note_a_panic(&self, panic: explain::Unnoticed) {
        let mut panics = self.panics.borrow_mut();
        if !panics.contains(&panic) {
            panics.push(panic);
        }
    }

    /// The number of what was built and is asked; `None` where nothing was built.
    fn fingerprint(&self) -> Option<u64> {
        let program = self.program.get()?;
        let number = || again::fingerprint(program, &self.subject.folder);
        *self.fingerprint.get_or_init(number)
    }

    /// Whether all is as it was for the last check.
    fn is_as_before(&self) -> bool {
        let before = self.options.before.as_ref().map(|it| it.subject);
        before.is_some() && before == self.fingerprint()
    }

    /// All that is worth a note, a panic only where none of the failures tells of it.
    fn all_notes(&self, findings: &[Finding]) -> Vec<String> {
        let failures = || findings.iter().filter_map(Finding::failure);
        let panics = self.panics.take().into_iter();
        let untold = panics.filter(|panic| !failures().any(|failure| panic.is_told_by(failure)));
        let mut notes = self.notes.take();
        notes.extend(untold.map(|panic| panic.text()));
        notes
    }

    /// Whether the learner's program holds this text, comments left out.
    fn mentions(&self, text: &str) -> bool {
        self.line_with(text).is_some()
    }

    /// The first line of the learner's program that holds this text; comments and imports are left out.
    fn line_with(&self, text: &str) -> Option<SourceLine> {
        let folder = &self.subject.folder;
        sources::of(folder).into_iter().find_map(|file| {
            let path = folder.join(&file);
            let source = std::fs::read_to_string(&path).unwrap_or_default();
            let lines = code::of(source.lines());
            let is_it =
                |line: &&code::Code| !line.code.starts_with("use ") && line.code.contains(text);
            let line = lines.iter().find(is_it)?.index + 1;
            let path = path.strip_prefix(root()).unwrap_or(&path);
            let place = format!("{}:{line}", path.display());
            Some(SourceLine { file, line, place })
        })
    }

    /// Whether the number of clients is the length of a list that the program keeps, as far as its words show it: they choose
    /// the words of a cause, and no verdict.
    fn counts_a_list(&self) -> bool {
        let any = |texts: &[&str]| texts.iter().any(|text| self.mentions(text));
        any(&[".insert(", ".push("]) && any(&[".len()", ".count()"]) && !any(&["-= 1", "_sub("])
    }
}

/// A line of the learner's program.
struct SourceLine {
    /// The name of its file: `server.rs`.
    file: String,
    /// Its number, counted from 1.
    line: usize,
    /// The same, as an editor opens it.
    place: String,
}

/// How many programs run at the same time: enough to keep two cores busy while some checks wait.
pub(crate) const PROGRAMS: usize = 8;

/// Whether something that failed before has failed again: until then, what passed before waits.
type FailsAgain = Shared<LocalBoxFuture<'static, bool>>;

type Statuses = HashMap<&'static str, Shared<LocalBoxFuture<'static, Status>>>;

/// Runs the checks of the subject's step, calls `found` with each finding in the order of the list, as soon as it and
/// those before it are known, and returns them all. What failed before comes first.
pub async fn run(subject: Subject, options: Options, mut found: impl FnMut(&Finding)) -> Report {
    let started = Instant::now();
    let checks = match options.only {
        Some(id) => with_needs(vec![id], &of_step(subject.step)),
        None if options.page_alone => {
            let all = of_step(subject.step);
            let of_page = all.iter().filter(|it| matches!(it.run, Run::Page(_)));
            with_needs(of_page.map(|it| it.id).collect(), &all)
        }
        None => of_step(subject.step),
    };
    let in_browser = checks.iter().any(|check| matches!(check.run, Run::Page(_)));
    let browser = windows::launch(options.page, options.browser.clone());
    let browser = browser.boxed_local().shared();
    // The browser takes about as long to start as the compiler to build: both begin now.
    let launching = tokio::task::LocalSet::new();
    if in_browser {
        launching.spawn_local(browser.clone());
    }
    let context = Rc::new(Context {
        patience: patience::measured(),
        subject,
        options,
        program: OnceCell::new(),
        fingerprint: OnceCell::new(),
        kept: Default::default(),
        budget: Default::default(),
        warned: OnceCell::new(),
        up: OnceCell::new(),
        is_mute: Cell::new(false),
        answers_no_shout: Cell::new(false),
        edits: Default::default(),
        warnings: Default::default(),
        notes: Default::default(),
        panics: Default::default(),
        permits: Semaphore::new(PROGRAMS),
        browser,
        windows: tokio::sync::OnceCell::new(),
    });
    // It goes after the checks that are under way, for it is named before them.
    let _ends = windows::EndsThem(context.clone());
    let mut ordered: FuturesOrdered<_> = statuses_of(&checks, &context)
        .into_iter()
        .map(|(check, status)| status.map(move |status| Finding { check, status }))
        .collect();
    let mut findings = Vec::new();
    launching
        .run_until(async {
            while let Some(finding) = ordered.next().await {
                let finding = warned::with_warnings(finding, &findings, &context);
                found(&finding);
                findings.push(finding);
            }
            windows::close(&context).await;
        })
        .await;
    let place = |finding: &Finding| checks.iter().position(|it| it.id == finding.check.id);
    findings.sort_by_key(place);
    let warnings = context.warnings.take();
    let notes = context.all_notes(&findings);
    Report {
        step: context.subject.step,
        seed: context.options.seed,
        only: context.options.only,
        subject: context.fingerprint(),
        kept: context.kept.take(),
        cut: context.budget.cut(),
        findings,
        warnings,
        notes,
        took: started.elapsed(),
    }
}

/// What will have come of each check, those that failed before first.
fn statuses_of(
    checks: &[&'static Check],
    context: &Rc<Context>,
) -> Vec<(&'static Check, Shared<LocalBoxFuture<'static, Status>>)> {
    let mut statuses = Statuses::new();
    let (failed, others): (Vec<&&Check>, Vec<&&Check>) = checks
        .iter()
        .partition(|check| context.options.failed_before(check.id).is_some());
    let mut all: Vec<_> = failed
        .into_iter()
        .map(|check| {
            (
                *check,
                status_of(check, checks, context, None, &mut statuses),
            )
        })
        .collect();
    let again: Vec<_> = all.iter().map(|(_, status)| status.clone()).collect();
    let fails_again = futures::future::join_all(again)
        .map(|again| {
            again
                .iter()
                .any(|status| matches!(status, Status::Failed(_)))
        })
        .boxed_local()
        .shared();
    all.extend(others.into_iter().map(|check| {
        let status = status_of(check, checks, context, Some(&fails_again), &mut statuses);
        (*check, status)
    }));
    all
}

/// The checks of a step: first its own, then those of earlier steps that still apply.
pub fn of_step(step: Step) -> Vec<&'static Check> {
    let belongs = |check: &&Check| (check.since..=check.until).contains(&step.number);
    let of_step = list::CHECKS.iter().filter(belongs);
    let (own, earlier): (Vec<_>, Vec<_>) = of_step.partition(|check| !check.is_earlier(step));
    [own, earlier].concat()
}

/// Some of these checks, and those among them that they need, in their order.
fn with_needs(mut wanted: Vec<&str>, checks: &[&'static Check]) -> Vec<&'static Check> {
    let mut next = 0;
    while let Some(id) = wanted.get(next) {
        let needs = checks
            .iter()
            .filter(|it| it.id == *id)
            .flat_map(|it| it.needs);
        let further: Vec<&str> = needs.copied().filter(|id| !wanted.contains(id)).collect();
        wanted.extend(further);
        next += 1;
    }
    let is_wanted = |check: &&&Check| wanted.contains(&check.id);
    checks.iter().filter(is_wanted).copied().collect()
}

impl Check {
    /// Whether it comes from a step before this one, and asks whether what was built there still works.
    pub fn is_earlier(&self, step: Step) -> bool {
        (1..step.number).contains(&self.since)
    }
}

/// What will have come of a check, once it and all that it needs have run. Each is made once, whoever asks for it.
fn status_of(
    check: &'static Check,
    checks: &[&'static Check],
    context: &Rc<Context>,
    fails_again: Option<&FailsAgain>,
    statuses: &mut Statuses,
) -> Shared<LocalBoxFuture<'static, Status>> {
    if let Some(status) = statuses.get(check.id) {
        return status.clone();
    }
    let needed = checks.iter().filter(|it| check.needs.contains(&it.id));
    let needs = needed
        .map(|it| (it.id, status_of(it, checks, context, fails_again, statuses)))
        .collect();
    let passed_before = context.options.passed_before(check);
    let fails_again = fails_again.filter(|_| passed_before).cloned();
    let status = one(check, needs, fails_again, context.clone());
    let status = status.boxed_local().shared();
    statuses.insert(check.id, status.clone());
    status
}

/// Runs one check, once those that it rests on have passed. One that passed before is not run where nothing has changed and
/// something fails again.
async fn one(
    check: &'static Check,
    needs: Vec<(&'static str, Shared<LocalBoxFuture<'static, Status>>)>,
    fails_again: Option<FailsAgain>,
    context: Rc<Context>,
) -> Status {
    for (need, status) in needs {
        match status.await {
            Status::Passed => {}
            Status::Missing(what) => return Status::Missing(what),
            Status::Failed(_) => return Status::NotRun(need),
            // The cause, and not the chain that leads to it.
            Status::NotRun(cause) => {
                context.budget.is_not_run(check, need);
                return Status::NotRun(cause);
            }
        }
    }
    if let Some(fails_again) = fails_again
        && context.is_as_before()
        && fails_again.await
    {
        context.kept.borrow_mut().push(check.id);
        return Status::Passed;
    }
    let shared = context.clone();
    let outcome = match check.run {
        Run::Source(run) => run(context).boxed_local(),
        Run::Program(run) => scene::with_program(check, context, run).boxed_local(),
        Run::Farm(run) => farm::with_farm(check.id, context, run).boxed_local(),
        Run::Page(run) => windows::with_windows(context, run).boxed_local(),
    };
    let whole = budget::whole(shared.subject.step);
    match shared.budget.within(check, whole, outcome).await {
        Ok(Ok(())) => Status::Passed,
        Ok(Err(Stop::Failed(failure))) => {
            shared.budget.has_failed(check);
            Status::Failed(warned::explained(*failure, &shared).into())
        }
        Ok(Err(Stop::Missing(what))) => Status::Missing(what),
        Err(cause) => Status::NotRun(cause),
    }
}
