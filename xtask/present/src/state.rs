//! What the views are told, as JSON: each kind of view what is for it, and the class nothing before its time.

use live::walk::{Announced, Clock, Desk, Phase, Place, Prompt, Stage};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::ask::Ask;
use crate::check::{Checked, fails, fails_json};
use crate::code;
use crate::countdown::Countdown;
use crate::presenter::Presenter;
use crate::trouble::Trouble;
use crate::views::Role;

/// How a notice is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Something was done.
    Info,
    /// Something was not done.
    Refused,
}

/// The frames, in order, with what their arguments are where the class may know it.
pub fn frames(frames: &[Value], has_shapes: bool) -> String {
    let frames: Vec<Value> = frames.iter().map(|it| frame(it, has_shapes)).collect();
    json!({ "type": "frames", "frames": frames }).to_string()
}

/// The same, in place of all that were told before.
pub fn frames_anew(frames: &[Value], has_shapes: bool) -> String {
    let frames: Vec<Value> = frames.iter().map(|it| frame(it, has_shapes)).collect();
    json!({ "type": "frames", "reset": true, "frames": frames }).to_string()
}

fn frame(frame: &Value, has_shape: bool) -> Value {
    let mut frame = frame.clone();
    if !has_shape && let Some(parts) = frame.as_object_mut() {
        parts.remove("shape");
    }
    frame
}

/// Something that is said once.
pub fn notice(level: Level, text: &str) -> String {
    let level = match level {
        Level::Info => "info",
        Level::Refused => "refused",
    };
    json!({ "type": "notice", "level": level, "text": text }).to_string()
}

/// All that this kind of view may know, as it is now.
pub fn of(presenter: &Presenter, role: Role) -> String {
    let more = match role {
        Role::Room => room(presenter),
        Role::Speaker => speaker(presenter),
        Role::Phone => phone(presenter),
    };
    let mut state = common(presenter);
    if let (Some(state), Value::Object(more)) = (state.as_object_mut(), more) {
        state.extend(more);
    }
    state.to_string()
}

/// What everybody may know.
fn common(presenter: &Presenter) -> Value {
    let (desk, app) = (&presenter.desk, &presenter.app);
    let (walk, place) = (&desk.walk, desk.place());
    json!({
        "type": "state",
        "step": { "number": walk.step.number, "name": walk.step.name(), "title": walk.step.title },
        "stages": walk.stages.len(),
        "at": place_json(place),
        "parts": desk.stage().pages.len(),
        "phases": phases(desk),
        "app": app.state().word(),
        "kept": presenter.kept.map(Ask::word),
        "countdown": presenter.countdown.as_ref().map(Countdown::json),
    })
}

fn place_json(place: Place) -> Value {
    json!({ "stage": place.stage, "phase": place.phase.word(), "part": place.part })
}

/// The phases of the stage that is shown, in their order.
fn phases(desk: &Desk) -> Vec<&'static str> {
    let shown = desk.place().stage;
    let places = desk
        .walk
        .places()
        .into_iter()
        .filter(|it| it.stage == shown);
    let mut phases: Vec<&str> = places.map(|it| it.phase.word()).collect();
    phases.dedup();
    phases
}

/// What the class has before it: nothing of a later phase, and nothing that is for the instructor.
fn room(presenter: &Presenter) -> Value {
    let desk = &presenter.desk;
    let (place, stage) = (desk.place(), desk.stage());
    let since = |phase| place.phase >= phase;
    let [left, right] = &presenter.panes;
    let asks = |phase| stage.asks(phase).map(question).collect::<Vec<_>>();
    json!({
        "title": since(Phase::Change).then_some(&stage.title),
        "questions": asks(place.phase),
        "code": code::at(&desk.walk, place, &presenter.colours),
        "see": since(Phase::Run).then_some(&stage.see),
        "announced": since(Phase::Verdict).then(|| announced(stage)),
        "check": presenter.check.as_ref().filter(|_| since(Phase::Verdict)).map(Checked::json),
        "live": live(&presenter.app),
        "error": presenter.app.trouble().map(for_the_class),
        "panes": { "left": left, "right": right },
        "size": presenter.size(),
    })
}

fn question(prompt: &Prompt) -> Value {
    json!({ "minutes": prompt.minutes, "text": prompt.question() })
}

/// What went wrong, for the class: in the learner's words, the line, and a few lines of the compiler's.
fn for_the_class(trouble: &Trouble) -> Value {
    let text = trouble.is_for_the_class.then_some(&trouble.text);
    json!({
        "title": trouble.title,
        "why": trouble.why.as_ref().map(|(why, _)| why),
        "line": trouble.line(),
        "text": text,
    })
}

/// How it is with the app behind the windows.
fn live(app: &App) -> Value {
    json!({ "answers": app.answers(), "is_old": app.is_old(), "generation": app.generation() })
}

/// All of it.
fn speaker(presenter: &Presenter) -> Value {
    let (desk, app) = (&presenter.desk, &presenter.app);
    let (walk, stage) = (&desk.walk, desk.stage());
    let whole = walk.last_place(stage.number).unwrap_or(desk.place());
    let mut state = Map::new();
    let mut add = |name: &str, value| state.insert(name.into(), value);
    add("all_stages", walk.stages.iter().map(named).collect());
    add("written", json!(desk.written()));
    add("is_at_once", json!(desk.is_at_once()));
    add("code", code::at(walk, whole, &presenter.colours));
    add("views", json!(presenter.views.count()));
    add("gap", code::gap(&desk.gaps()));
    add("check", json!(presenter.check.as_ref().map(Checked::json)));
    add("live", live(app));
    add("error", json!(app.trouble().map(whole_trouble)));
    add("address", json!(presenter.address));
    add("size", json!(presenter.size()));
    add("phone", json!(presenter.phone.as_ref().map(|it| it.json())));
    add("schedule", presenter.schedule.clone());
    let Value::Object(notes) = phone(presenter) else {
        return Value::Object(state);
    };
    state.extend(notes);
    Value::Object(state)
}

fn named(stage: &Stage) -> Value {
    json!({ "number": stage.number, "title": stage.title, "minutes": stage.minutes })
}

fn whole_trouble(trouble: &Trouble) -> Value {
    let (why, next) = trouble.why.clone().unzip();
    json!({ "title": trouble.title, "place": trouble.place, "text": trouble.text, "why": why, "next": next })
}

/// What the instructor says, and the time. No file, no path and no code is among it.
fn phone(presenter: &Presenter) -> Value {
    let desk = &presenter.desk;
    let (walk, stage, clock) = (&desk.walk, desk.stage(), &presenter.clock);
    let next = walk.stages.get(stage.number);
    json!({
        "title": stage.title,
        "minutes": stage.minutes,
        "prompts": stage.prompts.iter().map(prompt).collect::<Vec<_>>(),
        "see": stage.see,
        "announced": announced(stage),
        "upcoming": next.map(named),
        "trouble": presenter.app.trouble().map(|it| &it.title),
        "clock": {
            "stage": clock.in_stage().as_secs(),
            "all": clock.elapsed().as_secs(),
            "planned": Clock::planned(walk, stage).as_secs(),
            "runs": clock.runs(),
            "has_started": clock.has_started(),
            "is_paused": clock.is_paused(),
        },
    })
}

fn prompt(prompt: &Prompt) -> Value {
    json!({ "kind": prompt.kind.word(), "minutes": prompt.minutes, "text": prompt.text })
}

/// What `check` is to say, without the advice: that is for whoever has not meant it to fail.
fn announced(stage: &Stage) -> Value {
    let fails = fails(&stage.announced).iter().map(|fails| {
        let mut fails = fails_json(fails);
        fails["next"].take();
        fails
    });
    let fails: Vec<Value> = fails.collect();
    json!({ "passes": stage.announced == Announced::Passes, "fails": fails })
}
