//! What a view may ask for. Each names at most a stage or a time: no path and no command comes from a view.

use std::time::Duration;

use serde_json::Value;

/// What somebody at a view asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// One place further. The stage's files are written, built and run when it comes to that.
    Next,
    /// One place back; what was written for the stage is taken back.
    Back,
    /// The beginning of this stage, with the files that the class has before it then.
    Go(usize),
    /// The beginning of this stage, only shown.
    Show(usize),
    /// One place further, only shown.
    ShowNext,
    /// One place back, only shown.
    ShowBack,
    /// The stage that is shown: written, built, run.
    Apply,
    /// Each stage whole from now on, or phase by phase again.
    AtOnce,
    /// The files as they are: built and run.
    Run,
    /// The files as they are, against the verdict that the stage announces.
    Check,
    /// So much time for the class; none ends it.
    Countdown(Duration),
    /// The clock: paused, or going on.
    Pause,
    /// So much time was taken by this stage so far.
    Clock(Duration),
    /// Larger or smaller type on the projector.
    Size(Size),
    /// An empty list of frames.
    Clear,
}

/// Which way the type goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// One step larger.
    Larger,
    /// One step smaller.
    Smaller,
}

/// No time is longer than this.
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
        let time = || {
            let seconds = number("seconds").filter(|seconds| *seconds <= LONGEST);
            seconds.map(Duration::from_secs)
        };
        match (words.get("do")?.as_str()?, words.len()) {
            ("next", 1) => Some(Ask::Next),
            ("back", 1) => Some(Ask::Back),
            ("show-next", 1) => Some(Ask::ShowNext),
            ("show-back", 1) => Some(Ask::ShowBack),
            ("apply", 1) => Some(Ask::Apply),
            ("at-once", 1) => Some(Ask::AtOnce),
            ("run", 1) => Some(Ask::Run),
            ("check", 1) => Some(Ask::Check),
            ("pause", 1) => Some(Ask::Pause),
            ("larger", 1) => Some(Ask::Size(Size::Larger)),
            ("smaller", 1) => Some(Ask::Size(Size::Smaller)),
            ("clear", 1) => Some(Ask::Clear),
            ("go", _) => Some(Ask::Go(stage()?)),
            ("show", _) => Some(Ask::Show(stage()?)),
            ("countdown", _) => Some(Ask::Countdown(time()?)),
            ("clock", _) => Some(Ask::Clock(time()?)),
            _ => None,
        }
    }

    /// Whether a telephone in the room may ask for it: it drives the phases, and gives the class its time.
    pub fn is_for_a_phone(self) -> bool {
        matches!(self, Ask::Next | Ask::Back | Ask::Countdown(_))
    }

    /// Whether it is of the lesson itself, and has to wait for a build.
    pub fn moves(self) -> bool {
        matches!(
            self,
            Ask::Next | Ask::Back | Ask::Go(_) | Ask::Apply | Ask::AtOnce
        )
    }

    /// The word for one that waits.
    pub fn word(self) -> &'static str {
        match self {
            Ask::Back => "back",
            Ask::Go(_) | Ask::Show(_) => "go",
            Ask::Apply => "apply",
            _ => "next",
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
            r#"{"do":"clock"}"#,
            r#"{"do":"shell"}"#,
        ] {
            assert_eq!(Ask::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_phone_drives_phases_and_nothing_else() {
        let may = |text: &str| Ask::parse(text).is_some_and(Ask::is_for_a_phone);
        assert!(may(r#"{"do":"next"}"#) && may(r#"{"do":"countdown","seconds":60}"#));
        for word in [
            "apply", "run", "check", "clear", "at-once", "pause", "larger",
        ] {
            assert!(!may(&format!(r#"{{"do":"{word}"}}"#)), "{word}");
        }
        assert!(!may(r#"{"do":"go","stage":1}"#) && !may(r#"{"do":"show","stage":1}"#));
    }
}
