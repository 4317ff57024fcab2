//! The steps, their names, and where their files are. Every path of the workshop is made here.

use std::path::{Path, PathBuf};

use show::root;

use crate::sources;

/// A step of the workshop. Its folder, its binary and the argument that names it are one word, `10-spy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What the learner types: 10.
    pub number: u32,
    /// The rest of the name: `spy`.
    pub word: &'static str,
    /// What the step is called, in its README and on its page, too.
    pub title: &'static str,
    /// How long a person takes for it, in minutes: reading, writing, and a mistake or two.
    pub minutes: u32,
    /// What its server has and those before it have not. The servers after it have it as well.
    brings: &'static [Ability],
}

/// Something that a server has from a step on, and that the checks, the load and the attacks ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ability {
    /// It takes the upgrade to a WebSocket at `/ws`.
    Upgrade,
    /// What goes both ways are events, and `/socket.js` is served.
    Events,
    /// `/jquery.js` is served.
    Jquery,
    /// It relays where the mouse is. With that the ladder ends, and the encore begins with the next step.
    Moves,
    /// It lets in only as many as there are seats for, and only from its own pages. The operator chooses its limits.
    Seats,
    /// Each of its waits has an end, and each connection that it ends is told why.
    Patience,
    /// It has a limit for how fast a client may send.
    Pace,
    /// It takes the upgrade from warp, so a user who does nothing costs little.
    OwnUpgrade,
    /// A browser that falls behind hears the newest positions.
    Newest,
    /// One task writes the same bytes to everybody.
    Hub,
    /// There may be several of it, with a backplane between them. Its programs need the feature `farm`, for the client of NATS:
    /// a large dependency, for which nobody waits before that step.
    Backplane,
}

const fn step(
    number: u32,
    word: &'static str,
    minutes: u32,
    title: &'static str,
    brings: &'static [Ability],
) -> Step {
    Step {
        number,
        word,
        title,
        minutes,
        brings,
    }
}

/// Every step, in the order of the course: the ladder, then the encore.
pub const STEPS: &[Step] = &[
    step(1, "hello", 10, "A server that answers", &[]),
    step(2, "static", 10, "A page of your own", &[]),
    step(3, "routes", 20, "What is here, and what is not", &[]),
    step(
        4,
        "connect",
        10,
        "A connection that stays",
        &[Ability::Upgrade],
    ),
    step(5, "echo", 10, "What comes goes back", &[]),
    step(6, "events", 20, "Messages with a name", &[Ability::Events]),
    step(7, "clients", 15, "Who is here", &[]),
    step(8, "broadcast", 25, "Said to all the others", &[]),
    step(
        9,
        "jquery",
        15,
        "The one exception to the rules",
        &[Ability::Jquery],
    ),
    step(10, "spy", 10, "The spy", &[Ability::Moves]),
    step(11, "door", 30, "In the open", &[Ability::Seats]),
    step(
        12,
        "manners",
        35,
        "Every wait has an end",
        &[Ability::Patience],
    ),
    step(13, "pace", 25, "Not faster than that", &[Ability::Pace]),
    step(14, "lean", 25, "What a user costs", &[Ability::OwnUpgrade]),
    step(
        15,
        "newest",
        20,
        "Where everybody is now",
        &[Ability::Newest],
    ),
    step(16, "hub", 40, "15,000 on one machine", &[Ability::Hub]),
    step(17, "farm", 35, "The farm", &[Ability::Backplane]),
];

/// What a step was called once, and where it has gone.
const RENAMED: &[(&[&str], &str)] = &[
    (&["guard", "11-guard"], "11-door, 12-manners and 13-pace"),
    (&["crowd", "12-crowd"], "14-lean, 15-newest and 16-hub"),
    (&["13-farm"], "17-farm"),
];

/// The steps that lead to what the workshop is about.
pub fn ladder() -> impl DoubleEndedIterator<Item = Step> + Clone {
    STEPS.iter().copied().filter(|step| !step.is_encore())
}

/// Those that come after.
pub fn encore() -> impl DoubleEndedIterator<Item = Step> + Clone {
    STEPS.iter().copied().filter(Step::is_encore)
}

/// The number of the first step whose server has this.
pub fn since(ability: Ability) -> u32 {
    let first = STEPS.iter().find(|step| step.brings.contains(&ability));
    first.map_or(u32::MAX, |step| step.number)
}

impl Step {
    /// Whether it comes after the ladder.
    pub fn is_encore(&self) -> bool {
        self.before()
            .is_some_and(|before| before.has(Ability::Moves))
    }

    /// Whether its server has this.
    pub fn has(&self, ability: Ability) -> bool {
        self.number >= since(ability)
    }

    /// The step that `text` names: `8`, `08-broadcast` or `broadcast`.
    ///
    /// # Errors
    /// A sentence that says which steps there are.
    pub fn parse(text: &str) -> Result<Step, String> {
        let named = |step: &&Step| {
            let number = text.parse() == Ok(step.number);
            number || text == step.name() || text == step.word
        };
        let found = STEPS.iter().find(named).copied();
        let was = RENAMED.iter().find(|(old, _)| old.contains(&text));
        found.ok_or_else(|| match (was, STEPS.first(), STEPS.last()) {
            (Some((_, now)), ..) => format!(
                "there is no step {text} any more\nIt is now {now}, and `cargo xtask list` names all steps."
            ),
            (None, Some(first), Some(last)) => format!(
                "there is no such step\nThe steps are {} to {}, and `cargo xtask list` names them.",
                first.number, last.number
            ),
            _ => "there are no steps".into(),
        })
    }

    /// The step before this one.
    pub fn before(&self) -> Option<Step> {
        let mut before = STEPS.iter().filter(|step| step.number < self.number);
        before.next_back().copied()
    }

    /// The one word: `10-spy`.
    pub fn name(&self) -> String {
        format!("{:02}-{}", self.number, self.word)
    }

    /// The name of its page: `10.html`. The first step has none.
    pub fn page(&self) -> Option<String> {
        (self.number > 1).then(|| format!("{}.html", self.number))
    }

    /// The names of the files that its solution and its starter have: those of the server, then the page if there is one.
    pub fn files(&self) -> Vec<String> {
        let server = self.sources(Whose::Solution).into_iter();
        server.chain(self.page()).collect()
    }

    /// The names of the files that a server is compiled from.
    pub fn sources(&self, whose: Whose) -> Vec<String> {
        sources::of(&root().join(self.folder(whose)))
    }

    /// Whether its server is in several files.
    pub fn has_modules(&self) -> bool {
        self.sources(Whose::Solution).len() > 1
    }

    /// Whether a learner's server of the step before can become this one's: a server in one file cannot become one in several.
    pub fn can_go_on(&self) -> bool {
        let is_taken_apart = |before: Step| self.has_modules() && !before.has_modules();
        self.before().is_some_and(|before| !is_taken_apart(before))
    }

    /// The binary: `10-spy`, or `10-spy-solution`.
    pub fn binary(&self, whose: Whose) -> String {
        match whose {
            Whose::Learner => self.name(),
            Whose::Solution => format!("{}-solution", self.name()),
        }
    }

    /// Whether its servers may be several, with a backplane between them.
    pub fn is_farm(&self) -> bool {
        self.has(Ability::Backplane)
    }

    /// The cargo feature that its programs need and no others do.
    pub fn feature(&self) -> Option<&'static str> {
        self.has(Ability::Backplane).then_some("farm")
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
