//! What a page may ask for. It names learners by their numbers, and a step and a stage; no path and no command comes from it.

use room::{LONGEST_ANSWER, plain};
use serde_json::Value;

/// So many learners can be meant at once.
const MOST: usize = 4096;

/// What somebody at a page asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// To see the board.
    Board,
    /// To see the rows, with this token.
    Instructor(String),
    /// A line for these learners.
    Answer(Vec<u64>, String),
    /// Their hands go down.
    Lower(Vec<u64>),
    /// The files of a stage are offered to them.
    Offer(Vec<u64>, u32, u32),
    /// What this learner sent with the hand.
    Report(u64),
    /// The marks, as a file of this kind.
    Export(Kind),
}

/// The kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// A table.
    Csv,
    /// For a program.
    Json,
}

impl Ask {
    /// Reads `["answer",[1,2],"Look at line 47."]`; `None` where it is anything else.
    pub fn parse(text: &str) -> Option<Ask> {
        let event: Value = serde_json::from_str(text).ok()?;
        let small = |value: &Value| u32::try_from(value.as_u64()?).ok().filter(|it| *it < 100);
        match event.as_array()?.as_slice() {
            [name, page] if name == "enter" && page == "board" => Some(Ask::Board),
            [name, page, token] if name == "enter" && page == "instructor" => {
                let token = token.as_str().filter(|it| it.len() <= 64)?;
                Some(Ask::Instructor(token.into()))
            }
            [name, who, text] if name == "answer" => {
                let text = plain(text.as_str()?.trim());
                let is_one = (1..=LONGEST_ANSWER).contains(&text.chars().count());
                is_one.then_some(Ask::Answer(ids(who)?, text))
            }
            [name, who] if name == "lower" => Some(Ask::Lower(ids(who)?)),
            [name, who, step, stage] if name == "offer" => {
                Some(Ask::Offer(ids(who)?, small(step)?, small(stage)?))
            }
            [name, id] if name == "report" => Some(Ask::Report(id.as_u64()?)),
            [name, kind] if name == "export" => match kind.as_str()? {
                "csv" => Some(Ask::Export(Kind::Csv)),
                "json" => Some(Ask::Export(Kind::Json)),
                _ => None,
            },
            _ => None,
        }
    }
}

fn ids(value: &Value) -> Option<Vec<u64>> {
    let ids = value.as_array().filter(|ids| ids.len() <= MOST)?;
    ids.iter().map(Value::as_u64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_in_the_list_is_nothing() {
        let lower = Ask::parse(r#"["lower",[1,2]]"#);
        assert_eq!(lower, Some(Ask::Lower(vec![1, 2])));
        for odd in [
            "",
            "lower",
            r#"{"lower":1}"#,
            r#"["lower"]"#,
            r#"["lower",1]"#,
            r#"["lower",[-1]]"#,
            r#"["lower",["1"]]"#,
            r#"["lower",[1],2]"#,
            r#"["answer",[1],""]"#,
            r#"["answer",[1]]"#,
            r#"["offer",[1],10]"#,
            r#"["offer",[1],10,100]"#,
            r#"["export","exe"]"#,
            r#"["enter","instructor"]"#,
            r#"["report","../1"]"#,
        ] {
            assert_eq!(Ask::parse(odd), None, "{odd}");
        }
        let long = format!(r#"["answer",[1],"{}"]"#, "a".repeat(LONGEST_ANSWER + 1));
        assert_eq!(Ask::parse(&long), None);
    }
}
