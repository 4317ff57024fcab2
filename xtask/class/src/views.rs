//! The windows that look: boards, and the instructor's page. A window that does not read is forgotten, and nobody waits for it.

use tokio::sync::mpsc;
use warp::ws::Message;

/// So many windows may look.
const MOST: usize = 16;

/// So many messages may wait for a window: all rows of a large class come in several.
pub const QUEUE: usize = 128;

/// What a window shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// What the whole room may see.
    Board,
    /// The rows.
    Instructor,
}

/// A window.
struct View {
    id: u64,
    page: Page,
    queue: mpsc::Sender<Message>,
}

/// All of them.
#[derive(Default)]
pub struct Views {
    views: Vec<View>,
    next: u64,
}

impl Views {
    /// One more looks; `None` where enough do already.
    pub fn join(&mut self, page: Page, queue: mpsc::Sender<Message>) -> Option<u64> {
        if self.views.len() >= MOST {
            return None;
        }
        self.next += 1;
        let id = self.next;
        self.views.push(View { id, page, queue });
        Some(id)
    }

    /// One looks no more.
    pub fn leave(&mut self, id: u64) {
        self.views.retain(|view| view.id != id);
    }

    /// Whether this window shows the rows: only then may it ask for anything.
    pub fn is_instructor(&self, id: u64) -> bool {
        self.views
            .iter()
            .any(|it| it.id == id && it.page == Page::Instructor)
    }

    /// Tells one.
    pub fn tell(&mut self, id: u64, text: String) {
        self.send(|view| view.id == id, text);
    }

    /// Tells all that show a page.
    pub fn tell_all(&mut self, page: Page, text: String) {
        self.send(|view| view.page == page, text);
    }

    fn send(&mut self, is_meant: impl Fn(&View) -> bool, text: String) {
        let message = Message::text(text);
        self.views
            .retain(|view| !is_meant(view) || view.queue.try_send(message.clone()).is_ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_does_not_read_is_forgotten_and_the_others_hear_all() {
        let mut views = Views::default();
        let mut join = |page| {
            let (queue, inbox) = mpsc::channel(QUEUE);
            (views.join(page, queue), inbox)
        };
        let (board, mut reads) = join(Page::Board);
        let (own, stuck) = join(Page::Board);
        for number in 0..2 * QUEUE {
            views.tell_all(Page::Board, number.to_string());
            views.tell_all(Page::Instructor, "not for a board".into());
            let heard = reads.try_recv().expect("it is there at once");
            assert_eq!(heard.to_str(), Ok(number.to_string().as_str()));
        }
        assert_eq!((views.views.len(), stuck.len()), (1, QUEUE));
        assert!(board.is_some() && own.is_some() && !views.is_instructor(1));
    }

    #[test]
    fn there_are_not_too_many() {
        let mut views = Views::default();
        let (queue, _inbox) = mpsc::channel(QUEUE);
        let joined = (0..2 * MOST).filter_map(|_| views.join(Page::Board, queue.clone()));
        assert_eq!(joined.count(), MOST);
    }
}
