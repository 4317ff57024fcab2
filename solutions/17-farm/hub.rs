//! The hub: one task writes what is new to everybody, the same bytes to each. Explained in step 16.

use std::collections::HashSet;
use std::sync::Weak;

use tokio::task::yield_now;

use crate::client::Client;
use crate::everyone::{Everyone, lock};
use crate::log::{Log, NOWHERE, Piece};

/// What is new, made once for all browsers that have got everything before it.
pub struct News {
    pub piece: Piece,
    /// The place where it begins.
    pub start: u64,
    /// The browsers whose frames are in it. These few get a piece of their own, without their own frames.
    pub from: HashSet<u64>,
}

impl News {
    fn since(place: u64, log: &Log) -> News {
        let start = place.max(log.start());
        News {
            piece: log.since(start, NOWHERE, usize::MAX),
            start,
            from: log.speakers_since(start).collect(),
        }
    }
}

/// Writes to everybody what is new, as long as the server runs.
pub async fn hub(everyone: Everyone) {
    // The hub does not keep a browser: when one has gone, `upgrade` finds nobody there.
    let mut clients: Vec<Weak<Client>> = Vec::new();
    let mut place = 0;
    loop {
        everyone.news.notified().await;
        yield_now().await; // What is said at the same moment comes along.
        let news = News::since(place, &lock(&everyone.log));
        place = news.piece.end;
        clients.append(&mut lock(&everyone.newcomers));
        let mut slowest = place;
        for some in clients.chunks(64) {
            for client in some.iter().filter_map(Weak::upgrade) {
                slowest = slowest.min(client.hear(&news));
            }
            yield_now().await; // The tasks that read want their turn, too.
        }
        clients.retain(|client| client.strong_count() > 0);
        lock(&everyone.log).all_have(slowest);
    }
}
