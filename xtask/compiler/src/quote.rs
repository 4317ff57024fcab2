//! The compiler's words, as much of them as is the learner's: the message, the lines with their marks, the change that the
//! compiler would make. Never more than [`LINES`] lines of [`COLUMNS`] columns.

use textwrap::core::display_width;

use super::message::{Message, Span};
use super::source::Source;
use super::types::shorten;

/// So many lines at most.
pub const LINES: usize = 14;
/// So many columns: with the bar before a quote and its indent, they are a terminal's 80.
pub const COLUMNS: usize = 74;
/// So many on a wall, where they stand beside the change in letters of a fortieth of its height.
pub const NARROW: usize = 48;

/// What is quoted of an error.
pub struct Quote<'a> {
    /// The error.
    pub error: &'a Message,
    /// The file that it is in.
    pub source: &'a Source,
    /// The places to show; the first is the one that counts.
    pub marks: &'a [Span],
    /// The one thing to do next, if it is known: a change of the compiler's that is another one is left out.
    pub next: Option<&'a str>,
    /// So many columns.
    pub columns: usize,
}

impl Quote<'_> {
    /// The lines.
    pub fn text(&self) -> String {
        let mut lines = headline(self.error, self.columns);
        let change = self.change();
        let room = LINES - lines.len() - change.len();
        lines.extend(self.marked(room));
        lines.extend(change);
        lines.truncate(LINES);
        lines.join("\n")
    }

    /// The learner's lines, each with its marks below it: as many as there is room for, the first places before others.
    fn marked(&self, room: usize) -> Vec<String> {
        let mut chosen: Vec<&Span> = Vec::new();
        for mark in self.marks {
            chosen.push(mark);
            if self.rows(&chosen).len() > room {
                chosen.pop();
                break;
            }
        }
        self.rows(&chosen)
    }

    fn rows(&self, marks: &[&Span]) -> Vec<String> {
        let mut lines: Vec<usize> = marks.iter().map(|mark| mark.start.0).collect();
        lines.sort_unstable();
        lines.dedup();
        let row = |line: usize| {
            let of_line: Vec<&Span> = marks
                .iter()
                .copied()
                .filter(|mark| mark.start.0 == line)
                .collect();
            let (text, below) = marked_line(self.source.line(line), &of_line, self.room());
            let number = self.number(Some(line));
            let blank = self.number(None);
            let below = below
                .into_iter()
                .map(move |marks| format!("{blank} | {marks}"));
            std::iter::once(format!("{number} | {text}")).chain(below)
        };
        lines.into_iter().flat_map(row).collect()
    }

    /// The change that the compiler would make, as lines that go and lines that come.
    fn change(&self) -> Vec<String> {
        let fits = |parts: &Vec<(&Span, &str)>| {
            let text: String = parts.iter().map(|(_, text)| *text).collect();
            let is_whole = !text.contains("/*")
                && !text.contains("todo!()")
                && parts.iter().all(|(span, _)| span.start.0 == span.end.0);
            let said = text.trim().trim_end_matches('(').trim_end_matches(';');
            let is_meant = self.next.is_none_or(|next| says(next, said));
            is_whole && is_meant && parts.len() <= 3 && text.lines().count() <= 2
        };
        let Some(parts) = self.error.suggestions().find(fits) else {
            return Vec::new();
        };
        changed(self, parts)
    }

    /// The number of a line, or as many blanks.
    fn number(&self, line: Option<usize>) -> String {
        let width = self.digits();
        line.map_or(" ".repeat(width), |line| format!("{line:>width$}"))
    }

    fn digits(&self) -> usize {
        let places = self
            .error
            .notes
            .iter()
            .flat_map(|note| &note.spans)
            .chain(self.marks);
        let last = places.map(|span| span.start.0).max().unwrap_or(1);
        last.to_string().len()
    }

    /// The columns for a line of the learner's.
    fn room(&self) -> usize {
        self.columns - self.digits() - 3
    }
}

/// Whether a sentence holds this text, as a word and not as a part of one.
fn says(sentence: &str, text: &str) -> bool {
    let is_part = |letter: Option<char>| letter.is_some_and(|it| it.is_alphanumeric() || it == '_');
    let inner = |at: usize| {
        let (before, after) = (&sentence[..at], &sentence[at + text.len()..]);
        let starts = text.starts_with(|it: char| it.is_alphanumeric())
            && is_part(before.chars().next_back());
        let ends = text.ends_with(|it: char| it.is_alphanumeric()) && is_part(after.chars().next());
        starts || ends
    };
    !text.is_empty() && sentence.match_indices(text).any(|(at, _)| !inner(at))
}

/// The message, in one or two lines.
pub fn headline(error: &Message, columns: usize) -> Vec<String> {
    let code = error.code.as_deref().filter(|code| code.starts_with('E'));
    let code = code.map_or(String::new(), |code| format!("[{code}]"));
    let first = error.text.lines().next().unwrap_or_default();
    let text = format!("{}{code}: {}", error.level, shorten(first));
    let mut lines: Vec<String> = textwrap::wrap(&text, columns)
        .into_iter()
        .map(|line| line.into_owned())
        .collect();
    if lines.len() > 2 {
        lines.truncate(2);
        lines[1] = format!("{} …", cut(&lines[1], columns - 2));
    }
    lines
}

/// The error in one line: what it is in the compiler's words, with what was expected there.
pub fn first_line(error: &Message) -> String {
    let first = shorten(error.text.lines().next().unwrap_or_default());
    let label = error
        .primary()
        .and_then(|span| span.label.as_deref())
        .map(shorten);
    match label {
        Some(label) if error.is("E0308") => format!("{first}: {label}"),
        _ => first,
    }
}

/// A line in so many columns, and below it the marks and their labels. `marks` begin in this line, the one that counts first.
fn marked_line(line: &str, marks: &[&Span], room: usize) -> (String, Vec<String>) {
    // A tab is as wide as four blanks.
    let column =
        |at: usize| at - 1 + 3 * line.chars().take(at - 1).filter(|it| *it == '\t').count();
    let letters: Vec<char> = line.replace('\t', "    ").trim_end().chars().collect();
    let width = |from: usize, to: usize| {
        display_width(&letters.iter().take(to).skip(from).collect::<String>())
    };
    let ends = |mark: &Span| match mark.start.0 == mark.end.0 {
        true => column(mark.end.1),
        false => letters.len(),
    };
    // What is left out of a long line is left out where the first mark is not.
    let (from, end) = marks
        .first()
        .map_or((0, 0), |mark| (column(mark.start.1), ends(mark)));
    let first = match width(0, letters.len()) > room && width(0, end) > room - 1 {
        true => from.saturating_sub(room / 3),
        false => 0,
    };
    let lead = if first > 0 { "…" } else { "" };
    let shown: String = lead
        .chars()
        .chain(letters.iter().skip(first).copied())
        .collect();
    let text = match display_width(&shown) > room {
        true => format!("{}…", cut(&shown, room - 1)),
        false => shown,
    };
    let place = |mark: &Span| {
        let before = display_width(lead) + width(first, column(mark.start.1));
        let length = width(first.max(column(mark.start.1)), ends(mark)).max(1);
        (
            before.min(room - 1),
            length.min(room - before.min(room - 1)),
        )
    };
    // Marks that are out of sight, to the left, are none.
    let seen = marks.iter().filter(|mark| column(mark.start.1) >= first);
    let mut places: Vec<(usize, usize, &Span)> = seen
        .map(|mark| (place(mark).0, place(mark).1, *mark))
        .collect();
    places.sort_by_key(|(before, _, mark)| (mark.is_primary, *before));
    let mut signs: Vec<char> = Vec::new();
    for (before, length, mark) in &places {
        let end = before + length;
        signs.resize(signs.len().max(end), ' ');
        let sign = if mark.is_primary { '^' } else { '-' };
        signs[*before..end].fill(sign);
    }
    let signs: String = signs.into_iter().collect();
    places.sort_by_key(|(before, ..)| std::cmp::Reverse(*before));
    let labels = places
        .iter()
        .map(|(before, _, mark)| (*before, label_of(mark)));
    let labels: Vec<(usize, String)> = labels.filter(|(_, label)| !label.is_empty()).collect();
    (text, with_labels(signs, &labels, room))
}

fn label_of(mark: &Span) -> String {
    let label = mark.label.as_deref().map(shorten).unwrap_or_default();
    match mark.start.0 == mark.end.0 || label.is_empty() {
        true => label,
        false => format!("{label} (to line {})", mark.end.0),
    }
}

/// The marks, the label of the last one behind them if there is room, and the others below, each at its mark.
fn with_labels(signs: String, labels: &[(usize, String)], room: usize) -> Vec<String> {
    let mut rows = vec![signs];
    for (index, (before, label)) in labels.iter().enumerate() {
        let width = display_width(label);
        if index == 0 && display_width(&rows[0]) + 1 + width <= room {
            rows[0] += &format!(" {label}");
            continue;
        }
        let label = if width > room {
            format!("{}…", cut(label, room - 1))
        } else {
            label.clone()
        };
        let indent = (*before).min(room - display_width(&label));
        rows.push(format!("{}{label}", " ".repeat(indent)));
    }
    rows
}

/// The beginning of a text, so many columns of it.
pub fn cut(text: &str, columns: usize) -> String {
    let mut cut = String::new();
    for letter in text.chars() {
        if display_width(&cut) + display_width(letter.encode_utf8(&mut [0; 4])) > columns {
            break;
        }
        cut.push(letter);
    }
    cut.trim_end().to_owned()
}

/// The lines that a suggestion changes, before and after.
fn changed(quote: &Quote, mut parts: Vec<(&Span, &str)>) -> Vec<String> {
    parts.sort_by_key(|(span, _)| span.bytes);
    let line = parts[0].0.start.0;
    // More than one line of the learner's is more than a slip.
    if parts.iter().any(|(span, _)| span.start.0 != line) {
        return Vec::new();
    }
    let old = quote.source.line(line);
    let mut new = String::new();
    let mut at = 0;
    for (span, text) in &parts {
        let byte = |column: usize| {
            old.char_indices()
                .nth(column - 1)
                .map_or(old.len(), |(at, _)| at)
        };
        let (from, to) = (byte(span.start.1), byte(span.end.1));
        new += old.get(at..from).unwrap_or_default();
        new += text;
        at = to;
    }
    new += old.get(at..).unwrap_or_default();
    let new: Vec<&str> = new.lines().collect();
    let mut lines = Vec::new();
    // Whole lines that come before this one leave it as it is.
    let is_insertion = new.last().map(|it| it.trim()) == Some(old.trim()) && new.len() > 1;
    let focus = parts[0].0.start.1 - 1;
    if !is_insertion {
        lines.push(format!(
            "{} - {}",
            quote.number(Some(line)),
            around(old, focus, quote.room())
        ));
    }
    let came = new.len() - usize::from(is_insertion);
    for text in new.iter().take(came.min(3)) {
        let focus = if is_insertion { 0 } else { focus };
        lines.push(format!(
            "{} + {}",
            quote.number(Some(line)),
            around(text, focus, quote.room())
        ));
    }
    lines
}

/// A line in so many columns, with the part that counts in it.
fn around(line: &str, focus: usize, room: usize) -> String {
    let line = line.replace('\t', "    ");
    if display_width(&line) <= room {
        return line;
    }
    let first = if focus + 24 > room {
        focus.saturating_sub(room / 2)
    } else {
        0
    };
    let lead = if first > 0 { "…" } else { "" };
    let shown: String = line.chars().skip(first).collect();
    match display_width(&shown) + display_width(lead) > room {
        true => format!("{lead}{}…", cut(&shown, room - 1 - display_width(lead))),
        false => format!("{lead}{shown}"),
    }
}
