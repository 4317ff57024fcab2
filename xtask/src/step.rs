//! The steps, their names, and where their files are. Every path of the workshop is made here.

use std::path::{Path, PathBuf};

/// A step of the workshop. Its folder, its binary and the argument that names it are one word, `10-spy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What the learner types: 10.
    pub number: u32,
    /// The rest of the name: `spy`.
    pub word: &'static str,
    /// What the step is about, in a few words.
    pub title: &'static str,
}

/// Every step, in the order of the course.
pub const STEPS: &[Step] = &[Step {
    number: 10,
    word: "spy",
    title: "Every browser sees where the others' mouse is",
}];

impl Step {
    /// The step that `text` names: `10`, `10-spy` or `spy`.
    ///
    /// # Errors
    /// A sentence that says which steps there are.
    pub fn parse(text: &str) -> Result<Step, String> {
        let named = |step: &&Step| {
            let number = text.parse() == Ok(step.number);
            number || text == step.name() || text == step.word
        };
        STEPS.iter().find(named).copied().ok_or_else(|| {
            let names: Vec<String> = STEPS.iter().map(Step::name).collect();
            format!("there is no such step; there is {}", names.join(", "))
        })
    }

    /// The one word: `10-spy`.
    pub fn name(&self) -> String {
        format!("{:02}-{}", self.number, self.word)
    }

    /// The name of its page: `10.html`.
    pub fn page(&self) -> String {
        format!("{}.html", self.number)
    }

    /// The binary: `10-spy`, or `10-spy-solution`.
    pub fn binary(&self, whose: Whose) -> String {
        match whose {
            Whose::Learner => self.name(),
            Whose::Solution => format!("{}-solution", self.name()),
        }
    }

    /// The folder of its files, from the root: `exercises/10-spy`.
    pub fn folder(&self, whose: Whose) -> PathBuf {
        Path::new(whose.tree()).join(self.name())
    }
}

/// Which of the two programs of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The one that the learner writes, in `exercises/`.
    Learner,
    /// The finished one, in `solutions/`.
    Solution,
}

impl Whose {
    /// The folder of the root that holds these programs.
    pub fn tree(self) -> &'static str {
        match self {
            Whose::Learner => "exercises",
            Whose::Solution => "solutions",
        }
    }
}

/// The root of the workshop: where cargo says that this package's folder is now, or was when it was built.
pub fn root() -> PathBuf {
    let xtask =
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    PathBuf::from(xtask)
        .parent()
        .expect("the package lies in a folder of the workspace")
        .to_owned()
}
