//! A change in pages: as much of it at a time as the last row of a room can read.
//!
//! The parts of a change are its author's. A part that is still too long for a projector goes on to another page, at a place
//! where the file has a gap: so each press shows something whole, or as whole as it fits.

use super::{Change, Hunk, Kind, Line, Text, changes};

/// So many rows fit on a projector in letters of a fortieth of its height: two columns on an old one of 1024 by 768.
const ROWS: usize = 40;

/// So many letters fit a row there.
const LETTERS: usize = 36;

/// The rows of that sentence.
const OF_THE_SENTENCE: usize = 2;

/// What is shown of a change at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Which of the author's parts it is of, counted from 0.
    pub part: usize,
    /// What of it stands on the page.
    pub changes: Vec<Change>,
}

/// The pages of a part of the change, from these files to those; none where nothing changes.
pub fn of(part: usize, before: &[Text], after: &[Text]) -> Vec<Page> {
    let all = changes(before, after);
    if all.is_empty() {
        return Vec::new();
    }
    if rows(&all) <= ROWS {
        return vec![Page { part, changes: all }];
    }
    let mut pages: Vec<Vec<Change>> = vec![Vec::new()];
    for change in all {
        let is_given = change.is_given();
        let file = change.file;
        if is_given {
            put(&mut pages, &file, change.hunks, 1 + OF_THE_SENTENCE);
            continue;
        }
        for hunk in change.hunks.into_iter().flat_map(pieces) {
            let height = rows_of(&hunk);
            put(&mut pages, &file, vec![hunk], height);
        }
    }
    let page = |changes| Page { part, changes };
    pages.into_iter().map(page).collect()
}

/// Puts places of a file on the last page, or on a new one if they are too high for it.
fn put(pages: &mut Vec<Vec<Change>>, file: &str, hunks: Vec<Hunk>, height: usize) {
    let last = pages.last().map_or(0, |page| rows(page));
    if last > 0 && last + height > ROWS {
        pages.push(Vec::new());
    }
    let page = pages.last_mut().expect("there is one");
    match page.last_mut() {
        Some(change) if change.file == file => change.hunks.extend(hunks),
        _ => page.push(Change {
            file: file.to_owned(),
            hunks,
        }),
    }
}

/// A place in pieces that fit a page each, cut before an empty line where there is one in the second half of a page.
fn pieces(hunk: Hunk) -> Vec<Hunk> {
    let mut pieces = Vec::new();
    let mut piece = Vec::new();
    let mut height = 0;
    for line in hunk.lines {
        let is_gap = line.text.trim().is_empty();
        if height >= ROWS || (is_gap && height > ROWS / 2) {
            pieces.push(Hunk {
                lines: std::mem::take(&mut piece),
            });
            height = 0;
        }
        height += row(&line);
        piece.push(line);
    }
    let has_changes = piece.iter().any(|line| line.kind != Kind::Stays);
    if has_changes || pieces.is_empty() {
        pieces.push(Hunk { lines: piece });
    }
    pieces
}

/// The rows of what changes: lines around it are left out where there is no room. A file has a row for its name.
fn rows(changes: &[Change]) -> usize {
    let of = |change: &Change| match change.is_given() {
        true => 1 + OF_THE_SENTENCE,
        false => 1 + change.hunks.iter().map(rows_of).sum::<usize>(),
    };
    changes.iter().map(of).sum()
}

fn rows_of(hunk: &Hunk) -> usize {
    hunk.lines.iter().map(row).sum()
}

fn row(line: &Line) -> usize {
    match line.kind {
        Kind::Stays => 0,
        Kind::New | Kind::Gone => line.text.trim().chars().count().div_ceil(LETTERS).max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_change_goes_on_at_a_gap_and_loses_nothing() {
        let text = |text: String| {
            let name = "server.rs".into();
            vec![Text { name, text }]
        };
        let block = |n: usize| format!("a{n}();\n").repeat(12) + "\n";
        let after: String = (0..5).map(block).collect();
        let pages = of(0, &text(String::new()), &text(after.clone()));
        assert!(pages.len() > 1);
        let lines = pages.iter().flat_map(|page| &page.changes);
        let lines = lines
            .flat_map(|change| &change.hunks)
            .flat_map(|hunk| &hunk.lines);
        let all: Vec<&str> = lines.map(|line| line.text.as_str()).collect();
        assert_eq!(all, after.lines().collect::<Vec<_>>());
        assert_eq!(pages[1].changes[0].hunks[0].lines[0].text, "");
        assert!(of(0, &text(after.clone()), &text(after)).is_empty());
    }
}
