//! What the hall does for pages: lets them look, does what the instructor asks for, and tells them what has changed.

use std::net::IpAddr;
use std::time::Instant;

use live::walk::Taught;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use warp::ws::Message;

use super::Hall;
use crate::ask::Ask;
use crate::board::Room;
use crate::entry::Said;
use crate::export;
use crate::time;
use crate::views::Page;

/// So many rows are in a message to a page.
const ROWS: usize = 100;

impl Hall {
    /// Lets a window show a page; the instructor's needs the token.
    pub(super) fn enter(
        &mut self,
        ask: &Ask,
        from: IpAddr,
        queue: mpsc::Sender<Message>,
    ) -> Result<u64, &'static str> {
        let page = match ask {
            Ask::Board => Page::Board,
            Ask::Instructor(token) => {
                let now = Instant::now();
                if !self.gate.may_try(from, now) {
                    return Err("Too many wrong tokens came: wait a minute.");
                }
                if !guard::is_same(token.as_bytes(), self.register.token.as_bytes()) {
                    self.gate.was_wrong(from, now);
                    return Err("Open the address that the terminal printed.");
                }
                Page::Instructor
            }
            _ => return Err("A page says first what it shows."),
        };
        let view = self.views.join(page, queue);
        let view = view.ok_or("Too many windows are open already: close one.")?;
        let numbers = self.numbers(page);
        self.views.tell(view, numbers);
        if page == Page::Instructor {
            let all: Vec<u64> = self.register.learners.keys().copied().collect();
            for rows in self.rows(&all) {
                self.views.tell(view, rows);
            }
        }
        Ok(view)
    }

    pub(super) fn asked(&mut self, view: u64, ask: Ask) {
        match ask {
            Ask::Answer(ids, text) => self.say(&ids, &Said::Answer(text)),
            Ask::Lower(ids) => self.say(&ids, &Said::Lowered),
            Ask::Offer(ids, step, stage) => {
                let count = self.register.stages.of(step).len();
                if (1..=count).contains(&(stage as usize)) {
                    self.say(&ids, &Said::Offer(step, stage));
                }
            }
            Ask::Report(id) => {
                let learner = self.register.learners.get(&id);
                let report = learner.and_then(|it| it.report.as_ref());
                let ticket = report.and_then(|report| self.papers.put(report));
                self.views
                    .tell(view, json!(["report", id, ticket]).to_string());
            }
            Ask::Export(kind) => {
                let (name, text) = export::file(&self.register, kind);
                self.views
                    .tell(view, json!(["file", name, text]).to_string());
            }
            Ask::Board | Ask::Instructor(_) => {}
        }
    }

    /// What the pages do not know yet goes to them.
    pub(super) fn tell_pages(&mut self) {
        if !std::mem::take(&mut self.is_stale) {
            return;
        }
        for page in [Page::Board, Page::Instructor] {
            let numbers = self.numbers(page);
            self.views.tell_all(page, numbers);
        }
        let changed: Vec<u64> = std::mem::take(&mut self.changed).into_iter().collect();
        for rows in self.rows(&changed) {
            self.views.tell_all(Page::Instructor, rows);
        }
    }

    /// Looks at what changes without anybody saying so.
    pub(super) fn look(&mut self) {
        self.taught = Taught::read();
        self.is_stale = true;
        if let Ok(file) = self.log.again() {
            tokio::task::spawn_blocking(move || file.sync_data());
        }
    }

    fn numbers(&mut self, page: Page) -> String {
        let mut room = Room {
            register: &mut self.register,
            seats: &self.seats,
            taught: self.taught,
            now: time::now(),
        };
        let mut numbers = room.json(self.log.lines());
        if page == Page::Instructor {
            numbers["words"] = json!(room.words());
        }
        json!(["room", numbers]).to_string()
    }

    /// The rows of these learners, in as many messages as it takes.
    fn rows(&self, ids: &[u64]) -> Vec<String> {
        let now = time::now();
        let row = |id: &u64| {
            let learner = self.register.learners.get(id)?;
            Some(learner.row(*id, self.seats.is_connected(*id), now))
        };
        let rows: Vec<Value> = ids.iter().filter_map(row).collect();
        let message = |rows: &[Value]| json!(["rows", rows]).to_string();
        rows.chunks(ROWS).map(message).collect()
    }
}
