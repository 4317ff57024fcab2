//! Builds the programs of the corpus and tries the checks on each of them.
//!
//! There are as many places as there are trials at a time. A place is a folder and a binary of one package, made from the
//! learners' own manifest, with the same lock file and profile. A trial puts its program in a free place, and there the
//! check builds it as it builds a learner's. So for cargo each program is an edit of the one before, and costs a moment,
//! where building a hundred anew costs minutes.
//!
//! Each place has a target directory of its own, for cargo locks the one that it builds in, and the places would wait for
//! one another. The dependencies in it are links to those that are built already: none is compiled again.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};

use checks::{Check, Options, Report, Run, Status, Subject};
use libtest_mimic::{Failed, Trial};
use machine::compile::{self, Target};
use serde_json::Value;
use steps::derived;
use steps::sources;
use steps::step::{STEPS, Step, Whose};

use crate::browsers::Lent;
use crate::corpus::{self, Announced, Files, Program};
use crate::kept::{self, Key};
use crate::{again_alone, at_once};

/// What the data of every check is made from: the same each time.
const SEED: u64 = 10;

/// A trial for each program of the corpus; with `shown`, its checks are printed as a learner reads them.
pub fn trials(shown: bool) -> Vec<Trial> {
    let trial = |program: Program| {
        let name = format!("{} {}", program.step.name(), program.name);
        let ignored = cannot_be_tried(program.step);
        let rests_on = key(&program);
        let run = move || as_announced(&program, shown);
        again_alone(name, rests_on, run).with_ignored_flag(ignored)
    };
    corpus::all().into_iter().map(trial).collect()
}

/// Whether the programs of a step cannot be tried on this system: there is no HAProxy for Windows.
pub fn cannot_be_tried(step: Step) -> bool {
    cfg!(windows) && step.is_farm()
}

/// What the verdict about a program rests on.
fn key(program: &Program) -> impl FnOnce() -> Key + use<> {
    let own = (program.step.number, program.files.clone(), program.holds);
    let announced = (
        program.fails.clone(),
        program.place.clone(),
        program.warning.clone(),
    );
    move || kept::checks().with((own, announced))
}

fn as_announced(program: &Program, shown: bool) -> Result<(), Failed> {
    let files = program.files.as_ref()?;
    // Whoever else has the port serves as well: it is not free.
    let _held = program
        .holds
        .map(|port| TcpListener::bind(("127.0.0.1", port)));
    if shown {
        println!("\n=== {}\n", program.name);
    }
    let how = How {
        page: with_page(program, files),
        page_alone: is_of_the_page_alone(program, files),
        shown,
    };
    let report = checked(program.step, files, &how)?;
    fails_as_announced(&report, program.fails.as_slice(), how.page)?;
    names_the_place(&report, program.place.as_deref())?;
    says_a_panic_once(&report)?;
    let mut notes = report.notes.iter();
    if program.fails.is_none()
        && let Some(panicked) = notes.find(|note| note.contains("panicked"))
    {
        return Err(panicked.into());
    }
    kept::note_shown(judged(program.step, files, program.fails.as_slice(), &how));
    let warnings = report.warnings.join("\n");
    match &program.warning {
        Some(warning) if !warnings.contains(warning) => {
            Err(format!("it earns the warning `{warning}`, and got: {warnings}").into())
        }
        None if !warnings.is_empty() => Err(format!("unexpected: {warnings}").into()),
        _ => Ok(()),
    }
}

/// Holds that a failure names this place.
fn names_the_place(report: &Report, place: Option<&str>) -> Result<(), Failed> {
    let Some(wanted) = place else {
        return Ok(());
    };
    let failures = report.findings.iter().filter_map(checks::Finding::failure);
    let places: Vec<&str> = failures.filter_map(|it| it.place.as_deref()).collect();
    match places.iter().any(|place| place.contains(wanted)) {
        true => Ok(()),
        false => Err(format!("a failure names {wanted}, and these are named: {places:?}").into()),
    }
}

/// Holds that no note is about a panic that a failure tells of already: it would deny the failure.
fn says_a_panic_once(report: &Report) -> Result<(), Failed> {
    let failures = report.findings.iter().filter_map(checks::Finding::failure);
    let told = failures.filter_map(|failure| {
        let at = failure.place.iter().map(|place| format!(" at {place}"));
        Some(format!(
            "{}{}:",
            failure.came.as_ref()?,
            at.collect::<String>()
        ))
    });
    for told in told {
        if let Some(note) = report.notes.iter().find(|note| note.contains(&told)) {
            return Err(format!("a failure has told of this: {note}").into());
        }
    }
    Ok(())
}

/// Whether a program is tried on the checks of its page as well. Two windows of a browser cost as much as all the rest, so a
/// wrong server beside a right page goes without; the variable `WORKSHOP_EVERY_PAGE` asks for all.
fn with_page(program: &Program, files: &Files) -> bool {
    let of_page = |fails: &Announced| {
        let mut checks = checks::list::CHECKS.iter();
        checks.any(|check| check.id == fails.check && is_of_page(check))
    };
    let page = program.step.page().unwrap_or_default();
    program.fails.as_ref().is_none_or(of_page)
        || files.get(&page) != corpus::solution(program.step).get(&page)
        || std::env::var_os("WORKSHOP_EVERY_PAGE").is_some()
}

/// Whether a program is the solution with another page, and is told from it by its page: of its server all is known.
fn is_of_the_page_alone(program: &Program, files: &Files) -> bool {
    let page = program.step.page().unwrap_or_default();
    let solution = corpus::solution(program.step);
    let differs = |name: &&String| files.get(*name) != solution.get(*name);
    let of_page = |fails: &Announced| {
        let mut checks = checks::list::CHECKS.iter();
        checks.any(|check| check.id == fails.check && is_of_page(check))
    };
    files.len() == solution.len()
        && files.keys().filter(differs).eq([&page])
        && program.fails.as_ref().is_some_and(of_page)
        && std::env::var_os("WORKSHOP_EVERY_PAGE").is_none()
}

fn is_of_page(check: &Check) -> bool {
    matches!(check.run, Run::Page(_))
}

/// Holds that exactly the announced checks fail, with the announced causes, and that the others passed, or rest on them.
pub fn fails_as_announced(
    report: &Report,
    announced: &[Announced],
    with_page: bool,
) -> Result<(), Failed> {
    let mut failed = Vec::new();
    let mut causes = Vec::new();
    let mut said = Vec::new();
    for finding in &report.findings {
        match &finding.status {
            Status::Passed => {}
            Status::NotRun(cause) => causes.push(*cause),
            Status::Missing(_) if !with_page && is_of_page(finding.check) => {}
            Status::Missing(what) => return Err(what.into()),
            Status::Failed(failure) => {
                failed.push(Announced {
                    check: finding.check.id.to_owned(),
                    diagnosis: failure.id().to_owned(),
                });
                said.push((finding.check.id, failure));
            }
        }
    }
    if failed != announced {
        return Err(format!("announced: {announced:#?}\nfound: {failed:#?}\n{said:#?}").into());
    }
    let unrelated = |cause: &&str| !failed.iter().any(|failed| failed.check == **cause);
    match causes.iter().find(|cause| unrelated(cause)) {
        Some(cause) => Err(format!("a check was not run because of {cause}, which passed").into()),
        None => Ok(()),
    }
}

/// Runs all checks on a program of these files.
pub fn check(step: Step, files: &Files) -> Result<Report, Failed> {
    checked(step, files, &How::WHOLE)
}

/// Holds that exactly these checks fail, of all that there are. The solution is the last stage of its walkthrough and the
/// starter is the first one, often: what another trial of this run has shown is not shown again.
pub fn is_judged(step: Step, files: &Files, announced: &[Announced]) -> Result<(), Failed> {
    let key = judged(step, files, announced, &How::WHOLE);
    if kept::is_shown(key) {
        return Ok(());
    }
    fails_as_announced(&check(step, files)?, announced, true)?;
    kept::note_shown(key);
    Ok(())
}

/// What a trial has shown that finds these checks of a program failing, and no others: whatever its comments say.
fn judged(step: Step, files: &Files, announced: &[Announced], how: &How) -> Key {
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with("//");
    let code: Vec<_> = files
        .iter()
        .map(|(name, text)| {
            (
                name,
                text.lines()
                    .map(str::trim)
                    .filter(is_code)
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    kept::checks().with((step.number, code, announced, how.page, how.page_alone))
}

/// Runs the checks of the server alone.
pub fn check_server(step: Step, files: &Files) -> Result<Report, Failed> {
    let how = How {
        page: false,
        ..How::WHOLE
    };
    checked(step, files, &how)
}

/// How a program is checked in a trial.
struct How {
    /// Its page as well.
    page: bool,
    /// Of its server only what the page's checks rest on.
    page_alone: bool,
    /// The checks are printed as a learner reads them.
    shown: bool,
}

impl How {
    /// All of it.
    const WHOLE: How = How {
        page: true,
        page_alone: false,
        shown: false,
    };
}

fn checked(step: Step, files: &Files, how: &How) -> Result<Report, Failed> {
    Place::for_program(files)?.checked(step, how)
}

/// What the compiler warns of in a program of these files.
pub fn warnings(files: &Files) -> Result<Vec<String>, Failed> {
    Place::for_program(files)?.warnings()
}

/// Whether something went wrong in a run that no check understands: the browser may be the reason.
fn lost_its_browser(report: &Report) -> bool {
    let failures = report.findings.iter().filter_map(checks::Finding::failure);
    failures
        .into_iter()
        .any(|failure| failure.diagnosis == checks::Diagnosis::UNKNOWN)
}

/// Runs a future to its end, on this thread.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime can be made").block_on(future)
}

/// A folder and a binary for one program at a time.
pub struct Place(usize);

/// The places that nobody has; none at all before the package is written.
static FREE: Mutex<Option<Vec<usize>>> = Mutex::new(None);
static FREED: Condvar = Condvar::new();

impl Place {
    /// Waits for a free place.
    pub fn take() -> Result<Place, Failed> {
        Place::take_by(|free| free.pop())
    }

    /// Waits for a free place, and makes it hold these files: rather one that has their server already, for there cargo has
    /// nothing to build.
    fn for_program(files: &Files) -> Result<Place, Failed> {
        let server = files.get("server.rs").map(String::as_bytes);
        let has_it = |place: &usize| {
            let path = package().join(Place::name_of(*place)).join("server.rs");
            server.is_some() && fs::read(path).ok().as_deref() == server
        };
        let place = Place::take_by(|free| match free.iter().position(has_it) {
            Some(index) => Some(free.swap_remove(index)),
            None => free.pop(),
        })?;
        place.put(files)?;
        Ok(place)
    }

    fn take_by(choose: impl Fn(&mut Vec<usize>) -> Option<usize>) -> Result<Place, Failed> {
        make_places().map_err(|error| format!("{error:#}"))?;
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match free.as_mut().and_then(&choose) {
                Some(place) => return Ok(Place(place)),
                None => free = FREED.wait(free).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    fn checked(&self, step: Step, how: &How) -> Result<Report, Failed> {
        let has_page = checks::of_step(step).into_iter().any(is_of_page);
        let lent = match how.page && has_page {
            true => Some(Lent::take().map_err(|error| format!("{error:#}"))?),
            false => None,
        };
        let subject = Subject {
            step,
            folder: self.folder(),
            target: self.target(),
        };
        let options = Options {
            seed: SEED,
            page: how.page,
            page_alone: how.page_alone,
            browser: lent.as_ref().and_then(Lent::endpoint),
            colour: false,
            ..Options::default()
        };
        let found = |finding: &_| {
            if how.shown {
                checks::findings::finding(finding);
            }
        };
        let report = block_on(checks::run(subject, options, found));
        if let (Some(lent), true) = (lent, lost_its_browser(&report)) {
            lent.give_up();
        }
        Ok(report)
    }

    fn warnings(&self) -> Result<Vec<String>, Failed> {
        // A process is started in a runtime, and not just awaited there.
        let output = block_on(async { compile::command(&self.target(), false).output().await })?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let messages = output.stdout.split(|byte| *byte == b'\n');
        Ok(messages
            .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
            .filter(|message| message["message"]["level"] == "warning")
            .map(|message| {
                message["message"]["rendered"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect())
    }

    fn name(&self) -> String {
        Place::name_of(self.0)
    }

    fn name_of(place: usize) -> String {
        format!("place-{place}")
    }

    fn folder(&self) -> PathBuf {
        package().join(self.name())
    }

    pub fn target(&self) -> Target {
        Target {
            manifest: package().join("Cargo.toml"),
            package: "programs".into(),
            binary: self.name(),
            feature: self.feature(),
            build_in: Some(Place::target_folder(self.0)),
            is_optimised: false,
        }
    }

    /// The feature that the program needs which is here now.
    fn feature(&self) -> Option<&'static str> {
        let folder = self.folder();
        let mut sources = sources::of(&folder).into_iter();
        let asks = sources.any(|name| {
            let text = fs::read_to_string(folder.join(name)).unwrap_or_default();
            text.contains("async_nats")
        });
        let mut features = STEPS.iter().filter_map(Step::feature);
        features.find(|_| asks)
    }

    fn target_folder(place: usize) -> PathBuf {
        Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("targets")
            .join(Place::name_of(place))
    }

    /// Makes the folder hold these files, and nothing else.
    pub fn put(&self, files: &Files) -> anyhow::Result<()> {
        fs::create_dir_all(self.folder())?;
        for entry in fs::read_dir(self.folder())?.flatten() {
            if !files.contains_key(&*entry.file_name().to_string_lossy()) {
                fs::remove_file(entry.path())?;
            }
        }
        for (name, text) in files {
            derived::write(&self.folder().join(name), text.as_bytes())?;
        }
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        free.get_or_insert_default().push(self.0);
        FREED.notify_one();
    }
}

/// Makes the places, and what they build upon, where they are not there.
pub fn make_places() -> anyhow::Result<()> {
    let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    if free.is_some() {
        return Ok(());
    }
    write_package()?;
    build_features()?;
    for place in 0..at_once() {
        // The programs themselves are each place's own: a link would be one file for all.
        let ours = ["programs", "place_", "place-"];
        link_dependencies(&Place::target_folder(place), &ours);
    }
    *free = Some((0..at_once()).collect());
    Ok(())
}

/// The package's folder.
fn package() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs")
}

/// Writes the package, with a binary for each place.
fn write_package() -> anyhow::Result<()> {
    let binaries: Vec<String> = (0..at_once()).map(Place::name_of).collect();
    derived::write_package(&package(), "programs", &binaries)
}

/// Builds the programs that need a feature, so that what they depend on is there to be linked.
fn build_features() -> anyhow::Result<()> {
    for step in STEPS.iter().filter(|step| step.feature().is_some()) {
        let target = Target::workshop(step.binary(Whose::Solution));
        block_on(compiler::built::build(&target, false))?;
    }
    Ok(())
}

/// Links what is built of the dependencies into a target directory, but for files that hold one of these in their names. What
/// cannot be linked, cargo builds there.
pub fn link_dependencies(into: &Path, ours: &[&str]) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let from = target.unwrap_or(Path::new("target")).join("debug");
    for folder in ["deps", "build", ".fingerprint"] {
        link_all(&from.join(folder), &into.join("debug").join(folder), ours);
    }
}

fn link_all(from: &Path, to: &Path, ours: &[&str]) {
    let _ = fs::create_dir_all(to);
    for entry in fs::read_dir(from).into_iter().flatten().flatten() {
        let (name, from) = (entry.file_name(), entry.path());
        let to = to.join(&name);
        let name = name.to_string_lossy();
        if ours.iter().any(|ours| name.contains(ours)) || to.is_file() {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => link_all(&from, &to, ours),
            _ => _ = fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(|_| ())),
        }
    }
}
