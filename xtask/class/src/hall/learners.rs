//! What the hall does for learners: lets them in, takes their notes, and says to them what was said.

use std::net::IpAddr;
use std::time::Instant;

use room::{Down, Hello, Note, Refusal, Up, VERSION};
use tokio::sync::mpsc;
use warp::ws::Message;

use super::{Hall, Refused};
use crate::entry::{Happened, Said};
use crate::seats::QUEUE;
use crate::time;

/// So many learners there may be. The log of more would be no class's.
const MOST: usize = 4000;

impl Hall {
    /// Lets a learner in, and says who it is.
    pub(super) fn hello(&mut self, hello: &Hello, from: IpAddr) -> Result<u64, Refused> {
        if hello.version != VERSION {
            return Refused::because(Refusal::Version, of_another_version(hello.version));
        }
        let known = self.register.with_key(&hello.key);
        let typed = room::read_code(&hello.code);
        let is_right = |code: &str| guard::is_same(typed.as_bytes(), code.as_bytes());
        match known {
            Some(_) if is_right(&self.register.code) => {}
            Some(_) => return Refused::because(Refusal::Code, NOT_THE_CODE),
            None => {
                let now = Instant::now();
                if !self.gate.may_try(from, now) {
                    return Refused::because(Refusal::Slow, TOO_MANY);
                }
                if !is_right(&self.register.code) {
                    let hold = self.gate.was_wrong(from, now);
                    let refused = Refused::because(Refusal::Code, NOT_THE_CODE);
                    return refused.map_err(|refused| Refused { hold, ..refused });
                }
                if self.register.learners.len() >= MOST {
                    return Refused::because(Refusal::Full, "this room is full");
                }
            }
        }
        let id = known.unwrap_or_else(|| self.register.next_id());
        if !self.seats.may_send(id, Instant::now()) {
            return Refused::because(Refusal::Slow, TOO_FAST);
        }
        let learner = self.register.learners.get(&id);
        if learner.is_none_or(|it| it.name != hello.name || it.has_left) {
            let name = self.register.free_name(&hello.name, known);
            let key = hello.key.clone();
            self.happens(time::now(), Happened::Joined { id, key, name })?;
        }
        Ok(id)
    }

    /// Gives a learner a seat, and says what they have missed.
    pub(super) fn seat(&mut self, id: u64, queue: mpsc::Sender<Message>) -> u64 {
        let seat = self.seats.take(id, queue);
        self.changed.insert(id);
        self.is_stale = true;
        let learner = &self.register.learners[&id];
        let welcome = Down::Welcome {
            name: learner.name.clone(),
            have: learner.have,
            hand: learner.hand.is_some(),
        };
        self.seats.tell(seat, &welcome);
        // More than a queue holds comes with the next hello.
        for (number, said) in learner.unheard().take(QUEUE / 2) {
            self.seats.tell(seat, &said.down(number));
        }
        seat
    }

    pub(super) fn leave(&mut self, seat: u64) {
        self.changed.extend(self.seats.leave(seat));
        self.is_stale = true;
    }

    pub(super) fn up(&mut self, seat: u64, up: Up) -> Result<(), Refused> {
        let Some(id) = self.seats.learner(seat) else {
            return Refused::because(Refusal::Slow, "you have too many connections");
        };
        if !self.seats.may_send(id, Instant::now()) {
            return Refused::because(Refusal::Slow, TOO_FAST);
        }
        match up {
            Up::Hello(_) => return Refused::because(Refusal::Message, "hello is said once"),
            Up::Notes(notes) => {
                for note in notes {
                    self.note(id, note)?;
                }
                let (seq, line) = (self.register.learners[&id].have, self.log.lines());
                self.seats.tell(seat, &Down::Have { seq, line });
            }
            Up::Heard(number) => self.happens(time::now(), Happened::Heard { id, number })?,
            Up::Leave => self.happens(time::now(), Happened::Left { id })?,
        }
        Ok(())
    }

    /// Takes a note, once: one that comes again, because its sender did not hear that we have it, is nothing new.
    fn note(&mut self, id: u64, note: Note) -> Result<(), Refused> {
        if note.seq <= self.register.learners[&id].have {
            return Ok(());
        }
        let at = self.register.time_of(id, note.ago, time::now());
        let note = Box::new(note);
        self.happens(at, Happened::Noted { id, note })
    }

    /// Says something to some learners: now, and where one is not there, with the next hello.
    pub(super) fn say(&mut self, ids: &[u64], said: &Said) {
        for id in ids {
            let Some(learner) = self.register.learners.get(id).filter(|it| !it.has_left) else {
                continue;
            };
            let number = learner.next_said();
            let what = Happened::Said {
                id: *id,
                number,
                said: said.clone(),
            };
            if self.happens(time::now(), what).is_ok() {
                self.seats.tell_learner(*id, &said.down(number));
            }
        }
    }
}

const NOT_THE_CODE: &str = "this is not the code of this room: look at the board again";
const TOO_MANY: &str = "too many wrong codes came from there: wait a minute, then join again";
const TOO_FAST: &str = "a learner sends at most 5 messages a second";

fn of_another_version(version: u64) -> String {
    let (which, whose) = match version < VERSION {
        true => ("an older", "your workshop"),
        false => ("a newer", "the instructor's workshop"),
    };
    format!(
        "you speak {which} version of the room's wire, {version}, and this room {VERSION}: \
         bring {whose} up to date with git pull"
    )
}
