//! What stands on the screen of the live coding, as a text: at the top where we are, below what the files are, the program,
//! the time and the keys, and between the two the stage, or as much of it as there is room for.

use std::time::Duration;

use checks::Report;
use owo_colors::OwoColorize;
use show::{together, wrapped};
use terminal::server::Server;

use super::countdown::Countdown;
use super::{check, stage};
use crate::walk::{self, Clock, Desk, Gap, GapLine, Phase};

/// The stage keeps so many rows, whatever there is to say below it.
const LEAST: usize = 6;

/// So many of the lines that are missing or too many are named below the stage; `d` shows all.
const PLACES: usize = 2;

/// What the program prints has so many rows, though the stage has then fewer: a panic's two lines, at 80 columns.
const PRINTED: usize = 4;

/// Ends whatever colour a terminal writes in.
const PLAIN: &str = "\x1b[0m";

/// What there is to show.
pub struct Shown {
    /// What came of the check.
    pub checked: Checked,
    /// The answer to a key.
    pub notice: Option<String>,
    /// Whether the next `n` goes on, though the files are not those of the stage.
    pub has_asked: bool,
    /// Whether the prompts are shown in full, though there is no room for that and the change.
    pub has_prompts: bool,
    /// The time that the class has, if it has any.
    pub countdown: Option<Countdown>,
    /// How far the files are from the stage.
    gaps: Vec<(String, Gap)>,
    /// The difference to the stage, where it is shown in place of it.
    difference: Option<Vec<walk::Change>>,
    /// The first row of the stage that is shown.
    from: usize,
}

/// A check of the stage that is shown.
pub enum Checked {
    /// Nobody has asked for it.
    Not,
    /// It runs.
    UnderWay,
    /// What it found.
    Done(Box<Report>),
}

/// The rows of a screen.
struct Rows {
    top: Vec<String>,
    middle: Vec<String>,
    bottom: Vec<String>,
    /// How many rows there are for the middle.
    room: usize,
}

impl Rows {
    /// The last row that the middle may begin with.
    fn last_from(&self) -> usize {
        match self.middle.len() <= self.room {
            true => 0,
            // One row says that there is more.
            false => self.middle.len() - (self.room - 1),
        }
    }
}

impl Shown {
    /// The first screen.
    pub fn of(desk: &Desk) -> Shown {
        Shown {
            checked: Checked::Not,
            notice: None,
            has_asked: false,
            has_prompts: false,
            countdown: None,
            gaps: desk.gaps(),
            difference: None,
            from: 0,
        }
    }

    /// Another place is shown from now on.
    pub fn enter(&mut self, desk: &Desk) {
        let (countdown, has_prompts) = (self.countdown.take(), self.has_prompts);
        *self = Shown {
            countdown,
            has_prompts,
            ..Shown::of(desk)
        };
    }

    /// Looks at the files again.
    pub fn look(&mut self, desk: &Desk) {
        self.gaps = desk.gaps();
        if let Some(difference) = &mut self.difference {
            *difference = desk.difference();
        }
    }

    /// Whether the files are those of the stage.
    pub fn is_as_in_the_stage(&self) -> bool {
        self.gaps.iter().all(|(_, gap)| gap.is_closed())
    }

    /// Shows the difference to the stage.
    pub fn show_difference(&mut self, desk: &Desk) {
        self.look(desk);
        self.difference = Some(desk.difference());
        self.from = 0;
    }

    /// Shows the stage, from its beginning.
    pub fn show_stage(&mut self) {
        self.difference = None;
        self.from = 0;
        if matches!(self.checked, Checked::Done(_)) {
            self.checked = Checked::Not;
        }
    }

    /// Goes on, or back, by so many screens; whether there was anything more.
    pub fn scroll(
        &mut self,
        pages: i32,
        desk: &Desk,
        clock: &Clock,
        server: &Server,
        size: (usize, usize),
    ) -> bool {
        let rows = self.rows(desk, clock, server, size);
        let page = rows.room.saturating_sub(2).max(1);
        let from = self.from.min(rows.last_from());
        self.from = match pages < 0 {
            true => from.saturating_sub(page),
            false => (from + page).min(rows.last_from()),
        };
        self.from != from
    }

    /// The whole screen, for so many columns and rows.
    pub fn text(
        &self,
        desk: &Desk,
        clock: &Clock,
        server: &Server,
        size: (usize, usize),
    ) -> String {
        let rows = self.rows(desk, clock, server, size);
        let from = self.from.min(rows.last_from());
        let mut middle: Vec<String> = rows.middle[from..].to_vec();
        if middle.len() > rows.room {
            let left = middle.len() - (rows.room - 1);
            middle.truncate(rows.room - 1);
            let more = format!("  ↓ {left} lines more: the arrow down, or the space bar");
            // What is cut off may have begun with a colour or in bold.
            middle.push(format!("{PLAIN}{}", more.dimmed()));
        }
        // What is below stays in its place.
        middle.resize(rows.room, String::new());
        let lines = [rows.top, middle, rows.bottom].concat();
        lines.join("\n") + "\n"
    }

    fn rows(
        &self,
        desk: &Desk,
        clock: &Clock,
        server: &Server,
        (columns, height): (usize, usize),
    ) -> Rows {
        let top = in_rows(&title(desk), columns);
        let rule = "─".repeat(columns.min(show::width()));
        let always = [
            in_rows(&self.time(desk, clock), columns),
            in_rows(&keys(server), columns),
        ]
        .concat();
        // One row is the rule's, and the last one the cursor's.
        let below = height.saturating_sub(2 + top.len() + always.len());
        let mut left = below.saturating_sub(LEAST);
        // In the order of what matters most; on the screen they stand the other way round.
        let notice = taken(
            self.notice.as_deref().unwrap_or_default(),
            columns,
            &mut left,
        );
        let files = taken(&self.files(), columns, &mut left);
        let program = taken(&program(server), columns, &mut left);
        let room = below - (notice.len() + files.len() + program.len());
        let middle = self.middle(desk, columns, room);
        // What the program prints may be what the class is to see: it has rows of its own, and those that are free.
        let free = room.saturating_sub(middle.len());
        let printed = last_rows(&printed(server), columns, left.min(free.max(PRINTED)));
        // What is worth a look, but not worth a row of the stage.
        left = free.saturating_sub(printed.len()).min(left - printed.len());
        let places = taken(&self.places(), columns, &mut left);
        let room = room - printed.len() - places.len();
        let said = [files, places, program, printed, notice].concat();
        Rows {
            top,
            middle,
            bottom: [vec![rule.dimmed().to_string()], said, always].concat(),
            room: room.max(2),
        }
    }

    /// What stands in the middle, in rows: all of it where there is room for it, or else the prompts by their first rows.
    fn middle(&self, desk: &Desk, columns: usize, room: usize) -> Vec<String> {
        if let Some(changes) = &self.difference {
            return in_rows(&difference(changes, columns), columns);
        }
        let whole = in_rows(&self.stage(desk, columns, true), columns);
        match whole.len() <= room || self.has_prompts {
            true => whole,
            false => in_rows(&self.stage(desk, columns, false), columns),
        }
    }

    /// What the class may see of the stage now, and what to say of it.
    fn stage(&self, desk: &Desk, columns: usize, is_whole: bool) -> String {
        let (shown, place) = (desk.stage(), desk.place());
        let prompts = shown.prompts_in(place.phase);
        let (prompts, between) = match is_whole {
            true => (stage::prompts(&prompts), "\n\n"),
            false => (stage::first_rows(&prompts), "\n"),
        };
        let mut parts = match place.phase {
            Phase::Question => vec![prompts, "The code as it is now:".bold().to_string()],
            _ => vec![stage::title(shown), prompts],
        };
        parts.push(stage::changes(&desk.walk.code_at(place), columns));
        if place.phase >= Phase::Run {
            parts.push(stage::see(shown));
        }
        match &self.checked {
            Checked::Not if place.phase == Phase::Verdict => {
                parts.push(stage::verdict(&shown.announced));
            }
            Checked::Not => {}
            Checked::UnderWay => parts.insert(0, "Checking …".into()),
            Checked::Done(report) => {
                parts.insert(0, check::compared(&shown.announced, report) + "\n");
            }
        }
        parts.join(between)
    }

    /// How far the files are from the stage.
    fn files(&self) -> String {
        let file = |(name, gap): &(String, Gap)| format!("{name}: {}", gap.words());
        wrapped("", &together(self.gaps.iter().map(file), " · "))
    }

    /// The first lines that are to go, or too many.
    fn places(&self) -> String {
        let sign = |sign: char| move |place: &GapLine| format!("  {sign} {}", place.text.trim());
        let of = |(_, gap): &(String, Gap)| {
            let missing = gap.missing.iter().map(sign('+'));
            missing
                .chain(gap.more.iter().map(sign('-')))
                .collect::<Vec<_>>()
        };
        let all: Vec<String> = self.gaps.iter().flat_map(of).collect();
        let first = all.iter().take(PLACES);
        let first = first.map(|line| show::cut(line, show::width()));
        first.collect::<Vec<_>>().join("\n")
    }

    /// The clock, and what the class has left.
    fn time(&self, desk: &Desk, clock: &Clock) -> String {
        let (walk, shown) = (&desk.walk, desk.stage());
        let minutes = |minutes: u32| Duration::from_secs(u64::from(minutes) * 60);
        let (in_stage, planned) = (clock.in_stage(), minutes(shown.minutes));
        let of_stage = walk::of_planned(in_stage, planned, in_stage.checked_sub(planned));
        let over = clock.over(walk, shown);
        let of_all = walk::of_planned(clock.elapsed(), minutes(walk.minutes()), over);
        let clock = together(
            [
                format!("this stage {of_stage}"),
                format!("all so far {of_all}{}", standing(clock)),
            ],
            " · ",
        );
        let clock = wrapped("", &clock);
        match &self.countdown {
            Some(countdown) => format!("{}\n{clock}", countdown.text()),
            None => clock,
        }
    }
}

/// Why the clock stands still, if it does.
fn standing(clock: &Clock) -> &'static str {
    match (clock.has_started(), clock.is_paused(), clock.runs()) {
        (false, ..) => ", from n on",
        (true, true, _) => ", paused",
        (true, false, false) => ", builds left out",
        (true, false, true) => "",
    }
}

fn title(desk: &Desk) -> String {
    let (step, place, all) = (desk.walk.step, desk.place(), desk.walk.stages.len());
    let parts = desk.stage().pages.len();
    let part = match place.phase {
        Phase::Change if parts > 1 => format!(" {} of {parts}", place.part + 1),
        _ => String::new(),
    };
    let of = format!("stage {} of {all}", place.stage).bold().to_string();
    let name = step.name();
    let title = format!(
        "{}  {}  {of}, {}{part}",
        name.bold(),
        step.title,
        place.phase.words()
    );
    format!("{}\n\n", wrapped("", &title))
}

fn difference(changes: &[walk::Change], columns: usize) -> String {
    if changes.is_empty() {
        return "Your files are as in the stage, maybe except for comments.\n\nEsc shows the stage."
            .into();
    }
    let changes = changes.iter().map(|it| stage::change(it, columns));
    format!(
        "{}\n\n{}",
        wrapped(
            "",
            "From your files (-) to those of the stage (+); Esc shows the stage."
        ),
        changes.collect::<Vec<_>>().join("\n\n")
    )
}

/// The program that runs, and why it does not.
fn program(server: &Server) -> String {
    let mut text = server.status().unwrap_or_default();
    if server.is_renewed() {
        text += " A newer one is being built …";
    }
    if let Some(refusal) = server.refusal() {
        text += &format!("\nWhat was saved last does not compile:\n{refusal}");
    }
    text.trim_start().to_owned()
}

/// What it has printed last, but for the address, which [`program`] says.
fn printed(server: &Server) -> String {
    let said = server.last_lines();
    let lines = said.lines().filter(|line| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with("listening on http://")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The line of keys.
fn keys(server: &Server) -> String {
    let mut keys = vec![("n", "next"), ("b", "back"), ("a", "apply"), ("c", "check")];
    match server.is_on() {
        true => keys.extend([("r", "restart"), ("x", "end")]),
        false => keys.push(("r", "run")),
    }
    keys.extend([
        ("e", "all at once"),
        ("g", "go to"),
        ("t", "time"),
        ("k", "clock"),
        ("p", "prompts"),
        ("d", "diff"),
        ("q", "quit"),
    ]);
    show::keys(&keys)
}

/// A text as the rows of a screen. Sentences are wrapped; of what is wider all the same, a path say, the rest goes below.
fn in_rows(text: &str, columns: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for line in text.lines() {
        if terminal::height(line, columns) <= 1 {
            rows.push(line.to_owned());
            continue;
        }
        let wrapped = match line.starts_with(' ') {
            true => line.to_owned(),
            false => wrapped("", line),
        };
        rows.extend(wrapped.lines().flat_map(|line| broken(line, columns)));
    }
    rows
}

/// The first rows of a text, as many as there are left.
fn taken(text: &str, columns: usize, left: &mut usize) -> Vec<String> {
    let mut rows = in_rows(text, columns);
    rows.truncate(*left);
    *left -= rows.len();
    rows
}

/// The last rows of a text, at most so many.
fn last_rows(text: &str, columns: usize, most: usize) -> Vec<String> {
    let mut rows = in_rows(text, columns);
    rows.split_off(rows.len().saturating_sub(most))
}

/// A line that is too wide, in pieces that are not, without its colours.
fn broken(line: &str, columns: usize) -> Vec<String> {
    if terminal::height(line, columns) <= 1 {
        return vec![line.to_owned()];
    }
    let plain = anstream::adapter::strip_str(line).to_string();
    let letters: Vec<char> = plain.chars().collect();
    let pieces = letters.chunks(columns.max(1));
    pieces.map(|piece| piece.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wider_than_the_screen_goes_below() {
        let path = format!("    {}", "x".repeat(100));
        let rows = in_rows(&path, 60);
        assert_eq!(rows.iter().map(String::len).collect::<Vec<_>>(), [60, 44]);
        assert_eq!(rows.concat(), path);
    }
}
