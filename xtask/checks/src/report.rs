//! What the checks found, as data. How it is shown is the command's business.

use std::rc::Rc;
use std::time::Duration;

use compiler::{Reading, Refusal, Warning};
use machine::exit::Exit;
use serde_json::{Value, json};
use steps::step::Step;
use wire::transcript::{Entry, Frame, Mark, Transcript};

use crate::parting::Parting;
use crate::{COMPILES, Check, Diagnosis};

/// One check, and what came of it.
pub struct Finding {
    /// The check.
    pub check: &'static Check,
    /// What came of it.
    pub status: Status,
}

/// What came of a check.
#[derive(Clone)]
pub enum Status {
    /// The statement is true of this program.
    Passed,
    /// It is not.
    Failed(Rc<Failure>),
    /// A check that this one rests on failed: its id.
    NotRun(&'static str),
    /// Something is missing on this machine: what, and how to get it.
    Missing(String),
}

/// Why a statement is not true of a program: what was done, expected and seen, and the likeliest cause.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The likeliest cause.
    pub diagnosis: Diagnosis,
    /// What was sent, done or asked.
    pub sent: Option<String>,
    /// What a right program does then.
    pub expected: Option<String>,
    /// What this one did.
    pub came: Option<String>,
    /// The learner's file and line, as `path:line:column`.
    pub place: Option<String>,
    /// What somebody else said of it, word for word: the compiler, the panic, the program's last lines.
    pub quoted: Option<String>,
    /// Why the compiler refused the program, where it did: its words are those of this one program.
    pub refusal: Option<Box<Refusal>>,
    /// The cause and the one thing to do next with the learner's names, where those are known.
    pub words: Option<(String, String)>,
    /// What the compiler warned of that bears on it.
    pub warned: Vec<Warning>,
    transcript: Transcript,
    /// What in the transcript it is about, where that is known.
    pub marks: Vec<Mark>,
}

impl Failure {
    /// A failure with this cause; the rest is added.
    pub fn new(diagnosis: Diagnosis) -> Failure {
        Failure {
            diagnosis,
            sent: None,
            expected: None,
            came: None,
            place: None,
            quoted: None,
            refusal: None,
            words: None,
            warned: Vec::new(),
            transcript: Transcript::default(),
            marks: Vec::new(),
        }
    }

    /// The failure of a program that the compiler refuses.
    pub fn refused(refusal: Box<Refusal>) -> Failure {
        let failure = Failure::new(Diagnosis::DOES_NOT_COMPILE);
        let others = match refusal.errors {
            0 | 1 => String::new(),
            errors => format!(" (the first of {errors})"),
        };
        Failure {
            came: Some(format!("an error of the compiler's{others}")),
            place: refusal.place.clone(),
            quoted: Some(refusal.quoted.clone()).filter(|quoted| !quoted.is_empty()),
            refusal: Some(refusal),
            ..failure
        }
    }

    /// The stable name of the cause, as in `--json`.
    pub fn id(&self) -> &'static str {
        let of_refusal = self.refusal.as_ref().map(|refusal| refusal.id());
        of_refusal.unwrap_or(self.diagnosis.id())
    }

    /// The likeliest cause.
    pub fn cause(&self) -> &str {
        let of_refusal = self.refusal.as_ref().map(|refusal| refusal.cause.as_str());
        let named = || self.words.as_ref().map(|words| words.0.as_str());
        of_refusal.or_else(named).unwrap_or(self.diagnosis.cause())
    }

    /// The one thing to do next.
    pub fn next(&self) -> &str {
        let of_refusal = self.refusal.as_ref().map(|refusal| refusal.next.as_str());
        let named = || self.words.as_ref().map(|words| words.1.as_str());
        of_refusal.or_else(named).unwrap_or(self.diagnosis.next())
    }

    /// Where a README explains it.
    pub fn reading(&self) -> Option<Reading> {
        self.refusal.as_ref()?.reading()
    }

    /// What was sent, done or asked.
    pub fn sent(mut self, text: String) -> Failure {
        self.sent = Some(text);
        self
    }

    /// What a right program does then.
    pub fn expected(mut self, text: String) -> Failure {
        self.expected = Some(text);
        self
    }

    /// What this one did.
    pub fn came(mut self, text: String) -> Failure {
        self.came = Some(text);
        self
    }

    /// The learner's file and line.
    pub fn place(mut self, place: Option<String>) -> Failure {
        self.place = place;
        self
    }

    /// What somebody else said of it.
    pub fn quoted(mut self, text: String) -> Failure {
        self.quoted = Some(text);
        self
    }

    /// The frames that went each way.
    pub fn transcript(mut self, transcript: Transcript) -> Failure {
        self.transcript = transcript;
        self
    }

    /// A frame that `client` should have heard by now, and did not.
    pub fn missing(self, client: &str, due: impl Into<Frame>) -> Failure {
        let now = self.transcript.count();
        self.missing_after(now, client, due)
    }

    /// A frame that `client` should have heard when there were so many entries, and did not.
    pub fn missing_after(self, after: usize, client: &str, due: impl Into<Frame>) -> Failure {
        self.missing_entry(after, Entry::down(client, due.into()))
    }

    /// A frame that `client` should have sent by now, and did not.
    pub fn missing_from(self, client: &str, due: impl Into<Frame>) -> Failure {
        let now = self.transcript.count();
        self.missing_entry(now, Entry::up(client, due.into()))
    }

    fn missing_entry(mut self, after: usize, due: Entry) -> Failure {
        self.marks.push(Mark::Missing { after, due });
        self
    }

    /// The entry of this number, if there is one, is not as it should be; `due` is what was due in its place.
    pub fn wrong(mut self, entry: Option<usize>, due: Option<Frame>) -> Failure {
        let mark = entry.map(|entry| Mark::Wrong { entry, due });
        self.marks.extend(mark);
        self
    }

    /// The last frame that `client` sent is not as it should be; `due` is what was due in its place.
    pub fn wrong_from(self, client: &str, due: impl Into<Frame>) -> Failure {
        let sent = self.transcript.last_sent(client);
        self.wrong(sent, Some(due.into()))
    }

    /// The next that `client` should have heard. Where the last message of all is one that it heard, that is wrong;
    /// otherwise this one is missing.
    pub fn due(self, client: &str, due: impl Into<Frame>) -> Failure {
        match self.transcript.just_heard(client) {
            None => self.missing(client, due),
            heard => self.wrong(heard, Some(due.into())),
        }
    }

    /// The same, with another cause.
    pub fn because(mut self, diagnosis: Diagnosis) -> Failure {
        self.diagnosis = diagnosis;
        self
    }

    /// The same cause, with what a check had seen of it. Where the check saw what it was that went below zero, that is the cause.
    pub fn and_then_seen(self, seen: Failure) -> Failure {
        let diagnosis = match (self.diagnosis, seen.diagnosis) {
            (Diagnosis::BELOW_ZERO, Diagnosis::ONLINE_COUNTED_DOWN_TWICE) => seen.diagnosis,
            (diagnosis, _) => diagnosis,
        };
        Failure {
            diagnosis,
            place: self.place,
            quoted: self.quoted,
            ..seen
        }
    }

    /// Where the frame that came parts from the one that was due, if one came that looks like it.
    pub fn parting(&self) -> Option<Parting> {
        let entries = self.transcript.entries();
        self.marks.iter().find_map(|mark| match mark {
            Mark::Wrong {
                entry,
                due: Some(due),
            } => Parting::of(due, entries.get(*entry)?.frame()?),
            _ => None,
        })
    }

    /// All that was said, in order.
    pub fn entries(&self) -> Vec<Entry> {
        self.transcript.entries()
    }

    /// The frames that went each way, a line each.
    pub fn frames(&self) -> Vec<String> {
        self.transcript.lines(&self.marks)
    }
}

/// The verdict of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every check passed.
    Passed,
    /// A check failed.
    Failed,
    /// What ran passed, and something did not run.
    Incomplete,
}

impl Verdict {
    /// As in `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed => "failed",
            Verdict::Incomplete => "incomplete",
        }
    }
}

/// All findings of a run.
pub struct Report {
    /// The step.
    pub step: Step,
    /// What all the data was made from.
    pub seed: u64,
    /// The id of the one check that was asked for, if it was one.
    pub only: Option<&'static str>,
    /// What was built and asked, as a number; `None` where nothing was built.
    pub subject: Option<u64>,
    /// The checks that passed before, of the same program with the same data, and were not run again.
    pub kept: Vec<&'static str>,
    /// The checks that were ended before they had found out, because something else had failed and they took too long.
    pub cut: Vec<&'static str>,
    /// In the order of the step's list.
    pub findings: Vec<Finding>,
    /// What is worth saying though it fails no check.
    pub warnings: Vec<String>,
    /// What was measured on the way, whatever it means.
    pub notes: Vec<String>,
    /// How long it all took.
    pub took: Duration,
}

impl Report {
    /// The verdict: a failure outweighs what is missing.
    pub fn verdict(&self) -> Verdict {
        let any = |wanted: fn(&Status) -> bool| {
            self.findings.iter().any(|finding| wanted(&finding.status))
        };
        if any(|status| matches!(status, Status::Failed(_))) {
            Verdict::Failed
        } else if any(|status| matches!(status, Status::Missing(_))) {
            Verdict::Incomplete
        } else {
            Verdict::Passed
        }
    }

    /// Whether there was a program to ask anything of.
    pub fn is_built(&self) -> bool {
        let mut findings = self.findings.iter();
        let compiles = findings.find(|finding| finding.check.id == COMPILES);
        compiles.is_some_and(|finding| matches!(finding.status, Status::Passed))
    }

    /// How many checks passed, failed, and did not run.
    pub fn counts(&self) -> (usize, usize, usize) {
        counts(&self.findings)
    }

    /// The object that `--json` prints.
    pub fn json(&self) -> Value {
        let mut checks: Vec<Value> = self.findings.iter().map(Finding::json).collect();
        for (object, finding) in checks.iter_mut().zip(&self.findings) {
            if self.kept.contains(&finding.check.id) {
                object["kept"] = true.into();
            }
            if self.cut.contains(&finding.check.id) {
                object["text"] = "something had failed, and this took too long".into();
            }
        }
        let mut object = json!({
            "step": self.step.number,
            "verdict": self.verdict().word(),
            "seed": self.seed,
            "warnings": self.warnings,
            "notes": self.notes,
            "checks": checks,
        });
        if !self.cut.is_empty() {
            object["cut"] = self.cut.clone().into();
        }
        if let Some(only) = self.only {
            object["only"] = only.into();
        }
        object
    }
}

/// How many of some checks passed, failed, and did not run.
pub fn counts<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> (usize, usize, usize) {
    let mut counts = (0, 0, 0);
    for finding in findings {
        match finding.status {
            Status::Passed => counts.0 += 1,
            Status::Failed(_) => counts.1 += 1,
            Status::NotRun(_) | Status::Missing(_) => counts.2 += 1,
        }
    }
    counts
}

impl Finding {
    /// Why the check failed, if it did.
    pub fn failure(&self) -> Option<&Failure> {
        match &self.status {
            Status::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    fn json(&self) -> Value {
        let base = |status: &str, text: &str| json!({ "id": self.check.id, "status": status, "text": text });
        match &self.status {
            Status::Passed => base("passed", self.check.sentence),
            Status::NotRun(cause) => base(
                "not-run",
                &format!("it could only fail for the same reason as {cause}"),
            ),
            Status::Missing(what) => base("not-run", what),
            Status::Failed(failure) => {
                let mut object = base("failed", failure.cause());
                object["diagnosis"] = failure.id().into();
                object["next"] = failure.next().into();
                if let Some(refusal) = &failure.refusal {
                    object["code"] = refusal.code.as_deref().into();
                    object["cause"] = refusal.cause.as_str().into();
                    object["read"] = failure.reading().map(|it| it.to_string()).into();
                }
                if !failure.warned.is_empty() {
                    let lines = failure.warned.iter().map(Warning::to_string);
                    object["warned"] = lines.collect::<Vec<_>>().into();
                }
                object["frames"] = failure.frames().into();
                if let Some(parting) = failure.parting() {
                    object["parting"] = parting.json();
                }
                for (key, value) in failure.details() {
                    object[key] = value.into();
                }
                object
            }
        }
    }
}

impl Failure {
    /// What is known of it, by name.
    pub fn details(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("sent", &self.sent),
            ("expected", &self.expected),
            ("came", &self.came),
            ("place", &self.place),
            ("quoted", &self.quoted),
        ];
        all.into_iter()
            .filter_map(|(name, text)| Some((name, text.as_deref()?)))
            .collect()
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Exit {
        match verdict {
            Verdict::Passed => Exit::Passed,
            Verdict::Failed => Exit::Failed,
            Verdict::Incomplete => Exit::Missing,
        }
    }
}
