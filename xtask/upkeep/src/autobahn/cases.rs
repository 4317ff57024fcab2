//! What came of each case, and what a group of them asks.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

/// A group of cases.
pub struct Group {
    /// The first number of its cases.
    pub number: u32,
    /// How many cases it has. Fewer than that were not played, and so have not passed.
    pub cases: usize,
    /// What they are about.
    pub name: &'static str,
    /// What it means that one of them fails.
    meaning: &'static str,
}

const fn group(number: u32, cases: usize, name: &'static str, meaning: &'static str) -> Group {
    Group {
        number,
        cases,
        name,
        meaning,
    }
}

/// The groups that are played.
pub const GROUPS: &[Group] = &[
    group(
        1,
        16,
        "whole messages",
        "a message of up to 64 KiB, text or binary, does not come back unchanged",
    ),
    group(
        2,
        11,
        "pings and pongs",
        "a ping is not answered with its own payload, or a pong that nobody asked for does harm",
    ),
    group(
        3,
        7,
        "reserved bits",
        "a frame with an unknown reserved bit does not end the connection",
    ),
    group(
        4,
        10,
        "reserved kinds of frames",
        "a frame of a kind that does not exist does not end the connection",
    ),
    group(
        5,
        20,
        "messages in several frames",
        "a message that comes in parts, with pings in between, is not joined correctly",
    ),
    group(
        6,
        145,
        "UTF-8",
        "a text in UTF-8 is refused, or a text that is not UTF-8 is accepted",
    ),
    group(
        7,
        37,
        "the end of a connection",
        "a close frame is not answered with a close frame, or a wrong close frame is accepted",
    ),
    group(
        10,
        1,
        "64 KiB in 51 frames",
        "a message of the promised maximum length does not come back if it comes in small parts",
    ),
];

/// How many cases there are to play.
pub fn all() -> usize {
    GROUPS.iter().map(|group| group.cases).sum()
}

/// What came of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its numbers, for example 6, 4 and 1.
    numbers: Vec<u32>,
    /// The verdicts on what was said, and on how the connection ended.
    verdicts: [String; 2],
    /// The file that tells more.
    file: PathBuf,
}

impl Case {
    fn read(name: &str, json: &Value, folder: &Path) -> Option<Case> {
        let numbers = name.split('.').map(|number| number.parse().ok());
        let text = |key: &str| Some(json[key].as_str()?.to_owned());
        Some(Case {
            numbers: numbers.collect::<Option<_>>()?,
            verdicts: [text("behavior")?, text("behaviorClose")?],
            file: folder.join(text("reportfile")?),
        })
    }

    /// What it is called: 6.4.1.
    pub fn name(&self) -> String {
        let numbers: Vec<String> = self.numbers.iter().map(u32::to_string).collect();
        numbers.join(".")
    }

    fn is_of(&self, group: &Group) -> bool {
        self.numbers.first() == Some(&group.number)
    }

    /// The protocol says "should" in some places, and leaves others open.
    fn has_passed(&self) -> bool {
        let is_fine =
            |verdict: &String| ["OK", "NON-STRICT", "INFORMATIONAL"].contains(&&**verdict);
        self.verdicts.iter().all(is_fine)
    }

    /// What was done, what should have come of it, what did, and what that means, each with its name.
    pub fn details(&self) -> Vec<(&'static str, String)> {
        let report = std::fs::read_to_string(&self.file).unwrap_or_default();
        let report: Value = serde_json::from_str(&report).unwrap_or_default();
        let text = |key: &str| plain(report[key].as_str().unwrap_or_default());
        let group = GROUPS.iter().find(|group| self.is_of(group));
        let mut details = vec![
            ("done", text("description")),
            ("expected", text("expectation")),
        ];
        let results = ["result", "resultClose"].into_iter().zip(&self.verdicts);
        for (key, verdict) in results.filter(|(_, verdict)| *verdict != "OK") {
            details.push((
                "came",
                format!("{} ({verdict})", text(key)).trim().to_owned(),
            ));
        }
        details.extend(group.map(|group| ("meaning", group.meaning.to_owned())));
        details.retain(|(_, text)| !text.is_empty());
        details
    }
}

/// A text of the suite, which writes for a browser, in one line and without its tags.
fn plain(html: &str) -> String {
    let mut rest = html;
    let mut text = String::new();
    while let Some((before, behind)) = rest.split_once('<') {
        text += before;
        // A tag is a break in most places, and two blanks are one below.
        text.push(' ');
        rest = behind.split_once('>').map_or("", |(_, rest)| rest);
    }
    text += rest;
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// What came of all cases, in their order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Results(Vec<Case>);

impl Results {
    /// Reads the report in this folder.
    ///
    /// # Errors
    /// When there is none.
    pub fn read(folder: &Path) -> Result<Results> {
        let index = std::fs::read_to_string(folder.join("index.json"))?;
        let index: Value = serde_json::from_str(&index)?;
        // The server's name, and what came of its cases.
        let servers = index.as_object().context("the report is not an object")?;
        let cases = servers.values().filter_map(Value::as_object).flatten();
        let mut cases: Vec<Case> = cases
            .filter_map(|(name, case)| Case::read(name, case, folder))
            .collect();
        cases.sort_by(|a, b| a.numbers.cmp(&b.numbers));
        Ok(Results(cases))
    }

    /// Puts what came of a case at another time in place of what came of it before.
    pub fn replace(&mut self, other: Results) {
        for newer in other.0 {
            let same = self.0.iter_mut().find(|it| it.numbers == newer.numbers);
            if let Some(case) = same {
                *case = newer;
            }
        }
    }

    /// The cases that were played and did not pass.
    pub fn failed(&self) -> Vec<&Case> {
        self.0.iter().filter(|case| !case.has_passed()).collect()
    }

    /// The cases of a group that were played and did not pass.
    pub fn failed_of(&self, group: &Group) -> Vec<&Case> {
        let failed = self.failed().into_iter();
        failed.filter(|case| case.is_of(group)).collect()
    }

    /// How many of a group passed.
    pub fn passed_of(&self, group: &Group) -> usize {
        let passed = self.0.iter().filter(|case| case.is_of(group));
        passed.filter(|case| case.has_passed()).count()
    }

    /// How many passed.
    pub fn passed(&self) -> usize {
        GROUPS.iter().map(|group| self.passed_of(group)).sum()
    }

    /// Whether each case of each group was played, and passed.
    pub fn are_all_passed(&self) -> bool {
        let has_passed = |group: &Group| self.passed_of(group) == group.cases;
        GROUPS.iter().all(has_passed)
    }

    /// What there is to say of those of a group that passed.
    pub fn remarks_on(&self, group: &Group) -> String {
        let count = |verdict: &str| {
            let of_group = self.0.iter().filter(|case| case.is_of(group));
            let passed = of_group.filter(|case| case.has_passed());
            passed.filter(|it| it.verdicts[0] == verdict).count()
        };
        let played = self.0.iter().filter(|case| case.is_of(group)).count();
        let remarks = [
            (count("NON-STRICT"), "later than it should be"),
            (count("INFORMATIONAL"), "where both is right"),
            (group.cases.saturating_sub(played), "not played"),
        ];
        let remarks = remarks.into_iter().filter(|(count, _)| *count > 0);
        let remarks: Vec<String> = remarks.map(|(count, it)| format!("{count} {it}")).collect();
        remarks.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn results(cases: &[(&str, &str, &str)]) -> Results {
        let folder = tempfile::tempdir().unwrap();
        let case = |(name, behavior, close): &(&str, &str, &str)| {
            let case = json!({"behavior": behavior, "behaviorClose": close, "reportfile": "x"});
            (name.to_string(), case)
        };
        let cases: serde_json::Map<String, Value> = cases.iter().map(case).collect();
        let index = json!({ "127.0.0.1:1": cases }).to_string();
        std::fs::write(folder.path().join("index.json"), index).unwrap();
        Results::read(folder.path()).unwrap()
    }

    fn group(number: u32) -> &'static Group {
        GROUPS.iter().find(|it| it.number == number).unwrap()
    }

    #[test]
    fn a_case_passes_in_both_or_not_at_all() {
        let results = results(&[
            ("10.1.1", "OK", "OK"),
            ("2.1", "OK", "UNCLEAN"),
            ("2.10", "ERROR", "OK"),
            ("2.9", "OK", "OK"),
            ("7.1.6", "INFORMATIONAL", "INFORMATIONAL"),
        ]);
        let failed: Vec<String> = results.failed().iter().map(|it| it.name()).collect();
        assert_eq!(failed, ["2.1", "2.10"]);
        assert_eq!(results.passed_of(group(2)), 1);
        assert_eq!(results.passed(), 3);
        assert_eq!(
            results.remarks_on(group(7)),
            "1 where both is right, 36 not played"
        );
    }

    #[test]
    fn what_was_not_played_has_not_passed() {
        assert!(!results(&[("10.1.1", "OK", "OK")]).are_all_passed());
        let names = GROUPS
            .iter()
            .flat_map(|group| (0..group.cases).map(|case| format!("{}.{case}", group.number)));
        let names: Vec<String> = names.collect();
        let cases: Vec<_> = names.iter().map(|it| (it.as_str(), "OK", "OK")).collect();
        assert!(results(&cases).are_all_passed());
    }

    #[test]
    fn a_second_chance_takes_the_place_of_the_first() {
        let mut first = results(&[("2.1", "OK", "UNCLEAN"), ("2.2", "OK", "OK")]);
        first.replace(results(&[("2.1", "OK", "OK")]));
        assert!(first.failed().is_empty());
        assert_eq!(first.passed(), 2);
    }

    #[test]
    fn what_was_written_for_a_browser_is_read_at_a_terminal() {
        let html = "Send <b>text</b>\n<br/><br/>MESSAGE:<br/>a";
        assert_eq!(plain(html), "Send text MESSAGE: a");
    }
}
