//! Reads `walkthrough.md`.

use anyhow::{Context, Result, bail};

use super::{Announced, Fails, Prompt, PromptKind};

/// One stage, as it is written down.
#[derive(Debug)]
pub struct Entry {
    /// The marks that come with it, or one word of its own.
    pub names: Vec<String>,
    /// Which of the names, counted from 0, begin another part of the change.
    pub begins_part: Vec<usize>,
    /// The planned minutes.
    pub minutes: u32,
    /// A title in place of the first mark's sentence.
    pub title: Option<String>,
    /// What to say and do.
    pub prompts: Vec<Prompt>,
    /// What the class is to see.
    pub see: String,
    /// What `check` is to say.
    pub announced: Announced,
}

/// What is said of the whole lesson: all between the title and the first stage, each paragraph in one line.
pub fn preface(text: &str) -> String {
    let text = format!("\n{}", text.replace('\r', ""));
    let before = text.split("\n## ").next().unwrap_or_default();
    let said = paragraphs(before).filter(|it| !it.starts_with("# "));
    said.collect::<Vec<_>>().join("\n")
}

/// The stages of a file's text, from the first heading of the second degree on.
///
/// # Errors
/// A heading or a paragraph that means nothing, or a stage that lacks something.
pub fn entries(text: &str) -> Result<Vec<Entry>> {
    let text = format!("\n{}", text.replace('\r', ""));
    text.split("\n## ").skip(1).map(entry).collect()
}

fn entry(text: &str) -> Result<Entry> {
    let (heading, body) = text.split_once('\n').unwrap_or((text, ""));
    let (parts, minutes, title) = parse_heading(heading)
        .with_context(|| format!("## {heading}: not `## mark (2 minutes)`"))?;
    let mut prompts = Vec::new();
    let mut see = None;
    let mut announced = None;
    for paragraph in paragraphs(body) {
        let (label, rest) = paragraph.split_once(':').unwrap_or((&paragraph, ""));
        let rest = rest.trim();
        match label {
            "See" => see = Some(rest.to_owned()),
            "Passes." => announced = Some(Announced::Passes),
            "Fails" => announced = Some(Announced::Fails(fails(rest)?)),
            label => prompts.push(
                prompt(label, rest)
                    .with_context(|| format!("## {heading}: what is `{paragraph}`?"))?,
            ),
        }
    }
    let missing = |what: &str| format!("## {heading} does not say {what}");
    if prompts.is_empty() {
        bail!(missing("what to say or do"));
    }
    let lengths = parts.iter().map(Vec::len);
    let ends = lengths.scan(0, |end, length| {
        *end += length;
        Some(*end)
    });
    Ok(Entry {
        begins_part: ends.collect(),
        names: parts.concat(),
        minutes,
        title,
        prompts,
        see: see.with_context(|| missing("what the class is to see: `See: …`"))?,
        announced: announced
            .with_context(|| missing("the verdict: `Passes.` or `Fails: check (diagnosis)`"))?,
    })
}

/// The paragraphs of a text, each as one line.
fn paragraphs(text: &str) -> impl Iterator<Item = String> {
    text.split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|paragraph| !paragraph.is_empty())
}

/// `send, listen / spy (2 minutes): A title.`, the names part by part.
fn parse_heading(heading: &str) -> Option<(Vec<Vec<String>>, u32, Option<String>)> {
    let (names_of_parts, rest) = heading.split_once(" (")?;
    let (minutes, rest) = rest.split_once(')')?;
    let title = match rest.strip_prefix(": ") {
        Some(title) => Some(title.trim().to_owned()),
        None if rest.trim().is_empty() => None,
        None => return None,
    };
    let names = |part: &str| {
        let names = part.split(", ").map(|name| name.trim().to_owned());
        names.collect()
    };
    let parts = names_of_parts.split(" / ").map(names);
    Some((parts.collect(), parse_minutes(minutes)?, title))
}

/// `2 minutes`
fn parse_minutes(text: &str) -> Option<u32> {
    let (number, unit) = text.split_once(' ')?;
    ["minute", "minutes"]
        .contains(&unit)
        .then(|| number.parse().ok())?
}

/// `Ask (2 minutes)` and what follows the colon.
fn prompt(label: &str, text: &str) -> Option<Prompt> {
    let (word, minutes) = match label.strip_suffix(')').and_then(|it| it.split_once(" (")) {
        Some((word, minutes)) => (word, Some(parse_minutes(minutes)?)),
        None => (label, None),
    };
    let kind = PromptKind::ALL
        .into_iter()
        .find(|kind| kind.word() == word)?;
    (!text.is_empty()).then(|| Prompt {
        kind,
        minutes,
        text: text.to_owned(),
    })
}

/// `one_check (its-diagnosis), another_check (its-diagnosis)`
fn fails(text: &str) -> Result<Vec<Fails>> {
    let one = |text: &str| {
        let (check, diagnosis) = text.trim().strip_suffix(')')?.split_once(" (")?;
        Some(Fails {
            check: check.to_owned(),
            diagnosis: diagnosis.to_owned(),
        })
    };
    text.split(',')
        .map(|text| one(text).with_context(|| format!("`{text}` is not `check (diagnosis)`")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAGE: &str = "# Words\n\n## send, listen (2 minutes): A title.\n\nAsk (1 minute): Who\nknows?\n\nSee: Nothing.\n\n";

    #[test]
    fn a_stage_is_read() {
        let text = format!("{STAGE}Fails: a_check (a-cause), another (cause)\n");
        let [entry] = &entries(&text).unwrap()[..] else {
            panic!("one stage");
        };
        assert_eq!(entry.names, ["send", "listen"]);
        assert_eq!(entry.title.as_deref(), Some("A title."));
        assert_eq!((entry.minutes, entry.prompts[0].minutes), (2, Some(1)));
        assert_eq!(entry.prompts[0].text, "Who knows?");
        let Announced::Fails(fails) = &entry.announced else {
            panic!("it fails");
        };
        assert_eq!(fails[1].check, "another");
    }

    #[test]
    fn a_change_may_come_in_parts() {
        let text = STAGE.replace("send, listen", "send, relay / listen / spy");
        let text = format!("{text}Passes.\n");
        let [entry] = &entries(&text).unwrap()[..] else {
            panic!("one stage");
        };
        assert_eq!(entry.names, ["send", "relay", "listen", "spy"]);
        // The last one is the end.
        assert_eq!(entry.begins_part, [2, 3, 4]);
    }

    #[test]
    fn a_preface_is_what_comes_before_the_stages() {
        let text = "# Words\n\nOf the\nwhole.\n\nAnd more.\n\n## send (1 minute)\n\nNote: This.\n";
        assert_eq!(preface(text), "Of the whole.\nAnd more.");
    }

    #[test]
    fn what_is_wrong_or_missing_is_named() {
        let error = |text: &str| format!("{:#}", entries(text).unwrap_err());
        assert!(error(STAGE).contains("verdict"));
        assert!(error(&format!("{STAGE}Passes.\n\nSing: a song")).contains("Sing"));
        assert!(error(&format!("{STAGE}Fails: a_check")).contains("`a_check`"));
        assert!(error("## send\n").contains("## send"));
    }
}
