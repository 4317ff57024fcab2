//! A message sequence chart, as in the documents that describe protocols: a line for each client and one for the server, and
//! an arrow for each frame, from top to bottom in the order in which it was sent or seen.
//!
//! It is an ordered list that a style sheet draws, so somebody who does not see it has it read as what it is.

use std::ops::Range;

use wire::runs::{Run, runs};
use wire::transcript::{Entry, Frame, Mark, SERVER, What, left_out};

use crate::Failure;
use crate::parting::{Excerpt, Parting};
use crate::picture::html::{code, escaped};

/// More lines of clients than these are too many for a screen: what happens at others is told in words.
const CLIENTS: usize = 8;
/// How many of the last entries are seen at once: an arrow takes the room of three lines, and all is to be seen at a glance.
const TAIL: usize = 3;
/// So many entries are drawn of a part that is left out at first.
const OPENED: usize = 200;

/// An entry to draw, for itself or for a run of those that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Drawn {
    entry: Entry,
    flag: Flag,
    /// How many it stands for, in words, and the last of them.
    run: Option<(String, Entry)>,
}

impl Drawn {
    fn new(entry: Entry, flag: Flag) -> Drawn {
        let run = None;
        Drawn { entry, flag, run }
    }
}

/// What is to be said of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Flag {
    /// Nothing.
    AsItIs,
    /// It is not what was due; what was, where that is one frame.
    Wrong(Option<Frame>),
    /// It was due, and did not come.
    Missing,
}

/// The chart of a failure; `None` where nothing was said.
pub fn chart(failure: &Failure) -> Option<String> {
    let entries = failure.entries();
    if entries.is_empty() {
        return None;
    }
    let noted = |name: &str| entries.iter().position(|entry| entry.client == name);
    let drawn = together(&in_time(&entries, &failure.marks));
    let hidden = hidden(&drawn);
    let lanes = Lanes::of(&drawn, &hidden, noted);
    let mut rows = String::new();
    let mut next = 0;
    for gap in hidden {
        rows += &lanes.rows(&drawn[next..gap.start]);
        rows += &lanes.opened(&drawn[gap.clone()]);
        next = gap.end;
    }
    rows += &lanes.rows(&drawn[next..]);
    if let (true, Some(expected)) = (failure.marks.is_empty(), &failure.expected) {
        let badge = badge("expected");
        rows += &format!(
            "<li class=\"row\"><p class=\"words wrong\">{badge} {}</p></li>\n",
            escaped(expected)
        );
    }
    Some(format!(
        "<div class=\"chart\" style=\"--gaps:{}\" role=\"region\" tabindex=\"0\" aria-label=\"What was said, in order\">\n\
         {}<ol role=\"list\">\n{rows}</ol>\n</div>\n",
        lanes.0.len() - 1,
        lanes.heads()
    ))
}

/// The entries as time went, each with what the marks say of it, and those between them that are missing.
fn in_time(entries: &[Entry], marks: &[Mark]) -> Vec<Drawn> {
    let missing = |at: usize| {
        let due = marks.iter().filter_map(move |mark| match mark {
            Mark::Missing { after, due } if *after == at => Some(due.clone()),
            _ => None,
        });
        due.map(|entry| Drawn::new(entry, Flag::Missing))
    };
    let flag = |at: usize| {
        let due = marks.iter().find_map(|mark| match mark {
            Mark::Wrong { entry, due } if *entry == at => Some(due.clone()),
            _ => None,
        });
        due.map_or(Flag::AsItIs, Flag::Wrong)
    };
    let mut numbered: Vec<(usize, &Entry)> = entries.iter().enumerate().collect();
    numbered.sort_by_key(|(_, entry)| entry.at);
    let mut drawn = Vec::new();
    for (number, entry) in numbered {
        drawn.extend(missing(number));
        drawn.push(Drawn::new(entry.clone(), flag(number)));
    }
    drawn.extend(missing(entries.len()));
    drawn
}

/// One row for all entries of a run, but for those that are marked.
fn together(drawn: &[Drawn]) -> Vec<Drawn> {
    let shapes: Vec<String> = drawn
        .iter()
        // Each client has a line of its own.
        .map(|it| format!("{:?} {}", it.entry.client, it.entry.shape()))
        .collect();
    let marked = (0..drawn.len()).filter(|at| drawn[*at].flag != Flag::AsItIs);
    let borders = marked.flat_map(|at| [at, at + 1]).collect();
    let rows = |run: Run| {
        let row = |place| {
            let (first, last) = run.ends(place);
            let many = (run.times > 1).then(|| (run.count(), drawn[last].entry.clone()));
            let run = many;
            Drawn {
                run,
                ..drawn[first].clone()
            }
        };
        (0..run.turn).map(row).collect::<Vec<_>>()
    };
    runs(&shapes, &borders).into_iter().flat_map(rows).collect()
}

/// The parts that are left out at first, in order: the middle of many, but for what is marked and what stands beside it.
fn hidden(drawn: &[Drawn]) -> Vec<Range<usize>> {
    let Some(middle) = left_out(drawn.len(), TAIL) else {
        return Vec::new();
    };
    let is_marked = |at: usize| drawn.get(at).is_some_and(|it| it.flag != Flag::AsItIs);
    let is_beside = |at: usize| is_marked(at) || is_marked(at + 1) || at > 0 && is_marked(at - 1);
    let hidden: Vec<usize> = middle.filter(|at| !is_beside(*at)).collect();
    let parts = hidden.chunk_by(|one, next| one + 1 == *next);
    let parts = parts.map(|part| part[0]..part[0] + part.len());
    // A summary in place of a single row saves nothing.
    parts.filter(|part| part.len() > 1).collect()
}

/// The lines from top to bottom, by name.
struct Lanes(Vec<String>);

impl Lanes {
    /// Those of the clients that are seen, in the order in which they were noted, and the server in their midst.
    fn of(
        drawn: &[Drawn],
        hidden: &[Range<usize>],
        noted: impl Fn(&str) -> Option<usize>,
    ) -> Lanes {
        let is_seen = |at: &usize| !hidden.iter().any(|part| part.contains(at));
        let seen: Vec<&Drawn> = (0..drawn.len())
            .filter(is_seen)
            .map(|at| &drawn[at])
            .collect();
        // What matters has a line of its own, however many there are.
        let marked = seen.iter().filter(|it| it.flag != Flag::AsItIs);
        let mut chosen: Vec<&str> = Vec::new();
        for it in marked.chain(&seen) {
            let name = it.entry.client.as_str();
            if chosen.len() < CLIENTS && !chosen.contains(&name) {
                chosen.push(name);
            }
        }
        chosen.sort_by_key(|name| noted(name));
        chosen.insert(chosen.len().div_ceil(2), SERVER);
        Lanes(chosen.into_iter().map(str::to_owned).collect())
    }

    /// Which line this name has; the first is 0.
    fn of_name(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|it| it == name)
    }

    /// The names above the lines. A row that is read names who is meant by itself.
    fn heads(&self) -> String {
        let head = |(lane, name): (usize, &String)| {
            let class = if name == SERVER {
                " class=\"server\""
            } else {
                ""
            };
            let column = column(lane);
            format!(
                "<span{class} style=\"grid-column:{column}\">{}</span>",
                escaped(name)
            )
        };
        let heads: String = self.0.iter().enumerate().map(head).collect();
        format!("<div class=\"row heads\" aria-hidden=\"true\">{heads}</div>\n")
    }

    /// A row for each.
    fn rows(&self, drawn: &[Drawn]) -> String {
        drawn.iter().map(|it| self.row(it)).collect()
    }

    /// Rows that are seen when somebody asks for them.
    fn opened(&self, drawn: &[Drawn]) -> String {
        let rows = self.rows(&drawn[..drawn.len().min(OPENED)]);
        let rest = match drawn.len().saturating_sub(OPENED) {
            0 => String::new(),
            rest => format!(
                "<li class=\"row\"><p class=\"words\">… {rest} more, which are not drawn …</p></li>\n"
            ),
        };
        format!(
            "<li class=\"row\"><details><summary>… {} more …</summary>\n<ol role=\"list\">\n{rows}{rest}</ol></details></li>\n",
            drawn.len()
        )
    }

    fn row(&self, drawn: &Drawn) -> String {
        let Drawn { entry, flag, run } = drawn;
        let (from, to) = ends(entry);
        let class = match flag {
            Flag::AsItIs => "",
            Flag::Wrong(_) => " wrong",
            Flag::Missing => " missing",
        };
        let said = said(entry, flag, run.as_ref());
        let item = match (self.of_name(from), self.of_name(to)) {
            (Some(at), Some(there)) if at == there => format!(
                "<p class=\"here\" style=\"grid-column:{}\"><span class=\"read\">{} </span>{said}</p>",
                column(at),
                escaped(from)
            ),
            (Some(start), Some(end)) => {
                let way = if start < end { "onwards" } else { "back" };
                format!(
                    "<p class=\"arrow {way} {}{class}\" style=\"grid-column:{}/{}\"><span class=\"read\">{}</span>{said}</p>",
                    kind(entry),
                    column(start.min(end)),
                    column(start.max(end)),
                    escaped(&who(entry))
                )
            }
            _ => format!(
                "<p class=\"words{class}\">{}{said}</p>",
                escaped(&who(entry))
            ),
        };
        format!("<li class=\"row\">{item}</li>\n")
    }
}

/// The column of the style sheet's grid that begins at this line.
fn column(lane: usize) -> usize {
    lane + 2
}

/// From where to where an entry leads.
fn ends(entry: &Entry) -> (&str, &str) {
    let client = entry.client.as_str();
    match entry.what {
        What::Up(_) | What::Connects => (client, SERVER),
        What::Down(_) => (SERVER, client),
        What::Vanishes | What::SpeaksFirst | What::Silent => (client, client),
    }
}

/// Who does it, in words, before what it is.
fn who(entry: &Entry) -> String {
    let client = &entry.client;
    match entry.what {
        What::Up(_) => format!("{client} to {SERVER}: "),
        What::Down(_) => format!("{SERVER} to {client}: "),
        What::Connects | What::Vanishes | What::SpeaksFirst | What::Silent => format!("{client} "),
    }
}

/// What it is, and what is to be said of it.
fn said(entry: &Entry, flag: &Flag, run: Option<&(String, Entry)>) -> String {
    let words = match run {
        None => words(entry),
        Some((count, last)) => {
            let (first, last) = (words(entry), words(last));
            let to = match first == last {
                true => String::new(),
                false => format!(" … {last}"),
            };
            format!("<strong class=\"times\">{count}</strong> {first}{to}")
        }
    };
    match flag {
        Flag::AsItIs => words,
        Flag::Missing => format!("{} {words}", badge("missing")),
        Flag::Wrong(None) => format!("{} {words}", badge("wrong")),
        Flag::Wrong(Some(due)) => {
            let parting = entry.frame().and_then(|came| Parting::of(due, came));
            let due = match parting {
                Some(parting) => part(&parting),
                None => format!("<span class=\"due\">expected: {}</span>", frame(due)),
            };
            format!("{} {words}{due}", badge("wrong"))
        }
    }
}

/// What it is, for itself.
fn words(entry: &Entry) -> String {
    match entry.frame() {
        Some(it) => frame(it),
        None => format!("<span class=\"event\">{}</span>", escaped(&entry.words())),
    }
}

/// A frame: what a program wrote as code, all else in words.
fn frame(frame: &Frame) -> String {
    match frame.is_message() {
        true => code(&frame.shown()),
        false => format!("<span class=\"event\">{}</span>", escaped(&frame.shown())),
    }
}

/// Where what came parts from what was due.
fn part(parting: &Parting) -> String {
    let excerpt = |name: &str, it: &Excerpt| {
        format!(
            "<span class=\"part\">{name} <code>{}<mark>{}</mark>{}</code></span>",
            escaped(&it.before),
            escaped(&it.part),
            escaped(&it.after)
        )
    };
    format!(
        "<span class=\"parting\">they part after {}:{}{}</span>",
        parting.after,
        excerpt("expected", &parting.expected),
        excerpt("came", &parting.came)
    )
}

/// A word that somebody at the back of the room reads.
fn badge(word: &str) -> String {
    format!("<strong class=\"badge\">✗ {word}</strong>")
}

/// How an arrow is drawn.
fn kind(entry: &Entry) -> &'static str {
    match &entry.what {
        What::Up(frame) | What::Down(frame) if frame.is_message() => "message",
        _ => "control",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Diagnosis;
    use wire::transcript::Frame;
    use wire::transcript::Transcript;

    /// Two clients, and so many frames from the left one, which differ in more than their numbers.
    fn two_windows(frames: usize) -> Failure {
        let transcript = Transcript::default();
        transcript.note("left", What::Connects);
        transcript.note("right", What::Connects);
        for number in 0..frames {
            let text = match frames {
                0..3 => format!("[{number}]"),
                // A number in letters is like no other.
                _ => number
                    .to_string()
                    .bytes()
                    .map(|it| char::from(it + 49))
                    .collect(),
            };
            transcript.note("left", What::Up(Frame::message(text)));
        }
        Failure::new(Diagnosis::UNKNOWN).transcript(transcript)
    }

    /// Where each of the words is, one after the other.
    fn in_order(html: &str, words: &[&str]) {
        let mut from = 0;
        for word in words {
            let at = html[from..].find(word);
            from += at.unwrap_or_else(|| panic!("no {word} after {from} in {html}"));
        }
    }

    #[test]
    fn where_nothing_was_said_there_is_no_chart() {
        assert_eq!(chart(&Failure::new(Diagnosis::UNKNOWN)), None);
    }

    #[test]
    fn the_server_stands_between_its_clients() {
        let html = chart(&two_windows(1)).unwrap();
        let words = [
            ">left<",
            ">server<",
            ">right<",
            "left </span><span class=\"event\">connects",
            "left to server: </span><code>[0]",
        ];
        in_order(&html, &words);
    }

    #[test]
    fn what_is_missing_stands_where_it_was_due() {
        let failure = two_windows(2).missing_after(3, "right", "[0]");
        let html = chart(&failure).unwrap();
        let words = [
            "<code>[0]",
            "onwards message missing",
            "server to right: ",
            "✗ missing",
            "<code>[0]",
            "<code>[1]",
        ];
        in_order(&html, &words);
    }

    #[test]
    fn what_is_wrong_says_what_was_due() {
        let failure = two_windows(2).wrong(Some(2), Some("[7]".into()));
        let html = chart(&failure).unwrap();
        in_order(
            &html,
            &[
                "message wrong",
                "✗ wrong",
                "<code>[0]",
                "expected: <code>[7]",
                "<code>[1]",
            ],
        );
        assert_eq!(html.matches("✗").count(), 1);
    }

    #[test]
    fn where_no_frame_is_marked_the_end_says_what_was_expected() {
        let html = chart(&two_windows(1).expected("a pong".into())).unwrap();
        in_order(&html, &["<code>[0]", "✗ expected", "a pong"]);
    }

    #[test]
    fn a_mark_in_the_middle_of_many_is_seen() {
        let failure = two_windows(998).wrong(Some(500), None);
        let drawn = in_time(&failure.entries(), &failure.marks);
        assert_eq!(hidden(&drawn), [4..499, 502..997]);
        let html = chart(&failure).unwrap();
        let beside = failure.wrong(Some(4), None).wrong(Some(996), None);
        let drawn = in_time(&beside.entries(), &beside.marks);
        assert_eq!(hidden(&drawn), [6..499, 502..995]);
        let last = two_windows(998).wrong(Some(3), None).wrong(Some(997), None);
        let drawn = in_time(&last.entries(), &last.marks);
        assert_eq!(hidden(&drawn).first(), Some(&(5..996)));
        in_order(
            &html,
            &[
                "… 495 more …",
                "… 295 more, which are not drawn …",
                "✗ wrong",
                "… 495 more …",
            ],
        );
    }

    #[test]
    fn a_run_is_one_row_but_for_what_is_marked() {
        let transcript = Transcript::default();
        for number in 0..9 {
            transcript.note("left", What::Up(Frame::message(r#"["online"]"#)));
            let answer = format!(r#"["online",{number}]"#);
            transcript.note("left", What::Down(Frame::message(answer)));
        }
        let failure = Failure::new(Diagnosis::UNKNOWN).transcript(transcript);
        let html = chart(&failure.clone()).unwrap();
        let words = [
            "× 9, in turn</strong> <code>[&quot;online&quot;]</code></p>",
            "× 9, in turn</strong> <code>[&quot;online&quot;,<wbr>0]</code> … <code>[&quot;online&quot;,<wbr>8]",
        ];
        in_order(&html, &words);
        let html = chart(&failure.wrong(Some(11), None)).unwrap();
        in_order(
            &html,
            &[
                "× 5, in turn",
                "✗ wrong",
                "<wbr>5]",
                "× 3, in turn",
                "<wbr>8]",
            ],
        );
    }

    #[test]
    fn a_long_frame_is_shown_where_it_parts() {
        let transcript = Transcript::default();
        let text = |end: &str| format!("{}{end}", "a".repeat(4000));
        transcript.note("left", What::Down(Frame::message(text("<b>"))));
        let due = Some(text("<i>").into());
        let failure = Failure::new(Diagnosis::UNKNOWN).transcript(transcript);
        let html = chart(&failure.wrong(Some(0), due)).unwrap();
        let words = [
            "they part after 4001 characters",
            "<mark>i</mark>&gt;",
            "<mark>b</mark>&gt;",
        ];
        in_order(&html, &words);
    }

    #[test]
    fn what_matters_among_many_clients_has_its_line() {
        let transcript = Transcript::default();
        for number in 0..50 {
            transcript.note(&format!("client {number}"), What::Connects);
        }
        let failure = Failure::new(Diagnosis::NOT_EVERYONE).transcript(transcript);
        let deaf = (20..25).map(|number| format!("client {number}"));
        let failure = deaf.fold(failure, |failure, name| failure.missing(&name, "[1]"));
        let html = chart(&failure).unwrap();
        assert_eq!(html.matches("<span style").count(), CLIENTS);
        let words = [
            ">client 2<",
            ">client 20<",
            ">client 24<",
            "class=\"words\">client 3 ",
            "✗ missing",
        ];
        in_order(&html, &words);
    }
}
