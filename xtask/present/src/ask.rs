//! What a view may ask for. Each names at most a stage: no path and no command comes from a view.

use std::time::Duration;

use serde_json::Value;

/// What somebody at a view asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// The next stage: shown, written, built, run.
    Next,
    /// The stage before; what was written for this one is taken back.
    Back,
    /// This stage: shown, written, built, run.
    Go(usize),
    /// This stage, only shown.
    Show(usize),
    /// The stage that is shown: written, built, run.
    Apply,
    /// The files as they are: built and run.
    Run,
    /// The files as they are, against the verdict that the stage announces.
    Check,
    /// So much time for the class; none ends it.
    Countdown(Duration),
    /// An empty list of frames.
    Clear,
}

/// No class is given more time than this at once.
const LONGEST: u64 = 24 * 60 * 60;

impl Ask {
    /// Reads `{"do":"go","stage":3}`; `None` where it is anything else, with a word too many for example.
    pub fn parse(text: &str) -> Option<Ask> {
        let value: Value = serde_json::from_str(text).ok()?;
        let words = value.as_object()?;
        let number = |name: &str| match words.len() {
            2 => words.get(name)?.as_u64(),
            _ => None,
        };
        let stage = || usize::try_from(number("stage")?).ok();
        match (words.get("do")?.as_str()?, words.len()) {
            ("next", 1) => Some(Ask::Next),
            ("back", 1) => Some(Ask::Back),
            ("apply", 1) => Some(Ask::Apply),
            ("run", 1) => Some(Ask::Run),
            ("check", 1) => Some(Ask::Check),
            ("clear", 1) => Some(Ask::Clear),
            ("go", _) => Some(Ask::Go(stage()?)),
            ("show", _) => Some(Ask::Show(stage()?)),
            ("countdown", _) => {
                let seconds = number("seconds").filter(|seconds| *seconds <= LONGEST)?;
                Some(Ask::Countdown(Duration::from_secs(seconds)))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ask;

    #[test]
    fn what_is_not_in_the_list_is_nothing() {
        assert_eq!(Ask::parse(r#"{"do":"go","stage":3}"#), Some(Ask::Go(3)));
        for odd in [
            "",
            "next",
            r#"["next"]"#,
            r#"{"do":"next","stage":1}"#,
            r#"{"do":"go"}"#,
            r#"{"do":"go","stage":"../1"}"#,
            r#"{"do":"go","stage":-1}"#,
            r#"{"do":"go","stage":1,"file":"x"}"#,
            r#"{"do":"countdown","seconds":1e99}"#,
            r#"{"do":"countdown","seconds":86401}"#,
            r#"{"do":"shell"}"#,
        ] {
            assert_eq!(Ask::parse(odd), None, "{odd}");
        }
    }
}
