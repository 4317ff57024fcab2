//! The end of a command that has something to tell the room: what waits is sent, and what the room had to say is printed.

use super::line::{FromRoom, Line};
use super::said;

/// Lets the room take what waits, and says what it had to say. That it does not answer is a line.
pub async fn at_the_end(line: &mut Line, json: bool) {
    let (said, has_all) = line.finish().await;
    if json {
        return;
    }
    let mut refuses = false;
    for it in &said {
        refuses |= matches!(it, FromRoom::Refuses(_));
        if let Some(text) = said::in_words(it) {
            show::text(&format!("\n{text}"));
        }
        if let FromRoom::Says(down) = it {
            line.heard(said::id(down));
        }
    }
    if !has_all && !refuses {
        show::paragraph("The room of the class does not answer; it gets this later.");
    }
    line.last_words().await;
}
