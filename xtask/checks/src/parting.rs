//! Where two frames part that look alike: what was due, and what came.

use std::iter;

use serde_json::{Value, json};
use wire::transcript::{Frame, Kind};

/// So much is shown of what is the same before and after, and of the part that differs, in letters.
const BEFORE: usize = 18;
const PART: usize = 16;
const AFTER: usize = 10;
/// Shorter ones are told apart at a glance, where nothing in them is invisible.
const LONG: usize = 24;

/// The place where two frames part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parting {
    /// How much is the same before it, in words.
    pub after: String,
    /// There, in the frame that was due.
    pub expected: Excerpt,
    /// There, in the one that came.
    pub came: Excerpt,
}

/// A part of a frame, with what is around it. What cannot be seen is an escape, and a blank in the part a sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// What is the same, before it.
    pub before: String,
    /// What differs; nothing, where the other frame has something more.
    pub part: String,
    /// What is the same again, after it.
    pub after: String,
}

impl Parting {
    /// Where these two part; nothing, where it is seen at once.
    pub fn of(expected: &Frame, came: &Frame) -> Option<Parting> {
        match (expected.kind, came.kind) {
            (Kind::Text, Kind::Text) => {
                // As JSON, where both are: how it is laid out, and in what order its names stand, is no difference.
                let parsed = |frame: &Frame| serde_json::from_str::<Value>(&frame.text).ok();
                let [expected, came] = match (parsed(expected), parsed(came)) {
                    (Some(expected), Some(came)) if expected != came => {
                        [expected.to_string(), came.to_string()]
                    }
                    _ => [expected.text.clone(), came.text.clone()],
                };
                let units = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
                parting(&units(&expected), &units(&came), "character")
            }
            (Kind::Binary, Kind::Binary) => {
                let units = |frame: &Frame| {
                    let bytes = frame.bytes.iter();
                    bytes.map(|byte| format!("{byte:02x} ")).collect::<Vec<_>>()
                };
                parting(&units(expected), &units(came), "byte")
            }
            _ => None,
        }
    }

    /// As in `--json`.
    pub fn json(&self) -> Value {
        let excerpt = |it: &Excerpt| json!([it.before, it.part, it.after]);
        json!({
            "after": self.after,
            "expected": excerpt(&self.expected),
            "came": excerpt(&self.came),
        })
    }
}

fn parting(expected: &[String], came: &[String], unit: &str) -> Option<Parting> {
    let same = |one: &mut dyn Iterator<Item = &String>,
                other: &mut dyn Iterator<Item = &String>| {
        iter::zip(one, other)
            .take_while(|(one, other)| one == other)
            .count()
    };
    let start = same(&mut expected.iter(), &mut came.iter());
    let rests = [&expected[start..], &came[start..]];
    let end = same(&mut rests[0].iter().rev(), &mut rests[1].iter().rev());
    let parts = rests.map(|rest| &rest[..rest.len() - end]);
    if parts[0] == parts[1] {
        return None;
    }
    let longer = expected.len().max(came.len());
    let is_long = longer > LONG && 3 * (start + end) >= 2 * longer;
    let is_hidden = parts
        .iter()
        .all(|part| part.len() <= PART && part.iter().all(is_seen_ill));
    if !(is_long || is_hidden) {
        return None;
    }
    let excerpts = [expected, came].map(|whole| excerpt(whole, start, whole.len() - end));
    let [expected, came] = excerpts;
    Some(Parting {
        after: match start {
            1 => format!("1 {unit}"),
            start => format!("{start} {unit}s"),
        },
        expected,
        came,
    })
}

/// The part from `start` to `end`, and what is around it.
fn excerpt(whole: &[String], start: usize, end: usize) -> Excerpt {
    let from = start.saturating_sub(BEFORE);
    let to = whole.len().min(end + AFTER);
    let text = |units: &[String]| units.iter().map(|unit| visible(unit)).collect::<String>();
    let cut = |at: bool| if at { "…" } else { "" };
    let part = &whole[start..end];
    let shown = part.iter().take(PART).map(|unit| match unit.as_str() {
        " " => "␣".into(),
        unit => visible(unit),
    });
    let shown: String = shown.collect();
    Excerpt {
        before: format!("{}{}", cut(from > 0), text(&whole[from..start])),
        part: format!("{shown}{}", cut(part.len() > PART)),
        after: match part.len() > PART {
            true => String::new(),
            false => format!("{}{}", text(&whole[end..to]), cut(to < whole.len())),
        },
    }
}

/// Whether a letter does not show, or looks like another one.
fn is_seen_ill(unit: &String) -> bool {
    unit == " " || visible(unit) != *unit || !unit.is_ascii()
}

/// A letter as it is, or as an escape where nobody would see it.
fn visible(unit: &str) -> String {
    let is_seen = |letter: char| {
        let is_mark = matches!(letter, '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}');
        letter == ' ' || !(letter.is_control() || letter.is_whitespace() || is_mark)
    };
    let escape = |letter: char| match letter.is_ascii() {
        true => letter.escape_default().to_string(),
        false => letter.escape_unicode().to_string(),
    };
    unit.chars()
        .map(|letter| match is_seen(letter) {
            true => letter.to_string(),
            false => escape(letter),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place as a line each: what differs stands in braces.
    fn of(expected: &str, came: &str) -> Option<(String, [String; 2])> {
        let parting = Parting::of(&expected.into(), &came.into())?;
        let line = |it: &Excerpt| format!("{}{{{}}}{}", it.before, it.part, it.after);
        Some((
            parting.after.clone(),
            [line(&parting.expected), line(&parting.came)],
        ))
    }

    #[test]
    fn what_is_short_is_seen_at_once() {
        assert_eq!(of(r#"["online",2]"#, r#"["online",1]"#), None);
        assert_eq!(of("the same", "the same"), None);
        let (one, other) = ("a".repeat(40), "b".repeat(40));
        assert_eq!(of(&one, &other), None);
    }

    #[test]
    fn far_inside_of_a_long_text() {
        let (before, after) = ("and so on ".repeat(400), " and on".repeat(300));
        let (at, [expected, came]) = of(
            &format!("{before}right{after}"),
            &format!("{before}wrong{after}"),
        )
        .unwrap();
        assert_eq!(at, "4000 characters");
        assert_eq!(expected, "…d so on and so on {right} and on an…");
        assert_eq!(came, expected.replace("right", "wrong"));
    }

    #[test]
    fn a_number_in_json() {
        let (at, lines) = of(
            r#"["spy", {"y": 9144.125, "x": 3310}]"#,
            r#"["spy",{"x":3310,"y":9144.0}]"#,
        )
        .unwrap();
        assert_eq!(at, "26 characters");
        assert_eq!(lines[0], r#"…"x":3310,"y":9144.{125}}]"#);
        assert_eq!(lines[1], r#"…"x":3310,"y":9144.{0}}]"#);
    }

    #[test]
    fn what_cannot_be_seen() {
        let [expected, came] = of("hello", "hello \n").unwrap().1;
        assert_eq!(
            (expected.as_str(), came.as_str()),
            ("hello{}", r"hello{␣\n}")
        );
        let [_, came] = of("a b", "a\u{a0}b").unwrap().1;
        assert_eq!(came, r"a{\u{a0}}b");
        let [_, came] = of("hello", "hel\u{200b}lo").unwrap().1;
        assert_eq!(came, r"hel{\u{200b}}lo");
    }

    #[test]
    fn bytes_are_numbers() {
        use tokio_tungstenite::tungstenite::Message;
        let frame = |byte: u8| Frame::of(&Message::binary([vec![7; 100], vec![byte]].concat()));
        let parting = Parting::of(&frame(255), &frame(63)).unwrap();
        assert_eq!(parting.after, "100 bytes");
        assert_eq!(
            (parting.expected.part.as_str(), parting.came.part.as_str()),
            ("ff ", "3f ")
        );
    }
}
