//! What a view asks for, done: the phases, the files, the clock.

use anyhow::Result;
use checks::{Options, Subject};
use futures::FutureExt;
use live::walk::{Desk, Kept};
use machine::compile::Target;
use serde_json::json;
use show::root;
use steps::step::Whose;

use crate::ask::{Ask, Size};
use crate::check::Checked;
use crate::countdown::Countdown;
use crate::presenter::{Presenter, saves};
use crate::state::{self, Level};
use crate::views::Role;

/// How large the type is, as a part of the smallest that can be read from the last row.
const SIZES: [f64; 5] = [1.0, 1.15, 1.3, 1.5, 1.75];

impl Presenter {
    /// Does what a view asks for. While a build runs, what moves the lesson is kept, and done when it ends.
    pub(crate) fn asked(&mut self, ask: Ask) {
        if ask.moves() && self.app.is_on_its_way() {
            self.kept = Some(ask);
            return;
        }
        self.does(ask);
        self.remember();
    }

    fn does(&mut self, ask: Ask) {
        match ask {
            Ask::Next => self.write(Desk::forth_with_files),
            Ask::Back => self.write(Desk::back),
            Ask::Go(stage) => self.write(|desk| desk.go(stage)),
            Ask::Apply => self.write(Desk::apply),
            Ask::AtOnce => self.all_at_once(),
            Ask::Show(stage) => self.show(|desk| desk.show(stage)),
            Ask::ShowNext => self.show(Desk::forth),
            Ask::ShowBack => self.show(Desk::show_back),
            Ask::Run => self.app.run(),
            Ask::Check => self.begin_check(),
            Ask::Countdown(time) => self.countdown = Countdown::of(time),
            Ask::Pause => self.clock.pause(),
            Ask::Clock(time) => self.clock.set(time),
            Ask::Size(size) => self.resize(size),
            Ask::Clear => self.clear(),
        }
        if ask.moves() {
            self.clock.enter(self.desk.place().stage);
            self.clock.start();
        }
    }

    /// A build has ended: what was asked for meanwhile is done now. What a build has refused is to be mended first.
    pub(crate) fn do_what_was_kept(&mut self) {
        if self.app.is_on_its_way() {
            return;
        }
        let Some(ask) = self.kept.take() else { return };
        if self.app.has_failed() && ask != Ask::Back {
            let why = "the build failed, so the key that was pressed meanwhile did nothing";
            return self.say(Level::Refused, why);
        }
        self.does(ask);
        self.remember();
    }

    /// Has the desk write files, says what was kept, and goes on with what is there then.
    fn write(&mut self, write: impl FnOnce(&mut Desk) -> Result<Vec<Kept>>) {
        let stage = self.desk.stage().number;
        // It may have put its mark into the page, and takes it away when it ends: before anything is kept of the page.
        let checked = self.check.clone();
        self.forget_check();
        let written = match write(&mut self.desk) {
            Ok(kept) => kept,
            Err(error) => return self.say(Level::Refused, &format!("{error:#}")),
        };
        self.say_what_was_kept(&written);
        // What we have written ourselves is no save.
        self.saves = saves(self.desk.walk.step);
        let generation = self.app.generation();
        // What has failed and is the same fails again.
        if !(written.is_empty() && self.app.has_failed()) {
            self.app.files_changed();
        }
        // Nothing has changed but what is shown: a verdict stays one.
        let is_same = generation == self.app.generation() && !self.app.is_on_its_way();
        if is_same && self.desk.stage().number == stage && matches!(checked, Some(Checked::Done(_)))
        {
            self.check = checked;
        }
    }

    /// Names the copies to the instructor for a while, and in the terminal, where they can be read later.
    fn say_what_was_kept(&mut self, kept: &[Kept]) {
        let copies: Vec<String> = kept.iter().map(|it| show::path(&it.copy)).collect();
        for (Kept { file, .. }, copy) in kept.iter().zip(&copies) {
            show::note(&format!("kept    {}\n     as {copy}", show::path(file)));
        }
        if !copies.is_empty() {
            self.say(Level::Info, &format!("kept {}", copies.join(", ")));
        }
    }

    fn all_at_once(&mut self) {
        let at_once = !self.desk.is_at_once();
        let is_open = self.desk.gaps().iter().any(|(_, gap)| !gap.is_closed());
        let is_first = self
            .desk
            .next()
            .is_some_and(|next| next.stage == self.desk.stage().number);
        self.write(|desk| {
            let kept = match at_once && (is_open || is_first) {
                true => desk.apply()?,
                false => Vec::new(),
            };
            desk.set_at_once(at_once);
            Ok(kept)
        });
    }

    fn show(&mut self, show: impl FnOnce(&mut Desk) -> Result<()>) {
        let before = self.desk.place().stage;
        match show(&mut self.desk) {
            Ok(()) => {
                let now = self.desk.place().stage;
                // The verdict was compared with what another stage announces.
                if now != before {
                    self.forget_check();
                }
                self.clock.enter(now);
            }
            Err(error) => self.say(Level::Refused, &format!("{error:#}")),
        }
    }

    /// A verdict is one of the files as they were. A check that is under way is dropped, and what it has started with it.
    pub(crate) fn forget_check(&mut self) {
        let why = "the files or the stage have changed meanwhile: check again";
        let dropped = self.checking.take();
        self.check = dropped.map(|_| Checked::Incomplete(why.into()));
    }

    fn begin_check(&mut self) {
        let step = self.desk.walk.step;
        let subject = Subject {
            step,
            folder: root().join(step.folder(Whose::Learner)),
            target: Target::workshop(step.binary(Whose::Learner)),
        };
        let options = Options {
            seed: fastrand::u64(..1_000_000),
            page: true,
            colour: false,
            ..Options::default()
        };
        self.checking = Some(checks::run(subject, options, |_| {}).boxed_local());
        self.check = Some(Checked::Running);
    }

    /// How large the type on the projector is, as a part of the smallest.
    pub(crate) fn size(&self) -> f64 {
        let size = self.memory.room.get("size");
        let size = size.and_then(serde_json::Value::as_f64).unwrap_or(1.0);
        size.clamp(SIZES[0], SIZES[SIZES.len() - 1])
    }

    fn resize(&mut self, size: Size) {
        let now = self.size();
        let other = match size {
            Size::Larger => SIZES.iter().find(|it| **it > now),
            Size::Smaller => SIZES.iter().rfind(|it| **it < now),
        };
        let other = other.copied().unwrap_or(now);
        self.memory.room.insert("size".into(), json!(other));
    }

    fn clear(&mut self) {
        self.log.clear();
        let none = state::frames_anew(&[], false);
        self.views.tell(Role::Room, none);
    }

    /// Says something once, to the instructor alone.
    fn say(&mut self, level: Level, text: &str) {
        self.views.tell(Role::Speaker, state::notice(level, text));
        // A telephone shows what was not done, and no path.
        if level == Level::Refused {
            self.views.tell(Role::Phone, state::notice(level, text));
        }
    }
}
