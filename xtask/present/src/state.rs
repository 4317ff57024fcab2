//! What the views are told, as JSON.

use std::time::Duration;

use checks::{Diagnosis, Report, Status};
use live::walk::{
    Announced, Change, Clock, Fails, Gap, Hunk, Line, Place, Prompt, Stage, Text, Walkthrough,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::app::App;
use crate::colour::Colours;
use crate::presenter::Presenter;

/// How a notice is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Something was done.
    Info,
    /// Something was not done.
    Refused,
}

/// A time that the class was given.
#[derive(Debug, Clone, Copy)]
pub struct Countdown {
    until: Instant,
    of: Duration,
}

impl Countdown {
    /// A countdown that begins now; none for no time.
    pub fn of(time: Duration) -> Option<Countdown> {
        let until = Instant::now() + time;
        (!time.is_zero()).then_some(Countdown { until, of: time })
    }

    fn json(&self) -> Value {
        let left = self.until.saturating_duration_since(Instant::now());
        json!({ "left": left.as_secs_f64().ceil() as u64, "of": self.of.as_secs() })
    }
}

/// What came of a check.
#[derive(Debug, Clone)]
pub enum Checked {
    /// It is under way.
    Running,
    /// It has a verdict, and this is what is told of it.
    Done(Value),
    /// It has none: why.
    Incomplete(String),
}

impl Checked {
    /// What came of it, beside what the stage announces.
    pub fn of(report: &Report, stage: &Stage) -> Checked {
        let missing = report.findings.iter().find_map(|it| match &it.status {
            Status::Missing(what) => Some(what.clone()),
            _ => None,
        });
        let found = Announced::found(report);
        let as_announced = found
            .as_ref()
            .is_some_and(|it| is_same(it, &stage.announced));
        match (found, missing) {
            (Some(found), None) => Checked::Done(json!({
                "state": "done",
                "as_announced": as_announced,
                "announced": stage.announced.to_string(),
                "found": found.to_string(),
                "findings": all(fails(&found), fails_json),
            })),
            // Without a browser, what the page does is not known: neither a pass nor a failure is the whole verdict.
            (_, missing) => Checked::Incomplete(missing.unwrap_or_default()),
        }
    }

    fn json(&self) -> Value {
        match self {
            Checked::Running => json!({ "state": "running" }),
            Checked::Done(done) => done.clone(),
            Checked::Incomplete(why) => json!({ "state": "incomplete", "why": why }),
        }
    }
}

/// Whether two verdicts are the same, in whatever order they name what fails.
fn is_same(one: &Announced, other: &Announced) -> bool {
    let sorted = |announced| {
        let fails = fails(announced).iter();
        let mut fails: Vec<_> = fails.map(|it| (&it.check, &it.diagnosis)).collect();
        fails.sort();
        fails
    };
    sorted(one) == sorted(other)
}

fn fails(announced: &Announced) -> &[Fails] {
    match announced {
        Announced::Passes => &[],
        Announced::Fails(fails) => fails,
    }
}

/// The frames, in order.
pub fn frames(frames: &[Value]) -> String {
    json!({ "type": "frames", "frames": frames }).to_string()
}

/// That there are none any more.
pub fn no_frames() -> String {
    json!({ "type": "frames", "reset": true, "frames": [] }).to_string()
}

/// Something that is said once.
pub fn notice(level: Level, text: &str) -> String {
    let level = match level {
        Level::Info => "info",
        Level::Refused => "refused",
    };
    json!({ "type": "notice", "level": level, "text": text }).to_string()
}

/// All of it, as it is now.
pub fn of(presenter: &Presenter) -> String {
    let desk = &presenter.desk;
    let (walk, shown) = (&desk.walk, desk.stage());
    let [left, right] = &presenter.panes;
    json!({
        "type": "state",
        "step": { "number": walk.step.number, "name": walk.step.name(), "title": walk.step.title },
        "stages": all(&walk.stages, |it| {
            json!({ "number": it.number, "title": it.title, "minutes": it.minutes })
        }),
        "shown": shown.number,
        "written": desk.written(),
        "stage": stage(walk, shown, &presenter.colours),
        "gap": gap(&desk.gaps()),
        "app": app(&presenter.app),
        "check": presenter.check.as_ref().map(Checked::json),
        "clock": {
            "elapsed": presenter.clock.elapsed().as_secs(),
            "planned": Clock::planned(walk, shown).as_secs(),
        },
        "countdown": presenter.countdown.as_ref().map(Countdown::json),
        "panes": { "left": left, "right": right },
        "address": presenter.address,
        "busy": presenter.is_busy(),
        "views": presenter.views.count(),
    })
    .to_string()
}

fn all<T>(things: &[T], json: impl Fn(&T) -> Value) -> Vec<Value> {
    things.iter().map(json).collect()
}

fn app(app: &App) -> Value {
    let error = app.trouble().map(|trouble| {
        let (why, next) = trouble.why.clone().unzip();
        json!({ "title": trouble.title, "place": trouble.place, "text": trouble.text, "why": why, "next": next })
    });
    json!({
        "state": app.state().word(),
        "answers": app.answers(),
        "is_old": app.is_old(),
        "generation": app.generation(),
        "error": error,
    })
}

fn stage(walk: &Walkthrough, stage: &Stage, colours: &Colours) -> Value {
    json!({
        "number": stage.number,
        "title": stage.title,
        "minutes": stage.minutes,
        "prompts": all(&stage.prompts, prompt),
        "see": stage.see,
        "announced": {
            "passes": stage.announced == Announced::Passes,
            "fails": all(fails(&stage.announced), fails_json),
        },
        "changes": all(&walk.changes(stage), |it| change(it, walk, stage, colours)),
    })
}

fn prompt(prompt: &Prompt) -> Value {
    json!({ "kind": prompt.kind.word(), "minutes": prompt.minutes, "text": prompt.text })
}

/// A check that fails, in the learner's words.
fn fails_json(fails: &Fails) -> Value {
    let check = checks::list::CHECKS.iter().find(|it| it.id == fails.check);
    let cause = Diagnosis::by_id(&fails.diagnosis);
    json!({
        "check": fails.check,
        "sentence": check.map(|it| it.sentence),
        "diagnosis": fails.diagnosis,
        "cause": cause.map(|it| it.cause()),
        "next": cause.map(|it| it.next()),
    })
}

/// What a stage changes in one file, in its colours.
fn change(change: &Change, walk: &Walkthrough, stage: &Stage, colours: &Colours) -> Value {
    let text = |files: &[Text]| {
        let file = files.iter().find(|file| file.name == change.file);
        file.map_or_else(String::new, |file| file.text.clone())
    };
    let (before, after) = (text(walk.before(stage)), text(&stage.files));
    let line = |line: &Line| {
        let spans = colours.spans(line, &before, &after);
        json!({
            "kind": line.kind.word(),
            "number": line.number,
            "is_code": line.is_code,
            "spans": spans,
        })
    };
    let hunk = |hunk: &Hunk| json!({ "lines": all(&hunk.lines, line) });
    json!({ "file": change.file, "hunks": all(&change.hunks, hunk) })
}

/// How far the files are from the stage, all together and one by one.
fn gap(gaps: &[(String, Gap)]) -> Value {
    let mut whole = Gap::default();
    for (_, gap) in gaps {
        whole.missing.extend(gap.missing.iter().cloned());
        whole.more.extend(gap.more.iter().cloned());
    }
    let place = |place: &Place| json!({ "line": place.line, "text": place.text });
    let open = gaps.iter().filter(|(_, gap)| !gap.is_closed());
    let files: Vec<Value> = open
        .map(|(file, gap)| {
            json!({ "file": file, "missing": all(&gap.missing, place), "more": all(&gap.more, place) })
        })
        .collect();
    json!({ "closed": whole.is_closed(), "words": whole.words(), "files": files })
}
