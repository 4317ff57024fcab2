//! What to say and to do in a stage, and which of it the class is asked.

/// Something to say or to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What kind of prompt it is.
    pub kind: PromptKind,
    /// The time that the class has for it, in minutes.
    pub minutes: Option<u32>,
    /// The words.
    pub text: String,
}

/// What to do with a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptKind {
    /// Say it.
    Note,
    /// Ask the class before anything changes, and wait.
    Ask,
    /// Ask the class when it runs and they have seen it.
    AskLater,
    /// Show it.
    Demo,
    /// Take care of it yourself.
    WatchOut,
}

impl PromptKind {
    /// All of them.
    pub const ALL: [PromptKind; 5] = [
        PromptKind::Note,
        PromptKind::Ask,
        PromptKind::AskLater,
        PromptKind::Demo,
        PromptKind::WatchOut,
    ];

    /// The word, as in the file and on the screen.
    pub fn word(self) -> &'static str {
        match self {
            PromptKind::Note => "Note",
            PromptKind::Ask => "Ask",
            PromptKind::AskLater => "Ask once it runs",
            PromptKind::Demo => "Demo",
            PromptKind::WatchOut => "Watch out",
        }
    }
}

impl Prompt {
    /// The question itself, for the wall: what follows the last question mark is for the instructor, and may be the answer.
    pub fn question(&self) -> &str {
        match self.text.rfind('?') {
            Some(end) => &self.text[..=end],
            None => &self.text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_without_its_answer() {
        let prompt = |text: &str| Prompt {
            kind: PromptKind::Ask,
            minutes: None,
            text: text.into(),
        };
        let asked = prompt("It is late. Why? Who waits? Nobody: there is no list.");
        assert_eq!(asked.question(), "It is late. Why? Who waits?");
        assert_eq!(prompt("Name all three.").question(), "Name all three.");
    }
}
